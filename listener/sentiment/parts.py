"""A text in several languages, cut where it changes from one to another.

Of all ways to give each word a language the best one is found (Viterbi 1967): a common word counts for its languages, a
change costs about two such words, and a little less where a clause ends. So a part has words of its own, and no name
or loan word is one.
"""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from listener.sentiment.common_words import COMMON_WORDS
from listener.sentiment.language import AROUND
from listener.sentiment.scripts import script_of

GAIN: Final = 4
CHANGE: Final = 7
CHANGE_OF_CLAUSE: Final = 5
_TOKEN: Final = re.compile(r"\S+")
_ENDS: Final = tuple(".,;:!?…)")


class Part(NamedTuple):
    """A stretch of a text in one language, and how many words it has."""

    language: str
    text: str
    words: int


def parts_of(text: str, languages: Sequence[str]) -> list[Part]:
    """The parts of a text in some of `languages`, in their order; where nothing speaks, a part goes on."""
    tokens = list(_TOKEN.finditer(text))
    if not tokens:
        return []
    path = _path([token[0] for token in tokens], languages)
    parts = []
    first = 0
    for i in range(1, len(path) + 1):
        if i == len(path) or path[i] != path[first]:
            parts.append(Part(languages[path[first]], text[tokens[first].start() : tokens[i - 1].end()], i - first))
            first = i
    return parts


def _path(tokens: Sequence[str], languages: Sequence[str]) -> list[int]:
    """The place in `languages` of each token's language on the best path; of equal ones that which changes latest."""
    scores = [0] * len(languages)
    came_from: list[list[int]] = []
    change = 0
    for token in tokens:
        spoken = _languages_of(token)
        best = max(range(len(languages)), key=scores.__getitem__)
        steps = [
            here if here == best or scores[here] > scores[best] - change else best for here in range(len(languages))
        ]
        scores = [
            scores[step] - (change if step != here else 0) + (GAIN if languages[here] in spoken else 0)
            for here, step in enumerate(steps)
        ]
        came_from.append(steps)
        change = CHANGE_OF_CLAUSE if token.endswith(_ENDS) else CHANGE
    at = max(range(len(languages)), key=scores.__getitem__)
    path = []
    for steps in reversed(came_from):
        path.append(at)
        at = steps[at]
    return path[::-1]


def _languages_of(token: str) -> Sequence[str]:
    lowered = token.lower()
    known = COMMON_WORDS.get(lowered) or COMMON_WORDS.get(lowered.strip(AROUND))
    if known is not None:
        return known
    script = None if token.isascii() else script_of(token)
    return script.languages if script is not None else ()
