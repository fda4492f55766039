"""Topics made, and what differs in the cluster told."""

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from msgspec.structs import replace

from agents.configuration import Kafka
from agents.runtime import topics
from agents.runtime.connection import connecting
from agents.runtime.topics import Topics
from schemas.times import DAY, HOUR
from tests.agents.building import listener, says_one_line
from tests.kafka.building import Cluster, wait_for
from tests.kafka.test_probes import get
from tests.ports import free_port

pytestmark = pytest.mark.kafka


def problems(kafka: Kafka) -> list[tuple[bool, str]]:
    return [(problem.fatal, problem.text) for problem in asyncio.run(topics.check(kafka))]


def test_topics_as_they_were_made_are_as_they_have_to_be(cluster: Cluster) -> None:
    assert problems(cluster.kafka) == []


def test_state_is_compacted_soon_and_text_is_gone_in_a_fortnight(cluster: Cluster) -> None:
    """The active segment is never compacted, and read whole at each opening."""
    config = {topic.name: topic.config for topic in cluster.topics.wanted(cluster.kafka)}
    for state in (cluster.topics.detect_state, cluster.topics.track_state, cluster.topics.notify_state):
        assert config[state]["cleanup.policy"] == "compact"
        assert int(config[state]["segment.bytes"]) <= 32 << 20
        assert int(config[state]["max.compaction.lag.ms"]) <= HOUR
    for text in (cluster.topics.mentions, cluster.topics.brand_mentions, cluster.topics.dead_letters):
        assert config[text] == {"cleanup.policy": "delete", "retention.ms": str(14 * DAY)}


def test_a_worker_tells_what_is_not_as_it_should_be_and_begins(cluster: Cluster) -> None:
    asyncio.run(kept_for_ever(cluster.kafka, cluster.topics.trends))
    address = f"127.0.0.1:{free_port()}"
    cluster.worker(listen=address)
    told = f"not as it should be: {cluster.topics.trends}: retention.ms is -1"
    wait_for(lambda: told in cluster.said() and _is_ready(address), 60, cluster.said)


def _is_ready(address: str) -> bool:
    with suppress(OSError):
        return get(address, "readyz")[0] == 200
    return False


async def kept_for_ever(kafka: Kafka, topic: str) -> None:
    """Change the retention of a topic."""
    admin = AIOKafkaAdminClient(**connecting(kafka))
    await admin.start()
    try:
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, {"retention.ms": "-1"})])
    finally:
        await admin.close()


def test_topics_are_made_once(cluster: Cluster) -> None:
    assert asyncio.run(topics.create(cluster.kafka)) == []


def test_missing_topics_are_fatal_and_named_with_what_makes_them(broker: str) -> None:
    found = problems(Kafka(bootstrap=(broker,), prefix="nobody"))
    assert [fatal for fatal, _ in found] == [True] * len(Topics._fields)
    assert found[0][1] == "nobody.mentions is missing: `listener topics create` makes it"


def test_another_number_of_partitions_is_fatal(cluster: Cluster) -> None:
    found = problems(replace(cluster.kafka, partitions=5))
    assert {text.partition(" has ")[0] for fatal, text in found if fatal} == set(cluster.topics) - {
        cluster.topics.dead_letters,
        cluster.topics.settings,
        cluster.topics.sources,
        cluster.topics.receipts,
    }


def test_fewer_copies_than_wanted_are_told(cluster: Cluster) -> None:
    found = problems(replace(cluster.kafka, replication=3))
    assert {(fatal, text.split(":")[0]) for fatal, text in found} == {
        (False, f"{name} has 1 copies of a partition, the settings say 3") for name in cluster.topics
    }


def test_state_that_is_not_compacted_is_fatal_and_other_retention_is_told(broker: str) -> None:
    kafka = Kafka(bootstrap=(broker,), prefix="lax", partitions=2)
    wanted = Topics.of(kafka)

    async def make() -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=[broker])
        await admin.start()
        try:
            await admin.create_topics([NewTopic(wanted.track_state, 2, 1)])
            await admin.create_topics([NewTopic(wanted.alerts, 2, 1, topic_configs={"retention.ms": "1000"})])
        finally:
            await admin.close()
        await topics.create(kafka)

    asyncio.run(make())
    found = problems(kafka)
    assert [text.split(",")[0] for fatal, text in found if fatal] == ["lax.track-state: cleanup.policy is delete"]
    assert [text.split(",")[0] for fatal, text in found if "alerts" in text] == ["lax.alerts: retention.ms is 1000"]
    assert all("kafka-configs --alter" in text for _, text in found)


def test_a_cluster_that_cannot_be_reached_is_named(tmp_path: Path) -> None:
    settings = tmp_path / "listener.toml"
    settings.write_text('[[brands]]\nid = "a"\nname = "A"\n[kafka]\nbootstrap = ["127.0.0.1:1"]\n')
    for command in (("topics", "check"), ("config", "push"), ("worker",)):
        says_one_line(listener(*command, "-c", settings), 1, "127.0.0.1:1", "is Kafka running there?")
