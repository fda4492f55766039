"""What a broker refuses on the wire: a worker tries again where that helps, else it ends with exit code 70.

Only that can be shown here, see wire.py: what was refused is never claimed as done. That nothing is lost or doubled
then is shown on a real broker, in test_workers.py.
"""

import asyncio
import subprocess
from collections.abc import Iterator
from functools import cache
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from agents.configuration import Kafka
from agents.runtime import ingest
from agents.runtime.connection import connecting
from agents.runtime.fail_stop import FAILED
from agents.sources.history import Item
from tests.kafka import wire as on_the_wire
from tests.kafka.building import Cluster, embedded, stop, story_items, wait_for
from tests.kafka.wire import (
    ADD_PARTITIONS,
    END_TRANSACTION,
    FETCH,
    FIND_COORDINATOR,
    HANG_UP,
    HEARTBEAT,
    INIT_PRODUCER,
    JOIN,
    OFFSET_COMMIT,
    OFFSET_FETCH,
    PRODUCE,
    Wire,
    wire,
)

pytestmark = pytest.mark.timeout(60)

HALF = 1_500
OFFSET_OUT_OF_RANGE, NOT_LEADER, COORDINATOR_GONE, NOT_COORDINATOR, ILLEGAL_GENERATION = 1, 6, 15, 16, 22
UNKNOWN_MEMBER, TOPIC_FORBIDDEN, GROUP_FORBIDDEN, TOO_LARGE, WRONG_EPOCH, WRONG_STATE = 25, 29, 30, 10, 47, 48
CONCURRENT, PRODUCER_FORBIDDEN = 51, 53
_prefixes = count()


class Line(NamedTuple):
    """One lane of detect on a cluster that does as it is told."""

    wire: Wire
    cluster: Cluster

    def worker(self, before: str = "") -> "subprocess.Popen[bytes]":
        """Start a worker that detects."""
        return self.cluster.worker(
            f"from tests.kafka.wire import as_it_needs; as_it_needs()\n{before}", agents="detect"
        )

    def written(self) -> int:
        """How far its outputs go, asked without a fetch."""
        return asyncio.run(self._written())

    async def _written(self) -> int:
        outputs = TopicPartition(self.cluster.topics.brand_mentions, 0)
        async with AIOKafkaConsumer(**connecting(self.cluster.kafka)) as asking:
            ends: dict[TopicPartition, int] = await asking.end_offsets([outputs])
            return ends[outputs]

    def wait_until_all_is_there(self, items: tuple[Item, ...]) -> None:
        """Wait until all brand mentions of some items can be read."""
        wanted = brand_mentions(items)
        wait_for(lambda: self.written() >= len(wanted), 60, self.cluster.said)
        self.wire.relent(FETCH)
        wait_for(lambda: wanted <= {r.value for r in self.cluster.read(self.cluster.topics.brand_mentions)}, 10)


@cache
def brand_mentions(items: tuple[Item, ...]) -> set[bytes]:
    """What the embedded runtime finds in some items."""
    return set(embedded(items)["brand_mentions"])


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    """The first half of what it will read is there."""
    on_the_wire.as_it_needs(monkeypatch.setattr)
    with wire(brokers=2) as made:
        kafka = Kafka(bootstrap=made.addresses, prefix=f"wire{next(_prefixes)}", partitions=1, session_seconds=2)
        made.make_topics(kafka)
        cluster = Cluster(kafka, tmp_path)
        asyncio.run(ingest.push_settings(kafka, cluster.settings))
        cluster.ingest(story_items()[:HALF])
        made.forget()
        try:
            yield Line(made, cluster)
        finally:
            cluster.__exit__()


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (PRODUCE, TOO_LARGE),
        (PRODUCE, WRONG_EPOCH),
        (ADD_PARTITIONS, WRONG_EPOCH),
        (ADD_PARTITIONS, TOPIC_FORBIDDEN),
        (INIT_PRODUCER, PRODUCER_FORBIDDEN),
        (JOIN, GROUP_FORBIDDEN),
        (FIND_COORDINATOR, GROUP_FORBIDDEN),
        (OFFSET_FETCH, TOPIC_FORBIDDEN),
    ],
)
def test_what_is_refused_for_good_ends_the_worker_before_it_commits(line: Line, request_: int, error: int) -> None:
    line.wire.refuse(request_, error)
    assert line.worker().wait(20) == FAILED, line.cluster.said()
    assert line.wire.count(END_TRANSACTION) == 0
    assert line.wire.count(OFFSET_COMMIT) == 0


@pytest.mark.parametrize("error", [WRONG_EPOCH, WRONG_STATE])
def test_a_commit_that_is_refused_for_good_ends_the_worker_and_is_claimed_nowhere(line: Line, error: int) -> None:
    line.wire.refuse(END_TRANSACTION, error)
    assert line.worker().wait(20) == FAILED, line.cluster.said()
    assert line.wire.count(END_TRANSACTION) == 1
    assert line.wire.count(OFFSET_COMMIT) == 0


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (PRODUCE, NOT_LEADER),
        (PRODUCE, HANG_UP),
        (ADD_PARTITIONS, CONCURRENT),
        (INIT_PRODUCER, COORDINATOR_GONE),
        (END_TRANSACTION, COORDINATOR_GONE),
        (END_TRANSACTION, NOT_COORDINATOR),
        (END_TRANSACTION, HANG_UP),
        (FETCH, NOT_LEADER),
    ],
)
def test_what_is_refused_for_now_is_tried_again(line: Line, request_: int, error: int) -> None:
    line.wire.refuse(request_, error, times=2)
    worker = line.worker()
    line.wait_until_all_is_there(story_items()[:HALF])
    wait_for(lambda: line.wire.count(request_) > 2, 10)
    assert stop(worker) == 0, line.cluster.said()


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (FETCH, NOT_LEADER),
        (FETCH, HANG_UP),
        (FETCH, OFFSET_OUT_OF_RANGE),
        (HEARTBEAT, UNKNOWN_MEMBER),
        (HEARTBEAT, NOT_COORDINATOR),
        (OFFSET_COMMIT, ILLEGAL_GENERATION),
        (OFFSET_COMMIT, TOPIC_FORBIDDEN),
        (OFFSET_COMMIT, GROUP_FORBIDDEN),
    ],
)
def test_what_is_refused_to_a_worker_that_runs_does_not_end_it(line: Line, request_: int, error: int) -> None:
    """The group's offset too: it is a hint, and never worth a worker."""
    worker = line.worker()
    line.wait_until_all_is_there(story_items()[:HALF])
    line.wire.forget()
    line.wire.refuse(request_, error)
    line.cluster.ingest(story_items()[HALF : 2 * HALF])
    line.wait_until_all_is_there(story_items()[: 2 * HALF])
    wait_for(lambda: line.wire.count(request_) > 0, 10)
    assert worker.poll() is None
    assert stop(worker) == 0


@pytest.mark.parametrize(
    ("request_", "error"), [(FETCH, TOPIC_FORBIDDEN), (HEARTBEAT, GROUP_FORBIDDEN), (END_TRANSACTION, WRONG_EPOCH)]
)
def test_what_is_forbidden_to_a_worker_that_runs_ends_it(line: Line, request_: int, error: int) -> None:
    worker = line.worker()
    line.wait_until_all_is_there(story_items()[:HALF])
    line.wire.refuse(request_, error)
    if request_ == END_TRANSACTION:
        line.cluster.ingest(story_items()[HALF : 2 * HALF])
    assert worker.wait(20) == FAILED, line.cluster.said()


def test_a_slow_broker_slows_a_worker_down_and_no_more(line: Line) -> None:
    line.wire.delay(200)
    worker = line.worker()
    line.wait_until_all_is_there(story_items()[:HALF])
    assert stop(worker) == 0


def test_a_broker_that_takes_too_long_for_a_commit_ends_the_worker_and_nothing_is_claimed(line: Line) -> None:
    worker = line.worker("import agents.runtime.lane as lane; lane.DEADLINE = 1.0")
    line.wait_until_all_is_there(story_items()[:HALF])
    line.cluster.ingest(story_items()[HALF : 2 * HALF])
    line.wire.forget()
    line.wire.delay(4_000)
    assert worker.wait(20) == FAILED, line.cluster.said()
    assert "TimeoutError" in line.cluster.said()
    assert line.wire.count(END_TRANSACTION) == 0


def test_a_worker_stops_in_time_though_the_broker_hangs(line: Line) -> None:
    worker = line.worker()
    line.wait_until_all_is_there(story_items()[:HALF])
    line.cluster.ingest(story_items()[HALF : 2 * HALF])
    line.wire.delay(60_000)
    worker.terminate()
    assert worker.wait(15) == FAILED, line.cluster.said()


@pytest.mark.parametrize(("kind", "proof"), [("transaction", END_TRANSACTION), ("group", HEARTBEAT)])
def test_a_coordinator_that_moves_is_followed(line: Line, kind: str, proof: int) -> None:
    prefix = line.cluster.kafka.prefix
    key = f"{line.cluster.topics.mentions}/0" if kind == "transaction" else f"{prefix}.detect"
    line.wire.move_coordinator(kind, key, 1)
    worker = line.worker()
    line.wait_until_all_is_there(story_items()[:HALF])
    wait_for(lambda: line.wire.count(proof, 1) > 0, 10)
    assert line.wire.count(proof, 2) == 0
    line.wire.move_coordinator(kind, key, 2)
    line.cluster.ingest(story_items()[HALF : 2 * HALF])
    line.wait_until_all_is_there(story_items()[: 2 * HALF])
    wait_for(lambda: line.wire.count(proof, 2) > 0, 10)
    assert stop(worker) == 0
