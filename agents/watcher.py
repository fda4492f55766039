"""Who looks on while the embedded service runs."""

from typing import Protocol

from agents.runtime.embedded import Embedded, Outcome


class Watcher(Protocol):
    """Who is shown what happens."""

    def opened(self, lane: Embedded) -> None:
        """The lane is there, as the last run has left it."""

    def note(self, message: str) -> None:
        """Something worth knowing, once."""

    def progress(self, what: str, done: int, total: int | None) -> None:
        """How far a long task is."""

    def committed(self, outcome: Outcome) -> None:
        """A step is true now."""
