"""A live source into Kafka: what it brings, its cursor and what it has covered, in one transaction.

The producer's transactional id is the source's name, so a second process of the same name fences the first.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.errors import ProducerFenced

from agents.clock import now_ms
from agents.configuration import Kafka, WrongSettings
from agents.runtime.connection import NoCluster, connecting
from agents.runtime.ingest import place
from agents.runtime.outbox import LARGEST_BATCH, Outbox, send
from agents.runtime.reading import read_to_end
from agents.runtime.topics import Topics
from agents.sources.connection import Connection
from agents.sources.covering import MOST_INTERVALS
from agents.sources.hearing import Hearing
from agents.sources.history import Item
from agents.sources.inbox import Ceased, Inbox, Taken
from agents.sources.keeping import Keeper
from agents.stop import Stop
from agents.watcher import SourceState
from listener.coverage import joined
from listener.state import pack, unpack
from schemas.heartbeat import Interval
from schemas.record import to_json

VERSION = 1
STEP_SECONDS = 0.25
STEP_RECORDS = 2_000
HEARTBEAT_SECONDS = 5.0
STOP_SECONDS = 5.0
DEADLINE = 12.0  # of whatever is asked of the broker, in seconds: below the transaction's own
TRANSACTION_SECONDS = 15
LARGEST_STATE = LARGEST_BATCH - 1_000  # a batch has a head


class SourceProgress(msgspec.Struct):
    """How far a source was at the last commit."""

    cursor: Any = None
    covered: tuple[Interval, ...] = ()


class LiveIngest:
    """One source, from its place in the cluster on."""

    def __init__(self, kafka: Kafka, connection: Connection, note: Callable[[str], None]) -> None:
        self._kafka = kafka
        self._topics = Topics.of(kafka)
        self._connection = connection
        self._note = note
        self._producer = AIOKafkaProducer(
            **connecting(kafka),
            transactional_id=f"{kafka.prefix}.source.{connection.name}",
            transaction_timeout_ms=TRANSACTION_SECONDS * 1000,
            linger_ms=0,
            max_batch_size=LARGEST_BATCH,
            request_timeout_ms=int(DEADLINE * 1000),
        )
        self._progress = SourceProgress()
        self.written = 0

    async def run(self, stop: Stop, tell: Callable[[SourceState], None]) -> int:
        """Write what comes until it has ended or is stopped; return how many records that were.

        Raise NoCluster where another process of the same name has taken over, and what the broker answers.
        """
        try:
            return await self._run(stop, tell)
        except ProducerFenced:  # by a commit, or only by the end
            name = self._connection.name
            raise NoCluster(f"{name}: another `listener ingest {name}` has taken over") from None

    async def _run(self, stop: Stop, tell: Callable[[SourceState], None]) -> int:
        async with asyncio.timeout(2 * DEADLINE):
            await self._producer.start()  # whoever was before us can commit no more: what we read now is the last
        try:
            await self._take_up()
            await self._listen(stop, tell)
        finally:
            async with asyncio.timeout(DEADLINE):
                await self._producer.stop()
        return self.written

    async def _take_up(self) -> None:
        async for record in read_to_end(self._kafka, [(self._topics.sources, 0)]):
            if record.key == self._connection.name.encode() and record.value is not None:
                self._progress = unpack(record.value, SourceProgress, VERSION)

    async def _listen(self, stop: Stop, tell: Callable[[SourceState], None]) -> None:
        name = self._connection.name
        inbox = Inbox(now_ms)
        hearing = Hearing([self._connection], {name: self._progress.covered}, now_ms())
        keeper = Keeper(self._connection, self._progress.cursor, inbox, self._note)
        keeping = asyncio.create_task(keeper.keep())
        told, stopping = 0.0, 0.0
        try:
            while hearing.sources:
                if stop and not stopping:
                    keeping.cancel()
                    stopping = time.monotonic()
                taken = await asyncio.to_thread(inbox.take, STEP_SECONDS, STEP_RECORDS)
                if taken.entries or time.monotonic() - told >= HEARTBEAT_SECONDS:
                    told = time.monotonic()
                    await self._commit(hearing, taken)
                    inbox.done(taken.entries)
                tell(keeper.state())
                for entry in taken.entries:
                    if isinstance(entry, Ceased) and entry.error is not None:
                        raise entry.error
                if stopping and ((keeping.done() and not inbox.waiting) or time.monotonic() - stopping > STOP_SECONDS):
                    await self._commit(hearing, Taken([], now_ms()), ended=True)
                    return
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)

    async def _commit(self, hearing: Hearing, taken: Taken, *, ended: bool = False) -> None:
        name = self._connection.name
        records, cursors = hearing.take(taken.entries)
        heartbeats = list(hearing.heartbeats(taken.through, ended=ended))
        outbox = Outbox(self._kafka.partitions)
        place((Item(record, to_json(record)) for record in [*records, *heartbeats]), self._topics, outbox)
        covered = joined(self._progress.covered, heartbeats[-1].covered)[-MOST_INTERVALS:]
        self._progress = SourceProgress(cursors.get(name, self._progress.cursor), tuple(covered))
        state = pack(VERSION, self._progress)
        if len(state) > LARGEST_STATE:
            raise WrongSettings(f"{name}: its cursor takes {len(state):,} bytes: take away files that have been read")
        outbox.put_into((self._topics.sources, 0), name.encode(), state)
        async with asyncio.timeout(DEADLINE):
            await self._producer.begin_transaction()
            await send(self._producer, outbox, now_ms())
            await self._producer.commit_transaction()
        self.written += len(records)
