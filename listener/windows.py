"""Windows over the time of writing, with revisions that do not depend on the order of arrival.

A mention belongs to the window in which it was written. It counts in that window's revision 0 if it was read
before the window's end, and else in the revision of the step (a minute, five minutes, an hour) in which it was
read: so what a revision holds follows from the mentions alone, and pulses only decide when it is emitted.
"""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from schemas.times import DAY, HOUR, MINUTE
from schemas.trend import WindowName

BASE_WINDOW = 5 * MINUTE  # of detection, which counts by the time of reading: `detection.py`

Counts = dict[str, int]
Sums = dict[str, Counts]


class Length(NamedTuple):
    """One kind of window, all in ms: its length, how long it may be revised, and how finely.

    Its windows are kept in state parts of `chunk` each.
    """

    name: WindowName
    length: int
    horizon: int
    step: int
    chunk: int


LENGTHS = (
    Length("minute", MINUTE, 2 * HOUR, MINUTE, HOUR),
    Length("hour", HOUR, 7 * DAY, 5 * MINUTE, DAY),
    Length("day", DAY, 100 * DAY, HOUR, 30 * DAY),
)


class Window(msgspec.Struct, gc=False):
    """What was counted in one window: emitted so far, and waiting for the revision due at a time."""

    revision: int = -1
    emitted: Sums = {}
    waiting: dict[int, Sums] = {}


class _Place(NamedTuple):
    """Where the last mention was counted: its window [start, end), and what waits there for its revision 0."""

    start: int
    end: int
    due: int
    chunk: int
    sums: Sums


NOWHERE = _Place(0, 0, 0, 0, {})


class Windows:
    """All windows of one length of one brand, in chunks that are encoded one by one."""

    def __init__(self, length: Length, lateness: int) -> None:
        self.length = length
        self.lateness = lateness
        self.chunks: dict[int, dict[int, Window]] = {}
        self.changed: set[int] = set()
        self._stored: set[int] = set()
        self._closed = self._forget_next = 0
        self._last = NOWHERE

    def add(
        self, written: int, read: int, platform: str, counts: Counts, now: int | None
    ) -> tuple[int, int, bool] | None:
        """Count a mention. Return (due, start of its window, whether it is the first that waits for that).

        None if it comes too late for windows of this length. `now` only matters to what comes later than the
        lateness allows: that is taken for read just now, as the window of its own time may be forgotten already.
        """
        last = self._last
        if last.start <= written < last.end and read <= last.end and (now is None or now < last.due):
            self.changed.add(last.chunk)
            add_counts(last.sums, platform, counts)
            return last.due, last.start, False
        _, length, horizon, step, chunk = self.length
        start = written - written % length
        end = start + length
        latest = read if now is None else max(read, now - self.lateness)
        if latest - end > horizon:
            return None
        due = end if read <= end else read + -read % step
        if now is not None and due + self.lateness <= now:
            due = now + -now % step
        due += self.lateness
        waiting = self._window(start).waiting
        sums = waiting.get(due)
        first = sums is None
        if sums is None:
            sums = waiting[due] = {}
        add_counts(sums, platform, counts)
        if due == end + self.lateness:
            self._last = _Place(start, end, due, start // chunk, sums)
        return due, start, first

    def _window(self, start: int) -> Window:
        chunk = start // self.length.chunk
        self.changed.add(chunk)
        windows = self.chunks.get(chunk)
        if windows is None:
            windows = self.chunks[chunk] = {}
        window = windows.get(start)
        if window is None:
            window = windows[start] = Window()
        return window

    def close(self, start: int, due: int, zero_was_emitted: bool) -> Window | None:
        """Emit what waited for `due`: the window with its next revision and all it holds by now.

        None if nothing has changed, since all that came was taken back.
        """
        window = self._window(start)
        waited = window.waiting.pop(due)
        if says_nothing(waited):
            return None
        window.emitted = merged(window.emitted, waited) if window.emitted else waited
        window.revision = max(window.revision, 0 if zero_was_emitted else -1) + 1
        self._closed = due
        return window

    def drop(self, start: int, due: int) -> None:
        """Give up what waited for `due`."""
        self._window(start).waiting.pop(due)

    def told(self, start: int) -> Window | None:
        """The window that begins at `start`, if it was emitted."""
        window = self.chunks.get(start // self.length.chunk, {}).get(start)
        return window if window is not None and window.revision >= 0 else None

    def sums(self, start: int) -> Counts:
        """What was counted on all platforms in the window that begins at `start`, as it was told last."""
        window = self.told(start)
        return {} if window is None else total(window.emitted)

    def mentions(self, number: int) -> int:
        """How many mentions the window had that is the `number`-th since 1970, as it was told last."""
        return self.sums(number * self.length.length).get("mentions", 0)

    def _forget(self, now: int) -> None:
        """Drop the chunks that nothing can revise any more."""
        kept = self.length.horizon + self.lateness + self.length.length
        oldest = (now - kept) // self.length.chunk
        self._forget_next = (oldest + 1) * self.length.chunk + kept
        for chunk in [chunk for chunk in self.chunks if chunk < oldest]:
            if not any(window.waiting for window in self.chunks[chunk].values()):
                del self.chunks[chunk]
                self.changed.add(chunk)

    def take_changes(self) -> dict[int, dict[int, Window] | None]:
        """The chunks that changed since the last call; None for one that is gone and was there before."""
        if self._closed >= self._forget_next:
            self._forget(self._closed)
        changes: dict[int, dict[int, Window] | None] = {}
        for chunk in sorted(self.changed):
            content = self.chunks.get(chunk)
            if content is not None or chunk in self._stored:
                changes[chunk] = content
        self.changed.clear()
        self._stored.update(changes)
        self._stored.intersection_update(self.chunks)
        return changes

    def restore(self, chunk: int, content: dict[int, Window]) -> None:
        """Take back a chunk."""
        self.chunks[chunk] = content
        self._stored.add(chunk)

    def waiting(self) -> Iterator[tuple[int, int]]:
        """All (due, start) that need a timer."""
        for windows in self.chunks.values():
            for start, window in windows.items():
                for due in window.waiting:
                    yield due, start


def add_counts(sums: Sums, platform: str, counts: Counts) -> None:
    """Add a mention's counts to the sums of its platform."""
    into = sums.get(platform)
    if into is None:
        sums[platform] = counts.copy()
        return
    for name, count in counts.items():
        into[name] = into.get(name, 0) + count


def add_up(into: Counts, counts: Counts) -> None:
    """Add counts to sums."""
    for name, count in counts.items():
        into[name] = into.get(name, 0) + count


def says_nothing(sums: Sums) -> bool:
    """Whether all is zero."""
    return all(not any(counts.values()) for counts in sums.values())


def merged(before: Sums, more: Sums) -> Sums:
    """The sums of both, as new ones: those that were told stay as they are. What has become zero is left out."""
    sums = {platform: counts.copy() for platform, counts in before.items()}
    for platform, counts in more.items():
        add_counts(sums, platform, counts)
    left = {platform: {name: n for name, n in counts.items() if n} for platform, counts in sums.items()}
    return {platform: counts for platform, counts in left.items() if counts}


def total(sums: Sums) -> Counts:
    """The sums over all platforms."""
    if len(sums) == 1:
        return next(iter(sums.values()))
    whole: Counts = {}
    for counts in sums.values():
        for name, count in counts.items():
            whole[name] = whole.get(name, 0) + count
    return whole
