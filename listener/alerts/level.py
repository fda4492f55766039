"""How bad it is, from 1 to 10: size x duration x reach x seriousness, each in doublings, so that they add up."""

from math import floor, log2
from typing import NamedTuple

from schemas.times import MINUTE

# What is worth a step: four doublings of what is too much (or too little), four of five minutes, ten of the followers;
# and words so grave as they can be two and a half.
SIZE, DURATION, REACH, GRAVITY = 1 / 4, 1 / 4, 1 / 10, 2.5
SHORTEST = 5 * MINUTE
MOST = 10
RISES = 2  # steps beyond what was told last that are worth telling


class Heard(NamedTuple):
    """Of the posts that were looked at: how many follow their authors, and how grave, in [0, 1], three of them are."""

    reach: int = 0
    gravity: float = 0.0


def level_of(excess: float, lasted: int, heard: Heard) -> int:
    """How bad `excess` mentions beyond what is normal are that came within `lasted` ms.

    1 + log2(1 + excess) / 4 + log2(lasted / 5 min) / 4 + log2(1 + reach) / 10 + 2.5 gravity, rounded down, at most 10:
    a handful within minutes whom nobody follows is 1; thousands within a day, that a million people follow and of
    which three tell of deaths, are 10.
    """
    size = SIZE * log2(1.0 + max(0.0, excess))
    duration = DURATION * log2(max(1.0, lasted / SHORTEST))
    reach = REACH * log2(1.0 + max(0, heard.reach))
    return max(1, min(MOST, floor(1.0 + size + duration + reach + GRAVITY * heard.gravity)))
