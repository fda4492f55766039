"""Between the connections in their event loop and the lane in its thread: a queue with a bound for each source.

A lane that is slow stops the reading. Nothing is dropped, and memory does not grow.
"""

import asyncio
import threading
from collections import Counter, deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

from agents.sources.connection import Cursor, Heard
from schemas.dead_letter import DeadLetter
from schemas.mention import Mention

MOST_WAITING = 8 << 20  # of one source, by weight
RECORD_WEIGHT = 1_000  # what a record takes beside its text or raw bytes, about


Kept = asyncio.Future[None]


class Took(NamedTuple):
    """A source has brought this, at `at` ms."""

    source: str
    at: int
    records: Sequence[Heard]
    cursor: Cursor
    through: int
    kept: Kept


class Began(NamedTuple):
    """A source listens since `at` ms, and gives first what came since `since`."""

    source: str
    at: int
    since: int | None


class Ceased(NamedTuple):
    """A source listens no more: it is lost for now, or has `ended`, or broke so that nobody can go on."""

    source: str
    at: int
    ended: bool
    error: Exception | None = None


Entry = Took | Began | Ceased


class Taken(NamedTuple):
    """What had come, in its order, and up to when that was all there was, in ms."""

    entries: list[Entry]
    through: int


class Inbox:
    """The queue. `put` and `take_in` are called in the event loop, all else in the lane's thread."""

    def __init__(self, now: Callable[[], int], most: int = MOST_WAITING) -> None:
        self._now = now
        self._most = most
        self._lock = threading.Lock()
        self._entries: deque[Entry] = deque()
        self._records = 0
        self._enough = threading.Event()
        self._wanted = 0
        self._full = False  # somebody waits for room: to wait for more would be to wait for nothing
        self._weights: Counter[str] = Counter()
        self._waiting: list[asyncio.Future[None]] = []

    async def take_in(self, source: str, records: Sequence[Heard], cursor: Cursor, through: int) -> Kept:
        """Add what a source has brought as soon as there is room, stamped with the time of that."""
        weight = _weigh(records)
        loop = asyncio.get_running_loop()
        while (held := self._weights[source]) and held + weight > self._most:
            room = loop.create_future()
            self._waiting.append(room)
            self._full = True
            self._enough.set()
            await room
        kept = loop.create_future()
        with self._lock:
            at = self._now()
            self._weights[source] += weight
            self._add(Took(source, at, records, cursor, min(through, at), kept), len(records))
        return kept

    def began(self, source: str, since: int | None) -> None:
        """A source listens."""
        with self._lock:
            self._add(Began(source, self._now(), since), 0)

    def ceased(self, source: str, *, ended: bool = False, error: Exception | None = None) -> None:
        """A source listens no more."""
        with self._lock:
            self._add(Ceased(source, self._now(), ended, error), 0)

    def _add(self, entry: Entry, records: int) -> None:
        self._entries.append(entry)
        self._records += records
        if self._records >= self._wanted or isinstance(entry, Ceased):
            self._enough.set()

    def take(self, seconds: float, most: int) -> Taken:
        """What has come within so many seconds, sooner if there are about `most` records of it."""
        with self._lock:
            self._wanted = most
            if self._records < most and not self._full:
                self._enough.clear()
        self._enough.wait(seconds)
        with self._lock:
            return self._take(most)

    def _take(self, most: int) -> Taken:
        taken: list[Entry] = []
        records = 0
        while self._entries and records < most:
            entry = self._entries.popleft()
            taken.append(entry)
            if isinstance(entry, Took):
                records += len(entry.records)
        self._records -= records
        self._full = False
        return Taken(taken, self._entries[0].at if self._entries else self._now())

    @property
    def waiting(self) -> bool:
        """Whether there is something that was not taken yet."""
        return bool(self._entries)

    def done(self, entries: Sequence[Entry]) -> None:
        """These were committed: there is room again, and who waits for that is told."""
        took = [entry for entry in entries if isinstance(entry, Took)]
        if not took:
            return
        try:
            took[0].kept.get_loop().call_soon_threadsafe(self._tell, took)
        except RuntimeError:  # the loop has ended, and with it all who wait
            return

    def _tell(self, took: list[Took]) -> None:
        for entry in took:
            self._weights[entry.source] -= _weigh(entry.records)
            if not entry.kept.done():
                entry.kept.set_result(None)
        waiting, self._waiting = self._waiting, []
        for room in waiting:
            if not room.done():
                room.set_result(None)


def _weigh(records: Sequence[Heard]) -> int:
    weight = RECORD_WEIGHT * len(records)
    for record in records:
        if isinstance(record, Mention):
            weight += len(record.text)
        elif isinstance(record, DeadLetter):
            weight += len(record.raw)
    return weight
