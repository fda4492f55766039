"""The lanes of the Kafka runtime without a broker: chunks, commits and new starts as chance has it."""

from collections import Counter
from collections.abc import Sequence
from random import Random
from types import SimpleNamespace
from typing import Any

from agents.configuration import Kafka
from agents.matching import standard_words
from agents.metrics import Metrics
from agents.reader import standard_reader
from agents.runtime.ingest import place
from agents.runtime.outbox import Outbox
from agents.runtime.topics import TopicPartition, Topics
from agents.runtime.work import DetectWork, TrackWork
from agents.sources.history import Item
from agents.tracker_settings import tracker_settings
from schemas.record import to_json
from schemas.settings import Settings
from schemas.times import DAY
from tests.core.building import START

TOPICS = Topics.of(Kafka())
WRITTEN = START + 1_000 * DAY  # when all records came into Kafka


class Lane:
    """One partition of one agent, and what it is to read."""

    def __init__(self, cluster: "Lanes", agent: type[DetectWork] | type[TrackWork], number: int) -> None:
        self.cluster, self.agent, self.number = cluster, agent, number
        self.topic = TOPICS.mentions if agent is DetectWork else TOPICS.brand_mentions
        self.parts: dict[str, bytes] = {}
        self.begin()

    def begin(self) -> None:
        """Start anew from what was committed."""
        lanes = self.cluster.partitions
        self.work = (
            DetectWork(self.parts, self.cluster.scorer, TOPICS, self.number, lanes, self.cluster.metrics)
            if self.agent is DetectWork
            else TrackWork(self.parts, TOPICS, self.number, lanes, self.cluster.metrics)
        )

    @property
    def waiting(self) -> int:
        """How many records there are to be read."""
        return len(self.cluster.log(self.topic, self.number)) - self.work.position

    def commit(self, chunks: Sequence[int]) -> None:
        """Take chunks of these sizes, and commit what comes of them."""
        outbox = Outbox(self.cluster.partitions)
        for size in chunks:
            begin = self.work.position
            values = self.cluster.log(self.topic, self.number)[begin : begin + size]
            if values:
                records: list[Any] = [
                    SimpleNamespace(offset=begin + place, value=value, timestamp=WRITTEN)
                    for place, value in enumerate(values)
                ]
                self.work.take(records, outbox)
        self.work.finish(outbox)
        for name, part in self.work.take_changes().items():
            self.parts.pop(name, None)
            if part is not None:
                self.parts[name] = part
        self.cluster.write(outbox)


class Lanes:
    """All lanes of detect and of track, with the topics between them."""

    def __init__(self, partitions: int, settings: Settings, seed: int) -> None:
        self.partitions = partitions
        self.scorer, self.metrics = standard_reader(), Metrics()
        self._chance = Random(seed)
        self._logs: dict[TopicPartition, list[bytes]] = {}
        outbox = Outbox(partitions)
        for told in tracker_settings(Settings(version="", brands=()), settings, standard_words()):
            outbox.put(TOPICS.brand_mentions, told.id.encode(), to_json(told))
        outbox.put_everywhere(TOPICS.mentions, to_json(settings))
        self.write(outbox)
        self._lanes = [Lane(self, agent, number) for agent in (DetectWork, TrackWork) for number in range(partitions)]

    def log(self, topic: str, number: int) -> list[bytes]:
        """The records of a partition."""
        return self._logs.setdefault((topic, number), [])

    def write(self, outbox: Outbox) -> None:
        """Append records to their partitions."""
        for (topic, number), entries in outbox:
            self.log(topic, number).extend(value for _, value in entries if value is not None)

    def take_in(self, items: Sequence[Item]) -> None:
        """Write items, and let all lanes read to their ends, one far ahead of another."""
        outbox = Outbox(self.partitions)
        place(items, TOPICS, outbox)
        self.write(outbox)
        chance = self._chance
        while busy := [lane for lane in self._lanes if lane.waiting]:
            lane = chance.choice(busy)
            if chance.random() < 0.1:
                lane.begin()
            largest = chance.choice([1, 50, 1_000, 20_000])
            lane.commit([chance.randrange(1, largest + 1) for _ in range(chance.randrange(1, 4))])

    def found(self, topic: str) -> Counter[bytes]:
        """All records of a topic."""
        return Counter(value for (name, _), values in self._logs.items() if name == topic for value in values)
