"""Where keys go, and what a commit sends."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from msgspec.structs import replace

from agents.configuration import Kafka, WrongSettings
from agents.runtime import ingest
from agents.runtime.lane import LARGEST_PART, SPLIT, joined, split
from agents.runtime.outbox import Outbox, partition_of, send
from agents.runtime.topics import Topics
from agents.sources.history import Item
from schemas.dead_letter import DeadLetter
from schemas.deletion import Deletion
from schemas.heartbeat import Heartbeat
from schemas.mention import Mention
from schemas.record import to_json
from schemas.settings import Brand, Settings
from tests.core.building import START, a_mention, heartbeat
from tests.kafka.building import Cluster

# From org.apache.kafka.common.utils.Utils of kafka-clients 4.1.1: toPositive(murmur2(UTF-8 of the key)).
HASHES = [line.split("\t") for line in (Path(__file__).parent / "murmur2.tsv").read_text("utf-8").splitlines()]


@pytest.mark.parametrize(("key", "hashed"), HASHES)
def test_keys_are_hashed_as_by_kafkas_java_client(key: str, hashed: str) -> None:
    for partitions in (1, 2, 7, 64, 512):
        assert partition_of(key.encode(), partitions) == int(hashed) % partitions


def test_an_outbox_is_empty_once_it_was_taken() -> None:
    outbox = Outbox(4)
    outbox.put("t", b"k", b"1")
    outbox.put_everywhere("t", b"2")
    outbox.put_letter("dead", letter := DeadLetter.of("s", 1, "reason", b""))
    taken = outbox.take()
    assert (taken.count, outbox.count) == (6, 0)
    assert (taken.told, outbox.told) == ([letter], [])
    assert list(outbox) == []
    assert sorted(address for address, _ in taken) == [("dead", 0), *(("t", number) for number in range(4))]


def test_records_of_one_partition_keep_their_order() -> None:
    outbox = Outbox(1)
    for number in range(100):
        outbox.put("t", str(number).encode(), b"")
    ((_, entries),) = outbox
    assert [int(key or b"") for key, _ in entries] == list(range(100))


def kept(entries: dict[bytes | None, bytes | None]) -> dict[bytes, bytes]:
    """What compaction leaves of records."""
    return {key: value for key, value in entries.items() if key is not None and value is not None}


@pytest.mark.parametrize("size", [0, 1, LARGEST_PART, LARGEST_PART + 1, 3 * LARGEST_PART, 3 * LARGEST_PART + 7])
def test_a_part_of_any_size_comes_back_whole(size: int) -> None:
    part = bytes(number % 251 for number in range(1000)) * (size // 1000 + 1)
    entries = dict(split("name", part[:size], before=0))
    assert all(value is None or len(value) <= LARGEST_PART for value in entries.values())
    assert joined(kept(entries)) == {"name": part[:size]}


def test_a_part_that_shrinks_takes_its_pieces_back() -> None:
    large = dict(split("name", b"x" * (3 * LARGEST_PART), before=0))
    small = dict(split("name", b"x" * (LARGEST_PART + 1), before=3))
    gone = dict(split("name", None, before=2))
    assert joined(kept(large | small)) == {"name": b"x" * (LARGEST_PART + 1)}
    assert len(kept(large | small)) == 3
    assert kept(large | small | gone) == {}


def test_a_conversation_lies_in_one_partition_and_deletions_and_heartbeats_in_all() -> None:
    topics, outbox = Topics.of(Kafka()), Outbox(8)
    answers = [a_mention(f"{n}", START, root_id="root", parent_id=f"{n - 1}") for n in range(20)]
    records: list[Mention | Deletion | Heartbeat] = [
        a_mention("root", START),
        *answers,
        Deletion(id="3"),
        heartbeat(START),
    ]
    ingest.place([Item(record, to_json(record)) for record in records], topics, outbox)
    counts = {partition: len(entries) for (_, partition), entries in outbox}
    own = partition_of(b"root", 8)
    assert counts == {partition: 2 + 21 * (partition == own) for partition in range(8)}


def test_a_part_that_looks_like_a_split_one_is_none() -> None:
    with pytest.raises(ValueError, match="split"):
        list(split("name", SPLIT + b"7", before=0))


@pytest.mark.kafka
@pytest.mark.parametrize("cluster", [7], indirect=True)
def test_the_brokers_own_placing_is_ours(cluster: Cluster) -> None:
    """A producer that leaves the partition to its client, as other programs do, meets our keys."""

    async def write() -> dict[str, int]:
        async with AIOKafkaProducer(bootstrap_servers=list(cluster.kafka.bootstrap)) as producer:
            keys = [key for key, _ in HASHES if key]
            return {
                key: (await producer.send_and_wait(cluster.topics.alerts, b"", key.encode())).partition for key in keys
            }

    assert asyncio.run(write()) == {key: partition_of(key.encode(), 7) for key, _ in HASHES if key}


@pytest.mark.kafka
def test_what_does_not_fit_into_one_batch_goes_in_several(cluster: Cluster) -> None:
    outbox = Outbox(cluster.kafka.partitions)
    for number in range(40):
        outbox.put_into((cluster.topics.alerts, 1), str(number).encode(), b"x" * 100_000)

    async def write() -> None:
        async with AIOKafkaProducer(
            bootstrap_servers=list(cluster.kafka.bootstrap), linger_ms=0, max_batch_size=900_000
        ) as producer:
            await send(producer, outbox, 1)

    asyncio.run(write())
    assert [int(record.key) for record in cluster.read(cluster.topics.alerts)] == list(range(40))


def settings_of_size(size: int) -> Settings:
    """Settings that take so many bytes."""
    empty = Settings(version="1", brands=(Brand(id="acme", name="Acme", aliases=("",)),))
    brand = Brand(id="acme", name="Acme", aliases=("x" * (size - len(to_json(empty))),))
    return Settings(version="1", brands=(brand,))


@pytest.mark.kafka
def test_the_largest_settings_can_be_pushed_and_larger_ones_are_refused_with_a_reason(cluster: Cluster) -> None:
    largest = settings_of_size(ingest.LARGEST_SETTINGS)
    assert len(to_json(largest)) == ingest.LARGEST_SETTINGS
    with pytest.raises(WrongSettings, match="brands: all 1 take 899,001 bytes"):
        asyncio.run(ingest.push_settings(cluster.kafka, settings_of_size(ingest.LARGEST_SETTINGS + 1)))
    assert "acme" in asyncio.run(ingest.push_settings(cluster.kafka, largest))
    assert asyncio.run(ingest.pushed_settings(cluster.kafka))[-1] == largest


@pytest.mark.kafka
def test_settings_whose_push_broke_off_are_nowhere_and_those_of_before_are_still_in_force(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken_off(*given: Any) -> None:
        await send(*given)
        raise ConnectionError

    new = replace(cluster.settings, version="new")
    monkeypatch.setattr(ingest, "send", broken_off)
    with pytest.raises(ConnectionError):
        asyncio.run(ingest.push_settings(cluster.kafka, new))
    monkeypatch.undo()
    assert to_json(new) not in {record.value for record in cluster.read(cluster.topics.mentions)}
    assert asyncio.run(ingest.push_settings(cluster.kafka, cluster.settings)) == []
    asyncio.run(ingest.push_settings(cluster.kafka, new))
    assert asyncio.run(ingest.pushed_settings(cluster.kafka)) == [cluster.settings, new]
