"""The part "speed" of tests.bench.kafka: the same hop over the same topic, in several ways."""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import count
from pathlib import Path
from statistics import median

from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from agents.configuration import Kafka
from agents.runtime import ingest, topics
from agents.runtime.reading import read_to_end
from agents.runtime.topics import Topics
from agents.sources.history import Item
from schemas.mention import Mention
from schemas.settings import Settings
from tests.bench._peers import PEERS, environment, version
from tests.bench._report import fresh, load, middle, progress, table
from tests.bench._worker import PARTITIONS, Broker, running

WAYS = {
    "confluent": "confluent-kafka loop, the package's VADER",
    "aiokafka": "aiokafka loop, the package's VADER",
    "bytewax": "Bytewax, the package's VADER",
    "quixstreams": "Quix Streams, the package's VADER",
    "faust": "Faust as its manual shows, the package's VADER",
    "confluent-ours": "confluent-kafka loop, our scorer",
    "detect": "our detect",
    "both": "our detect and track, both hops",
    "both-week": "our detect and track, both hops, within seven days",
    "confluent-alone": "confluent-kafka loop, the package's VADER and nothing else read",
    "faust-alone": "Faust as its manual shows, the same",
    "confluent-ours-alone": "confluent-kafka loop, our VADER and nothing else read",
    "detect-alone": "our detect, the same",
    "both-alone": "our detect and track, both hops, the same",
}
OURS = {
    "detect": "detect",
    "both": "detect,track",
    "both-week": "detect,track",
    "detect-alone": "detect",
    "both-alone": "detect,track",
}
ALONE = "import tests.bench._alone"
WITH_PACKAGE = ("confluent", "aiokafka", "bytewax", "quixstreams", "faust")
SHOWN = ("confluent-kafka", "aiokafka", "faust-streaming", "vaderSentiment")
RATIOS = (
    ("detect_over_fastest_peer", "detect_per_s", "fastest_peer_per_s"),
    ("detect_over_confluent_same_scorer", "detect_per_s", "confluent_with_our_scorer_per_s"),
    ("both_hops_over_fastest_peer", "both_hops_per_s", "fastest_peer_per_s"),
    ("both_hops_over_faust_documented", "both_hops_per_s", "faust_documented_per_s"),
    ("alone_detect_over_confluent", "alone_detect_per_s", "alone_confluent_per_s"),
    ("alone_detect_over_confluent_same_scorer", "alone_detect_per_s", "alone_confluent_with_our_scorer_per_s"),
    ("alone_both_hops_over_faust_documented", "alone_both_hops_per_s", "alone_faust_documented_per_s"),
)

_outs = count()

Run = dict[str, float]
Pairs = Counter[tuple[str, str]]


def speed(
    broker: Broker, settings: Settings, hour: Sequence[Item], week: Sequence[Item], repeats: int, ways: Iterable[str]
) -> dict[str, float]:
    """Run every way in turn over the texts of an hour, one over those of a week; show how they did."""
    mentions = sum(isinstance(item.record, Mention) for item in hour)
    pythons = {way: python for way in ways if (python := python_of(way)) is not None}
    show_versions(pythons)
    progress("writing the mentions")
    source = broker.kafka("source")
    asyncio.run(topics.create(source))
    asyncio.run(ingest.ingest(source, iter(hour)))
    runs: dict[str, list[Run]] = {way: [] for way in pythons}
    wanted: Pairs = Counter()
    for number in range(repeats):
        for way, python in pythons.items():
            progress(f"speed: round {number + 1} of {repeats}: {WAYS[way]}")
            items = week if way == "both-week" else hour
            run, found = ours(way, broker, settings, items) if way in OURS else theirs(way, source, python)
            wanted = wanted or found
            compare(way, found, wanted)
            runs[way].append(run)
    return show(runs, mentions)


def python_of(way: str) -> str | Path | None:
    """What runs a way; None if that cannot be had."""
    return environment(way, progress) if way in PEERS else sys.executable


def show_versions(pythons: dict[str, str | Path]) -> None:
    """What is compared, exactly."""
    shown = [f"{package} {version(sys.executable, package)}" for package in SHOWN]
    shown += [
        f"{PEERS[way]} {version(python, way)} (with confluent-kafka {version(python, 'confluent-kafka')})"
        for way, python in pythons.items()
        if way in PEERS
    ]
    print(f"versions: {', '.join(shown)}\n", flush=True)


def ours(way: str, broker: Broker, settings: Settings, items: Sequence[Item]) -> tuple[Run, Pairs]:
    """One run of our worker."""
    with running(broker, settings, items, OURS[way], before=ALONE if way.endswith("alone") else "") as run:
        run.go()
        run.wait()
        took, cluster = run.took(), run.cluster
        return took, pairs(record.value for record in cluster.read(cluster.topics.brand_mentions))


def theirs(way: str, kafka: Kafka, python: str | Path) -> tuple[Run, Pairs]:
    """One run of another way, over the mentions that lie under a prefix."""
    out = f"{kafka.prefix}-out{next(_outs)}"
    asyncio.run(_make(kafka, out))
    topic = Topics.of(kafka).mentions
    run = fresh("_kafka", way, kafka.bootstrap[0], topic, out, str(PARTITIONS), python=python)
    return run, asyncio.run(_written(kafka, out))


async def _make(kafka: Kafka, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=list(kafka.bootstrap))
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, PARTITIONS, 1)])
    finally:
        await admin.close()


async def _written(kafka: Kafka, topic: str) -> Pairs:
    partitions = [(topic, number) for number in range(PARTITIONS)]
    return pairs([record.value async for record in read_to_end(kafka, partitions)])


def pairs(values: Iterable[bytes]) -> Pairs:
    """(brand, id) of the brand mentions."""
    decoded = (json.loads(value) for value in values if b'"record":"brand_mention/1"' in value)
    return Counter((mention["brand"], mention["mention"]["id"]) for mention in decoded)


def compare(way: str, found: Pairs, wanted: Pairs) -> None:
    """End the bench if a way wrote other brand mentions than the first: what is faster because it is wrong."""
    if found != wanted:
        more, less = (found - wanted).total(), (wanted - found).total()
        raise SystemExit(f"{WAYS[way]}: {more:,} brand mentions too many and {less:,} too few against the first way")


def show(runs: dict[str, list[Run]], mentions: int) -> dict[str, float]:
    """The tables and the figures."""
    rates = {way: [mentions / run["wall"] for run in took] for way, took in runs.items()}
    costs = {way: [run["cpu"] / mentions * 1e6 for run in took] for way, took in runs.items()}
    print(f"Mentions a second and processor time a mention, median (range); {load()}")
    table(
        [(WAYS[way], middle(rates[way]), middle(costs[way]), *beside(way, rates, costs)) for way in runs],
        ["", "mentions a second", "processor us a mention", "times the fastest peer", "by processor time"],
    )
    return figures_of(
        {way: median(values) for way, values in rates.items()}, {way: median(values) for way, values in costs.items()}
    )


def beside(way: str, *measured: dict[str, list[float]]) -> tuple[float | None, float | None]:
    """How many times as fast as the fastest peer with the package's VADER: by the clock, and by processor time."""
    rates, costs = measured
    peers = [peer for peer in WITH_PACKAGE if peer in rates]
    if not peers:
        return None, None
    fastest = max(median(rates[peer]) for peer in peers)
    cheapest = min(median(costs[peer]) for peer in peers)
    return median(rates[way]) / fastest, cheapest / median(costs[way])


def figures_of(rates: dict[str, float], costs: dict[str, float]) -> dict[str, float]:
    """Rates, the ratios between them, and what a mention costs in both hops."""
    figures = {}
    for name, way in (
        ("detect_per_s", "detect"),
        ("both_hops_per_s", "both"),
        ("both_hops_week_per_s", "both-week"),
        ("confluent_with_our_scorer_per_s", "confluent-ours"),
        ("faust_documented_per_s", "faust"),
        ("alone_detect_per_s", "detect-alone"),
        ("alone_both_hops_per_s", "both-alone"),
        ("alone_confluent_per_s", "confluent-alone"),
        ("alone_confluent_with_our_scorer_per_s", "confluent-ours-alone"),
        ("alone_faust_documented_per_s", "faust-alone"),
    ):
        if way in rates:
            figures[name] = rates[way]
    peers = [rates[way] for way in WITH_PACKAGE if way in rates]
    if peers:
        figures["fastest_peer_per_s"] = max(peers)
    for name, over, under in RATIOS:
        if over in figures and under in figures:
            figures[name] = figures[over] / figures[under]
    if "both" in costs:
        figures["cpu_us_per_mention"] = costs["both"]
    for way, cost in costs.items():
        figures[f"cpu_us_{way.replace('-', '_')}"] = cost
    return figures
