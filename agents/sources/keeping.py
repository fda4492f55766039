"""Keeps a connection listening: again after each loss, ever more slowly, aloud; dead ones are noticed."""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Sequence

from agents.clock import now_ms
from agents.sources.backoff import wait, wait_refused
from agents.sources.connection import Connection, Cursor, Heard, Lost, Refused
from agents.sources.inbox import Inbox
from agents.sources.lines import CannotRead
from agents.watcher import SourceState
from schemas.dead_letter import DeadLetter
from schemas.mention import Mention
from schemas.times import to_ms

LOOKS = 4  # within the patience: how often it is looked whether there was a sign of life
log = logging.getLogger(__name__)


class Keeper:
    """Keeps one connection listening; it is the ear that the connection speaks into."""

    def __init__(self, connection: Connection, cursor: Cursor, inbox: Inbox, note: Callable[[str], None]) -> None:
        self.connection = connection
        self.name = connection.name
        self._cursor = cursor
        self._inbox = inbox
        self._note = note
        self._state = "connecting"
        self._up = False
        self._since = now_ms()
        self._behind: int | None = None
        self._waits = False  # for room, not for the source
        self._alive = 0.0
        self._began = 0.0
        self._connects = self._records = self._dead_letters = 0
        self._trouble = ""  # told last

    def state(self) -> SourceState:
        """How it does."""
        return SourceState(
            self.name,
            self._state,
            self._up,
            self._since,
            self._behind,
            self._records,
            self._dead_letters,
            self._connects,
        )

    def listening(self, since: int | None = None) -> None:
        """See Ear."""
        self._is_up(now=True)
        self._connects += 1
        self._began = self._alive = time.monotonic()
        self._inbox.began(self.name, since)
        self.tell("listening")
        if self._trouble:
            self._trouble = ""
            self._note(f"{self.name}: listening again")

    def alive(self) -> None:
        """See Ear."""
        self._alive = time.monotonic()

    def tell(self, state: str) -> None:
        """See Ear."""
        self._state = state

    def note(self, message: str) -> None:
        """See Ear."""
        self._note(message)

    async def take(self, records: Sequence[Heard], cursor: Cursor, through: int) -> asyncio.Future[None]:
        """See Ear."""
        self._waits = True
        try:
            kept = await self._inbox.take_in(self.name, records, cursor, through)
        finally:
            self._waits = False
        self._alive = time.monotonic()
        self._cursor = cursor
        self._records += len(records)
        self._dead_letters += sum(type(record) is DeadLetter for record in records)
        last = next((record for record in reversed(records) if isinstance(record, Mention)), None)
        if last is not None:
            self._behind = max(0, now_ms() - to_ms(last.created_at))
        return kept

    def _is_up(self, *, now: bool) -> None:
        if now != self._up:
            self._up, self._since = now, now_ms()

    async def keep(self) -> None:
        """Listen until the source has ended, or this is cancelled."""
        failures, pause = 0, 0.0
        while True:
            self.tell("connecting")
            self._began = 0.0
            try:
                await self._listen()
            except asyncio.CancelledError:
                self._inbox.ceased(self.name)
                raise
            except CannotRead as error:
                self._inbox.ceased(self.name, ended=True, error=error)
                return
            except Refused as error:
                pause = wait_refused(random.random())
                self._is_lost(f"refused: {error}", pause)
            except Exception as error:  # a connection that breaks must not take the others along
                if not isinstance(error, Lost | OSError | TimeoutError):
                    log.exception("%s: the connection broke", self.name)
                listened = time.monotonic() - self._began if self._began else 0.0
                failures = 1 if listened > pause else failures + 1
                pause = wait(failures, random.random(), error.after if isinstance(error, Lost) else None)
                self._is_lost(f"lost: {error or type(error).__name__}", pause)
            else:
                self._is_up(now=False)
                self.tell("ended")
                self._inbox.ceased(self.name, ended=True)
                return
            await asyncio.sleep(pause)

    def _is_lost(self, trouble: str, pause: float) -> None:
        self._is_up(now=False)
        self._inbox.ceased(self.name)
        self.tell(f"{trouble}; waiting {pause:.0f} s")
        if trouble != self._trouble:
            self._trouble = trouble
            self._note(f"{self.name}: {trouble}; again in {pause:.0f} s")

    async def _listen(self) -> None:
        """Listen once. Raise Lost if there was no sign of life for too long."""
        patience = self.connection.patience
        self._alive = time.monotonic()
        task = asyncio.ensure_future(self.connection.listen(self._cursor, self))
        try:
            while not task.done():
                await asyncio.wait({task}, timeout=patience and patience / LOOKS)
                if self._waits or patience is None:
                    self._alive = time.monotonic()
                elif not task.done() and time.monotonic() - self._alive > patience:
                    raise Lost(f"nothing came for {patience:.0f} s")
            task.result()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
