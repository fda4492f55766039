"""Whether each page is delivered, under one key and a number of its own, and how soon.

Twenty receivers on this machine, one dead and one slow, each with another one in its place. First alerts are opened and
resolved, or graver, while notify is killed (-9) between every two steps of its outbox, several times each, and started
again; then alerts come 20 a second through the lane's transaction, and from there to each receiver is measured, with
the group_wait that is the default. Lost is an alert that nobody was told of, and an end that somebody was not told of
who was told of its beginning.
"""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from agents.runtime.store import Store
from tests.bench._notified import DEAD, RECEIVERS, SLOW, Page, Towers, ambiguous, doubled, lost
from tests.bench._notify_service import POINTS, add, an_event
from tests.bench._report import ROOT, arguments, finish, head, table

TIMES = (1, 2, 7)  # at which coming to a point it is killed
ALERTS = 400
ENDED = 3  # of four alerts


def service(settings: Path, what: str, times: int, seconds: float = 120) -> int:
    """Run notify until nothing waits; return how it ended."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "BENCH_SECRET": "secret"}
    command = [sys.executable, "-m", "tests.bench._notify_service", str(settings), what, str(times)]
    return subprocess.run(command, env=environment, timeout=seconds, check=False).returncode


def killed(folder: Path) -> tuple[list[tuple[object, ...]], Counter[str], int]:
    """A row for each point, what was wrong with the pages, and how many were told in all."""
    rows: list[tuple[object, ...]] = []
    with Towers() as towers:
        settings = towers.settings(folder, "0s")
        opened: set[str] = set()
        resolved: set[str] = set()
        for point in POINTS:
            deaths, before = 0, len(towers.pages)
            for times in TIMES:
                numbers = range(len(opened), len(opened) + RECEIVERS)
                opened |= {f"a{number}" for number in numbers}
                gone = [number for number in numbers if number % 4 < ENDED]
                resolved |= {f"a{number}" for number in gone}
                with Store(folder / "listener.db") as store:
                    add(store, [an_event(number) for number in numbers])
                deaths += service(settings, point, times) < 0
                with Store(folder / "listener.db") as store:  # what may have been said is not so any more
                    add(store, [an_event(number, 2, "escalated") for number in numbers if number not in gone])
                service(settings, "never", 0)  # what is over before anybody was told is told to nobody
                with Store(folder / "listener.db") as store:
                    add(store, [an_event(number, 2, "resolved") for number in gone])
                deaths += service(settings, point, times) < 0
                service(settings, "never", 0)
            rows.append((point, deaths, len(towers.pages) - before))
        return rows, wrong_with(towers.pages, opened, resolved), len(towers.pages)


def wrong_with(pages: list[Page], opened: set[str], resolved: set[str]) -> Counter[str]:
    """How many were lost, were told under several keys, and under a (key, number) of another content."""
    return Counter(lost=lost(pages, opened, resolved), doubled_keys=doubled(pages), ambiguous_numbers=ambiguous(pages))


def delays(folder: Path) -> tuple[list[float], Counter[str]]:
    """Milliseconds from due to delivered for receivers that are well; what was wrong with the pages."""
    with Towers() as towers:
        settings = towers.settings(folder, "1s")
        service(settings, "lane", ALERTS)
        time.sleep(0.5)
        first: dict[str, float] = {}
        for page in towers.pages:
            if int(page.alert[1:]) % RECEIVERS not in (DEAD, SLOW):
                first.setdefault(page.alert, 1000 * (page.at - page.told))
        return sorted(first.values()), wrong_with(towers.pages, {f"a{number}" for number in range(ALERTS)}, set())


def main(argv: Sequence[str] | None = None) -> None:
    """Print what came of it."""
    arguments(__doc__, needs_data=False).parse_args(argv)
    head("Notify")
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        rows, wrong, pages = killed(Path(one))
        table(rows, ["killed", "deaths", "notices delivered"])
        took, wrong_live = delays(Path(other))
    middle, p99 = took[len(took) // 2], took[int(len(took) * 0.99)]
    print(f"\nalert -> delivered, {len(took)} alerts of healthy receivers: p50 {middle:.0f} ms, p99 {p99:.0f} ms")
    figures = {
        **{name: wrong[name] + wrong_live[name] for name in wrong},
        "p99_ms": round(p99),
        "p50_ms": round(middle),
        "deaths": sum(int(str(row[1])) for row in rows),
        "notices": pages,
    }
    finish("notify", figures)


if __name__ == "__main__":
    main()
