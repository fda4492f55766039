"""Our Kafka worker as benches run it: a broker, topics of its own for each run, what it took, how far it is."""

import asyncio
import json
import logging
import re
import subprocess
import urllib.request
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from agents.configuration import Kafka
from agents.runtime import ingest
from agents.sources.history import Item
from schemas.settings import Settings
from tests.bench._processes import memory, tree_cpu
from tests.kafka.building import Cluster, wait_for
from tests.ports import free_port

PARTITIONS = 4
BROKER = Path(__file__).resolve().parents[2] / "deploy" / "dev-kafka" / "broker"
NOTED = "import tests.bench._noted"
LEVEL_SECONDS = 1.5  # a lane that has nothing to read and has not moved for so long is done
PATIENCE = 300.0
_numbers = count()


class Broker(NamedTuple):
    """A broker that runs: its address and its process."""

    address: str
    pid: int

    def kafka(self, name: str = "bench") -> Kafka:
        """Topics that nobody has used yet."""
        return Kafka(bootstrap=(self.address,), prefix=f"{name}{next(_numbers)}", partitions=PARTITIONS)


@contextmanager
def broker() -> Iterator[Broker]:
    """A broker for a bench, gone with its data at the end."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # fresh topics have no leader yet: it tries again, aloud
    port = free_port()
    with TemporaryDirectory() as data:
        subprocess.run([BROKER, "start", str(port), data], check=True, stdout=subprocess.DEVNULL)
        try:
            yield Broker(f"127.0.0.1:{port}", int((Path(data) / "pid").read_text()))
        finally:
            subprocess.run([BROKER, "stop", data], check=True, stdout=subprocess.DEVNULL)


class Run:
    """Workers on topics of their own that have taken the settings in, and wait for `go`."""

    def __init__(self, broker: Broker, cluster: Cluster, workers: int, agents: str, before: str) -> None:
        self.cluster = cluster
        self._broker = broker
        self._go = cluster.folder / "go"
        self._addresses = [f"127.0.0.1:{free_port()}" for _ in range(workers)]
        self._agents = agents
        self._before = f"{NOTED}\n{before}"
        self._broker_before = 0.0

    def start(self) -> None:
        """Start the workers, wait until all lanes are shared out, and let them take in the settings."""
        for address in self._addresses:
            self.cluster.worker(self._before, address, self._agents)
        lanes = len(self._agents.split(",")) * self.cluster.kafka.partitions
        wait_for(lambda: self._shared_out(lanes), 120, self.cluster.said)
        self._go.touch()
        wait_for(lambda: self._level(("mentions",)), PATIENCE, self.cluster.said)
        self._go.unlink()

    def _shared_out(self, lanes: int) -> bool:
        held = [len(health["lanes"]) if health else 0 for health in self.health()]
        return sum(held) == lanes and all(held)

    def go(self) -> None:
        """Let them work on what lies in the topics by now."""
        wait_for(lambda: bool(self.lag()), PATIENCE, self.cluster.said)
        for path in self.cluster.folder.glob("took-*.json"):
            path.unlink()
        self._broker_before = tree_cpu(self._broker.pid)
        self._go.touch()

    def health(self) -> list[dict[str, Any] | None]:
        """What each worker says of itself, None while it says nothing. One that has ended ends the bench."""
        assert all(worker.poll() is None for worker in self.cluster.workers), self.cluster.said()[-3000:]
        return [_asked(address) for address in self._addresses]

    def lag(self) -> int | None:
        """Records that wait in all lanes; None if a worker does not answer."""
        answers = self.health()
        lags = [lane["lag"] for health in answers if health for lane in health["lanes"].values()]
        return sum(lags) if all(answers) else None

    def wait(self) -> None:
        """Wait until all is read and committed."""
        wait_for(self._level, PATIENCE, self.cluster.said)

    def _level(self, read: Sequence[str] = ("mentions", "brand-mentions")) -> bool:
        """Whether nothing waits and nothing moves, and each lane of some topics has read something."""
        answers = self.health()
        lanes = {name: lane for health in answers if health for name, lane in health["lanes"].items()}
        topics = tuple(f"{self.cluster.kafka.prefix}.{topic}/" for topic in read)
        return all(answers) and all(
            lane["lag"] == 0
            and not lane["waiting"]
            and lane["seconds_since_it_moved"] > LEVEL_SECONDS
            and (lane["position"] or not name.startswith(topics))
            for name, lane in lanes.items()
        )

    def took(self) -> dict[str, float]:
        """Seconds from the first chunk to the last transaction of all workers, and what they used meanwhile."""
        told = [json.loads(path.read_text()) for path in self.cluster.folder.glob("took-*.json")]
        return {
            "wall": max(took["ended"] for took in told) - min(took["began"] for took in told),
            "cpu": sum(took["cpu"] for took in told),
            "detect": sum(took["detect"] for took in told),
            "track": sum(took["track"] for took in told),
            "broker": tree_cpu(self._broker.pid) - self._broker_before,
            "memory": sum(memory(worker.pid) for worker in self.cluster.workers),
            "state": self.state_bytes(),
        }

    def state_bytes(self) -> float:
        """Committed state of all lanes."""
        found = 0.0
        for address in self._addresses:
            with urllib.request.urlopen(f"http://{address}/metrics", timeout=30) as answer:
                text = answer.read().decode()
            found += sum(map(float, re.findall(r"^listener_state_bytes\{.*\} (.*)$", text, re.MULTILINE)))
        return found


def _asked(address: str) -> dict[str, Any] | None:
    try:
        with urllib.request.urlopen(f"http://{address}/healthz", timeout=30) as answer:
            told: dict[str, Any] = json.loads(answer.read())
    except OSError:
        return None
    return told


@contextmanager
def running(
    broker: Broker,
    settings: Settings,
    items: Iterable[Item] = (),
    agents: str = "detect,track",
    workers: int = 1,
    before: str = "",
) -> Iterator[Run]:
    """Workers that are about to read `items`; `go` lets them. `before` is Python that they run first."""
    kafka = broker.kafka()
    with TemporaryDirectory() as folder, Cluster(kafka, Path(folder), settings) as cluster:
        run = Run(broker, cluster, workers, agents, before)
        run.start()
        asyncio.run(ingest.ingest(kafka, iter(items)))
        yield run
