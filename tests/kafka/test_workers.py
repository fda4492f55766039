"""Workers on a real broker give what the embedded runtime gives, whatever happens to them."""

import asyncio
import json
import random
import signal
import time
from collections import Counter
from collections.abc import Sequence

import pytest
from aiokafka import AIOKafkaProducer
from msgspec.structs import replace

from agents.runtime.fail_stop import FAILED
from agents.sources.history import Item
from schemas.mention import Mention
from schemas.record import to_json
from tests.kafka.building import Cluster, cancelling, differences, expected, stop, story_items, wait_for

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(240)]


def test_the_story_has_something_to_find() -> None:
    told, alerts = expected(), [json.loads(alert) for alert in expected()["alerts"]]
    assert told["brand_mentions"].total() > 10_000
    assert told["retractions"].total() > 1_000
    opened = Counter(alert["rule"] for alert in alerts if alert["event"] in ("opened", "reopened"))
    assert opened["negative-spike"] >= 3
    assert opened["dead-source"] >= 4
    assert {"revised", "resolved"} <= {alert["event"] for alert in alerts}
    for because in (b'"because":"edited"', b'"because":"deleted"'):
        assert any(because in retraction for retraction in told["retractions"])
    for what in (b'"why":"thread"', b'"distance":2', b'"first_read"', b'"caught_up":true', b'"kind":"repost"'):
        assert any(what in mention for mention in told["brand_mentions"]), what


@pytest.mark.parametrize("cluster", [1, 4, 7], indirect=True)
def test_two_workers_give_what_the_embedded_runtime_gives(cluster: Cluster) -> None:
    workers = [cluster.worker(), cluster.worker()]
    cluster.ingest(story_items())
    cluster.wait_until_done(expected())
    assert differences(cluster.outputs(), expected()) == {}
    assert [stop(worker) for worker in workers] == [0, 0]
    assert differences(cluster.outputs(), expected()) == {}
    assert cluster.dead_letters() == []


async def write_and_abort(cluster: Cluster, items: Sequence[Item]) -> None:
    """Write mentions under other ids in a transaction that comes to nothing."""
    async with AIOKafkaProducer(
        bootstrap_servers=list(cluster.kafka.bootstrap), transactional_id="somebody-else"
    ) as producer:
        await producer.begin_transaction()
        for item in items:
            if isinstance(item.record, Mention):
                aborted = to_json(replace(item.record, id=f"{item.record.id}-aborted"))
                await producer.send(cluster.topics.mentions, aborted, item.record.id.encode())
        await producer.abort_transaction()


def test_what_was_written_in_a_transaction_that_came_to_nothing_is_not_read(cluster: Cluster) -> None:
    items = story_items()
    half = len(items) // 2
    cluster.ingest(items[:half])
    asyncio.run(write_and_abort(cluster, items[:2_000]))
    cluster.ingest(items[half:])
    cluster.worker()
    cluster.wait_until_done(expected())
    assert differences(cluster.outputs(), expected()) == {}


def test_workers_that_are_killed_lose_nothing_and_double_nothing(cluster: Cluster) -> None:
    chance = random.Random(1)
    items = story_items()
    for kill in range(5):
        cluster.ingest(items[kill * len(items) // 5 : (kill + 1) * len(items) // 5])
        worker = cluster.worker()
        time.sleep(chance.uniform(2.5, 6.0))
        worker.kill()
    cluster.worker()
    cluster.wait_until_done(expected())
    assert differences(cluster.outputs(), expected()) == {}


def test_a_worker_that_was_frozen_and_replaced_is_refused_when_it_wakes(cluster: Cluster) -> None:
    items = story_items()
    cluster.ingest(items[: len(items) // 2])
    frozen = cluster.worker()
    wait_for(lambda: bool(cluster.read(cluster.topics.brand_mentions)[50:]), 30, cluster.said)
    frozen.send_signal(signal.SIGSTOP)  # it has work in its hands
    cluster.worker()
    cluster.ingest(items[len(items) // 2 :])
    cluster.wait_until_done(expected())
    frozen.send_signal(signal.SIGCONT)
    assert frozen.wait(30) == FAILED
    assert differences(cluster.outputs(), expected()) == {}


def test_workers_that_come_and_go_change_nothing(cluster: Cluster) -> None:
    cluster.worker()
    items = story_items()
    for turn in range(3):
        cluster.ingest(items[turn * len(items) // 3 : (turn + 1) * len(items) // 3])
        guest = cluster.worker()
        time.sleep(5)
        assert stop(guest) == 0, cluster.said()[-6000:]
    cluster.wait_until_done(expected())
    assert differences(cluster.outputs(), expected()) == {}
    assert FAILED not in [worker.poll() for worker in cluster.workers]


def test_what_cannot_be_read_is_a_dead_letter_with_its_place_and_nothing_else_is_touched(cluster: Cluster) -> None:
    items = story_items()
    poison = [b"not JSON", b'{"record":"mention/1","id":5}', b"\xff\xfe", b'{"record":"trend/1"}']
    cluster.worker()
    cluster.ingest(items[: len(items) // 2])
    written = cluster.write(cluster.topics.mentions, poison) | cluster.write(cluster.topics.brand_mentions, poison)
    cluster.ingest(items[len(items) // 2 :])
    cluster.wait_until_done(expected())
    assert differences(cluster.outputs(), expected()) == {}
    assert {(letter.source, letter.position): letter.raw for letter in cluster.dead_letters()} == written
    assert all(letter.reason for letter in cluster.dead_letters())


BREAKS = """
from listener.tracker import Tracker
observe = Tracker.observe
def fragile(tracker, mention, turn):
    observe(tracker, mention, turn)
    if mention.mention.id == "boom":
        raise ZeroDivisionError("boom")
Tracker.observe = fragile
"""


def test_a_record_that_breaks_its_tracker_costs_nobody_else(cluster: Cluster) -> None:
    items = list(story_items())
    middle = len(items) // 2
    bad = next(item for item in items[middle:] if isinstance(item.record, Mention) and b"norvane" in item.raw)
    assert isinstance(bad.record, Mention)
    broken = replace(bad.record, id="boom")
    items.insert(middle, Item(broken, to_json(broken)))
    cluster.worker(BREAKS)
    cluster.ingest(tuple(items))
    cluster.wait_until_done(expected())
    found = cluster.outputs()
    found["brand_mentions"] = Counter(
        {value: count for value, count in found["brand_mentions"].items() if b'"id":"boom"' not in value}
    )
    assert differences(found, expected()) == {}
    letters = cluster.dead_letters()
    assert letters
    assert all("ZeroDivisionError: boom" in letter.reason for letter in letters)
    assert {letter.source.rpartition("/")[0] for letter in letters} == {cluster.topics.brand_mentions}
    assert FAILED not in [worker.poll() for worker in cluster.workers]


@pytest.mark.parametrize("method", ["lanes.Lanes.take", "lane.Lane.commit", "lane.Lane._transaction"])
def test_a_worker_of_which_a_part_is_cancelled_ends_and_the_next_goes_on(cluster: Cluster, method: str) -> None:
    """Faust would say nothing, or begin the loop anew: nobody would commit any more, or a chunk be lost."""
    cluster.ingest(story_items())
    worker = cluster.worker(cancelling(method, 3, 10))
    assert worker.wait(60) == FAILED
    cluster.worker()
    cluster.wait_until_done(expected())
    assert differences(cluster.outputs(), expected()) == {}


def test_a_worker_stops_politely_within_seconds_while_it_is_busy(cluster: Cluster) -> None:
    cluster.ingest(story_items())
    worker = cluster.worker()
    wait_for(lambda: bool(cluster.read(cluster.topics.brand_mentions)[100:]), 30, cluster.said)
    assert stop(worker) == 0


def test_a_worker_does_not_start_on_wrong_topics(cluster: Cluster) -> None:
    cluster.kafka = replace(cluster.kafka, partitions=3)
    worker = cluster.worker()
    assert worker.wait(20) == 1
    assert "has 4 partitions, the settings say 3" in cluster.said()


def test_a_lane_whose_state_was_deleted_is_refused(cluster: Cluster) -> None:
    """Its group says that it has read: to begin anew would count all twice, to go on would forget all."""
    worker = cluster.worker()
    cluster.ingest(story_items()[:5_000])
    wait_for(lambda: bool(cluster.read(cluster.topics.trends)), 30, cluster.said)
    time.sleep(2)
    assert stop(worker) == 0
    cluster.make_anew(cluster.topics.detect_state)
    assert cluster.worker().wait(30) == 1
    assert "the state is empty" in cluster.said()


def test_a_lane_beyond_the_end_of_its_topic_is_refused(cluster: Cluster) -> None:
    worker = cluster.worker()
    cluster.ingest(story_items()[:5_000])
    wait_for(lambda: bool(cluster.read(cluster.topics.trends)), 30, cluster.said)
    assert stop(worker) == 0
    cluster.make_anew(cluster.topics.mentions)
    assert cluster.worker().wait(30) == 1
    assert "was the topic made anew?" in cluster.said()
