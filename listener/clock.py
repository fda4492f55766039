"""The clock of a partition: it has no time but what pulses tell it."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from listener.coverage import MOST_OF_SOURCE, Coverage, Interval, joined, merge
from schemas.pulse import Pulse
from schemas.times import to_ms


class Told(msgspec.Struct, frozen=True):
    """What pulses said of the sources: the latest intervals that each covered, in ms, and which have ended."""

    covered: dict[str, list[Interval]]
    ended: tuple[str, ...]


class Clock(msgspec.Struct):
    """Now is the least time through which all lanes of detect have been processed.

    `through` is by lane, in ms; the clock stands (`now` is None) until each of `lanes` lanes has pulsed,
    and never goes back. `coverage` is what was known of the sources then: what lanes say that are `ahead` of now waits
    until it comes, since they may know by then that a gap was filled, or a source that had ended speaks again.
    """

    lanes: int = 0
    through: dict[int, int] = {}
    now: int | None = None
    coverage: Coverage = msgspec.field(default_factory=Coverage)
    ahead: dict[int, Told] = {}

    def hear(self, pulse: Pulse) -> None:
        """Take in a pulse. A change of the number of lanes starts the count of lanes anew.

        Raise ValueError for a lane that there is not: it would make the clock stand for ever, or run too early.
        """
        if not 0 <= pulse.lane < pulse.lanes:
            raise ValueError(f"a pulse of lane {pulse.lane}, counted from 0, of {pulse.lanes}")
        if pulse.lanes != self.lanes:
            self.lanes, self.through, self.ahead = pulse.lanes, {}, {}
        lane = pulse.lane
        self.through[lane] = max(self.through.get(lane, 0), to_ms(pulse.through))
        self.ahead[lane] = _told(pulse, self.ahead.get(lane))
        if len(self.through) < self.lanes:
            return
        least = min(self.through.values())
        if self.now is None or least > self.now or self.through[lane] <= self.now:
            self.now = least if self.now is None else max(self.now, least)
            self._catch_up(lane, self.now)

    def _catch_up(self, last: int, now: int) -> None:
        """Of each source, the lane that is least ahead says what is known; of several, the one that came there last."""
        known: dict[str, tuple[list[Interval], bool]] = {}
        for lane in sorted(self.ahead, key=lambda lane: (-self.through[lane], lane == last)):
            told = self.ahead[lane]
            known |= {source: (covered, source in told.ended) for source, covered in told.covered.items()}
        for source, (covered, ended) in known.items():
            self.coverage.hear(source, covered, ended=ended)
        self.ahead = {lane: told for lane, told in self.ahead.items() if self.through[lane] > now}


def _told(pulse: Pulse, before: Told | None) -> Told:
    """What a lane has said by now: of the time that a pulse does not go back to, those before it hold."""
    covered = dict(before.covered) if before is not None else {}
    for source, told in pulse.coverage.items():
        spans = merge((to_ms(start), to_ms(end)) for start, end in told)
        covered[source] = joined(covered.get(source, ()), spans)[-MOST_OF_SOURCE:]
    return Told(covered, pulse.ended)


def says_all(pulse: Pulse, before: Pulse) -> bool:
    """Whether a pulse makes one of the same lane `before` it needless: of the time up to that it says the same."""
    if any((source in pulse.ended) != (source in before.ended) for source in before.coverage):
        return False
    through = before.through
    return all(
        _up_to(through, covered) == _up_to(through, before.coverage.get(source, ()))
        for source, covered in pulse.coverage.items()
    )


def _up_to(through: datetime, covered: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    return [(start, min(end, through)) for start, end in covered if start < through]
