"""All live sources at once, in one event loop in a thread beside the lane."""

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Self

from agents.sources.connection import Connection, Cursor
from agents.sources.inbox import Inbox
from agents.sources.keeping import Keeper
from agents.watcher import SourceState

STOP_SECONDS = 5.0


class Listening:
    """The connections while they are kept listening. Use as a context manager; what they bring is in the inbox."""

    def __init__(
        self,
        connections: Sequence[Connection],
        cursors: Mapping[str, Cursor],
        inbox: Inbox,
        note: Callable[[str], None],
    ) -> None:
        self._keepers = [Keeper(one, cursors.get(one.name), inbox, note) for one in connections]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True, name="sources")
        self._tasks: asyncio.Task[None] | None = None

    def states(self) -> list[SourceState]:
        """How each does."""
        return [keeper.state() for keeper in self._keepers]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()
        self._thread.join(STOP_SECONDS)

    def stop(self) -> None:
        """Let them stop; what they still hand over comes into the inbox."""
        if not self._thread.is_alive():
            return
        try:
            self._loop.call_soon_threadsafe(self._cancel)
        except RuntimeError:
            if not self._loop.is_closed():  # else all have ended by themselves, just now
                raise

    @property
    def stopped(self) -> bool:
        """Whether nothing comes any more."""
        return not self._thread.is_alive()

    def _cancel(self) -> None:
        if self._tasks is not None:
            self._tasks.cancel()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            try:
                runner.run(self._keep())
            except asyncio.CancelledError:
                return

    async def _keep(self) -> None:
        self._tasks = asyncio.current_task()
        async with asyncio.TaskGroup() as group:
            for keeper in self._keepers:
                group.create_task(keeper.keep(), name=keeper.name)
