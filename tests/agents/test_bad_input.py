"""Whatever is wrong with what is read: a dead letter with place and reason, or a clear error; the rest is processed."""

import csv
import gzip
import io
import json
import os
import re
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from agents.runtime.embedded import Embedded
from agents.runtime.store import Store, lock_file
from agents.sources.lines import LONGEST_LINE, CannotRead
from schemas.dead_letter import KEPT_BYTES, DeadLetter
from schemas.mention import Mention
from schemas.times import DAY, HOUR, MINUTE, SECOND, from_ms, to_ms
from tests.agents.building import (
    ACME,
    NOW,
    START,
    a_post,
    configured,
    dead_letters_in,
    feed,
    history_of,
    letters_of,
    lines_in,
    listener,
    mentions_of,
    plain_scorer,
    records_of,
    rfc3339,
    says_one_line,
    write_lines,
)

BOM = b"\xef\xbb\xbf"
HEADER = b"id,text,created_at"


def with_text(text: bytes) -> bytes:
    """A line of our own JSON whose text is these bytes, unescaped."""
    return b'{"id":"bad","created_at":"2020-01-01T00:00:00Z","text":"%s"}' % text


BAD_LINES: dict[str, tuple[bytes, str]] = {
    "no JSON": (b"acme is fine", "not JSON"),
    "half a line": (a_post("bad")[:40], "not JSON"),
    "two objects": (a_post("bad") + a_post("worse"), "not JSON"),
    "an array": (b'["bad"]', "Expected `object`, got `array`"),
    "a string": (b'"bad"', "Expected `object`, got `str`"),
    "a number": (b"17", "Expected `object`, got `int`"),
    "null": (b"null", "Expected `object`, got `null`"),
    "an empty object": (b"{}", "missing required field"),
    "no text": (b'{"id":"bad","created_at":"2020-01-01T00:00:00Z"}', "missing required field `text`"),
    "no time": (b'{"id":"bad","text":"acme"}', "missing required field `created_at`"),
    "text is no string": (a_post("bad", text=["acme"]), "$.text"),
    "the id is a number": (a_post(17), "$.id"),
    "followers are words": (a_post("bad", author={"followers": "many"}), "$.author.followers"),
    "a time without a zone": (a_post("bad", created_at="2020-01-01T00:00:00"), "$.created_at"),
    "a time that is none": (a_post("bad", created_at="2020-13-01T00:00:00Z"), "$.created_at"),
    "an unknown kind": (a_post("bad", kind="rumour"), "$.kind"),
    "another record": (b'{"record":"heartbeat/1","source":"x","through":"2020-01-01T00:00:00Z"}', "heartbeat/1"),
    "a newer mention": (a_post("bad", record="mention/2"), "mention/2"),
    "an update of nothing": (b'{"id":"bad","op":"update"}', "'update' is not handled yet"),
    "a delete": (b'{"id":"bad","op":"delete"}', "'delete' is not handled yet"),
    "nested too deeply": (b"[" * 100_000, "Expected `object`, got `array`"),
    "deep inside a field that we drop": (b'{"unknown":' + b"[" * 100_000, "not JSON"),
    "NUL bytes alone": (b"\0\0\0\0", "not JSON"),
    "a NUL byte in the text": (with_text(b"acme\0"), "not JSON"),
    "a NUL escaped in the text": (with_text(rb"acme\u0000"), "NUL"),
    "a NUL escaped in the id": (a_post("bad\0"), "NUL"),
    "a lone high surrogate": (with_text(rb"acme \ud83d"), "not JSON"),
    "a lone low surrogate": (with_text(rb"acme \ude00"), "not JSON"),
    "surrogates the wrong way round": (with_text(rb"\ude00\ud83d"), "not JSON"),
    "a surrogate as bytes": (with_text(b"acme \xed\xa0\xbd"), "not UTF-8"),
    "Latin-1": (with_text("acme é".encode("latin-1")), "not UTF-8"),
    "an overlong NUL": (with_text(b"acme \xc0\x80"), "not UTF-8"),
    "the year 1970": (a_post("bad", at=0), "1970-01-01 is before 1995"),
    "the year 0001": (a_post("bad", created_at="0001-01-01T00:00:00+23:59"), "before 1995"),
    "the year 2100": (a_post("bad", at=4_102_444_800_000), "2100-01-01 00:00 is ahead"),
    "the year 9999": (a_post("bad", created_at="9999-12-31T23:59:59-23:59"), "ahead"),
    "the next zone to the east": (a_post("bad", at=NOW + HOUR + SECOND), "ahead"),
    "empty text": (a_post("bad", text=""), "text is empty"),
    "blanks for a text": (a_post("bad", text=" \t\u3000\n"), "text is empty"),
    "empty id": (a_post(""), "id is empty"),
    "a text as long as a book": (a_post("bad", text="acme " * 20_000), "100,000 characters"),
    "more followers than people": (a_post("bad", author={"followers": 10**20}), "author.followers"),
    "likes beyond counting": (a_post("bad", metrics={"likes": 2**63}), "metrics.likes"),
    "a version beyond counting": (a_post("bad", version=2**63), "version"),
}


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


@given(st.integers(788_918_400_000, NOW))
@example(1_512_011_512_345)  # reads as 1512-01-15 23:45, too
@settings(deadline=None)
def test_milliseconds_as_digits_are_the_same_time_as_milliseconds(ms: int) -> None:
    with TemporaryDirectory() as folder:
        path = write_lines(Path(folder) / "posts.csv", [HEADER, f"1,acme,{ms}".encode(), f"2,acme,{ms}.0".encode()])
        assert [to_ms(mention.created_at) for mention in mentions_of(path)] == [ms, ms]


@given(st.permutations(range(5)))
@settings(deadline=None)
def test_how_one_time_was_written_says_nothing_about_the_next(order: list[int]) -> None:
    written = [
        "2020-01-01T00:00:00Z",
        "Wed Jan 01 00:00:00 +0000 2020",
        "2020-01-01 00:00:00 +0000",
        "1577836800",
        "2020-01-01 00:00:00",
    ]
    rows = [f"{place},acme,{written[place]}".encode() for place in order]
    with TemporaryDirectory() as folder:
        path = write_lines(Path(folder) / "posts.csv", [HEADER, *rows])
        assert [to_ms(mention.created_at) for mention in mentions_of(path)] == [START] * 5


# Tables


def texts_of(path: Path, **source: Any) -> list[str]:
    """The texts of a file's mentions; nothing else may be in it."""
    records = records_of(path, **source)
    assert all(isinstance(record, Mention) for record in records), records
    return [record.text for record in records if isinstance(record, Mention)]


def a_row(id: str, text: str = "acme", delimiter: str = ",") -> bytes:
    return delimiter.join((id, text, "2020-01-01T00:00:00Z")).encode()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_of_a_table_is_found(delimiter: str, tmp_path: Path) -> None:
    header = HEADER.replace(b",", delimiter.encode())
    path = write_lines(tmp_path / "posts.csv", [header, a_row("1", "a,b;c|d".replace(delimiter, ""), delimiter)])
    assert len(texts_of(path)) == 1


def test_the_delimiter_may_be_set(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "posts.csv", [b"id:text,with commas:when", b"1:acme, fine:1577836800"])
    columns = {"id": "id", "text": "text,with commas", "created_at": "when"}
    assert texts_of(path, delimiter=":", columns=columns) == ["acme, fine"]


@pytest.mark.parametrize("name", ["posts.csv", "posts.csv.gz"])
def test_a_byte_order_mark_is_not_part_of_the_first_column(name: str, tmp_path: Path) -> None:
    path = write_lines(tmp_path / name, [b'"id",text,created_at', a_row("1")], start=BOM)
    assert mentions_of(path)[0].id == "1"


@pytest.mark.parametrize("name", ["posts.jsonl", "posts.jsonl.gz", "posts"])
def test_a_byte_order_mark_is_not_part_of_the_first_object(name: str, tmp_path: Path) -> None:
    path = write_lines(tmp_path / name, [a_post("a"), a_post("b")], start=BOM)
    assert [mention.id for mention in mentions_of(path)] == ["a", "b"]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_quoted_cells_may_go_over_lines(end: bytes, tmp_path: Path) -> None:
    rows = [b'1,"first', b"", b'  third, ""quoted""",2020-01-01T00:00:00Z', a_row("2")]
    path = write_lines(tmp_path / "posts.csv", [HEADER, *rows], end=end)
    assert texts_of(path) == ['first\n\n  third, "quoted"', "acme"]


BAD_ROWS: dict[str, tuple[bytes, str]] = {
    "a quote that never closes": (b'bad,"never closed,2020-01-01T00:00:00Z', "never closed"),
    "a quote opened at the end": (b'bad,acme,"', "never closed"),
    "a quote cut in the middle of a text": (b'bad,"acme ""is fine,2020-01-01T00:00:00Z', "never closed"),
    "a quote opened in the first cell": (b'"bad,acme,2020-01-01T00:00:00Z', "never closed"),
    "a cell too few": (b"bad,2020-01-01T00:00:00Z", "2 cells, the header 3"),
    "a cell too many": (b"bad,acme, is fine,2020-01-01T00:00:00Z", "4 cells, the header 3"),
    "one word": (b"bad", "1 cells, the header 3"),
    "Latin-1": ("bad,acme é,2020-01-01T00:00:00Z".encode("latin-1"), "not UTF-8"),
    "a surrogate as bytes": (b"bad,acme \xed\xa0\xbd,2020-01-01T00:00:00Z", "not UTF-8"),
    "a NUL": (b"bad,acme\0,2020-01-01T00:00:00Z", "NUL"),
    "a bare carriage return": (b"bad,ac\rme,2020-01-01T00:00:00Z", "not a row of CSV"),
    "a cell beyond the limit": (b"bad,%s,2020-01-01T00:00:00Z" % (b"x" * 200_000), "not a row of CSV"),
    "a time that is none": (b"bad,acme,yesterday", "cannot read the time 'yesterday'"),
    "a time of 1970": (b"bad,acme,0", "1970-01-01 is before 1995"),
    "no time": (b"bad,acme,", "created_at"),
    "no text": (b"bad,,2020-01-01T00:00:00Z", "text is empty"),
    "no text, quoted": (b'bad,"",2020-01-01T00:00:00Z', "text is empty"),
    "an id of a spreadsheet": (b"5.70306E+17,acme,2020-01-01T00:00:00Z", "id"),
}


@pytest.mark.parametrize("name", BAD_ROWS)
@pytest.mark.parametrize("after", [1, 5, 300])
def test_a_bad_row_costs_itself_only(name: str, after: int, tmp_path: Path) -> None:
    row, reason = BAD_ROWS[name]
    rows = [a_row(f"after {number}", "acme") for number in range(after)]
    path = write_lines(tmp_path / "posts.csv", [HEADER, a_row("before"), row, *rows])
    letters = letters_of(path)
    assert [(letter.position, letter.raw) for letter in letters] == [(3, row[:KEPT_BYTES])]
    assert reason in letters[0].reason
    assert [mention.id for mention in mentions_of(path)] == ["before", *(f"after {n}" for n in range(after))]


@pytest.mark.parametrize("name", BAD_ROWS)
def test_a_bad_row_before_quoted_rows_costs_itself_only(name: str, tmp_path: Path) -> None:
    row, _ = BAD_ROWS[name]
    quoted = [b'1,"acme, fine",2020-01-01T00:00:00Z', b'2,"over', b'two lines","2020-01-01T00:00:00Z"', a_row("3")]
    path = write_lines(tmp_path / "posts.csv", [HEADER, row, *quoted])
    assert [letter.position for letter in letters_of(path)] == [2]
    assert [mention.text for mention in mentions_of(path)] == ["acme, fine", "over\ntwo lines", "acme"]


ODD_ROWS: dict[str, tuple[bytes, str]] = {
    "an inch mark": (b'1,a 5" acme pizza,2020-01-01T00:00:00Z', 'a 5" acme pizza'),
    "a word in quotes": (b'1,the "acme" pizza,2020-01-01T00:00:00Z', 'the "acme" pizza'),
    "a quote at the end": (b'1,acme",2020-01-01T00:00:00Z', 'acme"'),
    "text after the quotes": (b'1,"acme" pizza,2020-01-01T00:00:00Z', "acme pizza"),
    "a blank before the quote": (b'1, "acme",2020-01-01T00:00:00Z', ' "acme"'),
    "a line separator": ("1,acme\u2028pizza,2020-01-01T00:00:00Z".encode(), "acme\u2028pizza"),
    "a next line": ("1,acme\u0085pizza,2020-01-01T00:00:00Z".encode(), "acme\u0085pizza"),
    "a form feed": (b"1,acme\x0cpizza,2020-01-01T00:00:00Z", "acme\x0cpizza"),
    "a unit separator": (b"1,acme\x1epizza,2020-01-01T00:00:00Z", "acme\x1epizza"),
}


@pytest.mark.parametrize("name", ODD_ROWS)
def test_an_odd_row_is_read_and_costs_no_other(name: str, tmp_path: Path) -> None:
    row, text = ODD_ROWS[name]
    path = write_lines(tmp_path / "posts.csv", [HEADER, row, a_row("2"), row.replace(b"1,", b"3,", 1), a_row("4")])
    assert texts_of(path) == [text, "acme", text, "acme"]


cells = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
DIALECTS = st.fixed_dictionaries(
    {
        "delimiter": st.sampled_from(",;\t|"),
        "quoting": st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC]),
        "lineterminator": st.sampled_from(["\n", "\r\n"]),
    }
)


@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=8), DIALECTS)
@settings(max_examples=300, deadline=None)
def test_what_was_written_as_csv_is_read_as_it_was(texts: list[tuple[str, str]], dialect: dict[str, Any]) -> None:
    """Line ends within a cell become plain ones. Python may leave a bare return unquoted: not a row, see above."""
    assume(dialect["quoting"] == csv.QUOTE_ALL or not any("\r" in cell for row in texts for cell in row))
    written = io.StringIO(newline="")
    writer = csv.writer(written, **dialect)
    writer.writerow(["id", "title", "text", "created_at"])
    for number, (title, text) in enumerate(texts):
        writer.writerow([f"{number}", title, f"acme {text}", "2020-01-01T00:00:00Z"])
    with TemporaryDirectory() as folder:
        path = Path(folder) / "posts.csv"
        path.write_text(written.getvalue(), encoding="utf-8", newline="")
        found = [(mention.title, mention.text) for mention in mentions_of(path)]
        assert letters_of(path) == []
    assert found == [(plain_ends(title) or None, plain_ends(f"acme {text}")) for title, text in texts]


def plain_ends(text: str) -> str:
    return re.sub(r"\r*\n", "\n", text)


bad_rows = st.sampled_from([row for row, _ in BAD_ROWS.values() if len(row) < 1000])
odd_rows = st.sampled_from([row for name, (row, _) in ODD_ROWS.items() if name != "a quote at the end"])


@given(st.lists(st.one_of(st.just(None), odd_rows, bad_rows), max_size=12))
@settings(max_examples=300, deadline=None)
def test_no_row_of_a_table_is_lost_among_bad_ones(rows: list[bytes | None]) -> None:
    """Without a quote at the end of a cell: after one that never closes, it closes it, and nobody could tell."""
    good = [row for row in rows if row is None or row.startswith(b"1,")]
    lines = [a_row("good", '"acme, fine"') if row is None else row for row in rows]
    with TemporaryDirectory() as folder:
        path = write_lines(Path(folder) / "posts.csv", [HEADER, *lines])
        assert len(mentions_of(path)) == len(good)
        assert len(letters_of(path)) == len(rows) - len(good)


@given(st.lists(st.binary(max_size=30), max_size=20))
@settings(max_examples=300, deadline=None)
def test_no_bytes_stop_the_reading_of_a_table(lines: list[bytes]) -> None:
    with TemporaryDirectory() as folder:
        path = write_lines(Path(folder) / "posts.csv", [HEADER, *lines])
        records_of(path)


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


# All of it together


def garbage() -> st.SearchStrategy[bytes]:
    """Lines of JSON that are no mention, but lines."""
    odd = st.binary(max_size=40).filter(lambda line: bool(line.strip()) and b"\n" not in line)
    known = st.sampled_from([line for line, _ in BAD_LINES.values() if len(line) < 1_000])
    return st.one_of(known, odd.filter(lambda line: not line.startswith((BOM, b"\xff\xfe", b"\xfe\xff", b"\x1f\x8b"))))


posts = st.builds(lambda number, minute: (f"x:{number}", START + minute * MINUTE), st.integers(0, 8), st.just(0))


@given(st.lists(st.one_of(posts, garbage()), max_size=30), st.integers(1, 7))
@settings(max_examples=100, deadline=None)
def test_every_line_is_a_mention_or_a_repeat_or_a_dead_letter_once(
    entries: list[tuple[str, int] | bytes], size: int
) -> None:
    good = [entry for entry in entries if isinstance(entry, tuple)]
    good.append(("x:last", START))  # so that there is one line by which the file is known to be ours
    lines = [a_post(*entry) if isinstance(entry, tuple) else entry for entry in [*entries, good[-1]]]
    with TemporaryDirectory() as name:
        folder = Path(name)
        history = history_of(write_lines(folder / "posts.jsonl", lines), folder=folder)
        with Store(folder / "test.db") as store:
            lane = Embedded(store, plain_scorer())
            lane.configure(configured().settings())
            feed(lane, list(history.items()), size)
            counts = lane.counts
            assert counts["mentions"] == len(set(good)) == store.counts()["brand_mentions"]
            assert counts["mentions"] + counts["repeats"] + counts["dead_letters"] == len(lines)
            assert store.counts()["dead_letters"] == counts["dead_letters"] == len(lines) - len(good)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the settings of one brand."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "listener.toml").write_text(ACME)
    return folder


def test_the_command_sets_aside_what_is_bad_and_does_the_rest(tmp_path: Path) -> None:
    """Dates are of today, so that the real clock judges them."""
    (tmp_path / "listener.toml").write_text(ACME)
    bad = {name: line for name, (line, _) in BAD_LINES.items() if name != "the next zone to the east"}
    bad["the next zone to the east"] = a_post("bad", created_at=from_now(hours=2))
    bad["ten megabytes"] = a_post("bad", text="acme " * 2_000_000)
    lines = [
        a_post("a"),
        a_post("a"),
        *bad.values(),
        a_post("b", created_at=from_now(minutes=30)),
        a_post("c", version=1),
    ]
    lines += [a_post("c", at=START + 1, version=2), a_post("d", op="update"), a_post("d", op="delete")]
    write_lines(tmp_path / "posts.jsonl", lines)
    ran = listener("replay", "posts.jsonl", "--out", "found", folder=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    letters = dead_letters_in(tmp_path / "found")
    assert [letter.position for letter in letters if letter.source == "posts.jsonl"] == list(range(3, 3 + len(bad)))
    later = [letter.reason for letter in letters if letter.source != "posts.jsonl"]
    assert sorted(reason.split(":")[0] for reason in later) == [
        "op 'delete' is not handled yet",
        "op 'update' is not handled yet",
        "version 2 edits a mention that was seen",
    ]
    assert [line["mention"]["id"] for line in lines_in(tmp_path / "found", "brand-mentions.jsonl")] == ["a", "c", "b"]
    counts = json.loads((tmp_path / "found" / "run.json").read_text())["counts"]
    assert (counts["mentions"], counts["repeats"], counts["dead_letters"]) == (3, 1, len(bad) + 3)
    assert counts["mentions"] + counts["repeats"] + counts["dead_letters"] == len(lines)


def from_now(**ahead: float) -> str:
    return (datetime.now(UTC) + timedelta(**ahead)).isoformat()


WRONG_FILES: dict[str, tuple[str, bytes | None, list[str]]] = {
    "missing": ("nowhere.jsonl", None, ["nowhere.jsonl", "No such file"]),
    "UTF-16": ("wide.csv", "id,text\n".encode("utf-16"), ["wide.csv", "UTF-16", "iconv"]),
    "one JSON array": ("array.json", b'[{"id":"a"}]', ["array.json", "one object a line"]),
    "no column for text": ("mute.csv", b"id,created_at\n1,2\n", ["mute.csv", "text", "[sources.columns]"]),
    "no delimiter": ("narrow.csv", b"text\nacme\n", ["narrow.csv", "delimiter"]),
}


@pytest.mark.parametrize("name", WRONG_FILES)
def test_the_command_says_in_one_line_why_a_file_cannot_be_read(name: str, shop: Path) -> None:
    file, content, words = WRONG_FILES[name]
    if content is not None:
        (shop / file).write_bytes(content)
    says_one_line(listener("replay", file, "--out", "found", folder=shop), 1, *words)


def test_the_command_says_in_one_line_that_a_folder_is_no_file(shop: Path) -> None:
    (shop / "folder.jsonl").mkdir()
    says_one_line(listener("replay", "folder.jsonl", "--out", "found", folder=shop), 1, "folder.jsonl", "directory")


def test_the_service_says_it_too(tmp_path: Path) -> None:
    settings = tmp_path / "shop.toml"
    settings.write_text(ACME + '[[sources]]\npath = "posts.csv"\ncolumns = { text = "body", created_at = "when" }\n')
    (tmp_path / "posts.csv").write_bytes(b"text,when\nacme,2020-01-01T00:00:00Z\n")
    ran = listener("run", "--until-end", "-c", settings)
    says_one_line(ran, 1, "posts.csv", "columns.text", "'body'", "text, when")


@pytest.mark.parametrize(
    "name", ["posts\udcff.jsonl", "posts\n.jsonl", "posts [x]:warning:.jsonl", "-.jsonl", "po%20s?#.jsonl"]
)
def test_a_file_may_be_called_anything(name: str, shop: Path) -> None:
    write_lines(shop / name, [a_post("a"), b"bad"])
    ran = listener("replay", "--out", "found", "--", name, folder=shop)
    assert (ran.code, ran.err) == (0, "")
    assert json.loads((shop / "found" / "run.json").read_text())["counts"]["dead_letters"] == 1
    assert len(dead_letters_in(shop / "found")) == 1


def test_standard_input_cannot_be_replayed_and_says_what_to_do(shop: Path) -> None:
    ran = listener("replay", "-", "--out", "found", folder=shop, stdin=a_post("a") + b"\n")
    says_one_line(ran, 1, "standard input", "file")
    assert "listener replay -" not in ran.err


def test_a_post_of_tomorrow_is_judged_by_the_clock_at_which_it_is_read(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "posts.jsonl", [a_post("a", at=NOW + 2 * HOUR)])
    assert len(letters_of(path)) == 1
    assert isinstance(records_of(path, now=NOW + 2 * HOUR)[0], Mention)


def test_times_without_a_zone_are_in_that_of_the_source(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "posts.csv", [HEADER, b"1,acme,2020-01-01 02:00"])
    assert mentions_of(path, zone="Europe/Bucharest")[0].created_at == from_ms(START)
    assert rfc3339(START) == "2020-01-01T00:00:00Z"


def test_day_and_month_are_not_guessed(shop: Path) -> None:
    (shop / "us.csv").write_bytes(b"text,date\nacme,01/02/2024 10:00\nacme,01/13/2024 10:00\n")
    ran = listener("replay", "us.csv", "--out", "found", folder=shop)
    assert ran.code == 1
    reasons = [letter.reason for letter in dead_letters_in(shop / "found")]
    assert len(reasons) == 2
    assert all("day or month first? set time_format" in reason for reason in reasons)


@pytest.mark.parametrize("cut", [12, 20])
def test_a_table_whose_gzip_breaks_off_in_the_header_says_so(cut: int, shop: Path) -> None:
    (shop / "posts.csv.gz").write_bytes(gzip.compress(b"text,created_at\nacme,2024-01-02T10:00:00Z\n" * 50)[:cut])
    says_one_line(listener("replay", "posts.csv.gz", "--out", "found", folder=shop), 1, "breaks off")


def test_two_replays_into_one_folder_do_not_meet(shop: Path) -> None:
    write_lines(shop / "posts.jsonl", [a_post("a")])
    (shop / "found").mkdir(exist_ok=True)
    held = lock_file(shop / "found" / ".replay")
    ran = listener("replay", "posts.jsonl", "--out", "found", folder=shop)
    os.close(held)
    says_one_line(ran, 1, "another listener")
    assert listener("replay", "posts.jsonl", "--out", "found", folder=shop).code == 0


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"title": "a\u0000b"}, "title contains a NUL"),
        ({"author": {"handle": "a\u0000b"}}, "author contains a NUL"),
        ({"platform": "x\u0000"}, "platform is no name"),
    ],
)
def test_a_nul_is_refused_wherever_it_stands(fields: dict[str, Any], reason: str, shop: Path) -> None:
    write_lines(shop / "posts.jsonl", [a_post("good"), a_post("bad", **fields)])
    assert listener("replay", "posts.jsonl", "--out", "found", folder=shop).code == 0
    (letter,) = dead_letters_in(shop / "found")
    assert reason in letter.reason
