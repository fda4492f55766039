"""Clocks of brands for tests, written out as the shell does it."""

from listener.local_week import LocalWeek
from schemas.settings import Calendar
from schemas.times import HOUR
from tests.core.building import START

FIRST = START // HOUR


def fixed(east: int, *holidays: int) -> Calendar:
    """A clock that is always so many hours ahead of UTC. Holidays are days since 1970 by it."""
    return Calendar(zone=f"UTC{east:+}", changes=((0, east * 60),), holidays=holidays)


def changing(at: int, before: int, after: int, *holidays: int) -> Calendar:
    """A clock that is `before` hours ahead up to the hour `at` (since 1970), and `after` hours from it on."""
    return Calendar(zone="Summer", changes=((0, before * 60), (at, after * 60)), holidays=holidays)


def week(calendar: Calendar) -> LocalWeek:
    """Its week."""
    return LocalWeek(calendar)
