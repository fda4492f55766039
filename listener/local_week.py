"""Which hour of the week it is where a brand's people live: their clock with its changes, and their days off."""

from bisect import bisect_right
from collections.abc import Sequence
from copy import copy
from datetime import date
from functools import lru_cache

from listener.first_rhythm import FLAT, FirstRhythm
from schemas.settings import Brand, Calendar, Settings, Start

WEEK_HOURS = 168
MONDAY = 4 * 24  # 1970-01-01 was a Thursday: hour 96 of the epoch begins a Monday
SUNDAY = 6 * 24  # the slot that begins it
THOUSANDTHS = 1000
FIRST_DAY = date(1970, 1, 1).toordinal()
_TWO_WEEKS = tuple(range(WEEK_HOURS)) * 2


class LocalWeek:
    """The hours of a week by one clock, numbered from 0, which begins Monday.

    A day off has the hours of a Sunday. The hour that a clock skips has no number, and the one that it says twice has
    the same number twice. Hours are whole hours of UTC, so of a zone that is half an hour off each begins at half past.
    `first` is what is expected of them before the brand has shown it.
    """

    __slots__ = ("_east", "_holidays", "_plain", "_since", "calendar", "first")

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self.first: FirstRhythm = FLAT
        self._since = [hour for hour, _ in calendar.changes]
        self._east = [0, *(minutes // 60 for _, minutes in calendar.changes)]
        self._holidays = frozenset(calendar.holidays)
        self._plain = not (calendar.changes or calendar.holidays)

    @property
    def zone(self) -> str:
        """The name of its clock."""
        return self.calendar.zone

    def starting(self, start: Start | None) -> "LocalWeek":
        """The week of a brand by this clock that starts so; what is large of it they share."""
        if start is None:
            return self
        week = copy(self)
        week.first = FirstRhythm(tuple(of_level / THOUSANDTHS for of_level in start.rhythm), start.strength)
        return week

    def east(self, hour: int) -> int:
        """How many hours the clock is ahead of UTC in an hour counted from 1970; for half an hour rounded down."""
        return self._east[bisect_right(self._since, hour)]

    def slot(self, hour: int) -> int:
        """The hour of the week of an hour counted from 1970."""
        if self._plain:
            return (hour - MONDAY) % WEEK_HOURS
        local = hour + self._east[bisect_right(self._since, hour)]
        if local // 24 in self._holidays:
            return SUNDAY + local % 24
        return (local - MONDAY) % WEEK_HOURS

    def slots(self, first: int, last: int) -> Sequence[int]:
        """The hour of the week of each hour in [first, last), as `slot`, quicker."""
        if self._plain:
            return _in_a_row(first, last)
        found: list[int] = []
        while first < last:
            place = bisect_right(self._since, first)
            until = min([last, *self._since[place : place + 1]])
            found += self._local_slots(first + self._east[place], until + self._east[place])
            first = until
        return found

    def a_week_before(self, hour: int) -> int:
        """The hour in which the clock said the same a week before."""
        before = hour - WEEK_HOURS
        return before + self.east(hour) - self.east(before)

    def _local_slots(self, first: int, last: int) -> list[int]:
        slots = list(_in_a_row(first, last))
        if not self._holidays:
            return slots
        for day in range(first // 24, (last - 1) // 24 + 1):
            if day in self._holidays:
                begin, end = max(first, day * 24), min(last, (day + 1) * 24)
                slots[begin - first : end - first] = range(SUNDAY + begin % 24, SUNDAY + begin % 24 + end - begin)
        return slots


def _in_a_row(first: int, last: int) -> Sequence[int]:
    begin = (first - MONDAY) % WEEK_HOURS
    end = begin + max(0, last - first)
    if end <= len(_TWO_WEEKS):
        return _TWO_WEEKS[begin:end]
    return [place % WEEK_HOURS for place in range(begin, end)]


UTC_WEEK = LocalWeek(Calendar())


@lru_cache(maxsize=1024)
def _week_of(calendar: Calendar) -> LocalWeek:
    return LocalWeek(calendar)


def week_of(calendar: Calendar | None) -> LocalWeek:
    """The week of a calendar: one for all brands that share it, whose tables of thirty years are 16 kB."""
    return UTC_WEEK if calendar is None else _week_of(calendar)


def calendar_of(brand: Brand, settings: Settings) -> Calendar | None:
    """What is written out for a brand in its settings; None for UTC without days off."""
    if brand.timezone == "UTC" and not brand.holidays:
        return None
    days: set[int] = set()
    for written in brand.holidays:
        days |= (
            {date.fromisoformat(written).toordinal() - FIRST_DAY}
            if is_day(written)
            else set(settings.holidays.get(written, ()))
        )
    return Calendar(zone=brand.timezone, changes=settings.zones.get(brand.timezone, ()), holidays=tuple(sorted(days)))


def is_day(written: str) -> bool:
    """Whether a holiday is written as a day and not as a country."""
    return written[:1].isdigit()
