"""Workers on a real broker give what the embedded runtime gives, whatever happens to them."""

import random
import signal
import time

import pytest

from agents.runtime.kafka import FAILED
from tests.kafka.building import Cluster, differences, expected, stop, story_items

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(240)]


def test_the_story_has_something_to_find() -> None:
    assert expected()["alerts"].total() >= 4
    assert expected()["brand_mentions"].total() > 10_000


@pytest.mark.parametrize("cluster", [1, 4, 7], indirect=True)
def test_two_workers_give_what_the_embedded_runtime_gives(cluster: Cluster) -> None:
    workers = [cluster.worker(), cluster.worker()]
    cluster.ingest(story_items())
    cluster.wait_until_done(expected())
    assert differences(cluster.outputs(), expected()) == {}
    assert [stop(worker) for worker in workers] == [0, 0]
    assert differences(cluster.outputs(), expected()) == {}
    assert cluster.dead_letters() == []


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
    frozen = cluster.worker()
    cluster.ingest(items[: len(items) // 2])
    time.sleep(4)
    frozen.send_signal(signal.SIGSTOP)
    cluster.worker()
    cluster.ingest(items[len(items) // 2 :])
    cluster.wait_until_done(expected())
    frozen.send_signal(signal.SIGCONT)
    time.sleep(3)
    assert differences(cluster.outputs(), expected()) == {}


def test_workers_that_come_and_go_change_nothing(cluster: Cluster) -> None:
    cluster.worker()
    items = story_items()
    for turn in range(3):
        cluster.ingest(items[turn * len(items) // 3 : (turn + 1) * len(items) // 3])
        guest = cluster.worker()
        time.sleep(5)
        assert stop(guest) == 0
    cluster.wait_until_done(expected())
    assert differences(cluster.outputs(), expected()) == {}
    assert FAILED not in [worker.poll() for worker in cluster.workers]
