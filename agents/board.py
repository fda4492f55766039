"""The board of `listener run`: what is said about each brand right now, and how the sources do.

It is drawn from what the steps have told; nothing is counted for it mention by mention. What nobody listened to is
a dot, not a zero.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from rich.cells import cell_len
from rich.console import Group, JustifyMethod
from rich.table import Table
from rich.text import Text

from agents.lately import Lately
from agents.notify import NotifyState
from agents.open_alerts import OpenAlerts
from agents.plugged_reader import outcomes_of
from agents.runtime.embedded import Embedded, Outcome
from agents.watcher import SourceState
from listener.detection import LATENESS
from listener.harmless import harmless
from listener.plural import many
from schemas.alert import Severity
from schemas.times import DAY, HOUR, MINUTE, SECOND, from_ms

BARS = 24
STEPS = ((3 * HOUR, HOUR, HOUR), (40 * MINUTE, 5 * MINUTE, MINUTE), (0, MINUTE, MINUTE))  # heard in the last day, bar
ROOM_ABOVE = 6  # lines, for alerts
LEAST_ROWS = 3
SHOWN_SOURCES = 5
LEAST_KNOWN = 0.1
SAID = ("answered", "abstained")
GAP, LEAST_NAME = 2, 8  # columns
JUSTIFIED: tuple[JustifyMethod, ...] = ("left", "right", "right", "left", "right")
FEW = 10  # a share of fewer is dim
LEVELS, PLAIN_LEVELS = "▁▂▃▄▅▆▇█", "_.-=+*%#"


class Bars(NamedTuple):
    """The bars of the lines: `number` of them of `step` ms from `start`, counted by windows of `window` ms."""

    window: int
    step: int
    start: int
    number: int

    def bounds(self, place: int) -> tuple[int, int]:
        """From when to when a bar goes."""
        return self.start + place * self.step, self.start + (place + 1) * self.step


class Row(NamedTuple):
    """A brand on the board. `known` is the share of the last hour that was listened to, in [0, 1]."""

    name: str
    bars: tuple[int | None, ...]
    mentions: int
    scored: int
    negative: int
    doubtful: int
    known: float
    critical: int
    warnings: int
    notices: int

    @property
    def activity(self) -> tuple[int, int, int, int]:
        """What sorts rows: critical alerts, warnings, what is said in the last hour, and in all bars."""
        return -self.critical, -self.warnings, -self.mentions, -sum(bar or 0 for bar in self.bars)


class Board:
    """What there is to show, and how it is drawn."""

    def __init__(self) -> None:
        self._lane: Embedded | None = None
        self._lately = Lately()
        self._open = OpenAlerts()
        self._sources: Sequence[SourceState] = ()
        self._asked: dict[str, dict[str, int]] = {}  # plugged-in scorers, in the last step in which they were to score
        self._notified = NotifyState((), (), 0)
        self.doing = ""

    def opened(self, lane: Embedded) -> None:
        """Take up what the last run has left."""
        self._lane = lane
        self._lately.take_up(lane.partition)
        self._open.take_up(lane.partition)

    def note(self, outcome: Outcome) -> None:
        """Take in what a step has told."""
        self._lately.note(outcome.spoken)
        self._asked |= outcomes_of(outcome.detected)
        for alert in outcome.alerts:
            self._open.note(alert)

    def sources(self, states: Sequence[SourceState]) -> None:
        """Take in how the sources do."""
        self._sources = states

    def notified(self, state: NotifyState) -> None:
        """Take in how the receivers do."""
        self._notified = state

    def drawn(self, wall: int, width: int, height: int, *, plain: bool = False) -> Group:
        """The board as of `wall` ms, for a terminal of so many columns and lines; `plain` if it has only ASCII."""
        head = Text(self._head(wall), style="bold", no_wrap=True, overflow="crop")
        lane, now = self._lane, self._now
        if lane is None or now is None:
            return Group(head)
        sources = [*self._source_lines(lane, wall), *_scorer_lines(self._asked), *_notify_lines(self._notified, wall)]
        rows = self._rows(lane, now, width)
        room = max(LEAST_ROWS, height - ROOM_ABOVE - len(sources) - 3)
        parts: list[Text | Table] = [head, _table(rows[:room], _span(bars_at(lane, now, width)), width, plain=plain)]
        if len(rows) > room:
            parts.append(Text(f"and {len(rows) - room:,} more brands, less spoken of", style="dim", no_wrap=True))
        return Group(*parts, *sources)

    @property
    def _now(self) -> int | None:
        return None if self._lane is None else self._lane.partition.state.clock.now

    def _head(self, wall: int) -> str:
        now = self._now
        if self._lane is None or now is None:
            return self.doing or "listener"
        late = wall - now
        time, behind = ("%H:%M", f"{ago(late)} behind") if late < DAY else ("%Y-%m-%d %H:%M", "in history")
        heard = self._lane.partition.state.clock.coverage.known(now - HOUR, now)
        told = (f"{from_ms(now):{time}} UTC", behind, f"{heard:.0%} of 1 h heard", self.doing)
        return ", ".join(part for part in told if part)

    def _rows(self, lane: Embedded, now: int, width: int) -> list[Row]:
        coverage = lane.partition.state.clock.coverage
        bars = bars_at(lane, now, width)
        end = (now - LATENESS) // MINUTE * MINUTE
        known = coverage.known(end - HOUR, end)
        heard = [coverage.known(*bars.bounds(place)) >= LEAST_KNOWN for place in range(bars.number)]
        rows = []
        for brand in lane.detector.brands.settings.brands:
            said = self._lately.said(brand.id, MINUTE, end - HOUR, end)
            counts = (
                self._lately.said(brand.id, bars.window, *bars.bounds(place)).mentions if there else None
                for place, there in enumerate(heard)
            )
            of = Counter[Severity]()
            for (_, severity), count in self._open.of(brand.id).items():
                of[severity] += count
            alerts = of["critical"], of["warning"], of["notice"]
            rows.append(Row(harmless(brand.name), tuple(counts), *said, known, *alerts))
        return sorted(rows, key=lambda row: row.activity)

    def _source_lines(self, lane: Embedded, wall: int) -> list[Text]:
        if self._sources:
            lines = [_source_line(state, wall) for state in islice(self._sources, SHOWN_SOURCES)]
            more = len(self._sources) - len(lines)
        else:
            heard = {name: covered[-1][1] for name, covered in lane.detector.coverage.items() if covered}
            names = sorted(heard)[:SHOWN_SOURCES]
            lines = [_line(f"{harmless(name)}: heard to {heard[name]:%Y-%m-%d %H:%M}") for name in names]
            more = len(heard) - len(lines)
        return [*lines, _line(f"and {more:,} more sources")] if more else lines


def bars_at(lane: Embedded, now: int, width: int) -> Bars:
    """The last day by hours; two hours, or the last minutes, for who has begun to listen today."""
    heard = lane.partition.state.clock.coverage.known(now - DAY, now) * DAY
    step, window = next((step, window) for least, step, window in STEPS if heard >= least)
    end = (now - LATENESS) // step * step
    number = BARS if width >= 72 else BARS // 2
    return Bars(window, step, end - number * step, number)


def _span(bars: Bars) -> str:
    return f"last {ago(bars.number * bars.step)}"


def _table(rows: list[Row], span: str, width: int, *, plain: bool) -> Table:
    """All columns as wide as what is in them but the names, which get what is left."""
    told = [
        (_bars_told(row.bars, plain=plain), _rate(row), _negative(row), _alerts(row), _in_doubt(row)) for row in rows
    ]
    heads = (span, "1 h", "negative", "alerts", "in doubt")
    widths = [max(len(text) for text in (head, *cells)) for head, *cells in zip(heads, *told, strict=True)]
    left = width - sum(widths) - GAP * len(widths)
    if left < LEAST_NAME or not any(row.doubtful for row in rows):
        left += widths.pop() + GAP
    longest = max((cell_len(row.name) for row in rows), default=0)
    table = Table(box=None, padding=(0, GAP, 0, 0), pad_edge=False)
    table.add_column("brand", no_wrap=True, overflow="crop", width=max(LEAST_NAME, min(left, longest)))
    for head, wide, justify in zip(heads, widths, JUSTIFIED, strict=False):
        table.add_column(head, no_wrap=True, overflow="crop", min_width=wide, justify=justify)
    for row, cells in zip(rows, told, strict=True):
        table.add_row(Text(row.name, style="bold" if row.critical else ""), *cells[: len(widths)])
    return table


def _bars_told(bars: tuple[int | None, ...], *, plain: bool) -> Text:
    levels = PLAIN_LEVELS if plain else LEVELS
    most = max((bar or 0 for bar in bars), default=0) or 1
    told = Text()
    for bar in bars:
        if bar is None:
            told.append("?" if plain else "·", "dim")
        else:
            told.append(levels[-(-bar * (len(levels) - 1) // most)], "cyan" if bar else "dim")
    return told


def _rate(row: Row) -> Text:
    if not row.known:
        return Text("unknown", "dim")
    if row.known < LEAST_KNOWN:
        return Text(f"{row.mentions:,} in {row.known * HOUR / MINUTE:.0f} min")
    return Text(f"{row.mentions / row.known:,.0f}")


def _negative(row: Row) -> Text:
    if not row.scored:
        return Text("none scored", "dim")
    return Text(f"{row.negative / row.scored:.0%} of {row.scored:,}", "dim" if row.scored < FEW else "")


def _in_doubt(row: Row) -> Text:
    """Of all that used its name in the last hour."""
    whole = row.mentions + row.doubtful
    return Text(f"{row.doubtful / whole:.0%} of {whole:,}" if row.doubtful else "", "dim")


def _alerts(row: Row) -> Text:
    if not row.critical and not row.warnings:
        return Text(many(row.notices, "notice") if row.notices else "", "dim")
    if not row.critical:
        return Text(many(row.warnings, "warning"), "yellow")
    told = Text(f"{row.critical} critical", "bold red")
    return told.append(f" +{row.warnings}", "yellow") if row.warnings else told


def _source_line(state: SourceState, wall: int) -> Text:
    line = _line(f"{harmless(state.name)}: ")
    line.append(harmless(state.state), "green" if state.up else "bold red")
    if state.since is not None:
        line.append(f" for {ago(wall - state.since)}")
    if state.behind is not None:
        line.append(f", {ago(state.behind)} behind")
    line.append(f", {many(state.records, 'record')}")
    return line


def _scorer_lines(asked: Mapping[str, Mapping[str, int]]) -> Iterator[Text]:
    """Only those that did not answer."""
    for scorer, outcomes in sorted(asked.items()):
        missing = [f"{count:,} {outcome}" for outcome, count in outcomes.items() if outcome not in SAID]
        if missing:
            line = _line(f"scorer {harmless(scorer)}: ")
            line.append(", ".join(missing), "bold red")
            yield line.append(f" of the last {many(sum(outcomes.values()), 'text')}")


def _notify_lines(state: NotifyState, wall: int) -> Iterator[Text]:
    """The receivers that fail, and the pages that are open."""
    for receiver in state.receivers:
        if receiver.trouble:
            line = _line(f"receiver {harmless(receiver.name)}: ")
            line.append(harmless(receiver.trouble), "bold red")
            yield line.append(f" for {ago(wall - (receiver.since or wall))}")
    if state.open or state.waiting:
        silenced = sum(bool(told.silenced) for told in state.open)
        told = f"told: {many(len(state.open), 'open alert')}" + (
            f", {silenced} silenced in Alertmanager" if silenced else ""
        )
        yield _line(told + (f"; {many(state.waiting, 'page')} to be told" if state.waiting else ""))


def _line(text: str) -> Text:
    return Text(text, no_wrap=True, overflow="crop")


def ago(ms: int) -> str:
    """A length of time in its largest unit."""
    for unit, name in ((DAY, "d"), (HOUR, "h"), (MINUTE, "min")):
        if ms >= 2 * unit:
            return f"{ms // unit} {name}"
    return f"{max(0, ms) // SECOND} s"
