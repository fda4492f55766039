"""A lane, with a producer that is as slow as the test wants."""

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.producer.message_accumulator import BatchBuilder
from faust.types import TP

from agents.configuration import Configuration
from agents.runtime import lane as lane_module
from agents.runtime.lane import Broken, Lane
from agents.runtime.lanes import Lanes
from agents.runtime.outbox import Outbox
from agents.runtime.transport import Bounds
from listener.state import Parts


class SlowProducer:
    """Takes transactions, each when it is let through."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.begun = False

    async def begin_transaction(self) -> None:
        assert not self.begun, "two transactions at once"
        self.begun = True
        await self.gate.wait()

    def create_batch(self) -> BatchBuilder:
        return BatchBuilder(900_000, 0)

    async def send_batch(self, *_: Any, **__: Any) -> asyncio.Future[None]:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done

    async def commit_transaction(self) -> None:
        await asyncio.sleep(0)
        self.begun = False

    async def stop(self) -> None:
        assert not self.begun, "stopped within a transaction"


class Adding:
    """Adds the values up; a value of 0 breaks it when the sum is half changed, one below 0 is bad."""

    may_break = True

    def __init__(self, parts: dict[str, bytes], broken: Sequence[Broken]) -> None:
        self.position, self.sum, self.bad_in_a_row = map(int, parts.get("all", b"0 0 0").split())
        self.urgent = False
        self._left_out = {failure.leave_out for failure in broken}

    def take(self, records: Sequence[Any], outbox: Outbox) -> None:
        for record in records:
            bad = record.value < 0 or record.offset in self._left_out
            self.bad_in_a_row = self.bad_in_a_row + 1 if bad else 0
            if bad:
                continue
            self.sum += 1_000_000
            if not record.value:
                raise Broken(record.offset, ZeroDivisionError())
            self.sum += record.value - 1_000_000
        self.position = records[-1].offset + 1

    through = None

    def finish(self, outbox: Outbox) -> None: ...

    def listen(self, now: int) -> None:
        self.sum += now

    def take_changes(self) -> Parts:
        return {"all": f"{self.position} {self.sum} {self.bad_in_a_row}".encode()}


class LateLane(Lane):
    """Whoever breaks wakes up last: nobody promises an order."""

    async def settled(self) -> None:
        await super().settled()
        if self._half_changed:
            for _ in range(10):
                await asyncio.sleep(0)


def a_lane(producer: SlowProducer, most_bad: int = 0, parts: dict[str, bytes] | None = None) -> Lane:
    return LateLane("t/0", ("state", 0), parts or {}, Adding, producer, 1, lambda *_: None, most_bad)


def chunk(*values: int, first: int) -> list[Any]:
    return [SimpleNamespace(offset=first + place, value=value) for place, value in enumerate(values)]


async def test_a_record_that_breaks_the_state_is_left_out_and_the_others_count() -> None:
    producer = SlowProducer()
    producer.gate.set()
    lane = a_lane(producer)
    await lane.take(chunk(1, 0, 2, 0, 4, first=0))
    await lane.commit()
    assert lane.committed == {"all": b"5 7 0"}


async def test_a_state_that_is_half_changed_is_never_committed() -> None:
    """A rebalance commits and closes all lanes, also one that waits for its commit to come again after a bad record."""
    producer = SlowProducer()
    lane = a_lane(producer)
    await lane.take(chunk(1, first=0))
    committing = asyncio.create_task(lane.commit())
    closing = asyncio.create_task(lane.commit())
    await asyncio.sleep(0)
    again = asyncio.create_task(lane.commit())
    broken = asyncio.create_task(lane.take(chunk(2, 0, 4, first=1)))
    await asyncio.sleep(0)
    producer.gate.set()
    await asyncio.gather(committing, closing, again, broken)
    assert lane.committed == {"all": b"1 1 0"}
    await lane.commit()
    assert lane.committed == {"all": b"4 7 0"}


async def test_what_was_taken_while_a_commit_was_on_its_way_is_in_the_next() -> None:
    producer = SlowProducer()
    lane = a_lane(producer)
    await lane.take(chunk(1, first=0))
    committing = asyncio.create_task(lane.commit())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await lane.take(chunk(2, first=1))
    producer.gate.set()
    await committing
    assert lane.committed == {"all": b"1 1 0"}
    await lane.commit()
    assert lane.committed == {"all": b"2 3 0"}


async def test_what_was_committed_before_is_not_taken_again() -> None:
    lane = a_lane(SlowProducer())
    await lane.take(chunk(1, 2, first=0))
    await lane.take(chunk(1, 2, 4, first=0))
    assert lane.work.position == 3


async def test_a_lane_pauses_after_so_many_bad_records_in_a_row_and_commits_what_it_has() -> None:
    producer = SlowProducer()
    producer.gate.set()
    lane = a_lane(producer, most_bad=3)
    await lane.take(chunk(-1, -1, 1, -1, first=0))
    assert not lane.paused
    await lane.take(chunk(-1, -1, first=4))
    assert "3 records in a row" in lane.paused
    await lane.take(chunk(2, first=6))
    await lane.commit()
    assert lane.committed == {"all": b"6 1 3"}


async def test_a_lane_that_is_opened_again_is_still_paused() -> None:
    assert a_lane(SlowProducer(), 3, {"all": b"6 1 3"}).paused


async def test_a_lane_that_goes_on_takes_whatever_comes() -> None:
    lane = a_lane(SlowProducer(), 0, {"all": b"6 1 3"})
    await lane.take(chunk(-1, 2, first=6))
    assert (lane.paused, lane.work.position) == ("", 8)


async def test_a_lane_whose_records_all_break_their_trackers_pauses_where_it_last_committed() -> None:
    producer = SlowProducer()
    producer.gate.set()
    lane = a_lane(producer, most_bad=3)
    await lane.take(chunk(1, first=0))
    await lane.commit()
    await lane.take(chunk(0, 0, 0, 2, first=1))
    assert not lane.paused
    await lane.commit()
    await lane.take(chunk(2, 0, 0, 0, 0, 4, first=5))
    assert "break their trackers" in lane.paused
    assert await lane.commit() is None
    assert lane.committed == {"all": b"5 3 0"}


async def test_what_a_lane_is_told_of_the_time_is_committed_though_it_took_nothing() -> None:
    producer = SlowProducer()
    producer.gate.set()
    lane = a_lane(producer)
    assert await lane.commit() is None
    lane.listen(1000)
    assert await lane.commit() == 0
    assert lane.committed == {"all": b"0 1000 0"}
    assert await lane.commit() is None


async def test_two_who_wait_for_a_commit_do_not_commit_at_the_same_time() -> None:
    producer = SlowProducer()
    lane = a_lane(producer)
    await lane.take(chunk(1, first=0))
    first = asyncio.create_task(lane.commit())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await lane.take(chunk(2, first=1))
    others = [asyncio.create_task(lane.commit()) for _ in range(2)]
    await asyncio.sleep(0)
    producer.gate.set()
    await asyncio.gather(first, *others)
    assert lane.committed == {"all": b"2 3 0"}


async def test_what_breaks_before_a_commit_has_begun_is_neither_in_it_nor_lost() -> None:
    """The task of the commit waits for its turn; a chunk that is taken first must not go with it."""
    producer = SlowProducer()
    producer.gate.set()
    lane = a_lane(producer)
    await lane.take(chunk(1, first=0))
    await asyncio.gather(lane.commit(), lane.take(chunk(2, 0, 4, first=1)))
    await lane.commit()
    assert lane.committed == {"all": b"4 7 0"}


class Pieces:
    """A chunk that comes in these pieces."""

    def __init__(self, *pieces: list[Any]) -> None:
        self._pieces = pieces
        self.next_offset = pieces[-1][-1].offset + 1

    def pieces(self, _: int) -> list[list[Any]]:
        return list(self._pieces)


async def while_a_commit_is_slow(monkeypatch: pytest.MonkeyPatch) -> tuple[SlowProducer, Lanes, TP, asyncio.Task[None]]:
    """Lanes of which one takes a chunk of two pieces beside a commit that waits for the broker."""
    monkeypatch.setattr(lane_module, "SLOW", 0.0)
    producer, lanes = SlowProducer(), Lanes(Configuration(brands=()), ("track",))
    tp = TP(lanes.topics.brand_mentions, 0)
    lane = lanes.held[tp] = a_lane(producer)
    await lane.take(chunk(1, first=0))
    committing = asyncio.create_task(lane.commit())
    await asyncio.sleep(0.01)
    taken: Any = Pieces(chunk(2, first=1), chunk(4, first=2))
    taking = asyncio.create_task(lanes.take(tp, taken, lanes.generation))
    await asyncio.sleep(0.01)
    assert not committing.done()
    assert lane.work.position == 1
    return producer, lanes, tp, taking


async def test_no_more_is_taken_while_a_commit_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    producer, lanes, tp, taking = await while_a_commit_is_slow(monkeypatch)
    producer.gate.set()
    await taking
    assert lanes.held[tp].work.position == 3


async def test_a_lane_that_was_given_up_meanwhile_takes_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    producer, lanes, tp, taking = await while_a_commit_is_slow(monkeypatch)
    given_up = lanes.held.pop(tp)
    producer.gate.set()
    await taking
    assert given_up.work.position == 1


async def test_a_lane_that_is_closed_lets_the_commit_on_its_way_end() -> None:
    producer = SlowProducer()
    lane = a_lane(producer)
    await lane.take(chunk(1, first=0))
    committing = asyncio.create_task(lane.commit())
    await asyncio.sleep(0.01)
    closing = asyncio.create_task(lane.close())
    await asyncio.sleep(0.01)
    producer.gate.set()
    await asyncio.gather(committing, closing)
    assert lane.committed == {"all": b"1 1 0"}


async def test_a_lane_that_cannot_be_closed_in_time_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    class Hanging(SlowProducer):
        async def stop(self) -> None:
            await asyncio.Event().wait()

    monkeypatch.setattr(lane_module, "DEADLINE", 0.01)
    with pytest.raises(TimeoutError):
        await a_lane(Hanging()).close()


def held(position: int = 0) -> tuple[Lanes, Lane, TP]:
    """Lanes with one that is held."""
    lanes = Lanes(Configuration(brands=()), ("track",))
    tp = TP(lanes.topics.brand_mentions, 0)
    producer = SlowProducer()
    producer.gate.set()
    lane = lanes.held[tp] = a_lane(producer, 0, {"all": b"%d 0 0" % position})
    return lanes, lane, tp


async def test_a_lane_with_input_that_commits_nothing_for_a_minute_is_told(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    lanes, lane, _ = held()
    await lane.take(chunk(1, first=0))
    lanes.watch()
    assert lanes.health().alive
    monkeypatch.setattr("agents.runtime.lanes.STUCK_SECONDS", -1.0)
    lanes.watch()
    lanes.watch()
    assert not lanes.health().alive
    assert [record.levelname for record in caplog.records] == ["CRITICAL"]
    assert "committed nothing" in caplog.text


async def test_a_lane_that_was_idle_for_long_is_not_stuck_as_soon_as_it_has_input(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lanes, lane, tp = held(7)
    lane.moved_at -= 100
    lane.level_at -= 100
    lag = 0
    monkeypatch.setattr(lanes, "lag", lambda _: lag)
    lanes.watch()
    lag = 5
    assert lanes.health().alive
    lane.level_at -= 100
    assert lanes.health().details["stuck"] == [lane.name]
    assert tp in lanes.held


async def test_what_was_deleted_before_it_was_read_is_counted_once() -> None:
    lanes, lane, tp = held(7)
    assert lanes.check({tp: Bounds(10, 20, 7)}) == {tp: 10}
    assert lanes.check({tp: Bounds(10, 20, 7)}) == {tp: 10}
    assert lanes.metrics.registry.get_sample_value("listener_lost_records_total") == 3
    assert await lane.commit() == 10


async def test_markers_behind_the_last_record_that_are_deleted_with_it_are_no_loss() -> None:
    lanes, lane, tp = held()
    markers: Any = Pieces(chunk(1, first=0))
    markers.next_offset = 3
    await lanes.take(tp, markers, lanes.generation)
    assert await lane.commit() == 3
    lanes.check({tp: Bounds(3, 3, 3)})
    assert lanes.metrics.registry.get_sample_value("listener_lost_records_total") == 0
