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
    """

    mentions: int
    tagged: int = 0
    untagged: int = 0
    owned: int = 0
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


class Figures(Part, frozen=True):
    """What each monitor counted; left out where it is off, or has no denominator."""

    volume: Volume | None = None
    sentiment: Mood | None = None


class Trend(Record, frozen=True, tag="trend/1"):
    """A brand's figures over [`start`, `end`), by the time the mentions were written.

    `revision` 0 is emitted when the window closes, later ones when late mentions changed it, each at `due`.
    `known` is the share of the window that at least one source listened to; where it is 0 and nothing
    was counted, `total` is None: unknown, not zero. `platforms` gives the sums behind the total by platform,
    zeros left out; sums of compound scores are in units of 0.0001.
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
