"""What a live source is to the service: something that listens, says how far it has heard, and can go on from there.

A connection only knows its own platform. The service keeps it listening (`keeping.py`), works out what it has covered
(`covering.py`), stamps what it brings, and commits its cursor in the same transaction as the records before it.
"""

from asyncio import Future
from collections.abc import Sequence
from typing import Any, Protocol

from schemas.dead_letter import DeadLetter
from schemas.deletion import Deletion
from schemas.mention import Mention

Heard = Mention | Deletion | DeadLetter
Cursor = Any  # whatever JSON can hold; None: from the beginning, or from now, as the source has it


class Lost(Exception):
    """The connection is gone, or could not be made; it is tried again. `after`: not before so many seconds."""

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


class Refused(Exception):
    """The other side wants none of this, and will not until somebody changes something: tried again slowly."""


class Ear(Protocol):
    """Where a connection puts what it hears. All of it is called in the connection's own event loop."""

    def listening(self, since: int | None = None) -> None:
        """From now on nothing is missed. What has come up since `since`, in ms, is given (again) first; None: nothing.

        Call it once the other side has agreed, before the first `take` of this `listen`.
        """

    def alive(self) -> None:
        """A sign of life that brings nothing; `take` is one too."""

    def tell(self, state: str) -> None:
        """What it is at, for people: "connecting", "reading page 3"."""

    def note(self, message: str) -> None:
        """Something worth knowing, once."""

    async def take(self, records: Sequence[Heard], cursor: Cursor, through: int) -> "Future[None]":
        """Hand records over, with the cursor after them. It waits while too much waits to be worked through.

        `through`, in ms: all that the source had up to then has been given by now; 0 where that cannot be said. What is
        returned is done when the records are committed; only who has promised something waits for it.
        """


class Connection(Protocol):
    """A live source. `patience` is how many seconds without a sign of life it takes to call it dead, None: never.

    One that is `certain` misses nothing while it listens, as no network lies between: what comes is there at once.
    """

    @property
    def name(self) -> str: ...

    @property
    def patience(self) -> float | None: ...

    @property
    def certain(self) -> bool: ...

    async def listen(self, cursor: Cursor, ear: Ear) -> None:
        """Listen from the cursor on, until the source has ended for good: then it returns.

        Raise Lost and Refused (`answers.py` knows which for a status of HTTP); OSError and TimeoutError are taken for
        Lost, anything else too, but with its traceback in the log. It is called anew after each of them, with the
        cursor that it handed over last. It is cancelled to stop it.
        """

    async def reach(self) -> str:
        """Whether it can be reached, in words; nothing is read for good. Raise what `listen` raises."""
