"""One brand's desk: every mention of the brand comes by here, is counted, and may end in an alert.

Mentions are counted twice: in trend windows by the time they were written (`windows.py`, may be revised), and in
detection windows of five minutes by the time they were read (never revised: what comes after its window is closed
corrects the alerts that were judged on it). What to count and what to think of it is the monitors' business.
"""

from bisect import insort
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from listener.alerts.lifecycle import Alerts, AlertState
from listener.monitors import MONITORS
from listener.monitors.monitor import BASE, BaseWindow, Finding, Monitor
from listener.state import Parts, pack, unpack
from listener.turn import Turn
from listener.windows import LENGTHS, Counts, Window, Windows, total
from schemas.brand_mention import BrandMention
from schemas.settings import BrandSettings
from schemas.times import HOUR, SECOND, from_ms, to_ms
from schemas.trend import Figures, Trend

LATENESS = 60 * SECOND
KEPT_EXAMPLES = 5
KEPT_SETTINGS = 8
STATE_VERSION = 1


class OpenWindow(msgspec.Struct):
    """A detection window that is still open: its sums, and by monitor the mentions that weigh most."""

    counts: Counts = {}
    examples: dict[str, list[tuple[tuple[int, int], str]]] = {}


class DeskState(msgspec.Struct):
    """All of a brand's state but its trend windows and monitors.

    `since` is when we began to look for the brand and `revise` when corrections are due, in ms. `late` counts
    mentions too late for their detection window, `too_old` those too old for any trend.
    """

    settings: list[BrandSettings] = []
    since: int = 0
    alerts: AlertState = msgspec.field(default_factory=AlertState)
    open: dict[int, OpenWindow] = {}
    late: int = 0
    too_old: int = 0
    revise: int | None = None


class Desk(NamedTuple):
    """What settings make of a desk: from when on (ms), the brand's name, who sits there."""

    at: int
    version: str
    name: str
    monitors: tuple[Monitor[Any], ...]
    looked_for: bool


NOBODY = Desk(0, "", "", MONITORS, looked_for=True)


class Tracker:
    """The desk of one brand. It has no clock: its partition's time comes in with each turn."""

    def __init__(self, brand: str) -> None:
        self.brand = brand
        self.state = DeskState()
        self.windows: dict[str, Windows] = {length.name: Windows(length, LATENESS) for length in LENGTHS}
        self.monitor_states: dict[str, Any] = {monitor.name: monitor.state() for monitor in MONITORS}
        self.changed: set[str] = set()
        self.arrange()

    def arrange(self) -> None:
        """Set up what follows from the state."""
        self.desks = [_desk(settings) for settings in self.state.settings] or [NOBODY]
        self.alerts = Alerts(self.brand, self.state.alerts)

    def configure(self, settings: BrandSettings) -> None:
        """Settings come into force at their time."""
        if not self.state.settings and settings.at is not None:
            self.state.since = to_ms(settings.at)
        self.state.settings = [*self.state.settings[1 - KEPT_SETTINGS :], settings]
        self.changed.add("desk")
        self.arrange()

    def desk(self, at: int) -> Desk:
        """The desk as it was at `at` ms."""
        found = self.desks[0]
        for desk in self.desks[1:]:
            if desk.at <= at:
                found = desk
        return found

    def observe(self, mention: BrandMention, turn: Turn) -> None:
        """Count a mention."""
        source = mention.mention
        written = to_ms(source.created_at)
        read = to_ms(source.ingested_at) if source.ingested_at else written
        desk = self.desk(read)
        counts: Counts = {}
        for monitor in desk.monitors:
            counts.update(monitor.count(mention))
        self._count_trends(written, read, source.platform or "unknown", counts, turn)
        if source.backfill:
            return
        self.changed.add("desk")
        start = read - read % BASE
        if turn.now is not None and start + BASE + LATENESS <= turn.now:
            self._too_late(read, counts, turn)
            return
        window = self._open(start, turn)
        self._count_detection(window, mention, counts, desk)
        for monitor in desk.monitors:
            base = self._base_window(monitor, start, window, turn)
            for alert in self.alerts.early(monitor.observe(self.monitor_states[monitor.name], base, read), desk):
                turn.emit(alert)

    def _count_trends(self, written: int, read: int, platform: str, counts: Counts, turn: Turn) -> None:
        counted = False
        for what, windows in self.windows.items():
            if not windows.accepts(written, read):
                continue
            counted = True
            due, start, first = windows.add(written, read, platform, counts, turn.now)
            if first:
                turn.remind(due, self.brand, what, start)
        self.state.too_old += not counted

    def _open(self, start: int, turn: Turn) -> OpenWindow:
        window = self.state.open.get(start)
        if window is None:
            window = self.state.open[start] = OpenWindow()
            turn.remind(start + BASE + LATENESS, self.brand, "base", start)
        return window

    def _count_detection(self, window: OpenWindow, mention: BrandMention, counts: Counts, desk: Desk) -> None:
        for name, count in counts.items():
            window.counts[name] = window.counts.get(name, 0) + count
        for monitor in desk.monitors:
            weight = monitor.weight(mention)
            if weight is not None:
                examples = window.examples.setdefault(monitor.name, [])
                insort(examples, (weight, mention.mention.id))
                del examples[KEPT_EXAMPLES:]

    def _too_late(self, read: int, counts: Counts, turn: Turn) -> None:
        self.state.late += 1
        if turn.now is not None and self.alerts.late(read, counts, turn.now) and self.state.revise is None:
            self.state.revise = turn.now - turn.now % BASE + BASE + LATENESS
            turn.remind(self.state.revise, self.brand, "revise", 0)

    def fire(self, due: int, what: str, start: int, turn: Turn) -> None:
        """Do what is due: close a window, or tell what late mentions changed."""
        if what == "base":
            self._close_detection(start, due, turn)
        elif what == "revise":
            self.state.revise = None
            self.changed.add("desk")
            for alert in self.alerts.revise(due, self.desk(due)):
                turn.emit(alert)
        else:
            self._close_trend(self.windows[what], start, due, turn)

    def _close_detection(self, start: int, due: int, turn: Turn) -> None:
        window = self.state.open.pop(start)
        desk = self.desk(due)
        self.changed.add("desk")
        found: list[Finding] = []
        for monitor in desk.monitors:
            state = self.monitor_states[monitor.name]
            if window.counts or monitor.awake(state):
                found += monitor.due(state, self._base_window(monitor, start, window, turn), due)
                self.changed.add(monitor.name)
        for alert in self.alerts.final(found, due, desk):
            turn.emit(alert)
        if any(monitor.awake(self.monitor_states[monitor.name]) for monitor in desk.monitors):
            self._open(start + BASE, turn)

    def _base_window(self, monitor: Monitor[Any], start: int, window: OpenWindow, turn: Turn) -> BaseWindow:
        examples = tuple(example for _, example in window.examples.get(monitor.name, ()))
        since = max(turn.since, self.state.since)
        return BaseWindow(start, start + BASE, window.counts, examples, since, turn.coverage.known)

    def _close_trend(self, windows: Windows, start: int, due: int, turn: Turn) -> None:
        length = windows.length.length
        on_time = due == start + length + LATENESS
        rolled = windows.length.name != "minute" and not on_time and self._rolls(start, length, turn)
        window = windows.close(start, due, zero_was_emitted=rolled)
        windows.forget(due)
        known = turn.coverage.known(start, start + length)
        if known == 0.0 and not window.emitted:
            figures = None
        else:
            figures = read_figures(self.desk(due).monitors, total(window.emitted), known * length / HOUR)
        platforms = {platform: dict(counts) for platform, counts in sorted(window.emitted.items())}
        turn.emit(self._trend(windows, start, due, window.revision, known, figures, platforms))

    def close_quiet(self, what: str, start: int, due: int, known: float, turn: Turn) -> None:
        """Emit the window that begins at `start` as 0, or as unknown, if nothing was said in it."""
        windows = self.windows[what]
        desk = self.desk(due)
        if windows.holds(start) or not desk.looked_for or not self._rolls(start, windows.length.length, turn):
            return
        figures = quiet_figures(desk.monitors, known * windows.length.length / HOUR) if known else None
        turn.emit(self._trend(windows, start, due, 0, known, figures, {}))

    def _rolls(self, start: int, length: int, turn: Turn) -> bool:
        """Whether a window is emitted even if nothing is said in it: from when we look for the brand."""
        first = max(turn.since, self.state.since)
        return start >= first - first % length

    def _trend(
        self,
        windows: Windows,
        start: int,
        due: int,
        revision: int,
        known: float,
        figures: Figures | None,
        platforms: dict[str, Counts],
    ) -> Trend:
        return Trend(
            brand=self.brand,
            window=windows.length.name,
            start=from_ms(start),
            end=from_ms(start + windows.length.length),
            revision=revision,
            due=from_ms(due),
            known=known,
            total=figures,
            platforms=platforms,
        )

    def set_timers(self, turn: Turn) -> None:
        """Set all timers that the state implies, after a restart."""
        for what, windows in self.windows.items():
            for due, start in windows.waiting():
                turn.remind(due, self.brand, what, start)
        for start in self.state.open:
            turn.remind(start + BASE + LATENESS, self.brand, "base", start)
        if self.state.revise is not None:
            turn.remind(self.state.revise, self.brand, "revise", 0)

    def take_changes(self) -> Parts:
        """The parts of the state that changed since the last call, encoded."""
        parts: Parts = {}
        for name in sorted(self.changed):
            part = self.state if name == "desk" else self.monitor_states[name]
            parts[name] = pack(STATE_VERSION, part)
        self.changed.clear()
        for what, windows in self.windows.items():
            for chunk in sorted(windows.changed):
                content = windows.chunks.get(chunk)
                parts[f"{what}/{chunk}"] = pack(STATE_VERSION, content) if content else None
            windows.changed.clear()
        return parts

    def restore(self, name: str, raw: bytes) -> None:
        """Take back one part; `arrange` and `set_timers` when all are there."""
        what, _, chunk = name.partition("/")
        if what == "desk":
            self.state = unpack(raw, DeskState, STATE_VERSION)
        elif chunk:
            self.windows[what].chunks[int(chunk)] = unpack(raw, dict[int, Window], STATE_VERSION)
        else:
            monitor = next(monitor for monitor in MONITORS if monitor.name == what)
            self.monitor_states[what] = unpack(raw, monitor.state, STATE_VERSION)


def _desk(settings: BrandSettings) -> Desk:
    at = to_ms(settings.at) if settings.at else 0
    brand = settings.brand
    if brand is None:
        return Desk(at, settings.version, settings.id, (), looked_for=False)
    monitors = tuple(monitor for monitor in MONITORS if brand.monitors.get(monitor.name, True))
    return Desk(at, settings.version, brand.name, monitors, looked_for=True)


def read_figures(monitors: tuple[Monitor[Any], ...], counts: Counts, hours: float) -> Figures:
    """What each monitor makes of the sums."""
    figures: dict[str, Any] = {monitor.name: monitor.figures(counts, hours) for monitor in monitors}
    return Figures(**figures)


@lru_cache(maxsize=64)
def quiet_figures(monitors: tuple[Monitor[Any], ...], hours: float) -> Figures:
    """What each monitor makes of nothing: the commonest of all figures."""
    return read_figures(monitors, {}, hours)
