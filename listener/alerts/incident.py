"""What is kept of a brand's alerts: the latest of each rule and scope, silences, and what is left of older ones."""

from collections.abc import Iterator

import msgspec

from listener.alerts.wording import Change
from listener.detection import Cause
from schemas.alert import Judged, Weighed
from schemas.command import Matcher

Key = tuple[str, str]  # rule, scope


class Correction(msgspec.Struct):
    """What has changed by each cause since an alert was judged, and how many of its examples are gone."""

    changes: dict[Cause, Change] = {}
    gone: int = 0

    def add(self, cause: Cause, more: Change) -> None:
        """Note a change."""
        before = self.changes.get(cause, (0, 0, 0))
        self.changes[cause] = (before[0] + more[0], before[1] + more[1], before[2] + more[2])

    def net(self) -> Change:
        """The sums of all."""
        mentions, scored, observed = map(sum, zip((0, 0, 0), *self.changes.values(), strict=True))
        return mentions, scored, observed


class Incident(msgspec.Struct):
    """The latest alert of one (rule, scope). Times in ms; `closed` is None while it is open.

    `dismissed`: a person closed it and it was not calm since. `muted` is why it is told to nobody, None while it is
    told. It was told of last, or taken by a person, at `nudged`, and people were reminded `nudges` times since. It was
    as bad as `level` when that was told last, which was `weighed` so.
    """

    id: str
    since: int
    scale: int
    severe: bool
    finding: Judged
    examples: tuple[str, ...]
    changed: int
    sequence: int = 0
    closed: int | None = None
    correction: Correction | None = None
    dismissed: bool = False
    acknowledged: str | None = None
    muted: str | None = None
    nudged: int = 0
    nudges: int = 0
    level: int = 1
    weighed: Weighed | None = None


class Early(msgspec.Struct):
    """An early warning: open until its window, which ends at `end` ms, is closed.

    `gone` is how many of its examples are gone since it was told of last.
    """

    id: str
    end: int
    finding: Judged
    examples: tuple[str, ...]
    open: bool = True
    sequence: int = 0
    gone: int = 0
    level: int = 1
    weighed: Weighed | None = None


class Replaced(msgspec.Struct, array_like=True):
    """What is left of an alert that a later one of the same rule and scope has replaced: enough to judge it."""

    key: Key
    id: str
    since: int
    scale: int
    severe: bool
    summary: str
    sequence: int
    level: int = 1


class Silence(msgspec.Struct):
    """From `since` to `until` (ms) the alerts for which all `matchers` hold are told to nobody."""

    since: int
    until: int
    matchers: tuple[Matcher, ...]
    actor: str
    comment: str


class AlertState(msgspec.Struct):
    """The latest alert and the latest early warning of each (rule, scope) of a brand, and what people have said.

    `silences` are by id, `commands` the ids of the latest ones, done or refused; `tended` is up to when (ms) it was
    looked whether a silence or a campaign begins or ends, and whether people are to be reminded.
    """

    incidents: dict[Key, Incident] = {}
    early: dict[Key, Early] = {}
    replaced: list[Replaced] = []
    silences: dict[str, Silence] = {}
    commands: tuple[str, ...] = ()
    tended: int = 0

    def open(self) -> Iterator[tuple[Key, Incident]]:
        """The alerts that are open."""
        for key, incident in self.incidents.items():
            if incident.closed is None:
                yield key, incident
