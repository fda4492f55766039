"""What a scorer is, and the scale of its scores."""

import math
from collections.abc import Callable
from typing import NamedTuple

Compound = Callable[[str], int]  # text -> score * 10,000

UNIT = 10_000  # compound scores are counted and kept as whole numbers of this fraction
POLAR = 500  # |compound| >= 0.05 is positive or negative, as VADER's authors advise
ALPHA = 15.0  # VADER's: compound = s / sqrt(s² + 15), with s the sum of the valences of a text
MOST = UNIT - 1  # the largest compound of which the sum is known


class Scorer(NamedTuple):
    """How texts of one language feel. `name` says which version of which scorer, and stands beside each score.

    That a text has some of `words`, those of its lexicon, hints at its language.
    """

    name: str
    language: str
    compound: Compound
    words: frozenset[str] = frozenset()


def sum_of(compound: int) -> float:
    """The sum of valences that a compound × 10⁴ stands for."""
    share = max(-MOST, min(MOST, compound)) / UNIT
    return share * math.sqrt(ALPHA / (1 - share * share))


def compound_of(total: float) -> int:
    """The compound × 10⁴ of a sum of valences."""
    return round(total / math.sqrt(total * total + ALPHA) * UNIT)
