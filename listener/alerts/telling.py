"""Events of alerts as records: numbered, muted where nobody is to be told, with all that they were judged on."""

from typing import NamedTuple

import msgspec

from listener.alerts.fingerprint import fingerprint
from listener.alerts.incident import AlertState, Early, Incident, Key, Replaced
from listener.alerts.muting import Desk, Mute, Told, mute_of
from listener.alerts.urgency import severity_of
from listener.alerts.wording import summary
from listener.judgement import score_of
from schemas.alert import Alert, Event, Judged, Stage, Verdict, Weighed
from schemas.times import from_ms, to_ms

OF_MUTES = ("silenced", "inhibited")
EARLY_IS_SEVERE = False  # a warning comes before it is known how bad it is
TOLD_ANEW = ("opened", "reopened", "escalated", "updated")  # what people are told of, as if for the first time


class Said(NamedTuple):
    """Who said it and what they thought of the alert; nobody, if the listener itself says it."""

    actor: str | None = None
    verdict: Verdict | None = None


NOBODY = Said()


class Head(NamedTuple):
    """What of an alert each event of it shows. Times in ms."""

    id: str
    sequence: int
    stage: Stage
    since: int
    severe: bool
    scale: int
    summary: str
    judged: Judged | None
    examples: tuple[str, ...]
    level: int
    weighed: Weighed | None


class Teller:
    """Makes the records of a brand's alerts."""

    def __init__(self, brand: str, state: AlertState) -> None:
        self._brand = brand
        self._state = state

    def mute(self, key: Key, incident: Incident, at: int, desk: Desk) -> Mute | None:
        """Why nobody is told of it at `at` ms."""
        severity = severity_of(key[0], incident.finding, severe=incident.severe)
        return mute_of(Told(key, incident.id, "final", severity), self._state, at, desk)

    def event(
        self, key: Key, incident: Incident, event: Event, at: int, reason: str, desk: Desk, said: Said = NOBODY
    ) -> Alert:
        """Something happened to an alert at `at` ms.

        Only what is news, or says so itself, begins or ends a mute: else nobody would be told when it ends.
        """
        incident.sequence += 1
        if event in TOLD_ANEW or event in OF_MUTES:
            mute = self.mute(key, incident, at, desk)
            incident.muted = mute.reason if mute else None
        if event in TOLD_ANEW:
            incident.nudged, incident.nudges = at, 0
        judged, since, severe = incident.finding, incident.since, incident.severe
        head = Head(
            incident.id,
            incident.sequence,
            "final",
            since,
            severe,
            _length(judged),
            summary(desk.name, judged),
            judged,
            incident.examples,
            incident.level,
            incident.weighed,
        )
        return self._alert(key, head, event, at, reason, desk, incident.muted, said)

    def early_event(self, key: Key, warning: Early, event: Event, at: int, reason: str, desk: Desk) -> Alert:
        """Something happened to an early warning."""
        severity = severity_of(key[0], warning.finding, severe=EARLY_IS_SEVERE)
        mute = mute_of(Told(key, warning.id, "early", severity), self._state, at, desk)
        warning.sequence += 1
        warning.gone = 0
        judged = warning.finding
        head = Head(
            warning.id,
            warning.sequence,
            "early",
            to_ms(judged.start),
            EARLY_IS_SEVERE,
            _length(judged),
            summary(desk.name, judged),
            judged,
            warning.examples,
            warning.level,
            warning.weighed,
        )
        return self._alert(key, head, event, at, reason, desk, mute.reason if mute else None, NOBODY)

    def of_replaced(self, replaced: Replaced, at: int, reason: str, desk: Desk, said: Said) -> Alert:
        """A person judges an alert of which only its head is left."""
        replaced.sequence += 1
        key, id_, since, scale, severe, words, sequence, level = msgspec.structs.astuple(replaced)
        head = Head(id_, sequence, "final", since, severe, scale, words, None, (), level, None)
        return self._alert(key, head, "judged", at, reason, desk, None, said)

    def _alert(
        self, key: Key, head: Head, event: Event, at: int, reason: str, desk: Desk, muted: str | None, said: Said
    ) -> Alert:
        rule, scope = key
        return Alert(
            id=head.id,
            sequence=head.sequence,
            fingerprint=fingerprint(self._brand, rule, scope),
            stage=head.stage,
            event=event,
            brand=self._brand,
            rule=rule,
            scope=scope,
            severity=severity_of(rule, head.judged, severe=head.severe),
            at=from_ms(at),
            since=from_ms(head.since),
            scale_s=head.scale // 1000,
            summary=head.summary,
            reason=reason,
            judged=head.judged,
            examples=head.examples,
            settings=desk.version,
            actor=said.actor,
            muted=muted,
            verdict=said.verdict,
            score=None if head.judged is None else score_of(head.judged),
            level=head.level,
            weighed=head.weighed,
        )


def _length(judged: Judged) -> int:
    return to_ms(judged.end) - to_ms(judged.start)
