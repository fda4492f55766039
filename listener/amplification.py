"""How many will pass a post on in the end, from the first who did: a forecast with an interval.

The number N that a post moves has a power tail, P(N > x) ~ x^-a: most move nobody, a few thousands. Given it, arrivals
come one by one, and of those a share F(t) = t / (t + h) has come at the age t, h being the half-life. Half-lives differ
from post to post, so h is unknown: one of RUNGS around that of the platform, the middle ones likelier, and the ages
t1 .. tn of the arrivals speak for some of them. With the density of N before anything is seen ~ N^-(1 + a), and the
likelihood to the power 1 / ECHO (below), a rung has the weight

    w * (prod of h / (ti + h)^2)^(1 / ECHO) * F^-s,    s = n / ECHO - a

and under it what is still to come is ECHO times a negative binomial of the shape s and the mean s * (1 - F) / F, whose
tail is an incomplete beta function: P(r or more to come) = I_(1 - F)(r / ECHO, s).

ECHO: whoever passes a post on brings others, so n arrivals tell as much as n / ECHO that come by themselves, and what
is to come strays as if it came in groups of ECHO. After Zhao and others (2015, "SEISMIC") cascades are self-exciting;
their followers' counts are not always known to us, so the excess is taken as a constant.

Ages are summed when they come, in whole numbers: the sums do not depend on the order, and that is all that is kept.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import exp, log
from typing import Final, NamedTuple

from msgspec.structs import replace

from listener.chance import incomplete_beta, largest
from schemas.forecast import Forecast
from schemas.times import DAY, HOUR, MINUTE, SECOND

# Published half-lives of what people do with a post (S. M. Graffius, "Lifespan (Half-Life) of Social Media Posts",
# yearly since 2018, which puts together the figures of others). For platforms that it does not have: those most alike.
# They are where learning begins, and weigh as much as FIRST_TIMED arrivals.
HALF_LIVES: Final = {
    "x": 24 * MINUTE,  # 2022; 18 to 49 minutes in the years around
    "facebook": 90 * MINUTE,  # 81 to 105 minutes
    "instagram": 20 * HOUR,
    "linkedin": 24 * HOUR,
    "youtube": 9 * DAY,
    "reddit": 6 * HOUR,  # a front page turns over within a day; ours
    "mastodon": 40 * MINUTE,  # timelines in order of time, as X once had: ours
    "bluesky": 40 * MINUTE,
}
ELSEWHERE: Final = 2 * HOUR
FIRST_TIMED = 60.0

RUNGS: Final = tuple(3.0**rung for rung in range(-3, 4))  # half-lives, in that of the platform
WEIGHTS: Final = (1, 6, 15, 20, 15, 6, 1)  # binomial: a standard deviation of 1.2 rungs, a factor of 3.8
ECHO = 3.0
LEAST_VOICES = 8  # of fewer nothing is told: with ECHO the power law itself would say nearly all
SURE = 0.1  # of either end of the interval
# Shares of what is expected: a post is told of while so much is still to come, and until it is no more than the last.
STILL, LAST = 0.25, 0.1
LESS_LIKELY = 0.5
LOGS: Final = 1 + len(RUNGS)  # sums of a post
THOUSAND = 1000  # logarithms are summed as whole numbers of this fraction
SOONEST = SECOND

# Sizes: before anything is known, a brand has one post of LEAST_SIZE or more voices in FIRST_DAYS: little, so that the
# limit of a loud brand rises within days. What the tail is, one learns slowly: it is as if from FIRST_SIZES posts.
LEAST_SIZE = 5
FIRST_TAIL, FIRST_SIZES, FIRST_DAYS = 1.2, 4.0, 7.5
TAILS = (0.7, 3.0)
LEAST_LIMIT = 20
MONTH = 30.0


def half_life_of(platform: str) -> int:
    """The published half-life of a platform, in ms."""
    return HALF_LIVES.get(platform, ELSEWHERE)


def logs_of(age: int, half_life: int) -> tuple[int, ...]:
    """What one arrival at `age` ms adds to the sums of its post: the logarithm of its age, and of age + each rung.

    Ages are taken in whole seconds, of which a post that spreads has few.
    """
    return _logs(max(SOONEST, age // SECOND * SECOND), half_life)


@lru_cache(maxsize=8192)
def _logs(age: int, half_life: int) -> tuple[int, ...]:
    return (round(THOUSAND * log(age)), *(round(THOUSAND * log(age + rung * half_life)) for rung in RUNGS))


class Seen(NamedTuple):
    """What has come of a post by `age` ms: of all `arrivals` the sums of `logs_of`, with the `half_life` used there."""

    platform: str
    arrivals: int
    voices: int
    age: int
    logs: Sequence[int]
    half_life: int
    timed: int


class Sizes(NamedTuple):
    """What the brand's posts have moved: the index of their `tail`, learned from `learned` posts, and the `limit`.

    It is that of a `page`, or of what is worth a line in the digest.
    """

    tail: float
    learned: int
    limit: int
    page: bool = True


class Reach(NamedTuple):
    """Followers of the author, None where unknown, and of `known` of those who passed it on, together."""

    author: int | None
    followers: int
    known: int


class _Rung(NamedTuple):
    weight: float
    to_come: float  # the share 1 - F of all that is still to come
    shape: float


def forecast(seen: Seen, sizes: Sizes, reach: Reach) -> Forecast:
    """What is expected to come of a post. With fewer than LEAST_VOICES nothing is said beyond what has come."""
    rungs, voices = _rungs(seen, sizes.tail), seen.voices
    _, expected, chance = outlook(seen, sizes)
    author = reach.author or 0
    of_each = reach.followers / reach.known if reach.known else 0.0
    in_the_end = round(author + of_each * expected) if reach.known or reach.author is not None else None
    return Forecast(
        platform=seen.platform,
        arrivals=seen.arrivals,
        voices=voices,
        age_s=seen.age // SECOND,
        logs=tuple(seen.logs),
        half_life_s=seen.half_life // SECOND,
        timed=seen.timed,
        tail=sizes.tail,
        sizes=sizes.learned,
        limit=sizes.limit,
        expected=expected,
        low=voices + _at_least(rungs, 1.0 - SURE),
        high=voices + _at_least(rungs, SURE),
        chance=chance,
        reach=author + reach.followers,
        reach_of=reach.known,
        author_known=reach.author is not None,
        expected_reach=in_the_end,
        page=sizes.page,
    )


def again(frozen: Forecast) -> Forecast:
    """The forecast from the same numbers: equal, or the formula is another one."""
    seen = Seen(
        frozen.platform,
        frozen.arrivals,
        frozen.voices,
        frozen.age_s * SECOND,
        frozen.logs,
        frozen.half_life_s * SECOND,
        frozen.timed,
    )
    made = forecast(seen, Sizes(frozen.tail, frozen.sizes, frozen.limit), Reach(None, 0, 0))
    return replace(
        frozen, expected=made.expected, low=made.low, high=made.high, chance=made.chance
    )  # reach is counted, not judged


class Outlook(NamedTuple):
    """The verdict on a post: of `voices` in the end `expected`, and the chance of fewer than the limit."""

    voices: int
    expected: float
    chance: float

    @property
    def will_spread(self) -> bool:
        """So many as seldom will be reached with nine in ten, and a quarter is still to come at least."""
        return self.voices >= LEAST_VOICES and self.chance <= SURE and self.expected >= self.voices / (1.0 - STILL)

    @property
    def is_dying(self) -> bool:
        """Nine tenths of what is expected have come."""
        return self.expected <= self.voices / (1.0 - LAST)

    @property
    def is_over(self) -> bool:
        """It is dying, or too few are left to say anything, or it is likelier by now that it stays below the limit."""
        return self.voices < LEAST_VOICES or self.is_dying or self.chance > LESS_LIKELY


def outlook(seen: Seen, sizes: Sizes) -> Outlook:
    """The verdict without the rest of the forecast, which takes ten times as long."""
    rungs = _rungs(seen, sizes.tail)
    expected = round(seen.voices + _further(rungs), 1)
    return Outlook(seen.voices, expected, round(_fewer(rungs, sizes.limit - seen.voices), 6))


def outlook_of(frozen: Forecast) -> Outlook:
    """The verdict of a forecast."""
    return Outlook(frozen.voices, frozen.expected, frozen.chance)


def _rungs(seen: Seen, tail: float) -> list[_Rung]:
    """The half-lives with their weights, which add up to 1; none while too few have come to say anything."""
    arrivals, voices, age = seen.arrivals, seen.voices, max(SOONEST, seen.age)
    shape = voices / ECHO - tail
    if voices < LEAST_VOICES or shape <= 0.0:
        return []
    told = []
    for rung, weight, logs in zip(RUNGS, WEIGHTS, seen.logs[1:], strict=True):
        half_life = rung * seen.half_life
        mean = log(half_life) - 2.0 * logs / THOUSAND / arrivals  # of the log density of an arrival's age
        told.append(log(weight) + voices / ECHO * mean - shape * log(age / (age + half_life)))
    most = max(told)
    weights = [exp(one - most) for one in told]
    whole = sum(weights)
    return [
        _Rung(weight / whole, rung * seen.half_life / (age + rung * seen.half_life), shape)
        for rung, weight in zip(RUNGS, weights, strict=True)
    ]


def _further(rungs: Sequence[_Rung]) -> float:
    """How many are expected beyond those who have come."""
    return sum(rung.weight * ECHO * rung.shape * rung.to_come / (1.0 - rung.to_come) for rung in rungs)


def _chance_of_more(rungs: Sequence[_Rung], count: int) -> float:
    """The chance that `count` or more are still to come."""
    if count <= 0:
        return 1.0
    return sum(
        rung.weight * incomplete_beta(count / ECHO, rung.shape, rung.to_come) for rung in rungs if rung.weight > 1e-6
    )


def _fewer(rungs: Sequence[_Rung], count: int) -> float:
    return min(1.0, max(0.0, 1.0 - _chance_of_more(rungs, count)))


def _at_least(rungs: Sequence[_Rung], sure: float) -> int:
    """The largest number that is still to come with the chance `sure` at least."""
    if not rungs:
        return 0
    return largest(lambda count: _chance_of_more(rungs, count) >= sure)


def tail_of(sizes: float, logs: float) -> float:
    """The index of the power law, after Hill (1975), with FIRST_SIZES cases of FIRST_TAIL before anything is seen.

    `sizes` posts have moved LEAST_SIZE voices or more, and `logs` is the sum of log(N / (LEAST_SIZE - 1/2)).
    """
    found = (FIRST_SIZES + sizes) / (FIRST_SIZES / FIRST_TAIL + logs)
    return min(TAILS[1], max(TAILS[0], found))


def limit_of(sizes: float, days: float, tail: float, a_month: float, least: int = LEAST_LIMIT) -> int:
    """So many voices as the brand's posts move `a_month` times a month, by its history of `days`; `least` at least.

    From sizes * (x / LEAST_SIZE)^-tail = a_month.
    """
    each_month = (1.0 + sizes) / (FIRST_DAYS + days) * MONTH
    times: float = (each_month / a_month) ** (1.0 / tail)
    return max(least, round(LEAST_SIZE * times))


def log_of_size(voices: int) -> float:
    """What a post of LEAST_SIZE or more adds to `logs` of `tail_of`."""
    return log(voices / (LEAST_SIZE - 0.5))


def learned_half_life(platform: str, timed: float, logs: float) -> int:
    """The half-life in ms: where F = t / (t + h), log(age) has the mean log(h). `logs` is its sum over `timed`."""
    first = FIRST_TIMED * log(half_life_of(platform))
    return round(exp((first + logs) / (FIRST_TIMED + timed)) / SECOND) * SECOND
