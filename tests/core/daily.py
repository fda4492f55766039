"""Brands day by day, for what is judged once a day."""

from collections.abc import Iterator, Sequence
from random import Random
from typing import NamedTuple

from listener.monitors.monitor import Finding, Past
from listener.monitors.slow_burn import SlowBurnMonitor, SlowBurnState
from listener.windows import Counts
from schemas.times import DAY
from tests.core.building import START


class Told(NamedTuple):
    """Of one day: so many mentions, all scored, and how many of these were negative."""

    scored: int
    negative: int


def drawn(seed: int, a_day: int, shares: Sequence[float], alike: float = 0.01) -> list[Told]:
    """Days with these shares, on which mentions are alike by so much."""
    chance, strength, found = Random(seed), 1 / alike - 1, []
    for share in shares:
        mood = chance.betavariate(share * strength, (1 - share) * strength)
        scored = max(0, round(chance.gauss(a_day, a_day**0.5)))
        found.append(Told(scored, sum(chance.random() < mood for _ in range(scored))))
    return found


def creep(days: int, over: int, share: float, factor: float, stays: int) -> list[float]:
    """So many days with a share, then a rise over some to `factor` times it, which stays."""
    rise = [share * (1 + (factor - 1) * (day + 1) / over) for day in range(over)]
    return [share] * days + rise + [share * factor] * stays


def judged_days(
    said: Sequence[Told | None], budget: float = 1.0, state: SlowBurnState | None = None
) -> Iterator[tuple[int, Finding]]:
    """What the monitor finds on these days since START, with how many were over; nobody listened on those of None."""
    monitor, state = SlowBurnMonitor(), state or SlowBurnState()

    def days(start: int) -> Counts:
        place = (start - START) // DAY
        told = said[place] if 0 <= place < len(said) else None
        return {} if told is None else {"scorable": told.scored, "scored": told.scored, "negative": told.negative}

    def known(start: int, end: int) -> float:
        places = range((start - START) // DAY, (end - START) // DAY)
        return sum(0 <= place < len(said) and said[place] is not None for place in places) / len(places)

    for over, told in enumerate(said, 1):
        end = START + over * DAY
        monitor.wakes(state, 0 if told is None else told.scored, end)
        if monitor.next_look(state) == end:
            past = Past(end, START, lambda _: 0, known, lambda _: 0, 0, days=days, budget=budget)
            for finding in monitor.look(state, past, end):
                yield over, finding
