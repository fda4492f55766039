"""A partition that brings nothing but bad records is paused, and waits for a person."""

import json
from pathlib import Path
from urllib.request import urlopen

import pytest

from agents.configuration import Kafka
from tests.kafka.building import Cluster, differences, expected, stop, story_items, wait_for
from tests.ports import free_port

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(180)]


def paused(address: str) -> list[str]:
    """The lanes that a worker says are paused, once it has its lanes."""
    try:
        with urlopen(f"http://{address}/healthz", timeout=5) as answer:
            lanes = json.loads(answer.read())["lanes"]
    except OSError:
        return ["no answer"]
    return [name for name, lane in lanes.items() if lane["paused"]] if lanes else ["no lanes"]


def test_only_the_lane_with_bad_records_pauses_and_it_goes_on_when_it_is_told_to(broker: str, tmp_path: Path) -> None:
    kafka = Kafka(bootstrap=(broker,), prefix="paused", session_seconds=2, most_bad=5)
    items = story_items()
    with Cluster(kafka, tmp_path) as cluster:
        cluster.ingest(items[: len(items) // 2])
        cluster.write(cluster.topics.mentions, [b"bad"] * 8)
        address = f"127.0.0.1:{free_port()}"
        lane = f"{cluster.topics.mentions}/0"
        worker = cluster.worker(listen=address)
        wait_for(lambda: paused(address) == [lane], 60, cluster.said)
        with urlopen(f"http://{address}/metrics", timeout=5) as answer:
            shown = answer.read().decode()
        assert 'listener_lane_paused{agent="detect",partition="0"} 1.0' in shown
        assert 'listener_lane_paused{agent="detect",partition="1"} 0.0' in shown
        cluster.write(cluster.topics.mentions, [b"bad"])
        cluster.ingest(items[len(items) // 2 :])
        assert stop(worker) == 0
        worker = cluster.worker(listen=address)
        wait_for(lambda: paused(address) == [lane], 60, cluster.said)
        wait_for(lambda: cluster.said().count("is paused: 8 records in a row") == 2, 10)
        assert stop(worker) == 0
        assert len(cluster.dead_letters()) == 8, "what came after the pause is left alone"
        cluster.worker("", None, "detect,track", "--go-on")
        cluster.wait_until_done(expected())
        assert differences(cluster.outputs(), expected()) == {}
        assert len(cluster.dead_letters()) == 9
