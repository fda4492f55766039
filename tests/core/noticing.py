"""Alerts and a world of receivers for the tests of notices."""

from typing import Any

from msgspec.structs import replace

from listener.notices.health import Failure, Receivers
from listener.notices.notices import Notices
from listener.notices.plan import Errand, Plan
from listener.notices.routes import Route
from schemas.alert import Alert
from schemas.times import MINUTE, SECOND, from_ms

NOW = 1_767_600_000_000  # 2026-01-05 08:00 UTC, a Monday
BASE = Alert(
    id="a1",
    sequence=1,
    fingerprint="f1",
    stage="final",
    event="opened",
    brand="fizz",
    rule="negative-spike",
    scope="brand",
    severity="warning",
    at=from_ms(NOW),
    since=from_ms(NOW - 5 * MINUTE),
    scale_s=300,
    summary="Fizz: 20 of 25 scored mentions negative (80%)",
    reason="first time in six hours or more",
    judged=None,
    examples=("x:1",),
    settings="s",
)


def alert(at: int = NOW, **changes: Any) -> Alert:
    """An event at a time in ms."""
    return replace(BASE, at=from_ms(at), **changes)


class World:
    """Notices and what was said: each errand is done at once, but by receivers that are `down`."""

    def __init__(self, *routes: Route, now: int = NOW, receivers: tuple[str, ...] = ("ops", "mail"), **plan: Any):
        self.now = now
        self.plan = Plan(routes=routes or (Route("all", ("ops", "mail")),), **plan)
        self.receivers = Receivers(dict.fromkeys(receivers, 30 * SECOND))
        self.parts: dict[str, bytes] = {}
        self.notices = Notices(self.plan, self.receivers, self.parts, now)
        self.down: set[str] = set()
        self.said: list[tuple[str, Errand]] = []

    def take(self, *alerts: Alert) -> None:
        """Events come in."""
        for one in alerts:
            self.notices.take(one, self.now)

    def keep(self) -> None:
        """Commit."""
        for part, content in self.notices.take_changes().items():
            if content is None:
                self.parts.pop(part, None)
            else:
                self.parts[part] = content

    def die(self) -> None:
        """What was not kept is lost; a new process begins with what was."""
        self.receivers = Receivers(self.receivers.patience)
        self.notices = Notices(self.plan, self.receivers, self.parts, self.now)

    def work(self) -> list[Errand]:
        """Do what is due; return what was said."""
        done = []
        for errand in [*self.notices.due(self.now), *self.notices.heartbeats(self.now)]:
            if self.notices.begin(errand):
                self.keep()
            if errand.receiver in self.down:
                self.notices.failed(errand, self.now, Failure("down", surely=True))
            else:
                self.notices.sent(errand, self.now)
                self.said.append((errand.receiver, errand))
                done.append(errand)
        return done

    def cut(self, *, arrived: bool) -> None:
        """Die amid the errands: what was said may have arrived, and nobody noted it."""
        for errand in self.notices.due(self.now):
            if self.notices.begin(errand):
                self.keep()
            if arrived and errand.receiver not in self.down:
                self.said.append((errand.receiver, errand))
        self.die()

    def later(self, ms: int) -> list[Errand]:
        """Time goes on, and all that comes due is done when it does."""
        end, done = self.now + ms, []
        while self.now < end:
            done += self.work()
            self.now = min(end, max(self.now + 1, self.notices.next(self.now)))
        return [*done, *self.work()]


def told(errands: list[Errand]) -> list[tuple[str, str, list[str]]]:
    """Receiver, kind, and the ids of the alerts of each."""
    return [(one.receiver, one.notice.kind, [told.latest.id for told in one.notice.alerts]) for one in errands]
