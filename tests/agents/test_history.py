"""Files as history: sorted whatever their order, the same items each time, and heartbeats that never lie."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from agents.configuration import Source
from agents.runtime.embedded import Embedded
from agents.runtime.store import Store
from agents.sources import history as module
from agents.sources.history import Item, identity
from agents.sources.lines import CannotRead
from agents.sources.paths import resolve
from agents.sources.reader import Reader
from listener.detection import LATENESS
from listener.monitors.monitor import BASE
from schemas.dead_letter import DeadLetter
from schemas.deletion import Deletion
from schemas.heartbeat import Heartbeat
from schemas.mention import Mention
from schemas.record import to_json
from schemas.times import DAY, HOUR, MINUTE, from_ms, to_ms
from tests.agents.building import (
    ACME,
    START,
    a_post,
    configured,
    export_of,
    feed,
    history_of,
    lines_in,
    plain_scorer,
    times,
    write_lines,
)

Entry = tuple[str, int]  # id, when it was written in ms

times_of_day = st.one_of(
    st.integers(START, START + 3 * DAY),
    st.builds(lambda window, off: START + window * BASE + off, st.integers(0, 50), st.sampled_from([-1, 0, 1, 499])),
)
entries = st.lists(
    st.tuples(st.integers(0, 10**6).map("x:{}".format), times_of_day), max_size=30, unique_by=lambda entry: entry[0]
)
lines = st.one_of(
    st.tuples(st.integers(0, 9).map("x:{}".format), times_of_day).map(lambda entry: a_post(*entry)),
    st.sampled_from([b"bad", b"{}", b"worse", a_post("old", at=0)]),
)


@contextmanager
def pieces_of(size: int) -> Iterator[None]:
    """Sort so many in memory at a time."""
    with mock.patch.object(module, "PIECE", size):
        yield


def items_of(files: list[list[bytes]], until: int | None = None) -> list[Item]:
    """The items of files with these lines."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        paths = [write_lines(folder / f"{number}.jsonl", content) for number, content in enumerate(files)]
        items = list(history_of(*paths, folder=folder, until=until).items())
        assert sorted(folder.iterdir()) == sorted(paths), "what was spilled is gone"
        return items


def mentions_in(items: list[Item]) -> list[Mention]:
    return [item.record for item in items if isinstance(item.record, Mention)]


def heartbeats_in(items: list[Item]) -> list[Heartbeat]:
    return [item.record for item in items if isinstance(item.record, Heartbeat)]


@given(entries, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_mentions_come_in_the_order_of_time_and_id_whatever_the_order_of_the_file(
    posts: list[Entry], chance: Any
) -> None:
    shuffled = chance.sample(posts, len(posts))
    found = mentions_in(items_of([[a_post(*entry) for entry in shuffled]]))
    expected = sorted(posts, key=lambda entry: (entry[1], entry[0]))
    assert [(mention.id, to_ms(mention.created_at)) for mention in found] == expected


@given(entries, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_order_of_the_file_changes_no_byte(posts: list[Entry], chance: Any) -> None:
    content = [a_post(*entry) for entry in posts]
    shuffled = chance.sample(content, len(content))
    assert items_of([content]) == items_of([shuffled])


@given(st.lists(lines, max_size=25), st.integers(1, 9))
@settings(deadline=None)
def test_what_is_sorted_in_pieces_is_the_same(content: list[bytes], size: int) -> None:
    whole = items_of([content])
    with pieces_of(size):
        assert items_of([content]) == whole


@given(st.lists(lines, max_size=25), st.integers(0, 3))
@settings(deadline=None)
def test_nothing_is_lost_or_added_in_sorting(content: list[bytes], size: int) -> None:
    with pieces_of(size or 1000):
        items = items_of([content])
    records = [item.record for item in items if not isinstance(item.record, Heartbeat)]
    assert len(records) == len(content)
    letters = [record.position for record in records if isinstance(record, DeadLetter)]
    assert letters == sorted(letters)


def test_versions_of_a_post_come_in_their_order_and_its_deletion_after_them() -> None:
    content = [
        a_post("x:1", op="delete"),
        a_post("x:1", text="acme 3", version=3),
        a_post("x:1", text="acme 2", version=2),
        a_post("x:2", text="acme"),
    ]
    told = [item.record for item in items_of([content]) if not isinstance(item.record, Heartbeat)]
    assert [(record.id, getattr(record, "version", None)) for record in told if not isinstance(record, DeadLetter)] == [
        ("x:1", 2),
        ("x:1", 3),
        ("x:2", 0),
        ("x:1", None),
    ]


def test_updates_that_do_not_say_when_they_were_made_hold_as_they_stand_in_the_file() -> None:
    content = [a_post("x:1"), *(a_post("x:1", text=f"acme {number}", op="update") for number in range(12))]
    texts = [record.text for record in mentions_in(items_of([content]))]
    assert texts == ["acme is fine", *(f"acme {number}" for number in range(12))]
    versions = [record.version for record in mentions_in(items_of([content]))]
    assert versions == sorted(set(versions))


def test_deletions_say_nothing_of_what_a_file_covers() -> None:
    """Final figures must be those of a file without what is deleted."""
    content = [a_post("x:1"), a_post("x:1", START + 9 * DAY, op="delete")]
    last = heartbeats_in(items_of([content]))[-1]
    assert last.covered[0][1] == from_ms(START)


def test_rows_of_a_table_may_be_edits_and_deletions(tmp_path: Path) -> None:
    rows = [b"id,op,text,at", b"1,create,acme,2020-01-01", b"1,update,acme 2,2020-01-01", b"1,delete,,2020-01-02"]
    columns = {"id": "id", "op": "op", "text": "text", "created_at": "at"}
    history = history_of(write_lines(tmp_path / "p.csv", [*rows, b"2,delete,,"]), folder=tmp_path, columns=columns)
    records = [item.record for item in history.items() if not isinstance(item.record, Heartbeat)]
    versions = [record.version for record in records if isinstance(record, Mention)]
    assert versions == [0, START + 3], "a line that stands below another is later"
    assert records[2:] == [Deletion(id="1", ingested_at=from_ms(START + DAY))]


def test_deletions_alone_are_no_history() -> None:
    items = items_of([[a_post("x:1", op="delete"), a_post("x:2", START + DAY, op="delete")]])
    assert [type(item.record) for item in items] == [Deletion, Deletion]


def test_an_answer_to_an_answer_gets_the_root_where_only_parents_are_told() -> None:
    content = [a_post(f"x:{n}", START + n, parent_id=f"x:{n - 1}") for n in range(1, 4)]
    content.append(a_post("x:9", START + 9, parent_id="x:3", root_id="x:other"))
    mentions = mentions_in(items_of([content]))
    assert [mention.root_id for mention in mentions] == [None, "x:0", "x:0", "x:other"]
    for item in items_of([content]):
        assert to_json(item.record) == item.raw


def test_two_of_the_same_time_and_id_stay_in_the_order_of_the_file() -> None:
    content = [a_post("a", text=f"acme {number}") for number in range(10)]
    for size in (2, 1000):
        with pieces_of(size):
            assert [mention.text for mention in mentions_in(items_of([content]))] == [f"acme {n}" for n in range(10)]


def test_mentions_arrive_when_they_were_written() -> None:
    mention = mentions_in(items_of([[a_post("a", ingested_at="2021-01-01T00:00:00Z")]]))[0]
    assert mention.ingested_at == mention.created_at


def test_dead_letters_come_before_all_mentions() -> None:
    items = items_of([[a_post("a"), b"bad"], [a_post("b"), b"worse"]])
    kinds = [type(item.record) for item in items]
    assert kinds[:2] == [DeadLetter, DeadLetter]
    assert DeadLetter not in kinds[2:]


files_of_posts = st.lists(entries, min_size=1, max_size=3)


def told(files: list[list[Entry]], until: int | None = None) -> list[Item]:
    """The items of files of posts; ids differ between files."""
    return items_of([[a_post(f"{n}:{id}", at) for id, at in file] for n, file in enumerate(files)], until)


@given(files_of_posts)
@settings(deadline=None)
def test_no_heartbeat_claims_a_time_that_later_mentions_contradict(files: list[list[Entry]]) -> None:
    items = told(files)
    for place, item in enumerate(items):
        if isinstance(item.record, Heartbeat):
            through = to_ms(item.record.through)
            assert all(through <= written for written in times(mentions_in(items[place:])))


@given(files_of_posts)
@settings(deadline=None)
def test_heartbeats_never_go_back(files: list[list[Entry]]) -> None:
    through = [heartbeat.through for heartbeat in heartbeats_in(told(files))]
    assert through == sorted(through)


@given(files_of_posts)
@settings(deadline=None)
def test_a_source_covers_from_its_first_to_its_last_mention_and_never_more_than_is_told(
    files: list[list[Entry]],
) -> None:
    items = told(files)
    last: dict[str, Heartbeat] = {}
    for heartbeat in heartbeats_in(items):
        ((start, end),) = heartbeat.covered
        written = [at for _, at in files[int(heartbeat.source.split(".")[0])]]
        assert to_ms(start) == min(written)
        assert to_ms(end) <= max(written)
        last[heartbeat.source] = heartbeat
    ends = {source: to_ms(heartbeat.covered[0][1]) for source, heartbeat in last.items()}
    assert ends == {f"{number}.jsonl": max(at for _, at in file) for number, file in enumerate(files) if file}


@given(files_of_posts)
@settings(deadline=None)
def test_before_the_clock_moves_every_source_has_said_what_it_covered(files: list[list[Entry]]) -> None:
    """Else a window closes as unknown that a source listened to, and which one depends on the names of the files."""
    now = -1
    covered: dict[str, int] = {}
    for heartbeat in heartbeats_in(told(files)):
        covered[heartbeat.source] = to_ms(heartbeat.covered[0][1])
        through = to_ms(heartbeat.through)
        if through > now:
            now = through
            for number, file in enumerate(files):
                before = [at for _, at in file if at < now]
                if before:
                    known = covered.get(f"{number}.jsonl", min(before))
                    assert known >= min(now, max(before)), (number, now - known)


@given(files_of_posts.filter(any))
@settings(deadline=None)
def test_the_last_heartbeat_closes_the_last_day(files: list[list[Entry]]) -> None:
    items = told(files)
    last = max(times(mentions_in(items)))
    heartbeat = items[-1].record
    assert isinstance(heartbeat, Heartbeat)
    assert to_ms(heartbeat.through) == (last // DAY + 1) * DAY + LATENESS


def test_the_clock_moves_while_mentions_come() -> None:
    posts = [("a", START), ("b", START + HOUR), ("c", START + 2 * HOUR + 7 * MINUTE)]
    through = [to_ms(heartbeat.through) - START for heartbeat in heartbeats_in(told([posts]))]
    assert through == [HOUR, 2 * HOUR + 5 * MINUTE, DAY + LATENESS]


@given(files_of_posts, st.integers(START, START + 5 * DAY))
@settings(deadline=None)
def test_if_something_live_follows_no_heartbeat_is_ahead_of_the_clock(files: list[list[Entry]], now: int) -> None:
    """Or all that comes before midnight would be too late for its window."""
    before = [[(id, at) for id, at in file if at <= now] for file in files]
    assert all(to_ms(heartbeat.through) <= now for heartbeat in heartbeats_in(told(before, until=now)))


def test_no_mentions_no_heartbeats() -> None:
    assert heartbeats_in(items_of([[b"bad"], []])) == []


# What becomes of it in the trends


def trends_of(paths: list[Path], folder: Path) -> list[dict[str, Any]]:
    """The trends of files of posts about acme."""
    with Store(folder / "test.db") as store:
        lane = Embedded(store, plain_scorer())
        lane.configure(configured().settings())
        feed(lane, list(history_of(*paths, folder=folder).items()))
        export_of(store, folder / "found")
    return lines_in(folder / "found", "trends.jsonl")


def hours_of(trends: list[dict[str, Any]]) -> dict[int, Any]:
    """Hours since START: how many mentions; None where that is unknown."""
    hours = {}
    for trend in trends:
        if trend["window"] == "hour":
            at = (to_ms(datetime.fromisoformat(trend["start"])) - START) // HOUR
            hours[at] = trend["total"]["volume"]["mentions"] if trend["total"] else None
    return hours


def test_between_two_files_nothing_is_known_and_within_each_silence_is_zero(tmp_path: Path) -> None:
    first = write_lines(tmp_path / "a.jsonl", [a_post("1"), a_post("2", START + 2 * HOUR)])
    second = write_lines(tmp_path / "b.jsonl", [a_post("3", START + 6 * HOUR), a_post("4", START + 8 * HOUR)])
    hours = hours_of(trends_of([first, second], tmp_path))
    assert [hours[hour] for hour in range(10)] == [1, 0, 1, None, None, None, 1, 0, 1, None]
    assert set(hours) == set(range(24))


@given(files_of_posts.filter(any))
@settings(deadline=None, max_examples=30)
def test_what_files_are_called_changes_no_trend(files: list[list[Entry]]) -> None:
    def trends(names: list[str]) -> list[dict[str, Any]]:
        with TemporaryDirectory() as name:
            folder = Path(name)
            contents = [[a_post(f"{n}:{id}", at) for id, at in file] for n, file in enumerate(files)]
            return trends_of([write_lines(folder / n, c) for n, c in zip(names, contents, strict=False)], folder)

    assert trends(["a.jsonl", "b.jsonl", "c.jsonl"]) == trends(["c.jsonl", "b.jsonl", "a.jsonl"])


def test_the_last_day_of_the_file_is_told(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.jsonl", [a_post("1"), a_post("2", START + 2 * DAY + 23 * HOUR)])
    days = [trend["total"]["volume"]["mentions"] for trend in trends_of([path], tmp_path) if trend["window"] == "day"]
    assert days == [1, 0, 1]


# Several files of one configuration


def names_of(settings: str, folder: Path) -> list[str]:
    """What the sources of settings are called."""
    paths = resolve(configured(ACME + settings, folder))
    return [str(source.name) for source, _ in paths.history + paths.live]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Files of the same names in two folders, one of them with brackets."""
    for folder in ("2019", "[2020]"):
        (tmp_path / folder).mkdir()
        for name in ("a.jsonl", "b.jsonl"):
            write_lines(tmp_path / folder / name, [a_post(f"{folder}/{name}")])
    return tmp_path


def test_a_file_is_called_by_its_name(archive: Path) -> None:
    assert names_of('[[sources]]\npath = "2019/*.jsonl"\n', archive) == ["a.jsonl", "b.jsonl"]


def test_files_of_one_name_are_told_apart_by_their_folders(archive: Path) -> None:
    assert names_of('[[sources]]\npath = "*/a.jsonl"\n', archive) == ["2019/a.jsonl", "[2020]/a.jsonl"]


def test_the_files_of_a_source_with_a_name_are_told_apart(archive: Path) -> None:
    assert names_of('[[sources]]\npath = "2019/*"\nname = "x"\n', archive) == ["x/a.jsonl", "x/b.jsonl"]
    assert names_of('[[sources]]\npath = "2019/a.jsonl"\nname = "x"\n', archive) == ["x"]


def test_a_folder_with_brackets_is_a_folder(archive: Path) -> None:
    assert names_of('[[sources]]\npath = "*.jsonl"\n', archive / "[2020]") == ["a.jsonl", "b.jsonl"]
    assert names_of('[[sources]]\npath = "[2020]/a.jsonl"\n', archive) == ["a.jsonl"]


def test_a_file_that_two_sources_name_is_not_read_twice(archive: Path) -> None:
    with pytest.raises(CannotRead, match=r"a\.jsonl: is there twice"):
        names_of('[[sources]]\npath = "2019/*"\n[[sources]]\npath = "2019/a.jsonl"\n', archive)


def test_a_pattern_that_fits_nothing_is_named(archive: Path) -> None:
    paths = resolve(configured(ACME + '[[sources]]\npath = "*.csv"\n', archive))
    with pytest.raises(CannotRead, match=r"\*\.csv: No such file"):
        Reader(*paths.history[0], lambda: START)


def test_a_file_is_known_by_its_name_its_size_and_its_content(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.jsonl", [a_post("1")])
    source = Source(path=str(path))
    before = identity([(source, str(path))])
    assert identity([(source, str(path))]) == before
    write_lines(path, [a_post("2")])
    assert identity([(source, str(path))]) != before
    write_lines(path, [a_post("1"), a_post("2")])
    assert identity([(source, str(path))]) != before
    write_lines(path, [a_post("1")])
    assert identity([(source, str(path.rename(tmp_path / "b.jsonl")))]) != before


def test_a_file_that_is_read_in_another_way_is_another(tmp_path: Path) -> None:
    """Another zone gives another order: to go on at the same place in it would lose posts."""
    path = str(write_lines(tmp_path / "a.jsonl", [a_post("1")]))
    source = Source(path=path)
    for other in (replace(source, zone="Europe/Bucharest"), replace(source, columns={"text": "body"})):
        assert identity([(other, path)]) != identity([(source, path)])
    assert identity([(replace(source, name="mine"), path)]) == identity([(source, path)])


def test_times_are_kept_to_the_millisecond() -> None:
    mention = mentions_in(items_of([[a_post("a", created_at="2020-01-01T00:00:00.123456Z")]]))[0]
    assert to_ms(mention.created_at) == START + 123
