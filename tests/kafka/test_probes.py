"""What a worker shows of itself."""

import json
import urllib.error
import urllib.request
from contextlib import suppress

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.kafka.building import Cluster, expected, story_items, wait_for
from tests.ports import free_port

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(120)]

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture
def shown(cluster: Cluster) -> str:
    """The address of a worker that has worked through the story."""
    address = f"127.0.0.1:{free_port()}"
    cluster.worker(listen=address)
    cluster.ingest(story_items())
    cluster.wait_until_done(expected())
    return address


def get(address: str, page: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://{address}/{page}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def samples(address: str) -> Samples:
    found: Samples = {}
    for family in text_string_to_metric_families(get(address, "metrics")[1]):
        assert family.documentation.endswith("."), family.name
        for sample in family.samples:
            found[sample.name, tuple(sorted(sample.labels.items()))] = sample.value
    return found


def total(found: Samples, name: str) -> float:
    return sum(value for (sample, _), value in found.items() if sample == name)


def test_the_metrics_of_a_worker_say_what_it_did(cluster: Cluster, shown: str) -> None:
    wait_for(lambda: total(samples(shown), "listener_lag_records") == 0, 20)
    found = samples(shown)
    brand_mentions = expected()["brand_mentions"].total()
    assert found["listener_records_in_total", (("topic", "mentions"),)] >= len(story_items())
    assert found["listener_records_out_total", (("topic", "trends"),)] == expected()["trends"].total()
    assert found["listener_records_out_total", (("topic", "brand-mentions"),)] >= brand_mentions
    assert total(found, "listener_dead_letters_total") == 0
    assert (
        total(found, "listener_lanes_held") == total(found, "listener_lanes_expected") == 2 * cluster.kafka.partitions
    )
    assert found["listener_opening_seconds_count", ()] >= 1
    assert found["process_resident_memory_bytes", ()] > 10_000_000
    assert total(found, "listener_commit_seconds_count") > 8
    assert total(found, "listener_batch_records_sum") == total(found, "listener_records_in_total")
    assert total(found, "listener_state_bytes") > 10_000


def test_the_metrics_of_a_brand_are_those_of_its_last_closed_hour(cluster: Cluster, shown: str) -> None:
    found = samples(shown)
    hours = [json.loads(trend) for trend in expected()["trends"] if b'"window":"hour"' in trend]
    last = max(
        (hour for hour in hours if hour["brand"] == "brimtel"), key=lambda hour: (hour["start"], hour["revision"])
    )
    brand = ("brand", "brimtel")
    assert found["listener_brand_known", (brand,)] == last["known"]
    if last["total"] is None:
        assert ("listener_brand_mentions", (brand, ("kind", "untagged"))) not in found
        assert ("listener_brand_negative_share", (brand,)) not in found
    else:
        assert found["listener_brand_mentions", (brand, ("kind", "untagged"))] == last["total"]["volume"].get(
            "untagged", 0
        )
    assert found["listener_alerts_open", (brand, ("severity", "critical"), ("stage", "final"))] == 0


def test_a_worker_says_that_it_is_ready_and_alive_and_where_it_is(cluster: Cluster, shown: str) -> None:
    assert get(shown, "readyz") == (200, '{"ready": true}')
    code, text = get(shown, "healthz")
    health = json.loads(text)
    assert code == 200
    assert health["stuck"] == []
    assert len(health["lanes"]) == 2 * cluster.kafka.partitions
    assert all(lane["lag"] == 0 for lane in health["lanes"].values())


def test_a_worker_is_not_ready_before_it_has_its_lanes(cluster: Cluster) -> None:
    address = f"127.0.0.1:{free_port()}"
    first = cluster.worker(listen=address)
    seen: list[int] = []
    while not seen or seen[-1] != 200:
        assert first.poll() is None
        with suppress(OSError):
            seen.append(get(address, "readyz")[0])
    assert set(seen) == {503, 200}
