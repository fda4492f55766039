"""Whole partitions read from their beginning to their end, committed records only."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from agents.configuration import Kafka

PATIENCE = 120.0  # seconds for all of it


async def read_to_end(kafka: Kafka, partitions: Sequence[tuple[str, int]]) -> AsyncIterator[Any]:
    """The records of some (topic, partition), in the order of each, up to what is committed as this begins.

    Raise TimeoutError and what the broker answers.
    """
    if not partitions:
        return
    reader = AIOKafkaConsumer(
        bootstrap_servers=list(kafka.bootstrap),
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    wanted = [TopicPartition(*partition) for partition in partitions]
    async with asyncio.timeout(PATIENCE):
        try:
            await reader.start()
            reader.assign(wanted)
            begins, ends = await reader.beginning_offsets(wanted), await reader.end_offsets(wanted)
            for tp in wanted:
                reader.seek(tp, begins[tp])  # seek_to_beginning loses a race against the first reset, to the end
            behind = {tp for tp in wanted if begins[tp] < ends[tp]}
            while behind:
                for records in (await reader.getmany(*behind, timeout_ms=200)).values():
                    for record in records:
                        yield record
                behind = {tp for tp in behind if await reader.position(tp) < ends[tp]}
        finally:
            await reader.stop()
