"""Rarity: what evidence a brand's own history brings so often a month, and so the limit that a budget asks for."""

from collections.abc import Callable, Sequence
from math import log

import msgspec

from listener.sums import Sums
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
# Three weeks have to be seen before a brand's own tail is believed; from then on its limit comes down day by day to
# what its history says. LOWEST keeps the smallest brands from calling for a handful of people. Both at a budget of one.
FIRST_LIMIT, UNSURE, A_DAY, LOWEST = 17.0, 21.0, 0.2, 8.0
# A peak is learned as at most so much beyond the limit of its time: a crisis is one exceedance, whatever its height.
BEYOND = 4.0
# Unless people say that it was none: one such alarm raises the limit by 6, 4 or 2 after one, two or four months of
# history, three within two months by 12. Of a joke that all the world tells the evidence is in the hundreds: that would
# make a brand deaf.
FALSE_BEYOND = 40.0


class Alarm(msgspec.Struct, array_like=True, gc=False):
    """A past episode that called people, the `number`th of all, from `began` to `ended` (ms).

    It was `learned` as at most BEYOND its limit; if it was a false alarm it counts for its `whole` height, as at most
    FALSE_BEYOND.
    """

    number: int
    began: int
    ended: int
    whole: float
    learned: float


class Rarity(msgspec.Struct, array_like=True):
    """A brand's past episodes, and the one that is on: `peak` at `peaked`, since `began` (ms).

    Of each of the past ones `peaks` has the most evidence, and `days` how long it lasted. An episode ends a day after
    its peak, and no sooner than the incident. `limit` is the evidence that comes `budget` times a month by the history
    so far; of a new brand it is more. `episodes` have ended, `alarms` are those of them that called people; `mistaken`:
    the one that is on did so falsely, as a person says.
    """

    peaks: Sums = msgspec.field(default_factory=Sums)
    days: Sums = msgspec.field(default_factory=Sums)
    peak: float = 0.0
    peaked: int | None = None
    began: int = 0
    budget: float = 1.0
    limit: float = FIRST_LIMIT
    episodes: int = 0
    alarms: list[Alarm] = []
    mistaken: bool = False

    def turn(self, at: int, budget: float, known: Callable[[int, int], float], *, lasts: bool = False) -> None:
        """Before what is found at `at` is noted: end the episode if its peak is a day old, and set the limit.

        `known(start, end)` is the share of a stretch that was listened to: the rest brought no evidence, and no calm.
        While an incident `lasts` it is one episode: else each of its days were one more, higher than the one before.
        """
        if self.peaked is None:
            self.began = self.peaked = at
        elif at - self.peaked >= EPISODE and not lasts:
            self.peaks.append(self._learned(at))
            self.days.append((at - self.began) / DAY * known(self.began, at))
            del self.peaks[:-KEPT], self.days[:-KEPT]
            self.peak, self.peaked, self.began = 0.0, at, at
        elif budget == self.budget:
            return
        days = sum(self.days)
        least = max(LOWEST, FIRST_LIMIT - A_DAY * max(0.0, days - UNSURE)) - log(budget)
        self.budget, self.limit = budget, max(least, limit_of(self.peaks, days, budget))

    def _learned(self, at: int) -> float:
        """The height as which the episode that ends at `at` is learned."""
        learned, whole = (min(self.peak, self.limit + most) for most in (BEYOND, FALSE_BEYOND))
        self.episodes += 1
        if self.peak >= self.limit:
            self.alarms.append(Alarm(self.episodes, self.began, at, whole, learned))
        while self.alarms and self.alarms[0].number <= self.episodes - KEPT:
            del self.alarms[0]
        mistaken, self.mistaken = self.mistaken, False
        return whole if mistaken else learned

    def judge(self, since: int, *, mistaken: bool) -> bool:
        """A person says whether the alarm about a trouble since `since` (ms) was `mistaken`. Whether it is known.

        What was no crisis is what calm brings, and is learned as that; what was one is not. The limit
        follows when the episode that is on is over, as ever. An alarm comes within a day of the beginning of its
        trouble, and is of the first episode that called people since.
        """
        for alarm in self.alarms:
            if alarm.ended > since and alarm.began <= since + EPISODE:
                place = len(self.peaks) - 1 - (self.episodes - alarm.number)
                self.peaks[place] = alarm.whole if mistaken else alarm.learned
                return True
        if self.peak < self.limit or self.began > since + EPISODE:
            return False
        self.mistaken = mistaken
        return True

    def note(self, at: int, evidence: float) -> None:
        """What was found at `at`."""
        if evidence > self.peak:
            self.peak, self.peaked = evidence, at


def limit_of(peaks: Sequence[float], days: float, budget: float) -> float:
    """The evidence that `peaks` of so many `days` reach or exceed `budget` > 0 times a month.

    Beyond a threshold the evidence is exponential, with a gamma prior of its rate (shape EXCESS_STRENGTH, mean
    1 / FIRST_EXCESS); so the predictive chance of x more is (rate / (rate + x)) ^ shape, times that of the threshold.
    """
    ranked = sorted([*peaks, *[FIRST_PEAK] * FIRST_PEAKS], reverse=True)
    chance = budget * (days + FIRST_DAYS) / MONTH / len(ranked)
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
        found.append(threshold + rate * ((above / chance) ** (1.0 / shape) - 1.0))
    return sum(found) / len(found)
