"""Pulse: how the time of day reaches the trackers, which have no clock of their own."""

from schemas.heartbeat import Interval
from schemas.record import Record
from schemas.times import Time


class Pulse(Record, frozen=True, tag="pulse/1"):
    """Lane `lane` of `lanes` of detect has processed its input through `through`.

    `coverage` gives for each source the latest intervals in which it was listening, all since the first of them began;
    what earlier pulses said of the time before that still holds. `ended` are those of which nothing is to be expected
    after that.
    """

    lane: int
    lanes: int
    through: Time
    coverage: dict[str, tuple[Interval, ...]] = {}
    ended: tuple[str, ...] = ()
