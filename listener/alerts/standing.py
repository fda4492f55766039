"""How alerts stand: what the events of their lives come to, and how often the rules were right.

All from the log, in any process that can read it: the events of alerts and the receipts of commands.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Literal, NamedTuple, get_args

from listener.chance import share_interval
from schemas.alert import Alert, Judged, Verdict
from schemas.command import Matcher
from schemas.receipt import Receipt

State = Literal["open", "acknowledged", "resolved"]
NEWS = ("opened", "reopened", "escalated")  # that it is there, again, or worse: what was acknowledged was not that


class Standing(NamedTuple):
    """An alert as it stands by its `events`, the first first. It is muted if the last says so."""

    events: tuple[Alert, ...]

    @property
    def first(self) -> Alert:
        """The event that began it."""
        return self.events[0]

    @property
    def last(self) -> Alert:
        """The latest event."""
        return self.events[-1]

    @property
    def state(self) -> State:
        """Whether it is over; while it is not, whether somebody looks after it."""
        if any(event.event == "resolved" for event in self._episode):
            return "resolved"
        return "open" if self.acknowledged_by is None else "acknowledged"

    @property
    def acknowledged_by(self) -> str | None:
        """Who looks after it."""
        for event in reversed(self.events):
            if event.event == "acknowledged":
                return event.actor
            if event.event in NEWS:
                return None
        return None

    @property
    def muted(self) -> str | None:
        """Why nobody is told of it, if it is not over."""
        return None if self.state == "resolved" else self.last.muted

    @property
    def verdict(self) -> Verdict | None:
        """What a person thinks of it: the last word counts."""
        return next((event.verdict for event in reversed(self.events) if event.verdict), None)

    def known_by_now(self, event: Alert) -> Judged | None:
        """What is known today of the stretch that an event was judged on: later mentions may have revised it."""
        frozen = event.judged
        if frozen is None:
            return None
        of_it = (one.judged for one in reversed(self.events) if one.judged is not None)
        return next((judged for judged in of_it if _same_stretch(judged, frozen)), frozen)

    def followed_until(self, event: Alert) -> datetime | None:
        """When another stretch was judged than an event's: from then on no correction of that is told."""
        frozen = event.judged
        for one in self.events:
            if one.sequence > event.sequence and one.judged and frozen and not _same_stretch(one.judged, frozen):
                return one.at
        return None

    @property
    def _episode(self) -> tuple[Alert, ...]:
        """The events since it was opened last."""
        places = [place for place, event in enumerate(self.events) if event.event in ("opened", "reopened")]
        return self.events[places[-1] :] if places else self.events


def _same_stretch(one: Judged, other: Judged) -> bool:
    return (one.start, one.end) == (other.start, other.end)


def standings(events: Iterable[Alert]) -> list[Standing]:
    """All alerts, those that began last first. An event that is told twice counts once."""
    found: dict[str, dict[int, Alert]] = {}
    for event in events:
        found.setdefault(event.id, {})[event.sequence] = event
    alerts = [Standing(tuple(told[number] for number in sorted(told))) for told in found.values()]
    return sorted(alerts, key=lambda alert: (alert.first.since, alert.first.id), reverse=True)


class Precision(NamedTuple):
    """Of the `judged` alerts of a rule people found so many `right`; others said nothing of what nobody judged.

    `low` and `high` are the 95 % interval of the share.
    """

    rule: str
    right: int
    judged: int
    false_alarms: int
    not_about_us: int

    @property
    def share(self) -> float:
        """The precision, in [0, 1]."""
        return self.right / self.judged

    @property
    def interval(self) -> tuple[float, float]:
        """Its 95 % interval."""
        return share_interval(self.right, self.judged)


def precisions(receipts: Iterable[Receipt]) -> list[Precision]:
    """The precision of each rule that people have judged alerts of. The last verdict on an alert counts."""
    verdicts: dict[tuple[str, str], tuple[str, Verdict]] = {}
    for receipt in receipts:
        command = receipt.command
        if receipt.done and command.verdict is not None:
            verdicts[command.brand, command.alert_id] = receipt.rule, command.verdict
    counts: dict[str, dict[Verdict, int]] = {}
    for rule, verdict in verdicts.values():
        of_rule = counts.setdefault(rule, dict.fromkeys(get_args(Verdict), 0))
        of_rule[verdict] += 1
    return [
        Precision(rule, told["right"], sum(told.values()), told["false alarm"], told["not about us"])
        for rule, told in sorted(counts.items())
    ]


class Silenced(NamedTuple):
    """A silence of a brand as its receipts tell it; `until` is when it was ended, if it was."""

    id: str
    brand: str
    matchers: tuple[Matcher, ...]
    since: datetime
    until: datetime
    actor: str
    comment: str


def silences(receipts: Iterable[Receipt]) -> list[Silenced]:
    """All silences, the latest first."""
    return sorted(_silences(list(receipts)), key=lambda silence: (silence.since, silence.id), reverse=True)


def _silences(receipts: list[Receipt]) -> Iterator[Silenced]:
    done = [receipt for receipt in receipts if receipt.done]
    ended = {(one.command.brand, one.command.silence_id): one.at for one in done if one.command.kind == "expire"}
    for receipt in done:
        command = receipt.command
        if command.kind == "silence" and command.until is not None:
            since = max(receipt.at, command.since) if command.since else receipt.at
            until = ended.get((command.brand, command.id), command.until)
            yield Silenced(command.id, command.brand, command.matchers, since, until, command.actor, command.comment)
