"""Trend: a brand's figures over one minute, hour or day, as counts and as rates."""

from typing import Literal

from schemas.record import Figure, Part, Record
from schemas.times import Time

WindowName = Literal["minute", "hour", "day"]


class Share(Figure, frozen=True):
    """`part` of `whole`, with a 95 % interval; the values are None where `whole` is 0."""

    part: int
    whole: int
    value: float | None
    low: float | None
    high: float | None


class Mean(Figure, frozen=True):
    """A mean over `n` values with a 95 % interval; None where there are too few values."""

    n: int
    value: float | None
    low: float | None
    high: float | None


class Volume(Part, frozen=True):
    """How much is said; zeros but the first are left out. `tagged` + `untagged` + `owned` = `mentions`.

    `per_hour` is mentions an hour that was listened to. `reach` sums the followers of the authors
    of `reach_of` mentions, those whose followers are known: people may be counted more than once.

    `probable` of the `mentions` use a name that means other things too, and are counted: the brand is likely meant.
    `doubtful` are not among the `mentions`, nor in any other figure or alarm: of the `mentions` + `doubtful` that name
    the brand they are those which are likelier about something else.
    """

    mentions: int
    tagged: int = 0
    untagged: int = 0
    owned: int = 0
    probable: int = 0
    doubtful: int = 0
    per_hour: float | None = None
    reach: int = 0
    reach_of: int = 0


class Mood(Figure, frozen=True):
    """How it feels, without the brand's own posts.

    `scored` of `scorable` mentions could be scored, a share of `coverage`; `negative` is the share of the scored
    with compound <= -0.05, `positive` of those with compound >= 0.05; `net` is the positive minus the negative
    share; `compound` the mean of the scores, in [-1, 1].
    """

    scorable: int
    scored: int
    coverage: float
    negative: Share
    positive: Share
    net: Mean
    compound: Mean


class Grave(Figure, frozen=True):
    """What is said in words of one category: so many `mentions`, and the sum of their weights.

    The weight of a mention is that of its gravest word of the category, in [0, 1].
    """

    mentions: int
    weight: float


class Severity(Part, frozen=True):
    """Words that matter whatever the mood, own posts included; zeros but the first are left out.

    `mentions` of the `of` that were counted say any; their `share` has an interval. `weight` sums over them the weight
    of the gravest word of each, `categories` has those of each category that was named: a mention may be in several.
    """

    of: int
    mentions: int = 0
    share: Share | None = None
    weight: float = 0.0
    categories: dict[str, Grave] = {}


class Conversation(Part, frozen=True):
    """What kind of talk it is, without the brand's own posts; kinds of which there was none are left out.

    Each is a share of the `of` mentions that others wrote. A mention may be of several kinds, or of none.
    """

    of: int
    complaint: Share | None = None
    question: Share | None = None
    praise: Share | None = None
    recommendation: Share | None = None
    promotion: Share | None = None
    wish: Share | None = None


class Response(Part, frozen=True):
    """Who waits for the brand's answer, and gets one in time; zeros but the first are left out.

    `asking` mentions of this window address the brand, and complain or ask. All else is of those that came due in it:
    four hours after the five minutes in which they were written. `unanswered` is a share of those `due`; the others
    were `answered` in so many minutes at most (by the bound), half of them in `median`, nine tenths in `p90`. Of
    `unheard` nobody knows, since a source was dead meanwhile; `unfollowed` are too many: a sample of five of those that
    were written in the same five minutes is followed, and all shares are of these. What is read only after its deadline
    is among `asking` alone.
    """

    asking: int
    due: int = 0
    unanswered: Share | None = None
    answered: dict[str, int] = {}
    median: float | None = None
    p90: float | None = None
    unheard: int = 0
    unfollowed: int = 0


class Figures(Part, frozen=True):
    """What each monitor counted; left out where it is off, or has no denominator."""

    volume: Volume | None = None
    sentiment: Mood | None = None
    severity: Severity | None = None
    talk: Conversation | None = None
    response: Response | None = None


class Trend(Record, frozen=True, tag="trend/1"):
    """A brand's figures over [`start`, `end`), by the time the mentions were written.

    `revision` 0 is emitted when the window closes, later ones when late mentions changed it, each at `due`.
    `known` is the share of the window that at least one source listened to; where it is 0 and nothing
    was counted, `total` is None: unknown, not zero. `platforms` gives the sums behind the total by platform,
    zeros left out; sums of compound scores are in units of 0.0001, those of the weights of severe words of 0.01.
    """

    brand: str
    window: WindowName
    start: Time
    end: Time
    revision: int
    due: Time
    known: float
    total: Figures | None
    platforms: dict[str, dict[str, int]] = {}
