"""Partitions read without a group: whole, or followed as records come. Committed records only."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import aiokafka

from agents.configuration import Kafka
from agents.runtime.connection import connecting
from agents.runtime.topics import TopicPartition

PATIENCE = 120.0  # seconds for all of a whole reading
ANSWER_MS = 10_000  # for one answer: where a connection is cut unseen, a worker would open its lanes 40 s later


async def read_to_end(
    kafka: Kafka,
    partitions: Sequence[TopicPartition],
    since: Mapping[TopicPartition, int] | None = None,
    *,
    long: bool = False,
) -> AsyncIterator[Any]:
    """The records of some partitions, in the order of each, up to what is committed as this begins.

    From the offsets `since` on, if they are given. A `long` reading takes as long as it takes, while records come.
    Raise TimeoutError and what the broker answers.
    """
    if not partitions:
        return
    async with asyncio.timeout(PATIENCE) as limit, _reader(kafka, partitions, since or {}) as (reader, begins):
        ends = await reader.end_offsets(list(begins))
        behind = {tp for tp, begin in begins.items() if begin < ends[tp]}
        while behind:
            for records in (await reader.getmany(*behind, timeout_ms=200)).values():
                for record in records:
                    yield record
                if long:
                    limit.reschedule(asyncio.get_running_loop().time() + PATIENCE)
            behind = {tp for tp in behind if await reader.position(tp) < ends[tp]}


async def ends_of(kafka: Kafka, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
    """The offsets after all that is committed."""
    async with asyncio.timeout(PATIENCE), _reader(kafka, partitions, {}) as (reader, begins):
        ends = await reader.end_offsets(list(begins))
        return {(tp.topic, tp.partition): end for tp, end in ends.items()}


async def follow(kafka: Kafka, partitions: Sequence[TopicPartition], patience: float) -> AsyncIterator[Any]:
    """The records of some partitions from their beginning, until none has come for `patience` seconds."""
    async with _reader(kafka, partitions, {}) as (reader, _):
        while True:
            try:
                record = await asyncio.wait_for(reader.getone(), patience)
            except TimeoutError:
                return
            yield record


@asynccontextmanager
async def _reader(
    kafka: Kafka, partitions: Sequence[TopicPartition], since: Mapping[TopicPartition, int]
) -> AsyncIterator[tuple[aiokafka.AIOKafkaConsumer, dict[aiokafka.TopicPartition, int]]]:
    """A consumer at the beginning of each, or where it is to begin, and where that is."""
    reader = aiokafka.AIOKafkaConsumer(
        **connecting(kafka),
        isolation_level="read_committed",
        enable_auto_commit=False,
        request_timeout_ms=ANSWER_MS,
        auto_offset_reset="earliest",
    )
    try:
        await reader.start()
        wanted = [aiokafka.TopicPartition(*partition) for partition in partitions]
        reader.assign(wanted)
        first = await reader.beginning_offsets(wanted)
        begins = {tp: max(begin, since.get((tp.topic, tp.partition), 0)) for tp, begin in first.items()}
        for tp, begin in begins.items():
            reader.seek(tp, begin)  # seek_to_beginning loses a race against the first reset, to the end
        yield reader, begins
    finally:
        await reader.stop()
