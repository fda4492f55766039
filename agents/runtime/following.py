"""Records of a topic as they come, committed ones only."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from agents.configuration import Kafka


async def follow(kafka: Kafka, topic: str, partitions: int, patience: float) -> AsyncIterator[Any]:
    """The records of a topic from its beginning, until none has come for `patience` seconds."""
    reader = AIOKafkaConsumer(
        bootstrap_servers=list(kafka.bootstrap),
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    try:
        await reader.start()
        wanted = [TopicPartition(topic, number) for number in range(partitions)]
        reader.assign(wanted)
        for tp, begin in (await reader.beginning_offsets(wanted)).items():
            reader.seek(tp, begin)
        while True:
            try:
                record = await asyncio.wait_for(reader.getone(), patience)
            except TimeoutError:
                return
            yield record
    finally:
        await reader.stop()
