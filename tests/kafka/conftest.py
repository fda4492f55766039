"""A real broker, started once a run."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from agents.configuration import Kafka
from tests.conftest import lacking
from tests.kafka.building import Cluster

BROKER = Path(__file__).resolve().parents[2] / "deploy" / "dev-kafka" / "broker"
_prefixes = count()


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a broker of our own."""
    for command in ("java", "mvn"):
        if shutil.which(command) is None:
            lacking("kafka", f"no broker without {command}")
    port = _free_ports()
    data = tmp_path_factory.mktemp("broker")
    started = subprocess.run([BROKER, "start", str(port), str(data)], capture_output=True, text=True, check=False)
    assert started.returncode == 0, started.stderr
    try:
        yield f"127.0.0.1:{port}"
    finally:
        subprocess.run([BROKER, "stop", str(data)], check=True, capture_output=True)
        shutil.rmtree(data, ignore_errors=True)


def _free_ports() -> int:
    """A port that is free, and so is the next one."""
    while True:
        with socket.socket() as one, socket.socket() as other:
            one.bind(("127.0.0.1", 0))
            port: int = one.getsockname()[1]
            try:
                other.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


@pytest.fixture
def cluster(broker: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """Topics of our own, with as many partitions as the test's parameter says; its workers end with it."""
    partitions = getattr(request, "param", 4)
    kafka = Kafka(bootstrap=(broker,), prefix=f"test{next(_prefixes)}", partitions=partitions, session_seconds=2)
    with Cluster(kafka, tmp_path) as made:
        yield made
