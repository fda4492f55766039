"""What receivers, routes and the digest must hold to: the first mistake is named with what is allowed."""

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from agents.calendars import zone_problems
from agents.configuration import WrongSettings
from agents.kind_checks import Kinds
from agents.notify_settings import (
    DigestSettings,
    ReceiverSettings,
    RouteSettings,
    minute_of_day,
)
from agents.secret_checks import ELSEWHERE, refuse_secret, secret_problems
from agents.source_checks import NAME, is_address, url_problems
from listener.dead_sources import RULE as DEAD_SOURCE
from listener.monitors import MONITORS
from listener.notices.durations import parse_duration
from listener.notices.hours import parse_hours
from listener.notices.plan import LISTENER, PLACES
from schemas.settings import Brand
from schemas.times import SECOND

KEYS: dict[str, tuple[str, ...]] = {
    "slack": ("url",),
    "webhook": ("url", "secret"),
    "alertmanager": ("url", "username", "password"),
    "email": ("server", "security", "username", "password", "sender", "to"),
}
NEEDED: dict[str, tuple[str, ...]] = {
    "slack": ("url",),
    "webhook": ("url", "secret"),
    "alertmanager": ("url",),
    "email": ("server", "sender", "to"),
}
RECEIVERS = Kinds("receiver", None, ("name", "kind", "patience", "heartbeat"), KEYS, NEEDED, ("secret", "password"))
ADDRESS = re.compile(r"[^\s@<>,]+@[^\s@<>,]+")
SERVER = re.compile(r"[^\s:@/]+(:\d{1,5})?")
PLACE = re.compile(r"\{([^{}]*)\}")
SHORTEST_HEARTBEAT = 10 * SECOND


def refuse_open_address(entry: object, where: str) -> None:
    """Raise WrongSettings for an address that stands in the file and is a secret, as that of a Slack channel."""
    url = entry.get("url", "") if isinstance(entry, Mapping) else ""
    if isinstance(url, Mapping):
        refuse_secret(url, f"{where}url")
    elif isinstance(entry, Mapping) and entry.get("kind") == "slack":
        raise WrongSettings(f"{where}url: whoever knows it may write there; {ELSEWHERE}")


def notify_problems(
    receivers: Sequence[ReceiverSettings],
    routes: Sequence[RouteSettings],
    digest: DigestSettings | None,
    brands: Sequence[Brand],
) -> Iterator[str]:
    """What is wrong with them, with its key first."""
    names = [receiver.name for receiver in receivers]
    for number, receiver in enumerate(receivers):
        yield from (f"receivers[{number}].{problem}" for problem in _receiver_problems(receiver, names[:number]))
    called = [route.called for route in routes]
    ids = [*(brand.id for brand in brands), LISTENER]
    owners = [*dict.fromkeys(brand.owner or brand.id for brand in brands), LISTENER]
    rules = [*(rule for monitor in MONITORS for rule in monitor.rules), DEAD_SOURCE]
    for number, route in enumerate(routes):
        yield from (f"routes[{number}].{problem}" for problem in _route_problems(route, names, called[:number]))
        for key, there in (("brands", ids), ("owners", owners), ("rules", rules)):
            yield from (f"routes[{number}].{problem}" for problem in _unknown(getattr(route, key), there, key))
    if digest is not None:
        yield from (f"digest.{problem}" for problem in _digest_problems(digest, receivers))
    if receivers and not routes:
        yield f'routes: there are none, so nobody is told; add a [[routes]] with receivers = ["{names[0]}"]'


def link_problems(link: str) -> Iterator[str]:
    """What is wrong with the address at which alerts can be looked at."""
    like = "https://example.org/alerts?brand={brand}"
    for place in PLACE.findall(link):
        if place not in PLACES:
            yield f"link: there is no {{{place}}}; there are {', '.join(f'{{{one}}}' for one in PLACES)}"
    plain = PLACE.sub("x", link)
    if link and ("{" in plain or "}" in plain or not is_address(plain, "https", "http")):
        yield f"link: {link!r} is no address; write it like {like}"


def _receiver_problems(receiver: ReceiverSettings, before: Sequence[str]) -> Iterator[str]:
    if not NAME.fullmatch(receiver.name):
        yield f"name: {receiver.name!r} is not allowed; use up to 100 letters, digits, ., - and _"
    if receiver.name in before:
        yield f"name: {receiver.name!r} is there twice; names must differ"
    if isinstance(receiver.url, str):
        if receiver.kind != "email":
            yield from url_problems(receiver.url, "url", "https", "http")
    else:
        yield from secret_problems(receiver.url, "url")
    if receiver.kind == "webhook":
        yield from secret_problems(receiver.secret, "secret")
    if receiver.password is not None:
        yield from secret_problems(receiver.password, "password")
    if bool(receiver.username) != (receiver.password is not None):
        yield "username: goes with a password; one of them is missing"
    if receiver.kind == "email":
        yield from _mail_problems(receiver)
    yield from _told(parse_duration, receiver.patience, "patience")
    if receiver.heartbeat:
        yield from _told(parse_duration, receiver.heartbeat, "heartbeat")
        if parse_duration(receiver.heartbeat) < SHORTEST_HEARTBEAT:
            yield f"heartbeat: {receiver.heartbeat!r} is shorter than 10s, the shortest"


def _mail_problems(receiver: ReceiverSettings) -> Iterator[str]:
    if not SERVER.fullmatch(receiver.server):
        yield f"server: {receiver.server!r} is no host:port; write it like smtp.example.org:587"
    if not receiver.to:
        yield 'to: names nobody; write it like ["oncall@example.org"]'
    for key, address in (("sender", receiver.sender), *(("to", address) for address in receiver.to)):
        if not ADDRESS.fullmatch(address):
            yield f"{key}: {address!r} is no address; write it like oncall@example.org"
    if receiver.security == "none" and receiver.password is not None:
        yield "security: 'none' would send the password as it is; use starttls or tls"


def _route_problems(route: RouteSettings, names: Sequence[str], before: Sequence[str]) -> Iterator[str]:
    if route.called in before:
        yield f"name: two routes would be called {route.called!r}; give each a name"
    yield from _unknown(route.receivers, names)
    for hours in route.hours:
        yield from _told(parse_hours, hours, "hours")
    yield from zone_problems(route.zone, "zone")
    for key in ("group_wait", "group_interval", "repeat_interval"):
        yield from _told(parse_duration, getattr(route, key), key)
    if "stage" in route.group_by:
        yield "group_by: by stage an early warning and its alert would be two pages; leave it out"


def _digest_problems(digest: DigestSettings, receivers: Sequence[ReceiverSettings]) -> Iterator[str]:
    names = [receiver.name for receiver in receivers]
    for receiver in receivers:
        if receiver.kind == "alertmanager" and receiver.name in digest.receivers:
            yield f"receivers: {receiver.name!r} is an Alertmanager, which takes alerts and no digest"
    if not digest.receivers:
        yield "receivers: names nobody; leave [digest] out if nobody is to get it"
    yield from _unknown(digest.receivers, names)
    yield from _told(minute_of_day, digest.at, "at")
    yield from zone_problems(digest.zone, "zone")


def _unknown(wanted: Iterable[str], names: Sequence[str], key: str = "receivers") -> Iterator[str]:
    seen: list[str] = []
    for name in wanted:
        if name not in names:
            near = difflib.get_close_matches(name, names, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names) or 'none'}"
            yield f"{key}: there is no {key.removesuffix('s')} {name!r}; {hint}"
        if name in seen:
            yield f"{key}: {name!r} is there twice"
        seen.append(name)


def _told(parse: Callable[[str], object], text: str, key: str) -> Iterator[str]:
    try:
        parse(text)
    except ValueError as error:
        yield f"{key}: {error}"
