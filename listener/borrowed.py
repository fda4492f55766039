"""The rhythm that a new brand borrows of like ones: what hours of the day brought them, measured in their own level.

Each of the like brands has learned its hours as any brand does (`baseline.py`). The rate of one of DAY_HOURS over the
brand's level is known to within (by so many mentions as are expected in the hours that were heard)

    error = 1 / expected + dispersion / hours        (relative variance)

and the rhythm is their mean, in which all that are well known weigh alike (each 1 / (1/2 + error)), pulled to 1 by what
is still unknown of it: hours differ from the level by a variance of 1/2 (1 / DAY_SHAPE). How far the new brand may be
off that, the brands say of each other: each one's hours are foretold from the others', and the mean square of how far
off that was, less its own error, is 1 / strength. That is counted as if one brand more had been off by 1/2, as far as a
guess without any rhythm, so what two or three brands agree on is not believed too much.

The level is not borrowed: brands differ in it a thousandfold, and a new one shows its own within hours.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from listener.baseline import Baseline
from listener.first_rhythm import DAY_HOURS, DAY_SHAPE
from listener.judgement import LEAST_KNOWN
from listener.local_week import THOUSANDTHS, WEEK_HOURS, LocalWeek
from schemas.settings import Start

ENOUGH = float(WEEK_HOURS)  # hours heard of a brand before others borrow of it: each hour of the week once
UNCLIPPED = 24.0
UNKNOWN = 1.0 / DAY_SHAPE  # relative variance of an hour of the day of which nothing is known but the level
# Bounds of the numbers that are handed on: a twentieth and ten times of the level; an hour that is off by 22 %.
LEAST_TIMES, MOST_TIMES, MOST_STRENGTH = 0.05, 10.0, 20.0
OF_A_WEEK = (5 / WEEK_HOURS,) * 24 + (2 / WEEK_HOURS,) * 24


class HourHeard(NamedTuple):
    """An hour, counted from 1970, of which `known` was listened to, and so many mentions in it."""

    hour: int
    mentions: int
    known: float


class _Times(NamedTuple):
    """Of one brand, how many times its level each of DAY_HOURS is, and the relative variances of that."""

    times: Sequence[float]
    errors: Sequence[float]


def start_of(hours: Mapping[str, Iterable[HourHeard]], weeks: Mapping[str, LocalWeek]) -> Start | None:
    """What a new brand starts with, from the hours of like brands in their order and the week of each.

    None where of none of them enough was heard.
    """
    learned = {brand: _learned(of_brand, weeks[brand]) for brand, of_brand in hours.items()}
    known = {brand: baseline for brand, baseline in sorted(learned.items()) if _is_known(baseline)}
    if not known:
        return None
    brands = [_times_of(baseline) for baseline in known.values()]
    return Start(
        rhythm=tuple(round(THOUSANDTHS * times) for times in _rhythm(brands)),
        strength=round(_strength(brands), 2),
        like=tuple(known),
        hours=round(sum(baseline.hours_seen for baseline in known.values())),
    )


def _learned(hours: Iterable[HourHeard], week: LocalWeek) -> Baseline:
    """Of its first day nothing is clipped: a large brand's baseline would take days to get to its level."""
    baseline = Baseline()
    for hour, mentions, known in hours:
        if known < LEAST_KNOWN:
            continue
        if baseline.hours_seen < UNCLIPPED:
            baseline.learn_count(hour, mentions, known, baseline.rate(hour, week)[0] * known, week)
        else:
            baseline.learn(hour, mentions, 0, known, week)
    return baseline


def _is_known(baseline: Baseline) -> bool:
    return baseline.hours_seen >= ENOUGH and all(baseline.day_hours) and baseline.level_count > 0


def _times_of(baseline: Baseline) -> _Times:
    counts, hours = baseline.day_count, baseline.day_hours
    rates = [count / heard for count, heard in zip(counts, hours, strict=True)]
    level = sum(rate * part for rate, part in zip(rates, OF_A_WEEK, strict=True))
    normal = [level * heard for heard in hours]
    return _Times(
        times=[count / one for count, one in zip(counts, normal, strict=True)],
        errors=[
            (one + DAY_SHAPE) / (count + DAY_SHAPE) / one + baseline.dispersion() / heard
            for count, one, heard in zip(counts, normal, hours, strict=True)
        ],
    )


def _rhythm(brands: Sequence[_Times]) -> list[float]:
    found = []
    for of_day in range(DAY_HOURS):
        errors = [brand.errors[of_day] for brand in brands]
        weights = [1.0 / (UNKNOWN + error) for error in errors]
        whole = sum(weights)
        mean = sum(weight * brand.times[of_day] for weight, brand in zip(weights, brands, strict=True)) / whole
        error = sum(weight * weight * error for weight, error in zip(weights, errors, strict=True)) / (whole * whole)
        times = 1.0 + (mean - 1.0) * UNKNOWN / (UNKNOWN + error)
        found.append(min(max(times, LEAST_TIMES), MOST_TIMES))
    whole = sum(times * part for times, part in zip(found, OF_A_WEEK, strict=True))
    return [times / whole for times in found]


def _strength(brands: Sequence[_Times]) -> float:
    off, weights = UNKNOWN, 1.0
    for place, brand in enumerate(brands if len(brands) > 1 else ()):
        foretold = _rhythm([*brands[:place], *brands[place + 1 :]])
        weight = sum(UNKNOWN / (UNKNOWN + error) for error in brand.errors) / DAY_HOURS
        off += weight * _off(brand, foretold)
        weights += weight
    return min(max(weights / off, DAY_SHAPE), MOST_STRENGTH)


def _off(brand: _Times, foretold: Sequence[float]) -> float:
    """The mean square of how far a brand's hours are off what was foretold, less what is their error."""
    squares = weights = 0.0
    for times, error, guess in zip(brand.times, brand.errors, foretold, strict=True):
        weight = 1.0 / (UNKNOWN + error)
        squares += weight * ((times / guess - 1.0) ** 2 - error)
        weights += weight
    return max(0.0, squares / weights)
