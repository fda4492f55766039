"""A folder in which files appear, moved in or written bit by bit: each is read once, also across restarts."""

import gzip
import signal
from functools import partial
from pathlib import Path

import pytest

from agents.configuration import Source
from agents.sources import folder
from agents.sources.folder import WatchedFolder
from schemas.mention import Mention
from tests.agents.building import ACME, NOW, a_post, mentions_in, running, wait_for, write_lines
from tests.agents.listened import Notebook, listened, until


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(folder, "SETTLED_SECONDS", 0.1)
    monkeypatch.setattr(folder, "ABANDONED_SECONDS", 0.6)


def a_folder(path: Path, **source: object) -> WatchedFolder:
    return WatchedFolder("drop", Source(kind="folder", path=str(path), **source), path, lambda: NOW)  # type: ignore[arg-type]  # any field


async def test_each_file_is_read_once_whatever_it_is_made_of(tmp_path: Path) -> None:
    async with listened(a_folder(tmp_path)) as heard:
        write_lines(tmp_path / "a.jsonl", [a_post("a")])
        (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(a_post("b")))
        (tmp_path / "c.csv").write_bytes(b"id,text,created_at\nc,acme,2020-01-01T00:00:00Z\n")
        await until(lambda: sorted(heard.ids) == ["a", "b", "c"])
        await until(lambda: heard.cursor["begun"] and heard.cursor["file"] == "")
        (tmp_path / "a.jsonl").unlink()
        await until(lambda: len(heard.cursor["done"]) == 2)
    async with listened(a_folder(tmp_path), heard.cursor) as again:
        write_lines(tmp_path / "d.jsonl", [a_post("d")])
        await until(lambda: again.ids)
    assert again.ids == ["d"]


async def test_a_file_that_is_still_written_is_left_until_its_last_line_is_ended(tmp_path: Path) -> None:
    async with listened(a_folder(tmp_path)) as heard:
        path = tmp_path / "a.jsonl"
        for place in range(0, len(a_post("a")), 20):
            with path.open("ab") as file:
                file.write(a_post("a")[place : place + 20])
            await until(lambda: True)
        batches = len(heard.batches)
        await until(lambda: len(heard.batches) == batches)
        with path.open("ab") as file:
            file.write(b"\n")
        await until(lambda: heard.records)
    assert heard.ids == ["a"]


async def test_a_last_line_without_an_end_is_read_when_nobody_writes_any_more(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(a_post("a"))
    async with listened(a_folder(tmp_path)) as heard:
        await until(lambda: heard.ids == ["a"])


async def test_hidden_and_unfinished_files_are_left_alone(tmp_path: Path) -> None:
    for name in (".a.jsonl", "b.jsonl.tmp", "c.jsonl~", "d.part"):
        write_lines(tmp_path / name, [a_post(name)])
    async with listened(a_folder(tmp_path)) as heard:
        await until(lambda: heard.cursor and heard.cursor["begun"])
        (tmp_path / "b.jsonl.tmp").rename(tmp_path / "b.jsonl")
        await until(lambda: heard.records)
    assert heard.ids == ["b.jsonl.tmp"]
    assert heard.cursor["begun"]


async def test_what_was_there_at_first_is_backfill_and_what_comes_is_not(tmp_path: Path) -> None:
    write_lines(tmp_path / "old.jsonl", [a_post("old")])
    async with listened(a_folder(tmp_path)) as heard:
        await until(lambda: heard.cursor and heard.cursor["begun"])
        write_lines(tmp_path / "new.jsonl", [a_post("new")])
        await until(lambda: len(heard.ids) == 2)
    assert [record.backfill for record in heard.records if isinstance(record, Mention)] == [True, False]


async def test_a_file_of_which_nothing_can_be_read_is_one_dead_letter(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"what,is,this\n1,2,3\n")
    write_lines(tmp_path / "b.jsonl", [a_post("b"), b"oops"])
    async with listened(a_folder(tmp_path)) as heard:
        await until(lambda: len(heard.records) == 3)
    assert sorted((letter.source, letter.position) for letter in heard.letters) == [
        ("drop/a.csv", 0),
        ("drop/b.jsonl", 2),
    ]


async def test_within_a_file_it_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "BATCH", 3)
    write_lines(tmp_path / "a.jsonl", [a_post(f"{n}") for n in range(10)])
    async with listened(a_folder(tmp_path)) as heard:
        await until(lambda: heard.cursor and heard.cursor["begun"])
    _, cursor = next(batch for batch in heard.batches if batch[1]["read"] == 6)
    async with listened(a_folder(tmp_path), cursor) as again:
        await until(lambda: again.cursor and again.cursor["begun"])
    assert again.ids == ["6", "7", "8", "9"]


async def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await a_folder(tmp_path / "gone").listen(None, Notebook())
    with pytest.raises(FileNotFoundError):
        await a_folder(tmp_path / "gone").reach()


def has_read(folder: Path, least: int) -> bool:
    return len(mentions_in(folder)) >= least


def test_the_process_killed_while_it_reads_loses_and_doubles_nothing(tmp_path: Path) -> None:
    (tmp_path / "listener.toml").write_text(ACME + '[[sources]]\nkind = "folder"\npath = "drop"\n')
    (tmp_path / "drop").mkdir()
    for number in range(4):
        posts = [a_post(f"{number}-{n}") for n in range(3_000)]
        write_lines(tmp_path / "new", posts).rename(tmp_path / "drop" / f"{number}.jsonl")
    for least in (1, 4_000, 9_000):
        with running("run", folder=tmp_path) as process:
            wait_for(partial(has_read, tmp_path, least))
            process.kill()
            process.wait(10)
    with running("run", folder=tmp_path) as process:
        write_lines(tmp_path / "new", [a_post("last")]).rename(tmp_path / "drop" / "last.jsonl")  # read by this one
        wait_for(lambda: len({mention.id for mention in mentions_in(tmp_path)}) == 12_001)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert len(mentions_in(tmp_path)) == 12_001
