"""A real broker, started once a run."""

import shutil
import subprocess
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from agents.configuration import Kafka
from tests.conftest import lacking
from tests.kafka.building import Cluster
from tests.kafka.security import MUTUAL, Secrets, make_secrets
from tests.ports import free_ports

BROKER = Path(__file__).resolve().parents[2] / "deploy" / "dev-kafka" / "broker"
_prefixes = count()


@pytest.fixture(scope="session")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Secrets:
    """What the broker and its clients show each other."""
    if shutil.which("openssl") is None:
        lacking("kafka", "no certificates without openssl")
    return make_secrets(tmp_path_factory.mktemp("secrets"))


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory, secrets: Secrets) -> Iterator[str]:
    """The address of a broker of our own. Its secured ports are beside that, see security.py."""
    for command in ("java", "mvn"):
        if shutil.which(command) is None:
            lacking("kafka", f"no broker without {command}")
    port = free_ports(1 + MUTUAL)  # those after it are taken by the secured listeners
    data = tmp_path_factory.mktemp("broker")
    started = subprocess.run(
        [BROKER, "start", str(port), str(data), secrets.folder], capture_output=True, text=True, check=False
    )
    assert started.returncode == 0, started.stderr
    try:
        yield f"127.0.0.1:{port}"
    finally:
        subprocess.run([BROKER, "stop", str(data)], check=True, capture_output=True)
        shutil.rmtree(data, ignore_errors=True)


@pytest.fixture
def cluster(broker: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """Topics of our own, with as many partitions as the test's parameter says; its workers end with it."""
    partitions = getattr(request, "param", 4)
    kafka = Kafka(bootstrap=(broker,), prefix=f"test{next(_prefixes)}", partitions=partitions, session_seconds=2)
    with Cluster(kafka, tmp_path) as made:
        yield made
