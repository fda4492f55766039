"""What a scorer is."""

from collections.abc import Callable
from typing import NamedTuple

Compound = Callable[[str], int]  # text -> score * 10,000

UNIT = 10_000


class Scorer(NamedTuple):
    """How texts of one language feel. `name` says which version of which scorer, and stands beside each score.

    That a text has some of `words`, those of its lexicon, hints at its language.
    """

    name: str
    language: str
    compound: Compound
    words: frozenset[str] = frozenset()
