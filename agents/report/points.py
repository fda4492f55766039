"""The lines of a report as points: windows added up at a scale that fits the history."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from agents.runtime.records import Records
from listener.coverage import Coverage
from listener.trends import Quiet
from listener.windows import Counts, total
from schemas.times import DAY, HOUR

MOST_POINTS = 360  # of a line: a screen shows no more
HOURS_UP_TO = 45 * DAY
STEPS = {HOUR: (1, 2, 3, 4, 6, 12, 24), DAY: (1, 2, 3, 4, 7, 14, 28, 91, 182, 364, 3640)}
LEAST_KNOWN = 0.1  # of a point: a rate over six minutes of an hour says nothing about the hour
LEAST_SCORED = 10  # in a point of the share: one angry night owl is no 100 %


class Scale(NamedTuple):
    """`start` to `end` is what was listened to, in ms; a point is `step` ms, counted by windows of `window` ms."""

    start: int
    end: int
    window: int
    step: int

    @property
    def first(self) -> int:
        """Where the first point begins."""
        return self.start - self.start % self.step

    @property
    def points(self) -> int:
        """How many points there are."""
        return -((self.first - self.end) // self.step)


class Point(NamedTuple):
    """What was counted in [`start`, `end`) ms, of which `heard` ms were listened to."""

    start: int
    end: int
    heard: int
    mentions: int
    scored: int
    negative: int

    @property
    def known(self) -> bool:
        """Whether enough of it was listened to for a rate."""
        return self.heard >= LEAST_KNOWN * (self.end - self.start)


def scale_of(coverage: Coverage) -> Scale | None:
    """Hours for what is short, days for what is long, several of them a point where there would be too many."""
    if not coverage.union:
        return None
    start, end = coverage.union[0][0], coverage.union[-1][1] + 1
    window = HOUR if end - start <= HOURS_UP_TO else DAY
    scales = [Scale(start, end, window, window * step) for step in STEPS[window]]
    return next((scale for scale in scales if scale.points <= MOST_POINTS), scales[-1])


class Points:
    """The windows of all brands, added up to points."""

    def __init__(self, records: Records, scale: Scale) -> None:
        self.scale = scale
        self._heard: dict[str, Counter[int]] = defaultdict(Counter)
        self._sums: dict[str, dict[int, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
        told: dict[str, set[int]] = defaultdict(set)
        for window in records.windows(scale.window):  # those in which something was said come first
            if isinstance(window, Quiet):
                for brand in window.brands:
                    if window.start not in told[brand]:
                        self._heard[brand][self._place(window.start)] += round(window.known * scale.window)
            else:
                told[window.brand].add(window.start)
                place = self._place(window.start)
                self._heard[window.brand][place] += round(window.known * scale.window)
                self._sums[window.brand][place].update(total(window.sums))

    def _place(self, start: int) -> int:
        return (start - self.scale.first) // self.scale.step

    def points(self, brand: str) -> tuple[Point, ...]:
        """A brand's points, in order."""
        first, step = self.scale.first, self.scale.step
        heard, sums = self._heard[brand], self._sums[brand]
        return tuple(
            _point(first + place * step, step, heard[place], sums.get(place, {})) for place in range(self.scale.points)
        )

    def sums(self, brand: str) -> Counts:
        """A brand's sums over all."""
        whole: Counter[str] = Counter()
        for counts in self._sums[brand].values():
            whole.update(counts)
        return dict(sorted(whole.items()))


def _point(start: int, step: int, heard: int, counts: Mapping[str, int]) -> Point:
    mentions, scored, negative = (counts.get(name, 0) for name in ("mentions", "scored", "negative"))
    return Point(start, start + step, heard, mentions, scored, negative)


def share_points(points: tuple[Point, ...]) -> tuple[Point, ...]:
    """Points joined until each holds enough that was scored for a share to mean something; never across a gap."""
    return tuple(point for run in stretches(points) for point in _enough(run))


def _enough(run: list[Point]) -> list[Point]:
    joined: list[Point] = []
    waiting: list[Point] = []
    for point in run:
        waiting.append(point)
        if sum(one.scored for one in waiting) >= LEAST_SCORED:
            joined.append(_sum(waiting))
            waiting = []
    if not waiting:
        return joined
    return [*joined[:-1], _sum([*joined[-1:], *waiting])]


def _sum(points: list[Point]) -> Point:
    sums = [sum(values) for values in list(zip(*points, strict=True))[2:]]
    return Point(points[0].start, points[-1].end, *sums)


def stretches(points: Iterable[Point]) -> Iterator[list[Point]]:
    """The points that hang together: what is unknown between them is not drawn."""
    run: list[Point] = []
    for point in points:
        if point.known:
            run.append(point)
        elif run:
            yield run
            run = []
    if run:
        yield run
