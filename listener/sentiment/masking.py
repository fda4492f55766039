"""Hide names from the scorer: "@united" and "united" are no praise."""

import html
import re
from collections.abc import Iterable

HANDLE = re.compile(r"@\w+")
ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
STAND_IN = "brand"  # a word without valence in the place of a name, so that the sentence stays a sentence
SHOUTED = STAND_IN.upper()


def masked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    r"""`text` with each of `spans` replaced by a stand-in, other handles taken out, HTML entities and escapes read.

    Escapes such as "\u2019" are left over where JSON was written twice. The stand-in is in capitals where the name was,
    so that it does not change what is shouted.
    """
    pieces: list[str] = []
    at = 0
    for begin, end in sorted(spans):
        if end <= at:
            continue
        start = begin if begin > at else at  # max() takes three times as long
        name = text[start:end]
        shouted = name.isupper() if "&" not in name else html.unescape(name).isupper()
        pieces += text[at:start], SHOUTED if shouted else STAND_IN
        at = end
    whole = "".join(pieces) + text[at:]
    if "@" in whole:
        whole = HANDLE.sub("", whole)
    if "\\u" in whole:
        whole = ESCAPE.sub(_unescaped, whole)
    return html.unescape(whole) if "&" in whole else whole


def _unescaped(found: re.Match[str]) -> str:
    """The character, unless it is half of one."""
    character = chr(int(found[1], 16))
    return found[0] if "\ud800" <= character <= "\udfff" else character
