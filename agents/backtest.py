"""What would have been raised on somebody's own history: when, why, and whether the budget was kept."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from msgspec.structs import replace

from agents.budget import raised, verdict
from agents.configuration import Configuration, Storage
from agents.console import TerminalWatcher
from agents.exits import fail
from agents.report.found import read_found
from agents.report.page import write_report
from agents.runtime.embedded import Embedded, Outcome
from agents.runtime.records import Records
from agents.service import run
from agents.sources.paths import source_for
from agents.stop import Stop
from listener.alerts.urgency import CRISES
from listener.coverage import Coverage
from listener.harmless import harmless
from listener.judgement import share_limit_of
from listener.windows import total
from schemas.alert import Alert
from schemas.settings import Brand
from schemas.times import DAY, from_ms, to_ms

MONTH = 30 * DAY
WIDTH = 72  # columns of the chart
LEVELS = "▁▂▃▄▅▆▇█"
UNKNOWN, NOTHING = "·", " "  # nobody listened; nothing was said
WARNING, CRITICAL = "^", "!"
SHOWN_ALERTS = 200  # of one brand, on the page


class Collected(TerminalWatcher):
    """Shows how far it is, and keeps alerts and the mentions of each day instead of showing them."""

    def __init__(self) -> None:
        super().__init__()
        self.alerts: list[Alert] = []
        self.days: dict[str, dict[int, int]] = {}

    def committed(self, outcome: Outcome) -> None:
        """Keep what a step brought; a day that is revised counts as it was told last."""
        self.alerts += outcome.alerts
        for window in outcome.spoken:
            if window.length.name == "day":
                self.days.setdefault(window.brand, {})[window.start] = total(window.sums).get("mentions", 0)


class Stretch(NamedTuple):
    """The history that was judged, in ms, and what of it was listened to."""

    start: int
    end: int
    coverage: Coverage

    @property
    def months(self) -> float:
        """How long was listened, in months of 30 days."""
        return self.coverage.known(self.start, self.end) * (self.end - self.start) / MONTH


def backtest_history(
    configuration: Configuration, files: list[str], watcher: Collected, report: Path | None = None
) -> list[str]:
    """Send `files` through the rules, and tell what would have been raised, brand by brand; a page of it if asked."""
    sources = tuple(source_for(configuration, file) for file in files)
    stop = Stop()
    stop.listen()
    with TemporaryDirectory(prefix="listener-backtest-") as scratch:
        database = Storage(path=str(Path(scratch) / "listener.db"))
        lane = run(replace(configuration, sources=sources, storage=database), watcher, stop, whole=True)
        if stop:
            fail("the backtest was stopped", 1)
        coverage = lane.partition.state.clock.coverage
        if not coverage.union:
            fail("nothing could be read: `listener replay --out FOLDER` writes down why", 1)
        stretch = Stretch(coverage.union[0][0], coverage.union[-1][1], coverage)
        if report is not None:
            _write_page(configuration, lane, watcher, stretch, report)
    return list(_told(configuration, watcher, stretch))


def _write_page(
    configuration: Configuration, lane: Embedded, watcher: Collected, stretch: Stretch, report: Path
) -> None:
    with Records(lane.store.path) as records:
        found = read_found(records, configuration.settings(), stretch.coverage, lane.counts, SHOWN_ALERTS)
    verdicts = {
        brand.id: verdict(brand, raised(watcher.alerts, brand.id), stretch.months) for brand in configuration.brands
    }
    write_report(found._replace(verdicts=verdicts), report)


def _told(configuration: Configuration, watcher: Collected, stretch: Stretch) -> Iterator[str]:
    yield (
        f"{from_ms(stretch.start):%Y-%m-%d %H:%M} to {from_ms(stretch.end):%Y-%m-%d %H:%M} UTC, "
        f"{stretch.months:.1f} months listened to"
    )
    for brand in configuration.brands:
        alerts = [alert for alert in watcher.alerts if alert.brand == brand.id and alert.stage == "final"]
        yield from told_of(brand, alerts, watcher.days.get(brand.id, {}), stretch)


def told_of(brand: Brand, alerts: list[Alert], days: Mapping[int, int], stretch: Stretch) -> Iterator[str]:
    """One brand: how often it would have been raised against the budget, a chart, and each alert with its reason."""
    told = raised(alerts, brand.id)
    yield ""
    yield f"{harmless(brand.name)}: {verdict(brand, told, stretch.months).told()}"
    yield from chart(days, told, stretch)
    ends = [alert for alert in alerts if alert.event == "resolved"]
    for alert in told:
        end = next((end for end in ends if end.id == alert.id and end.sequence > alert.sequence), None)
        lasted = "not over at the end" if end is None else f"until {end.at:%Y-%m-%d %H:%M}"
        yield f"{alert.at:%Y-%m-%d %H:%M} {alert.event:<9} {alert.severity:<8} {alert.rule}, {lasted}"
        yield f"    {harmless(alert.summary)}"
        if alert.rule in CRISES and alert.judged is not None:
            yield (
                f"    by chance so many {alert.judged.chance_of_count:.1g}, so large a share "
                f"{alert.judged.chance_of_share:.1g}; it fires where these are below {alert.judged.each_limit:.1g} and "
                f"{share_limit_of(alert.judged):.1g}, and both together below {alert.judged.both_limit:.1g}, as "
                f"{alert.judged.baseline_hours / 24:.0f} days of history set it"
            )


def chart(days: Mapping[int, int], alerts: list[Alert], stretch: Stretch) -> Iterator[str]:
    """Mentions a day as one line of bars, and below it where alerts were raised; each column is a day or several."""
    first, last = stretch.start // DAY, (stretch.end - 1) // DAY
    width = -(-(last - first + 1) // WIDTH)
    columns = [range(day, min(day + width, last + 1)) for day in range(first, last + 1, width)]
    counts = [sum(days.get(day * DAY, 0) for day in column) / len(column) for column in columns]
    most = max(counts)
    bars, marks = "", ""
    for column, count in zip(columns, counts, strict=True):
        known = stretch.coverage.known(column[0] * DAY, (column[-1] + 1) * DAY)
        bars += (
            LEVELS[min(len(LEVELS) - 1, int(count / most * len(LEVELS)))] if count else NOTHING if known else UNKNOWN
        )
        found = [one for one in alerts if to_ms(one.at) // DAY in column and one.severity != "notice"]
        critical = any(alert.severity == "critical" for alert in found)
        marks += CRITICAL if critical else WARNING if found else NOTHING
    each = "a day" if width == 1 else f"{width} days"
    yield f"  {bars.rstrip()}  mentions a day, at most {most:,.1f}; a column is {each}"
    if alerts:
        yield f"  {marks.rstrip()}"
