"""All trackers of one partition: one order of records, one clock, one heap of timers.

    step(record): fire what has come due, in due order; then apply the record

A timer says when it was due, not when it fired: pulses decide when something is told, never what.
"""

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from typing import Final

import msgspec

from listener.alerts.incident import AlertState
from listener.alerts.obeying import refusal
from listener.clock import Clock
from listener.dead_sources import DeadSources, Watched
from listener.detection import LATENESS
from listener.state import Parts, pack, unpack
from listener.tracker import Tracker
from listener.tracker_state import STATE_VERSION
from listener.trends import Quiet, Spoken
from listener.turn import Output, Timer, TimerFailed, Turn
from listener.windows import LENGTHS, Length
from schemas.alert import Alert
from schemas.brand_mention import BrandMention
from schemas.command import Command
from schemas.pulse import Pulse
from schemas.retraction import Retraction
from schemas.settings import BrandSettings
from schemas.times import to_ms

TrackRecord = BrandMention | Retraction | BrandSettings | Pulse | Command

ROLLED: Final[dict[str, Length]] = {length.name: length for length in LENGTHS if length.name != "minute"}


class PartitionState(msgspec.Struct):
    """The clock, when listening began, and the window of each rolled length that is closed next (start), in ms.

    `sources` is what was made of each source, where they are watched, and `said` what people want of their alerts.
    """

    clock: Clock = msgspec.field(default_factory=Clock)
    since: int = 0
    next_roll: dict[str, int] = {}
    sources: dict[str, Watched] = {}
    said: AlertState = msgspec.field(default_factory=AlertState)


class Partition:
    """The trackers of all brands whose records come by one partition.

    All partitions hear all pulses: one of them `watches_sources` and tells of those that are dead.
    """

    def __init__(self, *, watches_sources: bool = True) -> None:
        self.watches_sources = watches_sources
        self.state = PartitionState()
        self.trackers: dict[str, Tracker] = {}
        self.turn = Turn()
        self.touched: set[str] = set()
        self.clock_changed = False
        self._of_sources: list[Alert] = []
        self._order: list[str] | None = None
        self._all_roll = False
        self._told_until = 0
        self.leave_out: set[Timer] = set()  # timers that broke their tracker: what they were to close is dropped

    def step(self, record: TrackRecord) -> list[Output]:
        """Take one record of the log in; what comes out is in due order."""
        turn = self.turn
        turn.outputs = []
        if isinstance(record, BrandMention):
            self._tracker(record.brand).observe(record, turn)
        elif isinstance(record, Pulse):
            self._hear(record)
        elif isinstance(record, Retraction):
            self._retract(record)
        elif isinstance(record, Command):
            self._obey(record)
        else:
            self._tracker(record.id).configure(record, turn)
            self._order = None
        return turn.outputs

    def _tracker(self, brand: str) -> Tracker:
        self.touched.add(brand)
        tracker = self.trackers.get(brand)
        if tracker is None:
            tracker = self.trackers[brand] = Tracker(brand)
            self._order = None
        return tracker

    def _retract(self, retraction: Retraction) -> None:
        tracker = self.trackers.get(retraction.brand)
        if tracker is None:  # nothing was ever counted
            return
        tracker.retract(retraction, self.turn)
        self.touched.add(retraction.brand)

    def _obey(self, command: Command) -> None:
        tracker = self.trackers.get(command.brand)
        if command.brand and tracker is not None:
            tracker.obey(command, self.turn)
            self.touched.add(command.brand)
            return
        now = to_ms(command.at) if self.turn.now is None else self.turn.now
        if command.brand or not self.watches_sources:
            self.turn.emit(refusal(command, now, f"there is no brand {command.brand!r}"))
            return
        self.turn.emit_all(self._dead_sources().obey(command, min(now, to_ms(command.at))))
        self.clock_changed = True

    def _dead_sources(self) -> DeadSources:
        return DeadSources(self.state.sources, self.state.said)

    def _hear(self, pulse: Pulse) -> None:
        clock = self.state.clock
        before = clock.now
        clock.hear(pulse)
        self.clock_changed = True
        if clock.now is None:
            return
        if self._look_at_the_clock():
            self._told_until = before or 0
        if self.watches_sources:
            self._look_at_the_sources(clock.now)
        self._fire(clock.now)

    def _look_at_the_clock(self) -> bool:
        """Take over the time; whether quiet windows begin to be told with it."""
        turn, state = self.turn, self.state
        turn.tell_time(state.clock.now, state.clock.coverage)
        first = turn.coverage.first()
        begins = first is not None and not state.next_roll
        if first is not None and begins:
            state.since = first
            for name, length in ROLLED.items():
                self._roll_next(name, first - first % length.length)
        if state.next_roll:
            turn.since = state.since
        return begins

    def _look_at_the_sources(self, now: int) -> None:
        """What is to be said of them takes its turn among the timers."""
        self._of_sources = self._dead_sources().look(self.state.clock.coverage, now)
        for place, alert in enumerate(self._of_sources):
            heappush(self.turn.timers, (to_ms(alert.at), -1, "", "", place))

    def _roll_next(self, name: str, start: int) -> None:
        self.state.next_roll[name] = start
        heappush(self.turn.timers, (start + ROLLED[name].length + LATENESS, 1, "", name, start))

    def _fire(self, now: int) -> None:
        timers = self.turn.timers
        spoken: dict[tuple[str, int], set[str]] = {}  # brands by the (length, start) of the windows closed at `at`
        at = 0
        while timers and timers[0][0] <= now:
            timer = heappop(timers)
            due, rank, brand, what, start = timer
            if due != at:
                spoken.clear()
                at = due
            if rank < 0:
                self.turn.emit(self._of_sources[start])
            elif rank == 0:
                self._fire_one(timer)
                if what in ROLLED and self.trackers[brand].state.windows[what].told(start):
                    spoken.setdefault((what, start), set()).add(brand)
            else:
                self._roll(what, start, due, spoken.get((what, start), set()))

    def _fire_one(self, timer: Timer) -> None:
        due, _, brand, what, start = timer
        tracker = self._tracker(brand)
        if timer in self.leave_out:
            tracker.drop(due, what, start, self.turn)
            return
        try:
            tracker.fire(due, what, start, self.turn)
        except Exception as error:
            raise TimerFailed(timer, error) from error

    def _roll(self, what: str, start: int, due: int, spoken: set[str]) -> None:
        """Tell of the brands whose window did not close by itself, because nothing was said in it."""
        length = ROLLED[what]
        end = start + length.length
        quiet = [brand for brand in self._rolling(start, end, due) if brand not in spoken]
        if due <= self._told_until:  # coverage came to light late: some windows were told without it
            quiet = [brand for brand in quiet if not self.trackers[brand].state.windows[what].told(start)]
        known = self.turn.coverage.known(start, end) if quiet else 0.0
        for monitors, brands in self._by_monitors(quiet, due):
            self.turn.emit(Quiet(length, start, due, known, monitors, tuple(brands)))
        self._roll_next(what, end)

    def _by_monitors(self, brands: list[str], due: int) -> Iterable[tuple[tuple[str, ...], list[str]]]:
        """Brands by who counts for them."""
        if self._all_roll:
            return [(self.trackers[brands[0]].desks.at(due).counted, brands)] if brands else []
        groups: dict[tuple[str, ...], list[str]] = {}
        for brand in brands:
            groups.setdefault(self.trackers[brand].desks.at(due).counted, []).append(brand)
        return groups.items()

    def _rolling(self, start: int, end: int, due: int) -> list[str]:
        """The brands that we looked for in [start, end), in order."""
        if self._order is None:
            self._order = sorted(self.trackers)
            self._all_roll = all(tracker.always_rolls(self.turn) for tracker in self.trackers.values())
        if self._all_roll:
            return self._order
        return [brand for brand in self._order if self.trackers[brand].rolls(start, end, due, self.turn)]

    def last_closed(self, name: str) -> Iterator[Spoken | Quiet]:
        """The rolled window that was closed last, as it was told of each brand."""
        if name not in self.state.next_roll:
            return
        length = ROLLED[name]
        end = self.state.next_roll[name]
        start, due = end - length.length, end + LATENESS
        known = self.turn.coverage.known(start, end)
        for brand in self._rolling(start, end, due):
            tracker = self.trackers[brand]
            monitors = tracker.desks.at(due).counted
            window = tracker.state.windows[name].told(start)
            if window is None:
                yield Quiet(length, start, due, known, monitors, (brand,))
            else:
                yield Spoken(brand, length, start, window.revision, due, known, monitors, window.emitted)

    def take_changes(self) -> Parts:
        """The parts of the state that changed since the last call: the clock under "", a brand's under "brand/…"."""
        parts: Parts = {}
        if self.clock_changed:
            parts[""] = pack(STATE_VERSION, self.state)
            self.clock_changed = False
        for brand in sorted(self.touched):
            for name, part in self.trackers[brand].state.take_changes().items():
                parts[f"{brand}/{name}"] = part
        self.touched.clear()
        return parts

    @classmethod
    def restored(cls, parts: dict[str, bytes], *, watches_sources: bool = True) -> "Partition":
        """The partition whose parts these are: it goes on as if it had never stopped."""
        partition = cls(watches_sources=watches_sources)
        for key, raw in parts.items():
            brand, name = _part_of(key)
            if not key:
                partition.state = unpack(raw, PartitionState, STATE_VERSION)
            else:
                partition._tracker(brand).state.restore(name, raw)
        partition.touched.clear()
        for tracker in partition.trackers.values():
            tracker.arrange()
            tracker.set_timers(partition.turn)
        for name, start in partition.state.next_roll.items():
            partition._roll_next(name, start)
        if partition.state.clock.now is not None:
            partition._look_at_the_clock()
        return partition


def _part_of(key: str) -> tuple[str, str]:
    """(brand, name of its part) of a key like "brand/desk" or "brand/hour/17"; a brand may have a "/" in it."""
    brand, _, name = key.rpartition("/")
    if name.isdigit():
        brand, _, length = brand.rpartition("/")
        name = f"{length}/{name}"
    return brand, name
