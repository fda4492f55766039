"""A group: the alerts that are told together, what was said of them, and when the next thing is to be said.

What is news follows from what stands against what was said last, not from a queue of events: whatever happened
meanwhile, and however long nobody could be told, the next notice says how things are now.
"""

from collections.abc import Iterator, Mapping
from hashlib import blake2b

import msgspec
from msgspec.structs import replace

from listener.notices.notice import Kind, Notice
from listener.notices.routes import Route
from listener.notices.standing import RANK, Latest, Standing
from schemas.alert import Severity, Stage
from schemas.times import DAY, MINUTE

LONGEST_HOLD = 10 * MINUTE  # however long late events keep coming
SOURCES = DAY  # between two reminders of a dead source, of which the log has none
RESOLVE_WITHIN = DAY  # a receiver that cannot be told for so long that something is over is told no more
NOTHING, NEWS, GRAVE = range(3)


class Said(msgspec.Struct, frozen=True):
    """What a notice said of an alert; `reminded` is the sequence of the last reminder in it."""

    id: str
    stage: Stage
    news: int
    severity: Severity
    firing: bool
    reminded: int


class Group(msgspec.Struct):
    """One group from its first alert to the last resolve that was delivered. Times in ms.

    `number` counts what was tried to be said, `content` is a digest of the last of it. `told` are the receivers at
    which a page is open, `tried` those at which one may be: nobody knows what became of the try. `told_at` is when a
    notice was delivered last, `waiting` since when something is to be said, `hold` until when late events may still
    come, `over` since when nothing is open.
    """

    key: str
    route: str
    owner: str
    members: list[str] = []
    said: dict[str, Said] = {}
    told: list[str] = []
    tried: list[str] = []
    number: int = 0
    content: str = ""
    told_at: int = 0
    waiting: int | None = None
    hold: int = 0
    due: int | None = None
    over: int | None = None

    @property
    def holders(self) -> list[str]:
        """Who has to hear that it is over."""
        return [*self.told, *self.tried]


def said_of(latest: Latest) -> Said:
    """What a notice that shows this says."""
    return Said(
        id=latest.id,
        stage=latest.stage,
        news=latest.news,
        severity=latest.severity,
        firing=latest.open,
        reminded=latest.reminded,
    )


def number_of(group: Group, kind: Kind, said: Mapping[str, Said], *, reminder: bool) -> int:
    """The number under which something is said: that of the last try as long as it is the same."""
    return group.number + (group.content != _content(group, kind, said, reminder=reminder))


def tried(group: Group, receiver: str, notice: Notice, said: Mapping[str, Said]) -> None:
    """A notice is about to be sent."""
    group.number, group.content = notice.number, _content(group, notice.kind, said, reminder=notice.reminder)
    if notice.kind == "firing" and receiver not in group.holders:
        group.tried.append(receiver)


def _content(group: Group, kind: Kind, said: Mapping[str, Said], *, reminder: bool) -> str:
    """A digest of what is said; each reminder is another one."""
    content = (kind, said, group.told_at if reminder else None)
    return blake2b(msgspec.json.encode(content, order="deterministic"), digest_size=8).hexdigest()


def members_of(group: Group, standings: Mapping[str, Standing]) -> Iterator[tuple[str, Standing, Latest]]:
    """The members, in the order in which they joined."""
    for fingerprint in group.members:
        standing = standings[fingerprint]
        if standing.shown is not None:
            yield fingerprint, standing, standing.shown


def news_of(group: Group, standings: Mapping[str, Standing]) -> int:
    """Whether there is something to say: GRAVE is what is graver than all that was said and is still open."""
    worst = max((RANK[said.severity] for said in group.said.values() if said.firing), default=-1)
    found = NOTHING
    for fingerprint, _, latest in members_of(group, standings):
        said = group.said.get(fingerprint)
        if said is not None and said.firing and not latest.open:
            found = max(found, NEWS)
        if not latest.open or latest.muted is not None:
            continue
        if said is None or replace(said, reminded=latest.reminded) != said_of(latest):
            found = max(found, GRAVE if RANK[latest.severity] > worst else NEWS)
    return found


def is_firing(group: Group, standings: Mapping[str, Standing]) -> bool:
    """Whether anything in it is open."""
    return any(latest.open for _, _, latest in members_of(group, standings))


def schedule(group: Group, route: Route, standings: Mapping[str, Standing], now: int) -> bool:
    """Set when the next thing is to be said. False where the group is over and nobody waits for a word of it."""
    firing = is_firing(group, standings)
    group.over = None if firing else now if group.over is None else group.over
    if not firing and (not group.holders or now - (group.over or now) > RESOLVE_WITHIN):
        return False
    level = news_of(group, standings)
    if level == NOTHING:
        group.waiting, group.due = None, _quiet_due(group, route, standings, now)
        return True
    group.waiting = now if group.waiting is None else group.waiting
    due = group.waiting + route.group_wait
    if level == NEWS and group.told_at:
        due = max(due, group.told_at + route.group_interval)
    group.due = max(due, min(group.hold, group.waiting + LONGEST_HOLD))
    return True


def _quiet_due(group: Group, route: Route, standings: Mapping[str, Standing], now: int) -> int | None:
    """When there is nothing new: the next reminder, or at once the resolves that are left."""
    if not is_firing(group, standings):
        return now
    asks = [(one, latest) for one, _, latest in members_of(group, standings) if latest.open and latest.muted is None]
    if not group.told or not asks:
        return None
    if any(latest.reminded > group.said[fingerprint].reminded for fingerprint, latest in asks):
        return group.told_at + route.repeat_interval
    return None if all(latest.brand for _, latest in asks) else group.told_at + max(SOURCES, route.repeat_interval)


def told(group: Group, receiver: str, said: Mapping[str, Said], now: int) -> None:
    """A notice was delivered that something is open."""
    group.told_at, group.waiting = now, None
    if receiver in group.tried:
        group.tried.remove(receiver)
    if receiver not in group.told:
        group.told.append(receiver)
    group.said |= said


def forget_resolved(group: Group, standings: Mapping[str, Standing]) -> list[tuple[str, bool]]:
    """Leave out what is over and need not be said, or was; return the fingerprints, and whether nothing was said."""
    gone = []
    for fingerprint, _, latest in list(members_of(group, standings)):
        said = group.said.get(fingerprint)
        if not latest.open and (said is None or not said.firing):
            group.members.remove(fingerprint)
            group.said.pop(fingerprint, None)
            gone.append((fingerprint, said is None))
    return gone


def resolved(group: Group, receiver: str, said: Mapping[str, Said], now: int) -> None:
    """A receiver was told that all is over."""
    group.told_at, group.waiting = now, None
    for names in (group.told, group.tried):
        if receiver in names:
            names.remove(receiver)
    group.said |= said
