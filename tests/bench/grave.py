"""Words that matter, said by more people than usual: how soon that is told, and what is told in calm years.

Generated calm traffic (tests/bench/_traffic.py), but for its words: of the mentions of an hour a share has a grave one
that is drawn anew each hour around three in a thousand, which wanders by 5 % a day; and about once a week there are for
2 to 24 hours two to four times as many, since such words come in clumps: somebody's joke, another firm's recall. The
crisis: for six hours mentions with such a word are added, rising for half an hour, until they are so many times that
share. Found: an alert of "severity-words" that opens, or opens again, in them or in the two hours after. False: one in
a calm year; the rule has a tenth of the budget.
"""

from collections.abc import Sequence
from statistics import median

import numpy as np

from schemas.alert import Alert
from schemas.times import HOUR, to_ms
from tests.bench._report import arguments, finish, head, progress, table
from tests.bench._traffic import BIN, BINS_A_DAY, BINS_AN_HOUR, RATES, RISING, START, Traffic, calm
from tests.bench._watched import Watched, minutes_after, raised

SEED = 0x8E3A011  # the commit in which words landed
SHARE = 0.003  # of calm mentions
ALIKE = (0.0002, 0.003)  # the correlation of an hour: hours stray by a quarter, or by as much as there is
WANDER = 0.05  # a day, of the logarithm of the share
MOST = 0.05  # of a clump
CLUMPS_A_WEEK, CLUMP_HOURS, CLUMP_TIMES = 1.0, (2, 24), (2.0, 4.0)
FACTORS = (5.0, 10.0, 30.0)
LASTS, AFTER = 6 * HOUR, 2 * HOUR
DAYS, CALM, CRISES = 42, 3, 12  # calm years of each rate, crises of each rate and factor
ALL_RATES = (*RATES, 3_000.0)
BUDGETS = {1.0: "false_a_month_at_1", 4.0: "false_a_month_at_4"}
PART = 0.1  # of the budget


def with_words(traffic: Traffic, seed: int) -> Traffic:
    """The traffic with words that come in clumps."""
    draw = np.random.default_rng([seed, 5])
    strength = 1 / draw.uniform(*ALIKE) - 1
    hours = len(traffic.mentions) // BINS_AN_HOUR
    usual = SHARE * np.repeat(np.exp(np.cumsum(draw.normal(0, WANDER, hours // 24 + 1))), 24)[:hours]
    for _ in range(draw.poisson(CLUMPS_A_WEEK * hours / 168)):
        first = int(draw.integers(0, hours))
        usual[first : first + int(draw.integers(*CLUMP_HOURS))] *= draw.uniform(*CLUMP_TIMES)
    usual = np.minimum(usual, MOST)
    shares = np.repeat(draw.beta(usual * strength, (1 - usual) * strength), BINS_AN_HOUR)
    return traffic._replace(severe=draw.binomial(traffic.mentions, shares))


def recall(seed: int, rate: float, factor: float) -> tuple[Traffic, int, int]:
    """Six weeks, in the last of them a crisis: when it begins (ms), and how many mentions it adds."""
    traffic, draw = with_words(calm(seed, rate, DAYS), seed), np.random.default_rng([seed, 6])
    first = (DAYS - 7 + int(draw.integers(0, 6))) * BINS_A_DAY + int(draw.integers(0, BINS_A_DAY))
    bins = LASTS // BIN
    wanted = factor * SHARE
    hourly = traffic.mentions[first - BINS_AN_HOUR : first + bins].mean()
    rising = np.minimum(1.0, (np.arange(bins) + 1) * BIN / RISING)
    added = np.zeros(len(traffic.mentions), dtype=np.int64)
    added[first : first + bins] = draw.poisson(hourly * (wanted - SHARE) / (1 - wanted) * rising)
    more = {name: getattr(traffic, name) + added for name in ("mentions", "negative", "severe")}
    return traffic._replace(**more), START + first * BIN, int(added.sum())


def told(traffic: Traffic, budget: float = 1.0) -> list[Alert]:
    """The alerts of the rule."""
    return [alert for alert in raised(Watched(budget).watch(traffic)) if alert.rule == "severity-words"]


def minutes(traffic: Traffic, start: int) -> float | None:
    """To the alert; None if there is none."""
    hits = [alert for alert in told(traffic) if start <= to_ms(alert.at) <= start + LASTS + AFTER]
    return minutes_after(hits[0], start) if hits else None


def main(argv: Sequence[str] | None = None) -> None:
    """Watch all, print what came of it."""
    parser = arguments(__doc__, needs_data=False)
    parser.add_argument("--years", type=int, default=CALM, help=f"calm years of each rate (default: {CALM})")
    parser.add_argument("--crises", type=int, default=CRISES, help=f"of each rate and factor (default: {CRISES})")
    options = parser.parse_args(argv)
    head("Grave words that more people say than usual")
    rows: list[tuple[object, ...]] = []
    figures: dict[str, float] = {"calm_brand_months": options.years * len(ALL_RATES) * 12}
    for budget, name in BUDGETS.items():
        counts = dict.fromkeys(ALL_RATES, 0)
        for number in range(options.years * len(ALL_RATES)):
            progress(f"calm year {number + 1} of {options.years * len(ALL_RATES)} at a budget of {budget:g}")
            rate = ALL_RATES[number % len(ALL_RATES)]
            counts[rate] += len(told(with_words(calm(SEED + number, rate), SEED + number), budget))
        figures[name] = sum(counts.values()) / figures["calm_brand_months"]
        rows.append((budget, PART * budget, figures[name], *counts.values()))
    table(rows, ["budget", "meant a month", "false a month", *(f"{rate:g}/h" for rate in ALL_RATES)])
    rows, found = [], []
    for factor in FACTORS:
        for rate in ALL_RATES:
            progress(f"{factor:g} times the words at {rate:g}/h")
            place = SEED + 1_000 * (1 + FACTORS.index(factor)) + 100 * ALL_RATES.index(rate)
            crises = [recall(place + number, rate, factor) for number in range(options.crises)]
            spent = [minutes(traffic, start) for traffic, start, _ in crises]
            some = [one for one in spent if one is not None]
            found += spent
            added = median(added for *_, added in crises)
            rows.append((factor, rate, added, f"{len(some)} of {len(spent)}", median(some) if some else None))
    table(rows, ["times the share", "mentions/h", "with such a word added", "found", "minutes (median)"])
    some = [one for one in found if one is not None]
    figures |= {"crises": len(found), "found_share": len(some) / len(found), "median_delay_min": median(some)}
    finish("grave", figures)


if __name__ == "__main__":
    main()
