"""Heartbeat: what a source says in the mentions log when it says nothing else."""

from schemas.record import Record
from schemas.times import Time

Interval = tuple[Time, Time]


class Heartbeat(Record, frozen=True, tag="heartbeat/1"):
    """`source` has delivered all that it will of what came up to `through`.

    `covered` lists the intervals [from, to] in which the source was listening, all of them so far.
    """

    source: str
    through: Time
    covered: tuple[Interval, ...] = ()
