"""The Kafka runtime: a Faust worker whose agents are detect and track, each input partition a lane of its own.

Faust gives us the group, the assignment and the life of the process. What must be exact is ours: see `lane.py`.
"""

import asyncio
import logging
import os
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar, cast

import faust
from aiokafka import AIOKafkaProducer
from faust.types import TP
from yarl import URL

from agents.clock import now_ms
from agents.configuration import Configuration, Kafka, WrongSettings
from agents.metrics import LaneFigures, Metrics
from agents.runtime.connection import connecting
from agents.runtime.lane import DEADLINE, Broken, Lane, Work, joined
from agents.runtime.outbox import LARGEST_BATCH, Outbox
from agents.runtime.reading import read_to_end
from agents.runtime.topics import Topics
from agents.runtime.transport import Bounds, Consumer, Ledger, Transport, credentials
from agents.runtime.work import DetectWork, TrackWork
from agents.scorer import english_scorer
from agents.web.address import Address
from agents.web.probes import Health, serve

COMMIT_SECONDS = 0.25
CHUNK_RECORDS = 2_000
BUFFERED_CHUNKS = 64
TRANSACTION_SECONDS = 15
REBALANCE_SECONDS = 30
STUCK_SECONDS = 60.0
LISTEN_MS = 5_000  # as often as a live source sends heartbeats: each goes to all partitions
AGENTS = ("detect", "track")
FAILED = 70  # the exit code: broken software or infrastructure, start me again

State = tuple[str, int]  # topic, partition
T = TypeVar("T")
log = logging.getLogger(__name__)


class Refused(Exception):
    """A lane must not be opened: what it would go on from is not what it left."""


class Worker:
    """The lanes of this process, and how they are opened, fed, committed and closed."""

    def __init__(self, configuration: Configuration) -> None:
        self.kafka = configuration.kafka
        self.topics = Topics.of(self.kafka)
        self.ledger = Ledger()
        self.lanes: dict[TP, Lane] = {}
        self.generation = -1
        self.handed: dict[TP, int] = {}
        self.metrics = Metrics()
        self.metrics.lanes(dict.fromkeys(AGENTS, self.kafka.partitions), self._figures)
        for agent in AGENTS:
            self.metrics.commit_seconds.labels(agent)  # from 0 on: who never commits must be seen
        self.fetched: Callable[[TP], tuple[int, int] | None] = lambda tp: None
        self.pause: Callable[[TP], None] = lambda tp: None
        self.stopping: Callable[[], bool] = lambda: False
        self._listen_next = 0
        self._known_stuck: set[str] = set()
        self._scorer = english_scorer()
        self._opening = asyncio.Lock()

    async def open(self, partitions: Iterable[TP], generation: int) -> dict[TP, int]:
        """Open a lane for each partition; return where each goes on. Raise what the broker answers."""
        async with self._opening:
            await self._close()
            began = time.monotonic()
            wanted = sorted(partitions)
            producers = await self._producers(wanted)
            states = await _read_states(self.kafka, [self._state_of(tp) for tp in wanted])
            for tp, producer in zip(wanted, producers, strict=True):
                self.lanes[tp] = Lane(
                    f"{tp.topic}/{tp.partition}",
                    self._state_of(tp),
                    states[self._state_of(tp)],
                    self._work_of(tp),
                    producer,
                    self.kafka.partitions,
                    self._committed(self._agent_of(tp)),
                    self.kafka.most_bad,
                )
            self.generation = generation
            self.metrics.opening_seconds.observe(time.monotonic() - began)
            return {tp: lane.work.position for tp, lane in self.lanes.items()}

    def check(self, bounds: Mapping[TP, Bounds]) -> None:
        """Refuse what would lose or repeat silently, and say aloud what is lost already. Raise Refused."""
        for tp, (begin, end, committed) in bounds.items():
            lane = self.lanes.get(tp)
            if lane is None:  # the group has changed meanwhile
                continue
            position = lane.work.position
            if committed and not lane.state_bytes:
                raise Refused(
                    f"{lane.name}: the group has read up to {committed}, but the state is empty: "
                    "was a state topic deleted? Restore it, or take another kafka.prefix and replay"
                )
            if position > end:
                raise Refused(
                    f"{lane.name}: goes on at {position}, but ends at {end}: was the topic made anew? "
                    "Take another kafka.prefix and replay"
                )
            if position < begin:
                log.error("%s: %d records are lost: deleted before they were read", lane.name, begin - position)
                self.metrics.lost.inc(begin - position)

    async def _producers(self, wanted: list[TP]) -> list[AIOKafkaProducer]:
        """Started all at once: each fences whoever held its lane before; one by one each takes half a second."""
        cluster = connecting(self.kafka)
        producers = [
            AIOKafkaProducer(
                **cluster,
                transactional_id=f"{tp.topic}/{tp.partition}",
                transaction_timeout_ms=TRANSACTION_SECONDS * 1000,
                linger_ms=0,
                max_batch_size=LARGEST_BATCH,
                request_timeout_ms=int(DEADLINE * 1000),
            )
            for tp in wanted
        ]
        async with asyncio.timeout(2 * DEADLINE):
            await asyncio.gather(*(producer.start() for producer in producers))
        return producers

    def _state_of(self, tp: TP) -> State:
        topic = self.topics.detect_state if tp.topic == self.topics.mentions else self.topics.track_state
        return topic, tp.partition

    def _work_of(self, tp: TP) -> Callable[[dict[str, bytes], Sequence[Broken]], Work]:
        def detect(parts: dict[str, bytes], broken: Sequence[Broken]) -> Work:
            return DetectWork(
                parts,
                self._scorer,
                self.topics,
                tp.partition,
                self.kafka.partitions,
                self.metrics,
                topic_is_clock=self.kafka.clock == "topic",
            )

        def track(parts: dict[str, bytes], broken: Sequence[Broken]) -> Work:
            return TrackWork(parts, self.topics, tp.partition, self.metrics, broken)

        return detect if tp.topic == self.topics.mentions else track

    async def take(self, tp: TP, chunk: Sequence[Any], generation: int) -> None:
        """Work through a chunk, if its partition is still ours."""
        lane = self.lanes.get(tp)
        if lane is None or generation != self.generation:
            return
        agent = self._agent_of(tp)
        with self.metrics.batch_seconds.labels(agent).time():
            await lane.take(chunk)
        if lane.paused:
            self.pause(tp)
        if lane.work.urgent:
            await self._commit([tp])
        self.metrics.batch_records.labels(agent).observe(len(chunk))
        self.metrics.records_in.labels(self._log_of(tp.topic)).inc(len(chunk))

    def _agent_of(self, tp: TP) -> str:
        return "detect" if tp.topic == self.topics.mentions else "track"

    def _log_of(self, topic: str) -> str:
        """The name of a topic without the prefix, which is a matter of the job that reads the metrics."""
        return topic.removeprefix(f"{self.kafka.prefix}.")

    def _committed(self, agent: str) -> Callable[[Outbox, float], None]:
        def note(outbox: Outbox, seconds: float) -> None:
            records = {self._log_of(topic): count for topic, count in outbox.by_topic().items()}
            self.metrics.committed(agent, records, outbox.told, seconds)

        return note

    def lag(self, tp: TP) -> int | None:
        """Committed records that wait, None where the end is not known yet.

        Markers count as offsets: a lane is level if all was fetched and taken.
        """
        lane, bounds = self.lanes.get(tp), self.fetched(tp)
        if lane is None or bounds is None:
            return None
        position = lane.work.position
        fetched, end = bounds
        level = fetched >= end and position > self.handed.get(tp, -1)
        return 0 if level else max(0, end - position)

    def _figures(self) -> list[LaneFigures]:
        return [
            LaneFigures(
                self._agent_of(tp),
                tp.partition,
                self.lag(tp),
                lane.state_bytes,
                lane.work.through,
                paused=bool(lane.paused),
            )
            for tp, lane in self.lanes.copy().items()  # read from another thread
        ]

    def health(self) -> Health:
        """Alive is who moves where there is something to move; a lane that is paused waits for a person, no restart."""
        now = time.monotonic()
        lanes: dict[str, dict[str, Any]] = {
            lane.name: {
                "position": lane.work.position,
                "lag": self.lag(tp),
                "seconds_since_it_moved": round(now - lane.moved_at, 1),
                "waiting": lane.waiting,
                "paused": lane.paused,
            }
            for tp, lane in self.lanes.items()
        }
        stuck = [
            name
            for name, lane in lanes.items()
            if lane["seconds_since_it_moved"] > STUCK_SECONDS
            and (lane["waiting"] or (lane["lag"] and not lane["paused"]))
        ]
        ready = self.generation >= 0 and not self._opening.locked()
        return Health(ready, not stuck, {"generation": self.generation, "stuck": stuck, "lanes": lanes})

    def listen(self, now: int) -> None:
        """Tell the level lanes of detect the time, ms of the wall clock, where the topic of mentions is the clock."""
        if self.kafka.clock == "topic" and now >= self._listen_next:
            self._listen_next = now + LISTEN_MS
            for tp, lane in self.lanes.items():
                if self._agent_of(tp) == "detect" and self.lag(tp) == 0:
                    lane.listen(now)

    def watch(self) -> None:
        """Say aloud, once, which lanes have input and do not commit it."""
        stuck = set(self.health().details["stuck"])
        for name in sorted(stuck - self._known_stuck):
            log.critical("%s has input, and committed nothing for %.0f s", name, STUCK_SECONDS)
        self._known_stuck = stuck

    async def commit(self) -> None:
        """Commit all lanes that have something, together."""
        await self._commit([tp for tp, lane in self.lanes.items() if lane.waiting])

    async def _commit(self, partitions: Sequence[TP]) -> None:
        waiting = [(tp, self.lanes[tp]) for tp in partitions]
        generation = self.generation
        positions = await asyncio.gather(*(lane.commit() for _, lane in waiting))
        for (tp, _), position in zip(waiting, positions, strict=True):
            if position is not None:
                self.ledger.write(tp, generation, position)

    async def or_exit(self, work: Awaitable[T]) -> T:
        """Do it, or end the process; who stops may be cancelled."""
        return await or_exit(work, self.stopping)

    async def close(self) -> None:
        """Commit what there is, and give all lanes up."""
        async with self._opening:
            await self._close()

    async def _close(self) -> None:
        await self.commit()
        lanes, self.lanes = self.lanes, {}
        self.metrics.brands.forget()
        await asyncio.gather(*(lane.close() for lane in lanes.values()))


async def _read_states(kafka: Kafka, wanted: list[State]) -> dict[State, dict[str, bytes]]:
    """The committed parts of some state partitions."""
    found: dict[State, dict[bytes, bytes]] = {state: {} for state in wanted}
    async for record in read_to_end(kafka, wanted):
        parts = found[record.topic, record.partition]
        if record.value is None:
            parts.pop(record.key, None)
        else:
            parts[record.key] = record.value
    return {state: joined(parts) for state, parts in found.items()}


class App(faust.App):
    """A Faust app with our transport, and probes from its first moment: Faust's own tasks wait for the lanes."""

    lanes: Worker
    listen: Address | None = None

    async def on_start(self) -> None:
        await super().on_start()
        if self.listen is not None:
            await self.lanes.or_exit(_serve(self.listen, self.lanes))

    def _new_transport(self) -> Transport:
        consumer = type("LaneConsumer", (Consumer,), {"lanes": self.lanes})
        transport = type("LaneTransport", (Transport,), {"Consumer": consumer})
        made: Transport = transport(self.conf.broker_consumer, self, loop=self.loop)
        return made


def create_app(
    configuration: Configuration, folder: str, listen: Address | None = None, agents: Sequence[str] = AGENTS
) -> App:
    """The app of a worker with these agents; its probes are served on `listen`.

    Each choice of agents is a group of its own: one that detects and one that does both must not share partitions.
    """
    kafka = configuration.kafka
    app = App(
        f"{kafka.prefix}.{'-'.join(agents)}",
        broker=[URL(f"kafka://{address}") for address in kafka.bootstrap],
        broker_credentials=credentials(connecting(kafka)),
        datadir=folder,
        store="memory://",
        topic_allow_declare=False,
        topic_disable_leader=True,
        table_standby_replicas=0,
        web_enabled=False,
        consumer_auto_offset_reset="earliest",
        broker_session_timeout=kafka.session_seconds,
        broker_heartbeat_interval=kafka.session_seconds / 4,
        broker_rebalance_timeout=REBALANCE_SECONDS,
        broker_request_timeout=REBALANCE_SECONDS,
        broker_max_poll_records=CHUNK_RECORDS,
        broker_commit_interval=1.0,
        stream_buffer_maxsize=BUFFERED_CHUNKS,
        worker_redirect_stdouts=False,
        topic_partitions=kafka.partitions,
        autodiscover=False,
    )
    worker = app.lanes = Worker(configuration)
    app.listen = listen
    inputs = {"detect": worker.topics.mentions, "track": worker.topics.brand_mentions}
    for name in (inputs[agent] for agent in agents):
        topic = app.topic(name, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")
        app.agent(topic, name=name, concurrency=1)(_loop(worker))

    def fetched(tp: TP) -> tuple[int, int] | None:
        reader: Any = cast("Consumer", app.consumer)._thread._consumer  # noqa: SLF001 - Faust's own highwater is that of what may be aborted
        subscription = reader._subscription.subscription  # noqa: SLF001 - as above
        assignment = subscription and subscription.assignment
        state = assignment and assignment.state_value(tp)  # none while the group changes
        if not state or state.lso is None or not state.has_valid_position:
            return None
        return state.position, state.lso

    worker.fetched = fetched
    worker.pause = lambda tp: app.consumer.pause_partitions({tp})
    worker.stopping = lambda: app.should_stop

    @app.task  # type: ignore[untyped-decorator]  # Faust ships no type for it
    async def commit() -> None:
        await worker.or_exit(_commit(worker))

    @app.on_partitions_revoked.connect
    async def close(*_: Any, **__: Any) -> None:
        await worker.or_exit(worker.close())

    @app.on_before_shutdown.connect
    async def stop(*_: Any, **__: Any) -> None:
        await worker.or_exit(worker.close())

    return app


async def _serve(listen: Address, worker: Worker) -> None:
    await serve(listen, worker.metrics, worker.health)


async def _commit(worker: Worker) -> None:
    while not worker.stopping():
        await asyncio.sleep(COMMIT_SECONDS)
        worker.listen(now_ms())
        worker.watch()
        await worker.commit()


def _loop(worker: Worker) -> Callable[[Any], Awaitable[None]]:
    """The one loop of an agent. Nothing leaves it but the process: what Faust does after an exception loses records."""

    async def loop(stream: Any) -> None:
        await worker.or_exit(_take(worker, stream))

    return loop


async def _take(worker: Worker, stream: Any) -> None:
    async for event in stream.events():
        message = event.message
        await worker.take(message.tp, message.value, message.generation_id)
        await asyncio.sleep(0)


async def or_exit(work: Awaitable[T], stopping: Callable[[], bool]) -> T:
    """Do it, or end the process: whoever comes next goes on after the last commit.

    Cancelled is as bad as failed, unless the worker stops: Faust says nothing of a task that is gone, and nobody would
    commit any more.
    """
    try:
        return await work
    except (Refused, WrongSettings) as refusal:
        log.critical("%s", refusal)
        logging.shutdown()
        os._exit(1)
    except BaseException as error:
        if isinstance(error, asyncio.CancelledError | GeneratorExit) and stopping():
            raise
        log.critical("the worker ends, to be started again: what was not committed is done again", exc_info=True)
        logging.shutdown()
        os._exit(FAILED)
