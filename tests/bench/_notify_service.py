"""The notify of the embedded service for the bench: it works on a database until nothing waits, or kills itself.

`python -m tests.bench._notify_service SETTINGS POINT TIMES`: kill -9 when it comes to a point for the TIMES-th time.
`python -m tests.bench._notify_service SETTINGS lane ALERTS`: with a lane that opens so many alerts, 20 a second.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from agents.clock import now_ms
from agents.configuration import Configuration
from agents.notify import Notifier, NotifyState
from agents.notify_settings import patience_of
from agents.notifying import Notifying
from agents.receivers.kinds import receivers_of
from agents.receivers.receiver import Receiver
from agents.runtime.embedded import Outcome
from agents.runtime.notices import NoticeStore
from agents.runtime.store import Store
from agents.settings_file import read_configuration
from listener.notices.health import Receivers
from listener.notices.notice import Notice
from listener.notices.notices import Notices
from schemas.alert import Alert, Event
from schemas.times import SECOND, from_ms
from tests.bench._notified import RECEIVERS
from tests.core.noticing import alert

POINTS = ("before taking", "after taking", "before noting", "after noting", "before telling", "after telling")
QUIET_SECONDS = 0.5
BETWEEN = 0.05  # seconds between two alerts of the lane


class Reaper:
    """Kills the process at a point."""

    def __init__(self, point: str, times: int) -> None:
        self._point, self._left = point, times

    def comes_to(self, point: str) -> None:
        """Die here, if it is the place and the time."""
        if point == self._point:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


class MortalStore(NoticeStore):
    """An outbox whose process dies around its commits."""

    reaper = Reaper("", 0)

    def step(self, now: int) -> Sequence[Notices]:
        self.reaper.comes_to("before taking")
        found = super().step(now)
        self.reaper.comes_to("after taking")
        return found

    async def keep(self, notices: Notices) -> None:
        self.reaper.comes_to("before noting")
        await super().keep(notices)
        self.reaper.comes_to("after noting")


class MortalReceiver:
    """A receiver whose teller dies around the telling."""

    def __init__(self, receiver: Receiver, reaper: Reaper) -> None:
        self.name = receiver.name
        self._receiver = receiver
        self._reaper = reaper

    async def tell(self, notice: Notice) -> None:
        self._reaper.comes_to("before telling")
        await self._receiver.tell(notice)
        self._reaper.comes_to("after telling")

    async def reach(self) -> str:
        return await self._receiver.reach()


class Nobody:
    """Counts nothing."""

    state = NotifyState((), (), 0)

    def sent(self, receiver: str, notice: Notice, delay: float | None) -> None: ...


async def work(configuration: Configuration, reaper: Reaper) -> None:
    """Until nothing waits."""
    MortalStore.reaper = reaper
    health = Receivers(patience_of(configuration.receivers))
    receivers = [MortalReceiver(one, reaper) for one in receivers_of(configuration.receivers)]
    notifier = Notifier(receivers, health, Nobody(), lambda message: None)
    notifier.held = False
    with closing(MortalStore(configuration.database(), configuration.plan(), health, now_ms())) as store:
        running = asyncio.create_task(notifier.run(store))
        quiet = 0.0
        while quiet < QUIET_SECONDS:
            await asyncio.sleep(0.05)
            left = store.notices.waiting() or notifier.busy or store.notices.next(now_ms()) < now_ms() + 2 * SECOND
            quiet = 0.0 if left else quiet + 0.05
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await notifier.finish(store, 0)


def an_event(number: int, sequence: int = 1, event: Event = "opened") -> Alert:
    """An event of an alert of some brand, due now: its reason says when."""
    brand, now = number % RECEIVERS, now_ms()
    return alert(
        now,
        id=f"a{number}",
        sequence=sequence,
        event=event,
        fingerprint=f"f{number}",
        brand=f"b{brand}",
        scope=f"s{number}",
        reason=str(now / SECOND),
        since=from_ms(now - 1),
    )


def add(store: Store, alerts: Sequence[Alert]) -> None:
    """Commit alerts, as a lane does."""
    store.begin()
    store.add_alerts(alerts)
    store.commit()


def lane(configuration: Configuration, count: int) -> None:
    """A lane that opens alerts, beside notify as the service runs it."""
    with (
        Store(configuration.database()) as store,
        Notifying(configuration, Nobody(), lambda message: None) as notifying,
    ):
        notifying.hold(held=False)
        time.sleep(1)  # until both are there
        for number in range(count):
            outcome = Outcome()
            outcome.alerts = [an_event(number)]
            add(store, outcome.alerts)
            notifying.committed(outcome)
            time.sleep(BETWEEN)
        notifying.finish()


if __name__ == "__main__":
    settings, what, times = sys.argv[1:]
    chosen = read_configuration(Path(settings))
    if what == "lane":
        lane(chosen, int(times))
    else:
        asyncio.run(work(chosen, Reaper(what, int(times))))
