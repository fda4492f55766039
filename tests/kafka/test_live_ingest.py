"""`listener ingest NAME` on a real broker: killed, stopped and replaced, it loses nothing and doubles nothing."""

import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from schemas.dead_letter import DeadLetter
from schemas.heartbeat import Heartbeat
from schemas.mention import Mention
from schemas.record import decoder
from tests.agents.building import START, a_post
from tests.kafka.building import ROOT, Cluster, as_toml, wait_for

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(240)]

SOURCE = '[[brands]]\nid = "acme"\nname = "Acme"\n[[sources]]\nname = "forum"\npath = "posts.jsonl"\nfollow = true\n'
_read = decoder(Mention, Heartbeat, DeadLetter)


def ingest(cluster: Cluster, *options: str) -> "subprocess.Popen[bytes]":
    """Begin to ingest the source; it ends with the cluster."""
    settings = cluster.folder / "live.toml"
    settings.write_text(SOURCE + as_toml(cluster.kafka))
    log = cluster.folder / f"worker-ingest{len(cluster.workers)}.txt"
    with log.open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "agents.cli", "ingest", "forum", "-c", str(settings), *options],
            cwd=cluster.folder,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=said,
            stderr=said,
        )
    cluster.workers.append(process)
    return process


def add(path: Path, *lines: bytes) -> None:
    with path.open("ab") as file:
        file.write(b"".join(line + b"\n" for line in lines))


def mentions(cluster: Cluster) -> list[tuple[int, Any]]:
    """The partition and the record of each mention and heartbeat in the topic of mentions."""
    found = [(record.partition, json.loads(record.value)) for record in cluster.read(cluster.topics.mentions)]
    return [(partition, value) for partition, value in found if not value["record"].startswith("settings")]


def ids(cluster: Cluster) -> Counter[str]:
    return Counter(value["id"] for _, value in mentions(cluster) if value["record"] == "mention/1")


def has(cluster: Cluster, least: int) -> bool:
    return ids(cluster).total() >= least


def test_killed_at_any_time_it_loses_nothing_and_doubles_nothing(cluster: Cluster) -> None:
    posts = cluster.folder / "posts.jsonl"
    draw = random.Random(3)
    written = 0
    for _ in range(4):
        process = ingest(cluster)
        for _ in range(10):
            add(posts, *(a_post(f"{n}") for n in range(written, written + 100)), b"oops")
            written += 100
        wait_for(partial(has, cluster, draw.randrange(1, written)), 30, cluster.said)
        process.kill()
        process.wait(10)
    process = ingest(cluster)
    wait_for(partial(has, cluster, written), 30, cluster.said)
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0, cluster.said()
    assert ids(cluster) == Counter(f"{n}" for n in range(written))
    assert len(cluster.dead_letters()) == 40


def test_heartbeats_go_everywhere_and_what_was_covered_outlives_a_restart(cluster: Cluster) -> None:
    posts = cluster.folder / "posts.jsonl"
    add(posts, a_post("a", START), a_post("b", root_id="a"), a_post("c", parent_id="a"))
    for _ in range(2):
        process = ingest(cluster)
        began = len(mentions(cluster))
        wait_for(lambda n=began: len(mentions(cluster)) > n + 8, 30, cluster.said)  # type: ignore[misc]  # mypy cannot tell
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0, cluster.said()
    found = mentions(cluster)
    assert len({partition for partition, value in found if value["record"] == "mention/1"}) == 1, "one thread"
    beats = [(partition, value) for partition, value in found if value["record"] == "heartbeat/1"]
    assert {partition for partition, _ in beats} == set(range(cluster.kafka.partitions))
    last = beats[-1][1]
    assert last["source"] == "forum"
    assert len(last["covered"]) == 1, "the file gave again what was written meanwhile"
    assert last["covered"][0][0] == beats[0][1]["covered"][0][0]


def test_a_second_one_of_the_same_name_takes_over(cluster: Cluster) -> None:
    posts = cluster.folder / "posts.jsonl"
    add(posts, a_post("a"))
    first = ingest(cluster)
    wait_for(partial(has, cluster, 1), 30, cluster.said)
    second = ingest(cluster)
    assert first.wait(30) == 1
    assert "has taken over" in cluster.said()
    add(posts, a_post("b"))
    wait_for(partial(has, cluster, 2), 30, cluster.said)
    assert second.poll() is None
    assert ids(cluster) == Counter(["a", "b"])
