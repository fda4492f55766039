"""What a receiver is. A new kind is a file with such a class, its keys in `notify_checks.py`, a line in `kinds.py`."""

from typing import Protocol

from agents.sources.connection import Lost
from listener.notices.notice import Notice

WAIT_SECONDS = 10.0  # for a receiver to take a notice


class NotTaken(Lost):
    """Lost, and surely nothing of the notice was taken: not reached, or told so by the other side."""


class Receiver(Protocol):
    """Somebody to tell. `name` is what the settings call it."""

    name: str

    async def tell(self, notice: Notice) -> None:
        """Tell it; it has taken the notice when this returns.

        Raise Lost where it may be asked again (after so many seconds, if it says so), NotTaken if it has taken nothing,
        Refused where somebody has to change something first. The same (key, number) may come twice.
        """

    async def reach(self) -> str:
        """What `listener check` says of it, who tells nobody anything. Raise Lost, Refused."""
