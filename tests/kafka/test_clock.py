"""A topic of mentions whose producers send no heartbeats is its own clock."""

import asyncio
import json
import time
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from agents.configuration import Kafka
from schemas.record import decoder
from schemas.times import MINUTE, from_ms
from schemas.trend import Trend
from tests.kafka.building import Cluster, wait_for

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(120)]
TEXTS = ("Norvane is awful", "I hate Norvane", "Norvane!")


async def write_as_others_do(kafka: Kafka, topic: str, times: list[int]) -> None:
    """Mentions as somebody else writes them: no stamp but Kafka's own, no heartbeats."""
    async with AIOKafkaProducer(bootstrap_servers=list(kafka.bootstrap)) as producer:
        for number, at in enumerate(times):
            mention = {
                "record": "mention/1",
                "id": f"x:{number}",
                "text": TEXTS[number % len(TEXTS)],
                "created_at": from_ms(at).isoformat(),
            }
            await producer.send_and_wait(topic, json.dumps(mention).encode(), partition=0, timestamp_ms=at)


def minutes(cluster: Cluster) -> dict[int, int]:
    """How many mentions each closed minute has, by its start in ms."""
    told = [decoder(Trend)(record.value) for record in cluster.read(cluster.topics.trends)]
    return {
        round(trend.start.timestamp() * 1000): trend.total.volume.mentions
        for trend in told
        if trend.window == "minute" and trend.total and trend.total.volume
    }


def test_windows_close_by_the_wall_clock_where_a_topic_is_level(broker: str, tmp_path: Path) -> None:
    kafka = Kafka(bootstrap=(broker,), prefix="clock", session_seconds=2, clock="topic")
    now = time.time_ns() // 1_000_000
    begin = now - now % MINUTE - 10 * MINUTE
    with Cluster(kafka, tmp_path) as cluster:
        asyncio.run(write_as_others_do(kafka, cluster.topics.mentions, [begin, begin + 1, begin + 5 * MINUTE]))
        cluster.worker()
        wait_for(lambda: len(minutes(cluster)) == 2, 60, cluster.said)
        assert minutes(cluster) == {begin: 2, begin + 5 * MINUTE: 1}
