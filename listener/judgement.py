"""A verdict on a stretch of time: how unlikely its count and its share are, and whether that fires."""

from collections.abc import Callable
from math import exp, log

from msgspec.structs import replace

from listener.amplification import LEAST_VOICES, SURE, again, outlook_of
from listener.baseline import Expected
from listener.chance import count_tail, largest, low_count_tail, share_tail
from listener.rarity import FIRST_EXCESS
from listener.tails import Tail, chance_of
from schemas.alert import Burst, Judged
from schemas.forecast import Forecast
from schemas.times import from_ms

LEAST_KNOWN = 0.5
# Too few is what a gap looks like: so little of the time may be unknown, and it must be far below what is normal. A
# public holiday halves what is said about many brands, and where no `holidays` are set no hour of the week knows of it.
LEAST_KNOWN_FEW = 0.9
MOST_LEFT = 0.2
# Each chance has to bring so much of the evidence, of the count and of the share. Moods are told by their share: a
# campaign or a joke makes any count unlikely, and for weeks after one no count is; the count must agree, so that a few
# in a quiet night are nothing. Of what is rare, as grave words, both say as much.
EITHER, BY_SHARE = (0.4, 0.4), (0.2, 0.6)
SMALLEST = 1e-300
OUTSIDE = 0.025  # on each side of an interval of 95 %


def judge(
    names: tuple[str, str],
    stretch: tuple[int, int, float],
    counts: tuple[int, int, int],
    expected: Expected,
    limits: tuple[int, float, float | None, float],
    repeats: int = 0,
) -> Judged:
    """The verdict on `stretch` = (start ms, end ms, share known) and `counts` = (mentions, scored, observed).

    `names` = (what was counted, what it is a share of), `limits` = (least observed, limit of the chance of the count,
    of the share or None where it is the same, of their product). `repeats` of those observed are by accounts that are
    counted already.
    """
    _, scored, observed = counts
    least, count_limit, share_limit, both_limit = limits
    return replace(
        _frozen(names, stretch, counts, expected, (least, count_limit, both_limit)),
        share_limit=share_limit,
        chance_of_count=count_tail(observed - repeats, expected.count, expected.dispersion),
        chance_of_share=share_tail(observed - repeats, scored - repeats, expected.share, expected.strength),
        repeats=repeats,
    )


def judge_few(
    counted: str, stretch: tuple[int, int, float], observed: int, expected: Expected, limits: tuple[int, float]
) -> Judged:
    """The verdict on whether `observed` are too few. `limits` = (least expected, limit of the chance)."""
    least, limit = limits
    return replace(
        _frozen((counted, counted), stretch, (observed, observed, observed), expected, (least, limit, limit)),
        chance_of_count=low_count_tail(observed, expected.count, expected.dispersion),
        tail="lower",
    )


def judge_share(
    counted: str,
    stretch: tuple[int, int, float],
    counts: tuple[int, int, int],
    expected: Expected,
    limits: tuple[int, float],
) -> Judged:
    """As `judge`, on the share alone. `limits` = (least observed, limit of the chance)."""
    _, scored, observed = counts
    least, limit = limits
    return replace(
        _frozen((counted, "scored"), stretch, counts, expected, (least, limit, limit)),
        chance_of_share=share_tail(observed, scored, expected.share, expected.strength),
        tail="share",
    )


def judge_burst(
    stretch: tuple[int, int, float], observed: int, normal: tuple[float, float], burst: Burst, limits: tuple[int, float]
) -> Judged:
    """The verdict on whether `observed` mentions are more than on any usual day.

    `normal` = (mentions expected, from so many hours of history), `limits` = (least observed, limit of the chance).
    """
    least, limit = limits
    count, hours_seen = normal
    expected = Expected(count, 0.0, 1.0, 0.0, hours_seen)
    return replace(
        _frozen(("mentions", "mentions"), stretch, (observed, observed, observed), expected, (least, limit, limit)),
        chance_of_count=_chance_of_burst(observed, count, burst),
        tail="burst",
        burst=burst,
    )


def _chance_of_burst(observed: int, expected: float, burst: Burst) -> float:
    if observed <= expected:
        return 1.0
    return chance_of([Tail(*tail) for tail in burst.tails], (observed - expected) / burst.deviation)


def judge_spread(made: Forecast, stretch: tuple[int, int, float], hours: float) -> Judged:
    """The verdict on a single post. `stretch` as above; the brand's posts were watched for `hours`."""
    counts = (made.arrivals, made.voices, made.voices)
    expected = Expected(made.expected, 0.0, 0.0, 0.0, hours)
    return replace(
        _frozen(("passed on", "scored"), stretch, counts, expected, (LEAST_VOICES, SURE, 1.0)),
        chance_of_count=made.chance,
        chance_of_share=0.0,
        forecast=made,
    )


def _frozen(
    names: tuple[str, str],
    stretch: tuple[int, int, float],
    counts: tuple[int, int, int],
    expected: Expected,
    limits: tuple[int, float, float],
) -> Judged:
    """What each verdict is given on, arguments as of `judge`; its chances are still to be told."""
    counted, whole = names
    start, end, known = stretch
    mentions, scored, observed = counts
    least, each_limit, both_limit = limits
    return Judged(
        counted=counted,
        whole=whole,
        start=from_ms(start),
        end=from_ms(end),
        known=known,
        mentions=mentions,
        scored=scored,
        observed=observed,
        expected=expected.count,
        dispersion=expected.dispersion,
        share=expected.share,
        strength=expected.strength,
        baseline_hours=expected.hours_seen,
        least=least,
        each_limit=each_limit,
        both_limit=both_limit,
        chance_of_count=1.0,
        chance_of_share=1.0,
    )


def judge_again(judged: Judged, mentions: int = 0, scored: int = 0, observed: int = 0) -> Judged:
    """The same verdict from the frozen numbers, or a corrected one with what came too late added, what went left out.

    Not below zero, and not more observed than scored: a mention of a stretch in which the monitor was switched off
    was not in the numbers, and goes from them all the same. What goes is taken for a repeat as long as there are any. A
    forecast is made again as it was: what comes of the post later, or goes, is in the monitor's next one.
    """
    if judged.forecast is not None:
        made = again(judged.forecast)
        return replace(judged, expected=made.expected, chance_of_count=made.chance, forecast=made)
    observed = max(0, judged.observed + observed)
    if judged.tail == "lower":
        chance = low_count_tail(observed, judged.expected, judged.dispersion)
        return replace(judged, mentions=observed, scored=observed, observed=observed, chance_of_count=chance)
    if judged.burst is not None:
        chance = _chance_of_burst(observed, judged.expected, judged.burst)
        return replace(judged, mentions=observed, scored=observed, observed=observed, chance_of_count=chance)
    scored = max(0, judged.scored + scored)
    observed = min(scored, observed)
    repeats = max(0, judged.repeats + min(0, observed - judged.observed))
    after = replace(
        judged,
        mentions=max(0, judged.mentions + mentions),
        scored=scored,
        observed=observed,
        chance_of_share=share_tail(observed - repeats, scored - repeats, judged.share, judged.strength),
        repeats=repeats,
    )
    if judged.tail == "share":
        return replace(after, expected=scored * judged.share)
    return replace(after, chance_of_count=count_tail(after.counts, judged.expected, judged.dispersion))


def fires(judged: Judged) -> bool:
    """The verdict."""
    if judged.forecast is not None:
        return outlook_of(judged.forecast).will_spread
    if judged.tail == "lower":
        return (
            judged.expected >= judged.least
            and judged.observed <= judged.expected * MOST_LEFT
            and judged.known >= LEAST_KNOWN_FEW
            and judged.chance_of_count <= judged.each_limit
        )
    if judged.counts < judged.least or judged.known < LEAST_KNOWN:
        return False
    if judged.burst is not None:
        return judged.chance_of_count <= judged.each_limit
    if judged.tail == "share":
        return judged.chance_of_share <= judged.each_limit
    return (
        judged.chance_of_count <= judged.each_limit
        and judged.chance_of_share <= share_limit_of(judged)
        and judged.chance_of_count * judged.chance_of_share <= judged.both_limit
    )


def usual_counts(judged: Judged) -> tuple[int, int]:
    """The 95 % interval of what is counted in such a stretch in ordinary times: below and above it lie 2.5 % each.

    Of a burst it is that of the highest of a day.
    """
    if judged.burst is not None:
        burst = judged.burst
        return _between(lambda count: _chance_of_burst(count, judged.expected, burst))
    return _between(lambda count: count_tail(count, judged.expected, judged.dispersion))


def usual_of_whole(judged: Judged) -> tuple[int, int]:
    """The same of what is a share of as many as were heard, without repeats."""
    whole = judged.scored - judged.repeats
    return _between(lambda part: share_tail(part, whole, judged.share, judged.strength) if part <= whole else 0.0)


def _between(as_high: Callable[[int], float]) -> tuple[int, int]:
    """The interval, by the chance of so many or more."""
    return largest(lambda count: as_high(count) >= 1.0 - OUTSIDE), largest(lambda count: as_high(count) > OUTSIDE)


def share_limit_of(judged: Judged) -> float:
    """The limit of the chance of the share: where none is told, that of the count's."""
    return judged.each_limit if judged.share_limit is None else judged.share_limit


def score_of(judged: Judged) -> float:
    """How strong the evidence is, in [0, 1]: 1 / (1 + r) if so much comes by chance r times as often as was asked for.

    So .5 is what comes as often as the budget allows, and what does not fire for its chances is below. Of a burst r
    follows from the tails, of a share alone from its chance; else from how far beyond its limits the evidence lies:
    evidence beyond a brand's limit falls by e about each FIRST_EXCESS (`rarity.py`).
    """
    if judged.burst is not None or judged.tail == "share":
        chance = judged.chance_of_share if judged.tail == "share" else judged.chance_of_count
        return round(1.0 / (1.0 + chance / max(SMALLEST, judged.each_limit)), 4)
    by_count, by_share = (-log(max(SMALLEST, chance)) for chance in (judged.chance_of_count, judged.chance_of_share))
    limits = judged.each_limit, share_limit_of(judged), judged.both_limit
    of_count, of_share, both = (log(max(SMALLEST, limit)) for limit in limits)
    if judged.tail == "lower":
        beyond = by_count + of_count
    else:
        parts = EITHER if judged.share_limit is None else BY_SHARE
        beyond = min(by_count + by_share + both, (by_count + of_count) / parts[0], (by_share + of_share) / parts[1])
    return round(1.0 / (1.0 + exp(-beyond / FIRST_EXCESS)), 4)
