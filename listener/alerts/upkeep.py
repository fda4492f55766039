"""The timer of a brand's open alerts: when a mute begins or ends, and when people are to be reminded.

There is one, for whatever is due first. What changes that asks for another call, and the one before is passed over.
"""

from listener.alerts.lifecycle import Alerts
from listener.alerts.muting import Desk
from listener.turn import Turn


class Upkeep:
    """The timer. It follows from the state of the alerts, and so is no state itself."""

    def __init__(self, alerts: Alerts) -> None:
        self._alerts = alerts
        self._armed: int | None = None

    def arm(self, desk: Desk, turn: Turn) -> None:
        """Ask for a call when something is due; `desk` is that of the latest settings."""
        due = self._alerts.next_due(desk)
        if due is not None and due != self._armed:
            turn.remind(due, self._alerts.brand, "tend", due)
        self._armed = due

    def tend(self, due: int, desk: Desk, turn: Turn) -> None:
        """What the call was for, unless that has changed."""
        if due == self._armed:
            self._armed = None
            turn.emit_all(self._alerts.tend(due, desk, lambda at: turn.coverage.heard_since(at) == at))
