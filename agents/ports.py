"""What the agents need of a runtime: somewhere to put their outputs."""

from typing import Protocol

from listener.partition import TrackRecord
from listener.turn import Output
from schemas.dead_letter import DeadLetter


class DetectPort(Protocol):
    """Where detect puts what it finds."""

    def to_track(self, record: TrackRecord, position: int) -> None:
        """A record for the trackers, found in the one at `position` of the mentions log."""

    def dead_letter(self, letter: DeadLetter) -> None:
        """What could not be used."""


class TrackPort(Protocol):
    """Where track puts what the trackers say."""

    def tell(self, output: Output) -> None:
        """A trend, a window in which nothing was said, an alert, or what came of a command."""
