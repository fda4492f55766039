"""Alert: one event in the life of something that a person should look at."""

from typing import Literal

from schemas.evidence import Evidence
from schemas.record import Figure, Record
from schemas.times import Time

Stage = Literal["early", "final"]
Event = Literal[
    "opened",
    "escalated",
    "acknowledged",
    "silenced",
    "inhibited",
    "updated",
    "reminded",
    "resolved",
    "reopened",
    "revised",
    "judged",
]
Verdict = Literal["right", "false alarm", "not about us"]
Severity = Literal["warning", "critical"]
Tail = Literal["upper", "lower", "share"]


class Judged(Figure, frozen=True):
    """What a verdict was given on, frozen: judging these numbers again gives the same verdict.

    In [`start`, `end`), `known` of it listened to, `observed` of `scored` mentions were `counted` (say, negative);
    `mentions` is how many there were, scored or not. `expected` of them with `dispersion`, and a `share` known as
    if from `strength` cases, is what the baseline of `baseline_hours` said. The chances are those of so many, or so
    large a share, if nothing had happened; the verdict is "fires" if at least `least` were observed, at least half
    of the time was known, each chance is at most `each_limit` and their product at most `both_limit`.

    Of a "lower" `tail` the question is whether there were too few: all that was `counted` is scored, the share plays no
    part, and the chance of the count is that of so few. It "fires" if at least `least` were expected, at most a fifth
    of that was observed, nine tenths of the time were known, and the chance is at most `each_limit`. Of "share" it is
    whether the share was too large, however many there were: `expected` is `share` of those that were scored.
    """

    counted: str
    start: Time
    end: Time
    known: float
    mentions: int
    scored: int
    observed: int
    expected: float
    dispersion: float
    share: float
    strength: float
    baseline_hours: float
    least: int
    each_limit: float
    both_limit: float
    chance_of_count: float
    chance_of_share: float
    tail: Tail = "upper"


class Alert(Record, frozen=True, tag="alert/1"):
    """One event of one alert. (`id`, `sequence`) never comes twice with other content.

    `stage` is "final" where the verdict was given on closed windows, "early" where it was given on an open one;
    an early alert has an id of its own. `at` is when the event was due, `since` when the trouble began.
    `examples` are ids of mentions that weighed most, `scale_s` the length in seconds of the stretch that was judged.
    `actor` is the person who did it, None where nobody did, and `verdict` what they thought of the alert. `evidence`
    comes with what opens, escalates or reopens.
    What is about the listener itself (a source that is dead) has no `brand`, and nothing was `judged`; nor are there
    figures where a person judges an alert that a later one has replaced.

    The events after "opened" are each for a reason: it has grown ("escalated"), a person has taken it
    ("acknowledged"), it is told to nobody from now on ("silenced" by a person or a campaign, "inhibited" by another
    alert) or is again ("updated"), it is open for long ("reminded", ever more seldom), numbers have changed
    ("revised"), it is over ("resolved"), or again not ("reopened"), a person has judged it later ("judged").

    `muted` is None, or why the event is to be told to nobody. It stands in the log all the same. Who notifies people
    sends nothing for an event that is muted, but where an alert that it has sent before is "resolved": that one ends
    what was begun. An alert that is open when its mute ends has an "updated" event that is not muted: it is to be sent
    as "opened" would have been.
    """

    id: str
    sequence: int
    fingerprint: str
    stage: Stage
    event: Event
    brand: str
    rule: str
    scope: str
    severity: Severity
    at: Time
    since: Time
    scale_s: int
    summary: str
    reason: str
    judged: Judged | None
    examples: tuple[str, ...]
    settings: str
    actor: str | None = None
    muted: str | None = None
    verdict: Verdict | None = None
    evidence: Evidence | None = None
