"""Track: records for the trackers become trends and alerts. A plain function over batches."""

from collections.abc import Container, Iterable

from agents.ports import TrackPort
from listener.partition import Partition, TrackRecord
from listener.turn import TimerFailed


class StepFailed(Exception):
    """A record, or a timer that it fired, broke a tracker. The state is half changed.

    Go back to the last commit and try again without the record, or without the timer if it was one.
    """

    def __init__(self, place: int, record: TrackRecord, error: Exception) -> None:
        self.timer = error.timer if isinstance(error, TimerFailed) else None
        super().__init__(str(error) if self.timer else f"{type(error).__name__}: {error}")
        self.place = place
        self.record = record


def track(
    records: Iterable[TrackRecord], partition: Partition, port: TrackPort, leave_out: Container[int] = ()
) -> None:
    """Step the partition through a batch, leaving out the records at some places. Raise StepFailed."""
    for place, record in enumerate(records):
        if place in leave_out:
            continue
        try:
            outputs = partition.step(record)
        except Exception as error:
            raise StepFailed(place, record, error) from error
        for output in outputs:
            port.tell(output)
