"""Whether each page is delivered, under one key, and how soon.

Twenty receivers on this machine, one dead and one slow, each with another one in its place. First alerts are opened and
resolved while notify is killed (-9) between every two steps of its outbox, several times each, and started again; then
alerts come 20 a second through the lane's transaction, and from there to each receiver is measured, with the group_wait
that is the default. Lost is an alert that nobody was told of, and an end that somebody was not told of who was told
of its beginning.
"""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from agents.runtime.store import Store
from tests.bench._notified import DEAD, RECEIVERS, SLOW, Towers, doubled, lost
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


def killed(folder: Path) -> tuple[list[tuple[object, ...]], int, int, int]:
    """A row for each point, and how many pages were lost, told under several keys, and told in all."""
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
                service(settings, "never", 0)  # what is over before anybody was told is told to nobody
                with Store(folder / "listener.db") as store:
                    add(store, [an_event(number, 2, "resolved") for number in gone])
                deaths += service(settings, point, times) < 0
                service(settings, "never", 0)
            rows.append((point, deaths, len(towers.pages) - before))
        missing = lost(towers.pages, opened, resolved)
        return rows, missing, doubled(towers.pages), len(towers.pages)


def delays(folder: Path) -> tuple[list[float], int, int]:
    """Milliseconds from due to delivered for receivers that are well; how many were lost, and under several keys."""
    with Towers() as towers:
        settings = towers.settings(folder, "1s")
        service(settings, "lane", ALERTS)
        time.sleep(0.5)
        first: dict[str, float] = {}
        for page in towers.pages:
            if int(page.alert[1:]) % RECEIVERS not in (DEAD, SLOW):
                first.setdefault(page.alert, 1000 * (page.at - page.told))
        missing = lost(towers.pages, {f"a{number}" for number in range(ALERTS)}, set())
        return sorted(first.values()), missing, doubled(towers.pages)


def main(argv: Sequence[str] | None = None) -> None:
    """Print what came of it."""
    arguments(__doc__, needs_data=False).parse_args(argv)
    head("Notify")
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        rows, lost_killed, doubled_killed, pages = killed(Path(one))
        table(rows, ["killed", "deaths", "notices delivered"])
        took, lost_live, doubled_live = delays(Path(other))
    middle, p99 = took[len(took) // 2], took[int(len(took) * 0.99)]
    print(f"\nalert -> delivered, {len(took)} alerts of healthy receivers: p50 {middle:.0f} ms, p99 {p99:.0f} ms")
    figures = {
        "lost": lost_killed + lost_live,
        "doubled_keys": doubled_killed + doubled_live,
        "p99_ms": round(p99),
        "p50_ms": round(middle),
        "deaths": sum(int(str(row[1])) for row in rows),
        "notices": pages,
    }
    finish("notify", figures)


if __name__ == "__main__":
    main()
