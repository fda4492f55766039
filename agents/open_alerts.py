"""Which alerts are open now, by brand."""

from collections import Counter

from listener.partition import Partition
from schemas.alert import Alert, Severity, Stage

Kind = tuple[Stage, Severity]


class OpenAlerts:
    """The open alerts of all brands: final ones, and early warnings that are not settled yet.

    It may be read from another thread than it is written by: whoever reads copies first.
    """

    def __init__(self) -> None:
        self._open: dict[str, dict[str, Kind]] = {}

    def take_up(self, partition: Partition) -> None:
        """Those that the brands of a partition have open, instead of what was known of them."""
        for brand, tracker in partition.trackers.items():
            self._open[brand] = {id_: (stage, severity) for id_, stage, severity in tracker.alerts.open()}

    def note(self, alert: Alert) -> None:
        """Take in an event."""
        alerts = self._open.setdefault(alert.brand, {})
        if alert.event == "resolved":
            alerts.pop(alert.id, None)
        elif alert.event not in ("revised", "judged"):
            alerts[alert.id] = alert.stage, alert.severity

    def know(self, brand: str) -> None:
        """A brand is there, with alerts or without."""
        self._open.setdefault(brand, {})

    def forget(self) -> None:
        """The brands are others now."""
        self._open.clear()

    def of(self, brand: str) -> Counter[Kind]:
        """How many of each kind a brand has open."""
        return Counter(self._open.get(brand, {}).copy().values())

    def brands(self) -> list[str]:
        """All brands that are known, in order."""
        return sorted(self._open.copy())
