"""The life of an alert: from findings to the events that people are told.

    opened -> escalated (a larger scale fires, or it turns severe) -> resolved -> reopened (within six hours)

and at any time "acknowledged" or "resolved" by a person (`schemas/command.py`; what they resolve stays closed while
the same trouble lasts, unless that grows), and "revised", when mentions that came too late, were edited or deleted
change what it was judged on. Early warnings live beside this, under ids of their own: opened while a window is open,
resolved when it closes, confirmed or not.
What happens to final alerts never depends on early ones.
"""

from collections.abc import Collection, Container, Iterable, Iterator
from datetime import datetime
from itertools import groupby
from typing import Protocol

import msgspec
from msgspec.structs import replace

from listener.alerts.fingerprint import alert_id, early_id, fingerprint
from listener.alerts.wording import Change, calm_again, correction, examples_gone, summary
from listener.detection import Cause
from listener.judgement import judge_again
from listener.monitors.monitor import Finding
from listener.windows import Counts
from schemas.alert import Alert, Event, Judged, Severity, Stage
from schemas.command import Command
from schemas.times import DAY, HOUR, from_ms, to_ms

REOPEN_WITHIN = 6 * HOUR
CORRECT_WITHIN = DAY
KEPT_COMMANDS = 8
Key = tuple[str, str]


class Desk(Protocol):
    """Whose alerts these are: the brand's name, and the version of the settings in force."""

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...


class Refused(Exception):
    """A command that cannot be done. Nothing has changed; the message says why."""


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

    `commands` are the ids of the last ones that were done; `dismissed`, whether a person closed it and it was not calm
    since.
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
    commands: tuple[str, ...] = ()
    dismissed: bool = False


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


class AlertState(msgspec.Struct):
    """The latest alert and the latest early warning of each (rule, scope) of a brand."""

    incidents: dict[Key, Incident] = {}
    early: dict[Key, Early] = {}


class Alerts:
    """The alerts of one brand."""

    def __init__(self, brand: str, state: AlertState) -> None:
        self.brand = brand
        self.state = state

    def open(self) -> Iterator[tuple[str, Stage, Severity]]:
        """The id, stage and severity of those that are open."""
        for incident in self.state.incidents.values():
            if incident.closed is None:
                yield incident.id, "final", _severity(severe=incident.severe)
        for warning in self.state.early.values():
            if warning.open:
                yield warning.id, "early", _severity(severe=False)

    def early(self, findings: Iterable[Finding], desk: Desk) -> Iterator[Alert]:
        """Warn once, and not again for six hours or while an alert is open."""
        for finding in findings:
            key = (finding.rule, finding.scope)
            incident = self.state.incidents.get(key)
            before = self.state.early.get(key)
            if incident and (incident.closed is None or incident.dismissed):
                continue
            if before and (before.open or finding.at < before.end + REOPEN_WITHIN):
                continue
            start = to_ms(finding.judged.start)
            warning = Early(
                id=early_id(alert_id(self.brand, *key, start)),
                end=to_ms(finding.judged.end),
                finding=finding.judged,
                examples=finding.examples,
            )
            self.state.early[key] = warning
            yield self._early_event(key, warning, "opened", finding.at, "the window is still open", desk)

    def final(self, findings: Iterable[Finding], at: int, desk: Desk) -> Iterator[Alert]:
        """Apply what the monitors found in the window that was closed at `at`, or in earlier ones, in their order."""
        by_key: dict[Key, list[Finding]] = {}
        for finding in findings:
            by_key.setdefault((finding.rule, finding.scope), []).append(finding)
        for key, found in by_key.items():
            yield from self._revise(key, at, desk)
            firing = [finding for finding in found if finding.scale]
            for _, together in groupby(sorted(firing, key=_end_and_scale), key=lambda finding: finding.judged.end):
                yield from self._fire(key, list(together), at, desk)
            if not firing:
                yield from self._calm(key, found[0], at, desk)
        yield from self._settle_early(at, desk)

    def _fire(self, key: Key, firing: list[Finding], at: int, desk: Desk) -> Iterator[Alert]:
        incident = self.state.incidents.get(key)
        largest = firing[-1]
        severe = any(finding.severe for finding in firing)
        grown = incident is not None and (largest.scale > incident.scale or (severe and not incident.severe))
        if incident is not None and incident.dismissed and not grown:
            return
        if incident is None or (incident.closed is not None and at - incident.closed > REOPEN_WITHIN):
            first = firing[0]
            start = to_ms(first.judged.start)
            incident = Incident(
                id=alert_id(self.brand, *key, start),
                since=start,
                scale=largest.scale,
                severe=severe,
                finding=first.judged,
                examples=first.examples,
                changed=at,
            )
            self.state.incidents[key] = incident
            yield self._event(key, incident, "opened", at, "first time in six hours or more", desk)
            return
        if incident.closed is not None:
            self._update(incident, largest.scale, severe, firing[0], at)
            incident.closed, incident.dismissed = None, False
            yield self._event(key, incident, "reopened", at, "it fires again within six hours", desk)
            return
        if grown:
            reason = "a larger window fires" if largest.scale > incident.scale else "it has become severe"
            self._update(incident, max(largest.scale, incident.scale), severe or incident.severe, largest, at)
            yield self._event(key, incident, "escalated", at, reason, desk)

    @staticmethod
    def _update(incident: Incident, scale: int, severe: bool, finding: Finding, at: int) -> None:
        incident.scale, incident.severe, incident.changed = scale, severe, at
        incident.finding, incident.examples, incident.correction = finding.judged, finding.examples, None

    def _calm(self, key: Key, finding: Finding, at: int, desk: Desk) -> Iterator[Alert]:
        incident = self.state.incidents.get(key)
        if incident is None:
            return
        incident.dismissed = False
        if incident.closed is not None:
            return
        self._update(incident, incident.scale, incident.severe, finding, at)
        incident.closed = at
        yield self._event(key, incident, "resolved", at, calm_again(finding.judged), desk)

    def _settle_early(self, at: int, desk: Desk) -> Iterator[Alert]:
        for key, warning in self.state.early.items():
            if not warning.open or at < warning.end:
                continue
            warning.open = False
            incident = self.state.incidents.get(key)
            confirmed = incident is not None and incident.closed is None
            reason = (
                f"confirmed by alert {incident.id}" if incident and confirmed else "not confirmed by the closed window"
            )
            yield self._early_event(key, warning, "resolved", at, reason, desk)

    def correct(self, at: int, cause: Cause, counts: Counts, now: int) -> bool:
        """`counts` change the closed window that began at `at`. Whether a revision is now due."""
        wanted = False
        for incident in self.state.incidents.values():
            judged = incident.finding
            if now - incident.changed > CORRECT_WITHIN or not to_ms(judged.start) <= at < to_ms(judged.end):
                continue
            incident.correction = incident.correction or Correction()
            change = (counts.get("scorable", 0), counts.get("scored", 0), counts.get(judged.counted, 0))
            incident.correction.add(cause, change)
            wanted = True
        return wanted

    def forget(self, ids: Collection[str]) -> bool:
        """Keep none of these ids as examples. Whether a revision is now due."""
        wanted = False
        for incident in self.state.incidents.values():
            left = tuple(id_ for id_ in incident.examples if id_ not in ids)
            if left != incident.examples:
                incident.correction = incident.correction or Correction()
                incident.correction.gone += len(incident.examples) - len(left)
                incident.examples = left
                wanted = True
        for warning in self.state.early.values():
            left = tuple(id_ for id_ in warning.examples if id_ not in ids)
            warning.gone += len(warning.examples) - len(left)
            warning.examples = left
            wanted = wanted or bool(warning.gone)
        return wanted

    def revise(self, at: int, desk: Desk) -> Iterator[Alert]:
        """Tell what has changed since they were judged. An alert is corrected, never taken back.

        An early warning keeps its numbers, which were those of a moment; while it is open its end tells what is left.
        """
        for key in self.state.incidents:
            yield from self._revise(key, at, desk)
        for key, warning in self.state.early.items():
            if warning.gone and not warning.open:
                yield self._early_event(key, warning, "revised", at, examples_gone(warning.gone), desk)

    def _revise(self, key: Key, at: int, desk: Desk) -> Iterator[Alert]:
        incident = self.state.incidents.get(key)
        if incident is None or incident.correction is None:
            return
        changed, incident.correction = incident.correction, None
        before = incident.finding
        net = changed.net()
        if any(net):
            incident.finding = judge_again(before, *net)
            reason = correction(before, incident.finding, changed.changes)
        elif changed.gone:
            reason = examples_gone(changed.gone)
        else:
            return
        yield self._event(key, incident, "revised", at, reason, desk)

    def obey(self, command: Command, at: int, desk: Desk) -> Iterator[Alert]:
        """Do what a person wants at `at` ms of the log's time. Raise Refused."""
        key, incident = self._incident(command.alert_id)
        if command.id in incident.commands:
            return
        if incident.closed is not None:
            raise Refused(f"alert {incident.id} is closed already")
        incident.commands = (*incident.commands[1 - KEPT_COMMANDS :], command.id)
        at = max(at, incident.changed)
        event: Event = "acknowledged"
        if command.kind == "resolve":
            event, incident.closed, incident.dismissed = "resolved", at, True
        reason = f"{event} by {command.actor}" + (f": {command.comment}" if command.comment else "")
        yield replace(self._event(key, incident, event, at, reason, desk), actor=command.actor)

    def _incident(self, id_: str) -> tuple[Key, Incident]:
        for key, incident in self.state.incidents.items():
            if incident.id == id_:
                return key, incident
        if id_ in {early.id for early in self.state.early.values()}:
            raise Refused(f"{id_} is an early warning, which ends with its window: wait for the alert {id_[:-6]}")
        raise Refused(f"{self.brand} has no alert {id_}, or a later one has taken its place")

    def abandon(self, watched: Container[str], at: int, desk: Desk) -> Iterator[Alert]:
        """Close the alerts of rules that nobody watches any more."""
        for key, incident in self.state.incidents.items():
            if key[0] in watched:
                continue
            incident.dismissed = False
            if incident.closed is None:
                incident.closed = at
                yield self._event(
                    key, incident, "resolved", at, "nobody watches this any more: it was switched off", desk
                )

    def _event(self, key: Key, incident: Incident, event: Event, at: int, reason: str, desk: Desk) -> Alert:
        incident.sequence += 1
        what = (incident.id, incident.sequence, event, incident.since, incident.severe)
        return self._alert(key, "final", what, at, reason, incident.finding, incident.examples, desk)

    def _early_event(self, key: Key, warning: Early, event: Event, at: int, reason: str, desk: Desk) -> Alert:
        warning.sequence += 1
        warning.gone = 0
        what = (warning.id, warning.sequence, event, to_ms(warning.finding.start), False)
        return self._alert(key, "early", what, at, reason, warning.finding, warning.examples, desk)

    def _alert(
        self,
        key: Key,
        stage: Stage,
        what: tuple[str, int, Event, int, bool],
        at: int,
        reason: str,
        judged: Judged,
        examples: tuple[str, ...],
        desk: Desk,
    ) -> Alert:
        id_, sequence, event, since, severe = what
        rule, scope = key
        return Alert(
            id=id_,
            sequence=sequence,
            fingerprint=fingerprint(self.brand, rule, scope),
            stage=stage,
            event=event,
            brand=self.brand,
            rule=rule,
            scope=scope,
            severity=_severity(severe=severe),
            at=from_ms(at),
            since=from_ms(since),
            scale_s=round((judged.end - judged.start).total_seconds()),
            summary=summary(desk.name, judged),
            reason=reason,
            judged=judged,
            examples=examples,
            settings=desk.version,
        )


def _end_and_scale(finding: Finding) -> tuple[datetime, int]:
    return finding.judged.end, finding.scale


def _severity(*, severe: bool) -> Severity:
    return "critical" if severe else "warning"
