"""How bad it is, from 1 to 10: size x duration x reach x seriousness, each in doublings, so that they add up."""

from math import floor, log2
from typing import NamedTuple

from schemas.alert import Judged, Weighed
from schemas.times import MINUTE, SECOND

# What is worth a step: four doublings of what is too much (or too little), four of five minutes, ten of the followers;
# and words so grave as they can be two and a half.
SIZE, DURATION, REACH, GRAVITY = 1 / 4, 1 / 4, 1 / 10, 2.5
SHORTEST = 5 * MINUTE
MOST = 10
RISES = 2  # steps beyond what was told last that are worth telling


class Heard(NamedTuple):
    """Of the posts that were looked at: how many follow their authors, and how grave, in [0, 1], three of these are.

    `counted` is how many of those observed count, as `voices.py` counts them; None where nothing is known of that.
    """

    reach: int = 0
    gravity: float = 0.0
    counted: int | None = None


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


def weigh(judged: Judged, lasted: int, heard: Heard, least: int = 1) -> Weighed:
    """What the level is made of, of what was judged and came within `lasted` ms; `least` is what was told before."""
    made, counted = judged.forecast, judged.counts if heard.counted is None else min(judged.counts, heard.counted)
    if made is not None:
        excess, reach = made.expected, made.expected_reach or made.reach
    else:
        too_few = judged.tail == "lower"
        excess, reach = (judged.expected - counted if too_few else counted - judged.expected), heard.reach
    return Weighed(judged.observed, counted, max(0.0, excess), lasted // SECOND, reach, heard.gravity, least)


def level_again(weighed: Weighed) -> int:
    """The level, from the frozen numbers."""
    heard = Heard(weighed.reach, weighed.gravity)
    return max(weighed.least, level_of(weighed.excess, weighed.lasted_s * SECOND, heard))
