"""What a report is made of: each brand's figures at a scale that fits the history, and the episodes of its alerts."""

from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from agents.runtime.store import Store
from listener.coverage import Coverage
from listener.trends import Quiet
from listener.windows import Counts, total
from schemas.alert import Alert
from schemas.brand_mention import BrandMention
from schemas.dead_letter import DeadLetter
from schemas.heartbeat import Interval
from schemas.settings import Settings
from schemas.times import DAY, HOUR, to_ms

MOST_POINTS = 360  # of a line: a screen shows no more
HOURS_UP_TO = 45 * DAY
STEPS = {HOUR: (1, 2, 3, 4, 6, 12, 24), DAY: (1, 2, 3, 4, 7, 14, 28, 91, 182, 364, 3640)}
LEAST_KNOWN = 0.1  # of a point: a rate over six minutes of an hour says nothing about the hour
LEAST_SCORED = 10  # in a point of the share: one angry night owl is no 100 %
SHOWN_EPISODES = 20  # of one brand, the newest
SHOWN_REFUSED = 5


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


class Episode(NamedTuple):
    """An alert from when it was opened, or opened again, until it was resolved, with warnings that came before it."""

    events: tuple[Alert, ...]
    before: tuple[Alert, ...]
    examples: tuple[BrandMention, ...]

    @property
    def opened(self) -> Alert:
        """The event that began it."""
        return self.events[0]

    @property
    def until(self) -> int | None:
        """When it was over, in ms; None while it is not."""
        return next((to_ms(event.at) for event in self.events if event.event == "resolved"), None)

    @property
    def critical(self) -> bool:
        """Whether it ever was."""
        return any(event.severity == "critical" for event in self.events)

    @property
    def early(self) -> bool:
        """Whether it is a warning that no final verdict confirmed."""
        return self.opened.stage == "early"


class BrandFound(NamedTuple):
    """A brand: its points, those of its share (longer where little was scored), its sums, and its alerts."""

    id: str
    name: str
    points: tuple[Point, ...]
    shares: tuple[Point, ...]
    sums: Counts
    heard: int
    episodes: tuple[Episode, ...]
    hidden: int  # episodes that are older and not among them

    @property
    def attention(self) -> tuple[int, int, int, float, int, str]:
        """What sorts brands: what is open, what was critical, what was raised, the worst share, the most spoken of."""
        final = [episode for episode in self.episodes if not episode.early]
        scored, negative = self.sums.get("scored", 0), self.sums.get("negative", 0)
        return (
            -sum(episode.until is None for episode in final),
            -sum(episode.critical for episode in final),
            -len(final),
            -(negative / scored if scored else 0.0),
            -self.sums.get("mentions", 0),
            self.id,
        )


class Found(NamedTuple):
    """All that a report tells. `gaps` are stretches in ms that no source listened to; `counts` are those of the run."""

    scale: Scale | None
    sources: dict[str, tuple[Interval, ...]]
    gaps: tuple[tuple[int, int], ...]
    counts: dict[str, int]
    refused: tuple[DeadLetter, ...]  # the first few
    settings: str
    brands: tuple[BrandFound, ...]


def read_found(
    store: Store, settings: Settings, sources: Mapping[str, tuple[Interval, ...]], counts: Mapping[str, int]
) -> Found:
    """What a store holds, the brands that need attention first."""
    coverage = Coverage()
    for source, intervals in sorted(sources.items()):
        coverage.hear(source, [(to_ms(start), to_ms(end)) for start, end in intervals])
    scale = scale_of(coverage)
    names = {brand.id: brand.name for brand in settings.brands}
    episodes = _episodes(store)
    names |= {brand: brand for brand in sorted(episodes) if brand not in names}
    points = _Points(store, scale) if scale else None
    found = [_brand(id_, name, points, episodes.get(id_, [])) for id_, name in names.items()]
    return Found(
        scale=scale,
        sources={name: sources[name] for name in sorted(sources)},
        gaps=tuple((end, start) for (_, end), (start, _) in zip(coverage.union, coverage.union[1:], strict=False)),
        counts=dict(counts),
        refused=tuple(islice(store.dead_letters(), SHOWN_REFUSED)),
        settings=settings.version,
        brands=tuple(sorted(found, key=lambda brand: brand.attention)),
    )


def scale_of(coverage: Coverage) -> Scale | None:
    """Hours for what is short, days for what is long, several of them a point where there would be too many."""
    if not coverage.union:
        return None
    start, end = coverage.union[0][0], coverage.union[-1][1] + 1
    window = HOUR if end - start <= HOURS_UP_TO else DAY
    scales = [Scale(start, end, window, window * step) for step in STEPS[window]]
    return next((scale for scale in scales if scale.points <= MOST_POINTS), scales[-1])


class _Points:
    """The windows of all brands, added up to points."""

    def __init__(self, store: Store, scale: Scale) -> None:
        self.scale = scale
        self._heard: dict[str, Counter[int]] = defaultdict(Counter)
        self._sums: dict[str, dict[int, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
        told: dict[str, set[int]] = defaultdict(set)
        for window in store.windows(scale.window):  # those in which something was said come first
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


def _brand(id_: str, name: str, made: _Points | None, episodes: list[Episode]) -> BrandFound:
    points = made.points(id_) if made else ()
    return BrandFound(
        id=id_,
        name=name,
        points=points,
        shares=share_points(points),
        sums=made.sums(id_) if made else {},
        heard=sum(point.heard for point in points),
        episodes=tuple(episodes[-SHOWN_EPISODES:]),
        hidden=max(0, len(episodes) - SHOWN_EPISODES),
    )


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


def _episodes(store: Store) -> dict[str, list[Episode]]:
    """The episodes of each brand, in the order of their beginning."""
    runs: dict[str, list[list[Alert]]] = {}
    for alert in store.alerts():
        of_alert = runs.setdefault(alert.id, [])
        if alert.event in ("opened", "reopened") or not of_alert:
            of_alert.append([])
        of_alert[-1].append(alert)
    final = [events for id_ in sorted(runs) for events in runs[id_] if events[0].stage == "final"]
    before: dict[int, list[Alert]] = {}
    unconfirmed = []
    for events in (events for id_ in sorted(runs) for events in runs[id_] if events[0].stage == "early"):
        confirmed = _confirmed_by(events[0], final)
        if confirmed is None:
            unconfirmed.append(events)
        else:
            before.setdefault(confirmed, []).extend(events)
    found: dict[str, list[Episode]] = {}
    for place, events in enumerate([*final, *unconfirmed]):
        opened = events[0]
        episode = Episode(tuple(events), tuple(before.get(place, ())), tuple(store.examples(opened)))
        insort(found.setdefault(opened.brand, []), episode, key=lambda one: (one.opened.at, one.opened.id))
    return found


def _confirmed_by(early: Alert, final: list[list[Alert]]) -> int | None:
    """The place of the first episode of the alert that it warned of."""
    alert = early.id.removesuffix("-early")
    return next((n for n, events in enumerate(final) if events[0].id == alert and events[0].at >= early.at), None)


def known_share(brand: BrandFound, scale: Scale) -> float:
    """The share of the history that was listened to, in [0, 1]."""
    return min(1.0, brand.heard / (scale.end - scale.start))


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
