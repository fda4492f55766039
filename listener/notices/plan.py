"""Plan: who is told what, as the settings say it. Errand: one notice for one of them."""

from collections.abc import Mapping
from typing import NamedTuple

from listener.notices.digest import DigestPlan
from listener.notices.group import Said
from listener.notices.notice import Notice
from listener.notices.routes import Labels, Route
from listener.notices.standing import Latest

LISTENER = "listener"  # the brand of what is about the listener itself


class Names(NamedTuple):
    """What brands are called, and who owns them: by id; who is not in it is called by its id and owns itself."""

    names: Mapping[str, str] = {}
    owners: Mapping[str, str] = {}

    def of(self, brand: str) -> tuple[str, str]:
        """Name and owner. What is about no brand is about the listener itself."""
        own = brand or LISTENER
        return self.names.get(brand) or own, self.owners.get(brand) or own

    def labels(self, latest: Latest) -> Labels:
        """What an alert is routed by."""
        _, owner = self.of(latest.brand)
        return Labels(latest.brand or LISTENER, owner, latest.rule, latest.scope, latest.severity, latest.stage)


class Plan(NamedTuple):
    """Who is told what. `heartbeats` go every so many ms; the `forgetful` are told again and again what is open."""

    routes: tuple[Route, ...] = ()
    digest: DigestPlan | None = None
    heartbeats: Mapping[str, int] = {}
    forgetful: frozenset[str] = frozenset()
    names: Names = Names()


class Errand(NamedTuple):
    """A notice for a receiver; `about` is what it is about, `since` the time in ms since which there is news."""

    receiver: str
    about: str
    notice: Notice
    said: Mapping[str, Said] = {}
    since: int | None = None
