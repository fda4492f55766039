"""Bad rows of a table: each a dead letter with its place and reason; those around it are read."""

import csv
import io
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from schemas.dead_letter import KEPT_BYTES
from schemas.mention import Mention
from schemas.times import to_ms
from tests.agents.bad_input import BOM, HEADER, a_row
from tests.agents.building import NOW, START, letters_of, mentions_of, records_of, write_lines


def texts_of(path: Path, **source: Any) -> list[str]:
    """The texts of a file's mentions; nothing else may be in it."""
    records = records_of(path, **source)
    assert all(isinstance(record, Mention) for record in records), records
    return [record.text for record in records if isinstance(record, Mention)]


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
