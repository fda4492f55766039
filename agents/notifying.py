"""Notify in the embedded service: a thread beside the lane, with an event loop of its own."""

import asyncio
import logging
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Self

from agents.clock import now_ms
from agents.configuration import Configuration
from agents.notify import Figures, Notifier, NotifyState
from agents.notify_settings import patience_of
from agents.receivers.kinds import receivers_of
from agents.runtime.embedded import Outcome
from agents.runtime.notices import NoticeStore
from listener.notices.health import Receivers
from listener.notices.plan import Plan

END_SECONDS = 30.0  # to say what is left, once all sources have ended
JOIN_SECONDS = 12.0  # a look-up of a name may keep its thread so long
TROUBLE_SECONDS = 1.0  # after the file could not be read or written
log = logging.getLogger(__name__)


class Notifying:
    """Notify while the lane works. Use as a context manager, once the file is there.

    Without routes it tells nobody, and knows what is open for when there are some: the outbox must not grow for ever.

    Raise WrongSettings where a secret cannot be read, OtherState where another listener has left its state.
    """

    def __init__(self, configuration: Configuration, figures: Figures, note: Callable[[str], None]) -> None:
        self._path: Path = configuration.database()
        self._plan: Plan = configuration.plan()
        self._note = note
        health = Receivers(patience_of(configuration.receivers))
        self._notifier = Notifier(receivers_of(configuration.receivers), health, figures, note)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._running: asyncio.Task[None] | None = None
        self._ending = False
        self._finish_seconds = 0.0

    @property
    def state(self) -> NotifyState:
        """How all do by now."""
        return self._notifier.state

    def __enter__(self) -> Self:
        self._opened().close()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, args=(self._loop,), daemon=True, name="notify")
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._end()

    def committed(self, outcome: Outcome) -> None:
        """The lane got on, maybe with alerts."""
        self._notifier.alive()
        if outcome.alerts:
            self._call(self._notifier.wake)

    def hold(self, *, held: bool) -> None:
        """Say nothing while history is read: what is open at its end counts."""
        self._notifier.held = held
        self._call(self._notifier.wake)

    def finish(self) -> None:
        """All sources have ended: say what is left, then end."""
        self._finish_seconds = END_SECONDS
        self._end()

    def _end(self) -> None:
        self._ending = True
        self._call(lambda: self._running and self._running.cancel())
        if self._thread is not None:
            self._thread.join(self._finish_seconds + JOIN_SECONDS)

    def _call(self, what: Callable[[], object]) -> None:
        if self._loop is None:
            return
        try:
            self._loop.call_soon_threadsafe(what)
        except RuntimeError:
            if not self._loop.is_closed():  # else the thread has just ended
                raise

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(self._keep())

    async def _keep(self) -> None:
        """Notify until asked to end. Where the file fails, begin anew from what it holds."""
        while not self._ending:
            try:
                with closing(self._opened()) as store:
                    await self._notify(store)
            except sqlite3.Error as error:
                log.warning("notify: %s: %s; again in %.0f s", self._path, error, TROUBLE_SECONDS)
                await asyncio.sleep(TROUBLE_SECONDS)
            except Exception:  # or nobody would be told, and nobody would know
                log.exception("notify broke, and begins anew in %.0f s", TROUBLE_SECONDS)
                await asyncio.sleep(TROUBLE_SECONDS)

    def _opened(self) -> NoticeStore:
        return NoticeStore(self._path, self._plan, self._notifier.health, now_ms())

    async def _notify(self, store: NoticeStore) -> None:
        self._running = asyncio.create_task(self._notifier.run(store))
        if self._ending:
            self._running.cancel()
        try:
            await self._running
        except asyncio.CancelledError:
            left = await self._notifier.finish(store, self._finish_seconds)
            if left and self._finish_seconds:
                self._note(f"{left} pages could not be delivered; the next run goes on with them")
