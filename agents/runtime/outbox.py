"""What a lane has to say at its next commit, by the partition it goes to; keys are placed as Kafka places them."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from aiokafka import AIOKafkaProducer
from aiokafka.partitioner import murmur2
from aiokafka.producer.message_accumulator import BatchBuilder

from agents.runtime.topics import TopicPartition
from listener.turn import Output
from schemas.dead_letter import DeadLetter
from schemas.record import to_json

LARGEST_BATCH = 900_000  # bytes; the broker takes about 1 MiB

NO_HEADERS: list[tuple[str, bytes | None]] = []

Entry = tuple[bytes | None, bytes | None]  # key, value; no value is a tombstone


@lru_cache(4096)  # murmur2 is plain Python, 2 µs a key
def partition_of(key: bytes, partitions: int) -> int:
    """Where Kafka's default partitioner puts a key: murmur2 without its sign, modulo the number of partitions."""
    hashed: int = murmur2(key) & 0x7FFFFFFF
    return hashed % partitions


class Outbox:
    """Records that wait for a commit; `told` are those among them that are counted when it is done."""

    def __init__(self, partitions: int) -> None:
        self._partitions = partitions
        self._entries: dict[TopicPartition, list[Entry]] = {}
        self._of_keys: dict[tuple[str, bytes], list[Entry]] = {}  # the same lists: a lane's brands come again and again
        self.told: list[Output | DeadLetter] = []

    def put(self, topic: str, key: bytes, value: bytes) -> None:
        """A record for the partition of its key."""
        entries = self._of_keys.get((topic, key))
        if entries is None:
            partition = topic, partition_of(key, self._partitions)
            entries = self._of_keys[topic, key] = self._entries.setdefault(partition, [])
        entries.append((key, value))

    def put_into(self, partition: TopicPartition, key: bytes | None, value: bytes | None) -> None:
        """A record for one partition."""
        self._entries.setdefault(partition, []).append((key, value))

    def put_letter(self, topic: str, letter: DeadLetter) -> None:
        """A dead letter."""
        self.put_into((topic, 0), letter.source.encode(), to_json(letter))
        self.told.append(letter)

    def put_everywhere(self, topic: str, value: bytes) -> None:
        """The same record for all partitions of a topic."""
        for partition in range(self._partitions):
            self.put_into((topic, partition), None, value)

    def take(self) -> "Outbox":
        """All of it; this one is empty then."""
        taken = Outbox(self._partitions)
        taken._entries, self._entries = self._entries, {}
        taken.told, self.told = self.told, []
        self._of_keys = {}
        return taken

    @property
    def count(self) -> int:
        """How many records there are."""
        return sum(map(len, self._entries.values()))

    def by_topic(self) -> dict[str, int]:
        """How many records go to each topic."""
        counts: dict[str, int] = {}
        for (topic, _), entries in self._entries.items():
            counts[topic] = counts.get(topic, 0) + len(entries)
        return counts

    def __iter__(self) -> Iterator[tuple[TopicPartition, list[Entry]]]:
        return iter(self._entries.items())


async def send(
    producer: AIOKafkaProducer, entries: Iterable[tuple[TopicPartition, list[Entry]]], timestamp_ms: int
) -> None:
    """Send all, in batches, and wait until all are written. Raise what the producer raises."""
    written = []
    for (topic, partition), records in entries:
        begin = 0
        while begin < len(records):
            batch = producer.create_batch()
            begin = _fill(batch, records, begin, timestamp_ms, topic)
            written.append(await producer.send_batch(batch, topic, partition=partition))
    for future in written:  # a transaction is committed by aiokafka even if one of its batches has failed
        await future


def _fill(batch: BatchBuilder, records: Sequence[Entry], begin: int, timestamp_ms: int, topic: str) -> int:
    """Put records into a batch from `begin` on; return where the next batch begins.

    Into its builder: what aiokafka does around that for each record costs 0.8 us, twice what the record does.
    """
    append = batch._builder.append  # noqa: SLF001 - its own append in Python would call this one
    place = 0
    for key, value in records[begin:] if begin else records:
        if append(place, timestamp_ms, key, value, NO_HEADERS) is None:
            break
        place += 1
    if not place:
        value = records[begin][1]
        raise ValueError(f"a record for {topic} has {len(value or b''):,} bytes, more than a batch may have")
    batch.close()
    batch._relative_offset = place  # noqa: SLF001 - the count that it keeps itself
    return begin + place
