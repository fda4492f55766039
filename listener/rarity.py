"""Rarity: what evidence a brand's own history brings so often a month, and so the limit that a budget asks for."""

from math import inf

import msgspec

from schemas.times import DAY

EPISODE = DAY  # what flares up again within a day is the same story
MONTH = 30.0  # days
KEPT = 120  # peaks of episodes: about half a year
UPPER = (0.1, 0.2, 0.3, 0.4)  # the tail begins somewhere in the upper half: the mean of what each would say
LEAST_UPPER = 3
# Before anything is seen. Evidence is -log of a chance: beyond any threshold it would be exponential with mean 1 if the
# chances were true; they are not quite, and brands differ.
FIRST_PEAKS, FIRST_PEAK, FIRST_DAYS = 6, 9.0, 9.0
FIRST_EXCESS, EXCESS_STRENGTH = 3.0, 4.0
# A peak is learned as at most so much beyond the limit of its time: a crisis is one exceedance, whatever its height.
BEYOND = 4.0


class Peak(msgspec.Struct, array_like=True, gc=False):
    """The most evidence of one episode, which lasted so many days."""

    evidence: float
    days: float


class Rarity(msgspec.Struct):
    """The peaks of a brand's past episodes, and the one that is on: `peak` at `peaked`, since `began` (ms).

    An episode ends a day after its peak. `limit` is the evidence for `budget` episodes a month.
    """

    peaks: list[Peak] = []
    peak: float = 0.0
    peaked: int | None = None
    began: int = 0
    budget: float = 0.0
    limit: float = 0.0

    def turn(self, at: int) -> None:
        """End the episode if its peak is a day old. It comes before `note` of the same time."""
        if self.peaked is None:
            self.began = self.peaked = at
        if at - self.peaked < EPISODE:
            return
        self.peaks.append(Peak(min(self.peak, self.limit + BEYOND), (at - self.began) / DAY))
        del self.peaks[:-KEPT]
        self.peak, self.peaked, self.began, self.budget = 0.0, at, at, 0.0

    def note(self, at: int, evidence: float) -> None:
        """What was found at `at`."""
        if evidence > self.peak:
            self.peak, self.peaked = evidence, at

    def limit_for(self, budget: float) -> float:
        """The evidence that comes `budget` times a month by the history so far."""
        if budget != self.budget:
            self.budget, self.limit = budget, limit_of(self.peaks, budget)
        return self.limit


def limit_of(peaks: list[Peak], budget: float) -> float:
    """The evidence that `peaks` reach or exceed `budget` times a month.

    Beyond a threshold the evidence is exponential, with a gamma prior of its rate (shape EXCESS_STRENGTH, mean
    1 / FIRST_EXCESS); so the predictive chance of x more is (rate / (rate + x)) ^ shape, times that of the threshold.
    """
    ranked = sorted([*(peak.evidence for peak in peaks), *[FIRST_PEAK] * FIRST_PEAKS], reverse=True)
    days = sum(peak.days for peak in peaks) + FIRST_DAYS
    chance = budget * days / MONTH / len(ranked)
    found = []
    for share in UPPER:
        upper = max(LEAST_UPPER, int(share * len(ranked)))
        above = upper / len(ranked)
        if chance >= above:
            found.append(ranked[min(len(ranked) - 1, int(chance * len(ranked)))])
            continue
        threshold = ranked[upper]
        shape = EXCESS_STRENGTH + upper
        rate = EXCESS_STRENGTH * FIRST_EXCESS + sum(peak - threshold for peak in ranked[:upper])
        found.append(threshold + rate * ((above / chance) ** (1.0 / shape) - 1.0) if chance > 0.0 else inf)
    return sum(found) / len(found)
