"""What a report is made of, read from a store: each brand with its points and its alerts."""

from collections.abc import Mapping
from itertools import islice
from typing import NamedTuple

from agents.budget import Verdict
from agents.report.episodes import Episode, episodes_of
from agents.report.points import Point, Points, Scale, scale_of, share_points
from agents.runtime.records import Records
from listener.coverage import Coverage
from listener.windows import Counts
from schemas.dead_letter import DeadLetter
from schemas.heartbeat import Interval
from schemas.settings import Settings

SHOWN_EPISODES = 20  # of one brand, the newest
SHOWN_REFUSED = 5
NO_BRAND = "All brands"  # what an alert is about that names none, as that of a dead source


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
        final = [episode for episode in self.episodes if not episode.early and episode.severity != "notice"]
        scored, negative = self.sums.get("scored", 0), self.sums.get("negative", 0)
        return (
            -sum(episode.until is None for episode in final),
            -sum(episode.severity == "critical" for episode in final),
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
    verdicts: Mapping[str, Verdict] = {}  # by brand: was its budget kept, where that was asked


def read_found(
    records: Records, settings: Settings, coverage: Coverage, counts: Mapping[str, int], shown: int = SHOWN_EPISODES
) -> Found:
    """What a store holds, the brands that need attention first, each with so many of its newest episodes."""
    scale = scale_of(coverage)
    names = {brand.id: brand.name for brand in settings.brands}
    episodes = episodes_of(records)
    names |= {brand: brand or NO_BRAND for brand in sorted(episodes) if brand not in names}
    points = Points(records, scale) if scale else None
    found = [_brand(id_, name, points, episodes.get(id_, []), shown) for id_, name in names.items()]
    return Found(
        scale=scale,
        sources=coverage.told(),
        gaps=tuple((end, start) for (_, end), (start, _) in zip(coverage.union, coverage.union[1:], strict=False)),
        counts=dict(counts),
        refused=tuple(islice(records.dead_letters(), SHOWN_REFUSED)),
        settings=settings.version,
        brands=tuple(sorted(found, key=lambda brand: brand.attention)),
    )


def _brand(id_: str, name: str, made: Points | None, episodes: list[Episode], shown: int) -> BrandFound:
    points = made.points(id_) if made else ()
    return BrandFound(
        id=id_,
        name=name,
        points=points,
        shares=share_points(points),
        sums=made.sums(id_) if made else {},
        heard=sum(point.heard for point in points),
        episodes=tuple(episodes[-shown:]),
        hidden=max(0, len(episodes) - shown),
    )


def known_share(brand: BrandFound, scale: Scale) -> float:
    """The share of the history that was listened to, in [0, 1]."""
    return min(1.0, brand.heard / (scale.end - scale.start))
