"""How likely a peak is by the peaks of the past: a power tail of uncertain index."""

from collections.abc import Sequence
from math import log
from typing import NamedTuple

UPPER = (0.1, 0.2, 0.3, 0.4, 0.5)  # the tail begins somewhere in the upper half: the mean of what each would say
LEAST_UPPER = 3
# Before anything is seen: four episodes that peak at four mean deviations, and a power tail of index 2 as if from
# three peaks. What people pass on comes in cascades whose sizes have such tails.
FIRST_PEAKS, FIRST_PEAK = 4, 4.0
TAIL_INDEX, TAIL_STRENGTH = 2.0, 3.0


class Tail(NamedTuple):
    """The chance of a peak beyond `threshold`: that of one `above` it, and a power tail of uncertain index.

    Logarithms of a power tail exceed any threshold exponentially; with a gamma prior of the exponent (shape
    TAIL_STRENGTH, mean TAIL_INDEX) its posterior is a gamma of `shape` and `rate` (Hill 1975, the Bayesian way).
    """

    threshold: float
    above: float
    shape: float
    rate: float

    def chance(self, peak: float) -> float:
        """The predictive chance of `peak` or more: above * (rate / (rate + log(peak / threshold))) ^ shape."""
        ratio = peak / self.threshold
        if ratio < 1.0:
            return float(self.above**ratio)
        return float(self.above * (self.rate / (self.rate + log(ratio))) ** self.shape)


def tails_of(peaks: Sequence[float]) -> list[Tail]:
    """The tails of `peaks`, all positive, by where they may begin."""
    ranked = sorted([*peaks, *[FIRST_PEAK] * FIRST_PEAKS], reverse=True)
    tails = []
    for share in UPPER:
        upper = max(LEAST_UPPER, int(share * len(ranked)))
        threshold = ranked[upper]
        exceeding = sum(log(peak / threshold) for peak in ranked[:upper])
        tails.append(
            Tail(threshold, upper / len(ranked), TAIL_STRENGTH + upper, TAIL_STRENGTH / TAIL_INDEX + exceeding)
        )
    return tails


def chance_of(tails: Sequence[Tail], peak: float) -> float:
    """The chance that an episode peaks so high: the mean of what each of `tails` says."""
    return sum(tail.chance(peak) for tail in tails) / len(tails)
