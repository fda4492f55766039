"""What others do with counts of negative mentions: three detectors, as scores that a threshold makes alarms of.

(a) "last hour over 7-day mean + k sigma", as vendors' manuals tell it: how many standard deviations the last hour lies
above the mean of the hours of the seven days before.
(b) Seasonal hybrid ESD, Twitter's ADVec (Hochenbaum, Vallis, Kejariwal 2017, "Automatic anomaly detection in the cloud
via statistical learning"): of the last two weeks the seasonal part is taken off (the mean of each hour of the day) and
the median; the generalised ESD test (Rosner 1983), with median and MAD in place of mean and standard deviation, takes
out the most extreme value again and again. An hour is an anomaly if it was taken out no later than at the last
significant step. The score is the t value that belongs to the level at which that is so.
(c) Poisson on the last day: how unlikely the last hour is (-log of the chance) at the rate of the 24 hours before it.

All are looked at each 15 minutes, on the sum of the last hour.
"""

from collections.abc import Callable, Iterator, Sequence
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from tests.bench._traffic import BIN, BINS_A_DAY, BINS_AN_HOUR, START, Counts

Scores = NDArray[np.float64]
LOOK = 3  # bins between two looks
WEEK, FORTNIGHT = 7, 14
MOST_ANOMALIES = 0.02  # of the values, as ADVec's manual has it for `max_anoms`
APART = BINS_A_DAY // LOOK  # looks: what fires again within a day is the same alarm
LEVEL = 0.05  # its manual's `alpha`
MAD = 1.4826
LEAST_MAD = (
    0.5  # mentions: most hours of a quiet brand are alike to the last digit, and anything is endless beside that
)


def hourly(counts: Counts) -> NDArray[np.int64]:
    """The sum of the hour that ends with each bin; of the first ones, of what there is."""
    sums = np.concatenate([[0], np.cumsum(counts)])
    ends = np.arange(1, len(counts) + 1)
    of_hours: NDArray[np.int64] = sums[ends] - sums[np.maximum(0, ends - BINS_AN_HOUR)]
    return of_hours


def looks(counts: Counts) -> NDArray[np.int64]:
    """The bins after which is looked."""
    return np.arange(LOOK - 1, len(counts), LOOK)


def times(counts: Counts) -> NDArray[np.int64]:
    """When (ms) each look is."""
    return START + (looks(counts) + 1) * BIN


def sigmas(counts: Counts) -> Scores:
    """(a), as above."""
    hours = hourly(counts).astype(float)
    sums, squares = (np.concatenate([[0.0], np.cumsum(values)]) for values in (hours, hours * hours))
    at = looks(counts)
    end = np.maximum(0, at + 1 - BINS_AN_HOUR)
    start = np.maximum(0, end - WEEK * BINS_A_DAY)
    n = np.maximum(1, end - start)
    mean = (sums[end] - sums[start]) / n
    spread = np.sqrt(np.maximum(0.0, (squares[end] - squares[start]) / n - mean * mean))
    score = (hours[at] - mean) / np.where(spread > 0, spread, np.inf)
    return np.where(end - start >= BINS_A_DAY, score, 0.0)


def poisson(counts: Counts) -> Scores:
    """(c), as above."""
    hours = hourly(counts)
    at = looks(counts)
    sums = np.concatenate([[0], np.cumsum(counts)])
    end = np.maximum(0, at + 1 - BINS_AN_HOUR)
    start = np.maximum(0, end - BINS_A_DAY)
    known = end - start >= BINS_A_DAY
    rate = np.maximum(0.5, sums[end] - sums[start]) / np.maximum(1, end - start) * BINS_AN_HOUR
    return np.where(known, _surprise(hours[at], rate), 0.0)


def _surprise(count: NDArray[np.int64], rate: Scores) -> Scores:
    """-log P(X >= count) for Poisson counts; 0 below the mean, where nobody asks."""
    largest = int(count.max(initial=0)) + 1
    log_factorial = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, largest + 400)))])
    further = np.arange(400)
    surprise = np.zeros(len(count))
    above = np.flatnonzero(count > rate)
    for part in np.array_split(above, max(1, len(above) // 2_000)):
        k = count[part, None] + further
        logs = k * np.log(rate[part, None]) - rate[part, None] - log_factorial[k]
        top = logs.max(axis=1)
        surprise[part] = -(top + np.log(np.exp(logs - top[:, None]).sum(axis=1)))
    return surprise


def seasonal_hybrid_esd(counts: Counts) -> Scores:
    """(b), as above."""
    hours = hourly(counts).astype(float)
    n = FORTNIGHT * 24
    back = np.arange(-n + 1, 1) * BINS_AN_HOUR
    at = looks(counts)
    score = np.zeros(len(at))
    full = np.flatnonzero(at + back[0] >= 0)
    for part in np.array_split(full, max(1, len(full) // 2_000)):
        score[part] = _last_of(hours[at[part, None] + back])
    return score


def _last_of(values: Scores) -> Scores:
    """The score of the last value of each row.

    Values are taken out from the largest down, so the last one is at all only where few are as large.
    """
    rows, n = values.shape
    season = values.reshape(rows, n // 24, 24).mean(axis=1)
    rest = values - np.tile(season, n // 24)
    steps = max(1, int(MOST_ANOMALIES * n))
    rank = (rest[:, :-1] >= rest[:, -1:]).sum(axis=1)
    score = np.zeros(rows)
    some = np.flatnonzero(rank < steps)
    if len(some):
        score[some] = _extremes(rest[some] - np.median(values[some], axis=1)[:, None], rank[some], steps)
    return score


def _extremes(rest: Scores, taken_at: NDArray[np.int64], steps: int) -> Scores:
    """The largest level of the steps from that on in which the last value of each row is taken out."""
    levels = np.stack([level for _, level in _taken(rest, steps)], axis=1)
    best = np.maximum.accumulate(levels[:, ::-1], axis=1)[:, ::-1]
    found: Scores = best[np.arange(len(rest)), taken_at]
    return found


def _taken(rest: Scores, steps: int) -> Iterator[tuple[NDArray[np.int64], Scores]]:
    """Take the largest value out of each row, again and again: its place, and the t value of its level."""
    rows, n = rest.shape
    row = np.arange(rows)
    for step in range(steps):
        off = rest - np.nanmedian(rest, axis=1)[:, None]
        mad = MAD * np.nanmedian(np.abs(off), axis=1)
        most = np.nanargmax(off, axis=1)
        yield most, _t_of(off[row, most] / np.maximum(mad, LEAST_MAD), n - step)
        rest[row, most] = np.nan


def anomalies(values: Scores, period: int, share: float) -> list[int]:
    """The places that ADVec reports of a whole series at a level of 5 %, no more than a `share` of it.

    As it was published, and as NAB ran it (a period of 150 rows, .002): what `seasonal_hybrid_esd` does hour by hour.
    """
    phase = np.arange(len(values)) % period
    season = np.bincount(phase, values) / np.bincount(phase)
    rest = (values - season[phase] - np.median(values))[None, :]
    places, last = [], 0
    for step, (place, level) in enumerate(_taken(rest, int(share * len(values)))):
        places.append(int(place[0]))
        if level[0] > NormalDist().inv_cdf(1 - LEVEL / (len(values) - step)):  # of thousands of values t is normal
            last = step + 1
    return sorted(places[:last])


def _t_of(ratio: Scores, left: int) -> Scores:
    """The t value whose critical ratio is this one: lambda = (m - 1) t / sqrt((m - 2 + t^2) m) of m values."""
    most = (left - 1) / left**0.5
    inside = np.minimum(np.maximum(ratio, 0.0), most * 0.999_999)
    share = (inside * left**0.5 / (left - 1)) ** 2
    # Beyond what plain deviations can reach the robust ratio still grows: let the score grow with it.
    found: Scores = np.sqrt(share * (left - 2) / (1 - share)) + np.maximum(0.0, ratio - most)
    return found


RIVALS: dict[str, Callable[[Counts], Scores]] = {
    "last hour over 7-day mean + k sigma": sigmas,
    "ADVec (seasonal hybrid ESD)": seasonal_hybrid_esd,
    "Poisson on the last day": poisson,
}


def alarms(scores: Scores, threshold: float) -> NDArray[np.int64]:
    """The looks at which an alarm begins: none was on in the day before."""
    on = np.flatnonzero(scores >= threshold)
    if not len(on):
        return on
    first: NDArray[np.int64] = on[np.concatenate([[True], np.diff(on) > APART])]
    return first


def threshold_for(years: Sequence[Scores], wanted: int) -> float:
    """The lowest threshold at which there are at most `wanted` alarms in all."""
    levels = np.unique(np.concatenate([scores[scores > 0] for scores in years]))
    low, high = 0, len(levels)  # alarms are not quite monotone below: look from above
    while low < high:
        middle = (low + high) // 2
        if sum(len(alarms(scores, levels[middle])) for scores in years) <= wanted:
            high = middle
        else:
            low = middle + 1
    return float(levels[low]) if low < len(levels) else float("inf")
