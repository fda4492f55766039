"""Whether a lane was told a time that has not come: the wall clock had jumped ahead, and was set right since."""

from listener.formats.canonical import FAR_AHEAD
from schemas.times import from_ms


class Ahead:
    """Says of lanes that lie more than an hour ahead of the wall clock, once each time that they get there.

    A lane's time never goes back: what it has closed it has told. `anew` is what to set to begin anew.
    """

    def __init__(self, anew: str) -> None:
        self._anew = anew
        self._known: set[str] = set()

    def of(self, lane: str, through: int | None, now: int) -> str | None:
        """What to say of a lane that was told the time up to `through`, in ms like `now`; None if there is no news."""
        if through is None or through <= now + FAR_AHEAD:
            self._known.discard(lane)
            return None
        if lane in self._known:
            return None
        self._known.add(lane)
        until = f"{from_ms(through):%Y-%m-%d %H:%M} UTC"
        return (
            f"{lane} was told the time up to {until}, and it is {from_ms(now):%Y-%m-%d %H:%M}: this machine's clock "
            f"was ahead, or is behind. NOTHING IS JUDGED UNTIL {until}: what comes is counted, and raises no alarm. If "
            f"the clock is right now, wait until then, or take another {self._anew} and begin anew"
        )
