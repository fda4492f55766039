"""Which receivers an alert goes to: the first route that takes it, and those after it while they say "continue"."""

from collections.abc import Iterable, Iterator
from datetime import tzinfo
from typing import NamedTuple

from listener.notices.hours import Hours
from schemas.times import HOUR, MINUTE, SECOND, from_ms, to_ms


class Labels(NamedTuple):
    """What an alert is routed and grouped by. `owner` is the brand's own id where nobody is named."""

    brand: str
    owner: str
    rule: str
    scope: str
    severity: str
    stage: str


class Route(NamedTuple):
    """One route. What is empty takes all; `receivers` are tried in their order; none: it goes into the digest.

    Lengths of time in ms. `group_by` are labels; the owner is always among what groups. `zone` is that of the `hours`.
    """

    name: str
    receivers: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    hours: tuple[Hours, ...] = ()
    zone: tzinfo | None = None
    group_by: tuple[str, ...] = ()
    group_wait: int = SECOND
    group_interval: int = 5 * MINUTE
    repeat_interval: int = 4 * HOUR
    goes_on: bool = False

    def takes(self, labels: Labels, now: int) -> bool:
        """Whether it takes an alert at `now` ms; a notice only if it asks for notices."""
        if labels.severity == "notice" and "notice" not in self.severities:
            return False
        asked = (
            (self.brands, labels.brand),
            (self.owners, labels.owner),
            (self.rules, labels.rule),
            (self.severities, labels.severity),
            (self.stages, labels.stage),
        )
        if any(wanted and value not in wanted for wanted, value in asked):
            return False
        local = from_ms(now).astimezone(self.zone)
        return not self.hours or any(hours.hold(local) for hours in self.hours)

    def begins(self, now: int) -> int | None:
        """When its hours begin for the first time after `now`, in ms; None where it has none."""
        local = from_ms(now).astimezone(self.zone)
        return min((to_ms(hours.begin_after(local)) for hours in self.hours), default=None)

    def group_of(self, labels: Labels) -> tuple[str, ...]:
        """What those alerts have in common that are told together."""
        return (self.name, labels.owner, *(getattr(labels, name) for name in self.group_by if name != "owner"))


def routes_for(routes: Iterable[Route], labels: Labels, now: int) -> Iterator[Route]:
    """The routes that take an alert at `now` ms."""
    for route in routes:
        if route.takes(labels, now):
            yield route
            if not route.goes_on:
                return
