"""A verdict on a stretch of time: how unlikely its count and its share are, and whether that fires."""

from msgspec.structs import replace

from listener.baseline import Expected
from listener.chance import count_tail, low_count_tail, share_tail
from schemas.alert import Judged
from schemas.times import from_ms

LEAST_KNOWN = 0.5
# Too few is what a gap looks like: so little of the time may be unknown, and it must be far below what is normal. A
# public holiday halves what is said about many brands, and where no `holidays` are set no hour of the week knows of it.
LEAST_KNOWN_FEW = 0.9
MOST_LEFT = 0.2


def judge(
    counted: str,
    stretch: tuple[int, int, float],
    counts: tuple[int, int, int],
    expected: Expected,
    limits: tuple[int, float, float],
) -> Judged:
    """The verdict on `stretch` = (start ms, end ms, share known) and `counts` = (mentions, scored, observed).

    `limits` = (least observed, limit of each chance, limit of their product).
    """
    mentions, scored, observed = counts
    start, end, known = stretch
    return Judged(
        counted=counted,
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
        least=limits[0],
        each_limit=limits[1],
        both_limit=limits[2],
        chance_of_count=count_tail(observed, expected.count, expected.dispersion),
        chance_of_share=share_tail(observed, scored, expected.share, expected.strength),
    )


def judge_few(
    counted: str, stretch: tuple[int, int, float], observed: int, expected: Expected, limits: tuple[int, float]
) -> Judged:
    """The verdict on whether `observed` are too few. `limits` = (least expected, limit of the chance)."""
    start, end, known = stretch
    return Judged(
        counted=counted,
        start=from_ms(start),
        end=from_ms(end),
        known=known,
        mentions=observed,
        scored=observed,
        observed=observed,
        expected=expected.count,
        dispersion=expected.dispersion,
        share=expected.share,
        strength=expected.strength,
        baseline_hours=expected.hours_seen,
        least=limits[0],
        each_limit=limits[1],
        both_limit=limits[1],
        chance_of_count=low_count_tail(observed, expected.count, expected.dispersion),
        chance_of_share=1.0,
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
    mentions, scored, observed = counts
    start, end, known = stretch
    return Judged(
        counted=counted,
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
        least=limits[0],
        each_limit=limits[1],
        both_limit=limits[1],
        chance_of_count=1.0,
        chance_of_share=share_tail(observed, scored, expected.share, expected.strength),
        tail="share",
    )


def judge_again(judged: Judged, mentions: int = 0, scored: int = 0, observed: int = 0) -> Judged:
    """The same verdict from the frozen numbers, or a corrected one with what came too late added, what went left out.

    Not below zero, and not more observed than scored: a mention of a stretch in which the monitor was switched off
    was not in the numbers, and goes from them all the same.
    """
    observed = max(0, judged.observed + observed)
    if judged.tail == "lower":
        chance = low_count_tail(observed, judged.expected, judged.dispersion)
        return replace(judged, mentions=observed, scored=observed, observed=observed, chance_of_count=chance)
    scored = max(0, judged.scored + scored)
    observed = min(scored, observed)
    again = replace(
        judged,
        mentions=max(0, judged.mentions + mentions),
        scored=scored,
        observed=observed,
        chance_of_share=share_tail(observed, scored, judged.share, judged.strength),
    )
    if judged.tail == "share":
        return replace(again, expected=scored * judged.share)
    return replace(again, chance_of_count=count_tail(observed, judged.expected, judged.dispersion))


def fires(judged: Judged) -> bool:
    """The verdict."""
    if judged.tail == "lower":
        return (
            judged.expected >= judged.least
            and judged.observed <= judged.expected * MOST_LEFT
            and judged.known >= LEAST_KNOWN_FEW
            and judged.chance_of_count <= judged.each_limit
        )
    if judged.tail == "share":
        return (
            judged.observed >= judged.least
            and judged.known >= LEAST_KNOWN
            and judged.chance_of_share <= judged.each_limit
        )
    return (
        judged.observed >= judged.least
        and judged.known >= LEAST_KNOWN
        and max(judged.chance_of_count, judged.chance_of_share) <= judged.each_limit
        and judged.chance_of_count * judged.chance_of_share <= judged.both_limit
    )
