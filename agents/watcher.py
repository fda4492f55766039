"""Who looks on while the embedded service runs."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from agents.notify import NotifyState
from agents.runtime.embedded import Embedded, Outcome


class SourceState(NamedTuple):
    """How a source does, for people.

    `state` is a word or two, like "listening", "catching up", "waiting to connect"; `up` says whether it listens. It is
    so `since` a time in ms, None if unknown; `behind` says how many ms old the last is that it brought (None: unknown),
    `records` how many it has brought since the start, `dead_letters` how many of them could not be used, `connects` how
    often it was connected to.
    """

    name: str
    state: str
    up: bool
    since: int | None
    behind: int | None
    records: int
    dead_letters: int = 0
    connects: int = 0


class Watcher(Protocol):
    """Who is shown what happens."""

    def opened(self, lane: Embedded) -> None:
        """The lane is there, as the last run has left it."""

    def note(self, message: str) -> None:
        """Something worth knowing, once."""

    def progress(self, what: str, done: int, total: int | None) -> None:
        """How far a long task is."""

    def sources(self, states: Sequence[SourceState]) -> None:
        """How the live sources do by now: all of them, each time. It is told often, and need not be shown each time."""

    def notified(self, state: NotifyState) -> None:
        """How the receivers do by now, each time anew, as of `sources`."""

    def committed(self, outcome: Outcome) -> None:
        """A step is true now."""
