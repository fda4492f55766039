"""A real Prometheus asks two workers while they work through the story, and then while something happens live."""

import json
import shutil
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from msgspec.structs import replace
from prometheus_client.parser import text_string_to_metric_families

from agents.configuration import Kafka
from agents.demo import story_settings
from agents.metrics import Metrics
from agents.reader import standard_reader
from agents.runtime.embedded import Embedded, Incoming
from agents.runtime.store import Store
from agents.sources.history import Item
from agents.sources.story import SEED, Story
from agents.web.measured import Measured
from schemas.heartbeat import Heartbeat
from schemas.mention import Mention
from schemas.record import to_json
from schemas.times import DAY, HOUR, Time, from_ms, to_ms
from tests.bench._embedded import Nobody
from tests.bench._notified import Towers
from tests.conftest import lacking
from tests.deploy.expressions import RULES, chosen_all, dashboard_expressions, recorded
from tests.kafka.building import Cluster, as_toml, plain_items, wait_for
from tests.kafka.test_live_ingest import add, ingest
from tests.ports import free_port

pytestmark = [pytest.mark.kafka, pytest.mark.prometheus, pytest.mark.timeout(150)]

WORKERS = 2
SOON = 'sum(listener_alert_delay_seconds_bucket{stage="early",le="5.0"})'
NO_LAG = "sum(listener_lag_records) == bool 0"
LIVE = 80  # posts, so bad and so many that they cannot be chance
WELL = 2  # a receiver that is neither dead nor slow
TOLD = """
[[brands]]
id = "none"
name = "None"
[[receivers]]
name = "own"
kind = "webhook"
url = "http://127.0.0.1:{port}/"
secret = {{ file = "shared.txt" }}
[[routes]]
receivers = ["own"]
"""


class Shown(NamedTuple):
    """A Prometheus that has seen it all, and the workers that it asks, the last one a source's."""

    address: str
    workers: list[str]
    began: float

    def get(self, path: str, **parameters: object) -> Any:
        """What its API answers."""
        url = f"http://{self.address}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)["data"]

    def now(self, expression: str) -> float:
        """The value of an expression that has one; 0 where there is none yet."""
        result = self.get("query", query=expression)["result"]
        return float(result[0]["value"][1]) if result else 0.0

    def values(self, expression: str) -> list[str]:
        """What a panel would draw of an expression: all that is a number."""
        drawn = self.get("query_range", query=expression, start=self.began, end=time.time(), step=1)["result"]
        return [value for line in drawn for _, value in line["values"] if value != "NaN"]


@pytest.fixture(scope="module")
def shown(broker: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    if shutil.which("prometheus") is None:
        lacking("prometheus", "Prometheus is not installed (Debian: prometheus)")
    folder = tmp_path_factory.mktemp("prometheus")
    (folder / "shared.txt").write_text("what both know")
    workers = [f"127.0.0.1:{free_port()}" for _ in range(WORKERS + 2)]  # the last two notify, and bring a source
    kafka = Kafka(bootstrap=(broker,), prefix="shown", partitions=4, session_seconds=2)
    made = Shown(f"127.0.0.1:{free_port()}", workers, time.time())
    server = started(made, folder)
    try:
        with Cluster(kafka, folder) as cluster, Towers(whole=True) as towers:
            (folder / "listener.toml").write_text(TOLD.format(port=towers.ports[WELL]) + as_toml(kafka))
            for address in workers[:WORKERS]:
                cluster.worker(listen=address)
            cluster.worker(agents="notify", listen=workers[WORKERS])
            wait_for(lambda: made.now("min(listener_lanes_held)") == kafka.partitions / WORKERS, 30, cluster.said)
            items = moved_to_now()
            cluster.ingest(items)
            read = 'sum(listener_records_in_total{topic="mentions"})'
            wait_for(lambda: made.now(read) >= len(items), 40, cluster.said)
            wait_for(lambda: made.now(NO_LAG) == 1, 40, cluster.said)
            add(folder / "posts.jsonl", live_post(LIVE), b"no record")
            ingest(cluster, "--listen", workers[-1])  # after the history: it moves the clock to now
            wait_for(lambda: made.now("sum(listener_source_records_total)") >= 2, 60, cluster.said)
            cluster.write(cluster.topics.mentions, [live_post(number) for number in range(LIVE)] + [b"no record"])
            wait_for(lambda: made.now(SOON) > 0, 60, cluster.said)
            wait_for(lambda: made.now("sum(listener_notice_delay_seconds_count)") > 0, 60, cluster.said)
            wait_for(lambda: made.now(NO_LAG) == 1, 60, cluster.said)
            time.sleep(3)  # until rules that build on others have been evaluated
            yield made
    finally:
        server.terminate()
        server.wait(10)


def started(made: Shown, folder: Path) -> "subprocess.Popen[bytes]":
    """Prometheus with our rules, much quicker than one usually is."""
    configuration = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(path) for path in RULES],
        "scrape_configs": [{"job_name": "listener", "static_configs": [{"targets": made.workers}]}],
    }
    (folder / "prometheus.yml").write_text(json.dumps(configuration))  # JSON is YAML
    arguments = [
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address={made.address}",
    ]
    with (folder / "prometheus.txt").open("wb") as log:
        server = subprocess.Popen(["prometheus", *arguments], stdout=log, stderr=log)
    deadline = time.monotonic() + 20
    while True:
        try:
            with urllib.request.urlopen(f"http://{made.address}/-/ready", timeout=2):
                return server
        except OSError:
            assert server.poll() is None, (folder / "prometheus.txt").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.1)


def moved_to_now() -> tuple[Item, ...]:
    """Three days of the story into the middle of brimtel's outage, moved so that this was within the last hour."""
    outage = next(thing for thing in Story(SEED).planted if thing.kind == "outage")
    end = outage.end - outage.end % HOUR
    moved = (time.time_ns() // 1_000_000 - end) // HOUR * HOUR
    return tuple(_moved(item, moved) for item in plain_items() if end - 3 * DAY <= _time_of(item.record) <= end)


def _time_of(record: Any) -> int:
    return to_ms(record.created_at if isinstance(record, Mention) else record.through)


def _moved(item: Item, by: int) -> Item:
    def later(at: Time) -> Time:
        return from_ms(to_ms(at) + by)

    record = item.record
    if isinstance(record, Mention):
        at = later(record.created_at)
        record = replace(record, created_at=at, ingested_at=at, metrics=None)
    elif isinstance(record, Heartbeat):
        covered = tuple((later(start), later(end)) for start, end in record.covered)
        record = replace(record, through=later(record.through), covered=covered)
    return Item(record, to_json(record))


def live_post(number: int) -> bytes:
    """A post that nobody stamped: it is read when Kafka has it."""
    at = from_ms(time.time_ns() // 1_000_000)
    brand = next(brand for brand in story_settings().brands if brand.id == "fizzwick")  # no ordinary word, calm now
    post = Mention(id=f"live:{number}", text=f"{brand.name} is awful, terrible, I hate it {number}", created_at=at)
    return to_json(post)


@pytest.mark.parametrize("expression", dashboard_expressions())
def test_every_expression_of_every_panel_has_something_to_draw(shown: Shown, expression: str) -> None:
    assert shown.values(chosen_all(expression))


@pytest.mark.parametrize("name", sorted(recorded()))
def test_every_recording_rule_records(shown: Shown, name: str) -> None:
    assert shown.values(name)


def test_no_rule_fails_and_none_is_slow(shown: Shown) -> None:
    rules = [rule for group in shown.get("rules")["groups"] for rule in group["rules"]]
    assert len(rules) > 20
    assert [(rule["name"], rule.get("lastError")) for rule in rules if rule["health"] != "ok"] == []
    assert max(rule["evaluationTime"] for rule in rules) < 0.5


def test_the_brand_in_a_crisis_rings_with_its_figures_and_nothing_rings_for_the_service(shown: Shown) -> None:
    firing = [alert for alert in shown.get("alerts")["alerts"] if alert["state"] == "firing"]
    assert {alert["labels"]["alertname"]: alert["labels"]["brand"] for alert in firing} == {"BrandInCrisis": "brimtel"}
    assert len(firing) == 1
    assert "were negative, at least" in firing[0]["annotations"]["description"]


def test_an_early_warning_is_there_soon_after_the_post_that_fired_it(shown: Shown) -> None:
    assert shown.now(SOON) == 1


def test_both_runtimes_serve_the_same_metrics(shown: Shown, tmp_path: Path) -> None:
    metrics = Metrics()
    with Store(tmp_path / "listener.db") as store:
        watcher = Measured(Nobody(), metrics)
        lane = Embedded(store, standard_reader(), watcher.committed)
        watcher.opened(lane)
        lane.configure(story_settings())
        lane.step([Incoming(record, raw) for record, raw in moved_to_now()], None, None)
        lane.step([], None, None)
    of_workers: set[str] = set()
    for address in shown.workers[:WORKERS]:  # both: what is told of some brands alone is told where their lanes are
        with urllib.request.urlopen(f"http://{address}/metrics", timeout=5) as answer:
            of_workers |= names(answer.read().decode())
    only_on_kafka = {"listener_lag_records"}  # embedded, nothing waits between the log and the agents
    assert of_workers - names(metrics.text().decode()) == only_on_kafka
    assert names(metrics.text().decode()) <= of_workers


def names(text: str) -> set[str]:
    """All metrics that have a sample."""
    return {sample.name for family in text_string_to_metric_families(text) for sample in family.samples}
