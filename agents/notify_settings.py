"""What may be set about who is told: `[[receivers]]`, `[[routes]]`, `[digest]`, `[notify]`; and what is made of it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import msgspec
from msgspec.structs import replace

from agents.calendars import zone_of
from agents.kept_secret import Secret
from listener.notices.digest import DigestPlan
from listener.notices.durations import parse_duration
from listener.notices.hours import parse_hours
from listener.notices.plan import Names, Plan
from listener.notices.routes import Route
from schemas.alert import Severity, Stage
from schemas.record import Part
from schemas.settings import Brand

ReceiverKind = Literal["slack", "webhook", "alertmanager", "email"]
MailSecurity = Literal["starttls", "tls", "none"]
Label = Literal["brand", "owner", "rule", "scope", "severity", "stage"]


class ReceiverSettings(Part, frozen=True):
    """Somebody to tell. Which keys go with which kind is in `agents/notify_checks.py`.

    Its `url` is a secret where whoever knows it may write there. `patience` is how long it may fail before the next one
    of a route is told; every `heartbeat` it hears that the listener lives.
    """

    name: str
    kind: ReceiverKind
    url: str | Secret = ""
    secret: Secret | None = None
    server: str = ""
    security: MailSecurity = "starttls"
    username: str = ""
    password: Secret | None = None
    sender: str = ""
    to: tuple[str, ...] = ()
    patience: str = "30s"
    heartbeat: str = ""

    def beside(self, folder: Path) -> "ReceiverSettings":
        """The same with its secrets' paths relative to a folder."""
        return replace(
            self,
            url=self.url if isinstance(self.url, str) else self.url.beside(folder),
            secret=self.secret and self.secret.beside(folder),
            password=self.password and self.password.beside(folder),
        )


class RouteSettings(Part, frozen=True):
    """Which alerts go to whom: the first route that takes one, and the next ones after it while they say `continue`.

    The first of `receivers` is told; the next one while that fails. None: what it takes goes into the digest.
    """

    receivers: tuple[str, ...]
    name: str = ""
    brands: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    severities: tuple[Severity, ...] = ()
    stages: tuple[Stage, ...] = ()
    hours: tuple[str, ...] = ()
    zone: str = "UTC"
    group_by: tuple[Label, ...] = ()
    group_wait: str = "1s"
    group_interval: str = "5m"
    repeat_interval: str = "4h"
    goes_on: bool = msgspec.field(default=False, name="continue")

    @property
    def called(self) -> str:
        """Its name, or that of its receivers."""
        return self.name or ", ".join(self.receivers) or "nobody"


class DigestSettings(Part, frozen=True):
    """Who is told once a day, at a time of a zone, what deserved no page."""

    receivers: tuple[str, ...]
    at: str = "08:00"
    zone: str = "UTC"


class NotifySettings(Part, frozen=True):
    """What holds for all that is said: `link` is where an alert can be looked at, with places like {brand}."""

    link: str = ""


def plan_of(
    receivers: Sequence[ReceiverSettings],
    routes: Sequence[RouteSettings],
    digest: DigestSettings | None,
    brands: Sequence[Brand],
    notify: NotifySettings,
) -> Plan:
    """What settings that were checked come to."""
    return Plan(
        routes=tuple(map(_route, routes)),
        digest=None if digest is None else _digest(digest),
        heartbeats={one.name: parse_duration(one.heartbeat) for one in receivers if one.heartbeat},
        forgetful=frozenset(one.name for one in receivers if one.kind == "alertmanager"),
        names=names_of(brands),
        link=notify.link,
    )


def names_of(brands: Sequence[Brand]) -> Names:
    """What brands are called and who owns them."""
    return Names({brand.id: brand.name for brand in brands}, {brand.id: brand.owner for brand in brands if brand.owner})


def patience_of(receivers: Sequence[ReceiverSettings]) -> Mapping[str, int]:
    """How many ms each may fail."""
    return {one.name: parse_duration(one.patience) for one in receivers}


def minute_of_day(at: str) -> int:
    """The minute of "08:00". Raise ValueError."""
    hour, separator, minute = at.partition(":")
    if not separator or not (hour + minute).isdecimal() or len(hour) != 2 or len(minute) != 2:
        raise ValueError(f"{at!r} is no time of day; write it like 08:00")
    if int(hour) > 23 or int(minute) > 59:
        raise ValueError(f"{at!r} is no time of day; write it like 08:00")
    return int(hour) * 60 + int(minute)


def _route(route: RouteSettings) -> Route:
    return Route(
        name=route.called,
        receivers=route.receivers,
        brands=route.brands,
        owners=route.owners,
        rules=route.rules,
        severities=route.severities,
        stages=route.stages,
        hours=tuple(map(parse_hours, route.hours)),
        zone=zone_of(route.zone),
        group_by=route.group_by,
        group_wait=parse_duration(route.group_wait),
        group_interval=parse_duration(route.group_interval),
        repeat_interval=parse_duration(route.repeat_interval),
        goes_on=route.goes_on,
    )


def _digest(digest: DigestSettings) -> DigestPlan:
    return DigestPlan(digest.receivers, minute_of_day(digest.at), zone_of(digest.zone))
