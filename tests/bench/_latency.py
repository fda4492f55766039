"""The part "latency" of tests.bench.kafka: how long until an early alert can be read.

A source writes distinct posts of stocknet_88 at half the rate that the worker does at most (measured just before, same
worker, same brands, from a topic that lies full) and stamps each as it writes it. Beside the 88 brands there are
others of which nobody speaks, until each has one burst of angry posts: real ones with a low score, the brand's name put
before. Measured is from the stamp on the mention that makes the early rule true to when a consumer of committed
records, in a process of its own, has the alert: waiting for two transactions, both hops, and the broker included.
Which mention it was follows from the brand mentions in their order: they are stepped through the same trackers again,
and the alerts that come out must be those that were read. A burst that the end of a detection window cuts in two may
raise none.
"""

import math
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from confluent_kafka import Consumer, TopicPartition
from msgspec.structs import replace

from agents.matching import standard_matcher
from agents.reader import load_vader
from agents.runtime.topics import Topics
from listener.partition import Partition, TrackRecord
from schemas.alert import Alert
from schemas.brand_mention import BrandMention
from schemas.mention import Mention
from schemas.pulse import Pulse
from schemas.record import decoder
from schemas.settings import Brand, BrandSettings, Settings
from schemas.times import to_ms
from tests.bench._live import Plan, finished, now_ms, start, template, write_templates
from tests.bench._names import silent, words
from tests.bench._report import load, progress, table
from tests.bench._worker import PARTITIONS, Broker, Run, running

SEED = 20260727
ALERTS, SECONDS = 1_000, 100.0
BURST, BURST_SECONDS = 40, 2.0  # of a brand never heard before: 24 of 24 are no early warning yet, by their share
ANGRY = -5_000  # of a compound score in units of 0.0001
CALIBRATION = 60_000
QUIET_SECONDS = 3.0  # before the first burst, and after the last one

_alert = decoder(Alert)
_track_record = decoder(BrandMention | BrandSettings | Pulse)  # type: ignore[arg-type]  # a union is a type to msgspec


def latency(
    broker: Broker, settings: Settings, rows: Sequence[dict[str, Any]], folder: Path, alerts: int, seconds: float
) -> dict[str, float]:
    """Measure, show, return the figures."""
    progress("latency: choosing names")
    bursting = burst_brands(rows, alerts)
    everybody = replace(settings, version="bursts", brands=(*settings.brands, *bursting))
    bursts = burst_plan(rows, bursting, everybody, seconds)
    write_templates(rows, folder / "rows")
    with running(broker, everybody) as run:
        plan, most = calibrated(run, broker, folder / "rows", folder)
        plan.rate = most / 2
        plan.count = int(plan.rate * seconds)
        plan.bursts = bursts
        began = now_ms()
        with reading(broker, Topics.of(run.cluster.kafka).alerts) as seen:
            progress(f"latency: {seconds:.0f} s at {plan.rate:,.0f} mentions a second")
            told = finished(start(plan, folder))
            time.sleep(QUIET_SECONDS)
            run.wait()
        progress("latency: finding the mentions that made the rule true")
        caused = causes(broker, Topics.of(run.cluster.kafka).brand_mentions, {brand.id for brand in bursting})
    caused = {id_: stamp for id_, stamp in caused.items() if stamp >= began}
    return show(caused, seen, most, told, alerts)


def burst_brands(rows: Sequence[dict[str, Any]], number: int) -> tuple[Brand, ...]:
    """Brands of which nobody speaks."""
    mentions = [Mention(id="", text=row["text"], created_at=row["at"]) for row in rows]
    names = silent(words(row["text"] for row in rows)[:4_000], number, mentions)
    return tuple(Brand(id=f"burst{place}", name=name.title(), ambiguous=False) for place, name in enumerate(names))


def burst_plan(
    rows: Sequence[dict[str, Any]], brands: Sequence[Brand], everybody: Settings, seconds: float
) -> list[tuple[float, str, str]]:
    """Each brand's angry posts: when, id, template."""
    draw = Random(SEED)
    score, matcher = load_vader().compound, standard_matcher(everybody)
    angry = [row["text"] for row in rows if score(row["text"]) <= ANGRY]
    angry = [text for text in angry if not matcher.find(Mention(id="", text=text, created_at=rows[0]["at"])).matches]
    plan = []
    for brand in brands:
        begin = draw.uniform(QUIET_SECONDS, seconds - QUIET_SECONDS - BURST_SECONDS)
        for number in range(BURST):
            raw = template(f"{brand.name}: {draw.choice(angry)}", "en").decode()
            plan.append((begin + draw.uniform(0, BURST_SECONDS), f"{brand.id}:{number}", raw))
    return plan


def calibrated(run: Run, broker: Broker, rows: Path, folder: Path, behind: int = 0) -> tuple[Plan, float]:
    """The mentions a second that a worker does at most, and the plan to go on from there."""
    progress("how many mentions a second the worker does at most")
    topic = run.cluster.topics.mentions
    plan = Plan(broker.address, topic, PARTITIONS, str(rows), CALIBRATION, since=now_ms() - behind, behind=behind)
    finished(start(plan, folder))
    run.go()
    run.wait()
    plan.first = CALIBRATION
    return plan, CALIBRATION / run.took()["wall"]


@contextmanager
def reading(broker: Broker, topic: str) -> Iterator[dict[str, int]]:
    """Read early alerts as they come: when each could be read, by its id, in ms."""
    seen: dict[str, int] = {}
    stop = threading.Event()

    def read() -> None:
        consumer = _consumer(broker)
        consumer.assign([TopicPartition(topic, number, 0) for number in range(PARTITIONS)])
        while not stop.is_set():
            for message in consumer.consume(100, 0.01):
                at = now_ms()
                alert = _alert(message.value() or b"")
                if alert.stage == "early" and alert.event == "opened":
                    seen.setdefault(alert.id, at)
        consumer.close()

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join()


def causes(broker: Broker, topic: str, brands: set[str]) -> dict[str, int]:
    """When the mention was stamped that made an early rule true, by the alert's id, in ms."""
    found: dict[str, int] = {}
    partitions = [Partition() for _ in range(PARTITIONS)]
    for key, value, number in committed(broker, topic):
        if key is not None and key.decode() not in brands:
            continue
        record: TrackRecord = _track_record(value)
        for output in partitions[number].step(record):
            if isinstance(output, Alert) and output.stage == "early" and output.event == "opened":
                assert isinstance(record, BrandMention), "only a mention makes an early rule true"
                found[output.id] = to_ms(record.mention.ingested_at or record.mention.created_at)
    return found


def committed(broker: Broker, topic: str) -> Iterator[tuple[bytes | None, bytes, int]]:
    """All committed records of a topic: key, value, partition."""
    consumer = _consumer(broker)
    behind = set(range(PARTITIONS))
    consumer.assign([TopicPartition(topic, number, 0) for number in behind])
    while behind:
        for message in consumer.consume(10_000, 0.2):
            if message.error() is None:
                yield message.key(), message.value() or b"", message.partition() or 0
        places = consumer.position([TopicPartition(topic, number) for number in behind])
        ends = {place.partition: consumer.get_watermark_offsets(place)[1] for place in places}
        behind -= {place.partition for place in places if place.offset >= ends[place.partition]}
    consumer.close()


def _consumer(broker: Broker) -> Consumer:
    return Consumer(
        {
            "bootstrap.servers": broker.address,
            "group.id": "bench",
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
            "auto.offset.reset": "earliest",
        }
    )


def show(
    caused: dict[str, int], seen: dict[str, int], most: float, told: dict[str, float], alerts: int
) -> dict[str, float]:
    """The table and the figures."""
    missing = caused.keys() - seen.keys()
    if missing:
        raise SystemExit(f"latency: {len(missing)} of {len(caused)} early alerts were due and could not be read")
    delays = sorted(seen[id_] - stamp for id_, stamp in caused.items())
    if not delays:
        raise SystemExit("latency: no early alert was due: nothing was measured")
    rate = told["written"] / told["seconds"]
    print(
        f"From a mention to its early alert: {rate:,.0f} mentions a second of at most {most:,.0f}; the source was at "
        f"worst {told['late']:.2f} s behind; {load()}"
    )
    figures = {
        "latency_p50_ms": median(delays),
        "latency_p99_ms": delays[math.ceil(0.99 * len(delays)) - 1],
        "latency_worst_ms": delays[-1],
        "latency_alerts": len(delays),
        "latency_mentions_per_s": rate,
    }
    rows = [
        (
            f"{len(delays)} of {alerts} bursts",
            *(round(figures[f"latency_{name}_ms"]) for name in ("p50", "p99", "worst")),
        )
    ]
    table(rows, ["alerts", "p50 ms", "p99 ms", "worst ms"])
    return {name: float(value) for name, value in figures.items()}
