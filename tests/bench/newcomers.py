"""New brands in their first weeks, with and without the rhythm of like ones: pages in calm weeks, crises found.

Generated brands (tests/bench/_traffic.py) have histories of eight weeks; what a new one starts with is computed from
the hours of so many others by the product's own `start_of`, and each new one is watched twice by the same settings and
limits but for that. Calm: three weeks; a page is a final alert that opens. Crises: each of eight hours is planted on
day 2 to 13 of a brand's life. Found is what pages while it is on or within two hours.
"""

from collections.abc import Sequence
from functools import cache
from statistics import median
from typing import NamedTuple, get_args

from listener.borrowed import HourHeard, start_of
from listener.local_week import LocalWeek
from schemas.alert import Alert
from schemas.settings import Brand, BrandSettings, Calendar, Start
from schemas.times import HOUR, from_ms, to_ms
from tests.bench._report import arguments, finish, head, progress, table
from tests.bench._traffic import BINS_AN_HOUR, RATES, START, Planted, Traffic, When, calm, planted
from tests.bench._watched import SEED, Watched, minutes_after, raised

WEEKS = 8  # of history of the like ones
LIKE = 5
CALM_DAYS = 21
NEW = 20  # calm brands of each rate
CRISES = 4  # of each factor, rate and time
FACTORS = (3.0, 2.0)
LASTS = 8.0  # hours
LIVES = (12, 16)  # days: a crisis is planted eight to three days before the end
AFTER = 2 * HOUR
ARMS = ("flat", "borrowed")


class Outcome(NamedTuple):
    """One crisis, and by arm how many minutes it took; None where it was missed."""

    rate: float
    factor: float
    crisis: Planted
    minutes: dict[str, float | None]


def calendar(traffic: Traffic) -> Calendar:
    """The clock of a brand's people."""
    zone = traffic.character.zone
    return Calendar(zone=f"UTC{zone:+}", changes=((0, 60 * zone),))


@cache
def history(seed: int, rate: float) -> tuple[list[HourHeard], LocalWeek]:
    """The hours of one that has been there for weeks, and its week."""
    traffic = calm(seed, rate, days=7 * WEEKS)
    counts = traffic.mentions.reshape(-1, BINS_AN_HOUR).sum(axis=1).tolist()
    first = START // HOUR
    return [HourHeard(first + place, count, 1.0) for place, count in enumerate(counts)], LocalWeek(calendar(traffic))


def start_from(group: int, like: int) -> Start | None:
    """What one starts with that is like some others, of all rates in turn."""
    others = {
        f"b{n}": history(SEED + 50_000 + 100 * (group % 10) + n, RATES[(group + n) % len(RATES)]) for n in range(like)
    }
    return start_of(
        {name: hours for name, (hours, _) in others.items()}, {name: week for name, (_, week) in others.items()}
    )


def settings(traffic: Traffic, start: Start | None) -> BrandSettings:
    """Those of a new brand."""
    brand = Brand(id="acme", name="Acme", start=start)
    return BrandSettings(version="1", id="acme", brand=brand, at=from_ms(START), calendar=calendar(traffic))


def watched(traffic: Traffic, start: Start | None) -> dict[str, list[Alert]]:
    """All events of alerts, by arm."""
    return {arm: Watched(1.0, settings(traffic, start if arm == "borrowed" else None)).watch(traffic) for arm in ARMS}


def calm_weeks(new: int, like: int) -> dict[str, float]:
    """What pages and what is noted in the first three weeks of calm brands."""
    pages = {arm: dict.fromkeys(RATES, 0) for arm in ARMS}
    notices = {arm: dict.fromkeys(RATES, 0) for arm in ARMS}
    for number in range(new * len(RATES)):
        progress(f"calm brand {number + 1} of {new * len(RATES)}")
        rate = RATES[number % len(RATES)]
        for arm, events in watched(calm(SEED + number, rate, CALM_DAYS), start_from(number, like)).items():
            pages[arm][rate] += len(raised(events))
            notices[arm][rate] += sum(one.event == "opened" and one.severity == "notice" for one in events)
    rates = [f"{rate:g}/h" for rate in RATES]
    told = [("pages", pages), ("notices", notices)]
    table(
        [(what, arm, sum(found[arm].values()), *found[arm].values()) for what, found in told for arm in ARMS],
        [f"in {new * len(RATES)} first three weeks", "start", "all", *rates],
    )
    return {f"{what}_{arm}": sum(found[arm].values()) for what, found in told for arm in ARMS}


def crises(each: int, like: int) -> list[Outcome]:
    """Each crisis, watched twice."""
    cases = [
        (factor, rate, when) for factor in FACTORS for rate in RATES for when in get_args(When) for _ in range(each)
    ]
    found = []
    for place, (factor, rate, when) in enumerate(cases):
        progress(f"crisis {place + 1} of {len(cases)}")
        case = planted(SEED + place, rate, factor, when, LASTS, days=LIVES[place % len(LIVES)])
        events = watched(case.traffic, start_from(place, like))
        found.append(Outcome(rate, factor, case, {arm: _minutes(case, events[arm]) for arm in ARMS}))
    return found


def _minutes(case: Planted, events: list[Alert]) -> float | None:
    begin, end = case.crisis.start, case.crisis.end + AFTER
    hits = [alert for alert in raised(events) if begin <= to_ms(alert.at) <= end]
    return minutes_after(hits[0], begin) if hits else None


def show(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Found by factor and rate, and how long it took."""
    rows = []
    for factor in FACTORS:
        for rate in RATES:
            some = [one for one in outcomes if (one.factor, one.rate) == (factor, rate)]
            sigmas = median(one.crisis.sigmas for one in some)
            rows.append((factor, rate, sigmas, len(some), *(len(_found(some, arm)) for arm in ARMS), *_of_both(some)))
    both = ["minutes, flat", "minutes, borrowed"]
    table(
        rows, ["times the share", "mentions/h", "Poisson sigmas", "crises", *(f"found, {arm}" for arm in ARMS), *both]
    )
    flat, borrowed = (median(_found(outcomes, arm)) for arm in ARMS)
    of_both = _of_both(outcomes)
    return {
        "crises": len(outcomes),
        **{f"found_{arm}": len(_found(outcomes, arm)) for arm in ARMS},
        "median_delay_flat_min": flat,
        "median_delay_borrowed_min": borrowed,
        "mean_delay_of_both_flat_min": of_both[0],
        "mean_delay_of_both_borrowed_min": of_both[1],
    }


def _found(outcomes: Sequence[Outcome], arm: str) -> list[float]:
    return [minutes for one in outcomes if (minutes := one.minutes[arm]) is not None]


def _of_both(outcomes: Sequence[Outcome]) -> tuple[float, float]:
    """The mean minutes of those that were found with and without."""
    both = [one for one in outcomes if None not in one.minutes.values()]
    flat, borrowed = (sum(_found(both, arm)) / max(1, len(both)) for arm in ARMS)
    return flat, borrowed


def main(argv: Sequence[str] | None = None) -> None:
    """Watch, print."""
    parser = arguments(__doc__, needs_data=False)
    parser.add_argument("--brands", type=int, default=NEW, help=f"calm new ones of each rate (default: {NEW})")
    parser.add_argument("--crises", type=int, default=CRISES, help=f"of each factor, rate and time (default: {CRISES})")
    parser.add_argument("--like", type=int, default=LIKE, help=f"brands that a rhythm is borrowed of (default: {LIKE})")
    options = parser.parse_args(argv)
    head(f"The first weeks of new brands, with and without the rhythm of {options.like} like ones")
    figures = calm_weeks(options.brands, options.like)
    figures |= show(crises(options.crises, options.like))
    table(list(figures.items()), ["figure", "measured"])
    finish("newcomers", figures)


if __name__ == "__main__":
    main()
