"""Which language a mention is in, as far as that matters: is there a scorer for it?"""

import re
from collections.abc import Callable

Detect = Callable[[str], tuple[str, float]]

LEAST_CONFIDENCE = 0.8
LEAST_LETTERS = 20  # below that the detector guesses: "thx!!!" is Slovak with .90
UNKNOWN = frozenset({"", "und", "zxx", "qme", "qst", "qht", "qam", "art", "unknown"})
NOISE = re.compile(r"https?://\S+|[@#$]\w+|[^\w\s']|[\d_]+")


def language_of(lang: str | None, text: str, detect: Detect) -> str | None:
    """The language of a text: the platform's word for it, else what the detector is sure of, else None.

    `lang` may carry a region ("pt-BR") or one of the platforms' codes for "no idea".
    """
    if lang is not None:
        code = lang.replace("_", "-").split("-")[0].lower()
        if code not in UNKNOWN:
            return code
    words = NOISE.sub(" ", text)
    if sum(map(str.isalpha, words)) < (LEAST_LETTERS if words.isascii() else LEAST_LETTERS // 2):
        return None
    found, confidence = detect(" ".join(words.split()))
    return found if confidence >= LEAST_CONFIDENCE else None
