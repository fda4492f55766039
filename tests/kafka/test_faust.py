"""What we replace in Faust and read inside aiokafka is still what it was when we looked."""

import asyncio
import inspect
from collections.abc import Awaitable
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiokafka
import faust
import pytest
from aiokafka.client import AIOKafkaClient
from aiokafka.consumer.fetcher import Fetcher, FetchResult, PartitionRecords
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.consumer.subscription_state import TopicPartitionState
from aiokafka.producer.message_accumulator import BatchBuilder
from faust.app.base import App
from faust.tables.recovery import Recovery
from faust.transport.consumer import Consumer
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread
from faust.types import TP

from agents.configuration import Configuration
from agents.runtime.kafka import REBALANCE_SECONDS, create_app
from agents.runtime.lane import DEADLINE
from agents.runtime.reading import PATIENCE
from agents.runtime.transport import OPENING_SECONDS, ConsumerThread, Ledger
from agents.runtime.transport import Consumer as OurConsumer

# Each with why it matters. Where one fails after an update: read the new source, then our own, then change the hash.
PINNED: dict[str, tuple[Any, str]] = {
    "we yield chunks where it yields records": (Consumer.getmany, "4b168d84882a"),
    "it takes offsets from our generator and commits them": (Consumer._commit_tps, "a20e230b05ae"),
    "it asks these two which offsets to commit": (Consumer._filter_committable_offsets, "dc5e9baf5d99"),
    "it awaits perform_seek before anything flows": (Recovery._resume_streams, "d986a6710c1a"),
    "it calls us back and drops what is older than it has read": (Consumer._drain_messages, "44a2500309e8"),
    "it makes the consumer whose isolation we change": (AIOKafkaConsumerThread._create_worker_consumer, "c2701bfc3e6f"),
    "it crashes where the group's offsets are refused": (AIOKafkaConsumerThread._commit, "932852ce7a23"),
    "it fetches where we put batches in the place of records": (AIOKafkaConsumerThread._fetch_records, "39a2c6c79fc1"),
    "aiokafka unpacks records, which we leave for later": (PartitionRecords._unpack_records, "b803e6d46480"),
    "it takes all that a fetch holds and moves its position": (FetchResult.getall, "3e717e30de50"),
    "it hands over whatever it has fetched": (Fetcher.fetched_records, "be4348896b9b"),
    "its batch is filled past its own append": (BatchBuilder.append, "657d76f55157"),
    "aiokafka keeps what the group refused until it is asked": (GroupCoordinator.check_errors, "ba6ca51ad348"),
    "it clears what is queued before it says what was revoked": (App._on_partitions_revoked, "d5c895bbe57d"),
}


def fingerprint(function: Any) -> str:
    return sha256(inspect.getsource(function).encode()).hexdigest()[:12]


@pytest.mark.parametrize("what", PINNED)
def test_the_source_that_we_rely_on_is_the_one_that_we_read(what: str) -> None:
    function, known = PINNED[what]
    assert fingerprint(function) == known


def test_the_versions_are_those_that_we_read() -> None:
    assert faust.__version__ == "0.15.3"
    assert aiokafka.__version__.startswith("0.14.")


def test_the_state_of_a_partition_has_what_lag_is_counted_from() -> None:
    assert isinstance(inspect.getattr_static(TopicPartitionState, "position"), property)
    assert "self.lso" in inspect.getsource(TopicPartitionState.__init__)


def test_the_group_is_told_of_what_was_done_in_its_own_generation_only() -> None:
    ledger = Ledger()
    tp = TP("mentions", 3)
    assert ledger.next_offset(tp, 1) is None
    ledger.write(tp, 1, 17)
    assert ledger.partitions() == [tp]
    assert ledger.next_offset(tp, 1) == 17
    assert ledger.next_offset(tp, 2) is None


class OpenedLanes:
    """Lanes that open, and let whatever is raised through."""

    async def open(self, *_: Any) -> None:
        """There are none."""

    def check(self, bounds: Any) -> dict[TP, int]:
        return {TP("mentions", 3): 17}

    async def or_exit(self, work: Awaitable[Any]) -> Any:
        return await work


class OfAThreadThatEnded(OurConsumer):
    """A consumer whose reader is gone."""

    def __init__(self, *, stopping: bool, lanes: OpenedLanes | None = None) -> None:
        app: Any = SimpleNamespace(should_stop=stopping, consumer_generation_id=1)
        self.app = app
        self.lanes = lanes or OpenedLanes()  # type: ignore[misc, assignment]  # a fake of the class's own

    def assignment(self) -> set[TP]:
        return {TP("mentions", 3)}

    async def _bounds(self, assignment: set[TP]) -> Any:
        raise RuntimeError("Event loop is closed")


async def test_who_stops_while_lanes_are_opened_does_not_fail() -> None:
    await OfAThreadThatEnded(stopping=True).perform_seek()


async def test_a_reader_that_ends_while_nobody_stops_it_is_a_failure() -> None:
    with pytest.raises(RuntimeError):
        await OfAThreadThatEnded(stopping=False).perform_seek()


class OpeningForEver(OpenedLanes):
    """Lanes that wait for a broker that does not answer."""

    async def open(self, *_: Any) -> None:
        await asyncio.Event().wait()


async def test_an_opening_that_does_not_end_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Faust waits only so long for it, and then lets nothing flow for ever."""
    monkeypatch.setattr("agents.runtime.transport.OPENING_SECONDS", 0.01)
    with pytest.raises(TimeoutError):
        await OfAThreadThatEnded(stopping=False, lanes=OpeningForEver()).perform_seek()


def test_faust_awaits_an_opening_for_longer_than_we_do(tmp_path: Path) -> None:
    app = create_app(Configuration(brands=()), str(tmp_path))
    assert app.conf.broker_request_timeout > OPENING_SECONDS > PATIENCE + 4 * DEADLINE
    source = inspect.getsource(Recovery._resume_streams)
    assert "perform_seek(), timeout=self.app.conf.broker_request_timeout" in source


def test_requests_are_given_up_long_before_an_opening(monkeypatch: pytest.MonkeyPatch) -> None:
    reader: Any = SimpleNamespace(_client=SimpleNamespace())
    monkeypatch.setattr(AIOKafkaConsumerThread, "_create_worker_consumer", lambda *_: reader)
    thread: Any = object.__new__(ConsumerThread)
    thread.app = SimpleNamespace(conf=SimpleNamespace(broker_rebalance_timeout=REBALANCE_SECONDS))
    thread._create_worker_consumer(None)
    assert reader._client._request_timeout_ms == reader._request_timeout_ms == REBALANCE_SECONDS * 1000
    for made in (aiokafka.AIOKafkaConsumer, AIOKafkaClient):
        assert "self._request_timeout_ms = request_timeout_ms" in inspect.getsource(made.__init__)
