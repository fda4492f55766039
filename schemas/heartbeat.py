"""Heartbeat: what a source says in the mentions log when it says nothing else."""

from schemas.record import Record
from schemas.times import Time

Interval = tuple[Time, Time]


class Heartbeat(Record, frozen=True, tag="heartbeat/1"):
    """`source` has delivered all that it will of what came up to `through`.

    `covered` lists the intervals [from, to] in which the source was listening, in order, all since the first of them
    began; what was told of the time before that still holds, so it need not be told again. Whoever runs a source says
    its heartbeats also while it is down: then `through` goes on and `covered` stands still, so the clock moves and the
    gap shows. A source that could never connect covers from the moment on at which it was told to listen, for no time
    at all. `ended`: after what it covered nothing is to be expected, until it speaks again: it was read to its end,
    stopped on purpose, or taken out of the settings; so it holds no clock, and is not dead.
    The source "" tells the time and nothing else: whoever runs the sources, while there is none.
    """

    source: str
    through: Time
    covered: tuple[Interval, ...] = ()
    ended: bool = False
