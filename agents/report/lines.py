"""A brand's lines as SVG: pure functions from points to markup.

All that stretches with the page lies in an inner drawing 1000 wide; text, hatching and marks lie outside of it, placed
by percent, and keep their size on any screen. What is unknown is hatched and interrupts the lines.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from agents.report.episodes import Episode
from agents.report.escaped import escaped
from agents.report.found import BrandFound, Found
from agents.report.points import Point, Scale, stretches
from listener.chance import share_interval
from schemas.times import DAY, HOUR, MINUTE, from_ms, to_ms

WIDE, HIGH = 1000, 100
TICK_STEPS = (
    MINUTE,
    5 * MINUTE,
    15 * MINUTE,
    HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    *(DAY * n for n in (1, 2, 3, 7, 14)),
)
MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120)
NARROW_TICKS, WIDE_TICKS = 4, 10
NARROW_LABEL, WIDE_LABEL = 28.0, 8.5  # percent that "Apr 2014" takes: on a phone of 320 px, and from 704 px on
MARK_GAP = 12.0  # percent: a mark with its number on such a phone
LEAST_WIDTH = 0.3  # percent: a quarter of an hour in three weeks is to be seen


class Axis(NamedTuple):
    """Places times of a history along a line."""

    start: int
    end: int

    def percent(self, at: int) -> float:
        """Where `at` ms lies, in percent from the left, within the line."""
        return round(100 * min(1.0, max(0.0, (at - self.start) / (self.end - self.start))), 2)

    def x(self, at: int) -> str:
        """The same in the inner drawing."""
        return number(self.percent(at) * WIDE / 100)


def number(value: float) -> str:
    """One decimal, and none that is not needed."""
    return f"{value:.1f}".removesuffix(".0")


def axis_of(scale: Scale) -> Axis:
    """The axis that all lines of a report share."""
    return Axis(scale.start, scale.end)


def nice_top(value: float) -> float:
    """The end of a scale that holds `value`: one digit and zeros."""
    power = 1
    while power * 10 < value:
        power *= 10
    return float(next(digit * power for digit in (1, 2, 3, 4, 5, 6, 8, 10) if digit * power >= value))


def per_unit(point: Point, scale: Scale) -> float:
    """Mentions an hour, or a day in long histories, of the time that was listened to."""
    return point.mentions / (point.heard / scale.window)


def mentions_plot(brand: BrandFound, found: Found, scale: Scale, top: float) -> str:
    """Mentions as a line over an area."""
    axis = axis_of(scale)
    drawn = "".join(_mentions_run(run, axis, scale, top) for run in stretches(brand.points))
    return _plot("mentions", f"Mentions of {brand.name}", _behind(brand, found, axis), drawn)


def shares_plot(brand: BrandFound, found: Found, scale: Scale) -> str:
    """The negative share as a line in its 95 % band."""
    axis = axis_of(scale)
    drawn = "".join(_share_run(run, axis) for run in _touching(brand.shares))
    return _plot("shares", f"Negative share of {brand.name}", _behind(brand, found, axis), drawn)


def spark(brand: BrandFound, found: Found, scale: Scale) -> str:
    """Mentions over the whole history, as small as a word."""
    axis = axis_of(scale)
    top = max((per_unit(point, scale) for point in brand.points if point.known), default=0.0) or 1.0
    drawn = "".join(_path("line", _mentions_line(run, axis, scale, top)) for run in stretches(brand.points))
    return _plot("spark", "", _gaps(found, axis), drawn)


def marks(brand: BrandFound, scale: Scale) -> str:
    """The alerts of a brand by their numbers, above its lines; those that would cover another lie lower."""
    axis = axis_of(scale)
    rows: list[float] = []
    drawn = []
    for place, episode in enumerate(brand.episodes, 1):
        at = axis.percent(to_ms(episode.opened.at))
        row = next((row for row, last in enumerate(rows) if at - last > MARK_GAP), len(rows))
        if row == len(rows):
            rows.append(at)
        rows[row] = at
        drawn.append(_mark(episode, place, at, row))
    if not drawn:
        return ""
    return f'<svg class="marks" width="100%" height="{16 * len(rows)}">{"".join(drawn)}</svg>'


def _mark(episode: Episode, place: int, at: float, row: int) -> str:
    kind = "early" if episode.early else episode.severity
    anchor = ' text-anchor="end"' if at > 90 else ""
    x = -7 if at > 90 else 7
    return (
        f'<a href="#{anchor_of(episode)}" aria-label="alert {place}"><svg x="{at}%" y="{16 * row}" overflow="visible">'
        f'<path class="{kind}" d="M-5 3h10l-5 9z"/><text x="{x}" y="12"{anchor}>{place}</text></svg></a>'
    )


def anchor_of(episode: Episode) -> str:
    """The name of an episode within the page."""
    return f"alert-{episode.opened.id}-{episode.opened.sequence}"


def ticks(scale: Scale) -> str:
    """The times below the lines: few where the page is narrow, more where it is wide."""
    axis = axis_of(scale)
    groups = (("few", NARROW_TICKS, NARROW_LABEL), ("many", WIDE_TICKS, WIDE_LABEL))
    drawn = "".join(f'<g class="{name}">{"".join(_ticks(axis, most, wide))}</g>' for name, most, wide in groups)
    return f'<svg class="ticks" width="100%" height="20" aria-hidden="true">{drawn}</svg>'


def _ticks(axis: Axis, most: int, wide: float) -> Iterator[str]:
    """Each with its label, `wide` percent wide, but for one that would cover the one before."""
    free = 0.0
    for at, label in tick_labels(axis, most):
        x = axis.percent(at)
        anchor, left = ("start", x) if x < 8 else ("end", x - wide) if x > 92 else ("middle", x - wide / 2)
        text = f'<text y="17" text-anchor="{anchor}">{label}</text>' if left >= free or not free else ""
        free = left + wide if text else free
        yield f'<svg x="{x}%" overflow="visible"><path d="M0 0v5"/>{text}</svg>'


def tick_labels(axis: Axis, most: int) -> list[tuple[int, str]]:
    """At most so many times of an axis, each with its label, and at least one."""
    span = axis.end - axis.start
    for step in TICK_STEPS:
        if span / step <= most:
            first = -(-axis.start // step) * step
            return [(at, _tick_label(at, step)) for at in range(first, axis.end, step)]
    for months in MONTH_STEPS:
        found = _months(axis, months)
        if len(found) <= most:
            break
    return found


def _tick_label(at: int, step: int) -> str:
    time = from_ms(at)
    return f"{time.day} {time:%b}" if at % DAY == 0 or step >= DAY else f"{time:%H:%M}"


def _months(axis: Axis, step: int) -> list[tuple[int, str]]:
    begin, end = from_ms(axis.start), from_ms(axis.end)
    months = range(begin.year * 12 + begin.month, end.year * 12 + end.month)  # counted from 0: the one after `begin`
    starts = [datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC) for month in months if month % step == 0]
    return [(to_ms(start), f"{start:%b %Y}") for start in starts]


def _plot(kind: str, label: str, behind: str, drawn: str) -> str:
    named = f'role="img" aria-label="{escaped(label)}"' if label else 'aria-hidden="true"'
    return (
        f'<svg class="plot {kind}" width="100%" {named}>{behind}<svg width="100%" height="100%" '
        f'viewBox="0 0 {WIDE} {HIGH}" preserveAspectRatio="none">{drawn}</svg></svg>'
    )


def _behind(brand: BrandFound, found: Found, axis: Axis) -> str:
    return _gaps(found, axis) + "".join(_incident(episode, axis) for episode in brand.episodes if not episode.early)


def _gaps(found: Found, axis: Axis) -> str:
    """The gaps; one that lies within what is drawn of the one before is drawn with it, so there are a few hundred."""
    drawn, right = [], -1.0
    for start, end in found.gaps:
        if axis.percent(end) > right:
            drawn.append(_rectangle("gap", axis, start, end))
            right = max(axis.percent(start) + LEAST_WIDTH, axis.percent(end))
    return "".join(drawn)


def _incident(episode: Episode, axis: Axis) -> str:
    until = axis.end if episode.until is None else episode.until
    return _rectangle(episode.severity, axis, to_ms(episode.opened.since), until)


def _rectangle(kind: str, axis: Axis, start: int, end: int) -> str:
    left = axis.percent(start)
    width = round(max(LEAST_WIDTH, axis.percent(end) - left), 2)
    return f'<rect class="{kind}" x="{left}%" width="{width}%" height="100%"/>'


def _path(kind: str, line: str) -> str:
    return f'<path class="{kind}" d="{line}"/>'


def _line(places: list[tuple[str, str]]) -> str:
    """A line through places; a place alone is a dot, by the line's round ends."""
    return "M" + "L".join(f"{x} {y}" for x, y in places) + ("h0" if len(places) == 1 else "")


def _mentions_line(run: list[Point], axis: Axis, scale: Scale, top: float) -> str:
    return _line([(_middle(point, axis), _height(per_unit(point, scale) / top)) for point in run])


def _mentions_run(run: list[Point], axis: Axis, scale: Scale, top: float) -> str:
    line = _mentions_line(run, axis, scale, top)
    down = f"V{HIGH}H{_middle(run[0], axis)}Z"
    return (_path("area", line + down) if len(run) > 1 else "") + _path("line", line)


def _touching(points: tuple[Point, ...]) -> Iterator[list[Point]]:
    """What hangs together of points with a share: each point of them begins where the last has ended."""
    run: list[Point] = []
    for point in (point for point in points if point.scored):
        if run and point.start != run[-1].end:
            yield run
            run = []
        run.append(point)
    if run:
        yield run


def _share_run(run: list[Point], axis: Axis) -> str:
    bounds = [(_middle(point, axis), share_interval(point.negative, point.scored)) for point in run]
    high = [(x, _height(bound)) for x, (_, bound) in bounds]
    low = [(x, _height(bound)) for x, (bound, _) in bounds]
    line = _line([(_middle(point, axis), _height(point.negative / point.scored)) for point in run])
    if len(run) == 1:
        return _path("range", f"M{low[0][0]} {low[0][1]}V{high[0][1]}") + _path("line", line)
    return _path("band", _line(high + low[::-1]) + "Z") + _path("line", line)


def _middle(point: Point, axis: Axis) -> str:
    return axis.x((max(point.start, axis.start) + min(point.end, axis.end)) // 2)


def _height(share: float) -> str:
    return number(HIGH * (1 - min(1.0, share)))
