"""Silences that are found, and those that are called so for nothing, in simulated brands with a rhythm.

Brands are simulated hour by hour (tests/core/rhythms.py) and judged by the monitor alone: all is listened to. False: an
alarm where nothing was planted; with a holiday a month, on which half is said, and without.
"""

from collections.abc import Sequence
from random import Random
from statistics import median

from tests.bench._report import arguments, finish, head, table
from tests.core.rhythms import DIFFICULTY, HOLIDAY, Spell, counts, judged, openings

LEVELS = (5, 15, 40, 150, 600, 2000)  # mentions a day
MONTHS, SEEDS, SPELLS = 6, 10, 20
PLANTED = ((24, 0.0), (12, 0.0), (6, 0.0), (24, 0.1))  # hours, and what is left


def false_alarms(holiday: float) -> int:
    """How many in SEEDS * MONTHS months of each level."""
    years = [counts(seed, level, MONTHS * 30, holiday=holiday) for seed in range(SEEDS) for level in LEVELS]
    return sum(len(openings(judged(said))) for said in years)


def delays(level: int, hours: int, left: float) -> list[int]:
    """Hours from the beginning of each spell to its alarm, for those that are found."""
    found = []
    for seed in range(SPELLS):
        first = 40 * 24 + Random(seed).randrange(240)
        opened = openings(judged(counts(seed, level, 60, Spell(first, hours, left))))
        found += [hour - first for hour in opened if first < hour <= first + hours + 6][:1]
    return found


def main(argv: Sequence[str] | None = None) -> None:
    """Print what came of it."""
    arguments(__doc__, needs_data=False).parse_args(argv)
    head("Quiet brands")
    months = SEEDS * len(LEVELS) * MONTHS
    false, on_holidays = false_alarms(1.0), false_alarms(HOLIDAY)
    print(f"difficulty: {DIFFICULTY}")
    print(f"false alarms in {months} brand-months: {false} without holidays, {on_holidays} with them\n")
    rows: list[tuple[object, ...]] = []
    figures: dict[str, float] = {"brand_months": months, "false": false, "false_with_holidays": on_holidays}
    for hours, left in PLANTED:
        for level in LEVELS[2:]:
            late = delays(level, hours, left)
            rows.append((f"{hours} h at {left:.0%}", level, f"{len(late)} of {SPELLS}", median(late) if late else "-"))
            figures[f"found_{hours}h_{left:.0%}_of_{level}".replace("%", "")] = len(late) / SPELLS
    table(rows, ["planted", "mentions a day", "found", "after hours (median)"])
    finish("quiet", figures)


if __name__ == "__main__":
    main()
