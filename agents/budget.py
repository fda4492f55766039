"""Whether a history would have kept its budget of alerts."""

from collections.abc import Iterable
from typing import NamedTuple

from listener.alerts.urgency import CRISES
from schemas.alert import Alert
from schemas.settings import Brand

SHARING = CRISES | {"unanswered", "slow-burn", "going-viral"}  # rules whose limit follows from the budget
RAISING = ("opened", "reopened")


class Verdict(NamedTuple):
    """How often a brand would have been raised in so many months of 30 days that were listened to.

    `alerts` are those of the rules that share the budget (alerts a month), `others` those of the
    other rules that page people. Real crises are among them: no history says which.
    """

    alerts: int
    others: int
    months: float
    budget: float

    @property
    def allowed(self) -> float:
        """The alerts that the budget holds in so many months."""
        return self.budget * self.months

    @property
    def kept(self) -> bool | None:
        """Whether the budget was kept; None where less than a month says nothing."""
        return None if self.months < 1.0 else self.alerts <= self.allowed

    def told(self) -> str:
        """In words."""
        what = f"{self.alerts} {'alert' if self.alerts == 1 else 'alerts'}" + (
            f" and {self.others} of rules without a budget" if self.others else ""
        )
        if self.kept is None:
            return f"{what}; less than a month is too short to hold against a budget of {self.budget:g} a month"
        kept = "kept" if self.kept else f"not kept; {self.allowed:.1f} would be in it, crises not counted"
        return f"{what}, {self.alerts / self.months:.2f} a month; budget {self.budget:g}: {kept}"


def raised(alerts: Iterable[Alert], brand: str) -> list[Alert]:
    """What a brand would have been raised by, of closed windows, in the order of `alerts`."""
    return [one for one in alerts if one.brand == brand and one.stage == "final" and one.event in RAISING]


def verdict(brand: Brand, alerts: list[Alert], months: float) -> Verdict:
    """The alerts that would have been raised of a brand, against its budget."""
    paging = [alert for alert in alerts if alert.severity != "notice"]
    budgeted = sum(alert.rule in SHARING for alert in paging)
    return Verdict(budgeted, len(paging) - budgeted, months, brand.budget)
