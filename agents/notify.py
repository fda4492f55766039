"""Notify: what is to be said is said. The one loop of errands, the same in both runtimes.

Alerts come in from an outbox that survives the process, and what came of each errand goes back into it. Wherever the
process dies, an errand that was done and not noted is done again, under the same key and number.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from math import inf
from typing import NamedTuple, Protocol

from msgspec.structs import replace

from agents.clock import now_ms
from agents.receivers.alertmanager import Alertmanager
from agents.receivers.receiver import NotTaken, Receiver
from agents.sources.connection import Lost, Refused
from listener.notices.health import Failure, Receivers
from listener.notices.notice import Notice, Told
from listener.notices.notices import Notices
from listener.notices.plan import Errand
from listener.notices.silences import Silence
from schemas.times import SECOND

DOING_SECONDS = 0.1  # between two looks while errands are done: an end wakes the loop at once
LEAST_SECONDS = 0.05
SILENCES_SECONDS = 15.0
LAST_SECONDS = 2.0  # for what is being said when the process is to end
ALIVE_SECONDS = 60.0  # a heartbeat says that the listener got on within so long
log = logging.getLogger(__name__)


class ReceiverState(NamedTuple):
    """How a receiver does. `trouble` is empty while it takes what it is told; `since` when it began to fail, in ms."""

    name: str
    trouble: str
    since: int | None
    sent: int
    failed: int


class NotifyState(NamedTuple):
    """How all do: the receivers, the alerts of which a page is open, those that wait to be told."""

    receivers: Sequence[ReceiverState]
    open: Sequence[Told]
    waiting: int


class Figures(Protocol):
    """Who counts, and shows how all do."""

    state: NotifyState

    def sent(self, receiver: str, notice: Notice, delay: float | None) -> None:
        """A notice was taken, so many seconds after there was something to say; None where nothing was new."""


class Desks(Protocol):
    """The runtime's side: where alerts come from, and where the state is kept."""

    longest_wait: float  # seconds between two looks

    def step(self, now: int) -> Sequence[Notices]:
        """Take in what came, keep what changed; return those who have errands."""

    async def keep(self, notices: Notices) -> None:
        """Keep what changed before the next step is done."""

    def with_posts(self, told: Told) -> Told:
        """An alert with what its posts say, and where they can be seen, as far as they are in reach."""


class Notifier:
    """Does the errands. `note` is told what somebody should know; it begins `alive`, or knows nothing of it yet."""

    def __init__(
        self,
        receivers: Iterable[Receiver],
        health: Receivers,
        figures: Figures,
        note: Callable[[str], None],
        *,
        alive: bool = True,
    ) -> None:
        self._receivers = {receiver.name: receiver for receiver in receivers}
        self.health = health
        self._figures = figures
        self._note = note
        self._busy: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._woken = asyncio.Event()
        self._silences: dict[str, Sequence[Silence]] = {}  # as each Alertmanager has said last
        self._alive = time.monotonic() if alive else -inf
        self.held = True  # until history is read: what is open at its end counts
        self.state = NotifyState((), (), 0)

    @property
    def busy(self) -> bool:
        """Whether something is being said."""
        return bool(self._busy)

    def wake(self) -> None:
        """Something came."""
        self._woken.set()

    def alive(self) -> None:
        """The listener got on."""
        self._alive = time.monotonic()

    @property
    def idle_seconds(self) -> float:
        """How long ago the listener got on; infinite where nobody has seen it yet."""
        return time.monotonic() - self._alive

    async def run(self, desks: Desks) -> None:
        """Do errands until this is cancelled; those that are being done then go on."""
        asking = asyncio.create_task(self._ask_for_silences())
        try:
            while True:
                self._woken.clear()
                await self._wait(self.look(desks))
        finally:
            asking.cancel()

    async def finish(self, desks: Desks, seconds: float) -> int:
        """Say for so long what is left, without waiting for more to come; return how many groups are left all the same.

        What is being said gets a moment to end: else it would be said again.
        """
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._woken.clear()
            self.look(desks, at_once=True)
            if not self._busy and not self.state.waiting:
                break
            await self._wait(DOING_SECONDS)
        if self._busy:
            await asyncio.wait(self._busy.values(), timeout=LAST_SECONDS)
        desks.step(now_ms())
        return self.state.waiting

    def look(self, desks: Desks, *, at_once: bool = False) -> float:
        """Begin all errands that are due; return in how many seconds others are."""
        now = now_ms()
        all_notices = desks.step(now)
        again = now + round(desks.longest_wait * SECOND)
        for notices in all_notices:
            notices.silences = [one for silences in self._silences.values() for one in silences]
            errands = [] if self.held else notices.due(now, self._busy, at_once=at_once)
            if self.idle_seconds < ALIVE_SECONDS:
                errands += notices.heartbeats(now, self._busy)
            for errand in errands:
                task = asyncio.create_task(self._do(errand, notices, desks))
                self._busy[errand.receiver, errand.about] = task
            again = min(again, notices.next(now))
        self.state = self._figures.state = self._state(all_notices, now)
        return DOING_SECONDS if self._busy or self.held else max(LEAST_SECONDS, (again - now) / SECOND)

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):  # wait_for loses a cancellation that comes as it is woken (3.11)
                await self._woken.wait()
        except TimeoutError:
            return

    async def _do(self, errand: Errand, notices: Notices, desks: Desks) -> None:
        name, notice = errand.receiver, errand.notice
        try:
            if notices.begin(errand):
                await desks.keep(notices)
            await self._receivers[name].tell(replace(notice, alerts=tuple(map(desks.with_posts, notice.alerts))))
        except Lost as error:
            after = None if error.after is None else round(error.after * SECOND)
            self._failed(errand, notices, Failure(str(error), after, surely=isinstance(error, NotTaken)))
        except Refused as error:
            self._failed(errand, notices, Failure(str(error), refused=True, surely=True))
        except Exception as error:  # a receiver that breaks must not take the others along
            log.exception("%s: the receiver broke", name)
            self._failed(errand, notices, Failure(type(error).__name__))
        else:
            now = now_ms()
            if self.health.health[name].failing is not None:
                self._note(f"receiver {name}: takes notices again")
            notices.sent(errand, now)
            delay = None if errand.since is None else (now - errand.since) / SECOND
            self._figures.sent(name, notice, delay)
        finally:
            self._busy.pop((name, errand.about), None)
            self._woken.set()

    def _failed(self, errand: Errand, notices: Notices, failure: Failure) -> None:
        name, now = errand.receiver, now_ms()
        if notices.failed(errand, now, failure):
            seconds = (self.health.health[name].again - now) / SECOND
            self._note(f"receiver {name}: {failure.trouble}; asked again in {seconds:.0f} s")

    async def _ask_for_silences(self) -> None:
        """The silences of all Alertmanagers that answer."""
        asked = [one for one in self._receivers.values() if isinstance(one, Alertmanager)]
        while asked:
            for receiver in asked:
                try:
                    self._silences[receiver.name] = await receiver.silences()
                except (Lost, Refused) as error:
                    log.info("receiver %s: silences: %s", receiver.name, error)
            await asyncio.sleep(SILENCES_SECONDS)

    def _state(self, all_notices: Sequence[Notices], now: int) -> NotifyState:
        receivers = [
            ReceiverState(name, health.trouble, health.failing, health.sent, health.failed)
            for name, health in self.health.health.items()
        ]
        told = [one for notices in all_notices for one in notices.open(now)]
        return NotifyState(receivers, told, sum(notices.waiting() for notices in all_notices))
