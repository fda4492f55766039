"""One brand's desk: every mention of the brand comes by here, is counted, and may end in an alert.

Mentions are counted twice: in trend windows by the time they were written (`windows.py`, may be revised), and in
detection windows of five minutes by the time they were read (`watch.py`, judged once). What to count and what to think
of it is the monitors' business. What is retracted is counted once more, with the other sign. What time makes of a
mention (nobody answers it) is counted when its deadline has passed (`deadlines.py`).

A window asks, when it begins, to be closed: `turn.remind` puts a timer into the heap of the partition, which calls
`fire` when the time told by pulses has passed it (`partition.py`).
"""

from listener.author_marks import author_of
from listener.authors import SLOT, Held
from listener.deadlines import TIMER, Deadlines
from listener.desk import Desk, Desks, come_into_force
from listener.detection import LATENESS
from listener.monitors import BY_NAME, MONITORS
from listener.outcome import Outcome
from listener.threads import read_of
from listener.tracker_state import TrackerState
from listener.trends import Spoken
from listener.turn import Turn
from listener.watch import Watch
from listener.windows import Counts, Windows, total
from schemas.brand_mention import BrandMention
from schemas.command import Command
from schemas.retraction import Retraction
from schemas.settings import BrandSettings
from schemas.times import HOUR, to_ms


class Tracker:
    """The desk of one brand. It has no clock: its partition's time comes in with each turn."""

    def __init__(self, brand: str) -> None:
        self.brand = brand
        self.state = TrackerState()
        self.arrange()

    def arrange(self) -> None:
        """Set up what follows from the state."""
        self.desks = Desks(self.state.desk)
        self.watch = Watch(self.brand, self.state, self.desks)
        self.deadlines = Deadlines(self.brand, self.state, self.desks, self._count_outcome)

    def configure(self, settings: BrandSettings, turn: Turn) -> None:
        """Settings come into force at their time. The same ones again change nothing."""
        if not come_into_force(self.state.desk, settings):
            return
        self.state.changed.add("desk")
        self.arrange()
        self.watch.arm(turn)

    def obey(self, command: Command, turn: Turn) -> None:
        """Do what a person wants done with alerts."""
        self.watch.obey(command, turn)

    def observe(self, mention: BrandMention, turn: Turn) -> None:
        """Count a mention. A doubtful one may have to wait until it is known who wrote it (`authors.py`)."""
        source, authors = mention.mention, self.state.authors
        read = read_of(source)
        desk = self.desks.at(read)
        if mention.certainty == "doubtful":
            due = authors.holds(mention, read, desk.name, turn.now)
            if due is not None:
                turn.remind(due, self.brand, "authors", due - LATENESS)
                return
            mention = authors.judged(mention, author_of(source), read, turn.now)
        elif desk.ambiguous or authors.wary:
            authors.note(mention, read, ambiguous=desk.ambiguous)
        self._count(mention, read, desk, turn)

    def _count(self, mention: BrandMention, read: int, desk: Desk, turn: Turn, held: Held | None = None) -> None:
        """Count a mention; what is doubtful or muted in trends alone. It may have been `held`."""
        counts = desk.counts_of(mention)
        self.state.changed.add("desk")
        source = mention.mention
        if not self._count_trends(to_ms(source.created_at), read, source.platform or "unknown", counts, turn):
            self.state.desk.too_old += 1
        self.deadlines.hear(desk.waiters, mention, read, turn)
        if is_watched(mention):
            self.watch.count(mention, read, counts, desk, turn, held)

    def retract(self, retraction: Retraction, turn: Turn) -> None:
        """Take back what a mention had added, whatever has happened since.

        Trends are revised, or lose it before they are told. Detection knows of it from the window on in which that was
        read (`Watch.take_back`). It is counted by the settings of its time as they are known now: of more than eight
        changes since, by the oldest known.
        """
        trace, authors = retraction.trace, self.state.authors
        read = read_of(trace.mention)
        if trace.certainty == "doubtful":
            if authors.takes_back(retraction, read):
                return
            trace = authors.counted(trace, read)
        at = max(read, to_ms(retraction.at))
        desk = self.desks.at(read)
        counts = {name: -count for name, count in desk.counts_of(trace).items()}
        self.state.changed.add("desk")
        source = trace.mention
        if not self._count_trends(to_ms(source.created_at), at, source.platform or "unknown", counts, turn):
            self.state.desk.unretractable += 1
        self.deadlines.take_back(desk.waiters, retraction, turn)
        if is_watched(trace):
            self.watch.take_back(trace, read, at, counts, retraction.because, desk, turn)

    def _count_outcome(self, outcome: Outcome, turn: Turn) -> None:
        """Count what time has made of a mention, as of when it was due."""
        self.state.changed.add("desk")
        if outcome.counts and not self._count_trends(outcome.at, outcome.read, outcome.platform, outcome.counts, turn):
            self.state.desk.unretractable += 1
        self.watch.count_outcome(outcome, turn)

    def _count_trends(self, written: int, read: int, platform: str, counts: Counts, turn: Turn) -> bool:
        """Whether any trend takes it."""
        counted = False
        for what, windows in self.state.windows.items():
            if (place := windows.add(written, read, platform, counts, turn.now)) is not None:
                counted, (due, start, first) = True, place
                if first:
                    turn.remind(due, self.brand, what, start)
        return counted

    def fire(self, due: int, what: str, start: int, turn: Turn) -> None:
        """Do what is due: close a window, or tell what late mentions changed."""
        if not self.desks.is_one and self.desks.set_clock(due, self.state.monitors):
            self.state.changed |= {"desk", *self.state.monitors}
        if what in self.state.windows:
            self._close_trend(self.state.windows[what], start, due, turn)
            return
        if what == "authors":  # comes first: of timers of one time, the heap gives the least name
            self._let_go(start // SLOT, due, turn)
        elif what == "base":
            self.state.authors.settle(due)
            self.watch.close(start, due, turn)
        elif what == "revise":
            self.watch.revise(due, turn)
        elif what == "tend":
            self.watch.tend(due, turn)
        elif what == TIMER:
            self.deadlines.settle(start, due, turn)
        else:
            self.watch.look(BY_NAME[what], start, due, turn)
        self.watch.arm(turn)

    def drop(self, due: int, what: str, start: int, turn: Turn) -> None:
        """Give up what a timer that breaks was to close."""
        self.state.changed.add("desk")
        if what in self.state.windows:
            self.state.windows[what].drop(start, due)
        elif what == "authors":
            self.state.authors.drop(start // SLOT)
        elif what == "base":
            self.watch.drop(start, due, turn)
        elif what == "revise":
            self.state.desk.revise = None
        elif what == "tend":
            self.state.desk.alerts.tended = due
        elif what == TIMER:
            self.deadlines.drop(start, due, turn)
        else:
            turn.remind(due + HOUR, self.brand, what, start + HOUR)

    def _let_go(self, slot: int, due: int, turn: Turn) -> None:
        """Count what was held, and take back what was taken back meanwhile, as long as all is open that closes then."""
        with turn.as_of(due - 1):
            for mention, held, taken_back in self.state.authors.let_go(slot, due):
                read = read_of(mention.mention)
                self._count(mention, read, self.desks.at(read), turn, held)
                if taken_back is not None:
                    self.retract(taken_back, turn)

    def _close_trend(self, windows: Windows, start: int, due: int, turn: Turn) -> None:
        length = windows.length.length
        closed = start + length + LATENESS
        late = windows.length.name != "minute" and due != closed
        was_quiet = late and self.rolls(start, start + length, closed, turn)
        window = windows.close(start, due, zero_was_emitted=was_quiet)
        if window is None:
            return
        known = turn.coverage.known(start, start + length)
        desk = self.desks.at(due)
        turn.emit(Spoken(self.brand, windows.length, start, window.revision, due, known, desk.counted, window.emitted))
        if desk.lookers and due == closed and windows.length.name == "day":
            self._wake(desk, total(window.emitted).get("mentions", 0), start + length, turn)

    def _wake(self, desk: Desk, mentions: int, end: int, turn: Turn) -> None:
        """A day that ended at `end` had so many mentions: monitors may want to look back from now on."""
        for monitor in desk.lookers:
            if monitor.wakes(self.state.monitors[monitor.name], mentions, end):
                self.state.changed.add(monitor.name)
                self.watch.look_next(monitor, turn)

    def always_rolls(self, turn: Turn) -> bool:
        """Whether every window of the partition's is told for this brand: the common case."""
        return self.desks.is_one and self.desks.latest.monitors == MONITORS and self.state.desk.since <= turn.since

    def rolls(self, start: int, end: int, due: int, turn: Turn) -> bool:
        """Whether the window [start, end) is told even if nothing is said in it: if we looked for the brand."""
        return max(turn.since, self.state.desk.since) < end and self.desks.at(due).looked_for

    def set_timers(self, turn: Turn) -> None:
        """Set all timers that the state implies, after a restart."""
        for what, windows in self.state.windows.items():
            for due, start in windows.waiting():
                turn.remind(due, self.brand, what, start)
        for due in self.state.authors.waiting():
            turn.remind(due, self.brand, "authors", due - LATENESS)
        self.deadlines.set_timers(turn)
        self.watch.set_timers(turn)


def is_watched(mention: BrandMention) -> bool:
    """Whether alerts may hang on it: not on what is muted, doubtful, or older than listening."""
    return not (mention.mention.backfill or mention.muted or mention.certainty == "doubtful")
