"""The topics of the Kafka runtime: their names and settings, made and checked in a running cluster."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import for_code

from agents.configuration import Kafka
from agents.runtime.connection import connecting
from schemas.times import DAY, HOUR

KEPT = 14 * DAY  # what holds text is kept as long as detect remembers threads: the deadline of an erasure
MIB = 1 << 20
# The active segment is never compacted, and read whole at each opening: Kafka's own 1 GiB would take minutes.
COMPACTED = {
    "cleanup.policy": "compact",
    "segment.bytes": str(32 * MIB),
    "min.cleanable.dirty.ratio": "0.2",
    "max.compaction.lag.ms": str(HOUR),
    "delete.retention.ms": str(DAY),
}
DELETED = {"cleanup.policy": "delete", "retention.ms": str(KEPT)}

TopicPartition = tuple[str, int]  # those of aiokafka and of Faust are such tuples too


class Topic(NamedTuple):
    """One topic as it has to be."""

    name: str
    partitions: int
    config: dict[str, str]


class Topics(NamedTuple):
    """The names of all topics."""

    mentions: str
    brand_mentions: str
    trends: str
    alerts: str
    dead_letters: str
    detect_state: str
    track_state: str
    settings: str
    sources: str
    receipts: str
    notify_state: str

    @classmethod
    def of(cls, kafka: Kafka) -> "Topics":
        """The names under a prefix."""
        return cls(*(f"{kafka.prefix}.{field.replace('_', '-')}" for field in cls._fields))

    def wanted(self, kafka: Kafka) -> list[Topic]:
        """All topics as they have to be."""
        compacted = {
            self.detect_state,
            self.track_state,
            self.notify_state,
            self.settings,
            self.sources,
            self.receipts,
        }
        of_all = {self.dead_letters, self.settings, self.sources, self.receipts}
        return [
            Topic(
                name,
                1 if name in of_all else kafka.partitions,
                COMPACTED if name in compacted else DELETED,
            )
            for name in self
        ]


class Problem(NamedTuple):
    """What differs, and how to mend it; with what is `fatal` no worker may run."""

    text: str
    fatal: bool


class WrongTopics(Exception):
    """The cluster does not have the topics that it should. The message says what to do."""


async def create(kafka: Kafka) -> list[str]:
    """Make the topics that are missing; return their names. What is there stays as it is."""
    admin = AIOKafkaAdminClient(**connecting(kafka))
    await admin.start()
    try:
        there = set(await admin.list_topics())
        missing = [topic for topic in Topics.of(kafka).wanted(kafka) if topic.name not in there]
        made = [
            NewTopic(topic.name, topic.partitions, kafka.replication, topic_configs=topic.config) for topic in missing
        ]
        answer = await admin.create_topics(made) if made else None
        for name, code, message in answer.topic_errors if answer else ():
            if code:
                raise WrongTopics(f"{name} cannot be made: {message or for_code(code).__name__}")
        return [topic.name for topic in missing]
    finally:
        await admin.close()


async def check(kafka: Kafka) -> list[Problem]:
    """What differs in the cluster from what has to be, with what to do."""
    admin = AIOKafkaAdminClient(**connecting(kafka))
    await admin.start()
    try:
        wanted = Topics.of(kafka).wanted(kafka)
        found = {topic["topic"]: topic for topic in await admin.describe_topics([topic.name for topic in wanted])}
        there = [topic for topic in wanted if not found[topic.name]["error_code"]]
        missing = [topic.name for topic in wanted if topic not in there]
        problems = [Problem(f"{name} is missing: `listener topics create` makes it", fatal=True) for name in missing]
        for topic in there:
            problems += _placement(topic, found[topic.name]["partitions"], kafka.replication)
        configs = await _configs(admin, [topic.name for topic in there])
        for topic in there:
            problems += _differences(topic, configs[topic.name])
        return problems
    finally:
        await admin.close()


async def configs(kafka: Kafka, names: list[str]) -> dict[str, dict[str, str]]:
    """The settings that are in force in the cluster for some topics."""
    admin = AIOKafkaAdminClient(**connecting(kafka))
    await admin.start()
    try:
        return await _configs(admin, names)
    finally:
        await admin.close()


def _placement(topic: Topic, partitions: list[dict[str, Any]], replication: int) -> Iterator[Problem]:
    """Whether it has as many partitions, and each of them as many copies, as the settings say."""
    count = len(partitions)
    if count != topic.partitions:
        text = (
            f"{topic.name} has {count} partitions, the settings say {topic.partitions}: "
            f"keys would go elsewhere; set kafka.partitions = {count}, or take another kafka.prefix and replay"
        )
        yield Problem(text, fatal=True)
    copies = min(len(partition["replicas"]) for partition in partitions)
    if copies < replication:
        text = (
            f"{topic.name} has {copies} copies of a partition, the settings say {replication}: "
            "a broker that is lost may take it along; kafka-reassign-partitions makes more"
        )
        yield Problem(text, fatal=False)


async def _configs(admin: AIOKafkaAdminClient, names: list[str]) -> dict[str, dict[str, str]]:
    if not names:
        return {}
    answers = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name) for name in names])
    found: dict[str, dict[str, str]] = {}
    for answer in answers:
        for _, _, _, name, entries in answer.resources:
            found[name] = {entry[0]: entry[1] for entry in entries}
    return found


def _differences(topic: Topic, config: dict[str, Any]) -> Iterator[Problem]:
    for key, value in topic.config.items():
        if config.get(key) != value:
            text = (
                f"{topic.name}: {key} is {config.get(key)}, it should be {value}: "
                f"kafka-configs --alter --topic {topic.name} --add-config {key}={value}"
            )
            yield Problem(text, fatal=key == "cleanup.policy")  # state that is deleted is lost, outputs kept are not
