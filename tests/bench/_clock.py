"""What every way of the hop shares: when its clock starts and stops, and how much there is to read."""

import asyncio
import time
from collections.abc import Callable

from tests.bench._processes import tree_cpu

Work = Callable[[bytes, int], list[tuple[bytes, bytes]]]


class Clock:
    """Starts at the first record; processor time is that of the process and all it started."""

    def __init__(self) -> None:
        self.began: tuple[float, float] | None = None
        self.read = self.written = 0

    def note(self, read: int, written: int) -> None:
        """So many more."""
        if self.began is None:
            self.began = time.perf_counter(), tree_cpu()
        self.read += read
        self.written += written

    def told(self) -> dict[str, float]:
        """All of it."""
        wall, cpu = self.began or (0.0, 0.0)
        return {
            "wall": time.perf_counter() - wall,
            "cpu": tree_cpu() - cpu,
            "read": self.read,
            "written": self.written,
        }


def total(bootstrap: str, topic: str, partitions: int) -> int:
    """How many records a topic has."""
    return asyncio.run(_total(bootstrap, topic, partitions))


async def _total(bootstrap: str, topic: str, partitions: int) -> int:
    from aiokafka import AIOKafkaConsumer, TopicPartition  # noqa: PLC0415 - not where confluent-kafka does the reading

    async with AIOKafkaConsumer(bootstrap_servers=bootstrap) as reader:
        return sum((await reader.end_offsets([TopicPartition(topic, number) for number in range(partitions)])).values())
