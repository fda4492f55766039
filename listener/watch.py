"""The watch over one brand: detection windows, what monitors find in them, and the alerts that follow from that.

A window is judged once, when it is closed. What changes one that is closed corrects the alerts that were judged on it,
and what the monitors keep of it (`detection.py`). What the monitors find becomes the events of an alert, opened to
resolved, in `alerts/lifecycle.py`.
"""

from collections.abc import Iterable
from functools import partial
from typing import Any

from listener.alerts.evidence import explained, heard_of, repeats_of
from listener.alerts.level import Heard
from listener.alerts.lifecycle import Alerts
from listener.alerts.upkeep import Upkeep
from listener.authors import Held
from listener.desk import Desk, Desks
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
from listener.monitors import MONITORS
from listener.monitors.monitor import BASE, BaseWindow, Change, Finding, Monitor, Past
from listener.outcome import Outcome
from listener.passed_on import PassedOn, concerns
from listener.remembered import Sample
from listener.remembered_post import Post
from listener.tracker_state import TrackerState
from listener.turn import Turn
from listener.windows import Counts, add_up
from schemas.alert import Alert, Judged, Stage
from schemas.brand_mention import BrandMention
from schemas.command import Command
from schemas.retraction import Because
from schemas.times import DAY, to_ms

CHANGES_WITHIN = 2 * DAY  # an alert is corrected for a day, and was judged on the day before


class Watch:
    """What the desks of a brand make of what was read, window by window."""

    def __init__(self, brand: str, state: TrackerState, desks: Desks) -> None:
        self._brand = brand
        self._state = state
        self._desks = desks
        self._open = state.desk.open
        self.alerts = Alerts(brand, state.desk.alerts, self._heard)
        self._upkeep = Upkeep(self.alerts)

    def arm(self, turn: Turn) -> None:
        """Ask to be called when something is due for an open alert."""
        self._upkeep.arm(self._desks.latest, turn)

    def obey(self, command: Command, turn: Turn) -> None:
        """Do what a person wants done with alerts, and say what came of it.

        Their clock may be ahead of the log's, where that is history or lags: then it is done now.
        """
        self._state.changed.add("desk")
        at = to_ms(command.at) if turn.now is None else min(to_ms(command.at), turn.now)
        for said in self.alerts.obey(command, at, self._desks.at(at)):
            turn.emit(said)
            if isinstance(said, Alert) and said.verdict is not None:
                self._learn(said)
        self.arm(turn)

    def _learn(self, judged: Alert) -> None:
        """A person has judged an alert: its rule may learn from that."""
        for monitor in MONITORS:
            state, false = self._state.monitors[monitor.name], judged.verdict == "false alarm"
            if judged.rule in monitor.rules and monitor.learn(state, judged.rule, to_ms(judged.since), mistaken=false):
                self._state.changed.add(monitor.name)

    def count(
        self, mention: BrandMention, read: int, counts: Counts, desk: Desk, turn: Turn, held: Held | None = None
    ) -> None:
        """Count a mention in the window to which it belongs, and look whether that is reason to warn early.

        Of what was `held` that says what its trace does not.
        """
        source = mention.mention
        belongs = start = read - read % BASE
        if source.caught_up or mention.first_read is not None:
            belongs = belongs_to(mention, to_ms(source.created_at), read)
        if belongs < start or is_closed(start, turn.now):
            self._count_earlier(belongs, read, mention, counts, turn, held)
            return
        by, said = _kept(held)
        window = self._window(start, turn)
        window.sample.note(mention, read, desk.name, said)
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
            base = self.seen_by(monitor, start, window, desk, turn)
            self._tell(self.alerts.early(monitor.observe(self._state.monitors[monitor.name], base, read), desk), turn)
        spreads = bool(desk.followers) and window.passed_on.note(mention, by)
        for monitor in desk.followers if spreads else ():
            base = self.seen_by(monitor, start, window, desk, turn)
            self._tell(self.alerts.early(monitor.passed_on(self._state.monitors[monitor.name], base, read), desk), turn)

    def _count_earlier(
        self, start: int, read: int, mention: BrandMention, counts: Counts, turn: Turn, held: Held | None
    ) -> None:
        """Count a mention in the earlier window to which it belongs, or in one that is closed already."""
        if start < read - CHANGES_WITHIN:
            return
        source = mention.mention
        cause: Cause = "edited" if mention.first_read is not None else "caught up" if source.caught_up else "late"
        self._state.desk.late += is_closed(read - read % BASE, turn.now)
        desk, (by, said) = self._desks.at(read), _kept(held)
        self._sample(read, turn).note(mention, start, desk.name, said)
        if desk.followers and concerns(mention):
            self._passed_on(read, turn).note(mention, by)
        changes = Changes({cause: counts})
        for example in desk.examples_of(mention):
            keep_example(changes.examples, *example, source.id)
        self._change(start, read, changes, turn)

    def take_back(
        self, trace: BrandMention, read: int, at: int, counts: Counts, because: Because, desk: Desk, turn: Turn
    ) -> None:
        """Take back at `at` what was read at `read`, by the desk of that time; `counts` are negative.

        It goes from an open window, from what the monitors keep, and from what alerts were judged on. An example that
        goes is not replaced, since only the weightiest are known. What a baseline has learned of closed hours it keeps:
        the post was said then, and that it went says nothing of what is normal.
        """
        source = trace.mention
        self._sample(at, turn).take_back(trace)
        if desk.followers and concerns(trace):
            self._passed_on(at, turn).take_back(trace)
        gone: Gone = {source.id: None} if desk.heeds(trace) else {}
        belongs = belongs_to(trace, to_ms(source.created_at), read)
        if belongs == at - at % BASE and not is_closed(belongs, turn.now):
            window = self._window(belongs, turn)
            add_up(window.counts, counts)
            window.gone |= gone
            return
        cause: Cause = "edited" if because == "edited" else "deleted"
        self._change(belongs, at, Changes({cause: counts}, {}, gone), turn)

    def count_outcome(self, outcome: Outcome, turn: Turn) -> None:
        """Count what time has made of a mention in the window that it belongs to."""
        at, read = outcome.at, outcome.read
        changes = Changes({outcome.cause: outcome.counts}, {}, {} if outcome.gone is None else {outcome.gone: None})
        if outcome.example is not None:
            keep_example(changes.examples, *outcome.example)
        if at == read - read % BASE and not is_closed(at, turn.now):
            self._window(at, turn).settle(changes)
        else:
            self._change(at, read, changes, turn)

    def _window(self, start: int, turn: Turn) -> OpenWindow:
        if start not in self._open:
            self._open[start] = OpenWindow()
            turn.remind(start + BASE + LATENESS, self._brand, "base", start)
        return self._open[start]

    def _sample(self, read: int, turn: Turn) -> Sample:
        """Where to remember what is read at `read`: with its window, or by itself if that is closed."""
        start = read - read % BASE
        return self._state.said.late if is_closed(start, turn.now) else self._window(start, turn).sample

    def _passed_on(self, read: int, turn: Turn) -> PassedOn:
        """Where to note what is read at `read`: with its window, or the one that is open now if that is closed."""
        at = turn.now if turn.now is not None and is_closed(read - read % BASE, turn.now) else read
        return self._window(at - at % BASE, turn).passed_on

    def _change(self, start: int, at: int, changes: Changes, turn: Turn) -> None:
        """Change an earlier window by what was read at `at`: when the window of that is closed, or now if it is."""
        reading = at - at % BASE
        if turn.now is None or not is_closed(reading, turn.now):
            self._window(reading, turn).earlier.setdefault(start, Changes()).take_in(changes)
            return
        desk = self._state.desk
        if self._correct(start, changes, turn.now, self._desks.at(turn.now)) and desk.revise is None:
            desk.revise = turn.now - turn.now % BASE + BASE + LATENESS
            turn.remind(desk.revise, self._brand, "revise", 0)

    def _correct(self, start: int, changes: Changes, at: int, desk: Desk) -> bool:
        """Correct what was judged on a closed window. Whether alerts have to tell of it."""
        counts, caught_up = changes.net(), "caught up" in changes.counts
        change = Change(start, counts, example_ids(changes.examples, changes.gone), changes.gone, caught_up)
        for monitor in desk.judges:
            if monitor.amend(self._state.monitors[monitor.name], change):
                self._state.changed.add(monitor.name)
        wanted = self.alerts.forget(changes.gone)
        for cause, sums in changes.counts.items():
            wanted = self.alerts.correct(start, cause, sums, at) or wanted
        return wanted

    def close(self, start: int, due: int, turn: Turn) -> None:
        """Judge a window."""
        self._state.changed.add("desk")
        window = self._open.pop(start)
        desk = self._desks.at(due)
        if window.gone or window.earlier or self._state.desk.alerts.early:
            self._correct_earlier(window, due, desk, turn)
        self._state.said.take_in(window.sample, start, self.alerts.open)
        found = self._judge(start, window, due, desk, turn)
        if found or self._state.desk.alerts.early:
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

    def _judge(self, start: int, window: OpenWindow, due: int, desk: Desk, turn: Turn) -> list[Finding]:
        """What each monitor finds that has something to look at."""
        found: list[Finding] = []
        heard = any(window.counts.values())
        base: BaseWindow | None = None
        for monitor in desk.judges:
            state = self._state.monitors[monitor.name]
            comes = (window.passed_on and monitor in desk.followers) or (window.outcomes and monitor in desk.waiters)
            if heard or comes or monitor.awake(state):
                if base is None or not self._desks.is_one:  # at one desk all have listened since the same time
                    base = self.seen_by(monitor, start, window, desk, turn)
                found += monitor.due(state, base, due)
                self._state.changed.add(monitor.name)
        return found

    def drop(self, start: int, due: int, turn: Turn) -> None:
        """Give up a window that breaks whoever judges it."""
        del self._open[start]
        self._stay_awake(start, self._desks.at(due), turn)

    def _stay_awake(self, start: int, desk: Desk, turn: Turn) -> None:
        """While a monitor waits for the end of something, the next window comes even if nothing is said in it."""
        if any(monitor.awake(self._state.monitors[monitor.name]) for monitor in desk.judges):
            self._window(start + BASE, turn)

    def seen_by(self, monitor: Monitor[Any], start: int, window: OpenWindow, desk: Desk, turn: Turn) -> BaseWindow:
        """The window that begins at `start` as a monitor sees it."""
        examples = example_ids(window.examples, window.gone)
        since = max(turn.since, self._desks.sitting_since(monitor, start + BASE + LATENESS))
        counts = {**window.counts, **window.outcomes} if window.outcomes else window.counts
        rest = turn.coverage.known, desk.budget, window.passed_on, desk.week, partial(self._repeats, start)
        return BaseWindow(start, start + BASE, counts, examples, since, *rest, turn.heard_since)

    def _repeats(self, start: int, counted: str, observed: int, begin: int, end: int) -> int:
        """As `BaseWindow.repeats`. Asked for seldom: there may be a thousand open windows where pulses lag."""
        still_open = [window.sample for window in self._open.values()] if start in self._open else []
        return repeats_of(self._state.said, still_open, counted, observed, begin, end)

    def revise(self, due: int, turn: Turn) -> None:
        """Tell of corrections that came too late for any window."""
        self._state.changed.add("desk")
        self._state.desk.revise = None
        self._tell(self.alerts.revise(due, self._desks.at(due)), turn)

    def tend(self, due: int, turn: Turn) -> None:
        """Do what is due for open alerts."""
        self._state.changed.add("desk")
        self._upkeep.tend(due, self._desks.at(due), turn)

    def look(self, monitor: Monitor[Any], end: int, due: int, turn: Turn) -> None:
        """Let a monitor look back at the hours up to `end`."""
        desk, state = self._desks.at(due), self._state
        state.changed |= {"desk", monitor.name}
        if monitor not in desk.lookers:
            state.monitors[monitor.name] = monitor.state()
            self._tell(self.alerts.abandon(desk.watched, due, desk), turn)
            return
        since = max(turn.since, self._desks.sitting_since(monitor, due))
        hours, days = state.windows["hour"].mentions, state.windows["day"].sums
        known, lost = turn.coverage.known, turn.coverage.lost(end)
        past = Past(end, since, hours, known, turn.heard_since, lost, desk.week, days, desk.budget)
        found = list(monitor.look(state.monitors[monitor.name], past, due))
        if found:
            self._tell(self.alerts.final(found, due, desk), turn)
        self.look_next(monitor, turn)

    def look_next(self, monitor: Monitor[Any], turn: Turn) -> None:
        """Ask to be called when a monitor wants to look back, if it does."""
        end = monitor.next_look(self._state.monitors[monitor.name])
        if end is not None:
            turn.remind(end + LATENESS, self._brand, monitor.name, end)

    def _tell(self, alerts: Iterable[Alert], turn: Turn) -> None:
        """Put out alerts, each with its evidence."""
        hours, still_open = self._state.windows["hour"], self._open.values()
        for alert in alerts:
            week = self._desks.at(to_ms(alert.at)).week
            turn.emit(explained(alert, self._state.said, still_open, hours, turn.coverage, week, self._name_at))

    def _name_at(self, at: int) -> str:
        return self._desks.at(at).name

    def _heard(self, judged: Judged, stage: Stage) -> Heard:
        still_open = [window.sample for window in self._open.values()] if stage == "early" else []
        return heard_of(judged, self._state.said, still_open)

    def set_timers(self, turn: Turn) -> None:
        """Set all timers that the state implies, after a restart."""
        for start in self._open:
            turn.remind(start + BASE + LATENESS, self._brand, "base", start)
        if self._state.desk.revise is not None:
            turn.remind(self._state.desk.revise, self._brand, "revise", 0)
        for monitor in MONITORS:
            self.look_next(monitor, turn)
        self.arm(turn)


def _kept(held: Held | None) -> tuple[bytes | None, Post | None]:
    """Who wrote a mention and what it said, if it was held: its trace says neither."""
    return (None, None) if held is None else (held.author, held.said)
