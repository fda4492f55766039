"""Brands with a rhythm, hour by hour, as chance would have them: for what is judged by the hour.

A day's rhythm with a trough at night, weekends at three fifths; days and hours that are better or worse than usual; a
level that wanders; bursts of talk; a holiday a month at half. All are harder than the model that judges assumes: its
hours are independent and know of no holiday.
"""

from collections.abc import Iterator
from math import cos, exp, pi
from random import Random
from typing import NamedTuple

from listener.local_week import UTC_WEEK, LocalWeek
from listener.monitors.monitor import Finding, Past
from listener.monitors.quiet import QuietMonitor, QuietState
from schemas.times import HOUR
from tests.core.building import START

FIRST = START // HOUR
DAY_SPREAD, HOUR_SPREAD, DRIFT = 0.04, 0.15, 0.03
HOLIDAY = 0.5
DIFFICULTY = (
    f"days vary by {DAY_SPREAD**0.5:.0%}, hours by {HOUR_SPREAD**0.5:.0%}, the level wanders by {DRIFT:.0%} a day; "
    f"two bursts and one holiday at {HOLIDAY:.0%} a month"
)


class Spell(NamedTuple):
    """From hour `first` on, for `hours`, only `left` of what would have been said was said."""

    first: int
    hours: int
    left: float


def counts(seed: int, a_day: float, days: int, spell: Spell | None = None, *, holiday: float = HOLIDAY) -> list[int]:
    """Mentions in each hour since START."""
    chance = Random(seed)
    bursts = _bursts(chance, days)
    holidays = {chance.randrange(month * 30, month * 30 + 30) for month in range(days // 30 + 1)}
    level, found = a_day / 24, list[int]()
    for day in range(days):
        level *= exp(chance.gauss(0, DRIFT))
        of_day = level * chance.gammavariate(1 / DAY_SPREAD, DAY_SPREAD) * (0.6 if day % 7 >= 5 else 1.15)
        of_day *= holiday if day in holidays else 1.0
        for hour in range(24):
            at = day * 24 + hour
            mean = of_day * (1 - 0.75 * cos(2 * pi * (hour - 3) / 24)) * bursts.get(at, 1.0)
            mean *= chance.gammavariate(1 / HOUR_SPREAD, HOUR_SPREAD)
            if spell is not None and spell.first <= at < spell.first + spell.hours:
                mean *= spell.left
            found.append(poisson(chance, mean))
    return found


def _bursts(chance: Random, days: int) -> dict[int, float]:
    times: dict[int, float] = {}
    for _ in range(days // 15):
        first, strength = chance.randrange(days * 24), chance.uniform(3, 10)
        times |= {first + hour: strength for hour in range(chance.randrange(2, 12))}
    return times


def poisson(chance: Random, mean: float) -> int:
    """So many, by chance."""
    if mean > 50:
        return max(0, round(chance.gauss(mean, mean**0.5)))
    count, left = 0, chance.expovariate(1.0) if mean else mean + 1
    while left < mean:
        count, left = count + 1, left + chance.expovariate(1.0)
    return count


def past(
    end: int,
    said: list[int],
    deaf: tuple[int, int] = (0, 0),
    broken: int = 0,
    lost: int = 0,
    week: LocalWeek = UTC_WEEK,
) -> Past:
    """The hours up to `end` (counted from START, as all here), but for those of `deaf` all listened to.

    `broken` is when the last break of a source was over, `lost` when one was heard last that has ended.
    """
    low, high = (START + hour * HOUR for hour in deaf)

    def known(start: int, end: int) -> float:
        return 1.0 - max(0, min(end, high) - max(start, low)) / (end - start)

    def mentions(hour: int) -> int:
        return said[hour - FIRST] if FIRST <= hour < FIRST + len(said) else 0

    lost_at = lost and START + lost * HOUR
    return Past(START + end * HOUR, START, mentions, known, lambda at: START + broken * HOUR, lost_at, week)


def judged(said: list[int], week: LocalWeek = UTC_WEEK) -> Iterator[tuple[int, Finding]]:
    """What the monitor finds in these hours, with the hour (counted from START) at which it does."""
    monitor, state = QuietMonitor(), QuietState()
    for end in range(24, len(said) + 1):
        if end % 24 == 0:
            monitor.wakes(state, sum(said[end - 24 : end]), START + end * HOUR)
        if monitor.next_look(state) == START + end * HOUR:
            for finding in monitor.look(state, past(end, said, week=week), START + end * HOUR):
                yield end, finding


def openings(found: Iterator[tuple[int, Finding]]) -> list[int]:
    """The hours at which something fires that did not fire before."""
    hours: list[int] = []
    firing = False
    for hour, finding in found:
        if finding.scale and not firing:
            hours.append(hour)
        firing = finding.scale > 0
    return hours
