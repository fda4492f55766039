"""What is told of a window that closed: its sums. What they read as is worked out where somebody reads them.

Of two million windows of a replay nobody reads but a few: to build and write each as a record was a quarter of its
cost.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from listener.monitors import BY_NAME
from listener.windows import Counts, Length, Sums, total
from schemas.times import HOUR, from_ms
from schemas.trend import Figures, Trend


class Spoken(NamedTuple):
    """A window in which something was said about a brand: the sums by platform that `monitors` counted.

    Times in ms; `known` is the share of the window that was listened to.
    """

    brand: str
    length: Length
    start: int
    revision: int
    due: int
    known: float
    monitors: tuple[str, ...]
    sums: Sums

    def trends(self) -> Iterator[Trend]:
        """What it reads as. One that became empty, since all was taken back, reads as a quiet one."""
        hours = self.known * self.length.length / HOUR
        platforms = {platform: _plain(counts) for platform, counts in sorted(self.sums.items())}
        platforms = {platform: counts for platform, counts in platforms.items() if counts}
        yield Trend(
            brand=self.brand,
            window=self.length.name,
            start=from_ms(self.start),
            end=from_ms(self.start + self.length.length),
            revision=self.revision,
            due=from_ms(self.due),
            known=self.known,
            total=read_figures(self.monitors, total(self.sums), hours) if platforms or self.known else None,
            platforms=platforms,
        )


class Quiet(NamedTuple):
    """A window in which nothing was said about some brands: one trend of 0, or of unknown, for each of them.

    Of 88 brands over 27 months nine hours in ten are quiet: one by one they were half the cost of a replay.
    """

    length: Length
    start: int
    due: int
    known: float
    monitors: tuple[str, ...]
    brands: tuple[str, ...]

    def trends(self) -> Iterator[Trend]:
        """The trend of each brand, in their order."""
        figures = read_figures(self.monitors, {}, 0.0) if self.known else None
        for brand in self.brands:
            yield Trend(
                brand=brand,
                window=self.length.name,
                start=from_ms(self.start),
                end=from_ms(self.start + self.length.length),
                revision=0,
                due=from_ms(self.due),
                known=self.known,
                total=figures,
            )


def read_figures(monitors: tuple[str, ...], counts: Counts, hours: float) -> Figures:
    """What each monitor makes of the sums of a stretch that was listened to for `hours`."""
    figures: dict[str, Any] = {name: BY_NAME[name].figures(counts, hours) for name in monitors}
    return Figures(**figures)


def _plain(counts: Counts) -> Counts:
    """Counts in an order that does not depend on which mention came first; sums of zero are left out."""
    return {name: count for name, count in sorted(counts.items()) if count}
