"""All trackers of one partition: one order of records, one clock, one heap of timers.

    step(record): fire what has come due, in due order; then apply the record

A timer says when it was due, not when it fired: pulses decide when something is told, never what.
"""

from heapq import heappop, heappush
from typing import Final

import msgspec

from listener.clock import Clock
from listener.state import Parts, pack, unpack
from listener.tracker import LATENESS, STATE_VERSION, Tracker
from listener.turn import Output, Turn
from listener.windows import LENGTHS
from schemas.brand_mention import BrandMention
from schemas.pulse import Pulse
from schemas.settings import BrandSettings

TrackRecord = BrandMention | BrandSettings | Pulse

ROLLED: Final[dict[str, int]] = {length.name: length.length for length in LENGTHS if length.name != "minute"}


class PartitionState(msgspec.Struct):
    """The clock, and the window of each rolled length that is closed next, for all brands (start in ms)."""

    clock: Clock = msgspec.field(default_factory=Clock)
    next_roll: dict[str, int] = {}


class Partition:
    """The trackers of all brands whose records come by one partition."""

    def __init__(self) -> None:
        self.state = PartitionState()
        self.trackers: dict[str, Tracker] = {}
        self.turn = Turn()
        self.touched: set[str] = set()
        self.clock_changed = False

    def step(self, record: TrackRecord) -> list[Output]:
        """Take one record of the log in; what comes out is in due order."""
        turn = self.turn
        turn.outputs = []
        if isinstance(record, BrandMention):
            self._tracker(record.brand).observe(record, turn)
        elif isinstance(record, Pulse):
            self._hear(record)
        else:
            self._tracker(record.id).configure(record)
        return turn.outputs

    def _tracker(self, brand: str) -> Tracker:
        self.touched.add(brand)
        tracker = self.trackers.get(brand)
        if tracker is None:
            tracker = self.trackers[brand] = Tracker(brand)
        return tracker

    def _hear(self, pulse: Pulse) -> None:
        clock = self.state.clock
        clock.hear(pulse)
        self.clock_changed = True
        if clock.now is None:
            return
        self._look_at_the_clock()
        self._fire(clock.now)

    def _look_at_the_clock(self) -> None:
        turn, clock = self.turn, self.state.clock
        turn.now, turn.coverage = clock.now, clock.coverage
        first = clock.coverage.first()
        if first is None or self.state.next_roll:
            return
        turn.since = first
        for name, length in ROLLED.items():
            self._roll_next(name, first - first % length)

    def _roll_next(self, name: str, start: int) -> None:
        self.state.next_roll[name] = start
        heappush(self.turn.timers, (start + ROLLED[name] + LATENESS, 1, "", name, start))

    def _fire(self, now: int) -> None:
        timers = self.turn.timers
        while timers and timers[0][0] <= now:
            due, rank, brand, what, start = heappop(timers)
            if rank == 0:
                self._tracker(brand).fire(due, what, start, self.turn)
            else:
                self._roll(what, start, due)

    def _roll(self, name: str, start: int, due: int) -> None:
        known = self.turn.coverage.known(start, start + ROLLED[name])
        for brand in sorted(self.trackers):
            self.trackers[brand].close_quiet(name, start, due, known, self.turn)
        self._roll_next(name, start + ROLLED[name])

    def take_changes(self) -> Parts:
        """The parts of the state that changed since the last call: the clock under "", a brand's under "brand/…"."""
        parts: Parts = {}
        if self.clock_changed:
            parts[""] = pack(STATE_VERSION, self.state)
            self.clock_changed = False
        for brand in sorted(self.touched):
            for name, part in self.trackers[brand].take_changes().items():
                parts[f"{brand}/{name}"] = part
        self.touched.clear()
        return parts

    @classmethod
    def restored(cls, parts: dict[str, bytes]) -> "Partition":
        """The partition whose parts these are: it goes on as if it had never stopped."""
        partition = cls()
        for key, raw in parts.items():
            brand, _, name = key.partition("/")
            if not key:
                partition.state = unpack(raw, PartitionState, STATE_VERSION)
            else:
                partition._tracker(brand).restore(name, raw)
        partition.touched.clear()
        for tracker in partition.trackers.values():
            tracker.arrange()
            tracker.set_timers(partition.turn)
        partition._look_at_the_clock()
        for name, start in partition.state.next_roll.items():
            partition._roll_next(name, start)
        return partition
