"""Where the lanes of some workers are, by what they have committed: looked at from outside, whatever they say."""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from agents.configuration import Kafka
from agents.runtime.topics import Topics
from agents.runtime.work import HEAD, VERSION, TrackHead
from listener.state import unpack

TAIL = 200  # offsets at the end of a partition: more markers than can lie there in a row
T = TypeVar("T")


class Aside:
    """An event loop in a thread of its own, for what goes on beside the bench."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()

    def start(self, work: Coroutine[Any, Any, T]) -> "Future[T]":
        """Begin it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def run(self, work: Coroutine[Any, Any, T], seconds: float | None = None) -> T:
        """Do it."""
        return self.start(work).result(seconds)


class Watch:
    """Follows the states of all lanes; `positions` are the committed ones, by input partition."""

    def __init__(self, kafka: Kafka) -> None:
        self._kafka = kafka
        topics = Topics.of(kafka)
        inputs = ((topics.detect_state, topics.mentions), (topics.track_state, topics.brand_mentions))
        self._inputs = {
            TopicPartition(state, number): TopicPartition(input_, number)
            for state, input_ in inputs
            for number in range(kafka.partitions)
        }
        self.positions: dict[TopicPartition, int] = dict.fromkeys(self._inputs.values(), 0)
        self.commits: dict[TopicPartition, int] = dict.fromkeys(self._inputs.values(), 0)

    async def follow(self) -> None:
        """Follow for ever."""
        reader = self._reader()
        await reader.start()
        try:
            reader.assign(list(self._inputs))
            for state in self._inputs:
                reader.seek(state, 0)
            while True:
                with suppress(KafkaError):
                    for state, records in (await reader.getmany(timeout_ms=100)).items():
                        self._note(self._inputs[state], records)
        finally:
            await reader.stop()

    def _note(self, lane: TopicPartition, records: list[Any]) -> None:
        for record in records:
            if record.key == HEAD.encode():
                self.positions[lane] = unpack(record.value, TrackHead, VERSION).position
                self.commits[lane] += 1

    def _reader(self) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(
            bootstrap_servers=list(self._kafka.bootstrap),
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )

    async def busy(self) -> set[TopicPartition]:
        """The lanes that have plenty to take."""
        async with asyncio.timeout(10), self._reader() as reader:
            return await self._far_behind(reader)

    async def level(self) -> bool:
        """Whether all lanes have taken all that lies before them."""
        async with asyncio.timeout(60), self._reader() as reader:
            reader.assign(list(self.positions))
            if await self._far_behind(reader):
                return False
            return all([self.positions[lane] >= await self._last(reader, lane) for lane in self.positions])

    async def _far_behind(self, reader: AIOKafkaConsumer) -> set[TopicPartition]:
        ends = await reader.end_offsets(list(self.positions))
        return {lane for lane, position in self.positions.items() if position < ends[lane] - TAIL}

    async def _last(self, reader: AIOKafkaConsumer, lane: TopicPartition) -> int:
        """The offset after the last record: what comes behind it are markers of transactions."""
        end: int = (await reader.end_offsets([lane]))[lane]
        last = max(0, end - TAIL)
        reader.seek(lane, last)
        while await reader.position(lane) < end:
            for record in (await reader.getmany(lane, timeout_ms=100)).get(lane, ()):
                last = record.offset + 1
        return last
