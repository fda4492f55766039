"""Partitions read without a group: whole, or followed as records come. Committed records only."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import aiokafka

from agents.configuration import Kafka
from agents.runtime.connection import connecting
from agents.runtime.topics import TopicPartition

PATIENCE = 120.0  # seconds for all of a whole reading
ANSWER_MS = 10_000  # for one answer: where a connection is cut unseen, a worker would open its lanes 40 s later


async def read_to_end(kafka: Kafka, partitions: Sequence[TopicPartition]) -> AsyncIterator[Any]:
    """The records of some partitions, in the order of each, up to what is committed as this begins.

    Raise TimeoutError and what the broker answers.
    """
    if not partitions:
        return
    async with asyncio.timeout(PATIENCE), _reader(kafka, partitions) as (reader, begins):
        ends = await reader.end_offsets(list(begins))
        behind = {tp for tp, begin in begins.items() if begin < ends[tp]}
        while behind:
            for records in (await reader.getmany(*behind, timeout_ms=200)).values():
                for record in records:
                    yield record
            behind = {tp for tp in behind if await reader.position(tp) < ends[tp]}


async def follow(kafka: Kafka, partitions: Sequence[TopicPartition], patience: float) -> AsyncIterator[Any]:
    """The records of some partitions from their beginning, until none has come for `patience` seconds."""
    async with _reader(kafka, partitions) as (reader, _):
        while True:
            try:
                record = await asyncio.wait_for(reader.getone(), patience)
            except TimeoutError:
                return
            yield record


@asynccontextmanager
async def _reader(
    kafka: Kafka, partitions: Sequence[TopicPartition]
) -> AsyncIterator[tuple[aiokafka.AIOKafkaConsumer, dict[aiokafka.TopicPartition, int]]]:
    """A consumer at the beginning of each, and where these beginnings are."""
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
        begins = await reader.beginning_offsets(wanted)
        for tp, begin in begins.items():
            reader.seek(tp, begin)  # seek_to_beginning loses a race against the first reset, to the end
        yield reader, begins
    finally:
        await reader.stop()
