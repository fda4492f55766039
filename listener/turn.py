"""What a tracker sees of its partition while it has its turn, and where it leaves what it wants."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from heapq import heappush

from listener.coverage import Coverage
from listener.trends import Quiet, Spoken
from schemas.alert import Alert
from schemas.receipt import Receipt
from schemas.times import from_ms

Output = Spoken | Quiet | Alert | Receipt

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
        self._heard_since: dict[int, int] = {}

    def tell_time(self, now: int | None, coverage: Coverage) -> None:
        """The time of the partition from now on, and what it has listened to."""
        self.now, self.coverage = now, coverage
        self._heard_since.clear()

    def heard_since(self, end: int) -> int:
        """As `Coverage.heard_since`, once for all brands that ask about the same time."""
        since = self._heard_since.get(end)
        if since is None:
            since = self._heard_since[end] = self.coverage.heard_since(end)
        return since

    def emit(self, output: Output) -> None:
        """Put out a record."""
        self.outputs.append(output)

    def emit_all(self, outputs: Iterable[Output]) -> None:
        """Put out records."""
        self.outputs.extend(outputs)

    @contextmanager
    def as_of(self, at: int) -> Iterator[None]:
        """Do something as if it were `at` ms."""
        now, self.now = self.now, at
        try:
            yield
        finally:
            self.now = now

    def remind(self, due: int, brand: str, what: str, start: int) -> None:
        """Ask for a call at `due`."""
        heappush(self.timers, (due, 0, brand, what, start))
