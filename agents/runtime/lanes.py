"""The lanes of a worker: one for each input partition that the group has given it."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from aiokafka import AIOKafkaProducer
from faust.types import TP

from agents.ahead import Ahead
from agents.clock import now_ms
from agents.configuration import Configuration, Kafka
from agents.detect import SharedMatcher
from agents.metrics import LaneFigures, Metrics
from agents.reader import standard_reader
from agents.runtime.connection import connecting
from agents.runtime.fail_stop import Refused, or_exit
from agents.runtime.lane import DEADLINE, Broken, Lane, Work, joined
from agents.runtime.outbox import LARGEST_BATCH, Outbox
from agents.runtime.reading import read_to_end
from agents.runtime.topics import TopicPartition, Topics
from agents.runtime.transport import Bounds, Chunk, Ledger
from agents.runtime.work import DetectWork, TrackWork
from agents.scorers import with_scorers
from agents.web.probes import Health

TRANSACTION_SECONDS = 15
STUCK_SECONDS = 60.0
LISTEN_MS = 5_000  # as often as a live source sends heartbeats: each goes to all partitions
PIECE_RECORDS = 250  # worked through together: as much as stays in the processor's caches
AGENTS = ("detect", "track")  # which share an app
NOTIFY = ("notify",)  # which has one of its own: a receiver that hangs must not stop them

T = TypeVar("T")
Maker = Callable[[dict[str, bytes], Sequence[Broken], int], Work]  # from parts of a state, for a partition
log = logging.getLogger(__name__)


class Lanes:
    """The lanes of this process, which has these agents, and how they are opened, fed, committed and closed."""

    def __init__(self, configuration: Configuration, agents: Sequence[str] = AGENTS) -> None:
        self.kafka = configuration.kafka
        self.topics = Topics.of(self.kafka)
        self.ledger = Ledger()
        self.held: dict[TP, Lane] = {}
        self.generation = -1
        self.handed: dict[TP, int] = {}
        self._taken: dict[TP, int] = {}  # the offset after all that was worked through
        self.metrics = Metrics()
        expected = NOTIFY if tuple(agents) == NOTIFY else AGENTS
        self.metrics.lanes(dict.fromkeys(expected, self.kafka.partitions), self._figures)
        for agent in expected:
            self.metrics.commit_seconds.labels(agent)  # from 0 on: who never commits must be seen
        self.details: Callable[[], dict[str, Any]] = dict  # what an agent adds to its health
        self.fetched: Callable[[TP], tuple[int, int] | None] = lambda tp: None
        self.pause: Callable[[TP], None] = lambda tp: None
        self.stopping: Callable[[], bool] = lambda: False
        self._listen_next = 0
        self._known_stuck: set[str] = set()
        self._ahead = Ahead("kafka.prefix")
        self.makers: dict[str, Maker] = {"track": self._track_work}  # that of notify is added by its own module
        if "detect" in agents:
            self.makers["detect"] = self._detect_maker(configuration)
        self._opening = asyncio.Lock()

    async def open(self, partitions: Iterable[TP], generation: int) -> None:
        """Open a lane for each partition. Raise what the broker answers."""
        async with self._opening:
            await self._close()
            began = time.monotonic()
            wanted = sorted(partitions)
            producers = await self._producers(wanted)
            states = await _read_states(self.kafka, [self._state_of(tp) for tp in wanted])
            for tp, producer in zip(wanted, producers, strict=True):
                self.held[tp] = Lane(
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

    def check(self, bounds: Mapping[TP, Bounds]) -> dict[TP, int]:
        """Refuse what would lose or repeat silently, and say aloud, once, what is lost already. Raise Refused.

        Return where each lane goes on.
        """
        for tp, (begin, end, committed) in bounds.items():
            lane = self.held.get(tp)
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
                lane.pass_to(begin, commit=True)
        return {tp: lane.work.position for tp, lane in self.held.items()}

    def hint_refused(self) -> None:
        """The group has not kept the offsets that it was told."""
        self.metrics.hints_refused.inc()

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

    def _state_of(self, tp: TP) -> TopicPartition:
        topics = self.topics
        states = {"detect": topics.detect_state, "track": topics.track_state, "notify": topics.notify_state}
        return states[self._agent_of(tp)], tp.partition

    def _work_of(self, tp: TP) -> Callable[[dict[str, bytes], Sequence[Broken]], Work]:
        make = self.makers[self._agent_of(tp)]
        return lambda parts, broken: make(parts, broken, tp.partition)

    def _track_work(self, parts: dict[str, bytes], broken: Sequence[Broken], lane: int) -> Work:
        return TrackWork(parts, self.topics, lane, self.kafka.partitions, self.metrics, broken)

    def _detect_maker(self, configuration: Configuration) -> Maker:
        reader = standard_reader(calibrated=configuration.sentiment.calibrated)
        reader = with_scorers(reader, configuration.scorers)
        matcher = SharedMatcher()

        def make(parts: dict[str, bytes], broken: Sequence[Broken], lane: int) -> Work:
            return DetectWork(
                parts,
                reader,
                self.topics,
                lane,
                self.kafka.partitions,
                self.metrics,
                topic_is_clock=self.kafka.clock == "topic",
                matcher=matcher,
            )

        return make

    async def take(self, tp: TP, chunk: Chunk, generation: int) -> None:
        """Work through a chunk, if its partition is still ours."""
        lane = self.held.get(tp)
        if lane is None or generation != self.generation:
            return
        if lane.paused:  # what was fetched before is read again by whoever opens the lane
            self.pause(tp)
            return
        agent = self._agent_of(tp)
        count = 0
        with self.metrics.batch_seconds.labels(agent).time():
            for records in chunk.pieces(PIECE_RECORDS):
                await self._let_commits_through()
                if self.held.get(tp) is not lane:
                    break
                await lane.take(records)
                count += len(records)
        self.metrics.batch_records.labels(agent).observe(count)
        self.metrics.records_in.labels(self._log_of(tp.topic)).inc(count)
        if self.held.get(tp) is not lane:  # the group has changed meanwhile: whoever opens it reads the rest
            return
        if lane.paused:
            self.pause(tp)
        else:
            lane.pass_to(chunk.next_offset)
            self._taken[tp] = chunk.next_offset
        if lane.work.urgent:
            await self._commit([tp])

    def _agent_of(self, tp: TP) -> str:
        return {self.topics.mentions: "detect", self.topics.alerts: "notify"}.get(tp.topic, "track")

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
        lane, bounds = self.held.get(tp), self.fetched(tp)
        if lane is None or bounds is None:
            return None
        position = lane.work.position
        fetched, end = bounds
        level = fetched >= end and self._taken.get(tp, 0) >= self.handed.get(tp, 0)
        return 0 if level else max(0, end - position)

    def position(self) -> int:
        """A number that stands still while nothing is worked through."""
        return sum(self._taken.values())

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
            for tp, lane in self.held.copy().items()  # read from another thread
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
            for tp, lane in self.held.items()
        }
        stuck = [lane.name for tp, lane in self.held.items() if self._is_stuck(tp, lane, now)]
        ready = self.generation >= 0 and not self._opening.locked()
        details = {"generation": self.generation, "stuck": stuck, "lanes": lanes, **self.details()}
        return Health(ready, not stuck, details)

    def _is_stuck(self, tp: TP, lane: Lane, now: float) -> bool:
        if now - max(lane.moved_at, lane.level_at) <= STUCK_SECONDS:
            return False
        return lane.waiting or (bool(self.lag(tp)) and not lane.paused)

    def listen(self, now: int) -> None:
        """Tell the level lanes of detect the time, ms of the wall clock, where the topic of mentions is the clock."""
        if self.kafka.clock == "topic" and now >= self._listen_next:
            self._listen_next = now + LISTEN_MS
            for tp, lane in self.held.items():
                if self._agent_of(tp) == "detect" and self.lag(tp) == 0:
                    lane.listen(now)

    def watch(self) -> None:
        """Say aloud, once, which lanes have input and do not commit it, and which lie ahead of the wall clock."""
        for tp, lane in self.held.items():
            if not lane.waiting and self.lag(tp) == 0:
                lane.level_at = time.monotonic()
        stuck = set(self.health().details["stuck"])
        for name in sorted(stuck - self._known_stuck):
            log.critical("%s has input, and committed nothing for %.0f s", name, STUCK_SECONDS)
        self._known_stuck = stuck
        now = now_ms()
        for lane in self.held.values():
            told = self._ahead.of(lane.name, lane.work.through, now)
            if told is not None:
                log.critical("%s", told)

    async def _let_commits_through(self) -> None:
        """Wait for commits that are slow, or they would come to nothing within their deadline.

        A commit takes a dozen turns of the loop. Work that catches up (a pulse that closes thousands of windows) holds
        it for a second or three each time.
        """
        for lane in [lane for lane in self.held.values() if lane.commits_slowly]:
            await lane.settled()

    async def commit(self) -> None:
        """Commit all lanes that have something, together."""
        await self._commit([tp for tp, lane in self.held.items() if lane.waiting])

    async def commit_one(self, tp: TP) -> None:
        """Commit a lane, if it is held."""
        await self._commit([tp] if tp in self.held else [])

    async def _commit(self, partitions: Sequence[TP]) -> None:
        waiting = [(tp, self.held[tp]) for tp in partitions]
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
        lanes, self.held = self.held, {}
        self.metrics.brands.forget()
        await asyncio.gather(*(lane.close() for lane in lanes.values()))


async def _read_states(kafka: Kafka, wanted: list[TopicPartition]) -> dict[TopicPartition, dict[str, bytes]]:
    """The committed parts of some state partitions."""
    found: dict[TopicPartition, dict[bytes, bytes]] = {state: {} for state in wanted}
    async for record in read_to_end(kafka, wanted):
        parts = found[record.topic, record.partition]
        if record.value is None:
            parts.pop(record.key, None)
        else:
            parts[record.key] = record.value
    return {state: joined(parts) for state, parts in found.items()}
