"""The embedded runtime: one transaction a step, so whatever stops it, it goes on as if nothing had been."""

import fcntl
import os
import random
import resource
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents import service
from agents.runtime.embedded import Embedded, Incoming
from agents.runtime.store import Busy, Store, WrongFile, lock_file
from agents.sources.history import PIECE, Item
from agents.stop import Stop
from listener.partition import Partition, TrackRecord
from listener.sentiment.scoring import Scorer
from listener.tracker import Tracker
from listener.turn import Turn
from schemas.brand_mention import BrandMention
from schemas.mention import Mention
from schemas.record import to_json
from schemas.times import DAY, HOUR, MINUTE, SECOND
from tests.agents.building import (
    ACME,
    START,
    a_post,
    airlines_settings,
    configured,
    dead_letters_in,
    ended,
    export_of,
    exported,
    feed,
    history_of,
    hours_of,
    lines_in,
    listener,
    listening,
    log_of,
    mentions_in,
    plain_scorer,
    position,
    running,
    same,
    say,
    says_one_line,
    shop,
    wait_for,
    write_lines,
)
from tests.agents.conftest import Whole

FILES = ACME + '[[sources]]\npath = "posts.jsonl"\n'


# A story of four days: calm, an hour of trouble, calm again; a few bad lines


def trouble() -> list[bytes]:
    calm = [a_post(f"calm {n}", START + n * 20 * MINUTE, "acme is fine") for n in range(4 * 72)]
    bad = [a_post(f"bad {n}", START + 3 * DAY + n * 40 * SECOND, f"acme is awful {n}") for n in range(60)]
    return [b"no JSON", *calm, *bad, *calm[5:10], b"{}", a_post("gone", op="delete")]


@cache
def story() -> tuple[Item, ...]:
    with TemporaryDirectory() as folder:
        path = write_lines(Path(folder) / "posts.jsonl", trouble())
        return tuple(history_of(path, folder=Path(folder)).items())


@cache
def told_at_once() -> dict[str, bytes]:
    """The outputs of the story, taken in one step."""
    with TemporaryDirectory() as folder, Store(Path(folder) / "test.db") as store:
        lane = Embedded(store, plain_scorer())
        lane.configure(configured().settings())
        feed(lane, story(), len(story()))
        return export_of(store, Path(folder))


def test_the_story_has_everything_in_it() -> None:
    """So that what follows compares something."""
    alerts = told_at_once()["alerts.jsonl"].decode()
    for word in ('"final"', '"early"', '"opened"', '"resolved"'):
        assert word in alerts
    assert told_at_once()["dead-letters.jsonl"].count(b"\n") == 3
    assert told_at_once()["brand-mentions.jsonl"].count(b"\n") == 4 * 72 + 60


def cut(items: tuple[Item, ...], places: list[int]) -> Iterator[list[Incoming]]:
    """Items in steps that end at these places."""
    start = 0
    for end in [*sorted(set(places)), len(items)]:
        yield [Incoming(record, raw) for record, raw in items[start:end]]
        start = end


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
        with Store(path, write=False) as store:
            same(export_of(store, Path(folder)), told_at_once())
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
        with Store(path, write=False) as store:
            same(export_of(store, Path(folder)), told_at_once())


# The real command over the real tweets


@pytest.fixture
def tweets(airlines: Whole, tmp_path: Path) -> Path:
    """A folder with the settings for a run over the airlines' tweets."""
    airlines_settings(tmp_path, airlines.tweets)
    return tmp_path


def run_to_the_end(folder: Path) -> dict[str, bytes]:
    """Run, export, and read what was exported."""
    ran = listener("run", "--until-end", "-c", folder / "airlines.toml")
    assert (ran.code, ran.err) == (0, "")
    ran = listener("export", "-c", folder / "airlines.toml", "--out", folder / "found")
    assert (ran.code, ran.err) == (0, "")
    return exported(folder / "found")


@pytest.mark.slow
@pytest.mark.data
@pytest.mark.timeout(600)
def test_ten_kills_at_random_moments_change_no_byte(tweets: Path, airlines: Whole) -> None:
    """Each comes some time after the log has got to a random place; one behind where it is by now kills a start."""
    seed = int.from_bytes(os.urandom(4))
    chance = random.Random(seed)
    print(f"seed {seed}; {airlines.records} records in {airlines.seconds:.1f} s")  # noqa: T201 - shown if it fails
    begin = airlines.seconds / 3
    midway = set()
    for target in sorted(chance.sample(range(int(0.6 * airlines.records)), 10)):
        while not killed_near(target, tweets, chance, begin):  # it has come to its end before: all of it once more
            (tweets / "listener.db").unlink()
        midway.add(position(tweets))
    print(f"killed at {sorted(midway)}")  # noqa: T201 - shown if it fails
    assert len(midway) >= 3
    same(run_to_the_end(tweets), airlines.files)


def killed_near(target: int, folder: Path, chance: random.Random, begin: float) -> bool:
    """Run, and kill it some time after the log has got to the target; False if it came to its end before."""
    size = chance.choice([50, 300, 2_000])
    with running("run", "--until-end", "-c", folder / "airlines.toml", size=size) as process:
        behind = position(folder) >= target
        if not behind:
            wait_for(partial(further, folder, target))
        time.sleep(chance.uniform(0, begin if behind else 0.2))
        lives = process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
    return lives


def further(folder: Path, before: int) -> bool:
    return position(folder) > before


@pytest.mark.data
def test_a_polite_stop_is_quick_and_goes_on_later(tweets: Path, airlines: Whole) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        before = position(tweets)
        with running("run", "--until-end", "-c", tweets / "airlines.toml", size=200) as process:
            wait_for(partial(further, tweets, before))
            process.send_signal(number)
            began = time.monotonic()
            ran = ended(process)
            assert time.monotonic() - began < 10
        assert (ran.code, ran.err) == (0, "")
        assert position(tweets) < 15_000
    same(run_to_the_end(tweets), airlines.files)


def test_a_polite_stop_need_not_wait_for_large_files_to_be_read(tmp_path: Path) -> None:
    (tmp_path / "listener.toml").write_text(FILES)
    write_lines(tmp_path / "posts.jsonl", [a_post(f"{n}", START + n) for n in range(400_000)])
    with running("run", folder=tmp_path) as process:
        wait_for(lambda: position(tmp_path) == 1)
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        ran = ended(process)
        assert time.monotonic() - began < 3
    assert (ran.code, ran.err) == (0, "")
    assert position(tmp_path) == 1, "the settings, and nothing of the files yet"


def no_file_above(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.mark.data
@pytest.mark.parametrize("size", [2_000, 100_000, 3_000_000])
def test_a_full_disk_stops_it_clearly_and_with_room_it_goes_on(size: int, tweets: Path, airlines: Whole) -> None:
    ran = listener("run", "--until-end", "-c", tweets / "airlines.toml", before=partial(no_file_above, size))
    says_one_line(ran, 1)
    assert "disk" in ran.err or "File too large" in ran.err
    if size == 3_000_000:
        assert "What was committed is safe" in ran.err
    same(run_to_the_end(tweets), airlines.files)


def test_a_full_disk_while_sorting_stops_it_clearly(tmp_path: Path) -> None:
    (tmp_path / "listener.toml").write_text(FILES)
    write_lines(tmp_path / "posts.jsonl", [a_post(f"{n}", START + n) for n in range(PIECE + 1)])
    ran = listener("run", "--until-end", folder=tmp_path, before=partial(no_file_above, 1_000_000))
    says_one_line(ran, 1, "File too large")


def test_a_full_disk_stops_an_export_and_leaves_the_old_files_whole(tmp_path: Path) -> None:
    (tmp_path / "listener.toml").write_text(FILES)
    write_lines(tmp_path / "posts.jsonl", trouble())
    assert listener("run", "--until-end", folder=tmp_path).code == 0
    assert listener("export", "--out", "found", folder=tmp_path).code == 0
    before = exported(tmp_path / "found")
    ran = listener("export", "--out", "found", folder=tmp_path, before=partial(no_file_above, 50_000))
    says_one_line(ran, 1, "File too large")
    same(exported(tmp_path / "found"), before)


def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "sealed"
    folder.mkdir(mode=0o555)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65_534)
    try:
        with pytest.raises(WrongFile, match=r"listener\.db: Permission denied"):
            Store(folder / "listener.db")
    finally:
        os.seteuid(user)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "listener.toml").write_text(FILES + '[storage]\npath = "nowhere/listener.db"\n')
    write_lines(tmp_path / "posts.jsonl", [a_post("a")])
    says_one_line(listener("run", "--until-end", folder=tmp_path), 1, "nowhere/listener.db", "No such file")


@pytest.mark.parametrize("content", [b"acme is fine", b"SQLite format 3\0" + b"\0" * 200])
def test_a_file_that_is_no_database_is_named_and_left_as_it_is(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "listener.toml").write_text(FILES)
    write_lines(tmp_path / "posts.jsonl", [a_post("a")])
    (tmp_path / "listener.db").write_bytes(content)
    says_one_line(listener("run", "--until-end", folder=tmp_path), 1, "listener.db")
    assert (tmp_path / "listener.db").read_bytes() == content


def test_a_database_of_something_else_is_named_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "listener.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE photos (name)")
    content = path.read_bytes()
    with pytest.raises(WrongFile, match="shape"):
        Store(path)
    assert path.read_bytes() == content


def test_an_export_without_a_database_says_what_makes_one(tmp_path: Path) -> None:
    (tmp_path / "listener.toml").write_text(FILES)
    ran = listener("export", "--out", "found", folder=tmp_path)
    says_one_line(ran, 1, "listener.db", "listener run")


@pytest.mark.parametrize("name", ["a b.db", "100%41.db", "what?.db", "#1.db", "listener.db?mode=rwc"])
def test_a_database_may_be_called_anything(name: str, tmp_path: Path) -> None:
    with Store(tmp_path / name) as store:
        lane = Embedded(store, plain_scorer())
        lane.configure(configured().settings())
    with Store(tmp_path / name, write=False) as store:
        assert store.counts()["mentions"] == 1
    assert {path.name.removesuffix("-shm").removesuffix("-wal") for path in tmp_path.iterdir()} == {
        name,
        f"{name}.lock",
    }


# One runtime, many readers


def test_a_second_runtime_is_refused_by_name_and_readers_are_free(tmp_path: Path) -> None:
    with listening(tmp_path) as process:
        say(process, a_post("a"))
        wait_for(lambda: mentions_in(tmp_path))
        says_one_line(listener("run", folder=tmp_path), 1, "listener.db", f"process {process.pid}", "one at a time")
        assert listener("export", "--out", "found", folder=tmp_path).code == 0
        assert len(lines_in(tmp_path / "found", "brand-mentions.jsonl")) == 1
        say(process, a_post("b"))
        assert ended(process).code == 0
    assert listener("run", folder=tmp_path).code == 0, "the lock is free again"


def test_the_lock_is_on_the_file_whatever_it_is_called(tmp_path: Path) -> None:
    (tmp_path / "other.db").symlink_to("test.db")
    with Store(tmp_path / "test.db"), pytest.raises(Busy):
        Store(tmp_path / "other.db")


def test_a_lock_whose_file_was_removed_as_it_was_opened_is_taken_on_the_new_file(tmp_path: Path) -> None:
    """Else the next one locks another file of the same name, and both run."""
    flock = fcntl.flock
    removals = iter([tmp_path / "test.db.lock"])

    def too_late(lock: int, how: int) -> None:
        for file in removals:
            file.unlink()
        flock(lock, how)

    with mock.patch.object(fcntl, "flock", too_late):
        lock = lock_file(tmp_path / "test.db")
    with pytest.raises(Busy):
        lock_file(tmp_path / "test.db")
    os.close(lock)


def test_a_refused_store_gives_its_lock_back(tmp_path: Path) -> None:
    (tmp_path / "test.db").write_bytes(b"no database, but long enough to be looked at" * 100)
    for _ in range(2):
        with pytest.raises(WrongFile):
            Store(tmp_path / "test.db")


def test_an_export_is_of_one_moment(tmp_path: Path) -> None:
    """Whatever is committed meanwhile, the files agree."""
    with Store(tmp_path / "test.db") as store:
        lane = Embedded(store, plain_scorer())
        lane.configure(configured().settings())
        batches = list(cut(story(), [len(story()) // 2]))
        lane.step(batches[0], None, None)
        with Store(tmp_path / "test.db", write=False) as reader:
            first = reader.export

            def then_more(table: str) -> Iterator[bytes]:
                yield from first(table)
                if table == "brand_mentions":
                    lane.step(batches[1], None, None)

            with mock.patch.object(reader, "export", then_more):
                during = export_of(reader, tmp_path / "during")
    with Store(tmp_path / "before.db") as store:
        lane = Embedded(store, plain_scorer())
        lane.configure(configured().settings())
        lane.step(batches[0], None, None)
        same(during, export_of(store, tmp_path / "before"))


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


def outputs_of(items: list[Item], folder: Path, size: int = 2_000, scorer: Scorer | None = None) -> dict[str, bytes]:
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

    scorer = Scorer("fragile", "en", fragile, lambda text: ("en", 1.0))
    outputs_of(list(story()), tmp_path, scorer=scorer)
    (letter,) = [letter for letter in dead_letters_in(tmp_path) if "detect failed" in letter.reason]
    assert letter.reason == "detect failed: ValueError: seventeen"
    assert letter.source == "mentions"
    with Store(tmp_path / "test.db", write=False):
        assert to_json(log_of(tmp_path / "test.db")[letter.position - 1]) == letter.raw


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
    with Store(folder / "test.db", write=False) as store:
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


# History of other files


def test_files_that_have_changed_are_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "listener.toml").write_text(FILES)
    path = write_lines(tmp_path / "posts.jsonl", [a_post("a")])
    assert listener("run", "--until-end", folder=tmp_path).code == 0
    before = position(tmp_path)
    write_lines(path, [a_post("a"), a_post("b")])
    says_one_line(listener("run", "--until-end", folder=tmp_path), 1, "listener.db", "other files", "[storage] path")
    assert position(tmp_path) == before


def test_files_that_were_read_are_not_read_again(tmp_path: Path) -> None:
    (tmp_path / "listener.toml").write_text(FILES)
    write_lines(tmp_path / "posts.jsonl", [a_post("a"), b"bad"])
    for _ in range(2):
        ran = listener("run", "--until-end", folder=tmp_path)
        assert (ran.code, ran.err) == (0, "")
        assert "1 mentions read, 0 repeats dropped, 1 dead letters" in ran.out
    assert "read to its end before" in ran.out


class StopAfter:
    """Stops a service after so many steps."""

    def __init__(self, steps: int) -> None:
        self.steps = steps

    def __call__(self) -> bool:
        self.steps -= 1
        return self.steps < 0


def test_what_was_ahead_of_the_clock_at_first_stays_so_after_a_stop(tmp_path: Path) -> None:
    """Else the items shift, and the one after the stop is lost."""
    posts = [a_post(f"{n}", START + n) for n in range(6)]
    write_lines(tmp_path / "posts.jsonl", [a_post("ahead", START + 2 * HOUR), *posts])

    def run_at(now: int, steps: int) -> Embedded:
        stop = mock.MagicMock(spec=Stop)
        stop.__bool__.side_effect = StopAfter(steps)
        with (
            mock.patch.object(service, "now_ms", return_value=now),
            mock.patch.object(service, "STEP_RECORDS", 3),
            mock.patch.object(service, "english_scorer", plain_scorer),
        ):
            return service.run(configured(FILES, tmp_path), mock.Mock(), stop)

    assert run_at(START, 1).counts["read"] == 2
    lane = run_at(START + 3 * HOUR, 100)
    assert (lane.counts["mentions"], lane.counts["repeats"], lane.counts["dead_letters"]) == (6, 0, 1)
    assert sorted(mention.id for mention in mentions_in(tmp_path)) == [str(n) for n in range(6)]
