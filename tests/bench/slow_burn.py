"""Shares that creep up over ten days: how many are found and how soon, and what is told in years without one.

Days of generated traffic (tests/bench/_traffic.py, where campaigns, jokes, viral praise and a share that wanders by 5 %
a day are in it) go past the monitor by itself, as a tracker that heard everything would tell them. False: an alarm in a
calm year. A creep that begins while an alert is on has none of its own. Difficulty: how many negative mentions were
added to how many in the creep, and the shares without and with it.
"""

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from tests.bench._report import arguments, finish, head, progress, table
from tests.bench._traffic import BINS_A_DAY, RATES, Planted, Traffic, calm, creeping
from tests.core.daily import Told, judged_days

SEED = 0x969EEB1  # the commit in which creeps landed
BUDGETS = {0.25: "false_a_month_at_025", 1.0: "false_a_month_at_1", 4.0: "false_a_month_at_4"}
PART = 0.1  # of the budget
YEARS, CREEPS = 10, 10  # of each rate, and of each rate and factor
FACTORS = (1.5, 2.0, 3.0)
OVER, STAYS = 10, 20  # days


class Found(NamedTuple):
    """One creep, and after how many days it was found; None if it was not. `on`: an alert was open already."""

    creep: Planted
    days: int | None
    on: bool


def told(traffic: Traffic) -> list[Told]:
    """Its days."""
    scored, negative = (
        counts.reshape(-1, BINS_A_DAY).sum(axis=1).tolist() for counts in (traffic.mentions, traffic.negative)
    )
    return [Told(*day) for day in zip(scored, negative, strict=True)]


def alerts(days: Sequence[Told], budget: float) -> list[tuple[int, int]]:
    """From which day to which each alert is open."""
    found, opened = list[tuple[int, int]](), None
    for day, finding in judged_days(days, budget):
        if not finding.scale and opened is not None:
            found.append((opened, day))
        opened = (opened or day) if finding.scale else None
    return found if opened is None else [*found, (opened, len(days))]


def false_alarms(years: int) -> dict[float, dict[float, list[int]]]:
    """By budget and rate how many each calm year has."""
    found: dict[float, dict[float, list[int]]] = {budget: {rate: [] for rate in RATES} for budget in BUDGETS}
    for number in range(years * len(RATES)):
        progress(f"calm year {number + 1} of {years * len(RATES)}")
        rate = RATES[number % len(RATES)]
        days = told(calm(SEED + number, rate))
        for budget, by_rate in found.items():
            by_rate[rate].append(len(alerts(days, budget)))
    return found


def find(creep: Planted) -> Found:
    """Watch one."""
    days = told(creep.traffic)
    first = len(days) - OVER - STAYS
    found = alerts(days, 1.0)
    on = any(opened <= first < over for opened, over in found)
    return Found(creep, next((opened - first for opened, _ in found if opened > first), None), on)


def show(found: Sequence[Found], factor: float, rate: float) -> tuple[object, ...]:
    """A row of those of one factor and rate."""
    creeps = [one.creep for one in found]
    before, during = (median(getattr(one, name) for one in creeps) for name in ("usual_share", "share"))
    soon = [one.days for one in found if one.days is not None]
    added, usual = (median(getattr(one, name) for one in creeps) for name in ("added", "usual"))
    share = f"{before:.2f} to {during:.2f}"
    on = sum(one.on for one in found)
    return (factor, rate, added, usual, share, f"{len(soon)} of {len(found)}", on, median(soon) if soon else None)


def main(argv: Sequence[str] | None = None) -> None:
    """Watch all, print what came of it."""
    parser = arguments(__doc__, needs_data=False)
    parser.add_argument("--years", type=int, default=YEARS, help=f"calm years of each rate (default: {YEARS})")
    parser.add_argument("--creeps", type=int, default=CREEPS, help=f"of each factor and rate (default: {CREEPS})")
    options = parser.parse_args(argv)
    head(f"Negative shares that creep up over {OVER} days and stay for {STAYS}")
    false = false_alarms(options.years)
    rows: list[tuple[object, ...]] = []
    figures: dict[str, float] = {"calm_brand_years": options.years * len(RATES)}
    for budget, by_rate in false.items():
        a_month = [sum(counts) / len(counts) / 12 for counts in by_rate.values()]
        figures[BUDGETS[budget]] = sum(a_month) / len(a_month)
        worst = max(max(counts) for counts in by_rate.values()) / 12
        rows.append((budget, PART * budget, figures[BUDGETS[budget]], *(round(one, 3) for one in a_month), worst))
    rates = [f"{rate:g}/h" for rate in RATES]
    table(rows, ["budget", "meant a month", "false a month", *rates, "worst brand"])
    rows = []
    for factor in FACTORS:
        of_factor: list[Found] = []
        for rate in RATES:
            progress(f"creeps to {factor:g} times the share at {rate:g}/h")
            place = (FACTORS.index(factor) * len(RATES) + RATES.index(rate)) * options.creeps
            found = [
                find(creeping(SEED + 1_000 + place + number, rate, factor, OVER, STAYS))
                for number in range(options.creeps)
            ]
            rows.append(show(found, factor, rate))
            of_factor += found
        soon = [one.days for one in of_factor if one.days is not None]
        name = f"{factor:g}x".replace(".", "_")
        figures |= {f"found_{name}": len(soon) / len(of_factor), f"days_to_{name}": median(soon)}
    table(
        rows,
        [
            "times the share",
            "mentions/h",
            "negative added",
            "usual",
            "share",
            "found",
            "one was on",
            "after days (median)",
        ],
    )
    finish("slow_burn", figures)


if __name__ == "__main__":
    main()
