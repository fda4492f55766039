"""A generated brand before the product's own desk: counts of five minutes go in as closed detection windows.

What closes a window, judges it and makes alerts of it is the tracker's; only the counting of single mentions is left
out, so a year takes seconds. Time, coverage and timers are those of a partition that hears everything.
"""

from collections.abc import Iterator

from listener.coverage import Coverage
from listener.detection import LATENESS, OpenWindow
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

    def watch(self, traffic: Traffic) -> list[Alert]:
        """All events of alerts that the traffic brings."""
        end = START + len(traffic.mentions) * BASE
        self.turn.coverage = Coverage(union=[(START, end + HOUR)])
        for start, counts in windows_of(traffic):
            self._close_until(start)
            self.tracker.state.open[start] = OpenWindow(counts)
            self._close(start)
        self._close_until(end)
        events = [output for output in self.turn.outputs if isinstance(output, Alert)]
        self.turn.outputs.clear()
        return events

    def _close_until(self, end: int) -> None:
        """Close what the monitors keep open while nothing is said."""
        while self.tracker.state.open and (start := min(self.tracker.state.open)) < end:
            self._close(start)

    def _close(self, start: int) -> None:
        due = start + BASE + LATENESS
        self.turn.now = due
        self.tracker.fire(due, "base", start, self.turn)
        self.turn.timers.clear()


def raised(events: list[Alert]) -> list[Alert]:
    """What people are called for: an alert that opens, or opens again; not what waits for the next day's digest."""
    return [e for e in events if e.event in RAISING and e.stage == "final" and e.severity != "notice"]


def minutes_after(alert: Alert, start: int) -> float:
    """From `start` (ms) to when it was told."""
    return (to_ms(alert.at) - start) / 60_000
