"""What a person does about an alert, by the command line, on a real broker."""

import json
from datetime import timedelta

import pytest
from typer.testing import CliRunner, Result

from agents.cli import app
from agents.sources.history import Item
from schemas.alert import Alert
from schemas.heartbeat import Heartbeat
from schemas.record import decoder
from tests.core.conversations import BEAT
from tests.kafka.building import Cluster, expected, story_items, wait_for

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(120)]


def listener(cluster: Cluster, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "-c", str(cluster.folder / "listener.toml")])


def events(cluster: Cluster, id_: str) -> list[dict[str, object]]:
    """The events of an alert."""
    lines = listener(cluster, "alerts", "list", "--json").stdout.splitlines()
    return [event for line in lines if (event := json.loads(line))["id"] == id_]


def until_an_alert_opens() -> tuple[str, tuple[Item, ...]]:
    """The id of the first alert of a brand in the story, and the story until all sources have told that time."""
    opened = [alert for alert in map(decoder(Alert), expected()["alerts"]) if alert.event == "opened" and alert.brand]
    first = min(opened, key=lambda alert: alert.at)
    items = story_items()
    told = first.at + 3 * timedelta(milliseconds=BEAT)
    end = next(
        place for place, (record, _) in enumerate(items) if isinstance(record, Heartbeat) and record.through > told
    )
    return first.id, items[: end + 1]


def test_an_alert_is_acknowledged_and_resolved_by_who_says_so(cluster: Cluster) -> None:
    id_, items = until_an_alert_opens()
    cluster.worker()
    cluster.ingest(items)
    wait_for(lambda: bool(events(cluster, id_)), 60, cluster.said)
    done = listener(cluster, "alerts", "ack", id_, "--by", "Ana", "--comment", "on it")
    assert (done.exit_code, done.stdout) == (0, f"acknowledge: {id_}, by Ana\n")
    wait_for(lambda: events(cluster, id_)[-1]["event"] == "acknowledged", 20, cluster.said)
    assert listener(cluster, "alerts", "resolve", id_, "--by", "Ion").exit_code == 0
    wait_for(lambda: events(cluster, id_)[-1]["event"] == "resolved", 20, cluster.said)
    assert [event["actor"] for event in events(cluster, id_)[-2:]] == ["Ana", "Ion"]
    closed = listener(cluster, "alerts", "resolve", id_)
    assert (closed.exit_code, closed.stderr) == (1, f"listener: alert {id_} is closed: resolved by Ion\n")
    unknown = listener(cluster, "alerts", "ack", "12")
    assert (unknown.exit_code, "there is no alert 12" in unknown.stderr) == (1, True)
    assert cluster.dead_letters() == []
