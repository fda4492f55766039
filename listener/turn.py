"""What a tracker sees of its partition while it has its turn, and where it leaves what it wants."""

from heapq import heappush

from listener.coverage import Coverage
from schemas.alert import Alert
from schemas.trend import Trend

Output = Trend | Alert
Timer = tuple[int, int, str, str, int]  # due ms, rank, brand, what, start ms of the window


class Turn:
    """The time of the partition, what it listened to, the outputs of this step and the timers of all brands.

    `now` is None while the clock stands; `since` is when listening began, both in ms.
    """

    def __init__(self) -> None:
        self.now: int | None = None
        self.since = 0
        self.coverage = Coverage()
        self.outputs: list[Output] = []
        self.timers: list[Timer] = []

    def emit(self, output: Output) -> None:
        """Put out a record."""
        self.outputs.append(output)

    def remind(self, due: int, brand: str, what: str, start: int) -> None:
        """Ask for a call at `due`."""
        heappush(self.timers, (due, 0, brand, what, start))
