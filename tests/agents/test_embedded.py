"""The embedded runtime: one transaction a step, so whatever stops it, it goes on as if nothing had been."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.runtime.embedded import Embedded, Incoming
from agents.runtime.records import Records
from agents.runtime.store import Store
from agents.sources.history import Item
from listener.partition import Partition, TrackRecord
from listener.reading import TextReader
from listener.sentiment.scoring import Scorer
from listener.tracker import Tracker
from listener.turn import Turn
from schemas.brand_mention import BrandMention
from schemas.dead_letter import DeadLetter
from schemas.heartbeat import Heartbeat
from schemas.mention import Mention
from schemas.record import to_json
from schemas.times import HOUR, MINUTE, from_ms
from tests.agents.building import (
    START,
    a_post,
    configured,
    dead_letters_in,
    export_of,
    feed,
    history_of,
    hours_of,
    lines_in,
    plain_scorer,
    same,
    shop,
    write_lines,
)
from tests.agents.trouble import cut, story, told_at_once


def test_the_story_has_everything_in_it() -> None:
    """So that what follows compares something."""
    alerts = told_at_once()["alerts.jsonl"].decode()
    for word in ('"final"', '"early"', '"opened"', '"resolved"'):
        assert word in alerts
    assert told_at_once()["dead-letters.jsonl"].count(b"\n") == 2
    mentions = told_at_once()["brand-mentions.jsonl"]
    assert mentions.count(b"\n") == 4 * 72 + 60 + 1 - 2
    assert mentions.count(b'"first_read"') == mentions.count(b'"why":"thread"') == 1


places_in_story = st.lists(st.integers(0, 1_000), max_size=12).map(lambda p: [n * len(story()) // 1_000 for n in p])


@given(places_in_story)
@settings(max_examples=25, deadline=None)
def test_where_steps_are_cut_changes_no_byte(places: list[int]) -> None:
    with TemporaryDirectory() as folder, Store(Path(folder) / "test.db") as store:
        lane = Embedded(store, plain_scorer())
        lane.configure(configured().settings())
        for batch in cut(story(), places):
            lane.step(batch, None, None)
        same(export_of(store, Path(folder)), told_at_once())


def test_a_step_for_each_record_changes_no_byte(tmp_path: Path) -> None:
    with Store(tmp_path / "test.db") as store:
        lane = Embedded(store, plain_scorer())
        lane.configure(configured().settings())
        feed(lane, story(), 1)
        same(export_of(store, tmp_path), told_at_once())


@given(places_in_story)
@settings(max_examples=25, deadline=None)
def test_a_new_start_after_each_step_changes_no_byte(places: list[int]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "test.db"
        for batch in cut(story(), places):
            with Store(path) as store:
                lane = Embedded(store, plain_scorer())
                lane.configure(configured().settings())
                lane.step(batch, None, None)
        with Records(path) as records:
            same(export_of(records, Path(folder)), told_at_once())
        assert lane.counts["read"] == sum(isinstance(item.record, Mention) for item in story())


class Unplugged(Exception):
    """The power is gone."""


@given(st.dictionaries(st.integers(0, 12), st.sampled_from(["before", "after"]), max_size=6), st.integers(30, 200))
@settings(max_examples=25, deadline=None)
def test_a_commit_that_fails_is_as_if_it_had_never_begun(failing: dict[int, str], size: int) -> None:
    """Or, if it fails after it was done, as if it had not failed."""
    commits = 0
    commit = Store.commit

    def unreliable(store: Store) -> None:
        nonlocal commits
        commits += 1
        when = failing.get(commits)
        if when == "before":
            raise Unplugged
        commit(store)
        if when == "after":
            raise Unplugged

    with TemporaryDirectory() as folder, mock.patch.object(Store, "commit", unreliable):
        path = Path(folder) / "test.db"
        finished = False
        while not finished:
            with Store(path) as store:
                try:
                    lane = Embedded(store, plain_scorer())
                    lane.configure(configured().settings())
                    feed(lane, story(), size, (lane.cursor("history") or {"done": 0})["done"])
                    finished = True
                except Unplugged:
                    continue
        with Records(path) as records:
            same(export_of(records, Path(folder)), told_at_once())


def test_the_file_does_not_grow_while_nothing_comes(tmp_path: Path) -> None:
    with Store(tmp_path / "test.db") as store:
        lane = Embedded(store, plain_scorer())
        lane.configure(configured().settings())
        for number in range(20):
            through = from_ms(START + number * 500)
            beat = Heartbeat(source="feed", through=through, covered=((from_ms(START), through),))
            lane.step([Incoming(beat, to_json(beat))], None, None)
        assert store.counts()["mentions"] == 1, "the settings"
        assert lane.detector.coverage["feed"] == ((from_ms(START), through),)


# Records that break something


@contextmanager
def breaking(what: str) -> Iterator[None]:
    """A tracker that cannot bear one mention."""
    step = Partition.step

    def fragile(partition: Partition, record: TrackRecord) -> Any:
        outputs = step(partition, record)
        if isinstance(record, BrandMention) and record.mention.id == what:
            raise ZeroDivisionError("float division by zero")
        return outputs

    with mock.patch.object(Partition, "step", fragile):
        yield


def outputs_of(
    items: list[Item], folder: Path, size: int = 2_000, scorer: TextReader | None = None
) -> dict[str, bytes]:
    folder.mkdir(exist_ok=True)
    with Store(folder / "test.db") as store:
        lane = Embedded(store, scorer or plain_scorer())
        lane.configure(configured().settings())
        feed(lane, items, size)
        counts = lane.counts
        assert counts["read"] == sum(isinstance(item.record, Mention) for item in items)
        assert counts["dead_letters"] == store.counts()["dead_letters"]
        return export_of(store, folder)


def test_a_mention_that_breaks_its_tracker_is_set_aside_and_the_rest_of_the_step_is_whole(tmp_path: Path) -> None:
    with breaking("calm 100"):
        found = outputs_of(list(story()), tmp_path / "broken")
    without = [item for item in story() if getattr(item.record, "id", None) != "calm 100"]
    expected = outputs_of(without, tmp_path / "without")
    assert found["trends.jsonl"] == expected["trends.jsonl"]
    assert found["alerts.jsonl"] == expected["alerts.jsonl"]
    (letter,) = [letter for letter in dead_letters_in(tmp_path / "broken") if letter.source == "track"]
    assert letter.reason == "track failed: ZeroDivisionError: float division by zero"
    assert b'"calm 100"' in letter.raw


@pytest.mark.parametrize("size", [1, 7, 50])
def test_what_is_set_aside_does_not_depend_on_the_size_of_steps(size: int, tmp_path: Path) -> None:
    with breaking("calm 100"):
        same(outputs_of(list(story()), tmp_path / "large"), outputs_of(list(story()), tmp_path / "small", size))


def test_a_mention_that_breaks_the_scorer_is_set_aside_with_its_place_in_the_log(tmp_path: Path) -> None:
    def fragile(text: str) -> int:
        if "17" in text:
            raise ValueError("seventeen")
        return 0

    scorer = TextReader([Scorer("fragile", "en", fragile)], lambda text: [("en", 1.0)])
    outputs_of(list(story()), tmp_path, scorer=scorer)
    (letter,) = [letter for letter in dead_letters_in(tmp_path) if "detect failed" in letter.reason]
    assert letter.reason == "detect failed: ValueError: seventeen"
    assert letter.source == "mentions"
    log = [item for item in story() if not isinstance(item.record, DeadLetter)]
    assert log[letter.position - 2].raw == letter.raw, "the settings came first"


def test_a_timer_that_breaks_costs_its_own_brand_only(tmp_path: Path) -> None:
    fire = Tracker.fire

    def fragile(tracker: Tracker, due: int, what: str, start: int, turn: Turn) -> None:
        if (tracker.brand, what, start) == ("bolt", "base", START + 10 * HOUR):
            raise ZeroDivisionError("float division by zero")
        fire(tracker, due, what, start, turn)

    expected = run_with([shop("acme")], tmp_path)[1]
    (tmp_path / "broken").mkdir()
    with mock.patch.object(Tracker, "fire", fragile):
        found = run_with([shop("acme", "bolt")], tmp_path / "broken")[1]
    assert [trend for trend in found if trend["brand"] == "acme"] == expected
    assert len(dead_letters_in(tmp_path / "broken")) == 1


# Settings that change between runs


def hourly(hours: int = 48) -> list[Item]:
    """A post an hour about each of three brands."""
    with TemporaryDirectory() as folder:
        posts = [a_post(f"{n}", START + n * HOUR + MINUTE, "acme, bolt and crisp") for n in range(hours)]
        return list(history_of(write_lines(Path(folder) / "posts.jsonl", posts), folder=Path(folder)).items())


def run_with(settings_by_part: list[str], folder: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Brand mentions and hours, where each part of two days is read in a run of its own with settings of its own."""
    items = hourly()
    for number, text in enumerate(settings_by_part):
        start, end = (len(items) * (number + add) // len(settings_by_part) for add in (0, 1))
        with Store(folder / "test.db") as store:
            lane = Embedded(store, plain_scorer())
            lane.configure(configured(text).settings())
            lane.step([Incoming(record, raw) for record, raw in items[start:end]], None, None)
    with Records(folder / "test.db") as store:
        export_of(store, folder)
    hours = [trend for trend in lines_in(folder, "trends.jsonl") if trend["window"] == "hour"]
    return lines_in(folder, "brand-mentions.jsonl"), hours


def test_a_brand_that_is_added_is_looked_for_from_then_on(tmp_path: Path) -> None:
    mentions, trends = run_with([shop("acme"), shop("acme", "bolt")], tmp_path)
    assert [mention["brand"] for mention in mentions].count("acme") == 48
    assert [int(mention["mention"]["id"]) for mention in mentions if mention["brand"] == "bolt"] == list(range(24, 48))
    assert hours_of(trends, "acme") == list(range(48))
    assert set(hours_of(trends, "bolt")) in (set(range(24, 48)), set(range(23, 48)))


def test_a_brand_that_is_taken_out_is_looked_for_no_more(tmp_path: Path) -> None:
    mentions, trends = run_with([shop("acme", "bolt"), shop("acme")], tmp_path)
    assert [int(mention["mention"]["id"]) for mention in mentions if mention["brand"] == "bolt"] == list(range(24))
    assert max(hours_of(trends, "bolt")) in (23, 24)


def test_a_brand_that_comes_back_goes_on(tmp_path: Path) -> None:
    mentions, trends = run_with([shop("acme", "bolt"), shop("acme"), shop("acme", "bolt")], tmp_path)
    found = [int(mention["mention"]["id"]) for mention in mentions if mention["brand"] == "bolt"]
    assert found == [*range(16), *range(32, 48)]
    hours = hours_of(trends, "bolt")
    assert set(range(16)) | set(range(33, 48)) <= set(hours)
    assert not set(range(18, 31)) & set(hours)


def test_a_change_of_a_brand_holds_from_then_on_and_is_written_beside_each_mention(tmp_path: Path) -> None:
    changed = shop("acme") + 'aliases = ["nobody says this"]\n'
    mentions, trends = run_with([shop("acme"), changed], tmp_path)
    assert [int(mention["mention"]["id"]) for mention in mentions] == list(range(24))
    assert {mention["settings"] for mention in mentions} == {configured(shop("acme")).settings().version}
    volumes = [trend["total"]["volume"]["mentions"] for trend in trends]
    assert sum(volumes) == 24


def test_the_same_settings_are_no_change(tmp_path: Path) -> None:
    with Store(tmp_path / "test.db") as store:
        for _ in range(2):
            lane = Embedded(store, plain_scorer())
            lane.configure(configured().settings())
        assert store.counts()["mentions"] == 1
