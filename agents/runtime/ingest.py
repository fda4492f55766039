"""Into Kafka: mentions into the topic of mentions by their thread, heartbeats and settings into each partition."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from aiokafka import AIOKafkaProducer

from agents.clock import now_ms
from agents.configuration import Kafka, WrongSettings
from agents.matching import standard_words
from agents.runtime.connection import connecting
from agents.runtime.outbox import LARGEST_BATCH, Outbox, send
from agents.runtime.reading import read_to_end
from agents.runtime.topics import Topics
from agents.sources.history import Item
from agents.tracker_settings import tracker_settings
from listener.threads import thread_of
from schemas.command import Command
from schemas.dead_letter import DeadLetter
from schemas.mention import Mention
from schemas.record import decoder, to_json
from schemas.settings import Settings

STEP = 2_000
PUSH_SECONDS = 15
LARGEST_SETTINGS = LARGEST_BATCH - 1_000  # a batch has a head

_settings = decoder(Settings)


def place(items: Iterable[Item], topics: Topics, outbox: Outbox) -> None:
    """Put items where they belong. A deletion carries only an id: it goes everywhere, as heartbeats do."""
    for record, raw in items:
        if isinstance(record, DeadLetter):
            outbox.put_into((topics.dead_letters, 0), record.source.encode(), raw)
        elif isinstance(record, Mention) and record.op != "delete":
            outbox.put(topics.mentions, thread_of(record).encode(), raw)
        else:
            outbox.put_everywhere(topics.mentions, raw)


async def ingest(kafka: Kafka, items: Iterator[Item], progress: Callable[[int], None] = lambda count: None) -> int:
    """Write all items; return how many. What is written is acknowledged by all replicas, in its order."""
    topics = Topics.of(kafka)
    count = 0
    async with _producer(kafka) as producer:
        while batch := list(islice(items, STEP)):
            outbox = Outbox(kafka.partitions)
            place(batch, topics, outbox)
            await send(producer, outbox, now_ms())
            count += len(batch)
            progress(count)
    return count


async def push_settings(kafka: Kafka, settings: Settings) -> list[str]:
    """Put settings in force from here on; return the ids of the brands that are new, changed or gone.

    Each lane of detect gets them whole, each tracker what concerns its brand, and a compacted topic keeps each version.
    Raise WrongSettings where they are too large for a record.
    """
    size = len(to_json(settings))
    if size > LARGEST_SETTINGS:
        raise WrongSettings(
            f"brands: all {len(settings.brands):,} take {size:,} bytes, and a record in Kafka may have "
            f"{LARGEST_SETTINGS:,}: give some of them a settings file and a kafka.prefix of their own"
        )
    topics = Topics.of(kafka)
    # In one transaction, and fencing a push that broke off: else the lanes might have what the topic does not know of,
    # and the settings of before could not be pushed again: they would be "in force already".
    async with AIOKafkaProducer(
        **connecting(kafka),
        transactional_id=topics.settings,
        transaction_timeout_ms=PUSH_SECONDS * 1000,  # lanes read no further meanwhile
        linger_ms=0,
        max_batch_size=LARGEST_BATCH,
    ) as producer:
        before = await pushed_settings(kafka)
        last = before[-1] if before else Settings(version="", brands=())
        changed = list(tracker_settings(last, settings, standard_words()))
        if last.version == settings.version:
            return []
        outbox = Outbox(kafka.partitions)
        for brand in changed:
            outbox.put(topics.brand_mentions, brand.id.encode(), to_json(brand))
        outbox.put_everywhere(topics.mentions, to_json(settings))
        outbox.put_into((topics.settings, 0), settings.version.encode(), to_json(settings))
        async with producer.transaction():
            await send(producer, outbox, now_ms())
        async with asyncio.timeout(PUSH_SECONDS):  # a broker shows what is committed a moment after it says so
            while await pushed_settings(kafka) == before:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.05)
    return [brand.id for brand in changed]


async def commands(kafka: Kafka, wanted: Iterable[Command]) -> None:
    """Put what a person wants into the logs of its brands. Their trackers do it, or refuse it with the reason."""
    outbox = Outbox(kafka.partitions)
    for command in wanted:
        outbox.put(Topics.of(kafka).brand_mentions, command.brand.encode(), to_json(command))
    async with _producer(kafka) as producer:
        await send(producer, outbox, now_ms())


async def pushed_settings(kafka: Kafka) -> list[Settings]:
    """All versions that were pushed, the latest last."""
    return [_settings(record.value) async for record in read_to_end(kafka, [(Topics.of(kafka).settings, 0)])]


def _producer(kafka: Kafka) -> AIOKafkaProducer:
    return AIOKafkaProducer(**connecting(kafka), enable_idempotence=True, linger_ms=0, max_batch_size=LARGEST_BATCH)
