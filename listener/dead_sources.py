"""Dead sources: who covered something, does no more, and has not ended, while the clock goes on.

It is nobody's brand: brand "", and the source is the scope. A source that is dead mutes "quiet-brand" (see
`Coverage.heard_since`), since nobody is quiet whom we do not hear.

People may acknowledge such an alert, and silence it: by source or all of them, before or while it is open. That it is
over only the source itself says.
"""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from listener.alerts.fingerprint import alert_id, fingerprint
from listener.alerts.incident import AlertState
from listener.alerts.lifecycle import REOPEN_WITHIN
from listener.alerts.muting import Desk, Mute, Told, mute_of
from listener.alerts.obeying import Orders, Refused
from listener.alerts.telling import Teller
from listener.coverage import DEAD_AFTER, Coverage, Interval
from schemas.alert import Alert, Event
from schemas.command import Command
from schemas.receipt import Receipt
from schemas.settings import Campaign
from schemas.times import MINUTE, from_ms

RULE = "dead-source"


class Outage(msgspec.Struct):
    """The latest alert of a source: dead since `since` (ms), closed at `closed`, None while it is open.

    `muted` is why it is told to nobody, None while it is told; `acknowledged`: somebody looks after it.
    """

    id: str
    since: int
    sequence: int = 0
    closed: int | None = None
    muted: str | None = None
    acknowledged: bool = False

    @property
    def dead(self) -> bool:
        """Whether the source is dead now."""
        return self.closed is None


class Watched(msgspec.Struct):
    """What was made of a source up to now: the end of its coverage so far (ms), and whether it had ended then.

    `again` is when one that had ended was to be listened to again (ms), until it is.
    """

    until: int
    ended: bool = False
    again: int = 0
    outage: Outage | None = None

    @property
    def silent_since(self) -> int:
        """Since when it covers nothing though it should (ms): a rest on purpose is no silence."""
        return max(self.until, self.again)


class _Nobody(NamedTuple):
    """The desk of what is nobody's brand: it has no calendar."""

    at: int = 0
    name: str = ""
    version: str = ""
    campaigns: tuple[Campaign, ...] = ()


class DeadSources:
    """The alerts about sources. `state` is by source, `said` what people want of them."""

    def __init__(self, state: dict[str, Watched], said: AlertState) -> None:
        self.state = state
        self.said = said

    def outages(self) -> Iterator[tuple[str, Outage]]:
        """Each source there was an alert about, and the latest one."""
        for source, watched in self.state.items():
            if watched.outage is not None:
                yield source, watched.outage

    def look(self, coverage: Coverage, now: int) -> list[Alert]:
        """What is to be told up to `now`, in due order, and of one time by source."""
        told: list[Alert] = []
        for at in (*self._boundaries(now), now):
            found: list[Alert] = []
            for source, intervals in sorted(coverage.by_source.items()):
                if intervals and intervals[0][0] <= at:
                    watched = self.state.setdefault(source, Watched(intervals[0][0]))
                    # That it has ended was told by `now`, and not before.
                    ended = source in coverage.ended if at == now else watched.ended
                    found += self._look_at(source, watched, intervals, at, ended=ended)
            told += sorted(found, key=lambda alert: alert.at)
            told += self._settle_mutes(at)
        self.said.tended = max(self.said.tended, now)
        return told

    def obey(self, command: Command, at: int) -> Iterator[Alert | Receipt]:
        """Do what a person wants at `at` ms, and say what came of it; nothing if it came before."""
        at = max(self.said.tended + 1, at)
        for said in _SourceOrders(self).obey(command, at, _Nobody()):
            yield said
            if isinstance(said, Receipt) and said.done:
                yield from self._settle_mutes(at, command.actor)
        self.said.tended = max(self.said.tended, at - 1)

    def acknowledge(self, command: Command, at: int) -> Alert:
        """Note that somebody looks after an outage. Raise Refused."""
        for source, outage in self._open():
            if outage.id == command.alert_id:
                outage.acknowledged = True
                comment = f": {command.comment}" if command.comment else ""
                reason = f"acknowledged by {command.actor}{comment}"
                return _alert(source, outage, "acknowledged", at, _is_dead(source, outage), reason, command.actor)
        raise Refused(f"no source is dead now of which {command.alert_id!r} is the alert")

    def _open(self) -> Iterator[tuple[str, Outage]]:
        for source, watched in sorted(self.state.items()):
            if watched.outage is not None and watched.outage.closed is None:
                yield source, watched.outage

    def _boundaries(self, now: int) -> list[int]:
        """When silences begin or end since it was looked last and before `now`, in ms."""
        times = {time for silence in self.said.silences.values() for time in (silence.since, silence.until)}
        return sorted(time for time in times if self.said.tended < time < now)

    def _mute(self, source: str, outage: Outage, at: int) -> Mute | None:
        return mute_of(Told((RULE, source), outage.id, "final", "critical"), self.said, at, _Nobody())

    def _settle_mutes(self, at: int, actor: str | None = None) -> Iterator[Alert]:
        """Tell of what is muted from `at` on, and of what no longer is."""
        for source, outage in self._open():
            mute, before = self._mute(source, outage, at), outage.muted
            if mute and before is None:
                outage.muted = mute.reason
                yield _alert(source, outage, mute.event, at, _is_dead(source, outage), mute.reason, actor)
            elif before is not None and mute is None:
                outage.muted = None
                reason = f"still dead, and no longer muted ({before})"
                yield _alert(source, outage, "updated", at, _is_dead(source, outage), reason, actor)

    def _look_at(
        self, source: str, watched: Watched, intervals: list[Interval], now: int, *, ended: bool
    ) -> Iterator[Alert]:
        for start, end in _news(intervals, watched.until, now):
            if not watched.ended and start - watched.silent_since >= DEAD_AFTER:
                yield from self._die(source, watched)
            yield from _revive(source, watched, start if start > watched.until else min(end, now))
            watched.until, watched.ended = end, False
        if watched.ended and not ended:
            watched.again = now
        watched.ended = ended
        if ended:
            yield from _revive(source, watched, now)
        elif now - watched.silent_since >= DEAD_AFTER:
            yield from self._die(source, watched)

    def _die(self, source: str, watched: Watched) -> Iterator[Alert]:
        since = watched.silent_since
        at, outage = since + DEAD_AFTER, watched.outage
        if outage is not None and outage.closed is None:
            return
        event: Event = "reopened"
        if outage is None or outage.closed is None or at - outage.closed > REOPEN_WITHIN:
            event, outage = "opened", Outage(alert_id("", RULE, source, since), since)
        outage.since, outage.closed, outage.acknowledged, watched.outage = since, None, False, outage
        mute = self._mute(source, outage, at)
        outage.muted = mute.reason if mute else None
        what = f"it covers nothing since {_time(since)}; while it is dead, no brand is called quiet"
        yield _alert(source, outage, event, at, _is_dead(source, outage), what)


class _SourceOrders(Orders):
    """The commands about sources: these are no incidents of a brand, and end by themselves alone."""

    def __init__(self, sources: DeadSources) -> None:
        super().__init__("", sources.said, Teller("", sources.said))
        self._sources = sources

    def _do(self, command: Command, at: int, desk: Desk) -> Iterator[Alert]:
        if command.kind == "resolve":
            raise Refused("a dead source's alert ends when it is heard again, or is taken out of the settings")
        if command.kind != "acknowledge" or command.verdict is not None:
            yield from super()._do(command, at, desk)
            return
        event = self._sources.acknowledge(command, at)
        self._told, self._rule = event.reason, RULE
        yield event


def _is_dead(source: str, outage: Outage) -> str:
    return f"{source} is dead: not heard since {_time(outage.since)}"


def _news(intervals: list[Interval], until: int, now: int) -> list[Interval]:
    """The intervals that go on after `until` and have begun by `now`."""
    at = len(intervals)
    while at and intervals[at - 1][1] > until:
        at -= 1
    return [interval for interval in intervals[at:] if interval[0] <= now]


def _revive(source: str, watched: Watched, at: int) -> Iterator[Alert]:
    outage = watched.outage
    if outage is None or outage.closed is not None:
        return
    outage.closed = at
    length = round((at - outage.since) / MINUTE)
    gap = f"nothing is known of it from {_time(outage.since)} to {_time(at)} ({length} min)"
    yield _alert(source, outage, "resolved", at, f"{source} is no longer dead", gap)


def _time(ms: int) -> str:
    return f"{from_ms(ms):%Y-%m-%d %H:%M} UTC"


def _alert(
    source: str, outage: Outage, event: Event, at: int, summary: str, reason: str, actor: str | None = None
) -> Alert:
    outage.sequence += 1
    return Alert(
        id=outage.id,
        sequence=outage.sequence,
        fingerprint=fingerprint("", RULE, source),
        stage="final",
        event=event,
        brand="",
        rule=RULE,
        scope=source,
        severity="critical",
        at=from_ms(at),
        since=from_ms(outage.since),
        scale_s=(at - outage.since) // 1000,
        summary=summary,
        reason=reason,
        judged=None,
        examples=(),
        settings="",
        actor=actor,
        muted=outage.muted,
    )
