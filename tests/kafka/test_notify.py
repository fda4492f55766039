"""Notify as a worker of its own: it is killed, and who was told of an alert is told of its end under the same key."""

import json
import time
import urllib.request
from math import inf, nan
from pathlib import Path

import pytest

from agents.clock import now_ms
from agents.configuration import Kafka
from agents.runtime.kafka import TRACK_SECONDS
from schemas.mention import Mention
from schemas.record import to_json
from schemas.times import from_ms
from tests.bench._notified import Towers
from tests.bench._notify_service import an_event
from tests.kafka.building import Cluster, as_toml, wait_for
from tests.ports import free_port

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(120)]
NUMBER = 2  # of a receiver that is well


def test_a_killed_notify_ends_under_the_same_key_what_it_began(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BENCH_SECRET", "secret")
    with Towers() as towers:
        settings = towers.settings(cluster.folder, "0s")
        settings.write_text(settings.read_text() + as_toml(cluster.kafka))
        address = f"127.0.0.1:{free_port()}"
        worker = cluster.worker(agents="notify", listen=address)
        cluster.write(cluster.topics.alerts, [to_json(an_event(NUMBER)), b"no alert"])
        wait_for(lambda: bool(towers.pages), 40, cluster.said)
        wait_for(lambda: b'listener_notices_sent_total{kind="firing"' in _metrics(address), 30, cluster.said)
        worker.kill()
        worker.wait()
        cluster.worker(agents="notify")
        cluster.write(cluster.topics.alerts, [to_json(an_event(NUMBER, 2, "resolved"))])
        wait_for(lambda: not towers.pages[-1].firing, 40, cluster.said)
    assert {(page.receiver, page.alert) for page in towers.pages} == {(NUMBER, f"a{NUMBER}")}
    assert len({page.key for page in towers.pages}) == 1
    assert [(letter.source, letter.position) for letter in cluster.dead_letters()] == [
        (f"{cluster.topics.alerts}/0", 1)
    ]


def _metrics(address: str) -> bytes:
    with urllib.request.urlopen(f"http://{address}/metrics", timeout=10) as answer:
        found: bytes = answer.read()
        return found


def test_notify_knows_whether_track_gets_on(broker: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or its heartbeats would go on while nobody listens."""
    monkeypatch.setenv("BENCH_SECRET", "secret")
    kafka = Kafka(bootstrap=(broker,), prefix="alive", session_seconds=2, clock="topic")
    with Towers() as towers, Cluster(kafka, tmp_path) as cluster:
        post = Mention(id="x:1", text="Norvane", created_at=from_ms(now_ms()), ingested_at=from_ms(now_ms()))
        cluster.write(cluster.topics.mentions, [to_json(post)])
        settings = towers.settings(cluster.folder, "0s")
        settings.write_text(settings.read_text() + as_toml(cluster.kafka))
        address = f"127.0.0.1:{free_port()}"
        cluster.worker(agents="notify", listen=address)
        wait_for(lambda: _got_on_ago(address) == inf, 60, cluster.said)
        worker = cluster.worker()
        for _ in range(2):
            wait_for(lambda: _got_on_ago(address) < TRACK_SECONDS, 60, cluster.said)
            time.sleep(2 * TRACK_SECONDS)
        worker.kill()
        worker.wait()
        wait_for(lambda: _got_on_ago(address) > 2 * TRACK_SECONDS, 60, cluster.said)


def _got_on_ago(address: str) -> float:
    """In seconds; infinite where it was not seen to, and no number where nobody answers."""
    try:
        with urllib.request.urlopen(f"http://{address}/healthz", timeout=10) as answer:
            ago = json.load(answer)["track_got_on_s_ago"]
    except OSError:
        return nan
    return inf if ago is None else float(ago)
