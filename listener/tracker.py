"""One brand's desk: every mention of the brand comes by here, is counted, and may end in an alert.

Mentions are counted twice: in trend windows by the time they were written (`windows.py`, may be revised), and in
detection windows of five minutes by the time they were read (`detection.py`, judged once: what changes a window that
is closed corrects the alerts that were judged on it, and what the monitors keep of it). What to count and what to think
of it is the monitors' business. What is retracted is counted once more, with the other sign.

A window asks, when it begins, to be closed: `turn.remind` puts a timer into the heap of the partition, which calls
`fire` when the time told by pulses has passed it (`partition.py`). What the monitors find in a closed window becomes
the events of an alert, opened to resolved, in `alerts/lifecycle.py`.
"""

from collections.abc import Iterable
from functools import partial
from typing import Any

from listener.alerts.evidence import explained, heard_of, repeats_of
from listener.alerts.level import Heard
from listener.alerts.lifecycle import Alerts
from listener.alerts.upkeep import Upkeep
from listener.authors import SLOT, Authors, author_of
from listener.desk import Desk, DeskState, come_into_force, desks_of, set_clock, sitting_since
from listener.detection import (
    LATENESS,
    Cause,
    Changes,
    Gone,
    OpenWindow,
    belongs_to,
    example_ids,
    is_closed,
    keep_example,
)
from listener.monitors import BY_NAME, MONITORS
from listener.monitors.monitor import BASE, BaseWindow, Change, Finding, Monitor, Past
from listener.passed_on import PassedOn, concerns
from listener.remembered import Remembered, Sample
from listener.threads import read_of
from listener.trends import Spoken
from listener.turn import Turn
from listener.windows import LENGTHS, Counts, Windows, add_up, total
from schemas.alert import Alert, Judged, Stage
from schemas.brand_mention import BrandMention
from schemas.command import Command
from schemas.retraction import Retraction
from schemas.settings import BrandSettings
from schemas.times import DAY, HOUR, to_ms

CHANGES_WITHIN = 2 * DAY  # an alert is corrected for a day, and was judged on the day before


class Tracker:
    """The desk of one brand. It has no clock: its partition's time comes in with each turn."""

    def __init__(self, brand: str) -> None:
        self.brand = brand
        self.state = DeskState()
        self.windows: dict[str, Windows] = {length.name: Windows(length, LATENESS) for length in LENGTHS}
        self.monitor_states: dict[str, Any] = {monitor.name: monitor.state() for monitor in MONITORS}
        self.authors = Authors(LATENESS)
        self.said = Remembered()
        self.changed: set[str] = set()
        self.arrange()

    def arrange(self) -> None:
        """Set up what follows from the state."""
        self.desks = desks_of(self.state)
        self.alerts = Alerts(self.brand, self.state.alerts, self._heard)
        self.upkeep = Upkeep(self.alerts)

    def configure(self, settings: BrandSettings, turn: Turn) -> None:
        """Settings come into force at their time. The same ones again change nothing."""
        if not come_into_force(self.state, settings):
            return
        self.changed.add("desk")
        self.arrange()
        self.upkeep.arm(self.desks[-1], turn)

    def obey(self, command: Command, turn: Turn) -> None:
        """Do what a person wants done with alerts, and say what came of it.

        Their clock may be ahead of the log's, where that is history or lags: then it is done now.
        """
        at = to_ms(command.at) if turn.now is None else min(to_ms(command.at), turn.now)
        for said in self.alerts.obey(command, at, self.desk(at)):
            turn.emit(said)
            if isinstance(said, Alert) and said.verdict is not None:
                self._learn(said)
        self.changed.add("desk")
        self.upkeep.arm(self.desks[-1], turn)

    def _learn(self, judged: Alert) -> None:
        """A person has judged an alert: its rule may learn from that."""
        for monitor in MONITORS:
            state, false = self.monitor_states[monitor.name], judged.verdict == "false alarm"
            if judged.rule in monitor.rules and monitor.learn(state, judged.rule, to_ms(judged.since), mistaken=false):
                self.changed.add(monitor.name)

    def desk(self, at: int) -> Desk:
        """The desk as it was at `at` ms: settings hold for what is read or due after their time."""
        desks = self.desks
        return desks[0] if len(desks) == 1 else next((desk for desk in desks[:0:-1] if desk.at < at), desks[0])

    def observe(self, mention: BrandMention, turn: Turn) -> None:
        """Count a mention. A doubtful one may have to wait until it is known who wrote it (`authors.py`)."""
        source = mention.mention
        read = to_ms(source.ingested_at or source.created_at)
        desk = self.desk(read)
        if mention.certainty == "doubtful":
            due = self.authors.holds(mention, read, turn.now)
            if due is not None:
                turn.remind(due, self.brand, "authors", due - LATENESS)
                return
            mention = self.authors.judged(mention, author_of(source), read, turn.now)
        elif desk.ambiguous or self.authors.wary:
            self.authors.note(mention, read, ambiguous=desk.ambiguous)
        self._count(mention, read, desk, turn)

    def _count(self, mention: BrandMention, read: int, desk: Desk, turn: Turn, by: bytes | None = None) -> None:
        """Count a mention; what is doubtful or muted in trends alone. `by` is who wrote it if it was held."""
        source = mention.mention
        written = to_ms(source.created_at)
        counts = desk.counts_of(mention)
        self.changed.add("desk")
        if not self._count_trends(written, read, source.platform or "unknown", counts, turn):
            self.state.too_old += 1
        if source.backfill or mention.muted or mention.certainty == "doubtful":
            return
        start = read - read % BASE
        belongs = start
        if source.caught_up or mention.first_read is not None:
            belongs = belongs_to(mention, written, read)
        if belongs < start or is_closed(start, turn.now):
            self._add_to(belongs, read, mention, counts, turn, by)
            return
        window = self._open(start, turn)
        window.sample.note(mention, read, by)
        for name, count in counts.items():
            window.counts[name] = window.counts.get(name, 0) + count
        for monitor in desk.judges:
            example = monitor.example(mention)
            if example is None:
                continue
            keep_example(window.examples, *example, source.id)
            window.gone.pop(source.id, None)  # an edited post that still weighs
            if example.rule not in monitor.early:
                continue
            base = self._base_window(monitor, start, window, desk, turn)
            self._tell(self.alerts.early(monitor.observe(self.monitor_states[monitor.name], base, read), desk), turn)
        for monitor in desk.followers if desk.followers and window.passed_on.note(mention) else ():
            base = self._base_window(monitor, start, window, desk, turn)
            self._tell(self.alerts.early(monitor.passed_on(self.monitor_states[monitor.name], base, read), desk), turn)

    def retract(self, retraction: Retraction, turn: Turn) -> None:
        """Take back what a mention had added, whatever has happened since.

        Trends are revised, or lose it before they are told. Detection knows of it from the window on in which that was
        read: then it goes from an open window, from what the monitors keep, and from what alerts were judged on. An
        example that goes is not replaced, since only the weightiest are known. What a baseline has learned of closed
        hours it keeps: the post was said then, and that it went says nothing of what is normal. It is counted by the
        settings of its time as they are known now: of more than eight changes since, by the oldest known.
        """
        trace = retraction.trace
        source = trace.mention
        written = to_ms(source.created_at)
        read = to_ms(source.ingested_at) if source.ingested_at else written
        if trace.certainty == "doubtful":
            if self.authors.takes_back(retraction, read):
                return
            trace = self.authors.counted(trace, read)
        at = max(read, to_ms(retraction.at))
        desk = self.desk(read)
        counts = {name: -count for name, count in desk.counts_of(trace).items()}
        self.changed.add("desk")
        if not self._count_trends(written, at, source.platform or "unknown", counts, turn):
            self.state.unretractable += 1
        if source.backfill or trace.muted or trace.certainty == "doubtful":
            return
        self._sample(at, turn).take_back(trace)
        if desk.followers and concerns(trace):
            self._passed_on(at, turn).take_back(trace)
        gone: Gone = {source.id: None} if desk.heeds(trace) else {}
        belongs = belongs_to(trace, written, read)
        if belongs == at - at % BASE and not is_closed(belongs, turn.now):
            window = self._open(belongs, turn)
            add_up(window.counts, counts)
            window.gone |= gone
            return
        cause: Cause = "edited" if retraction.because == "edited" else "deleted"
        self._change(belongs, at, Changes({cause: counts}, {}, gone), turn)

    def _sample(self, read: int, turn: Turn) -> Sample:
        """Where to remember what is read at `read`: with its window, or by itself if that is closed."""
        start = read - read % BASE
        return self.said.late if is_closed(start, turn.now) else self._open(start, turn).sample

    def _passed_on(self, read: int, turn: Turn) -> PassedOn:
        """Where to note what is read at `read`: with its window, or the one that is open now if that is closed."""
        at = turn.now if turn.now is not None and is_closed(read - read % BASE, turn.now) else read
        return self._open(at - at % BASE, turn).passed_on

    def _tell(self, alerts: Iterable[Alert], turn: Turn) -> None:
        """Put out alerts, each with its evidence."""
        for alert in alerts:
            week = self.desk(to_ms(alert.at)).week
            turn.emit(explained(alert, self.said, self.state.open.values(), self.windows["hour"], turn.coverage, week))

    def _heard(self, judged: Judged, stage: Stage) -> Heard:
        still_open = [window.sample for window in self.state.open.values()] if stage == "early" else []
        return heard_of(judged, self.said, still_open)

    def _count_trends(self, written: int, read: int, platform: str, counts: Counts, turn: Turn) -> bool:
        """Whether any trend takes it."""
        counted = False
        for what, windows in self.windows.items():
            if (place := windows.add(written, read, platform, counts, turn.now)) is not None:
                counted, (due, start, first) = True, place
                if first:
                    turn.remind(due, self.brand, what, start)
        return counted

    def _open(self, start: int, turn: Turn) -> OpenWindow:
        if start not in self.state.open:
            self.state.open[start] = OpenWindow()
            turn.remind(start + BASE + LATENESS, self.brand, "base", start)
        return self.state.open[start]

    def _add_to(
        self, start: int, read: int, mention: BrandMention, counts: Counts, turn: Turn, by: bytes | None
    ) -> None:
        """Count a mention in the earlier window to which it belongs, or in one that is closed already."""
        if start < read - CHANGES_WITHIN:
            return
        source = mention.mention
        cause: Cause = "edited" if mention.first_read is not None else "caught up" if source.caught_up else "late"
        self.state.late += is_closed(read - read % BASE, turn.now)
        self._sample(read, turn).note(mention, start, by)
        if self.desk(read).followers and concerns(mention):
            self._passed_on(read, turn).note(mention)
        changes = Changes({cause: counts})
        for example in self.desk(read).examples_of(mention):
            keep_example(changes.examples, *example, source.id)
        self._change(start, read, changes, turn)

    def _change(self, start: int, at: int, changes: Changes, turn: Turn) -> None:
        """Change an earlier window by what was read at `at`: when the window of that is closed, or now if it is."""
        reading = at - at % BASE
        if turn.now is None or not is_closed(reading, turn.now):
            self._open(reading, turn).earlier.setdefault(start, Changes()).take_in(changes)
            return
        if self._correct(start, changes, turn.now, self.desk(turn.now)) and self.state.revise is None:
            self.state.revise = turn.now - turn.now % BASE + BASE + LATENESS
            turn.remind(self.state.revise, self.brand, "revise", 0)

    def _correct(self, start: int, changes: Changes, at: int, desk: Desk) -> bool:
        """Correct what was judged on a closed window. Whether alerts have to tell of it."""
        counts, caught_up = changes.net(), "caught up" in changes.counts
        change = Change(start, counts, example_ids(changes.examples, changes.gone), changes.gone, caught_up)
        for monitor in desk.judges:
            if monitor.amend(self.monitor_states[monitor.name], change):
                self.changed.add(monitor.name)
        wanted = self.alerts.forget(changes.gone)
        for cause, sums in changes.counts.items():
            wanted = self.alerts.correct(start, cause, sums, at) or wanted
        return wanted

    def fire(self, due: int, what: str, start: int, turn: Turn) -> None:
        """Do what is due: close a window, or tell what late mentions changed."""
        if len(self.desks) > 1 and set_clock(self.desk(due), self.desks, self.state, self.monitor_states):
            self.changed |= {"desk", *self.monitor_states}
        if what == "authors":  # comes first: of timers of one time, the heap gives the least name
            self._let_go(start // SLOT, due, turn)
        elif what == "base":
            self._close_detection(start, due, turn)
        elif what == "revise":
            self.state.revise = None
            self.changed.add("desk")
            self._tell(self.alerts.revise(due, self.desk(due)), turn)
        elif what == "tend":
            self.changed.add("desk")
            self.upkeep.tend(due, self.desk(due), turn)
        elif what in self.windows:
            self._close_trend(self.windows[what], start, due, turn)
            return
        else:
            self._look(BY_NAME[what], start, due, turn)
        self.upkeep.arm(self.desks[-1], turn)

    def drop(self, due: int, what: str, start: int, turn: Turn) -> None:
        """Give up what a timer that breaks was to close."""
        self.changed.add("desk")
        if what == "authors":
            self.authors.drop(start // SLOT)
        elif what == "base":
            del self.state.open[start]
            self._stay_awake(start, self.desk(due), turn)
        elif what == "revise":
            self.state.revise = None
        elif what == "tend":
            self.state.alerts.tended = due
        elif what in self.windows:
            self.windows[what].drop(start, due)
        else:
            turn.remind(due + HOUR, self.brand, what, start + HOUR)

    def _let_go(self, slot: int, due: int, turn: Turn) -> None:
        """Count what was held, and take back what was taken back meanwhile, as long as all is open that closes then."""
        with turn.as_of(due - 1):
            for mention, by, taken_back in self.authors.let_go(slot, due):
                read = read_of(mention.mention)
                self._count(mention, read, self.desk(read), turn, by)
                if taken_back is not None:
                    self.retract(taken_back, turn)

    def _close_detection(self, start: int, due: int, turn: Turn) -> None:
        window = self.state.open.pop(start)
        desk = self.desk(due)
        self.changed.add("desk")
        self.authors.settle(due)
        if window.gone or window.earlier or self.state.alerts.early:
            self._correct_earlier(window, due, desk, turn)
        self.said.take_in(window.sample, start, self.alerts.open)
        found: list[Finding] = []
        heard = any(window.counts.values())
        base: BaseWindow | None = None
        for monitor in desk.judges:
            state = self.monitor_states[monitor.name]
            if heard or monitor.awake(state) or (window.passed_on and monitor in desk.followers):
                if base is None or len(self.desks) > 1:  # at one desk all have listened since the same time
                    base = self._base_window(monitor, start, window, desk, turn)
                found += monitor.due(state, base, due)
                self.changed.add(monitor.name)
        if found or self.state.alerts.early:
            self._tell(self.alerts.final(found, due, desk), turn)
        self._tell(self.alerts.abandon(desk.watched, due, desk), turn)
        self._stay_awake(start, desk, turn)

    def _correct_earlier(self, window: OpenWindow, due: int, desk: Desk, turn: Turn) -> None:
        """Correct earlier windows by what was read in this one, before it is judged."""
        wanted = self.alerts.forget(window.gone)
        for start, changes in sorted(window.earlier.items(), key=lambda entry: entry[0]):
            wanted = self._correct(start, changes, due, desk) or wanted
        if wanted:
            self._tell(self.alerts.revise(due, desk), turn)

    def _stay_awake(self, start: int, desk: Desk, turn: Turn) -> None:
        """While a monitor waits for the end of something, the next window comes even if nothing is said in it."""
        if any(monitor.awake(self.monitor_states[monitor.name]) for monitor in desk.judges):
            self._open(start + BASE, turn)

    def _base_window(self, monitor: Monitor[Any], start: int, window: OpenWindow, desk: Desk, turn: Turn) -> BaseWindow:
        examples = example_ids(window.examples, window.gone)
        since = max(turn.since, sitting_since(self.desks, monitor, start + BASE + LATENESS, self.state.since))
        rest = turn.coverage.known, desk.budget, window.passed_on, desk.week
        still_open = [window.sample for window in self.state.open.values()] if start in self.state.open else []
        repeats = partial(repeats_of, self.said, still_open)
        return BaseWindow(start, start + BASE, window.counts, examples, since, *rest, repeats)

    def _look(self, monitor: Monitor[Any], end: int, due: int, turn: Turn) -> None:
        """Let a monitor look back at the hours up to `end`."""
        desk = self.desk(due)
        self.changed.add("desk")
        if monitor not in desk.lookers:
            self.monitor_states[monitor.name] = monitor.state()
            self.changed.add(monitor.name)
            self._tell(self.alerts.abandon(desk.watched, due, desk), turn)
            return
        state = self.monitor_states[monitor.name]
        since = max(turn.since, sitting_since(self.desks, monitor, due, self.state.since))
        hours = self.windows["hour"]
        lost, days = turn.coverage.lost(end), self.windows["day"].sums
        known, heard_since = turn.coverage.known, turn.heard_since
        past = Past(end, since, hours.mentions, known, heard_since, lost, desk.week, days, desk.budget)
        found = list(monitor.look(state, past, due))
        self.changed.add(monitor.name)
        if found:
            self._tell(self.alerts.final(found, due, desk), turn)
        self._look_next(monitor, turn)

    def _look_next(self, monitor: Monitor[Any], turn: Turn) -> None:
        end = monitor.next_look(self.monitor_states[monitor.name])
        if end is not None:
            turn.remind(end + LATENESS, self.brand, monitor.name, end)

    def _close_trend(self, windows: Windows, start: int, due: int, turn: Turn) -> None:
        length = windows.length.length
        closed = start + length + LATENESS
        late = windows.length.name != "minute" and due != closed
        was_quiet = late and self.rolls(start, start + length, closed, turn)
        window = windows.close(start, due, zero_was_emitted=was_quiet)
        if window is None:
            return
        known = turn.coverage.known(start, start + length)
        desk = self.desk(due)
        turn.emit(Spoken(self.brand, windows.length, start, window.revision, due, known, desk.counted, window.emitted))
        if desk.lookers and due == closed and windows.length.name == "day":
            mentions = total(window.emitted).get("mentions", 0)
            for monitor in desk.lookers:
                if monitor.wakes(self.monitor_states[monitor.name], mentions, start + length):
                    self.changed.add(monitor.name)
                    self._look_next(monitor, turn)

    def always_rolls(self, turn: Turn) -> bool:
        """Whether every window of the partition's is told for this brand: the common case."""
        return len(self.desks) == 1 and self.desks[0].monitors == MONITORS and self.state.since <= turn.since

    def rolls(self, start: int, end: int, due: int, turn: Turn) -> bool:
        """Whether the window [start, end) is told even if nothing is said in it: if we looked for the brand."""
        return max(turn.since, self.state.since) < end and self.desk(due).looked_for

    def set_timers(self, turn: Turn) -> None:
        """Set all timers that the state implies, after a restart."""
        for what, windows in self.windows.items():
            for due, start in windows.waiting():
                turn.remind(due, self.brand, what, start)
        for start in self.state.open:
            turn.remind(start + BASE + LATENESS, self.brand, "base", start)
        if self.state.revise is not None:
            turn.remind(self.state.revise, self.brand, "revise", 0)
        for due in self.authors.waiting():
            turn.remind(due, self.brand, "authors", due - LATENESS)
        for monitor in MONITORS:
            self._look_next(monitor, turn)
        self.upkeep.arm(self.desks[-1], turn)
