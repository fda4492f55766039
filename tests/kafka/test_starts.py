"""A brand that is new to a cluster borrows its rhythm from the topic of trends, as from the file of one process."""

import asyncio
from importlib.resources import files
from pathlib import Path

import pytest
from aiokafka.errors import TopicAuthorizationFailedError
from typer.testing import CliRunner, Result

from agents.cli import app
from agents.configuration import Kafka
from agents.demo import story_settings
from agents.reader import standard_reader
from agents.runtime import closed_hours, ingest
from agents.runtime.embedded import Embedded, Incoming
from agents.runtime.store import Store
from schemas.record import decoder
from schemas.settings import BrandSettings, Start
from tests.agents.building import configured, shop
from tests.kafka.building import Cluster, as_toml, expected, story_items

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(240)]

STORY = files("agents.sources").joinpath("story.toml").read_text(encoding="utf-8")
LIKE = 'like = ["norvane", "puddle"]\n'


def push(cluster: Cluster, more: str) -> Result:
    """Push the brands of the story, and one more."""
    (cluster.folder / "more.toml").write_text(STORY + shop("newcomer") + more + as_toml(cluster.kafka))
    return CliRunner().invoke(app, ["config", "push", "-c", str(cluster.folder / "more.toml")])


def pushed_start(kafka: Kafka) -> Start | None:
    """What the new brand starts with by the settings in force."""
    (found,) = [
        brand.start for brand in asyncio.run(ingest.pushed_settings(kafka))[-1].brands if brand.id == "newcomer"
    ]
    return found


def embedded_start(folder: Path) -> Start | None:
    """The same by the embedded runtime."""
    with Store(folder / "test.db") as store:
        lane = Embedded(store, standard_reader())
        lane.configure(story_settings())
        lane.step([Incoming(record, raw) for record, raw in story_items()], None, None)
        lane.configure(configured(STORY + shop("newcomer") + LIKE).settings())
        return lane.detector.brands.settings.brands[-1].start


def test_a_new_brand_starts_as_in_one_process_and_keeps_it(cluster: Cluster, tmp_path: Path) -> None:
    cluster.worker()
    cluster.ingest(story_items())
    cluster.wait_until_done(expected())
    first = push(cluster, LIKE)
    assert first.exit_code == 0, first.output
    assert "newcomer: starts with the rhythm of norvane, puddle (" in first.stdout
    assert "in force: newcomer" in first.stdout
    start = pushed_start(cluster.kafka)
    assert start == embedded_start(tmp_path) is not None
    again = push(cluster, LIKE)
    assert again.stdout == "these settings are in force already\n"
    changed = push(cluster, LIKE + "budget = 4\n")
    assert "in force: newcomer" in changed.stdout
    assert pushed_start(cluster.kafka) == start
    history = CliRunner().invoke(app, ["config", "history", "-c", str(cluster.folder / "more.toml")])
    assert "    newcomer starts with the rhythm of norvane, puddle (" in history.stdout
    told = [record.value for record in cluster.read(cluster.topics.brand_mentions) if record.key == b"newcomer"]
    starts = [record.brand.start for record in map(decoder(BrandSettings), told) if record.brand is not None]
    assert starts == [start, start]


def test_where_the_trends_cannot_be_read_it_is_told_and_the_brand_starts_without(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(*_: object) -> None:
        raise TopicAuthorizationFailedError("listener.trends")

    monkeypatch.setattr(closed_hours, "closed_hours", refused)
    pushed = push(cluster, LIKE)
    assert pushed.exit_code == 0, pushed.output
    assert "newcomer: starts without a rhythm: the hours of puddle, norvane cannot be read: " in pushed.stdout
    assert pushed_start(cluster.kafka) is None
