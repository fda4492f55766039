"""People who stop answering: how often it is found and how soon, and what is told in months in which all is as usual.

Complaints and answers of generated brands (tests/core/answers.py: day and night, weekends, a share answered that
wanders by 5 % from day to day; offices that are closed at night) go through a tracker with this monitor alone. False:
an alert in a calm month after the first. A stop is six hours of a working day from noon on; nobody can be told sooner
than the deadline, four hours and eleven minutes after the first who gets no answer. Difficulty: complaints an hour and
the share that is usually answered, weeks of history.
"""

from collections.abc import Iterator, Sequence
from statistics import median
from typing import NamedTuple

from listener.monitors import MONITORS
from listener.question import RULE
from schemas.alert import Alert
from schemas.brand_mention import BrandMention
from schemas.settings import Brand, BrandSettings
from schemas.times import DAY, HOUR, MINUTE, to_ms
from tests.bench._report import arguments, finish, head, progress, table
from tests.core.answers import ended, served
from tests.core.building import START, run, with_pulses

SEED = 0x2C4E2D9  # the commit on which the alarm was built
BUDGETS = {0.25: "false_a_month_at_025", 1.0: "false_a_month_at_1", 4.0: "false_a_month_at_4"}
PART = 0.1  # of the budget
MONTH, MONTHS = 30, 4  # days; of each kind of brand, the first of which is not looked at
STOPS = 6  # of each rate and history
AWAY = 6  # hours
SHARE = 0.8
RATES = (5.0, 10.0, 25.0)  # complaints an hour, by day half as many again
WEEKS = (4, 10)  # of history
WANDERS = 0.05


class Serving(NamedTuple):
    """A kind of brand: complaints an hour, which share is answered, in how many minutes, and whether in an office."""

    an_hour: float
    share: float
    minutes: float
    office: bool = False


KINDS = (
    Serving(3, 0.7, 25),
    Serving(10, 0.5, 60),
    Serving(10, 0.8, 25),
    Serving(25, 0.9, 15),
    Serving(8, 0.8, 25, office=True),
)


def opened(said: Sequence[BrandMention], days: int, budget: float) -> Iterator[int]:
    """When (ms) people are told that too many have no answer."""
    others = {monitor.name: False for monitor in MONITORS if monitor.name != "response"}
    brand = Brand(id="acme", name="Acme", budget=budget, monitors=others)
    asked_for = BrandSettings(version="2", id="acme", brand=brand)
    first, *rest = with_pulses(said, ended(days), every=20 * MINUTE)
    for output in run([asked_for if isinstance(first, BrandSettings) else first, *rest]):
        if isinstance(output, Alert) and (output.rule, output.event) == (RULE, "opened"):
            yield to_ms(output.at)


def calm(kind: Serving, seed: int) -> dict[float, int]:
    """By budget how many alerts the months after the first have."""
    days = MONTH * MONTHS
    said = served(days, kind.an_hour, kind.share, seed=seed, minutes=kind.minutes, wanders=WANDERS, office=kind.office)
    return {budget: sum(at >= START + MONTH * DAY for at in opened(said, days, budget)) for budget in BUDGETS}


def stop(an_hour: float, weeks: int, seed: int) -> float | None:
    """After how many minutes it is told that nobody answers since noon; None if it is not."""
    days = 7 * weeks + 2  # a Wednesday
    noon = START + days * DAY + 12 * HOUR
    away = noon, noon + AWAY * HOUR
    said = served(days + 2, an_hour, SHARE, seed=seed, away=away, wanders=WANDERS)
    told = [at for at in opened(said, days + 2, 1.0) if noon <= at < noon + DAY]
    return (told[0] - noon) / MINUTE if told else None


def show(found: Sequence[float | None], an_hour: float, weeks: int) -> tuple[object, ...]:
    """A row of those of one rate and history."""
    soon = [one for one in found if one is not None]
    return (an_hour, weeks, f"{len(soon)} of {len(found)}", round(median(soon)) if soon else None)


def main(argv: Sequence[str] | None = None) -> None:
    """Watch all, print what came of it."""
    parser = arguments(__doc__, needs_data=False)
    parser.add_argument("--brands", type=int, default=4, help="calm brands of each kind (default: 4)")
    parser.add_argument("--stops", type=int, default=STOPS, help=f"of each rate and history (default: {STOPS})")
    options = parser.parse_args(argv)
    head(f"People who stop answering for {AWAY} hours, of brands that answer {SHARE:.0%}")
    rows: list[tuple[object, ...]] = []
    false = dict.fromkeys(BUDGETS, 0)
    months = options.brands * (MONTHS - 1)
    for kind in KINDS:
        of_kind = dict.fromkeys(BUDGETS, 0)
        for number in range(options.brands):
            progress(f"calm brand {number + 1} of {options.brands}: {kind.an_hour:g} an hour")
            for budget, count in calm(kind, SEED + number).items():
                of_kind[budget] += count
                false[budget] += count
        rows.append((kind.an_hour, kind.share, kind.minutes, kind.office, months, *of_kind.values()))
    named = [f"false at {budget:g}" for budget in BUDGETS]
    table(rows, ["complaints/h", "answered", "minutes", "office", "brand-months", *named])
    months *= len(KINDS)
    figures: dict[str, float] = {"calm_brand_months": months}
    figures |= {name: false[budget] / months for budget, name in BUDGETS.items()}
    rows = []
    delays: list[float | None] = []
    for weeks in WEEKS:
        for an_hour in RATES:
            progress(f"stops of {an_hour:g} an hour after {weeks} weeks")
            found = [stop(an_hour, weeks, SEED + number) for number in range(options.stops)]
            rows.append(show(found, an_hour, weeks))
            delays += found
    table(rows, ["complaints/h", "weeks before", "found", "minutes (median)"])
    soon = [one for one in delays if one is not None]
    figures |= {"stops": len(delays), "found": len(soon) / len(delays), "minutes": median(soon)}
    finish("unanswered", figures)


if __name__ == "__main__":
    main()
