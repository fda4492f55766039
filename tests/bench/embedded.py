"""The whole first slice against a loop that only decodes JSON and calls the package's VADER, on the same texts.

The 85,795 distinct texts of stocknet_88 are written as canonical JSON lines, twice: with their real times (27 months,
so that each of 88 brands has 19,700 hours, most of them quiet, which the listener judges and emits too), and "dense",
the same mentions in the same order within 7 days. Everything the embedded listener does is counted: it reads, sorts,
detects, tracks and commits to SQLite until the end. Each measurement runs in a fresh process, in turn with the others.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from schemas.mention import Author, Mention
from schemas.record import to_json
from schemas.times import from_ms, to_ms
from tests.bench._report import arguments, data_folder, finish, fresh, head, load, middle, table
from tests.bench._texts import stocknet

REPEATS = 3
DENSE = timedelta(days=7)
TWITTER = "%a %b %d %H:%M:%S %z %Y"
STAGES = {
    "decode": "a line of JSON to a checked mention",
    "sort": "history: sorting, spilling to disk and reading back, heartbeats",
    "match": "which brands a text names",
    "language": "the platform's word, else the detector",
    "sentiment": "masking and our VADER",
    "enrich": "the rest of detect: repeats dropped, brand mentions built",
    "track": "windows, monitors, alerts, quiet hours",
    "encode": "the log to JSON, state parts to MessagePack",
    "store": "outputs to rows, rows and transactions of SQLite",
    "other": "what is left of the whole: cutting into steps, counting, collecting garbage",
}

Runs = dict[str, list[dict[str, float]]]


def write(rows: list[dict[str, Any]], path: Path, when: Callable[[datetime], datetime]) -> None:
    """The rows as canonical mentions."""
    with path.open("wb") as file:
        for row in rows:
            mention = Mention(
                id=f"x:{row['id']}",
                text=row["text"],
                created_at=when(row["at"]),
                platform="x",
                lang=row["lang"],
                author=Author(id=row["user"], followers=row["followers"]),
            )
            file.write(to_json(mention) + b"\n")


def prepare(rows: list[dict[str, Any]], folder: Path) -> dict[str, Path]:
    """Both layouts of the texts; a few lines about them."""
    for row in rows:
        row["at"] = datetime.strptime(row["created_at"], TWITTER).astimezone(UTC)
    first, last = min(row["at"] for row in rows), max(row["at"] for row in rows)
    files = {"real": folder / "real.jsonl", "dense": folder / "dense.jsonl"}
    write(rows, files["real"], lambda at: at)
    write(rows, files["dense"], lambda at: from_ms(to_ms(first + (at - first) / (last - first) * DENSE)))
    given = sum(row["lang"] != "und" for row in rows) / len(rows)
    print(
        f"texts: {len(rows):,} of stocknet_88, {first:%Y-%m-%d} .. {last:%Y-%m-%d}; seen before: {repeated(rows):.1%}"
    )
    print("as:    canonical JSON lines, read with the brands of tests/data/brands/stocknet.toml; the platform gives a")
    print(f"       language for {given:.1%}, so that the detector hardly runs\n", flush=True)
    return files


def repeated(rows: list[dict[str, Any]]) -> float:
    """The share of texts that were seen before: what a cache of texts could answer."""
    return 1 - len({row["text"] for row in rows}) / len(rows)


def measure(files: dict[str, Path], repeats: int, layouts: Sequence[str]) -> Runs:
    """Every kind of run in turn, `repeats` times."""
    runs: Runs = {"loop": []}
    for _ in range(repeats):
        for layout in layouts:
            runs.setdefault(layout, []).append(fresh("_embedded", "listener", str(files[layout])))
            runs["loop"].append(fresh("_embedded", "loop", str(files[layout])))
            runs.setdefault(f"{layout} stages", []).append(fresh("_embedded", "stages", str(files[layout])))
    return runs


def rate(runs: list[dict[str, float]], clock: str) -> list[float]:
    """Mentions a second."""
    return [run["read"] / run[clock] for run in runs]


def show_rates(runs: Runs, layouts: Sequence[str]) -> None:
    """Rates, and what came of the runs."""
    names = {"loop": "loop", **{layout: f"listener, {layout} times" for layout in layouts}}
    rows = [
        (title, middle(rate(runs[who], "wall")), middle(rate(runs[who], "cpu")), load_of(runs[who]))
        for who, title in names.items()
    ]
    print(f"Mentions a second, median (range); {load()}")
    table(rows, ["", "by the clock", "of processor time", "processor us a mention"])
    counts = ("read", "brand_mentions", "trends", "alerts", "dead_letters", "megabytes")
    table([(layout, *(int(runs[layout][0].get(count, 0)) for count in counts)) for layout in layouts], ["", *counts])


def load_of(runs: list[dict[str, float]]) -> str:
    """Processor time a mention."""
    return middle([run["cpu"] / run["read"] * 1e6 for run in runs])


def per_stage(runs: Runs, layout: str) -> dict[str, float]:
    """Processor us a mention by stage; "other" makes the sum the whole."""
    read = runs[layout][0]["read"]
    taken = runs[f"{layout} stages"]
    stages = {stage: median(run[stage] for run in taken) / read * 1e6 for stage in taken[0]}
    stages["other"] = median(run["cpu"] for run in runs[layout]) / read * 1e6 - sum(stages.values())
    return stages


def show_stages(stages: dict[str, dict[str, float]]) -> None:
    """Where the time goes, for each layout."""
    rows: list[tuple[object, ...]] = [
        (name, *(f"{of[name]:.1f}".rjust(10) for of in stages.values()), what) for name, what in STAGES.items()
    ]
    rows.append(("whole", *(f"{sum(of.values()):.1f}".rjust(10) for of in stages.values()), ""))
    print("Where the time goes: processor us a mention, each stage's own function over the same records")
    table(rows, ["stage", *(f"{layout} times" for layout in stages), "what"])


def over_loop(runs: Runs, layout: str, clock: str) -> float:
    """Our rate over the loop's."""
    return median(rate(runs[layout], clock)) / median(rate(runs["loop"], clock))


def main(argv: Sequence[str] | None = None) -> None:
    """Measure all, print all."""
    parser = arguments(__doc__)
    parser.add_argument("--repeats", type=int, default=REPEATS, help="fresh processes each")
    parser.add_argument("--texts", type=int, help="only so many texts, for a quick look")
    parser.add_argument("--layout", action="append", choices=("real", "dense"), help="only this one")
    options = parser.parse_args(argv)
    data = data_folder(options.data.absolute())
    layouts: list[str] = options.layout or ["real", "dense"]
    head("The embedded listener against decoding and the package's VADER alone")
    rows = stocknet(data)[: options.texts]
    with TemporaryDirectory() as folder:
        runs = measure(prepare(rows, Path(folder)), options.repeats, layouts)
    show_rates(runs, layouts)
    stages = {layout: per_stage(runs, layout) for layout in layouts}
    show_stages(stages)
    figures = {"cache_hit_share": repeated(rows)}
    for layout, suffix in (("real", ""), ("dense", "_dense")):
        if layout in layouts:
            figures[f"over_decode_and_vader{suffix}"] = over_loop(runs, layout, "wall")
            figures[f"over_decode_and_vader_cpu{suffix}"] = over_loop(runs, layout, "cpu")
            figures[f"mentions_per_s{suffix}"] = median(rate(runs[layout], "wall"))
            figures |= {f"cpu_us_{stage}{suffix}": value for stage, value in stages[layout].items()}
    print("over_decode_and_vader is by the clock and of the real times, goal >= .40; _cpu is of processor time, which")
    print("others on the machine disturb less; _dense is of the dense times")
    table([(name, value) for name, value in figures.items() if "over" in name], ["figure", "measured"])
    finish("embedded", figures)


if __name__ == "__main__":
    main()
