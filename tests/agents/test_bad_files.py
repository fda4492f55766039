"""Files that break off, or of which nothing can be read: what can be read is read, and the rest is named."""

import gzip
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agents.sources.lines import CannotRead
from schemas.dead_letter import DeadLetter
from schemas.mention import Mention
from tests.agents.bad_input import BOM, HEADER, a_row
from tests.agents.building import a_post, history_of, mentions_of, records_of, write_lines


@given(st.binary(max_size=200), st.sampled_from(["posts.jsonl", "posts.csv", "posts", "posts.json", "posts.csv.gz"]))
@settings(max_examples=300, deadline=None)
def test_no_file_is_worse_than_unreadable(content: bytes, name: str) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        with suppress(CannotRead):
            records_of(path)


# gzip


def test_a_gzip_that_breaks_off_gives_all_whole_lines_and_says_where_it_broke(tmp_path: Path) -> None:
    lines = [a_post(f"{number}", text=os.urandom(30).hex()) for number in range(2_000)]
    path = write_lines(tmp_path / "posts.jsonl.gz", lines)
    path.write_bytes(path.read_bytes()[:-5_000])
    *mentions, letter = records_of(path)
    assert len(mentions) > 1_500
    assert [mention.id for mention in mentions_of(path)] == [str(number) for number in range(len(mentions))]
    assert isinstance(letter, DeadLetter)
    assert letter.position == len(mentions) + 1
    assert "the gzip breaks off" in letter.reason


PACKED = gzip.compress(
    b"".join(a_post(f"{number}", text=f"acme {number**7}") + b"\n" for number in range(200)), mtime=0
)


@given(st.integers(2, len(PACKED) - 1))
@settings(max_examples=150, deadline=None)
def test_a_gzip_may_break_off_anywhere(at: int) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "posts.jsonl.gz"
        path.write_bytes(PACKED[:at])
        *mentions, letter = records_of(path)
        assert [mention.id for mention in mentions_of(path)] == [str(number) for number in range(len(mentions))]
        assert isinstance(letter, DeadLetter)
        assert "the gzip breaks off" in letter.reason


@given(st.integers(2, len(PACKED) - 1), st.integers(1, 255))
@example(3, 1)
@settings(max_examples=150, deadline=None)
def test_a_corrupt_gzip_never_passes_for_whole(at: int, by: int) -> None:
    """Some bits of its header mean nothing: then all must be as it was."""
    content = bytearray(PACKED)
    content[at] ^= by
    with TemporaryDirectory() as folder:
        path = Path(folder) / "posts.jsonl.gz"
        path.write_bytes(content)
        try:
            records = records_of(path)
        except CannotRead:
            return
        if not any(isinstance(record, DeadLetter) for record in records):
            path.write_bytes(PACKED)
            assert records == records_of(path)


def test_what_follows_a_gzip_is_said(tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl.gz"
    path.write_bytes(gzip.compress(a_post("a") + b"\n") + b"what is this?")
    mention, letter = records_of(path)
    assert isinstance(mention, Mention)
    assert isinstance(letter, DeadLetter)


def test_gzip_is_known_by_its_content_and_may_have_several_members(tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl"
    path.write_bytes(gzip.compress(a_post("a") + b"\n") + gzip.compress(a_post("b") + b"\n"))
    assert [mention.id for mention in mentions_of(path)] == ["a", "b"]


# Files of which nothing can be read


@contextmanager
def an_ordinary_person() -> Iterator[None]:
    """Root may read everything; give that up for a while."""
    if os.geteuid() != 0:
        yield
        return
    try:
        os.seteuid(65_534)
    except OSError as error:
        pytest.skip(f"root, and cannot give it up: {error}")
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "posts.jsonl", [a_post("a")])
    path.chmod(0)
    with an_ordinary_person(), pytest.raises(CannotRead, match=r"posts\.jsonl: Permission denied"):
        records_of(path)


UNREADABLE: dict[str, tuple[str, bytes, list[str]]] = {
    "UTF-16, little end first": ("posts.csv", "id,text\n".encode("utf-16-le"), ["posts.csv"]),
    "UTF-16": ("posts.csv", "id,text\n".encode("utf-16"), ["posts.csv", "UTF-16", "iconv"]),
    "UTF-16 in gzip": ("posts.csv.gz", gzip.compress("id,text\n".encode("utf-16")), ["posts.csv.gz", "UTF-16"]),
    "UTF-16 JSON": ("posts.jsonl", '{"id":1}'.encode("utf-16"), ["posts.jsonl", "UTF-16"]),
    "one JSON array": ("posts.json", b'[{"id":"a"},{"id":"b"}]', ["posts.json", "array", "jq -c '.[]'"]),
    "one JSON array over lines": ("posts.json", b'[\n{"id":"a"}\n]', ["posts.json", "array"]),
    "a table of one column": ("posts.csv", b"id\n1\n", ["posts.csv", "one column", "delimiter"]),
    "a column named twice": ("posts.csv", b"id,text,text\n1,a,b\n", ["posts.csv", "'text' twice"]),
    "no column for the text": ("posts.csv", b"id,created_at\n1,2\n", ["posts.csv", "text", "[sources.columns]"]),
    "no column for text and time": ("posts.csv", b"one,two\n1,2\n", ["posts.csv", "text and created_at", "one, two"]),
    "no key for the text": ("posts.jsonl", b'{"id":"1","created_at":1577836800}', ["posts.jsonl", "text"]),
    "a header that is no text": ("posts.csv", b"\xff,\xfe,\xfd\n1,2,3\n", ["posts.csv"]),
    "a header with an open quote": ("posts.csv", b'id,"text,created_at\n1,a,b\n', ["posts.csv", "header"]),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_of_which_nothing_can_be_read_is_named_with_what_to_do(name: str, tmp_path: Path) -> None:
    file, content, words = UNREADABLE[name]
    path = tmp_path / file
    path.write_bytes(content)
    with pytest.raises(CannotRead) as told:
        records_of(path)
    for word in words:
        assert word in str(told.value)


def test_a_column_that_the_file_does_not_have_is_named_with_those_it_has(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "posts.csv", [HEADER, a_row("1")])
    with pytest.raises(
        CannotRead, match=r"posts.csv: columns\.text: there is no column 'body' among id, text, created"
    ):
        records_of(path, columns={"text": "body", "created_at": "created_at"})


@pytest.mark.parametrize("content", [b"", b"\n\n \n", BOM, gzip.compress(b"", mtime=0)])
@pytest.mark.parametrize("name", ["posts.csv", "posts.jsonl", "posts"])
def test_an_empty_file_is_nothing_and_no_error(name: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert records_of(path) == []
    assert list(history_of(path, folder=tmp_path).items()) == []


def test_a_header_alone_is_nothing_and_no_error(tmp_path: Path) -> None:
    assert records_of(write_lines(tmp_path / "posts.csv", [HEADER])) == []
