"""A generated brand before the product's own desk: counts of five minutes go in as closed detection windows.

What closes a window, judges it and makes alerts of it is the tracker's; only the counting of single mentions is left
out, so a year takes seconds. Time, coverage and timers are those of a partition that hears everything. Who asks for
early looks gets them where mentions would have called for them: the mentions of a window lie in an order that is drawn,
each by somebody else.
"""

from collections.abc import Iterator
from random import Random

from listener.coverage import Coverage
from listener.detection import LATENESS, OpenWindow
from listener.monitors import MONITORS
from listener.monitors.monitor import BASE
from listener.tracker import Tracker
from listener.turn import Turn
from listener.windows import Counts
from schemas.alert import Alert
from schemas.settings import Brand, BrandSettings
from schemas.times import HOUR, from_ms, to_ms
from tests.bench._traffic import START, Traffic

SEED = 0x20B01C1  # the commit in which the traffic landed; benches take what follows it
RAISING = ("opened", "reopened")
EARLY = {"sentiment": "negative", "severity": "grave"}  # what each monitor with early looks counts


def settings_of(budget: float) -> BrandSettings:
    """A brand whose people want so many pages a month."""
    brand = Brand(id="acme", name="Acme", budget=budget)
    return BrandSettings(version="1", id="acme", brand=brand, at=from_ms(START))


def windows_of(traffic: Traffic) -> Iterator[tuple[int, Counts]]:
    """(start, counts) of each window in which anything was said, as the monitors count it."""
    columns = (traffic.mentions, traffic.negative, traffic.positive, traffic.severe)
    for place, (mentions, negative, positive, severe) in enumerate(zip(*(c.tolist() for c in columns), strict=True)):
        if not mentions:
            continue
        counts = {"mentions": mentions, "untagged": mentions, "scorable": mentions, "scored": mentions}
        some = {"negative": negative, "positive": positive, "severe": severe, "grave": severe}
        counts |= {name: count for name, count in some.items() if count}
        yield START + place * BASE, counts


class Watched:
    """One brand's tracker, in front of which traffic passes."""

    def __init__(self, budget: float, settings: BrandSettings | None = None) -> None:
        self.tracker = Tracker("acme")
        self.turn = Turn()
        self.turn.since = START
        self.tracker.configure(settings or settings_of(budget), self.turn)

    def watch(self, traffic: Traffic, early: Random | None = None) -> list[Alert]:
        """All events of alerts that the traffic brings; early warnings where it is drawn how mentions come."""
        end = START + len(traffic.mentions) * BASE
        self.turn.coverage = Coverage(union=[(START, end + HOUR)])
        for start, counts in windows_of(traffic):
            self._close_until(start)
            if early is not None:
                self._look_early(start, counts, early)
            self.tracker.state.desk.open[start] = OpenWindow(counts)
            self._close(start)
        self._close_until(end)
        events = [output for output in self.turn.outputs if isinstance(output, Alert)]
        self.turn.outputs.clear()
        return events

    def _look_early(self, start: int, counts: Counts, draw: Random) -> None:
        """Let monitors look at the window as it is after each mention that they count."""
        tracker, mentions = self.tracker, counts["mentions"]
        for monitor in MONITORS:
            counted = EARLY.get(monitor.name, "")
            state = tracker.state.monitors[monitor.name]
            for number, place in enumerate(sorted(draw.sample(range(mentions), counts.get(counted, 0))), 1):
                everyone = dict.fromkeys(("mentions", "scorable", "scored"), place + 1)
                window, read = OpenWindow({**everyone, counted: number}), start + (place + 1) * BASE // (mentions + 1)
                desk = tracker.desks.at(read)
                base = tracker.watch.seen_by(monitor, start, window, desk, self.turn)
                self.turn.emit_all(tracker.watch.alerts.early(monitor.observe(state, base, read), desk))

    def _close_until(self, end: int) -> None:
        """Close what the monitors keep open while nothing is said."""
        while self.tracker.state.desk.open and (start := min(self.tracker.state.desk.open)) < end:
            self._close(start)

    def _close(self, start: int) -> None:
        due = start + BASE + LATENESS
        self.turn.now = due
        self.tracker.fire(due, "base", start, self.turn)
        self.turn.timers.clear()


def raised(events: list[Alert]) -> list[Alert]:
    """What people are called for: an alert that opens, or opens again; not what waits for the next day's digest."""
    return [e for e in events if e.event in RAISING and e.stage == "final" and e.severity != "notice"]


def warned(events: list[Alert]) -> list[Alert]:
    """The early warnings that people are called for."""
    return [e for e in events if (e.event, e.stage) == ("opened", "early") and e.severity != "notice"]


def taken_back(events: list[Alert]) -> list[Alert]:
    """The ends of those that the closed window did not confirm: people were called for nothing."""
    return [e for e in events if (e.event, e.stage) == ("resolved", "early") and e.reason.startswith("not confirmed")]


def minutes_after(alert: Alert, start: int) -> float:
    """From `start` (ms) to when it was told."""
    return (to_ms(alert.at) - start) / 60_000
