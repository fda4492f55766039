"""The clock of a partition: it has no time but what pulses tell it."""

import msgspec

from listener.coverage import Coverage
from schemas.pulse import Pulse
from schemas.times import to_ms


class Clock(msgspec.Struct):
    """Now is the least time through which all lanes of detect have been processed.

    `through` is by lane, in ms; the clock stands (`now` is None) until each of `lanes` lanes has pulsed,
    and never goes back.
    """

    lanes: int = 0
    through: dict[int, int] = {}
    now: int | None = None
    coverage: Coverage = msgspec.field(default_factory=Coverage)

    def hear(self, pulse: Pulse) -> None:
        """Take in a pulse. A change of the number of lanes starts the count of lanes anew.

        Raise ValueError for a lane that there is not: it would make the clock stand for ever, or run too early.
        """
        if not 0 <= pulse.lane < pulse.lanes:
            raise ValueError(f"a pulse of lane {pulse.lane}, counted from 0, of {pulse.lanes}")
        if pulse.lanes != self.lanes:
            self.lanes, self.through = pulse.lanes, {}
        self.through[pulse.lane] = max(self.through.get(pulse.lane, 0), to_ms(pulse.through))
        for source, intervals in pulse.coverage.items():
            covered = [(to_ms(start), to_ms(end)) for start, end in intervals]
            self.coverage.hear(source, covered, ended=source in pulse.ended)
        if len(self.through) == self.lanes:
            least = min(self.through.values())
            self.now = least if self.now is None else max(self.now, least)
