"""Bad lines of JSON: each a dead letter with its place and reason; those around it are read."""

import json
import tracemalloc
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from agents.sources.lines import LONGEST_LINE
from schemas.dead_letter import KEPT_BYTES, DeadLetter
from schemas.mention import Mention
from schemas.times import DAY, HOUR
from tests.agents.bad_input import BAD_LINES, BOM, with_text
from tests.agents.building import NOW, a_post, history_of, letters_of, mentions_of, records_of, write_lines


@pytest.mark.parametrize("name", BAD_LINES)
def test_a_bad_line_of_json_costs_itself_only(name: str, tmp_path: Path) -> None:
    line, reason = BAD_LINES[name]
    path = write_lines(tmp_path / "posts.jsonl", [a_post("before"), line, a_post("after")])
    before, letter, after = records_of(path)
    assert isinstance(before, Mention)
    assert isinstance(after, Mention)
    assert (before.id, after.id) == ("before", "after")
    assert isinstance(letter, DeadLetter)
    assert (letter.source, letter.position) == ("posts.jsonl", 2)
    assert reason in letter.reason
    assert (letter.raw, letter.length, letter.sha256) == (line[:KEPT_BYTES], len(line), sha256(line).hexdigest())


@pytest.mark.parametrize("name", BAD_LINES)
def test_a_bad_line_may_be_the_first(name: str, tmp_path: Path) -> None:
    line, _ = BAD_LINES[name]
    path = write_lines(tmp_path / "posts.jsonl", [line, a_post("after")])
    letter, after = records_of(path)
    assert isinstance(letter, DeadLetter)
    assert letter.position == 1
    assert isinstance(after, Mention)


GOOD_LINES: dict[str, bytes] = {
    "fields that we do not know": a_post("good", tomorrow={"weather": [1, 2.5, None]}),
    "a pair of surrogates": with_text(rb"acme \ud83d\ude00").replace(b'"bad"', b'"good"'),
    "our own tag": a_post("good", record="mention/1"),
    "an hour ahead, as clocks are": a_post("good", at=NOW + HOUR),
    "just after 1995": a_post("good", at=788_918_400_000),
    "a rating without words": a_post("good", text="", rating={"value": 1.0}),
    "text as long as allowed": a_post("good", text="acme " * 13_000),
    "bidirectional marks and a BOM inside": a_post("good", text="\ufeffacme \u202e\u2028\u0085"),
    "an offset of its own": a_post("good", created_at="2020-01-01T05:45:00+05:45"),
}


@pytest.mark.parametrize("name", GOOD_LINES)
def test_what_only_looks_odd_is_read(name: str, tmp_path: Path) -> None:
    path = write_lines(tmp_path / "posts.jsonl", [GOOD_LINES[name]])
    assert [mention.id for mention in mentions_of(path)] == ["good"]


def test_the_reason_of_a_dead_letter_does_not_depend_on_when_it_was_read(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "posts.jsonl", [a_post("bad", at=4_102_444_800_000)])
    assert len(letters_of(path)) == 1
    assert records_of(path, now=NOW) == records_of(path, now=NOW + 100 * DAY)


def test_empty_lines_are_no_lines_but_keep_their_place(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "posts.jsonl", [b"", a_post("a"), b"  ", b"\t", b"bad", b""])
    good, letter = records_of(path)
    assert isinstance(good, Mention)
    assert isinstance(letter, DeadLetter)
    assert letter.position == 5


def test_the_last_line_needs_no_end(tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl"
    path.write_bytes(a_post("a") + b"\n" + a_post("b"))
    assert [mention.id for mention in mentions_of(path)] == ["a", "b"]


def test_windows_line_ends_are_line_ends(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "posts.jsonl", [a_post("a"), b"bad", a_post("b")], end=b"\r\n")
    assert [mention.id for mention in mentions_of(path)] == ["a", "b"]
    assert letters_of(path)[0].raw == b"bad"


def test_a_line_of_ten_megabytes_is_read_in_little_memory_and_kept_in_part(tmp_path: Path) -> None:
    line = a_post("bad", text="acme " * 2_000_000)
    path = write_lines(tmp_path / "posts.jsonl", [a_post("a"), line, a_post("b")])
    tracemalloc.start()
    try:
        letter, before, after, *_ = [item.record for item in history_of(path, folder=tmp_path).items()]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 5 * LONGEST_LINE
    assert isinstance(letter, DeadLetter)
    assert (letter.position, letter.raw) == (2, line[:KEPT_BYTES])
    assert (letter.length, letter.sha256) == (len(line) + 1, sha256(line + b"\n").hexdigest())
    assert isinstance(before, Mention)
    assert isinstance(after, Mention)


def test_a_long_line_at_the_end_of_the_file_ends(tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl"
    path.write_bytes(a_post("a") + b"\n" + b"x" * (3 * LONGEST_LINE))
    letter = letters_of(path)[0]
    assert letter.length == 3 * LONGEST_LINE


@pytest.mark.parametrize("size", [LONGEST_LINE - 1, LONGEST_LINE, LONGEST_LINE + 1, 2 * LONGEST_LINE])
def test_lines_around_the_limit_do_not_shift_the_next(size: int, tmp_path: Path) -> None:
    path = write_lines(tmp_path / "posts.jsonl", [b"x" * size, a_post("after"), b"bad"])
    assert [mention.id for mention in mentions_of(path)] == ["after"]
    assert [letter.position for letter in letters_of(path)] == [1, 3]


# JSON of another shape, whose keys are mapped


FOREIGN_BAD: dict[str, tuple[dict[str, Any] | bytes, str]] = {
    "no JSON": (b"acme", "not JSON"),
    "an array": (b"[1]", "list"),
    "a lone surrogate": (rb'{"key":"bad","body":"\ud83d","when":1577836800}', "not JSON"),
    "a NUL": ({"key": "bad", "body": "acme\0", "when": 1_577_836_800}, "NUL"),
    "no time": ({"key": "bad", "body": "acme"}, "created_at"),
    "a time that is a list": ({"key": "bad", "body": "acme", "when": [[]]}, "created_at"),
    "a time that is nested": ({"key": "bad", "body": "acme", "when": json.loads("[" * 900 + "]" * 900)}, "created_at"),
    "a time that is true": ({"key": "bad", "body": "acme", "when": True}, "created_at"),
    "a time beyond all calendars": ({"key": "bad", "body": "acme", "when": 1e300}, "created_at"),
    "an id that is an object": ({"key": {"$oid": "1"}, "body": "acme", "when": 1_577_836_800}, "id"),
    "an id that is nested": (b'{"key":' + b"[" * 900 + b"]" * 900 + b',"body":"acme","when":1577836800}', "id"),
    "an id that has lost its digits": ({"key": 5.70306133677760513e17, "body": "a", "when": 1_577_836_800}, "id"),
    "an id of a spreadsheet": ({"key": "5.70306E+17", "body": "acme", "when": 1_577_836_800}, "id"),
    "text that is an object": ({"key": "bad", "body": {"en": "acme"}, "when": 1_577_836_800}, "$.text"),
    "a rating that is not a number": ({"key": "bad", "body": "a", "when": 1_577_836_800, "stars": "nan"}, "rating"),
    "a rating without end": ({"key": "bad", "body": "a", "when": 1_577_836_800, "stars": "-inf"}, "rating"),
}


FOREIGN_COLUMNS = {
    "id": "key",
    "text": "body",
    "created_at": "when",
    "rating.value": "stars",
    "author.id": "user",
    "parent_id": "to",
}


@pytest.mark.parametrize("name", FOREIGN_BAD)
def test_a_bad_line_of_foreign_json_costs_itself_only(name: str, tmp_path: Path) -> None:
    content, reason = FOREIGN_BAD[name]
    line = content if isinstance(content, bytes) else json.dumps(content).encode()
    good = b'{"key":"good","body":"acme","when":1577836800}'
    path = write_lines(tmp_path / "posts.jsonl", [line, good, line])
    first, mention, last = records_of(path, columns=FOREIGN_COLUMNS)
    assert isinstance(mention, Mention)
    for letter, position in ((first, 1), (last, 3)):
        assert isinstance(letter, DeadLetter)
        assert letter.position == position
        assert reason in letter.reason


def test_numbers_are_good_ids_wherever_an_id_is_meant(tmp_path: Path) -> None:
    line = b'{"key":570306133677760513,"body":"acme","when":1577836800,"user":17,"to":570306133677760512}'
    mention = mentions_of(write_lines(tmp_path / "posts.jsonl", [line]), columns=FOREIGN_COLUMNS)[0]
    assert mention.id == "570306133677760513"
    assert mention.parent_id == "570306133677760512"
    assert mention.author is not None
    assert mention.author.id == "17"


def test_a_bad_first_line_does_not_hide_how_foreign_json_is_to_be_read(tmp_path: Path) -> None:
    good = b'{"tweet_id":"1","full_text":"acme","created_at":"Wed Jan 01 00:00:00 +0000 2020"}'
    path = write_lines(tmp_path / "posts.jsonl", [b"bad", b"[1]", good])
    assert [mention.id for mention in mentions_of(path)] == ["1"]
    assert [letter.position for letter in letters_of(path)] == [1, 2]


@pytest.mark.parametrize("name", ["posts.jsonl", "posts.jsonl.gz", "posts"])
def test_a_byte_order_mark_is_not_part_of_the_first_object(name: str, tmp_path: Path) -> None:
    path = write_lines(tmp_path / name, [a_post("a"), a_post("b")], start=BOM)
    assert [mention.id for mention in mentions_of(path)] == ["a", "b"]
