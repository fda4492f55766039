"""Alert: one event in the life of something that a person should look at."""

from typing import Literal

from schemas.evidence import Evidence
from schemas.forecast import Forecast
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
Severity = Literal["notice", "warning", "critical"]
Tail = Literal["upper", "lower", "burst", "share"]


class Burst(Figure, frozen=True):
    """How far counts of a brand stray: the mean deviation of a stretch so long, in mentions, and how high days peak.

    Each of `tails` (threshold, above, shape, rate) says that a day's peak exceeds x >= threshold mean deviations with
    the chance above * (rate / (rate + log(x / threshold))) ^ shape, and less with above ^ (x / threshold).
    """

    deviation: float
    tails: tuple[tuple[float, float, float, float], ...]


class Judged(Figure, frozen=True):
    """What a verdict was given on, frozen: judging these numbers again gives the same verdict.

    In [`start`, `end`), `known` of it listened to, `observed` of `scored` mentions were `counted` (say, negative);
    `mentions` is how many there were, scored or not. Where the `whole` that the share is of is "mentions", those are
    all that count: `scored` is how many there were, whether their mood was read or not. `expected` of them with
    `dispersion`, and a `share` known as if from `strength` cases, is what the baseline of `baseline_hours` said. The
    chances are those of so many, or so large a share, if nothing had happened; the verdict is "fires" if at least
    `least` were observed, at least half of the time was known, the chance of the count is at most `each_limit`, that of
    the share at most `share_limit` (`each_limit` where that is not told), and their product at most `both_limit`. Of
    those observed `repeats` are by accounts that are counted already, as far as that is remembered: they count for
    nothing, neither in the chances nor towards `least`.

    Of a "lower" `tail` the question is whether there were too few: all that was `counted` is scored, the share plays no
    part, and the chance of the count is that of so few. It "fires" if at least `least` were expected, at most a fifth
    of that was observed, nine tenths of the time were known, and the chance is at most `each_limit`.

    Of a "burst" the question is whether more was said than on any usual day: all that was `counted` is scored,
    dispersion and share play no part, and the chance is that of a day whose peak is (observed - expected) / deviation
    or more, the mean of what the tails of `burst` say. It "fires" if at least `least` were observed, at least half of
    the time was known, and the chance is at most `each_limit`. Of a "share" it is whether that alone was too large,
    however many there were: `expected` is `share` of those that were scored.

    With a `forecast` it is about a single post, from when it was written to the end of what was heard: `mentions`
    answer it or pass it on, `scored` and `observed` are the accounts behind them, `expected` those in the end. It
    "fires" if at least `least` accounts have come, a quarter of those expected is still to come, and `chance_of_count`,
    that it stays below the forecast's limit, is at most `each_limit`. There is no share in it; `baseline_hours` is how
    long the brand's posts were watched.
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
    whole: str = "scored"
    burst: Burst | None = None
    forecast: Forecast | None = None
    share_limit: float | None = None
    repeats: int = 0

    @property
    def counts(self) -> int:
        """How many of those observed count: all but the repeats."""
        return self.observed - self.repeats


class Weighed(Figure, frozen=True):
    """What a level was made of, frozen: the same numbers give the same level again (listener/alerts/level.py).

    Of those `observed` `counted` count: an account, what passes on the same post, and what says nearly the same count
    a few times at most, as far as that can be told from what is remembered. So there were `excess` more (or fewer) than
    is normal, within `lasted_s` seconds. `reach` is how many follow those who say it, each account counted once,
    `gravity` in [0, 1] how grave the words are. The level is `least` at least: that was told before.
    """

    observed: int
    counted: int
    excess: float
    lasted_s: int
    reach: int
    gravity: float
    least: int = 1


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

    `score` is how strong the evidence is, in [0, 1]: .5 is what comes by chance about as often as the brand's people
    have asked for, 1 what never does. `level` is how bad it is, from 1 to 10: how much too much, for how long, how many
    follow those who say it, how grave the words are; it stands as it was told last. None where nothing was judged.
    `weighed` is what it was made of, None also in what an older listener told.

    A "notice" pages nobody: it waits for the daily digest, unless somebody asks for notices by that name.

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
    score: float | None = None
    level: int | None = None
    weighed: Weighed | None = None
