"""What a tracker sees of its partition while it has its turn, and where it leaves what it wants."""

from collections.abc import Iterator
from heapq import heappush
from typing import NamedTuple

from listener.coverage import Coverage
from schemas.alert import Alert
from schemas.times import from_ms
from schemas.trend import Figures, Trend, Volume, WindowName

NOTHING = Figures(volume=Volume(mentions=0))  # what all monitors together make of it


class Quiet(NamedTuple):
    """A window in which nothing was said about some brands: one trend of 0, or of unknown, for each of them.

    Of 88 brands over 27 months nine hours in ten are quiet: one by one they were half the cost of a replay.
    """

    window: WindowName
    start: int
    end: int
    due: int
    known: float
    figures: Figures
    brands: tuple[str, ...]

    def trends(self) -> Iterator[Trend]:
        """The trend of each brand, in their order."""
        for brand in self.brands:
            yield Trend(
                brand=brand,
                window=self.window,
                start=from_ms(self.start),
                end=from_ms(self.end),
                revision=0,
                due=from_ms(self.due),
                known=self.known,
                total=self.figures if self.known else None,
            )


Output = Trend | Quiet | Alert

Timer = tuple[int, int, str, str, int]  # due ms, rank, brand, what, start ms of the window


NEVER = 1 << 62


class TimerFailed(Exception):
    """A timer broke its tracker. The state is half changed."""

    def __init__(self, timer: Timer, error: Exception) -> None:
        due, _, brand, what, start = timer
        told = f"closing {what} {from_ms(start):%Y-%m-%d %H:%M} of {brand}, due {from_ms(due):%H:%M}"
        super().__init__(f"{told}: {type(error).__name__}: {error}")
        self.timer = timer


class Turn:
    """The time of the partition, what it listened to, the outputs of this step and the timers of all brands.

    `now` is None while the clock stands; `since` is when listening began, NEVER while it has not; both in ms.
    """

    def __init__(self) -> None:
        self.now: int | None = None
        self.since = NEVER
        self.coverage = Coverage()
        self.outputs: list[Output] = []
        self.timers: list[Timer] = []

    def emit(self, output: Output) -> None:
        """Put out a record."""
        self.outputs.append(output)

    def remind(self, due: int, brand: str, what: str, start: int) -> None:
        """Ask for a call at `due`."""
        heappush(self.timers, (due, 0, brand, what, start))
