"""Hours of the week as people write them: "mon-fri 08:00-18:00", "sat,sun", "22:00-06:00"."""

import re
from datetime import datetime, timedelta
from typing import NamedTuple

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WHOLE = 24 * 60
WRITTEN = re.compile(r"([a-z,-]+)?\s*(?:(\d\d):(\d\d)-(\d\d):(\d\d))?")


class Hours(NamedTuple):
    """Some days of the week (0 is Monday), from one minute of the day up to another.

    Where it ends before it begins it goes on into the next day.
    """

    days: tuple[int, ...]
    begin: int = 0
    end: int = WHOLE

    def hold(self, local: datetime) -> bool:
        """Whether a local time lies in them."""
        minute, day = local.hour * 60 + local.minute, local.weekday()
        if self.begin < self.end:
            return day in self.days and self.begin <= minute < self.end
        return (day in self.days and minute >= self.begin) or ((day - 1) % 7 in self.days and minute < self.end)

    def begin_after(self, local: datetime) -> datetime:
        """When they begin for the first time after a local time, in its zone."""
        at = local.replace(hour=self.begin // 60, minute=self.begin % 60, second=0, microsecond=0, fold=0)
        while at.timestamp() <= local.timestamp() or at.weekday() not in self.days:
            at += timedelta(days=1)  # of the calendar: whatever the clock does in that night
        return at


def parse_hours(text: str) -> Hours:
    """The hours in a text. Raise ValueError, with what is allowed."""
    wrong = ValueError(f"{text!r} are no hours; write them like mon-fri 08:00-18:00, sat,sun or 22:00-06:00")
    written = WRITTEN.fullmatch(text.strip().lower())
    if written is None or not text.strip():
        raise wrong
    days = range(7) if written[1] is None else sorted({day for part in written[1].split(",") for day in _days(part)})
    if not days:
        raise wrong
    if written[2] is None:
        return Hours(tuple(days))
    numbers = [int(written[place]) for place in range(2, 6)]
    begin, end = numbers[0] * 60 + numbers[1], numbers[2] * 60 + numbers[3]
    if numbers[1] > 59 or numbers[3] > 59 or begin >= WHOLE or end > WHOLE or begin == end:
        raise wrong
    return Hours(tuple(days), begin, end)


def _days(part: str) -> list[int]:
    """A day, or all from one to another, over Sunday if need be; none where it is neither."""
    names = part.split("-")
    if len(names) > 2 or not all(name in DAYS for name in names):
        return []
    first, last = DAYS.index(names[0]), DAYS.index(names[-1])
    return [(first + step) % 7 for step in range((last - first) % 7 + 1)]
