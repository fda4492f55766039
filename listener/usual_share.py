"""The share that is usual over weeks, from counts by day, and how far the share of some days strays from it."""

from collections.abc import Iterable, Sequence
from statistics import median
from typing import NamedTuple

WEEK = 7
LEAST_DAYS = 28  # heard: of less nobody knows what is usual
# A campaign or a joke must not be what is usual: a day counts as at most so many times the middle one, and its part as
# at most so many standard deviations off.
MOST_TIMES, CLIP = 2.0, 2.0
# Before anything is seen: cases of one day are alike by so much, and those of one week by so much, on the evidence of
# so many of them. A brand whose share wanders by 5 % a day has the second.
FIRST_DAILY, FIRST_WEEKLY, FIRST_WEIGHT = 0.01, 0.004, 4.0
LEAST_ALIKE, MOST_ALIKE = 0.0005, 0.3
# The share of the week after eight others, if it wanders, is so many times as far from their mean, squared, as they are
# from it by themselves: (n + 1)(2n + 1) / (n^2 - 1) of n = 8. If weeks know nothing of each other it would be 1.1.
WANDERS = 2.4
SHORTEST = 2.0


class Day(NamedTuple):
    """Of one day, so many were scored, and a `part` of these is what it is about."""

    scored: float
    part: float


class Usual(NamedTuple):
    """A `share` of `scored` is usual, known from so many `days`; cases of a day and of a week are alike by so much."""

    share: float
    scored: float
    days: int
    daily: float
    weekly: float

    def strength(self, days: int) -> float:
        """How many independent cases the share of the next `days` is worth: 1 / alike - 1.

        alike = WANDERS * weekly + (daily - weekly) / days + 1 / scored
        """
        alike = WANDERS * self.weekly + max(0.0, self.daily - self.weekly) / days + 1.0 / self.scored
        return max(SHORTEST, 1.0 / alike - 1.0)


def usual_share(days: Sequence[Day | None]) -> Usual | None:
    """What is usual by these days, the oldest first; None is a day of which nothing is known. None if they are few."""
    heard = [day for day in days if day is not None and day.scored]
    if len(heard) < LEAST_DAYS:
        return None
    most = MOST_TIMES * median(day.scored for day in heard)
    share = _share(_lowered(day, most) for day in heard)
    clipped = [None if day is None else _clipped(_lowered(day, most), share, FIRST_DAILY) for day in days]
    share = _share(day for day in clipped if day is not None)
    clipped = [None if day is None else _clipped(_lowered(day, most), share, FIRST_DAILY) for day in days]
    share = _share(day for day in clipped if day is not None)
    known = [day for day in clipped if day is not None and day.scored]
    weeks = [_sum(day for day in clipped[at : at + WEEK] if day is not None) for at in range(0, len(days), WEEK)]
    return Usual(
        share=share,
        scored=float(sum(day.scored for day in known)),  # as it is read from the state
        days=len(known),
        daily=_alike(known, share, FIRST_DAILY),
        weekly=_alike(weeks, share, FIRST_WEEKLY),
    )


def _lowered(day: Day, most: float) -> Day:
    """A day that counts as `most` at most."""
    if day.scored <= most:
        return day
    return Day(most, day.part * most / day.scored)


def _clipped(day: Day, share: float, alike: float) -> Day:
    expected = day.scored * share
    spread = CLIP * (expected * (1.0 - share) * (1.0 + max(0.0, day.scored - 1.0) * alike)) ** 0.5
    return Day(day.scored, min(max(day.part, expected - spread), expected + spread))


def _sum(days: Iterable[Day]) -> Day:
    together = list(days)
    return Day(sum(day.scored for day in together), sum(day.part for day in together))


def _share(days: Iterable[Day]) -> float:
    """With one case more of each kind, in ten: no share is 0 or 1."""
    whole = _sum(days)
    return (whole.part + 1.0) / (whole.scored + 2.0)


def _alike(groups: Iterable[Day], share: float, first: float) -> float:
    """The correlation within groups by moments of the beta-binomial, pulled to `first`.

    Each group says ((part - n share)^2 / (n share (1 - share)) - 1) / (n - 1), as surely as (n / (n + 1 / first))^2.
    """
    of, weights = first * FIRST_WEIGHT, FIRST_WEIGHT
    for scored, part in groups:
        if scored > 1.0:
            off = part - scored * share
            weight = (scored / (scored + 1.0 / first)) ** 2
            of += weight * (off * off / (scored * share * (1.0 - share)) - 1.0) / (scored - 1.0)
            weights += weight
    return min(max(of / weights, LEAST_ALIKE), MOST_ALIKE)
