"""Chains of places that are near each other, found in time that grows as the number of places does (times its log)."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from listener.brands.query.syntax import Link


class Spot(NamedTuple):
    """A term found: the numbers of its first and last word, and how it is written in the query."""

    first: int
    last: int
    written: str


def chain(operands: Sequence[Sequence[Spot]], links: Sequence[Link]) -> list[list[Spot]]:
    """Of each operand the spots that are part of a chain: one spot an operand, each linked with the one before it."""
    kept = [list(operands[0])]
    for spots, link in zip(operands[1:], links, strict=True):
        kept.append(_beside(spots, kept[-1], link.between, before=True, after=not link.ordered))
    for place in range(len(links) - 1, -1, -1):
        link = links[place]
        kept[place] = _beside(kept[place], kept[place + 1], link.between, before=not link.ordered, after=True)
    return kept


def _beside(spots: Sequence[Spot], others: Sequence[Spot], between: int, *, before: bool, after: bool) -> list[Spot]:
    """The spots that have one of the others before or after them, with at most so many words between."""
    firsts = sorted(spot.first for spot in others) if after else []
    lasts = sorted(spot.last for spot in others) if before else []
    return [
        spot
        for spot in spots
        if (before and _any_from(lasts, spot.first - between - 1, spot.first - 1))
        or (after and _any_from(firsts, spot.last + 1, spot.last + between + 1))
    ]


def _any_from(numbers: list[int], low: int, high: int) -> bool:
    at = bisect_left(numbers, low)
    return at < len(numbers) and numbers[at] <= high
