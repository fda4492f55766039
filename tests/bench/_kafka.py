"""What tests.bench.kafka runs in fresh processes: one hop, each in its own way, over the same topic.

python -m tests.bench._kafka WAY BOOTSTRAP TOPIC OUT PARTITIONS
"""

import asyncio
import json
import logging
import os
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from tempfile import TemporaryDirectory
from typing import Any

from agents.matching import standard_matcher
from agents.reader import english_talk, likely_languages, load_vader, reader_of
from agents.settings_file import read_configuration
from listener.enrich import enrich
from listener.reading import TextReader
from listener.sentiment import calibration
from listener.sentiment.english import English
from listener.sentiment.scoring import Compound, Scorer
from listener.threads import Threads
from schemas.heartbeat import Heartbeat
from schemas.mention import Mention
from schemas.record import decoder, to_json
from schemas.settings import Settings
from tests.bench import _frameworks
from tests.bench._clock import Clock, Work, total
from tests.bench._report import BRANDS

_decode: Callable[[bytes], Any] = decoder(Mention, Heartbeat, Settings)


def reader_of_way(way: str) -> TextReader:
    """Who reads in a way: ours, or ours with the package's VADER; or VADER alone, ours or the package's."""
    compound = load_vader().compound if "ours" in way else package_compound()
    if way.endswith("alone"):
        return vader_alone(compound)
    return reader_of(English(compound, english_talk(), calibration.FITTED), calibrated=True)


def vader_alone(compound: Compound) -> TextReader:
    """A reader that scores English, and knows nothing of severity, talk and calibration."""
    return TextReader([Scorer("vader", "en", compound)], likely_languages)


def package_compound() -> Compound:
    """The package's VADER."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer  # noqa: PLC0415 - a peer pays for no other's imports

    score = SentimentIntensityAnalyzer().polarity_scores
    return lambda text: round(score(text)["compound"] * 10_000)


def hop(reader: TextReader) -> Work:
    """The work of the hop, the same for all: decode, match, read, encode; heartbeats are passed over."""
    brands = standard_matcher(read_configuration(BRANDS / "stocknet.toml").settings())
    seen: defaultdict[int, Threads] = defaultdict(Threads)  # as in our lanes: the times of one partition are in order

    def work(raw: bytes, partition: int) -> list[tuple[bytes, bytes]]:
        record = _decode(raw)
        found = enrich(record, brands, seen[partition], reader) if isinstance(record, Mention) else None
        return [(mention.brand.encode(), to_json(mention)) for mention in found or ()]

    return work


def confluent(work: Work, bootstrap: str, topic: str, out: str, partitions: int) -> dict[str, float]:
    """A plain loop of confluent-kafka."""
    from confluent_kafka import Consumer, Producer, TopicPartition  # noqa: PLC0415 - a peer pays for no other's imports

    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": out, "enable.auto.commit": False})
    settings = {"linger.ms": 5, "partitioner": "murmur2_random", "queue.buffering.max.messages": 1_000_000}
    producer = Producer({"bootstrap.servers": bootstrap, **settings})
    consumer.assign([TopicPartition(topic, number, 0) for number in range(partitions)])
    ends = sum(consumer.get_watermark_offsets(TopicPartition(topic, number))[1] for number in range(partitions))
    clock = Clock()
    while clock.read < ends:
        messages = consumer.consume(min(500, ends - clock.read), 1.0)  # it waits until it has so many
        if messages:
            clock.note(0, 0)
        for message in messages:
            entries = work(message.value() or b"", message.partition() or 0)
            for key, value in entries:
                producer.produce(out, value, key)
            clock.note(1, len(entries))
        producer.poll(0)
    producer.flush()
    return clock.told()


async def aiokafka(work: Work, bootstrap: str, topic: str, out: str, partitions: int) -> dict[str, float]:
    """A plain loop of aiokafka."""
    from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition  # noqa: PLC0415 - a peer pays for no other's imports

    async with (
        AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False) as reader,
        AIOKafkaProducer(bootstrap_servers=bootstrap, linger_ms=5) as producer,
    ):
        wanted = [TopicPartition(topic, number) for number in range(partitions)]
        reader.assign(wanted)
        ends = sum((await reader.end_offsets(wanted)).values())
        for tp in wanted:
            reader.seek(tp, 0)
        clock = Clock()
        while clock.read < ends:
            fetched = await reader.getmany(timeout_ms=1000, max_records=500)
            if fetched:
                clock.note(0, 0)
            for records in fetched.values():
                for record in records:
                    entries = work(record.value, record.partition)
                    for key, value in entries:
                        await producer.send(out, value, key)
                    clock.note(1, len(entries))
        await producer.flush()
        return clock.told()


def faust(work: Work, bootstrap: str, topic: str, out: str, partitions: int) -> dict[str, float]:
    """An agent as Faust's manual shows it: one event, one send."""
    import faust as library  # noqa: PLC0415 - a peer pays for no other's imports

    wanted = total(bootstrap, topic, partitions)
    clock = Clock()
    with TemporaryDirectory() as folder:
        app = library.App(
            out,
            broker=f"kafka://{bootstrap}",
            datadir=folder,
            web_enabled=False,
            topic_disable_leader=True,
            topic_allow_declare=False,
            consumer_auto_offset_reset="earliest",
            autodiscover=False,
        )
        source = app.topic(topic, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")
        target = app.topic(out, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")

        @app.agent(source)
        async def one_hop(stream: Any) -> None:
            async for event in stream.events():
                clock.note(0, 0)
                entries = work(event.value, event.message.partition)
                for key, value in entries:
                    await target.send(key=key, value=value)
                clock.note(1, len(entries))
                if clock.read >= wanted:
                    await app.producer.flush()
                    print(json.dumps(clock.told()), flush=True)
                    os._exit(0)

        library.Worker(app, loglevel="ERROR", redirect_stdouts=False).execute_from_commandline()
    return clock.told()


def main(argv: Sequence[str]) -> None:
    """Run one way, print what it took as JSON."""
    way, *given = argv
    logging.disable(logging.WARNING)
    bootstrap, topic, out, partitions = given
    work = hop(reader_of_way(way))
    print(json.dumps(WAYS[way.removesuffix("-alone")](work, bootstrap, topic, out, int(partitions))))


WAYS: dict[str, Callable[[Work, str, str, str, int], dict[str, float]]] = {
    "confluent": confluent,
    "confluent-ours": confluent,
    "aiokafka": lambda *given: asyncio.run(aiokafka(*given)),
    "faust": faust,
    "bytewax": _frameworks.bytewax,
    "quixstreams": _frameworks.quixstreams,
}


if __name__ == "__main__":
    main(sys.argv[1:])
