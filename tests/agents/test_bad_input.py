"""Whatever is wrong with what is read: a dead letter with place and reason, or a clear error; the rest is processed."""

import gzip
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.runtime.database import lock_file
from agents.runtime.embedded import Embedded
from agents.runtime.store import Store
from schemas.mention import Mention
from schemas.times import HOUR, MINUTE, from_ms
from tests.agents.bad_input import BAD_LINES, BOM, HEADER
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
    assert len(letters) == len(bad)
    assert [line["mention"]["id"] for line in lines_in(tmp_path / "found", "brand-mentions.jsonl")] == ["a", "c", "b"]
    counts = json.loads((tmp_path / "found" / "run.json").read_text())["counts"]
    assert (counts["mentions"], counts["repeats"], counts["dead_letters"]) == (5, 1, len(bad))
    assert (counts["edits"], counts["deletions"]) == (1, 1)
    assert sum(counts[name] for name in ("mentions", "repeats", "dead_letters", "deletions")) == len(lines)


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
