"""What a person wants done with alerts: checked, done once, and told in a receipt.

A command is refused where it cannot be done; then nothing has changed but that its id is known, so that it is refused
for good. The last KEPT_COMMANDS ids of a brand are known: one that comes again later than that is judged anew, and may
be done a second time (a silence that a person let expire would begin again, until its end of then). Both runtimes bring
each once, so that takes somebody who feeds old records of the log in again.
"""

from collections.abc import Iterator

from listener.alerts.incident import AlertState, Incident, Key, Silence
from listener.alerts.muting import KEPT_SILENCES, Desk, drop_ended, worded
from listener.alerts.telling import Said, Teller
from schemas.alert import Alert
from schemas.command import Command
from schemas.receipt import Receipt
from schemas.times import from_ms, to_ms

KEPT_COMMANDS = 64


class Refused(Exception):
    """A command that cannot be done. Nothing has changed; the message says why."""


def refusal(command: Command, at: int, reason: str) -> Receipt:
    """The receipt of a command that cannot be done."""
    return Receipt(command=command, at=from_ms(at), done=False, told=reason)


class Orders:
    """The commands about a brand's alerts."""

    def __init__(self, brand: str, state: AlertState, teller: Teller) -> None:
        self._brand = brand
        self._state = state
        self._teller = teller
        self._told = self._rule = ""

    def obey(self, command: Command, at: int, desk: Desk) -> Iterator[Alert | Receipt]:
        """Do what a person wants at `at` ms of the log's time, and say what came of it; nothing if it came before."""
        state = self._state
        if command.id in state.commands:
            return
        state.commands = (*state.commands[1 - KEPT_COMMANDS :], command.id)
        self._rule = ""
        try:
            events = list(self._do(command, at, desk))
        except Refused as refused:
            yield refusal(command, at, str(refused))
            return
        yield from events
        yield Receipt(command=command, at=from_ms(at), done=True, told=self._told, rule=self._rule)

    def _do(self, command: Command, at: int, desk: Desk) -> Iterator[Alert]:
        if command.verdict is not None and command.kind != "resolve":
            raise Refused(f'a verdict goes with "resolve", not with "{command.kind}"')
        if command.kind == "acknowledge":
            yield from self._acknowledge(command, at, desk)
        elif command.kind == "resolve":
            yield from self._resolve(command, at, desk)
        elif command.kind == "silence":
            self._silence(command, at)
        else:
            self._expire(command, at)

    def _acknowledge(self, command: Command, at: int, desk: Desk) -> Iterator[Alert]:
        key, incident = self._incident(command.alert_id)
        if incident.closed is not None:
            raise Refused(f"alert {incident.id} is closed already")
        incident.acknowledged, incident.nudged, incident.nudges = command.actor, at, 0
        self._told, self._rule = _reason("acknowledged", command), key[0]
        yield self._teller.event(key, incident, "acknowledged", at, self._told, desk, Said(command.actor))

    def _resolve(self, command: Command, at: int, desk: Desk) -> Iterator[Alert]:
        said = Said(command.actor, command.verdict)
        if command.verdict is not None:
            for replaced in self._state.replaced:
                if replaced.id == command.alert_id:
                    self._told, self._rule = _reason("judged", command), replaced.key[0]
                    yield self._teller.of_replaced(replaced, at, self._told, desk, said)
                    return
        key, incident = self._incident(command.alert_id)
        self._rule = key[0]
        if incident.closed is None:
            incident.closed, incident.dismissed = at, True
            self._told = _reason("resolved", command)
            yield self._teller.event(key, incident, "resolved", at, self._told, desk, said)
        elif command.verdict is not None:
            self._told = _reason("judged", command)
            yield self._teller.event(key, incident, "judged", at, self._told, desk, said)
        else:
            raise Refused(f"alert {incident.id} is closed already; with a verdict it can be judged")

    def _incident(self, id_: str) -> tuple[Key, Incident]:
        if not id_:
            raise Refused("it names no alert")
        for key, incident in self._state.incidents.items():
            if incident.id == id_:
                return key, incident
        if id_ in {early.id for early in self._state.early.values()}:
            raise Refused(f"{id_} is an early warning, which ends with its window: wait for the alert {id_[:-6]}")
        raise Refused(f"{self._brand} has no alert {id_}, or later ones have taken its place")

    def _silence(self, command: Command, at: int) -> None:
        since = at if command.since is None else max(at, to_ms(command.since))
        if command.until is None:
            raise Refused("a silence needs an end: until")
        until = to_ms(command.until)
        if until <= since:
            raise Refused(f"the silence would end at {command.until:%Y-%m-%d %H:%M} UTC, before it begins")
        drop_ended(self._state, at)
        if sum(silence.until > at for silence in self._state.silences.values()) >= KEPT_SILENCES:
            raise Refused(f"{self._brand} has {KEPT_SILENCES} silences already: let some of them expire")
        silence = Silence(since, until, command.matchers, command.actor, command.comment)
        self._state.silences[command.id] = silence
        self._told = worded(command.id, silence)

    def _expire(self, command: Command, at: int) -> None:
        silence = self._state.silences.get(command.silence_id)
        if silence is None or silence.until <= at:
            raise Refused(f"{self._brand} has no silence {command.silence_id!r}, or it is over")
        silence.until = at
        silence.since = min(silence.since, at)
        self._told = f"silence {command.silence_id} ended by {command.actor}"


def _reason(what: str, command: Command) -> str:
    verdict = f" as {command.verdict!r}" if command.verdict is not None else ""
    comment = f": {command.comment}" if command.comment else ""
    return f"{what}{verdict} by {command.actor}{comment}"
