"""Builders for tests of the life of alerts: findings, and the alerts of one brand that are told of them."""

from typing import Any

from listener.alerts.incident import AlertState
from listener.alerts.lifecycle import Alerts
from listener.judgement import judge_again
from listener.monitors.monitor import Finding
from schemas.alert import Alert, Judged, Stage
from schemas.command import Command, Kind
from schemas.receipt import Receipt
from schemas.settings import Campaign
from schemas.times import HOUR, MINUTE, from_ms
from tests.core.building import START


class Desk:
    """A brand of the name Acme."""

    name = "Acme"
    version = "7"
    at = 0
    campaigns: tuple[Campaign, ...] = ()


DESK = Desk()
CALM = 0  # the scale of a finding that all is calm again


def judged(start: int = START, minutes: int = 5, observed: int = 20) -> Judged:
    """A verdict that fires if many were observed."""
    frozen = Judged(
        counted="negative",
        start=from_ms(start),
        end=from_ms(start + minutes * MINUTE),
        known=1.0,
        mentions=30,
        scored=25,
        observed=observed,
        expected=1.0,
        dispersion=0.3,
        share=0.1,
        strength=50.0,
        baseline_hours=500.0,
        least=5,
        each_limit=1e-3,
        both_limit=1e-8,
        chance_of_count=1.0,
        chance_of_share=1.0,
    )
    return judge_again(frozen)


def finding(
    scale: int,
    at: int = START + 6 * MINUTE,
    *,
    severe: bool = False,
    stage: Stage = "final",
    rule: str = "spike",
    scope: str = "brand",
) -> Finding:
    start = at - MINUTE - (scale or HOUR)
    return Finding(rule, scope, stage, at, scale, severe, judged(start, max(5, scale // MINUTE)), ("x:1", "x:2"))


class Life:
    """The alerts of one brand, told of findings, and its calendar."""

    def __init__(self, *campaigns: Campaign) -> None:
        self.desk = Desk()
        self.desk.campaigns = campaigns
        self.state = AlertState()
        self.alerts = Alerts("acme", self.state)

    def final(self, at: int, *scales: int, severe: bool = False) -> list[Alert]:
        return list(self.alerts.final([finding(scale, at, severe=severe) for scale in scales], at, self.desk))

    def early(self, at: int) -> list[Alert]:
        return list(self.alerts.early([finding(5 * MINUTE, at, stage="early")], self.desk))

    def order(self, kind: Kind, alert: Alert | None, at: int, id_: str = "c1", **more: Any) -> list[Alert | Receipt]:
        """All that comes of a command."""
        command = Command(
            id=id_,
            brand="acme",
            kind=kind,
            alert_id=alert.id if alert else "",
            actor="Ana",
            at=from_ms(at),
            comment="seen",
            **more,
        )
        return list(self.alerts.obey(command, at, self.desk))

    def obey(self, kind: Kind, alert: Alert | None, at: int, id_: str = "c1", **more: Any) -> list[Alert]:
        """The events of a command that can be done."""
        *happened, receipt = sorted(self.order(kind, alert, at, id_, **more), key=lambda one: isinstance(one, Receipt))
        assert isinstance(receipt, Receipt)
        assert receipt.done, receipt.told
        return [one for one in happened if isinstance(one, Alert)]

    def refused(self, kind: Kind, alert: Alert | None, at: int, id_: str = "c1", **more: Any) -> str:
        """Why a command is refused."""
        (receipt,) = self.order(kind, alert, at, id_, **more)
        assert isinstance(receipt, Receipt)
        assert not receipt.done
        return receipt.told

    def tend(self, at: int, *, deaf: bool = False) -> list[Alert]:
        """What is due at a time; `deaf`: a source is dead."""
        return list(self.alerts.tend(at, self.desk, lambda _: deaf))

    def tended(self, until: int) -> list[Alert]:
        """All that is due up to a time, each at its own."""
        found: list[Alert] = []
        while (due := self.alerts.next_due(self.desk)) is not None and due <= until:
            found += self.tend(due)
        return found


def told(events: list[Alert]) -> list[tuple[str, int]]:
    return [(alert.event, alert.sequence) for alert in events]
