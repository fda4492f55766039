"""All that is to be said, to whom and when: alerts come in, errands go out, and what came of them is told back.

Pure: whoever runs it says the time and does the errands. An errand that was done and not told back (the process died)
comes again with the same key and number; one that failed says next time how things are by then.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import TypeVar

from msgspec.structs import replace

from listener.notices.digest import BrandDigest, unpaged
from listener.notices.digests import Digests
from listener.notices.group import (
    Group,
    Said,
    forget_resolved,
    is_firing,
    members_of,
    news_of,
    number_of,
    resolved,
    said_of,
    schedule,
    told,
    tried,
)
from listener.notices.health import Failure, Receivers
from listener.notices.notice import Entry, Kind, Notice, Told
from listener.notices.plan import Errand, Plan
from listener.notices.routes import Route, routes_for
from listener.notices.silences import Silence, alertmanager_labels, silenced_by
from listener.notices.standing import Latest, Standing
from listener.state import Parts, pack, unpack
from schemas.alert import Alert
from schemas.times import DAY, MINUTE, SECOND, from_ms, to_ms

VERSION = 2
HISTORY = 7 * DAY  # an event that is older when it comes is history: nobody is to be called for it
LATE = 15 * MINUTE  # an event that is older comes after an outage, and more may follow
LATE_WAIT = 30 * SECOND
REFRESH = MINUTE
DIGEST, HEARTBEAT = "digest/", "heartbeat/"
GROUP, STANDING = "group/", "alert/"
AT_ONCE = 4  # errands of one receiver
Busy = Collection[tuple[str, str]]  # (receiver, about)

T = TypeVar("T")


class Notices:
    """The state, made from the parts in which it is kept."""

    def __init__(self, plan: Plan, receivers: Receivers, parts: Mapping[str, bytes], now: int) -> None:
        self.plan = plan
        self.receivers = receivers
        self._routes = {route.name: route for route in plan.routes}
        self._standings = _restored(parts, STANDING, Standing)
        self._groups = _restored(parts, GROUP, Group)
        self._digests = Digests(plan.digest, _restored(parts, DIGEST, BrandDigest))
        self._changed: set[str] = set()
        self._refreshed: dict[str, int] = {}
        self._begun: set[tuple[str, str]] = set()  # errands that are the first try of their receiver
        self._beats = dict.fromkeys(plan.heartbeats, now)
        self._hours_begin: int | None = None
        self.silences: Sequence[Silence] = ()
        self._adopt(now)

    def _adopt(self, now: int) -> None:
        """Put the routes of now in force."""
        known = self.receivers.health
        for key, group in list(self._groups.items()):
            group.told = [name for name in group.told if name in known]
            group.tried = [name for name in group.tried if name in known]
            self._routes.setdefault(group.route, Route(group.route))  # one that is gone only tells of ends
            self._look(key, now)
        self._route_unpaged(now)

    def _route_unpaged(self, now: int) -> None:
        """Route what is open and in no group of a route that is there. Hours may begin, and who was told goes on."""
        there = [group for group in self._groups.values() if self._routes[group.route].receivers]
        paged = {fingerprint for group in there for fingerprint in group.members}
        for fingerprint, standing in self._standings.items():
            shown = standing.shown
            if shown is not None and shown.open and shown.news and shown.muted is None and fingerprint not in paged:
                self._join(fingerprint, shown, now)
        begins = (route.begins(now) for route in self.plan.routes)
        self._hours_begin = min((at for at in begins if at is not None), default=None)

    def take(self, alert: Alert, now: int) -> None:
        """Take in an event."""
        fingerprint = alert.fingerprint
        age = now - to_ms(alert.at)
        if age > HISTORY and fingerprint not in self._standings:
            return
        standing = self._standings.setdefault(fingerprint, Standing())
        news = standing.take(alert)
        self._changed.add(STANDING + fingerprint)
        shown = standing.shown
        if shown is not None:
            self._digests.renote(fingerprint, shown)
        if news and shown is not None and age <= HISTORY:
            if shown.muted is not None:
                self._digests.note(fingerprint, shown, f"muted: {shown.muted}", now)
            elif not self._join(fingerprint, shown, now):
                self._digests.note(fingerprint, shown, unpaged(shown), now)
        for key, group in list(self._groups.items()):
            if fingerprint in group.members:
                if age > LATE:
                    group.hold = now + LATE_WAIT
                self._look(key, now)
        self._forget(fingerprint)

    def _join(self, fingerprint: str, latest: Latest, now: int) -> bool:
        """Let it into the groups of its routes; whether any of them has a receiver."""
        paged = False
        for route in routes_for(self.plan.routes, self.plan.names.labels(latest), now):
            if not route.receivers:
                continue
            paged = True
            key = "\x1f".join(route.group_of(self.plan.names.labels(latest)))
            group = self._groups.get(key)
            if group is None:
                group = Group(key=_dedup_key(key, latest), route=route.name, owner=self.plan.names.labels(latest).owner)
                self._groups[key] = group
            if fingerprint not in group.members:
                group.members.append(fingerprint)
            self._digests.unnote(fingerprint, latest.brand)
            self._look(key, now)
        return paged

    def _look(self, key: str, now: int) -> None:
        group = self._groups[key]
        self._changed.add(GROUP + key)
        if not group.holders or is_firing(group, self._standings):
            self._let_go(group, now)
        if not schedule(group, self._routes[group.route], self._standings, now):
            self._drop(key)

    def _let_go(self, group: Group, now: int) -> None:
        """Let go of the members that are over and said to be; those that were never told go into the digest."""
        for fingerprint, unsaid in forget_resolved(group, self._standings):
            shown = self._standings[fingerprint].shown
            if unsaid and shown is not None:
                self._digests.note(fingerprint, shown, shown.muted or "over before anybody was told", now)
            self._forget(fingerprint)

    def _drop(self, key: str) -> None:
        group = self._groups.pop(key)
        self._changed.add(GROUP + key)
        for fingerprint in group.members:
            self._forget(fingerprint)

    def _forget(self, fingerprint: str) -> None:
        standing = self._standings.get(fingerprint)
        if standing is None or standing.firing or any(fingerprint in g.members for g in self._groups.values()):
            return
        del self._standings[fingerprint]
        self._changed.add(STANDING + fingerprint)

    def due(self, now: int, busy: Busy = (), *, at_once: bool = False) -> list[Errand]:
        """What is to be done now but for heartbeats; `busy` is what is being done.

        `at_once`: without waiting for more to come.
        """
        if self._hours_begin is not None and self._hours_begin <= now:
            self._route_unpaged(now)
        errands: list[Errand] = []
        taken = list(busy)
        for found in (self._pages(now, taken, at_once=at_once), self._refreshes(now, taken), self._daily(now, taken)):
            for errand in found:
                taken.append((errand.receiver, errand.about))
                errands.append(errand)
        return errands

    def heartbeats(self, now: int, busy: Busy = ()) -> list[Errand]:
        """The heartbeats that are due."""
        return [
            Errand(name, HEARTBEAT, Notice(kind="heartbeat", key=HEARTBEAT + name, number=now // every, at=now))
            for name, every in self.plan.heartbeats.items()
            if now >= self._beats[name] and self._free(name, HEARTBEAT, now, busy)
        ]

    def _free(self, receiver: str, about: str, now: int, busy: Busy) -> bool:
        """Whether a receiver may be asked about it now."""
        if self.receivers.health[receiver].again > now or (receiver, about) in busy:
            return False
        return sum(name == receiver for name, _ in busy) < AT_ONCE

    def _pages(self, now: int, busy: Busy, *, at_once: bool) -> Iterator[Errand]:
        """The page of a group goes to one receiver, its end to all that were told."""
        for key, group in self._groups.items():
            if group.due is None or not (group.due <= now or (at_once and group.waiting is not None)):
                continue
            firing = is_firing(group, self._standings)
            names: Sequence[str] = group.holders
            if firing:
                chosen = self.receivers.choose(self._asked(group), now)
                names = [chosen] if chosen is not None and all(about != key for _, about in busy) else []
            names = [name for name in names if self._free(name, key, now, busy)]
            if names:
                notice, said = self._notice(group, now, firing=firing)
                yield from (Errand(name, key, notice, said, group.waiting) for name in names)

    def _asked(self, group: Group) -> list[str]:
        """Who is asked to take a page, in this order: who has it already is told what becomes of it."""
        others = self._routes[group.route].receivers
        return [*(name for name in group.told if name in others), *(name for name in others if name not in group.told)]

    def _notice(self, group: Group, now: int, *, firing: bool) -> tuple[Notice, dict[str, Said]]:
        alerts, said = [], {}
        for fingerprint, standing, latest in members_of(group, self._standings):
            before = group.said.get(fingerprint)
            if latest.open and latest.muted is not None and (before is None or not before.firing):
                continue
            name, owner = self.plan.names.of(latest.brand)
            said[fingerprint] = said_of(latest)
            alerts.append(
                Told(
                    fingerprint=fingerprint,
                    latest=latest,
                    name=name,
                    owner=owner,
                    firing=latest.open,
                    acknowledged=standing.acknowledged,
                    before=before.severity if before is not None and before.severity != latest.severity else None,
                    silenced=silenced_by(self.silences, alertmanager_labels(latest, owner), now),
                    page=self.plan.page_of(latest),
                )
            )
        kind: Kind = "firing" if firing else "resolved"
        reminder = firing and not news_of(group, self._standings)
        return Notice(
            kind=kind,
            key=group.key,
            number=number_of(group, kind, said, reminder=reminder),
            at=now,
            owner=group.owner,
            alerts=tuple(alerts),
            reminder=reminder,
        ), said

    def _refreshes(self, now: int, busy: Busy) -> Iterator[Errand]:
        for key, group in self._groups.items():
            for name in group.told:
                about = f"{name}\x1e{key}"
                if name not in self.plan.forgetful or now - self._refreshed.get(about, group.told_at) < REFRESH:
                    continue
                notice, _ = self._notice(group, now, firing=True)
                known = tuple(one for one in notice.alerts if one.firing and one.fingerprint in group.said)
                if known and self._free(name, about, now, busy):
                    yield Errand(name, about, replace(notice, alerts=known, refresh=True))

    def _daily(self, now: int, busy: Busy) -> Iterator[Errand]:
        plan = self.plan.digest
        if plan is None:
            return
        for brand, digest, due in self._digests.due():
            receiver = self.receivers.choose(plan.receivers, now) if due <= now else None
            if receiver is None or not self._free(receiver, DIGEST + brand, now, busy):
                continue
            name, owner = self.plan.names.of(brand)
            notice = Notice(
                kind="digest",
                key=f"digest-{brand or name}-{from_ms(due):%Y-%m-%d}",
                number=1,
                at=now,
                owner=name,
                entries=tuple(self._marked(entry, owner, now) for entry in digest.entries.values()),
                more=digest.more,
            )
            yield Errand(receiver, DIGEST + brand, notice)

    def _marked(self, entry: Entry, owner: str, now: int) -> Entry:
        silenced = silenced_by(self.silences, alertmanager_labels(entry.latest, owner), now)
        return Entry(entry.latest, f"{entry.why}; silenced in Alertmanager by {silenced}") if silenced else entry

    def begin(self, errand: Errand) -> bool:
        """An errand is about to be done. Whether that has to be kept first.

        A page of which nobody knows would stay, and a number that was given would be given to something else.
        """
        group, notice = self._groups.get(errand.about), errand.notice
        if group is None:
            return False
        if notice.kind == "firing" and errand.receiver not in group.holders:
            self._begun.add((errand.receiver, errand.about))
        tried(group, errand.receiver, notice, errand.said)
        self._changed.add(GROUP + errand.about)
        return True

    def sent(self, errand: Errand, now: int) -> None:
        """An errand is done."""
        self.receivers.answered(errand.receiver)
        name, about = errand.receiver, errand.about
        self._begun.discard((name, about))
        if about == HEARTBEAT:
            self._beats[name] = now + self.plan.heartbeats[name]
        elif about.startswith(DIGEST):
            self._digests.sent(about.removeprefix(DIGEST), errand.notice.entries, now)
        elif errand.notice.refresh:
            self._refreshed[about] = now
        elif (group := self._groups.get(about)) is not None:
            self._refreshed[f"{name}\x1e{about}"] = now
            if errand.notice.kind == "firing":
                told(group, name, errand.said, now)
                self._note_silenced(errand.notice, now)
            elif name in group.holders:
                resolved(group, name, errand.said, now)
            self._look(about, now)

    def _note_silenced(self, notice: Notice, now: int) -> None:
        for one in notice.alerts:
            if one.silenced and one.firing:
                self._digests.note(one.fingerprint, one.latest, "paged", now)

    def failed(self, errand: Errand, now: int, failure: Failure) -> bool:
        """An errand could not be done: it comes again, or goes to the next receiver. Whether the trouble is new."""
        group = self._groups.get(errand.about)
        first = (errand.receiver, errand.about) in self._begun
        self._begun.discard((errand.receiver, errand.about))
        if group is not None:
            if failure.surely and first and errand.receiver in group.tried:  # what was tried before may have arrived
                group.tried.remove(errand.receiver)
            self._look(errand.about, now)
        return self.receivers.failed(errand.receiver, now, failure)

    def next(self, now: int) -> int:
        """When to look again, in ms, if nothing comes and nothing is being done."""
        times = [now + MINUTE] if self._hours_begin is None else [now + MINUTE, self._hours_begin]
        times += [max(beat, self.receivers.again([name], now)) for name, beat in self._beats.items()]
        for group in self._groups.values():
            if group.due is not None:
                firing = is_firing(group, self._standings)
                names = self._asked(group) if firing else group.holders
                times += [max(group.due, self.receivers.again(names, now))] if names else []
        if self.plan.digest is not None:
            again = self.receivers.again(self.plan.digest.receivers, now)
            times += [max(again, due) for _, _, due in self._digests.due()]
        return min(times)

    def waiting(self) -> int:
        """How many groups have something to say that nobody was told yet."""
        return sum(
            group.waiting is not None and bool(self._routes[group.route].receivers or group.over)
            for group in self._groups.values()
        )

    def open(self, now: int) -> Iterator[Told]:
        """The alerts of which a page is open."""
        for group in self._groups.values():
            if group.told:
                yield from (one for one in self._notice(group, now, firing=True)[0].alerts if one.firing)

    @property
    def changed(self) -> bool:
        """Whether there is something to keep."""
        return bool(self._changed or self._digests.changed)

    def take_changes(self) -> Parts:
        """The parts that changed since the last call."""
        changed = sorted(self._changed | {DIGEST + brand for brand in self._digests.changed})
        self._changed, self._digests.changed = set(), set()
        kept: tuple[tuple[str, Mapping[str, object]], ...] = (
            (STANDING, self._standings),
            (GROUP, self._groups),
            (DIGEST, self._digests.by_brand),
        )
        parts: Parts = {}
        for part in changed:
            for prefix, things in kept:
                if part.startswith(prefix):
                    thing = things.get(part.removeprefix(prefix))
                    parts[part] = None if thing is None else pack(VERSION, thing)
        return parts


def _dedup_key(group: str, first: Latest) -> str:
    """The key of a group's page: derived from what groups it and the event that began it."""
    return blake2b(f"{group}\x1f{first.id}\x1f{first.news}".encode(), digest_size=8).hexdigest()


def _restored(parts: Mapping[str, bytes], prefix: str, kind: type[T]) -> dict[str, T]:
    return {
        name.removeprefix(prefix): unpack(raw, kind, VERSION) for name, raw in parts.items() if name.startswith(prefix)
    }
