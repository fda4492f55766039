"""What a person does about an alert, by the command line, on a real broker."""

import json
from datetime import timedelta

import pytest
from typer.testing import CliRunner, Result

from agents import alert_log
from agents.cli import app
from agents.sources.history import Item
from schemas.alert import Alert
from schemas.heartbeat import Heartbeat
from schemas.record import decoder
from tests.core.conversations import BEAT
from tests.kafka.building import Cluster, expected, story_items, wait_for

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(240)]


def listener(cluster: Cluster, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "-c", str(cluster.folder / "listener.toml")])


def events(cluster: Cluster, id_: str) -> list[dict[str, object]]:
    """The events of an alert, none while there is none."""
    shown = listener(cluster, "alerts", "show", id_, "--json")
    return json.loads(shown.stdout)["events"] if shown.exit_code == 0 else []


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


def test_a_person_manages_an_alert_from_its_opening_to_its_verdict(cluster: Cluster) -> None:
    id_, items = until_an_alert_opens()
    cluster.worker()
    cluster.ingest(items)
    wait_for(lambda: bool(events(cluster, id_)), 60, cluster.said)
    done = listener(cluster, "alerts", "ack", id_, "--by", "Ana", "--comment", "on it")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.endswith(": acknowledged by Ana: on it\n")
    silenced = listener(cluster, "alerts", "silence", id_, "--for", "2h", "--by", "Ana")
    assert silenced.exit_code == 0, silenced.stderr
    listed = json.loads(listener(cluster, "alerts", "list", "--json").stdout)
    (alert,) = [alert for alert in listed["alerts"] if alert["id"] == id_]
    assert (alert["state"], alert["muted"].partition(" until ")[0]) == ("acknowledged", "silenced")
    assert len(listed["silences"]) == 1
    assert listener(cluster, "alerts", "resolve", id_, "--as", "false-alarm", "--by", "Ion").exit_code == 0
    last = events(cluster, id_)[-3:]
    assert [(event["event"], event["actor"]) for event in last] == [
        ("acknowledged", "Ana"),
        ("silenced", "Ana"),
        ("resolved", "Ion"),
    ]
    (precision,) = json.loads(listener(cluster, "alerts", "list", "--json").stdout)["precision"]
    assert (precision["right"], precision["judged"], precision["false_alarms"]) == (0, 1, 1)
    closed = listener(cluster, "alerts", "resolve", id_)
    assert (closed.exit_code, "is closed already" in closed.stderr) == (1, True)
    unknown = listener(cluster, "alerts", "ack", "12")
    assert (unknown.exit_code, "there is no alert 12" in unknown.stderr) == (1, True)
    assert listener(cluster, "alerts", "explain", id_).exit_code == 0
    assert cluster.dead_letters() == []


def test_a_command_that_no_worker_takes_stays_in_the_log_and_is_done_when_one_comes(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.settings_file()
    monkeypatch.setattr(alert_log, "PATIENCE", 1.0)
    waiting = listener(cluster, "alerts", "silence", "--brand", "puddle", "--for", "1h")
    assert (waiting.exit_code, "no worker has taken the command" in waiting.stderr) == (1, True), waiting.stderr
    cluster.worker()
    wait_for(lambda: len(json.loads(listener(cluster, "alerts", "list", "--json").stdout)["silences"]) == 1, 60)
