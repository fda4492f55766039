"""Dead sources: who covered something, does no more, and has not ended, while the clock goes on.

It is nobody's brand: brand "", and the source is the scope. A source that is dead mutes "quiet-brand" (see
`Coverage.heard_since`), since nobody is quiet whom we do not hear.
"""

from collections.abc import Iterator

import msgspec

from listener.alerts.fingerprint import alert_id, fingerprint
from listener.alerts.lifecycle import REOPEN_WITHIN
from listener.coverage import DEAD_AFTER, Coverage, Interval
from schemas.alert import Alert, Event
from schemas.times import MINUTE, from_ms

RULE = "dead-source"


class Outage(msgspec.Struct):
    """The latest alert of a source: dead since `since` (ms), closed at `closed`, None while it is open."""

    id: str
    since: int
    sequence: int = 0
    closed: int | None = None


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


class DeadSources:
    """The alerts about sources. `state` is by source. What was found waits to be told in its turn."""

    def __init__(self, state: dict[str, Watched]) -> None:
        self.state = state

    def standing(self) -> Iterator[tuple[str, bool]]:
        """Each source there was an alert about, and whether it is dead now."""
        for source, watched in self.state.items():
            if watched.outage is not None:
                yield source, watched.outage.closed is None

    def look(self, coverage: Coverage, now: int) -> list[Alert]:
        """What is to be told up to `now`, in due order."""
        told: list[Alert] = []
        for source, intervals in sorted(coverage.by_source.items()):
            if intervals and intervals[0][0] <= now:
                watched = self.state.setdefault(source, Watched(intervals[0][0]))
                told += _look_at(source, watched, intervals, now, ended=source in coverage.ended)
        return sorted(told, key=lambda alert: alert.at)


def _look_at(source: str, watched: Watched, intervals: list[Interval], now: int, *, ended: bool) -> Iterator[Alert]:
    for start, end in _news(intervals, watched.until, now):
        if not watched.ended and start - watched.silent_since >= DEAD_AFTER:
            yield from _die(source, watched)
        yield from _revive(source, watched, start if start > watched.until else min(end, now))
        watched.until, watched.ended = end, False
    if watched.ended and not ended:
        watched.again = now
    watched.ended = ended
    if ended:
        yield from _revive(source, watched, now)
    elif now - watched.silent_since >= DEAD_AFTER:
        yield from _die(source, watched)


def _news(intervals: list[Interval], until: int, now: int) -> list[Interval]:
    """The intervals that go on after `until` and have begun by `now`."""
    at = len(intervals)
    while at and intervals[at - 1][1] > until:
        at -= 1
    return [interval for interval in intervals[at:] if interval[0] <= now]


def _die(source: str, watched: Watched) -> Iterator[Alert]:
    since = watched.silent_since
    at, outage = since + DEAD_AFTER, watched.outage
    if outage is not None and outage.closed is None:
        return
    event: Event = "reopened"
    if outage is None or outage.closed is None or at - outage.closed > REOPEN_WITHIN:
        event, outage = "opened", Outage(alert_id("", RULE, source, since), since)
    outage.since, outage.closed, watched.outage = since, None, outage
    what = f"it covers nothing since {_time(since)}; while it is dead, no brand is called quiet"
    yield _alert(source, outage, event, at, f"{source} is dead: not heard since {_time(since)}", what)


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


def _alert(source: str, outage: Outage, event: Event, at: int, summary: str, reason: str) -> Alert:
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
    )
