"""Connections as a test listens to them: real files and sockets, and an ear that keeps what it is given."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from agents.sources.connection import Connection, Cursor, Heard
from schemas.dead_letter import DeadLetter
from schemas.deletion import Deletion
from schemas.mention import Mention


class Notebook:
    """An ear that writes down what it hears. What it took is committed at once, unless it `waits`."""

    def __init__(self) -> None:
        self.records: list[Heard] = []
        self.cursor: Cursor = None
        self.through = 0
        self.began: list[int | None] = []
        self.signs = 0
        self.states: list[str] = []
        self.notes: list[str] = []
        self.batches: list[tuple[int, Cursor]] = []
        self.waits = False

    def listening(self, since: int | None = None) -> None:
        self.began.append(since)

    def alive(self) -> None:
        self.signs += 1

    def tell(self, state: str) -> None:
        self.states.append(state)

    def note(self, message: str) -> None:
        self.notes.append(message)

    async def take(self, records: Sequence[Heard], cursor: Cursor, through: int) -> "asyncio.Future[None]":
        self.records += records
        self.cursor = cursor
        self.through = max(self.through, through)
        self.batches.append((len(records), cursor))
        kept = asyncio.get_running_loop().create_future()
        if not self.waits:
            kept.set_result(None)
        return kept

    @property
    def ids(self) -> list[str]:
        """The ids of mentions and deletions, in their order."""
        return [record.id for record in self.records if isinstance(record, Mention | Deletion)]

    @property
    def letters(self) -> list[DeadLetter]:
        """The dead letters, in their order."""
        return [record for record in self.records if isinstance(record, DeadLetter)]


@asynccontextmanager
async def listened(connection: Connection, cursor: Cursor = None) -> AsyncIterator[Notebook]:
    """A connection while it is listened to; what ends it is raised."""
    notebook = Notebook()
    task = asyncio.ensure_future(connection.listen(cursor, notebook))
    try:
        while not notebook.began and not task.done():  # noqa: ASYNC110 - whatever comes first
            await asyncio.sleep(0.005)
        yield notebook
        if task.done():
            task.result()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(what: Callable[[], Any], seconds: float = 10) -> None:
    """Wait until it is true; fail if it does not become so."""
    async with asyncio.timeout(seconds):
        while not what():  # noqa: ASYNC110 - what is waited for knows no events
            await asyncio.sleep(0.01)
