"""Which alerts are open now, by brand, and which of them are told to nobody."""

from collections import Counter

from listener.partition import Partition
from schemas.alert import Alert, Severity, Stage

Kind = tuple[Stage, Severity]


class OpenAlerts:
    """The open alerts of all brands: final ones, and early warnings that are not settled yet.

    It may be read from another thread than it is written by: whoever reads copies first.
    """

    def __init__(self) -> None:
        self._open: dict[str, dict[str, tuple[Kind, bool]]] = {}  # with whether it is muted

    def take_up(self, partition: Partition) -> None:
        """Those that the brands of a partition have open, instead of what was known of them.

        Whether an early warning was muted is not kept: for the minutes that it lasts it counts as told.
        """
        for brand, tracker in partition.trackers.items():
            muted = {incident.id for _, incident in tracker.watch.alerts.state.open() if incident.muted is not None}
            opened = tracker.watch.alerts.open()
            self._open[brand] = {id_: ((stage, severity), id_ in muted) for id_, stage, severity in opened}

    def note(self, alert: Alert) -> None:
        """Take in an event."""
        alerts = self._open.setdefault(alert.brand, {})
        if alert.event == "resolved":
            alerts.pop(alert.id, None)
        elif alert.event not in ("revised", "judged"):
            alerts[alert.id] = (alert.stage, alert.severity), alert.muted is not None

    def know(self, brand: str) -> None:
        """A brand is there, with alerts or without."""
        self._open.setdefault(brand, {})

    def forget(self) -> None:
        """The brands are others now."""
        self._open.clear()

    def of(self, brand: str) -> Counter[Kind]:
        """How many of each kind a brand has open, muted or not."""
        return Counter(kind for kind, _ in self._open.get(brand, {}).copy().values())

    def muted(self, brand: str) -> Counter[Kind]:
        """How many of each kind a brand has open that are told to nobody: silenced or inhibited."""
        return Counter(kind for kind, muted in self._open.get(brand, {}).copy().values() if muted)

    def brands(self) -> list[str]:
        """All brands that are known, in order."""
        return sorted(self._open.copy())
