"""Connections as the service keeps them listening, and what it makes of what they bring."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from agents.clock import now_ms
from agents.sources.connection import Connection, Cursor, Heard
from agents.sources.hearing import Hearing
from agents.sources.inbox import Inbox
from agents.sources.keeping import Keeper
from schemas.dead_letter import DeadLetter
from schemas.deletion import Deletion
from schemas.mention import Mention
from schemas.times import to_ms


class Kept:
    """What a connection has brought so far, whatever became of it in between."""

    def __init__(self, connection: Connection, cursor: Cursor, now: Callable[[], int]) -> None:
        self.notes: list[str] = []
        self._records: list[Heard] = []
        self._inbox = Inbox(now)
        self._hearing = Hearing([connection], {}, now())
        self._now = now
        self.cursor: Cursor = cursor
        self.keeper = Keeper(connection, cursor, self._inbox, self.notes.append)

    @property
    def records(self) -> list[Heard]:
        """All of it, in its order."""
        entries = self._inbox.take(0, 1_000_000).entries
        records, cursors = self._hearing.take(entries)
        self._records += records
        self.cursor = cursors.get(self.keeper.name, self.cursor)
        self._inbox.done(entries)
        return self._records

    @property
    def ids(self) -> list[str]:
        """The ids of mentions and deletions, each once."""
        return list(dict.fromkeys(one.id for one in self.records if isinstance(one, Mention | Deletion)))

    @property
    def mentions(self) -> list[Mention]:
        return [record for record in self.records if isinstance(record, Mention)]

    @property
    def letters(self) -> list[DeadLetter]:
        return [record for record in self.records if isinstance(record, DeadLetter)]

    @property
    def covered(self) -> list[tuple[int, int]]:
        """What it has covered, in ms."""
        assert self.records is not None
        return [
            (to_ms(start), to_ms(end)) for beat in self._hearing.heartbeats(self._now()) for start, end in beat.covered
        ]


@asynccontextmanager
async def kept(connection: Connection, cursor: Cursor = None, now: Callable[[], int] = now_ms) -> AsyncIterator[Kept]:
    """A connection while it is kept listening."""
    one = Kept(connection, cursor, now)
    task = asyncio.ensure_future(one.keeper.keep())
    try:
        yield one
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
