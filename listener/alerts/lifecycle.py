"""The life of an alert: from findings to the events that people are told.

    opened -> escalated (a larger scale fires, it turns severe, its level rises) -> resolved -> reopened (within 6 h)

and at any time what people do (`obeying.py`): "acknowledged", "resolved" (what they resolve stays closed while the same
trouble lasts, unless that grows), "judged"; what is told to nobody (`muting.py`): "silenced", "inhibited", and
"updated" when that ends; "reminded" (`reminding.py`); and "revised" (`correcting.py`), when mentions that came too
late, were edited or deleted change what it was judged on. Early warnings live beside this, under ids of their own:
opened while a window is open, resolved when it closes, confirmed or not.
What happens to final alerts never depends on early ones.
"""

from collections.abc import Callable, Collection, Container, Iterable, Iterator
from datetime import datetime
from itertools import groupby

from msgspec.structs import replace

from listener.alerts.correcting import Corrections
from listener.alerts.fingerprint import alert_id, early_id
from listener.alerts.incident import AlertState, Early, Incident, Key, Replaced
from listener.alerts.level import MOST, RISES, Heard, level_again, weigh
from listener.alerts.muting import WHOLE, Desk, boundaries
from listener.alerts.obeying import Orders
from listener.alerts.reminding import next_reminder, reminder
from listener.alerts.telling import NOBODY, Said, Teller
from listener.alerts.urgency import TELL_MORE, severity_of
from listener.alerts.wording import by_few, calm_again, summary
from listener.detection import Cause
from listener.monitors.monitor import Finding
from listener.windows import Counts
from schemas.alert import Alert, Judged, Severity, Stage, Weighed
from schemas.command import Command
from schemas.receipt import Receipt
from schemas.times import HOUR, to_ms

REOPEN_WITHIN = 6 * HOUR
KEPT_REPLACED = 16
QUIET = "quiet-brand"  # of which nobody is reminded while a source is dead: nobody is quiet whom we do not hear


def nothing_heard(judged: Judged, stage: Stage) -> Heard:
    """Of who said it, and with what words, nothing is known."""
    return Heard()


class Alerts:
    """The alerts of one brand."""

    def __init__(self, brand: str, state: AlertState, heard: Callable[[Judged, Stage], Heard] = nothing_heard) -> None:
        """`heard` says how far what was judged reaches, how grave it is, and how much of it counts."""
        self.brand = brand
        self.state = state
        self._heard = heard
        self._teller = Teller(brand, state)
        self._corrections = Corrections(state, self._teller)
        self._orders = Orders(brand, state, self._teller)

    def open(self) -> Iterator[tuple[str, Stage, Severity]]:
        """The id, stage and severity of those that are open."""
        for (rule, _), incident in self.state.open():
            yield incident.id, "final", severity_of(rule, incident.finding, severe=incident.severe)
        for (rule, _), warning in self.state.early.items():
            if warning.open:
                yield warning.id, "early", severity_of(rule, warning.finding, severe=False)

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
            weighed = self._weighed(finding.judged, start, "early")
            warning = Early(
                id=early_id(alert_id(self.brand, *key, start)),
                end=to_ms(finding.judged.end),
                finding=finding.judged,
                examples=finding.examples,
                level=level_again(weighed),
                weighed=weighed,
            )
            self.state.early[key] = warning
            reason = f"the window is still open{by_few(weighed)}"
            yield self._teller.early_event(key, warning, "opened", finding.at, reason, desk)

    def final(self, findings: Iterable[Finding], at: int, desk: Desk) -> Iterator[Alert]:
        """Apply what the monitors found in the window that was closed at `at`, or in earlier ones, in their order.

        What is about the whole brand comes first, and last of it what others tell more of: they may inhibit the rest.
        """
        by_key: dict[Key, list[Finding]] = {}
        for finding in findings:
            by_key.setdefault((finding.rule, finding.scope), []).append(finding)
        for key, found in sorted(by_key.items(), key=lambda entry: _rank(entry[0])):
            yield from self._corrections.revise(key, at, desk)
            firing = [finding for finding in found if finding.scale]
            for _, together in groupby(sorted(firing, key=_end_and_scale), key=lambda finding: finding.judged.end):
                yield from self._fire(key, list(together), at, desk)
            if not firing:
                yield from self._calm(key, found[0], at, desk)
        yield from self._settle_early(at, desk)
        yield from self._settle_mutes(at, desk)
        self._forget_parts(at, desk)
        if by_key:  # not for early warnings alone, which hang on pulses; others may be reminded at the same time
            self.state.tended = max(self.state.tended, at - 1)

    def _fire(self, key: Key, firing: list[Finding], at: int, desk: Desk) -> Iterator[Alert]:
        incident = self.state.incidents.get(key)
        largest = firing[-1]
        severe = any(finding.severe for finding in firing)
        since = to_ms(firing[0].judged.start) if incident is None else incident.since
        weighed = self._weighed(largest.judged, since, "final")
        growth = None if incident is None else _growth(key[0], incident, largest, level_again(weighed), severe=severe)
        if incident is not None and incident.dismissed and growth is None:
            return
        if incident is None or (incident.closed is not None and at - incident.closed > REOPEN_WITHIN):
            self._keep_head(key, incident, desk)
            incident = self._new(key, firing[0], largest.scale, severe, at)
            reason = f"first time in six hours or more{by_few(incident.weighed)}"
            yield self._teller.event(key, incident, "opened", at, reason, desk)
            return
        if incident.closed is not None:
            _update(incident, largest.scale, severe, firing[0], at)
            incident.closed, incident.dismissed, incident.acknowledged = None, False, None
            incident.weighed, incident.level = weighed, level_again(weighed)
            reason = f"it fires again within six hours{by_few(weighed)}"
            yield self._teller.event(key, incident, "reopened", at, reason, desk)
            return
        if growth is not None:
            incident.weighed = replace(weighed, least=incident.level)
            incident.level = level_again(incident.weighed)
            _update(incident, max(largest.scale, incident.scale), severe or incident.severe, largest, at)
            incident.acknowledged = None  # for what it was, not for what it has become
            yield self._teller.event(key, incident, "escalated", at, f"{growth}{by_few(weighed)}", desk)

    def _new(self, key: Key, first: Finding, scale: int, severe: bool, at: int) -> Incident:
        start = to_ms(first.judged.start)
        weighed = self._weighed(first.judged, start, "final")
        incident = self.state.incidents[key] = Incident(
            id=alert_id(self.brand, *key, start),
            since=start,
            scale=scale,
            severe=severe,
            finding=first.judged,
            examples=first.examples,
            changed=at,
            level=level_again(weighed),
            weighed=weighed,
        )
        return incident

    def _weighed(self, judged: Judged, since: int, stage: Stage) -> Weighed:
        return weigh(judged, to_ms(judged.end) - since, self._heard(judged, stage))

    def _keep_head(self, key: Key, incident: Incident | None, desk: Desk) -> None:
        """A later alert takes the place of this one; people may still judge it."""
        if incident is None:
            return
        judged = incident.finding
        length = to_ms(judged.end) - to_ms(judged.start)
        words = summary(desk.name, judged)
        head = Replaced(
            key, incident.id, incident.since, length, incident.severe, words, incident.sequence, incident.level
        )
        self.state.replaced = [*self.state.replaced[1 - KEPT_REPLACED :], head]

    def _forget_parts(self, at: int, desk: Desk) -> None:
        """Of what is over for good about a part, as a post, only the head is kept: there is no end of parts."""
        incidents, early = self.state.incidents, self.state.early
        for key, incident in [*incidents.items()]:
            if key[1] != WHOLE and incident.closed is not None and at - incident.closed > REOPEN_WITHIN:
                self._keep_head(key, incidents.pop(key), desk)
        for key, warning in [*early.items()]:
            if key[1] != WHOLE and not warning.open and at - warning.end > REOPEN_WITHIN:
                del early[key]

    def _calm(self, key: Key, finding: Finding, at: int, desk: Desk) -> Iterator[Alert]:
        incident = self.state.incidents.get(key)
        if incident is None:
            return
        incident.dismissed = False
        if incident.closed is not None:
            return
        _update(incident, incident.scale, incident.severe, finding, at)
        incident.closed = at
        yield self._teller.event(key, incident, "resolved", at, calm_again(finding.judged), desk)

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
            yield self._teller.early_event(key, warning, "resolved", at, reason, desk)

    def _settle_mutes(self, at: int, desk: Desk, said: Said = NOBODY) -> Iterator[Alert]:
        """Tell of what is muted from `at` on, and of what no longer is."""
        for key, incident in self.state.open():
            mute, before = self._teller.mute(key, incident, at, desk), incident.muted
            if mute and before is None:
                yield self._teller.event(key, incident, mute.event, at, mute.reason, desk, said)
            elif before is not None and mute is None:
                reason = f"still open, and no longer muted ({before})"
                yield self._teller.event(key, incident, "updated", at, reason, desk, said)

    def correct(self, at: int, cause: Cause, counts: Counts, now: int) -> bool:
        """See `Corrections.correct`."""
        return self._corrections.correct(at, cause, counts, now)

    def forget(self, ids: Collection[str]) -> bool:
        """See `Corrections.forget`."""
        return self._corrections.forget(ids)

    def revise(self, at: int, desk: Desk) -> Iterator[Alert]:
        """See `Corrections.revise_all`."""
        return self._corrections.revise_all(at, desk)

    def obey(self, command: Command, at: int, desk: Desk) -> Iterator[Alert | Receipt]:
        """See `Orders.obey`. What a command mutes or tells again is told with it, nothing before what was told."""
        at = max(self.state.tended + 1, at)
        if self.state.incidents:  # before there is any, the log may have no time yet
            self.state.tended = at - 1
        for said in self._orders.obey(command, at, desk):
            yield said
            if isinstance(said, Receipt) and said.done:
                yield from self._settle_mutes(at, desk, Said(command.actor))

    def tend(self, at: int, desk: Desk, deaf: Callable[[int], bool]) -> Iterator[Alert]:
        """Do what is due at `at` ms: `next_due` has said so. `deaf` says whether a source was dead at a time."""
        self.state.tended = max(self.state.tended, at)
        yield from self._settle_mutes(at, desk)
        for key, incident in self.state.open():
            due = next_reminder(key, incident)
            if due is None or at < due:
                continue
            incident.nudged, incident.nudges = at, incident.nudges + 1
            if key[0] != QUIET or not deaf(at):
                yield self._teller.event(key, incident, "reminded", at, reminder(incident, at), desk)

    def next_due(self, desk: Desk) -> int | None:
        """When `tend` has something to do next, in ms; None while no alert is open."""
        reminders = [next_reminder(key, incident) for key, incident in self.state.open()]
        if not reminders:
            return None
        times = [*reminders, *boundaries(self.state, desk), desk.at + 1]
        return min((time for time in times if time is not None and time > self.state.tended), default=None)

    def abandon(self, watched: Container[str], at: int, desk: Desk) -> Iterator[Alert]:
        """Close the alerts of rules that nobody watches any more."""
        closed = False
        for key, incident in self.state.incidents.items():
            if key[0] in watched:
                continue
            incident.dismissed = False
            if incident.closed is None:
                incident.closed, closed = at, True
                reason = "nobody watches this any more: it was switched off"
                yield self._teller.event(key, incident, "resolved", at, reason, desk)
        if closed:
            yield from self._settle_mutes(at, desk)


def _growth(rule: str, incident: Incident, finding: Finding, level: int, *, severe: bool) -> str | None:
    """Why it is worse than it was told, None if it is not."""
    before, now = (severity_of(rule, judged, severe=severe) for judged in (incident.finding, finding.judged))
    if before == "notice" != now:
        return "it was for the digest, and more will come of it than that"
    if finding.scale > incident.scale:
        return "a larger window fires"
    if severe and not incident.severe:
        return "it has become severe"
    if level >= incident.level + RISES:
        return f"its severity has risen from {incident.level} to {level} of {MOST}"
    return None


def _update(incident: Incident, scale: int, severe: bool, finding: Finding, at: int) -> None:
    incident.scale, incident.severe, incident.changed = scale, severe, at
    incident.finding, incident.examples, incident.correction = finding.judged, finding.examples, None


def _rank(key: Key) -> tuple[bool, bool]:
    return key[1] != WHOLE, key[0] in TELL_MORE


def _end_and_scale(finding: Finding) -> tuple[datetime, int]:
    return finding.judged.end, finding.scale
