"""Bursts: how often a month a brand shows so much more than is normal for the hour, by its own history."""

from bisect import bisect_right
from collections.abc import Sequence
from math import inf, log
from typing import NamedTuple

import msgspec

from listener.baseline import Baseline
from listener.judgement import LEAST_KNOWN
from schemas.times import DAY, HOUR, MINUTE

SCALES = (5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR)
EPISODE = DAY  # what flares up again within a day is the same story
# What is told makes an episode last longer than a day: 17 a month come of each scale, on generated calm years as well
# as in tweets about companies. The four scales are worth about two that know nothing of each other.
A_MONTH = 2 * 17.0
ESCALATES = 1.2  # within an episode only evidence so many times the last counts: an alert is open already
KEPT_PEAKS = 90  # of episodes: three months
UPPER = (0.1, 0.2, 0.3, 0.4, 0.5)  # the tail begins somewhere in the upper half: the mean of what each would say
LEAST_UPPER = 3
# Before anything is seen: four episodes that peak at four mean deviations, and a power tail of index 2 as if from
# three peaks. What people pass on comes in cascades whose sizes have such tails.
FIRST_PEAKS, FIRST_PEAK = 4, 4.0
TAIL_INDEX, TAIL_STRENGTH = 2.0, 3.0
LEAST_SPREAD = 1.0  # one mention: a brand of which nobody speaks deviates by less
LEAST_PEAK = 1.0  # of an episode in which nothing happened
SPREAD_MEMORY = 14 * DAY
FIRST_BINS = 12  # the first mean deviation is what is expected, with the weight of so many bins
CLIP = 3.0  # a bin counts at most so many mean deviations
NEW = 24.0  # hours heard before anything is said: until then nobody knows what is normal


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


class Scale(msgspec.Struct):
    """The excesses of one length of time: the mean deviation, the peak of this episode, the peaks of past ones.

    Excesses are told in mean deviations. `peak` was at `peaked` (ms); `heard` bins since the episode began.
    """

    length: int
    deviation: float = 0.0
    weight: float = 0.0
    peak: float = 0.0
    peaked: int = 0
    heard: int = 0
    peaks: list[float] = []
    tails: list[Tail] = msgspec.field(default_factory=lambda: tails_of([]))

    def spread(self, expected: float) -> float:
        """The mean deviation of sums of this length, in mentions."""
        first = max(LEAST_SPREAD, expected)
        return max(LEAST_SPREAD, (self.deviation + FIRST_BINS * first) / (self.weight + FIRST_BINS))

    def learn(self, excess: float, spread: float, memory: float) -> None:
        """Learn how far one sum was off. `memory` is what a bin leaves of those before it."""
        self.deviation = self.deviation * memory + min(abs(excess), spread * CLIP)
        self.weight = self.weight * memory + 1.0

    def turn(self, at: int, bins: int) -> None:
        """End an episode whose peak is EPISODE old; it is learned if half of its `bins` were heard."""
        if at - self.peaked < EPISODE:
            return
        if self.heard >= bins * LEAST_KNOWN:
            self.peaks.append(max(self.peak, LEAST_PEAK))
            del self.peaks[:-KEPT_PEAKS]
            self.tails = tails_of(self.peaks)
        self.peak, self.peaked, self.heard = 0.0, at, 0

    def chance(self, excess: float) -> float:
        """The chance that an episode peaks so high."""
        return sum(tail.chance(excess) for tail in self.tails) / len(self.tails)


class Bursts(msgspec.Struct):
    """One brand's counts in bins of `step` ms, judged one by one as they end.

    An excess is what was counted beyond the normal of the hour of the week (`Baseline`), summed over the last 5 and 15
    minutes, hour and three hours. It is large by day and small by night, as what matters is: it asks at once whether
    so many are unusual for the hour and much for the brand at all. How rare it is the brand's own history says: the
    peaks of its past episodes, with a power tail beyond them.

    `recent` are (start, excess, expected) of the bins of the last three hours and the one before, summed from the first
    bin on. `hour` (counted from 1970) is being gathered: `counted` in `heard` bins of it, `rate` is its normal. The
    strongest `evidence` of this episode (-log of a chance) was told at `told` (ms).
    """

    step: int
    baseline: Baseline = msgspec.field(default_factory=Baseline)
    scales: list[Scale] = []
    recent: list[tuple[int, float, float]] = []
    hour: int | None = None
    counted: float = 0.0
    heard: int = 0
    rate: float = 0.0
    evidence: float = 0.0
    told: int = 0

    def judge(self, start: int, count: float) -> float:
        """The score of the bin that begins at `start` (ms), in which `count` were heard; bins come in order of time.

        score = 1 / (1 + r) when such or larger excesses are expected r times a month: .5 once a month, .8 once in
        four months. 0 where nothing is told that was not told before in this episode. A bin that does not come was not
        heard: it is unknown, not empty.
        """
        if not self.scales:
            self.scales = [Scale(length, peaked=start) for length in sorted({max(self.step, one) for one in SCALES})]
            self.recent = [(start - self.scales[-1].length, 0.0, 0.0)]
        self._turn_hour(start)
        self.counted += count
        self.heard += 1
        expected = self.rate * self.step / HOUR
        _, excess, normal = self.recent[-1]
        self.recent.append((start, excess + count - expected, normal + expected))
        chance = self._chance(start, self.baseline.hours_seen >= NEW)
        if start - self.told >= EPISODE:
            self.evidence = 0.0
        evidence = -log(chance)
        if evidence <= ESCALATES * self.evidence:
            return 0.0
        self.evidence, self.told = evidence, start
        return 1.0 / (1.0 + A_MONTH * chance)

    def _chance(self, start: int, known: bool) -> float:
        """The smallest chance of the scales on which this is the episode's peak; 1 if on none, or if all is new."""
        memory = 1.0 - self.step / SPREAD_MEMORY
        recent, bins = self.recent, EPISODE // self.step
        while recent[1][0] <= start - self.scales[-1].length:
            del recent[0]
        chance = 1.0
        _, excess_now, expected_now = recent[-1]
        for scale in self.scales:
            _, excess_then, expected_then = recent[bisect_right(recent, (start - scale.length, inf)) - 1]
            scale.turn(start, bins)
            scale.heard += 1
            total = excess_now - excess_then
            spread = scale.spread(expected_now - expected_then)
            scale.learn(total, spread if known else abs(total), memory)
            excess = total / spread
            if known and excess > scale.peak:
                scale.peak, scale.peaked = excess, start
                chance = min(chance, scale.chance(excess))
        return chance

    def _turn_hour(self, start: int) -> None:
        hour = start // HOUR
        if hour == self.hour:
            return
        known = min(1.0, self.heard * self.step / HOUR)
        if self.hour is not None and known >= LEAST_KNOWN:
            counted = round(self.counted)
            if self.baseline.hours_seen < NEW:
                self.baseline.learn_count(self.hour, counted, known, self.baseline.rate(self.hour)[0] * known)
            else:
                self.baseline.learn(self.hour, counted, counted, known)
        self.hour, self.counted, self.heard = hour, 0.0, 0
        self.rate = self.baseline.rate(hour)[0]
