"""Our Kafka worker under steady load for twenty minutes: whether memory or lag grow, and whether anything is lost.

A source writes the texts of stocknet_88 again and again, as new mentions of 88 brands, at half the rate that the worker
does at most (measured just before). Memory of the worker's process and records that wait in all its lanes are looked
at every five seconds. Slopes are those of straight lines through the means of each minute but the first, with their
standard errors. At the end the clock is moved past the day, and all is read back, committed records only: each
mention's brand mentions, by its id and brand, and how many mentions the hours of each brand have counted. What is
missing is lost, what is too much is doubled.

Detect remembers the id of each mention for fourteen days, so memory grows with the mentions until then; how many bytes
a mention that is, is told beside the slope. Needs Linux, Java 17, Maven, and disk: about 2 KB a mention.
"""

import asyncio
import json
import time
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from agents.matching import standard_matcher
from agents.runtime import ingest
from listener.detection import LATENESS
from schemas.mention import Mention
from schemas.settings import Settings
from schemas.times import DAY, HOUR
from tests.bench._latency import CALIBRATION, calibrated, committed
from tests.bench._live import TIME, Plan, finished, heartbeat, now_ms, start, write_templates
from tests.bench._processes import memory
from tests.bench._report import arguments, data_folder, finish, head, load, progress, table
from tests.bench._texts import stocknet
from tests.bench._worker import Broker, Run, broker, running
from tests.bench.kafka import settings

MINUTES = 20.0
EVERY = 5.0
BEHIND = DAY + HOUR  # the mentions are as if of yesterday, so that their day can be closed: no time ahead is believed
MIB = 1 << 20


class Sample(NamedTuple):
    """How a worker was, `at` seconds from the beginning."""

    at: float
    memory: float
    lag: float


class Slope(NamedTuple):
    """Of a straight line, an hour, with its standard error."""

    value: float
    error: float


def soak(broker: Broker, brands: Settings, rows: Sequence[dict[str, Any]], minutes: float) -> dict[str, float]:
    """Run, check, show, return the figures."""
    with TemporaryDirectory() as name, running(broker, brands) as run:
        folder = Path(name)
        write_templates(rows, folder / "rows")
        plan, most = calibrated(run, broker, folder / "rows", folder, BEHIND)
        plan.rate = most / 2
        plan.count = int(plan.rate * minutes * 60)
        samples, told = sampled(run, plan, folder, minutes)
        run.wait()
        close_the_day(run, plan.since)
        progress("soak: reading all back")
        lost, doubled = check(run, broker, brands, rows, CALIBRATION + int(told["written"]))
    return show(samples, most, told) | {"minutes": told["seconds"] / 60, "lost": lost, "doubled": doubled}


def sampled(run: Run, plan: Plan, folder: Path, minutes: float) -> tuple[list[Sample], dict[str, float]]:
    """Look at the worker now and then until the source has written all."""
    source = start(plan, folder)
    began = time.monotonic()
    samples: list[Sample] = []
    while source.poll() is None:
        at = time.monotonic() - began
        held, lag = sum(memory(worker.pid) for worker in run.cluster.workers), run.lag()
        if lag is not None:
            samples.append(Sample(at, held, lag))
            progress(f"soak: {at / 60:.1f} of {minutes:.0f} min, {held / MIB:,.0f} MiB, {lag:,} records wait")
        time.sleep(EVERY)
    return samples, finished(source)


def close_the_day(run: Run, since: int) -> None:
    """Move the clock past the end of the day, so that its hours are told."""
    now = now_ms() - BEHIND
    beat = heartbeat(since, now - now % DAY + DAY + LATENESS, now)
    asyncio.run(ingest.ingest(run.cluster.kafka, iter([beat])))
    time.sleep(EVERY)
    run.wait()


def check(run: Run, broker: Broker, brands: Settings, rows: Sequence[dict[str, Any]], written: int) -> tuple[int, int]:
    """(lost, doubled): brand mentions by id and brand, and mentions in the hours of each brand."""
    named = names(brands, rows)
    topics = run.cluster.topics
    lost, doubled = compare_mentions(committed(broker, topics.brand_mentions), named, written)
    hours = in_hours(value for _, value, _ in committed(broker, topics.trends))
    uncounted, too_often = compare_hours(hours, named, written)
    print(f"read back, of {written:,} mentions: {lost} brand mentions lost, {doubled} doubled;")
    print(f"in the hours of the brands: {uncounted} not counted, {too_often} counted too often\n")
    return lost + uncounted, doubled + too_often


def compare_mentions(
    records: Iterable[tuple[bytes | None, bytes, int]], named: list[list[str]], written: int
) -> tuple[int, int]:
    """(lost, doubled): how many brand mentions of `written` mentions are not there, how many more than once or wrong.

    `named` are the brands of each row: that of a mention is its number modulo the rows.
    """
    bits = [{brand: 1 << place for place, brand in enumerate(of)} for of in named]
    seen = array("Q", bytes(8 * written))
    doubled = 0
    for key, value, _ in records:
        number = number_of(value)
        if number is None or key is None:
            continue
        bit = bits[number % len(bits)].get(key.decode(), 0) if number < written else 0
        doubled += not bit or bool(seen[number] & bit)
        if bit:
            seen[number] |= bit
    lost = sum(len(named[number % len(named)]) - mask.bit_count() for number, mask in enumerate(seen))
    return lost, doubled


def compare_hours(counted: Counter[str], named: list[list[str]], written: int) -> tuple[int, int]:
    """(not counted, counted too often), over all brands."""
    expected = Counter(brand for number in range(written) for brand in named[number % len(named)])
    return (expected - counted).total(), (counted - expected).total()


def names(brands: Settings, rows: Sequence[dict[str, Any]]) -> list[list[str]]:
    """The brands that each text names."""
    matcher = standard_matcher(brands)
    found = []
    for row in rows:
        mention = Mention(id="", text=row["text"], created_at=TIME, platform="x")
        found.append([brands.brands[number].id for number in sorted(matcher.find(mention).matches)])
    return found


def number_of(value: bytes) -> int | None:
    """The number of the mention in a brand mention; None for other records."""
    begin = value.find(b'"id":"live:')
    return None if begin < 0 else int(value[begin + 11 : value.index(b'"', begin + 11)])


def in_hours(trends: Iterable[bytes]) -> Counter[str]:
    """How many mentions, doubtful ones too, the last revisions of the hours of each brand have, among its trends."""
    last: dict[tuple[str, str], tuple[int, int]] = {}
    for value in trends:
        if b'"window":"hour"' not in value:
            continue
        trend = json.loads(value)
        volume = (trend["total"] or {}).get("volume") or {}
        count = volume.get("mentions", 0) + volume.get("doubtful", 0)
        place = trend["brand"], trend["start"]
        last[place] = max(last.get(place, (-1, 0)), (trend["revision"], count))
    counts: Counter[str] = Counter()
    for (brand, _), (_, count) in last.items():
        counts[brand] += count
    return counts


def slope(points: Sequence[tuple[float, float]]) -> Slope:
    """Of the straight line through (seconds, value), an hour."""
    middle, mean = fmean(at for at, _ in points), fmean(value for _, value in points)
    spread = sum((at - middle) ** 2 for at, _ in points)
    steep = sum((at - middle) * (value - mean) for at, value in points) / spread
    left = sum((value - mean - steep * (at - middle)) ** 2 for at, value in points)
    error = (left / max(1, len(points) - 2) / spread) ** 0.5
    return Slope(steep * 3600, error * 3600)


def by_minute(samples: Sequence[Sample]) -> list[Sample]:
    """The mean of each minute but the first: neighbours are too alike to count as so many."""
    minutes: dict[int, list[Sample]] = {}
    for sample in samples:
        minutes.setdefault(int(sample.at // 60), []).append(sample)
    return [
        Sample(*(fmean(values) for values in zip(*held, strict=True)))
        for minute, held in sorted(minutes.items())
        if minute
    ]


def show(samples: Sequence[Sample], most: float, told: dict[str, float]) -> dict[str, float]:
    """The tables and the figures."""
    rate = told["written"] / told["seconds"]
    print(
        f"{told['written']:,} mentions in {told['seconds'] / 60:.1f} min, {rate:,.0f} a second of at most {most:,.0f}; "
        f"the source was at worst {told['late']:.2f} s behind; {load()}\n"
    )
    points = by_minute(samples)
    table(
        [(int(p.at // 60), p.memory / MIB, p.lag) for p in points],
        ["minute", "memory MiB, mean", "records waiting, mean"],
    )
    figures: dict[str, float] = {"mentions_per_s": rate, "worst_lag": max(sample.lag for sample in samples)}
    if len(points) < 3:
        print("too short for a slope: three minutes are the least\n")
        return figures
    held = slope([(p.at, p.memory / MIB) for p in points])
    lag = slope([(p.at, p.lag) for p in points])
    table(
        [("memory MiB", held.value, held.error), ("records waiting", lag.value, lag.error)],
        ["an hour", "slope", "standard error"],
    )
    each = held.value * MIB / 3600 / rate
    print(f"memory grows by {each:,.0f} bytes a mention\n")
    return figures | {
        "memory_slope_mib_per_hour": held.value,
        "memory_slope_error": held.error,
        "lag_slope_per_hour": lag.value,
        "lag_slope_error": lag.error,
        "memory_bytes_per_mention": each,
    }


def main(argv: Sequence[str] | None = None) -> None:
    """Measure all, print all."""
    parser = arguments(__doc__)
    parser.add_argument("--minutes", type=float, default=MINUTES, help=f"how long (default: {MINUTES:.0f})")
    options = parser.parse_args(argv)
    rows = stocknet(data_folder(options.data.absolute()))
    head("Our worker on Kafka under steady load")
    with broker() as started:
        figures = soak(started, settings(), rows, options.minutes)
    table(list(figures.items()), ["figure", "measured"])
    finish("soak", figures)


if __name__ == "__main__":
    main()
