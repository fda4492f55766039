"""Why an alert is told to nobody though it stands in the log: silenced by a person or a campaign, or inhibited.

- A person's silence has matchers and an end (`schemas/command.py`); a campaign of the brand's calendar mutes the rules
  that it raises (`schemas/settings.py`).
- An open alert about the whole brand inhibits those of the same rule, and if it is a crisis all those, that are about a
  part of it (a theme): whoever looks after the whole sees the parts. That much is said of it is told by nobody while an
  alert about the whole brand says why.

That a dead source mutes "quiet-brand" is elsewhere: nothing opens (`monitors/quiet.py`), and nobody is reminded
(`lifecycle.py`).
"""

from collections.abc import Iterator
from typing import Literal, NamedTuple, Protocol

from listener.alerts.incident import AlertState, Key, Silence
from listener.alerts.urgency import CRISES, TELL_MORE
from schemas.alert import Severity, Stage
from schemas.command import Label, Matcher
from schemas.settings import Campaign
from schemas.times import DAY, from_ms, to_ms

WHOLE = "brand"  # the scope of an alert that is about all that is said of a brand
KEPT_SILENCES = 50
NOTHING: frozenset[str] = frozenset()


class Desk(Protocol):
    """Whose alerts these are: the brand's name, its calendar, which settings are in force and since when (ms)."""

    @property
    def at(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def campaigns(self) -> tuple[Campaign, ...]: ...


class Told(NamedTuple):
    """An alert as far as matchers see it."""

    key: Key
    id: str
    stage: Stage
    severity: Severity

    def label(self, name: Label) -> str:
        """What it has under a label."""
        rule, scope = self.key
        return {"alert": self.id, "rule": rule, "scope": scope, "severity": self.severity, "stage": self.stage}[name]


class Mute(NamedTuple):
    """How and why an alert is muted."""

    event: Literal["silenced", "inhibited"]
    reason: str


def mute_of(told: Told, state: AlertState, at: int, desk: Desk) -> Mute | None:
    """Why an alert is muted at `at` ms, None if it is not. Of several reasons the one that a person gave."""
    for id_, silence in state.silences.items():
        if silence.since <= at < silence.until and matches(silence.matchers, told):
            return Mute("silenced", worded(id_, silence))
    rule, scope = told.key
    for campaign in desk.campaigns:
        if rule in campaign.mutes and to_ms(campaign.start) <= at < to_ms(campaign.end):
            return Mute("silenced", f"planned campaign {campaign.name!r} until {_time(to_ms(campaign.end))}")
    more = TELL_MORE.get(rule, NOTHING) if scope == WHOLE else CRISES | {rule}
    for (other, of), incident in state.open():
        if of == WHOLE and other in more:
            return Mute("inhibited", f"inhibited by alert {incident.id} ({other}), which is about the whole brand")
    return None


def matches(matchers: tuple[Matcher, ...], told: Told) -> bool:
    """Whether all of them hold for an alert."""
    return all((told.label(matcher.name) == matcher.value) == matcher.is_equal for matcher in matchers)


def worded(id_: str, silence: Silence) -> str:
    """A silence in words."""
    comment = f": {silence.comment}" if silence.comment else ""
    return f"silenced until {_time(silence.until)} by {silence.actor}{comment} (silence {id_})"


def boundaries(state: AlertState, desk: Desk) -> Iterator[int]:
    """When silences and campaigns begin or end, in ms."""
    for silence in state.silences.values():
        yield silence.since
        yield silence.until
    for campaign in desk.campaigns:
        yield to_ms(campaign.start)
        yield to_ms(campaign.end)


def drop_ended(state: AlertState, at: int) -> None:
    """Forget the silences that have been over for a day: what is told late may still have been in one."""
    for id_ in [id_ for id_, silence in state.silences.items() if silence.until + DAY < at]:
        del state.silences[id_]


def _time(ms: int) -> str:
    return f"{from_ms(ms):%Y-%m-%d %H:%M} UTC"
