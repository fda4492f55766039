"""Bursts: how often a month a brand shows so much more than is normal for the hour, by its own history."""

from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from math import inf, log
from typing import NamedTuple

import msgspec

from listener.baseline import Baseline
from listener.judgement import LEAST_KNOWN
from listener.local_week import UTC_WEEK, LocalWeek
from listener.sums import Sums
from listener.tails import Tail, chance_of, tails_of
from schemas.times import DAY, HOUR, MINUTE

SCALES = (5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR)
EPISODE = DAY  # what flares up again within a day is the same story
# What is told makes an episode last longer than a day: 17 a month come of each scale, on generated calm years as well
# as in tweets about companies. The four scales are worth about two that know nothing of each other.
A_MONTH = 2 * 17.0
ESCALATES = 1.2  # within an episode only evidence so many times the last counts: an alert is open already
KEPT_PEAKS = 90  # of episodes: three months
LEAST_SPREAD = 1.0  # one mention: a brand of which nobody speaks deviates by less
LEAST_PEAK = 1.0  # of an episode in which nothing happened
SPREAD_MEMORY = 14 * DAY
FIRST_BINS = 12  # the first mean deviation is what is expected, with the weight of so many bins
CLIP = 3.0  # a bin counts at most so many mean deviations
NEW = 24.0  # hours heard before anything is said: until then nobody knows what is normal


class Excess(NamedTuple):
    """So much more than normal was heard in the `length` ms to now: `observed` for `expected`, mean deviation `spread`.

    `chance` is that of an episode that peaks so high by those of the past, which have these `tails`.
    """

    length: int
    observed: float
    expected: float
    spread: float
    tails: Sequence[Tail]
    chance: float


class Scale(msgspec.Struct, array_like=True):
    """The excesses of one length of time: the mean deviation, the peak of this episode, the peaks of past ones.

    Excesses are told in mean deviations. `peak` was at `peaked` (ms); `heard` bins since the episode began.
    """

    length: int
    deviation: float = 0.0
    weight: float = 0.0
    peak: float = 0.0
    peaked: int = 0
    heard: int = 0
    peaks: Sums = msgspec.field(default_factory=Sums)

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
        self.peak, self.peaked, self.heard = 0.0, at, 0

    @property
    def tails(self) -> Sequence[Tail]:
        """Those of the peaks."""
        return _tails(self.peaks.tobytes())

    def _learn_alike(self, off: float, times: int, step: int) -> None:
        """Learn that so many sums were so far off."""
        if times:
            kept = (1.0 - step / SPREAD_MEMORY) ** times
            learned = (1.0 - kept) * SPREAD_MEMORY / step
            self.deviation = self.deviation * kept + off * learned
            self.weight = self.weight * kept + learned

    def pass_over(self, first: int, bins: int, step: int, totals: tuple[float, float], most: float) -> None:
        """Nothing was said in the `bins` of `step` ms from `first` on.

        `totals` are how far the last sum before was off, and how far one of nothing at all is: as long as a sum reaches
        back before `first` it is taken for the former. A sum counts as `most` at most.
        """
        before = min(bins, self.length // step - 1)
        self._learn_alike(min(abs(totals[0]), most), before, step)
        self._learn_alike(min(abs(totals[1]), most), bins - before, step)
        end = first + bins * step
        over = (end - self.peaked) // EPISODE
        if not over:
            self.heard += bins
            return
        self.heard += (self.peaked + EPISODE - first) // step
        self.turn(self.peaked + EPISODE, EPISODE // step)
        self.peaks = Sums([*self.peaks, *[LEAST_PEAK] * min(over - 1, KEPT_PEAKS)][-KEPT_PEAKS:])
        self.peaked += (over - 1) * EPISODE
        self.heard = (end - self.peaked) // step


class Bursts(msgspec.Struct, array_like=True):
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
        excess = self.look(start, count)
        if start - self.told >= EPISODE:
            self.evidence = 0.0
        chance = 1.0 if excess is None else excess.chance
        evidence = -log(chance)
        if evidence <= ESCALATES * self.evidence:
            return 0.0
        self.evidence, self.told = evidence, start
        return 1.0 / (1.0 + A_MONTH * chance)

    def look(self, start: int, count: float, least: float = 0.0, week: LocalWeek = UTC_WEEK) -> Excess | None:
        """The unlikeliest of the sums that end with this bin, of those that are peaks of their episode.

        None if there is none of at least `least`, or if all is new: nobody knows what is normal. `week` is that of the
        brand's clock.
        """
        self._begin(start)
        self._turn_hour(start, week)
        self.counted += count
        self.heard += 1
        expected = self.rate * self.step / HOUR
        _, excess, normal = self.recent[-1]
        self.recent.append((start, excess + count - expected, normal + expected))
        while self.recent[1][0] <= start - self.scales[-1].length:
            del self.recent[0]
        return self._unlikeliest(start, least)

    def calm(self, length: int) -> Excess:
        """How the last `length` ms are, or the shortest sum that is as long."""
        scale = next((scale for scale in self.scales if scale.length >= length), self.scales[-1])
        total, expected = self._sums(scale.length, self.recent[-1][0])
        return _excess(scale, total, expected, scale.spread(expected))

    def pass_quiet(self, first: int, last: int, week: LocalWeek = UTC_WEEK) -> None:
        """The bins from `first` to `last` (ms) were heard, and nothing was said in them.

        Its time goes by the hours. They are learned as if each had been judged, but that no sum is a peak in them, and
        that a sum in which something was said before is taken to stay as it was until that is out of it.
        """
        bins = (last - first) // self.step
        if bins <= 0:
            return
        self._begin(first)
        known = self.baseline.hours_seen >= NEW
        rate = self._rate_of(first, last, week)
        for scale in self.scales:
            total, expected = self._sums(scale.length, first - self.step)
            nothing = rate * scale.length / HOUR
            scale.pass_over(first, bins, self.step, (total, nothing), scale.spread(expected) * CLIP if known else inf)
        self._pass_hours(first, last, week)
        self._pass_recent(first, last, week)

    def _rate_of(self, first: int, last: int, week: LocalWeek) -> float:
        """What is normal in an hour of [first, last) ms, by its first, middle and last one."""
        hours = {first // HOUR, (first + last) // 2 // HOUR, (last - 1) // HOUR}
        return sum(self.baseline.rate(hour, week)[0] for hour in sorted(hours)) / len(hours)

    def _pass_hours(self, first: int, last: int, week: LocalWeek) -> None:
        self._turn_hour(first, week)
        hour, until = first // HOUR, last // HOUR
        if hour == until:
            self.heard += (last - first) // self.step
            return
        self.heard += ((hour + 1) * HOUR - first) // self.step
        self._turn_hour((hour + 1) * HOUR, week)
        self.baseline.learn_quiet(hour + 1, until, 1.0, week)
        self.hour, self.heard = until, (last - until * HOUR) // self.step
        self.rate = self.baseline.rate(until, week)[0]

    def _pass_recent(self, first: int, last: int, week: LocalWeek) -> None:
        """Sums reach back three hours: what was before is no part of any."""
        at, (_, excess, normal) = max(first, last - self.scales[-1].length), self.recent[-1]
        if at > first:
            self.recent = [(at - self.step, 0.0, 0.0)]
            excess = normal = 0.0
        while at < last:
            until = min(last, (at // HOUR + 1) * HOUR)
            expected = self.baseline.rate(at // HOUR, week)[0] * self.step / HOUR
            for start in range(at, until, self.step):
                excess -= expected
                normal += expected
                self.recent.append((start, excess, normal))
            at = until

    def _begin(self, start: int) -> None:
        if not self.scales:
            self.scales = [Scale(length, peaked=start) for length in sorted({max(self.step, one) for one in SCALES})]
            self.recent = [(start - self.scales[-1].length, 0.0, 0.0)]

    def _sums(self, length: int, start: int) -> tuple[float, float]:
        """(excess, expected) of the `length` ms to the end of the bin that begins at `start`, the last one."""
        _, excess_then, expected_then = self.recent[bisect_right(self.recent, (start - length, inf)) - 1]
        _, excess_now, expected_now = self.recent[-1]
        return excess_now - excess_then, expected_now - expected_then

    def _unlikeliest(self, start: int, least: float) -> Excess | None:
        known, memory, bins = self.baseline.hours_seen >= NEW, 1.0 - self.step / SPREAD_MEMORY, EPISODE // self.step
        found: Excess | None = None
        for scale in self.scales:
            scale.turn(start, bins)
            scale.heard += 1
            total, expected = self._sums(scale.length, start)
            spread = scale.spread(expected)
            scale.learn(total, spread if known else abs(total), memory)
            excess = total / spread
            if known and excess > scale.peak:
                scale.peak, scale.peaked = excess, start
                if round(total + expected) >= least:  # sums of floats: ten mentions may be 9.999
                    one = _excess(scale, total, expected, spread)
                    found = one if found is None or one.chance < found.chance else found
        return found

    def _turn_hour(self, start: int, week: LocalWeek) -> None:
        hour = start // HOUR
        if hour == self.hour:
            return
        known = min(1.0, self.heard * self.step / HOUR)
        if self.hour is not None and known >= LEAST_KNOWN:
            counted = round(self.counted)
            if self.baseline.hours_seen < NEW:
                expected = self.baseline.rate(self.hour, week)[0] * known
                self.baseline.learn_count(self.hour, counted, known, expected, week)
            else:
                self.baseline.learn(self.hour, counted, counted, known, week)
        self.hour, self.counted, self.heard = hour, 0.0, 0
        self.rate = self.baseline.rate(hour, week)[0]


@lru_cache(maxsize=1024)  # 20 µs; an episode asks again and again while it grows
def _tails(peaks: bytes) -> tuple[Tail, ...]:
    return tuple(tails_of(memoryview(peaks).cast("f")))


def _excess(scale: Scale, total: float, expected: float, spread: float) -> Excess:
    tails = scale.tails
    chance = chance_of(tails, total / spread) if total > 0 else 1.0
    return Excess(scale.length, total + expected, expected, spread, tails, chance)
