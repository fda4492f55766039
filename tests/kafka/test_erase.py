"""`listener erase --kafka` on a real broker: workers take it back, and it says when retention has done the rest."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from agents.configuration import Kafka
from agents.sources.history import Item
from listener.formats.canonical import from_json
from schemas.dead_letter import DeadLetter
from schemas.record import to_json
from schemas.times import DAY, MINUTE, from_ms
from tests.agents.building import START, Ran, a_post, configured, listener
from tests.kafka.building import Cluster, stop, wait_for

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(120)]

ANA = {"handle": "@AnaSecretHandle", "id": "author-secret-17"}


@pytest.fixture
def acme(broker: str, tmp_path: Path) -> Iterator[Cluster]:
    """A cluster that looks for one brand, with what Ana and others wrote in 2020."""
    kafka = Kafka(bootstrap=(broker,), prefix="erase", partitions=2, session_seconds=2)
    with Cluster(kafka, tmp_path, configured().settings()) as made:
        made.ingest(tuple(items()))
        yield made


def items() -> Iterator[Item]:
    posts = [
        a_post("x:ana-1", START, "acme is secretword1", author=ANA),
        a_post("x:bob-1", START + MINUTE, "how true", parent_id="x:ana-1"),
        a_post("x:ana-2", START + 2 * MINUTE, "secretword2", author=ANA, parent_id="x:bob-1", root_id="x:ana-1"),
        a_post("x:ana-3", START + 3 * MINUTE, "about nobody, secretword3", author=ANA),
        a_post("x:bob-2", START + 4 * MINUTE, "acme"),
        a_post("x:bob-3", START + 5 * MINUTE, "acme too"),
    ]
    for post in posts:
        mention = from_json(json.dumps({**json.loads(post), "ingested_at": json.loads(post)["created_at"]}).encode())
        yield Item(mention, to_json(mention))
    letter = DeadLetter.of("p.jsonl", 1, "no time", b'{"author":{"handle":"anasecrethandle"},"text":"secretword4"}')
    yield Item(letter, to_json(letter))


def erase(cluster: Cluster, *arguments: str) -> Ran:
    return listener("erase", *arguments, "--kafka", "-c", cluster.folder / "listener.toml")


def retracted(cluster: Cluster) -> list[tuple[str, str]]:
    """The ids and reasons of what is taken back."""
    values: list[Any] = [json.loads(record.value) for record in cluster.read(cluster.topics.brand_mentions)]
    return [(one["trace"]["mention"]["id"], one["because"]) for one in values if one["record"] == "retraction/1"]


def brand_mentions(cluster: Cluster) -> int:
    return sum(b'"brand_mention/1"' in record.value[:40] for record in cluster.read(cluster.topics.brand_mentions))


def test_the_workers_take_back_what_is_erased_and_retention_does_the_rest(acme: Cluster) -> None:
    worker = acme.worker()
    wait_for(lambda: brand_mentions(acme) == 5, 60, acme.said)
    ran = erase(acme, "--author", "anasecrethandle", "--json")
    assert ran.code == 0, ran
    done = json.loads(ran.out)
    assert (done["ids"], done["brand_mentions"], done["retracted"]) == (["x:ana-1", "x:ana-2", "x:ana-3"], 2, 2)
    assert sorted(retracted(acme)) == [("x:ana-1", "erased"), ("x:ana-2", "erased")]
    topics = {topic["name"]: topic for topic in done["topics"]}
    assert set(topics) == set(acme.topics), "each topic is named"
    held = [(topics[name]["records"]) for name in (acme.topics.mentions, acme.topics.brand_mentions)]
    assert (held, topics[acme.topics.dead_letters]["records"]) == ([3, 2], 1)
    last = max(record.timestamp for record in acme.read(acme.topics.mentions) if b"secretword" in record.value)
    expected = from_ms(last + 14 * DAY + 7 * DAY + 10 * MINUTE)
    assert datetime.fromisoformat(topics[acme.topics.mentions]["words_gone"]) == expected

    assert stop(worker) == 0
    late = erase(acme, "--id", "x:bob-2", "--id", "x:never-seen", "--wait", "0")
    assert late.code == 1, late
    assert "NOT YET: erase.mentions/0, 1: no worker's detect has taken it by now" in late.out
    assert "no post is kept of x:never-seen" in late.out
    acme.worker()
    again = erase(acme, "--id", "x:bob-2", "--id", "x:never-seen")
    assert again.code == 0, again
    assert ("x:bob-2", "erased") in retracted(acme)
    assert acme.dead_letters()[1:] == []
