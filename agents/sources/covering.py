"""What one live source has covered, and what it has not: gaps open and close here. No clock: times are told, in ms."""

from bisect import bisect_right
from collections.abc import Iterable

Interval = tuple[int, int]

MOST_INTERVALS = 500  # a source that comes and goes all day must not fill the memory: the oldest are let go
LATEST = 8  # intervals that are told though they were told before


class Covering:
    """The intervals that a source covered, sorted, none touching another.

    A gap reaches from the last that was surely heard to when the source listens again. If the source gives again what
    was in it, it is covered once that is done, and not before; else it stays unknown.
    """

    def __init__(self, covered: Iterable[Interval] = ()) -> None:
        self.covered: list[Interval] = list(covered)
        self._since: int | None = None  # when it began to listen, this time
        self._again: int | None = None  # while it catches up: from when on it gives all again
        self._untold = 0  # how many intervals were never told

    @property
    def catching_up(self) -> bool:
        """Whether it still gives what it missed."""
        return self._again is not None

    def listening(self, now: int, since: int | None) -> None:
        """From `now` on nothing is missed; what came since `since` is given first."""
        end = self.covered[-1][1] if self.covered else now
        self._since = max(now, end)
        self._again = since if since is not None and end < now and since < now else None

    def heard(self, through: int) -> None:
        """All that the source had up to `through` has been given."""
        if self._since is None or through < self._since:
            return
        start, self._again = self._since if self._again is None else self._again, None
        last = self.covered[-1] if self.covered else None
        if last is not None and start <= last[1]:
            self.covered[-1] = (last[0], max(last[1], through))
        else:
            self.covered.append((start, through))
            self._untold += 1
            del self.covered[: -max(MOST_INTERVALS, self._untold)]

    def tell(self) -> list[Interval]:
        """The latest intervals, with all that were never told. Only the last may still change: the others stay told."""
        latest, self._untold = self.covered[-max(LATEST, self._untold) :], 0
        return latest

    def lost(self) -> None:
        """It does not listen any more."""
        self._since = self._again = None

    @property
    def has_gaps(self) -> bool:
        """Whether anything can have been missed at all."""
        return bool(self.covered) and (len(self.covered) > 1 or (self._since or 0) > self.covered[-1][1])

    def missed(self, written: int) -> bool:
        """Whether what was written then, and comes now, comes late because nobody listened."""
        if not self.covered or written < self.covered[0][0]:
            return self.catching_up
        if written > self.covered[-1][1]:
            return self._since is not None and written < self._since
        place = bisect_right(self.covered, written, key=lambda interval: interval[0])
        return self.catching_up or written > self.covered[place - 1][1]
