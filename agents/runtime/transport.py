"""Faust's transport, parts of it replaced: it hands over whole fetched chunks, and commits what we say.

Faust builds two tasks for each record and acknowledges what failed: see docs/architecture.md. What is replaced is
pinned by tests/kafka/test_faust.py against faust-streaming 0.15.3.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any, ClassVar, NamedTuple, Never, Protocol, TypeVar, cast

import faust
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.consumer.fetcher import FetchResult, PartitionRecords
from aiokafka.errors import CorruptRecordException, KafkaError
from aiokafka.structs import OffsetAndMetadata
from faust.transport.consumer import ensure_TP
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage, Message
from faust.types.auth import CredentialsT
from mode import Service

FETCH_WAIT_MS = 50

Positions = Mapping[TP, int]
T = TypeVar("T")
GROUP_SECONDS = 1.0
OPENING_SECONDS = 170.0  # for all of an opening, and for those before it that go on: above what its parts may take
log = logging.getLogger(__name__)


class Ledger:
    """What is done: for each partition the next offset to read, by the generation of the group that did it."""

    def __init__(self) -> None:
        self._done: dict[TP, tuple[int, int]] = {}

    def write(self, partition: TP, generation: int, next_offset: int) -> None:
        """All before `next_offset` is committed with its outputs."""
        self._done[partition] = (generation, next_offset)

    def partitions(self) -> list[TP]:
        """All partitions that something is written about."""
        return list(self._done)

    def next_offset(self, partition: TP, generation: int) -> int | None:
        """What the group may be told, if it was done in this generation of it."""
        done = self._done.get(partition)
        return done[1] if done and done[0] == generation else None


class Chunk(NamedTuple):
    """What one fetch brought of a partition: batches as they lie in the log, and the offset that comes after them.

    They are unpacked where they are worked on: aiokafka makes an object in Python of each record (1.8 us, unpacked like
    this 0.7), and seconds before its turn, when it has long left the processor's caches.
    """

    batches: list[Any]
    next_offset: int

    def pieces(self, most: int) -> Iterator[list[Any]]:
        """The records, so many at a time: each has an offset, a timestamp, a key and a value.

        Some may lie before where the fetch began. A chunk can be unpacked once.
        """
        records = chain.from_iterable(self.batches)
        while piece := list(islice(records, most)):
            yield piece


class Bounds(NamedTuple):
    """The first offset of a partition, the one after its last, and the next one that the group has committed."""

    begin: int
    end: int
    committed: int | None


class Holder(Protocol):
    """Who holds the lanes: opens those of the partitions that the group has given us, and knows where to go on."""

    ledger: Ledger
    handed: dict[TP, int]  # the offset after all of each partition that was handed to its agent

    async def open(self, partitions: Iterable[TP], generation: int) -> None: ...
    def check(self, bounds: Mapping[TP, Bounds]) -> Positions: ...
    def hint_refused(self) -> None: ...
    async def or_exit(self, work: Awaitable[T]) -> T: ...


class ConsumerThread(driver.AIOKafkaConsumerThread):
    """The thread that fetches: committed records only."""

    def _create_worker_consumer(self, transport: Any) -> AIOKafkaConsumer:
        consumer = super()._create_worker_consumer(transport)
        consumer._isolation_level = "read_committed"  # noqa: SLF001 - Faust has no setting for it but exactly_once
        # One request at a time is under way to a broker: while it waits for brand mentions no mentions are fetched.
        # Faust lets it wait 1.5 s: both hops in one process ran at 7,700 mentions a second, with this at 11,300.
        consumer._fetch_max_wait_ms = FETCH_WAIT_MS  # noqa: SLF001 - Faust's driver has it fixed
        # Faust lets an opening take as long as a request, and where it takes longer goes on to nothing, for ever.
        rebalance = int(self.app.conf.broker_rebalance_timeout * 1000)
        consumer._request_timeout_ms = consumer._client._request_timeout_ms = rebalance  # noqa: SLF001 - one setting for both
        return consumer

    async def _fetch_records(
        self,
        consumer: AIOKafkaConsumer,
        active_partitions: set[TP],
        timeout: float | None = None,  # noqa: ASYNC109 - Faust's own
        max_records: int | None = None,
    ) -> Any:
        """Whole fetches, not unpacked: so there is no number of records to be held to.

        What is fetched is noted here, at once: until the loop of the lanes hears of it they would look level.
        """
        fetcher = consumer._fetcher  # noqa: SLF001 - as Faust does
        if fetcher is not None and not isinstance(fetcher._records, _Fetches):  # noqa: SLF001 - as above
            fetcher._records = _Fetches(fetcher._records)  # noqa: SLF001 - no way to it is public
        fetched = await super()._fetch_records(consumer, active_partitions, timeout, None)
        chunks = {tp: Chunk(batches, _end_of(consumer, tp, batches)) for tp, batches in fetched.items()}
        handed = cast("Consumer", self.consumer).lanes.handed
        handed.update((tp, chunk.next_offset) for tp, chunk in chunks.items())
        return chunks

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        """The group's offset is a hint. Faust would crash where it is refused."""
        held = self.assignment()
        hints = {TopicPartition(*tp): OffsetAndMetadata(offset, "") for tp, offset in offsets.items() if tp in held}
        try:
            await self._ensure_consumer().commit(hints)
        except KafkaError as error:
            log.warning("the group has not kept our offsets (the positions are in the state): %s", error)
            cast("Consumer", self.consumer).lanes.hint_refused()
            return False
        return True


def reached_by(consumer: AIOKafkaConsumer, tp: TP) -> tuple[int, int | None] | None:
    """Where a reader goes on in a partition, and the end of what is committed; None while the group changes."""
    subscription = consumer._subscription.subscription  # noqa: SLF001 - no way to it is public
    assignment = subscription and subscription.assignment
    state = assignment and assignment.state_value(tp)
    return (state.position, state.lso) if state and state.has_valid_position else None


def _end_of(consumer: AIOKafkaConsumer, tp: TP, batches: list[Any]) -> int:
    """The offset behind what was fetched, and behind the marker that ends its transaction, if that has come."""
    last: int = batches[-1].next_offset
    reached = reached_by(consumer, tp)
    return last if reached is None else max(last, reached[0])


class _Fetches(dict[TopicPartition, Any]):
    """What aiokafka has fetched and not handed over yet: whatever is put in gives batches instead of records."""

    def __init__(self, fetched: Mapping[TopicPartition, Any]) -> None:
        super().__init__()
        for partition, result in fetched.items():
            self[partition] = result

    def __setitem__(self, partition: TopicPartition, result: Any) -> None:
        if isinstance(result, FetchResult) and result.has_more():  # else it is an error, to be raised
            result._partition_records = _Batches(result._partition_records)  # noqa: SLF001 - what it iterates over
        super().__setitem__(partition, result)


class _Batches:
    """The batches of a fetch that belong to committed transactions: PartitionRecords, but for unpacking them."""

    def __init__(self, fetched: PartitionRecords) -> None:
        self._fetched = fetched
        self.next_fetch_offset: int = fetched.next_fetch_offset

    def __iter__(self) -> Iterator[Any]:
        records = self._fetched._records  # noqa: SLF001 - aiokafka's own, as all below
        while records.has_next():
            batch = records.next_batch()
            if self._fetched._check_crcs and not batch.validate_crc():  # noqa: SLF001 - as above
                raise CorruptRecordException(f"Invalid CRC - {self._fetched._tp}")  # noqa: SLF001 - as above
            if self._committed(batch):
                yield batch
            self.next_fetch_offset = batch.next_offset

    def _committed(self, batch: Any) -> bool:
        fetched = self._fetched
        if batch.producer_id is not None:
            fetched._consume_aborted_up_to(batch.base_offset)  # noqa: SLF001 - as above
            if batch.is_control_batch and fetched._contains_abort_marker(batch):  # noqa: SLF001 - as above
                fetched._aborted_producers.discard(batch.producer_id)  # noqa: SLF001 - as above
        aborted = batch.is_transactional and batch.producer_id in fetched._aborted_producers  # noqa: SLF001 - as above
        return not (batch.is_control_batch or aborted)


class Consumer(driver.Consumer):
    """Yields one message for each fetched chunk of a partition: its value is a Chunk."""

    lanes: ClassVar[Holder]

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, Message]]:  # noqa: ASYNC109 - Faust's own
        """Fetch once. What is dropped because the group changes is read again: opening seeks."""
        chunks, active = await self._fetch(timeout)
        generation = self.app.consumer_generation_id
        for tp, chunk in (chunks or {}).items():
            if self.should_stop or not self.flow_active or self.app.consumer_generation_id != generation:
                return
            if active is None or tp in active or tp in self._buffered_partitions:
                yield tp, _as_message(tp, chunk, generation)

    async def _fetch(self, timeout: float) -> Any:  # noqa: ASYNC109 - Faust's own
        """What a broker refuses here Faust would take for a crash of its own, and end with exit code 1."""
        try:
            return await self._wait_next_records(timeout)
        except self.consumer_stopped_errors:
            raise
        except Exception as error:
            if self.app.should_stop:  # the reader's thread may have ended before us
                raise
            return await self.lanes.or_exit(_raised(error))

    @Service.task
    async def _watch_group(self) -> None:
        """What the group refuses aiokafka keeps until it is asked, and Faust never asks: it would wait for ever."""
        while not self.should_stop:
            await self.sleep(GROUP_SECONDS)
            refusal = self._refusal_of_the_group()
            if refusal is not None and not self.app.should_stop:  # who leaves may be told that he is gone
                await self.lanes.or_exit(_raised(refusal))

    def _refusal_of_the_group(self) -> BaseException | None:
        """Looked at from here: the thread of the reader may have ended before we do."""
        reader: Any = self._thread._consumer  # noqa: SLF001 - no way to it is public
        coordinator = reader and reader._coordinator  # noqa: SLF001 - as above
        if not coordinator:
            return None
        ended = coordinator._coordination_task  # noqa: SLF001 - as above
        if ended.done() and not ended.cancelled() and ended.exception():
            failure: BaseException = ended.exception()
            return failure
        pending: BaseException | None = coordinator._pending_exception  # noqa: SLF001 - as above
        return pending

    async def perform_seek(self) -> None:
        """Open the lanes of all partitions that are ours now, and go on where their state says.

        Faust awaits this before it lets anything flow, and cancels it if the group changes again: then the opening
        goes on to its end behind the next one, since half an opening would leave producers behind.
        """
        await asyncio.shield(self._open_lanes(self.assignment(), self.app.consumer_generation_id))

    async def _open_lanes(self, assignment: set[TP], generation: int) -> None:
        async def opening() -> None:
            async with asyncio.timeout(OPENING_SECONDS):
                await self.lanes.open(assignment, generation)
                try:
                    # Only now: before it, whoever held the lanes might have gone on beyond what we saw.
                    positions = self.lanes.check(await self._bounds(assignment))
                    if positions and generation == self.app.consumer_generation_id:
                        await self.seek_wait(positions)
                except RuntimeError:
                    if not self.app.should_stop:  # else the reader's thread has ended before us: nothing will be read
                        raise

        await self.lanes.or_exit(opening())

    async def _bounds(self, assignment: set[TP]) -> dict[TP, Bounds]:
        if not assignment:
            return {}
        begins, ends = await self.earliest_offsets(*assignment), await self.highwaters(*assignment)
        reader: Any = self._thread._consumer  # noqa: SLF001 - Faust asks for the committed offset only to seek there
        return {
            tp: Bounds(begins[tp], ends[tp], await self._thread.call_thread(reader.committed, tp)) for tp in assignment
        }

    def ack(self, message: Message) -> bool:
        """Faust is done with it; whether its work is committed, the ledger knows."""
        message.acked = True
        self._unacked_messages.discard(message)
        return True

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[TP]:
        for tp in self.lanes.ledger.partitions():
            if topics is None or tp in topics or tp.topic in topics:
                yield tp

    def _new_offset(self, tp: TP) -> int | None:
        return self.lanes.ledger.next_offset(ensure_TP(tp), self.app.consumer_generation_id)

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Commit markers leave gaps, and the ledger needs none of Faust's bookkeeping of them."""


async def _raised(error: BaseException) -> Never:
    raise error


def credentials(connecting: Mapping[str, Any]) -> CredentialsT | None:
    """Faust's form of the arguments by which aiokafka connects."""
    context = connecting.get("ssl_context")
    if "sasl_mechanism" in connecting:
        return faust.SASLCredentials(
            username=connecting["sasl_plain_username"],
            password=connecting["sasl_plain_password"],
            mechanism=connecting["sasl_mechanism"],
            ssl_context=context,
        )
    return faust.SSLCredentials(context) if context is not None else None


class Transport(driver.Transport):
    """The transport of one app."""

    Consumer = Consumer


def _as_message(tp: TP, chunk: Any, generation: int) -> ConsumerMessage:
    return ConsumerMessage(
        tp.topic,
        tp.partition,
        chunk.next_offset - 1,
        0.0,
        0,
        None,
        None,
        chunk,
        None,
        0,
        0,
        tp,
        generation_id=generation,
    )
