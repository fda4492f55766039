"""Pages a brand and month in years without a crisis, against the budget that was asked for.

Each generated year (tests/bench/_traffic.py; with rhythm, overdispersion, campaigns, viral praise, jokes, topics and
holidays) goes window by window through the tracker of the product, once for each budget. A page is a final alert that
opens or opens again, or an early warning that was taken back: one that is confirmed is the same page as its alert. For
early looks the mentions of a window lie in an order that is drawn. Nothing is fitted here: each brand begins without a
history and learns its limit from what it brings.
"""

from collections import Counter
from collections.abc import Sequence
from random import Random
from statistics import mean

from schemas.alert import Alert
from schemas.times import DAY, HOUR, to_ms
from tests.bench._report import arguments, finish, head, progress, table
from tests.bench._traffic import RATES, START, Event, calm
from tests.bench._watched import SEED, Watched, raised, taken_back, warned

BUDGETS = {0.25: "pages_at_025", 1.0: "pages_at_1", 4.0: "pages_at_4"}
BRANDS = 10  # of each rate
FIRST = 30 * DAY
MONTHS = 12


def within(alert: Alert, events: Sequence[Event]) -> bool:
    """Whether something was on that is no crisis, or had just been."""
    at = to_ms(alert.at)
    return any(event.start <= at <= event.end + HOUR for event in events if event.kind != "holiday")


def main(argv: Sequence[str] | None = None) -> None:
    """Watch all years, print what was paged."""
    parser = arguments(__doc__, needs_data=False)
    parser.add_argument("--brands", type=int, default=BRANDS, help=f"years of each rate (default: {BRANDS})")
    brands = parser.parse_args(argv).brands
    head("Pages a brand and month in calm years, by the budget asked for")
    pages: dict[float, dict[float, list[int]]] = {budget: {rate: [] for rate in RATES} for budget in BUDGETS}
    first, eventful = dict.fromkeys(BUDGETS, 0), dict.fromkeys(BUDGETS, 0)
    early, withdrawn = Counter[tuple[float, str]](), Counter[tuple[float, str]]()
    for number in range(brands * len(RATES)):
        rate = RATES[number % len(RATES)]
        traffic = calm(SEED + number, rate)
        for budget in BUDGETS:
            progress(f"year {number + 1} of {brands * len(RATES)}, budget {budget:g}")
            events = Watched(budget).watch(traffic, Random(SEED + number))
            found, back = raised(events), taken_back(events)
            early.update((budget, alert.rule) for alert in warned(events))
            withdrawn.update((budget, alert.rule) for alert in back)
            pages[budget][rate].append(len(found) + len(back))
            first[budget] += sum(to_ms(alert.at) < START + FIRST for alert in found)
            eventful[budget] += sum(within(alert, traffic.events) for alert in found)
    rows, figures = [], {}
    for budget, by_rate in pages.items():
        of_all = [count for counts in by_rate.values() for count in counts]
        figures[BUDGETS[budget]] = mean(of_all) / MONTHS
        by_month = [round(mean(counts) / MONTHS, 2) for counts in by_rate.values()]
        told = f"{eventful[budget]} of {sum(of_all)}"
        rows.append((budget, mean(of_all) / MONTHS, *by_month, max(of_all) / MONTHS, first[budget] / len(of_all), told))
    rates = [f"{rate:g}/h" for rate in RATES]
    table(rows, ["budget", "all", *rates, "worst brand", "first month", "in a campaign, topic, joke, praise"])
    months = brands * len(RATES) * MONTHS
    table(
        [(*key, f"{withdrawn[key]} of {early[key]}", withdrawn[key] / months) for key in sorted(early)],
        ["budget", "early warnings", "taken back, of all", "a brand a month"],
    )
    of_budget = {budget: sum(count for (of, _), count in withdrawn.items() if of == budget) for budget in BUDGETS}
    finish(
        "budget", figures | {f"taken_back_{name[6:]}": of_budget[budget] / months for budget, name in BUDGETS.items()}
    )


if __name__ == "__main__":
    main()
