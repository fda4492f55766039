"""Our Kafka worker against plain loops and Faust as its manual shows it: the same hop over the same topic and broker.

The 85,795 distinct texts of stocknet_88 within seven days ("dense" in tests.bench.embedded), 88 brands, heartbeats, in
one topic of 4 partitions. A hop decodes, matches, masks, scores and encodes each mention with the same code
everywhere; the ways differ in how records come and go, and in who scores: the package's VADER or ours. Ours commits
outputs, state and position in transactions; the others promise nothing. Each run is a fresh process, in turn; outputs
are read back and compared. The clock starts at the first record.

Needs Java 17 and Maven. Not measured yet: Bytewax, Quix Streams, growth with brands, latency.
"""

import asyncio
import json
import subprocess
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from agents.configuration import Kafka, Source, read_configuration
from agents.runtime import ingest, topics
from agents.runtime.reading import read_to_end
from agents.runtime.topics import Topics
from agents.service import now_ms
from agents.sources.history import History, Item
from agents.sources.reader import Reader
from schemas.settings import Settings
from tests.bench._report import BRANDS, arguments, data_folder, finish, fresh, head, load, middle, table
from tests.bench._texts import stocknet
from tests.bench.embedded import prepare
from tests.kafka.building import Cluster, free_port

REPEATS = 3
PARTITIONS = 4
BROKER = Path(__file__).resolve().parents[2] / "deploy" / "dev-kafka" / "broker"
WAYS = {
    "confluent": "confluent-kafka loop, the package's VADER",
    "aiokafka": "aiokafka loop, the package's VADER",
    "faust": "Faust as its manual shows, the package's VADER",
    "confluent-ours": "confluent-kafka loop, our scorer",
    "detect": "our detect",
    "both": "our detect and track, both hops",
}
NOTED = """
import json, time
from agents.runtime import kafka, lane
began = []
take, transaction = kafka.Worker.take, lane.Lane._transaction
async def noted(self, *arguments):
    if not began:
        began.extend((time.perf_counter(), time.process_time()))
    await take(self, *arguments)
async def done(self):
    await transaction(self)
    with open("took.json", "w") as file:
        json.dump({"wall": time.perf_counter() - began[0], "cpu": time.process_time() - began[1]}, file)
kafka.Worker.take, lane.Lane._transaction = noted, done
"""
_numbers = count()

Runs = dict[str, list[dict[str, float]]]


@contextmanager
def broker() -> Iterator[str]:
    """A broker for the bench."""
    port = free_port()
    with TemporaryDirectory() as data:
        subprocess.run([BROKER, "start", str(port), data], check=True, stdout=subprocess.DEVNULL)
        try:
            yield f"127.0.0.1:{port}"
        finally:
            subprocess.run([BROKER, "stop", data], check=True, stdout=subprocess.DEVNULL)


def items_of(path: Path, folder: Path) -> list[Item]:
    """The mentions of a file and their heartbeats."""
    return list(History([Reader(Source(path=str(path)), str(path), now_ms)], folder).items())


def ours(way: str, address: str, items: list[Item]) -> tuple[dict[str, float], Counter[tuple[str, str]]]:
    """One run of our worker."""
    kafka = Kafka(bootstrap=(address,), prefix=f"bench{next(_numbers)}", partitions=PARTITIONS)
    with TemporaryDirectory() as folder, Cluster(kafka, Path(folder), settings()) as cluster:
        cluster.ingest(tuple(items))
        listen = f"127.0.0.1:{free_port()}"
        cluster.worker(NOTED, listen, "detect" if way == "detect" else "detect,track")
        while not _level(listen):
            time.sleep(0.5)
        took: dict[str, float] = json.loads((Path(folder) / "took.json").read_text())
        found = _mentions(record.value for record in cluster.read(cluster.topics.brand_mentions))
    return took | {"written": found.total()}, found


def _level(listen: str) -> bool:
    """Whether the worker has read all there is, twice in a row."""
    try:
        with urllib.request.urlopen(f"http://{listen}/healthz", timeout=30) as answer:
            health = json.loads(answer.read())
    except OSError:
        return False
    lanes = health["lanes"].values()
    return bool(lanes) and all(
        lane["lag"] == 0 and lane["position"] and lane["seconds_since_it_moved"] > 1.5 for lane in lanes
    )


def _mentions(values: Iterator[bytes]) -> Counter[tuple[str, str]]:
    """(brand, id) of the brand mentions."""
    decoded = (json.loads(value) for value in values if b'"record":"brand_mention/1"' in value)
    return Counter((mention["brand"], mention["mention"]["id"]) for mention in decoded)


def theirs(way: str, kafka: Kafka) -> tuple[dict[str, float], Counter[tuple[str, str]]]:
    """One run of another way, over the mentions that lie under a prefix."""
    out = f"out{next(_numbers)}"
    asyncio.run(_make(kafka, out))
    topic = Topics.of(kafka).mentions
    took = fresh("_kafka", way, kafka.bootstrap[0], topic, out, str(PARTITIONS))
    return took, asyncio.run(_written(kafka, out))


async def _make(kafka: Kafka, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=list(kafka.bootstrap))
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, PARTITIONS, 1)])
    finally:
        await admin.close()


async def _written(kafka: Kafka, topic: str) -> Counter[tuple[str, str]]:
    values = [record.value async for record in read_to_end(kafka, [(topic, number) for number in range(PARTITIONS)])]
    return _mentions(iter(values))


def settings() -> Settings:
    """The brands of stocknet."""
    return read_configuration(BRANDS / "stocknet.toml").settings()


def main(argv: Sequence[str] | None = None) -> None:
    """Measure all, print all."""
    parser = arguments(__doc__)
    parser.add_argument("--repeats", type=int, default=REPEATS, help="fresh processes each")
    parser.add_argument("--texts", type=int, help="only so many texts, for a quick look")
    parser.add_argument("--way", action="append", choices=tuple(WAYS), help="only this one")
    options = parser.parse_args(argv)
    data = data_folder(options.data.absolute())
    head("One hop over Kafka, in several ways")
    rows = stocknet(data)[: options.texts]
    runs: Runs = {}
    wanted: Counter[tuple[str, str]] | None = None
    with TemporaryDirectory() as folder, broker() as address:
        items = items_of(prepare(rows, Path(folder))["dense"], Path(folder))
        source = Kafka(bootstrap=(address,), prefix="source", partitions=PARTITIONS)
        asyncio.run(topics.create(source))
        asyncio.run(ingest.ingest(source, iter(items)))
        for _ in range(options.repeats):
            for way in options.way or WAYS:
                took, found = ours(way, address, items) if way in ("detect", "both") else theirs(way, source)
                wanted = wanted or found
                if found != wanted:
                    raise SystemExit(
                        f"{way}: other brand mentions than the first: {len(found)} instead of {len(wanted)}"
                    )
                runs.setdefault(way, []).append(took)
    rates = {way: [len(rows) / run["wall"] for run in took] for way, took in runs.items()}
    print(f"Mentions a second, median (range); {load()}")
    table(
        [
            (WAYS[way], middle(rates[way]), middle([run["cpu"] / len(rows) * 1e6 for run in took]))
            for way, took in runs.items()
        ],
        ["", "mentions a second", "processor us a mention"],
    )
    figures = _figures({way: median(values) for way, values in rates.items()})
    figures["cache_hit_share"] = 0.0
    table(list(figures.items()), ["figure", "measured"])
    finish("kafka", figures)


def _figures(rates: dict[str, float]) -> dict[str, float]:
    peers = [rates[way] for way in ("confluent", "aiokafka", "faust") if way in rates]
    figures = {}
    for name, way in (
        ("detect_per_s", "detect"),
        ("both_hops_per_s", "both"),
        ("confluent_with_our_scorer_per_s", "confluent-ours"),
        ("faust_documented_per_s", "faust"),
    ):
        if way in rates:
            figures[name] = rates[way]
    if peers:
        figures["fastest_peer_per_s"] = max(peers)
    for name, over, under in (
        ("detect_over_fastest_peer", "detect_per_s", "fastest_peer_per_s"),
        ("detect_over_confluent_same_scorer", "detect_per_s", "confluent_with_our_scorer_per_s"),
        ("both_hops_over_fastest_peer", "both_hops_per_s", "fastest_peer_per_s"),
        ("both_hops_over_faust_documented", "both_hops_per_s", "faust_documented_per_s"),
    ):
        if over in figures and under in figures:
            figures[name] = figures[over] / figures[under]
    return figures


if __name__ == "__main__":
    main()
