"""The part "growth" of tests.bench.kafka: what more brands cost, and what a second worker brings.

Both hops over the same texts (the first 40,000), as if written within one hour (from half past to half past, so that
one hour closes for every brand), with 10, 1,000 and 10,000 brands. The same total of brand mentions (within a few per
cent) goes to all brands alike ("all spoken of"), or to the same ten while nobody speaks of the others ("ten spoken
of"). Names are the texts' own words, ordinary ones among them; those of which nobody speaks are two such words. The
figure is that of "all spoken of": it counts the names in the matcher, and a desk, its state and its trends for every
brand. The settings are taken in before the clock starts.

Memory is what the worker's process holds at the end, state what its lanes have committed; a brand's share is the
difference between 10,000 and 10 brands. Two workers share the partitions of the same topics; the broker's part is
its share of all processor time that broker and workers took.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from agents.clock import now_ms
from agents.configuration import Source
from agents.sources.history import History, Item
from agents.sources.reader import Reader
from schemas.heartbeat import Heartbeat
from schemas.mention import Mention
from schemas.settings import Settings
from schemas.times import HOUR, from_ms, to_ms
from tests.bench._names import counted, settings_of, silent, spoken_of, words
from tests.bench._report import load, middle, progress, table
from tests.bench._worker import Broker, running
from tests.bench.embedded import write

SIZES = (10, 1_000, 10_000)
MATCHED = 0.7  # brand mentions a text
BEGIN = to_ms(datetime(2015, 11, 23, 12, 30, tzinfo=UTC))
MIB = 1 << 20
COMMON = 8_000  # words that are used in names of which nobody speaks

Run = dict[str, float]


class World(NamedTuple):
    """Some brands, and how often they are named."""

    size: int
    spoken: str
    settings: Settings
    named: int


def items_of(path: Path, folder: Path) -> list[Item]:
    """The mentions of a file and their heartbeats."""
    return list(History([Reader(Source(path=str(path)), str(path), now_ms)], folder).items())


def within_an_hour(rows: Sequence[dict[str, Any]], folder: Path) -> list[Item]:
    """The texts in their order, a step apart; without the last heartbeat, which would close a silent day."""
    path = folder / "hour.jsonl"
    step = HOUR / len(rows)
    places = iter(range(len(rows)))
    write(list(rows), path, lambda at: from_ms(BEGIN + int(next(places) * step)))
    items = items_of(path, folder)
    return [item for item in items if not _is_late(item)]


def _is_late(item: Item) -> bool:
    return isinstance(item.record, Heartbeat) and to_ms(item.record.through) > BEGIN + HOUR


def worlds(mentions: Sequence[Mention], sizes: Sequence[int]) -> list[World]:
    """Each number of brands, all spoken of and ten spoken of."""
    progress("growth: choosing names")
    vocabulary = words(mention.text for mention in mentions)
    counts = counted(vocabulary, mentions)
    total = round(MATCHED * len(mentions))
    ten = spoken_of(counts, min(sizes), total)
    others = silent(vocabulary[:COMMON], max(sizes) - len(ten), mentions)
    made = []
    for size in sizes:
        names = spoken_of(counts, size, total)
        names += others[: size - len(names)]
        made.append(World(size, "all", settings_of(names), sum(counts.get(name, 0) for name in names)))
    for size in sizes[1:]:
        names = ten + others[: size - len(ten)]
        made.append(World(size, "ten", settings_of(names), sum(counts.get(name, 0) for name in names)))
    return made


def growth(broker: Broker, rows: Sequence[dict[str, Any]], folder: Path, repeats: int) -> dict[str, float]:
    """Run every number of brands in turn, show what they cost, return the figures."""
    items = within_an_hour(rows, folder)
    mentions = [item.record for item in items if isinstance(item.record, Mention)]
    made = worlds(mentions, SIZES)
    runs: list[list[Run]] = [[] for _ in made]
    for number in range(repeats):
        for world, took in zip(made, runs, strict=True):
            progress(f"growth: round {number + 1} of {repeats}: {world.size:,} brands, {world.spoken} spoken of")
            took.append(measured(broker, world.settings, items))
    return show(made, runs, len(mentions))


def measured(broker: Broker, settings: Settings, items: Sequence[Item], workers: int = 1) -> Run:
    """What one run took."""
    with running(broker, settings, items, workers=workers) as run:
        run.go()
        run.wait()
        return run.took()


def show(made: list[World], runs: list[list[Run]], mentions: int) -> dict[str, float]:
    """The table and the figures."""
    print(f"Both hops by the number of brands, processor us a mention, median (range) or median; {load()}")
    table(
        [
            (
                world.size,
                world.spoken,
                world.named,
                middle([run["cpu"] / mentions * 1e6 for run in took]),
                _us(took, "detect", mentions),
                _us(took, "track", mentions),
                _us(took, "cpu", mentions) - _us(took, "detect", mentions) - _us(took, "track", mentions),
                middle([mentions / run["wall"] for run in took]),
                _of(took, "memory") / MIB,
                _of(took, "state") / MIB,
            )
            for world, took in zip(made, runs, strict=True)
        ],
        [
            "brands", "spoken of", "brand mentions", "all", "in detect", "in track", "rest: transport, commits",
            "mentions a second", "memory MiB", "state MiB",
        ],
    )  # fmt: skip  # a head of a table in one line
    by = {(world.size, world.spoken): took for world, took in zip(made, runs, strict=True)}
    few, many = SIZES[0], SIZES[-1]
    base = by[few, "all"]
    figures = {"growth_10_to_10000_brands": _of(by[many, "all"], "cpu") / _of(base, "cpu")}
    figures["growth_10_to_10000_brands_ten_spoken_of"] = _of(by[many, "ten"], "cpu") / _of(base, "cpu")
    figures["growth_10_to_10000_brands_in_detect"] = _of(by[many, "all"], "detect") / _of(base, "detect")
    for what, name in (("memory", "bytes_per_brand"), ("state", "state_bytes_per_brand")):
        for spoken, suffix in (("all", ""), ("ten", "_not_spoken_of")):
            more = _of(by[many, spoken], what) - _of(base, what)
            figures[name + suffix] = more / (many - few)
    return figures


def two_workers(broker: Broker, settings: Settings, items: Sequence[Item], repeats: int) -> dict[str, float]:
    """One worker against two on this machine, in turn."""
    mentions = sum(isinstance(item.record, Mention) for item in items)
    runs: dict[int, list[Run]] = {1: [], 2: []}
    for number in range(repeats):
        for workers, took in runs.items():
            progress(f"growth: round {number + 1} of {repeats}: {workers} workers")
            took.append(measured(broker, settings, items, workers))
    print(f"Workers on this machine, both hops, the first {mentions:,} of the speed part's mentions; {load()}")
    table(
        [
            (
                workers,
                middle([mentions / run["wall"] for run in took]),
                middle([run["cpu"] / mentions * 1e6 for run in took]),
                middle([run["broker"] / mentions * 1e6 for run in took]),
                f"{_share(took):.0%}",
                middle([(run["cpu"] + run["broker"]) / run["wall"] for run in took]),
            )
            for workers, took in runs.items()
        ],
        ["workers", "mentions a second", "workers' us a mention", "broker's", "broker's part", "processors busy"],
    )
    rates = {workers: median(mentions / run["wall"] for run in took) for workers, took in runs.items()}
    return {"two_workers_over_one": rates[2] / rates[1], "broker_cpu_share": _share(runs[1])}


def _share(took: list[Run]) -> float:
    return median(run["broker"] / (run["broker"] + run["cpu"]) for run in took)


def _of(took: list[Run], what: str) -> float:
    return median(run[what] for run in took)


def _us(took: list[Run], what: str, mentions: int) -> float:
    return _of(took, what) / mentions * 1e6
