"""A file that grows: followed by its name, through rotation, cutting and half-written lines."""

import os
import random
import signal
from functools import partial
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.configuration import Source
from agents.sources import followed, growing
from agents.sources.followed import FollowedFile
from agents.sources.growing import Place, place_in, read_on
from agents.sources.lines import LONGEST_LINE
from schemas.dead_letter import KEPT_BYTES, DeadLetter
from schemas.mention import Mention
from tests.agents.building import ACME, NOW, a_post, mentions_in, running, wait_for
from tests.agents.listened import listened, until

FOLLOW = ACME + '[[sources]]\npath = "posts.jsonl"\nfollow = true\n'


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(followed, "POLL_SECONDS", 0.01)


def a_file(folder: Path, **source: object) -> FollowedFile:
    path = folder / "posts.jsonl"
    return FollowedFile("posts", Source(path=str(path), follow=True, **source), path, lambda: NOW)  # type: ignore[arg-type]  # any field


def add(path: Path, *lines: bytes, end: bytes = b"\n") -> None:
    with path.open("ab") as file:
        file.write(b"".join(line + end for line in lines))


async def test_a_line_is_read_once_its_end_is_written(tmp_path: Path) -> None:
    posts = tmp_path / "posts.jsonl"
    line = a_post("a")
    async with listened(a_file(tmp_path)) as heard:
        add(posts, line[:30], end=b"")
        await until(lambda: posts.stat().st_size == 30 and heard.batches)
        assert heard.records == []
        add(posts, line[30:])
        await until(lambda: heard.ids == ["a"])


async def test_what_was_there_at_first_is_backfill_and_what_comes_is_not(tmp_path: Path) -> None:
    posts = tmp_path / "posts.jsonl"
    add(posts, a_post("old"))
    async with listened(a_file(tmp_path)) as heard:
        await until(lambda: heard.cursor and heard.cursor["begun"])
        add(posts, a_post("new"))
        await until(lambda: len(heard.ids) == 2)
    assert [record.backfill for record in heard.records if isinstance(record, Mention)] == [True, False]


async def test_a_rotated_file_is_read_to_its_end_before_the_new_one(tmp_path: Path) -> None:
    posts = tmp_path / "posts.jsonl"
    add(posts, a_post("a"))
    async with listened(a_file(tmp_path)) as heard:
        await until(lambda: heard.ids == ["a"])
        add(posts, a_post("b"))
        posts.rename(tmp_path / "posts.jsonl.1")
        add(posts, a_post("d"))
        add(tmp_path / "posts.jsonl.1", a_post("c"), end=b"")  # its writer does not know yet, and ends without an end
        await until(lambda: len(heard.ids) == 4)
    assert heard.ids == ["a", "b", "c", "d"]


async def test_two_rotations_while_nobody_listened_lose_nothing(tmp_path: Path) -> None:
    posts = tmp_path / "posts.jsonl"
    add(posts, a_post("a"))
    async with listened(a_file(tmp_path)) as heard:
        await until(lambda: heard.ids == ["a"] and heard.cursor["begun"])
    add(posts, a_post("b"))
    posts.rename(tmp_path / "posts.jsonl.1")
    add(posts, a_post("c"))
    os.utime(posts, ns=(0, (tmp_path / "posts.jsonl.1").stat().st_mtime_ns + 1))
    (tmp_path / "posts.jsonl.1").rename(tmp_path / "posts.jsonl.2")
    posts.rename(tmp_path / "posts.jsonl.1")
    add(posts, a_post("d"))
    (tmp_path / "posts.jsonl.gz").write_bytes(b"not ours")
    async with listened(a_file(tmp_path), heard.cursor) as again:
        await until(lambda: len(again.ids) == 3)
    assert again.ids == ["b", "c", "d"]
    assert again.began == [0], "it gives all again that was written meanwhile"


@pytest.mark.parametrize("longer", [False, True])
async def test_a_file_that_was_cut_is_read_from_its_beginning(longer: bool, tmp_path: Path) -> None:
    posts = tmp_path / "posts.jsonl"
    add(posts, a_post("a"))
    async with listened(a_file(tmp_path)) as heard:
        await until(lambda: heard.ids == ["a"])
        posts.write_bytes(b"".join(a_post(f"b{n}") + b"\n" for n in range(3 if longer else 0)))
        await until(lambda: longer or heard.notes)
        add(posts, a_post("c"))
        await until(lambda: heard.ids[-1] == "c")
    assert heard.ids == ["a", *(["b0", "b1", "b2"] if longer else []), "c"]
    assert heard.notes == ["posts: the file was cut, and is read from its beginning"]


async def test_a_file_that_is_not_there_yet_is_waited_for(tmp_path: Path) -> None:
    async with listened(a_file(tmp_path)) as heard:
        await until(lambda: heard.through == NOW)
        add(tmp_path / "posts.jsonl", a_post("a"))
        await until(lambda: heard.ids == ["a"])
    assert not heard.records[0].backfill  # type: ignore[union-attr]  # it is a mention


async def test_bad_lines_are_dead_letters_with_their_place(tmp_path: Path) -> None:
    add(tmp_path / "posts.jsonl", b"oops", b"", a_post("a"), b"\xff", a_post("b", text=""))
    async with listened(a_file(tmp_path)) as heard:
        await until(lambda: heard.cursor and heard.cursor["begun"])
    assert [(letter.source, letter.position) for letter in heard.letters] == [("posts", 1), ("posts", 4), ("posts", 5)]
    assert heard.ids == ["a"]


async def test_columns_reach_into_json_of_any_shape(tmp_path: Path) -> None:
    columns = {"id": "data.key", "text": "data.parts.0.body", "created_at": "when", "author": {"handle": "from.name"}}
    add(
        tmp_path / "posts.jsonl",
        b'{"data":{"key":7,"parts":[{"body":"acme"}]},"when":"2020-01-01T00:00:00Z","from":{"name":"me"}}',
        b'{"data":5,"when":"2020-01-01T00:00:00Z"}',
    )
    async with listened(a_file(tmp_path, columns=columns, platform="forum")) as heard:
        await until(lambda: len(heard.records) == 2)
    mention, letter = heard.records
    assert isinstance(mention, Mention)
    assert (mention.id, mention.text, mention.author and mention.author.handle) == ("forum:7", "acme", "me")
    assert isinstance(letter, DeadLetter)


def test_a_line_that_is_too_long_is_one_dead_letter_and_costs_no_other(tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl"
    add(path, a_post("a"), b"x" * (3 * LONGEST_LINE), a_post("b"))
    with path.open("rb") as file:
        place, lines = place_in(file, Place()), []
        while True:
            found, after = read_on(file, place, "posts", whole=False)
            if after == place:
                break
            lines += found
            place = after
    assert [line.raw for line in lines if not isinstance(line, DeadLetter)] == [a_post("a"), a_post("b")]
    (letter,) = (line for line in lines if isinstance(line, DeadLetter))
    assert (letter.fault, len(letter.raw)) == ("unreadable", KEPT_BYTES)
    assert place.offset == path.stat().st_size


@given(
    lines=st.lists(st.binary(max_size=12).map(lambda raw: raw.replace(b"\n", b"").replace(b"\r", b"")), max_size=30),
    cuts=st.lists(st.integers(1, 40), max_size=40),
    chunk=st.integers(1, 16),
    longest=st.integers(16, 40),
)
@settings(max_examples=200, deadline=None)
def test_however_a_file_is_written_each_line_comes_once(
    lines: list[bytes], cuts: list[int], chunk: int, longest: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("f") / "posts"
    path.touch()
    content = b"".join(line + b"\n" for line in lines)
    found: list[bytes] = []
    place = Place()
    with (
        mock.patch.object(growing, "BATCH_BYTES", chunk),
        mock.patch.object(growing, "LONGEST_LINE", longest),
        path.open("rb") as file,
    ):
        for cut in [*cuts, len(content)]:
            with path.open("ab") as writer:
                writer.write(content[:cut])
            content = content[cut:]
            while True:
                place = Place(*place_in(file, place))
                read, after = read_on(file, place, "x", whole=False)
                if after == place:
                    break
                found += [line.raw for line in read]
                place = after
    assert found == [line.removeprefix(b"\xef\xbb\xbf") if number == 0 else line for number, line in enumerate(lines)]


def has_read(folder: Path, least: int) -> bool:
    return len(mentions_in(folder)) >= least


def test_the_process_killed_at_any_time_loses_and_doubles_nothing(tmp_path: Path) -> None:
    (tmp_path / "listener.toml").write_text(FOLLOW)
    posts = tmp_path / "posts.jsonl"
    add(posts, a_post("0"))
    draw = random.Random(5)
    written = 1
    for _ in range(5):
        with running("run", folder=tmp_path) as process:
            wait_for(lambda: mentions_in(tmp_path))
            for _ in range(20):
                add(posts, *(a_post(f"{n}") for n in range(written, written + 50)))
                written += 50
                if draw.random() < 0.1:
                    posts.rename(tmp_path / f"posts.jsonl.{written}")
                    posts.touch()
            some = int(draw.random() * written)
            wait_for(partial(has_read, tmp_path, some))
            process.kill()
            process.wait(10)
    with running("run", folder=tmp_path) as process:
        wait_for(lambda: len({mention.id for mention in mentions_in(tmp_path)}) == written)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert [mention.id for mention in mentions_in(tmp_path)] == [f"{n}" for n in range(written)]
