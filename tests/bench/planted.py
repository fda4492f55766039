"""Planted crises: how many are found, and after how many minutes, beside three detectors that others use.

Ours is asked for one page a month. The three (tests/bench/_rivals.py) get one threshold each, for all brands, at which
they raise as many alarms on the same calm years as we do. A crisis is found if an alarm begins between its start and
two hours after its end: ours must open, or open again; of theirs any look above the threshold counts, also one that
goes on from before. All see the same five-minute counts (tests/bench/_traffic.py), the three the negative ones.
"""

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple, get_args

import numpy as np

from schemas.times import HOUR, MINUTE, to_ms
from tests.bench import _rivals
from tests.bench._report import arguments, finish, head, progress, table
from tests.bench._traffic import RATES, Planted, When, calm, planted
from tests.bench._watched import SEED, Watched, minutes_after, raised

OURS = "listener, budget 1"
CALM = 3  # years of each rate
CRISES = 4  # of each factor, rate and time
FACTORS = (3.0, 1.5)
LASTS = 8.0  # hours
AFTER = 2 * HOUR


class Outcome(NamedTuple):
    """One crisis, and by detector how many minutes it took; None where it was missed."""

    crisis: Planted
    factor: float
    when: When
    minutes: dict[str, float | None]


def false_alarms(years: int) -> tuple[int, dict[str, float]]:
    """How many we raise in calm years, and the thresholds at which the others raise as many."""
    ours = 0
    scores: dict[str, list[_rivals.Scores]] = {name: [] for name in _rivals.RIVALS}
    for number in range(years * len(RATES)):
        progress(f"calm year {number + 1} of {years * len(RATES)}")
        traffic = calm(SEED + number, RATES[number % len(RATES)])
        ours += len(raised(Watched(1.0).watch(traffic)))
        for name, rival in _rivals.RIVALS.items():
            scores[name].append(rival(traffic.negative))
    return ours, {name: _rivals.threshold_for(of_years, ours) for name, of_years in scores.items()}


def watch(case: Planted, thresholds: dict[str, float]) -> dict[str, float | None]:
    """Minutes from the start to the alarm, by detector."""
    begin, end = case.crisis.start, case.crisis.end + AFTER
    hits = [alert for alert in raised(Watched(1.0).watch(case.traffic)) if begin <= to_ms(alert.at) <= end]
    found: dict[str, float | None] = {OURS: minutes_after(hits[0], begin) if hits else None}
    times = _rivals.times(case.traffic.negative)
    during = (times > begin) & (times <= end)
    for name, threshold in thresholds.items():
        looks = np.flatnonzero(during & (_rivals.RIVALS[name](case.traffic.negative) >= threshold))
        found[name] = float(times[looks[0]] - begin) / MINUTE if len(looks) else None
    return found


def found_by(outcomes: Sequence[Outcome], name: str) -> list[float]:
    """The minutes of those that were found."""
    return [minutes for one in outcomes if (minutes := one.minutes[name]) is not None]


def show(outcomes: Sequence[Outcome], names: Sequence[str]) -> None:
    """Found by factor and rate, with the difficulty beside it."""
    rows = []
    for factor in FACTORS:
        for rate in RATES:
            some = [one for one in outcomes if one.factor == factor and one.crisis.traffic.character.rate == rate]
            added = median(one.crisis.added for one in some)
            usual = median(one.crisis.usual for one in some)
            sigmas = median(one.crisis.sigmas for one in some)
            before, during = (median(shares) for shares in zip(*map(_shares, some), strict=True))
            counts = (f"{len(found_by(some, name))} of {len(some)}" for name in names)
            rows.append((factor, rate, added, usual, sigmas, f"{before:.2f} to {during:.2f}", *counts))
    heads = ["times the share", "mentions/h", "negative added", "usual", "Poisson sigmas", "share"]
    table(rows, [*heads, *names])
    rows = [
        (when, *(f"{len(found_by(some, name))} of {len(some)}" for name in names))
        for when in get_args(When)
        if (some := [one for one in outcomes if one.when == when])
    ]
    table(rows, ["when", *names])


def _shares(one: Outcome) -> tuple[float, float]:
    return one.crisis.usual_share, one.crisis.share


def summary(outcomes: Sequence[Outcome], names: Sequence[str]) -> dict[str, float]:
    """The figures; also delays over the crises that both we and the best of the others found."""
    found = {name: len(found_by(outcomes, name)) / len(outcomes) for name in names}
    best = max(names[1:], key=lambda name: found[name])
    both = [one for one in outcomes if one.minutes[OURS] is not None and one.minutes[best] is not None]
    rows = [(name, found[name], median(found_by(outcomes, name) or [float("nan")])) for name in names]
    table(rows, ["detector", "found", "median minutes"])
    figures = {
        "found_share": found[OURS],
        "found_over_best_peer_points": 100 * (found[OURS] - found[best]),
        "median_delay_min": median(found_by(outcomes, OURS)),
        "best_peer_median_delay_min": median(found_by(outcomes, best)),
    }
    if both:
        figures["median_delay_of_both_min"] = median(found_by(both, OURS))
        figures["best_peer_median_delay_of_both_min"] = median(found_by(both, best))
    return figures


def main(argv: Sequence[str] | None = None) -> None:
    """Plant, watch, print."""
    parser = arguments(__doc__, needs_data=False)
    parser.add_argument("--crises", type=int, default=CRISES, help=f"of each factor, rate and time (default: {CRISES})")
    parser.add_argument("--years", type=int, default=CALM, help=f"calm years of each rate (default: {CALM})")
    options = parser.parse_args(argv)
    head("Planted crises of eight hours, found at the same number of false alarms")
    alarms, thresholds = false_alarms(options.years)
    brand_months = options.years * len(RATES) * 12
    print(f"{alarms} false alarms in {brand_months} calm brand-months ({alarms / brand_months:.2f} a month)")
    print("thresholds of the others: " + ", ".join(f"{name} {value:.1f}" for name, value in thresholds.items()) + "\n")
    cases = [
        (factor, rate, when, number)
        for factor in FACTORS
        for rate in RATES
        for when in get_args(When)
        for number in range(options.crises)
    ]
    outcomes = []
    for place, (factor, rate, when, _) in enumerate(cases):
        progress(f"crisis {place + 1} of {len(cases)}")
        case = planted(SEED + place, rate, factor, when, LASTS)
        outcomes.append(Outcome(case, factor, when, watch(case, thresholds)))
    names = [OURS, *thresholds]
    show(outcomes, names)
    figures = summary(outcomes, names)
    table(list(figures.items()), ["figure", "measured"])
    finish("planted", figures)


if __name__ == "__main__":
    main()
