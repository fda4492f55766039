"""One fault's round: topics of its own, workers, the stream flowing in, and how long it takes them to recover."""

import random
import sys
import time
from collections.abc import Callable
from concurrent.futures import TimeoutError as NoAnswer

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from agents.runtime import ingest
from agents.runtime.topics import Topics
from agents.sources.history import Item
from schemas.mention import Mention
from tests.bench._broker import Broker
from tests.bench._fleet import Fleet, Process
from tests.bench._proxy import Proxy
from tests.bench._watch import Aside, Watch
from tests.kafka.building import Cluster

TICK = 0.1
WORKERS = 2
PATIENCE = 120.0  # seconds without any commit: then nothing more will come


class Round:
    """What a fault can do, and what is seen meanwhile."""

    def __init__(
        self, cluster: Cluster, broker: Broker, proxy: Proxy, aside: Aside, expected_mentions: int, *, proxied: bool
    ) -> None:
        self.cluster, self.broker, self.proxy = cluster, broker, proxy
        self.fleet = Fleet(cluster, broker.through if proxied else None)
        self.chance = random.Random(cluster.kafka.prefix)
        self.recoveries: list[float] = []
        self.stalled = False
        self._aside = aside
        self._watch = Watch(cluster.kafka)
        self._following = aside.start(self._watch.follow())
        self._expected = expected_mentions
        self._since: float | None = None
        self._waiting_for: dict[TopicPartition, int] = {}
        self._moved = (0, time.monotonic())

    def flow(self, items: list[Item]) -> None:
        """Let the workers begin, and the stream flow in."""
        for _ in range(WORKERS):
            self.fleet.add()
        partitions = self.cluster.kafka.partitions
        self._logged = sum(1 if isinstance(item.record, Mention) else partitions for item in items)
        self._flowing = self._aside.start(ingest.ingest(self.cluster.kafka, iter(items)))

    def progress(self) -> float:
        """How much is done, about: 0 to 1, the mean of detect and track."""
        topics = Topics.of(self.cluster.kafka)
        done = {topics.mentions: 0, topics.brand_mentions: 0}
        for lane, position in self._watch.positions.items():
            done[lane.topic] += position
        return (
            min(1.0, done[topics.mentions] / self._logged) + min(1.0, done[topics.brand_mentions] / self._expected)
        ) / 2

    def flows(self) -> bool:
        """Whether there is still much to do."""
        return not self.stalled and self.progress() < 0.95

    def rest(self, seconds: float) -> None:
        """Let time pass."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._tick()

    def until(self, true: Callable[[], bool]) -> None:
        """Let time pass until something is so, or nothing moves any more."""
        while not true() and not self.stalled:
            self._tick()

    def reach(self, share: float) -> None:
        """Let time pass until so much is done."""
        self.until(lambda: self.progress() >= share)

    def mark(self) -> None:
        """A fault has just ended: from here on, how long until each lane that has something to do commits again?"""
        self._since = time.monotonic()
        try:
            busy = self._aside.run(self._watch.busy(), 10)
        except (KafkaError, OSError, TimeoutError, NoAnswer):
            busy = set(self._watch.commits)
        self._waiting_for = {lane: self._watch.commits[lane] for lane in busy}

    def leave(self, worker: Process) -> None:
        """Dismiss a worker, or who has taken its place, and wait until it is gone."""
        self.until(lambda: bool(self.fleet.workers))
        gone = self.fleet.dismiss(worker)
        self.until(lambda: gone.poll() is not None)

    def finish(self) -> None:
        """Let time pass until all is done, then let the workers go."""
        while not self.stalled and not (self._flowing.done() and self.progress() > 0.9 and self._level()):
            self.rest(1.0)
        self._flowing.result(60)
        for worker in list(self.fleet.workers):
            self.fleet.dismiss(worker)
        self.stalled |= not self.fleet.gone()
        self._following.cancel()

    def _level(self) -> bool:
        try:
            return self._aside.run(self._watch.level(), 60)
        except (KafkaError, OSError, TimeoutError, NoAnswer):
            return False

    def _tick(self) -> None:
        time.sleep(TICK)
        if self.fleet.tend():
            self.mark()
        self._look_for_recovery()
        commits = sum(self._watch.commits.values())
        if commits != self._moved[0]:
            self._moved = commits, time.monotonic()
        self.stalled = time.monotonic() - self._moved[1] > PATIENCE
        if sys.stdout.isatty():
            print(f"\r{self.progress():4.0%}", end="", flush=True)

    def _look_for_recovery(self) -> None:
        if self._since is None or any(self._watch.commits[lane] == was for lane, was in self._waiting_for.items()):
            return
        if self._waiting_for:
            self.recoveries.append(time.monotonic() - self._since)
        self._since = None
