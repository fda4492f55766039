"""Bluesky's firehose at ten times its real rate through the embedded service, on one core: does it keep up?

A Jetstream server in a process of its own offers so many events a second, likes and deletions in the shares of the real
network, and sends them all, asked for or not. `listener run` listens to it with 200 brands, bound to one core. It keeps
up if all that is offered is taken and what is committed lags no more than some seconds. Texts are those of stocknet_88,
all distinct until they begin again, or made-up ones without them. Needs Linux.
"""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from random import Random
from statistics import median

import orjson

from schemas.mention import Mention
from schemas.times import from_ms
from tests.bench._names import counted, settings_of, spoken_of, words
from tests.bench._processes import memory, tree_cpu
from tests.bench._report import ROOT, arguments, finish, head, progress, table
from tests.bench._texts import stocknet

RATE, SECONDS, BRANDS = 3_000, 60.0, 200
WARM_UP = 5  # seconds
NAMED = 0.05  # the share of the texts that name a brand
VOCABULARY, LOOKED_AT = 3_000, 20_000
MADE_UP = 20_000
MOST_BEHIND = 5.0
MIB = 1 << 20


def made_up() -> list[str]:
    """Texts for who has none."""
    draw = Random(7)
    some = ["".join(draw.choices("aeiklmnorstuz", k=draw.randrange(3, 9))) for _ in range(5_000)]
    return [" ".join(draw.choices(some, k=draw.randrange(3, 30))) for _ in range(MADE_UP)]


def brands_for(texts: Sequence[str]) -> list[str]:
    """Names that some of the texts have."""
    looked = [Mention(id=str(n), text=text, created_at=from_ms(0)) for n, text in enumerate(islice(texts, LOOKED_AT))]
    names = words(mention.text for mention in looked)[:VOCABULARY]
    return spoken_of(counted(names, looked), BRANDS, int(NAMED * len(looked)))


def write_settings(folder: Path, port: int, names: Sequence[str]) -> None:
    """The settings of the service."""
    lines = [f'[[brands]]\nid = "{brand.id}"\nname = "{brand.name}"\n' for brand in settings_of(names).brands]
    lines.append(f'[[sources]]\nkind = "bluesky"\nname = "firehose"\nurl = "ws://127.0.0.1:{port}"\n')
    (folder / "listener.toml").write_text("\n".join(lines), encoding="utf-8")


@contextmanager
def started(command: Sequence[str], cores: set[int], **how: object) -> "Iterator[subprocess.Popen[str]]":
    """A process bound to these cores, ended with us."""
    process = subprocess.Popen(command, cwd=ROOT, text=True, **how)  # type: ignore[call-overload]  # its many shapes
    os.sched_setaffinity(process.pid, cores)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def behind(database: Path) -> float | None:
    """Seconds since the last mention in the log was written; None if there is none yet."""
    if not database.exists():
        return None
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        try:
            rows = connection.execute("SELECT record FROM mentions ORDER BY position DESC LIMIT 20").fetchall()
        except sqlite3.OperationalError:
            return None
    for (row,) in rows:
        record = orjson.loads(row)
        if record["record"] == "mention/1" and not record.get("edited_at"):
            return time.time() - datetime.fromisoformat(record["created_at"]).timestamp()
    return None


def counts(database: Path) -> tuple[int, int]:
    """Mentions in the log, and brand mentions."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        ((log,),) = connection.execute("SELECT count(*) FROM mentions").fetchall()
        ((found,),) = connection.execute("SELECT count(*) FROM brand_mentions").fetchall()
    return log, found


def measure(rate: int, seconds: float, texts: list[str], folder: Path) -> dict[str, float]:
    """Run both and watch."""
    cores = sorted(os.sched_getaffinity(0))
    (folder / "texts.json").write_text(json.dumps(texts), encoding="utf-8")
    server = [sys.executable, "-m", "tests.bench._firehose", str(rate), str(folder / "texts.json")]
    with started(server, set(cores[1:] or cores), stdout=subprocess.PIPE) as offering:
        assert offering.stdout is not None
        port = int(offering.stdout.readline())
        write_settings(folder, port, brands_for(texts))
        service = [sys.executable, "-m", "agents.cli", "run", "-c", str(folder / "listener.toml")]
        with (folder / "log").open("w") as log, started(service, {cores[0]}, stdout=log, stderr=log) as running:
            return watch(offering, running, folder, seconds)


def watch(
    offering: "subprocess.Popen[str]", running: "subprocess.Popen[str]", folder: Path, seconds: float
) -> dict[str, float]:
    """What the service does for so many seconds, after it has warmed up."""
    assert offering.stdout is not None
    database = folder / "listener.db"
    lags: list[float] = []
    held: list[int] = []
    first = last = {"due": 0, "written": 0}
    cpu = began = 0.0
    warm = 0
    for line in offering.stdout:
        if running.poll() is not None:
            raise SystemExit(f"the service ended: {(folder / 'log').read_text()[-2000:]}")
        last = json.loads(line)
        if not began:
            warm += 1
            if warm >= WARM_UP:
                began, cpu, first = time.monotonic(), tree_cpu(running.pid), last
            continue
        passed = time.monotonic() - began
        progress(f"{passed:.0f} of {seconds:.0f} s, {last['written']:,} events")
        lag = behind(database)
        if lag is not None:
            lags.append(lag)
        held.append(memory(running.pid))
        if passed >= seconds:
            break
    passed = time.monotonic() - began
    used = tree_cpu(running.pid) - cpu
    log, found = counts(database)
    return {
        "offered_per_s": (last["due"] - first["due"]) / passed,
        "events_per_s": (last["written"] - first["written"]) / passed,
        "cpu_share": used / passed,
        "lag_s_median": median(lags),
        "lag_s_most": max(lags),
        "memory_mib": held[-1] / MIB,
        "grown_mib_a_minute": (held[-1] - held[len(held) // 2]) / MIB / (passed / 2 / 60),
        "log_records": log,
        "brand_mentions": found,
    }


def main() -> None:
    """The bench."""
    parser = arguments(__doc__)
    parser.add_argument("--rate", type=int, default=RATE, help=f"events a second (default: {RATE:,})")
    parser.add_argument("--seconds", type=float, default=SECONDS, help=f"how long (default: {SECONDS:.0f})")
    given = parser.parse_args()
    head("Bluesky's firehose through the embedded service on one core")
    known = (given.data / "stocknet_88").is_dir()
    texts = [row["text"] for row in stocknet(given.data)] if known else made_up()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(given.rate, given.seconds, texts, Path(folder))
    table([[name, value] for name, value in figures.items()], ["figure", "measured"])
    share = figures["events_per_s"] / figures["offered_per_s"]
    keeps_up = share > 0.99 and figures["lag_s_most"] < MOST_BEHIND
    print(f"texts: {len(texts):,} {'of stocknet_88' if known else 'made up'}; {BRANDS} brands; one core")
    print(f"keeps up: {'yes' if keeps_up else 'NO'} ({share:.1%} of what was offered was taken)\n")
    finish("firehose", figures | {"keeps_up": int(keeps_up)})


if __name__ == "__main__":
    main()
