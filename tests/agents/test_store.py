"""The one file of the embedded service: where it may lie, who may write it, and who may read meanwhile."""

import fcntl
import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from io import StringIO
from pathlib import Path
from unittest import mock

import pytest
from msgspec.structs import replace
from rich.console import Console

from agents.console import TerminalWatcher
from agents.runtime.added import Added
from agents.runtime.database import SHAPE, TABLES, Busy, WrongFile, lock_file
from agents.runtime.embedded import LANE_VERSION, Embedded, Outcome
from agents.runtime.records import Records
from agents.runtime.store import Store
from agents.runtime.work import VERSION
from listener.trace import Trace
from listener.trends import Quiet
from listener.windows import LENGTHS as WINDOW_LENGTHS
from schemas.alert import Alert
from schemas.record import to_json
from schemas.times import HOUR, to_ms
from tests.agents.building import (
    FROM_FILE,
    a_post,
    configured,
    ended,
    export_of,
    feed,
    lines_in,
    listener,
    listening,
    mentions_in,
    plain_scorer,
    same,
    say,
    says_one_line,
    wait_for,
    write_lines,
)
from tests.agents.trouble import cut, story
from tests.core.building import START, alerts, burst, run, said, with_pulses


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
    (tmp_path / "listener.toml").write_text(FROM_FILE + '[storage]\npath = "nowhere/listener.db"\n')
    write_lines(tmp_path / "posts.jsonl", [a_post("a")])
    says_one_line(listener("run", "--until-end", folder=tmp_path), 1, "nowhere/listener.db", "No such file")


@pytest.mark.parametrize("content", [b"acme is fine", b"SQLite format 3\0" + b"\0" * 200])
def test_a_file_that_is_no_database_is_named_and_left_as_it_is(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "listener.toml").write_text(FROM_FILE)
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
    (tmp_path / "listener.toml").write_text(FROM_FILE)
    ran = listener("export", "--out", "found", folder=tmp_path)
    says_one_line(ran, 1, "listener.db", "listener run")


@pytest.mark.parametrize("name", ["a b.db", "100%41.db", "what?.db", "#1.db", "listener.db?mode=rwc"])
def test_a_database_may_be_called_anything(name: str, tmp_path: Path) -> None:
    with Store(tmp_path / name) as store:
        lane = Embedded(store, plain_scorer())
        lane.configure(configured().settings())
    with Records(tmp_path / name) as store:
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
        with Records(tmp_path / "test.db") as reader:
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


def test_what_is_told_twice_is_there_once_and_what_contradicts_itself_is_counted(tmp_path: Path) -> None:
    """Each key is derived from the content: a second one must not break every start from then on."""
    outcomes: list[Outcome] = []
    with Store(tmp_path / "listener.db") as store:
        lane = Embedded(store, plain_scorer(), outcomes.append)
        lane.configure(configured().settings())
        feed(lane, story(), len(story()))
        (told,) = [outcome for outcome in outcomes if outcome.alerts]
        before = export_of(store, tmp_path)
        assert store.add_alerts(told.alerts) + store.add_spoken(told.spoken) == 0
        assert store.add_alerts([replace(told.alerts[0], summary="other"), *told.alerts[1:]]) == 1
        assert store.add_spoken([told.spoken[0]._replace(known=0.123)]) == 1
        quiet = Quiet(WINDOW_LENGTHS[0], 0, 0, 1.0, ("volume",), ("acme",))
        assert [store.add_quiet([one]) for one in (quiet, quiet, quiet._replace(known=0.5))] == [0, 0, 1]
        store.connection.execute("DELETE FROM quiet WHERE start = 0")
        same(export_of(store, tmp_path), before)


def test_a_second_alert_of_the_same_sequence_is_no_end_and_is_told(tmp_path: Path) -> None:
    outcomes: list[Outcome] = []
    with Store(tmp_path / "one.db") as store:
        lane = Embedded(store, plain_scorer(), outcomes.append)
        lane.configure(configured().settings())
        feed(lane, story(), len(story()))
        assert "contradicted" not in lane.counts
        alerts = [replace(alert, summary="other") for outcome in outcomes for alert in outcome.alerts]
    with Store(tmp_path / "two.db") as store:
        store.add_alerts(alerts)
        lane = Embedded(store, plain_scorer())
        lane.configure(configured().settings())
        feed(lane, story(), len(story()))
        assert lane.counts["contradicted"] == len(alerts) > 0
        assert Embedded(store, plain_scorer()).counts["contradicted"] == len(alerts)
    shown = StringIO()
    TerminalWatcher(Console(file=shown, width=200)).summary(dict(lane.counts))
    assert f"{len(alerts)} trends or alerts were told before with other content" in shown.getvalue()


def test_posts_of_an_alert_are_found_whenever_they_were_read(tmp_path: Path) -> None:
    """What a source catches up is read long after the stretch that it is judged in."""
    alert = finding_alert(examples=("x:late", "x:gone"))
    late = said("x:late", to_ms(alert.at) + 5 * HOUR, -0.6)
    with Store(tmp_path / "listener.db") as store:
        store.begin()
        store.add_mentions([(1, to_json(late.mention))])
        store.add_brand_mentions([(1, late)])
        store.commit()
        assert [post.mention.id for post in store.posts(alert).values()] == ["x:late"]
        assert store.posts(replace(alert, brand="other")) == {}


def finding_alert(examples: tuple[str, ...]) -> Alert:
    """The final alert of a burst, with other examples."""
    told = alerts(run(with_pulses(burst("c", START, 40), START + HOUR)))
    return replace(next(alert for alert in told if alert.stage == "final"), examples=examples)


def test_who_changes_the_fields_of_what_is_kept_raises_its_numbers() -> None:
    """Both are kept as arrays: what an older listener wrote would be read as something else, or not at all."""
    kept = hashlib.blake2b(digest_size=8)
    for kind in (Trace, Added):
        kept.update(" ".join(kind.__struct_fields__).encode())
    kept.update(TABLES.encode())
    assert (SHAPE, LANE_VERSION, VERSION, kept.hexdigest()) == (9, 3, 5, "20c838bd456e7cfa")
