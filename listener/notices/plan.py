"""Plan: who is told what, as the settings say it. Errand: one notice for one of them."""

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote

from listener.notices.digest import DigestPlan
from listener.notices.group import Said
from listener.notices.notice import Notice
from listener.notices.routes import Labels, Route
from listener.notices.standing import Latest

LISTENER = "listener"  # the brand of what is about the listener itself
PLACES = ("brand", "owner", "rule", "alert")  # in an address: {brand}


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
    """Who is told what. `heartbeats` go every so many ms; the `forgetful` are told again and again what is open.

    `link` is an address with places for what an alert has (PLACES), where people can look at it.
    """

    routes: tuple[Route, ...] = ()
    digest: DigestPlan | None = None
    heartbeats: Mapping[str, int] = {}
    forgetful: frozenset[str] = frozenset()
    names: Names = Names()
    link: str = ""

    def page_of(self, latest: Latest) -> str:
        """Where an alert can be looked at; empty where nobody has said so."""
        labels, page = self.names.labels(latest), self.link
        for place, value in zip(PLACES, (labels.brand, labels.owner, labels.rule, latest.id), strict=True):
            page = page.replace(f"{{{place}}}", quote(value, safe=""))
        return page


class Errand(NamedTuple):
    """A notice for a receiver; `about` is what it is about, `since` the time in ms since which there is news."""

    receiver: str
    about: str
    notice: Notice
    said: Mapping[str, Said] = {}
    since: int | None = None
