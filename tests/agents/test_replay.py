"""`listener replay`: the same files under the same settings give the same bytes, sorted, and numbers that add up."""

import gzip
import json
import re
import shutil
import signal
import time
from collections.abc import Callable
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import pytest

from agents.export import FILES
from schemas.times import DAY, HOUR, MINUTE
from tests.agents.building import (
    ACME,
    ROOT,
    START,
    Ran,
    a_post,
    airlines_settings,
    configured,
    ended,
    exported,
    fingerprints,
    lines_in,
    listener,
    rfc3339,
    running,
    same,
    says_one_line,
    unboxed,
    wait_for,
    write_lines,
)
from tests.agents.conftest import Whole

STOCKNET = ROOT / "tests" / "data" / "brands" / "stocknet.toml"
NOT_REMEMBERED = 6  # copies of posts about nobody among those of the test: of such posts no trace is kept
LENGTHS = {"minute": MINUTE, "hour": HOUR, "day": DAY}


def replay(settings: Path, *files: str | Path, out: Path, folder: Path | None = None) -> dict[str, Any]:
    """Replay files, and return what run.json says of it."""
    ran = listener("replay", *files, "-c", settings, "--out", out, folder=folder, timeout=600)
    assert (ran.code, ran.err) == (0, "")
    about: dict[str, Any] = json.loads((out / "run.json").read_text())
    return about


# Real posts


@pytest.mark.data
def test_a_second_replay_of_the_airlines_gives_the_same_bytes_and_so_does_a_run(
    tmp_path: Path, airlines: Whole
) -> None:
    settings = airlines_settings(tmp_path, airlines.tweets)
    for out in ("first", "second"):
        replay(settings, airlines.tweets, out=tmp_path / out)
        same(exported(tmp_path / out), airlines.files)


@pytest.mark.data
def test_the_numbers_of_the_airlines_add_up(tmp_path: Path, airlines: Whole) -> None:
    about = replay(airlines_settings(tmp_path, airlines.tweets), airlines.tweets, out=tmp_path / "found")
    counts, lines = about["counts"], about["lines"]
    assert counts["read"] == 14_640
    assert counts["mentions"] == 14_485, "distinct ids, as the data's SOURCE.txt says"
    assert_sums(counts, lines, tmp_path / "found")
    for name, key in KEYS.items():
        keys = [key(line) for line in lines_in(tmp_path / "found", name)]
        assert keys == sorted(set(keys)), f"{name} is sorted, and nothing is in it twice"
    assert {line["brand"] for line in lines_in(tmp_path / "found", "brand-mentions.jsonl")} == {
        "american",
        "jetblue",
        "southwest",
        "united",
        "us-airways",
        "virgin-america",
    }


class TrendKey(msgspec.Struct):
    """As much of a trend as its order needs."""

    due: str
    brand: str
    window: str
    start: str
    revision: int


@pytest.mark.slow
@pytest.mark.data
def test_a_second_replay_of_a_third_of_stocknet_gives_the_same_bytes(shared_data: Path, tmp_path: Path) -> None:
    """Hundreds of thousands of lines, too large for a comparison in memory. `tests.bench.replay` does it with all."""
    with gzip.open(shared_data / "stocknet_88" / "stocknet_88.jsonl.gz", "rb") as whole:
        lines = list(islice(whole, 40_000))
    posts = tmp_path / "posts.jsonl"
    posts.write_bytes(b"".join(lines))
    settings = tmp_path / "listener.toml"
    settings.write_text(re.sub("(?m)^path = .*", 'path = "posts.jsonl"', STOCKNET.read_text()))
    seen = []
    for out in (tmp_path / "first", tmp_path / "second"):
        about = replay(settings, posts, out=out)
        seen.append((fingerprints(out), about["counts"], about["lines"]))
        if len(seen) == 1:
            counts = about["counts"]
            copies = counts["mentions"] - len({json.loads(line)["id"] for line in lines})
            assert copies == NOT_REMEMBERED, "copies of what is about nobody"
            assert counts["read"] == len(lines) == counts["mentions"] + counts["repeats"]
            assert counts["dead_letters"] == 0
            assert rising(out / "trends.jsonl") == about["lines"]["trends.jsonl"]
        shutil.rmtree(out)
    assert seen[0] == seen[1]


def rising(path: Path) -> int:
    """How many trends there are; each must come after the one before in the order of replay."""
    decode = msgspec.json.Decoder(TrendKey).decode
    before: tuple[Any, ...] = ("",)
    count = 0
    with path.open("rb") as file:
        for count, line in enumerate(file, 1):
            trend = decode(line)
            key = (trend.due, trend.brand, LENGTHS[trend.window], trend.start, trend.revision)
            assert before < key, f"line {count}"
            before = key
    return count


# What is written


KEYS: dict[str, Callable[[dict[str, Any]], tuple[Any, ...]]] = {
    "brand-mentions.jsonl": lambda line: (
        datetime.fromisoformat(line["mention"]["ingested_at"]),
        line["brand"],
        line["mention"]["id"],
        line["mention"].get("version", 0),
    ),
    "trends.jsonl": lambda line: (
        datetime.fromisoformat(line["due"]),
        line["brand"],
        LENGTHS[line["window"]],
        line["start"],
        line["revision"],
    ),
    "alerts.jsonl": lambda line: (datetime.fromisoformat(line["at"]), line["brand"], line["id"], line["sequence"]),
    "dead-letters.jsonl": lambda line: (line["source"], line["position"]),
}


def assert_sums(counts: dict[str, int], lines: dict[str, int], folder: Path) -> None:
    aside = sum(line["source"] == "mentions" for line in lines_in(folder, "dead-letters.jsonl"))
    assert counts["read"] == counts["mentions"] + counts["repeats"] + aside
    assert lines == {name: (folder / name).read_bytes().count(b"\n") for name in FILES}
    kept = counts | {"brand_mentions": counts["brand_mentions"] - counts.get("retractions", 0)}
    for name, table in FILES.items():
        assert lines[name] == (kept[table] if table else 0)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Settings of two brands, and posts of two days: awful ones, repeats, bad lines, an edit."""
    (tmp_path / "shop.toml").write_text(ACME + '[[brands]]\nid = "bolt"\nname = "Bolt"\nambiguous = false\n')
    calm = [a_post(f"calm {n}", START + n * HOUR // 2, "acme and bolt are fine") for n in range(96)]
    awful = [a_post(f"bad {n}", START + 40 * HOUR + n * 5_000, "bolt is awful, terrible, a fraud") for n in range(90)]
    odd = [b"no JSON", b"{}", a_post("calm 3", START + 2 * HOUR, version=9), *calm[:7], a_post("x", op="delete")]
    write_lines(tmp_path / "posts.jsonl", [*awful, *odd, *reversed(calm)])
    return tmp_path


def test_five_files_and_run_json_are_written_and_nothing_else(shop: Path) -> None:
    replay(shop / "shop.toml", shop / "posts.jsonl", out=shop / "found")
    assert sorted(path.name for path in (shop / "found").iterdir()) == sorted([*FILES, "run.json"])


@pytest.mark.parametrize("content", [b"", a_post("a", text="nobody's") + b"\n"])
def test_all_five_are_written_even_if_nothing_is_in_them(content: bytes, shop: Path) -> None:
    (shop / "posts.jsonl").write_bytes(content)
    about = replay(shop / "shop.toml", shop / "posts.jsonl", out=shop / "found")
    assert set(about["lines"]) == set(FILES)
    assert {path.name for path in (shop / "found").iterdir()} == {*FILES, "run.json"}


def test_a_replay_of_which_nothing_can_be_used_has_failed_and_says_where_the_reasons_are(shop: Path) -> None:
    (shop / "posts.jsonl").write_bytes(b"no JSON\n")
    ran = listener("replay", "posts.jsonl", "-c", "shop.toml", "--out", "found", folder=shop)
    says_one_line(ran, 1, "nothing could be read", "dead-letters.jsonl")
    assert {path.name for path in (shop / "found").iterdir()} == {*FILES, "run.json"}


def test_the_numbers_of_a_replay_add_up(shop: Path) -> None:
    about = replay(shop / "shop.toml", shop / "posts.jsonl", out=shop / "found")
    counts = about["counts"]
    assert (counts["read"], counts["mentions"], counts["repeats"]) == (194, 187, 7)
    assert (counts["dead_letters"], counts["edits"], counts["retractions"]) == (2, 1, 2)
    assert counts["alerts"] > 0
    assert_sums(counts, about["lines"], shop / "found")
    assert about["settings"] == configured((shop / "shop.toml").read_text()).settings().version


@pytest.mark.parametrize("name", KEYS)
def test_each_file_is_sorted_and_nothing_is_in_it_twice(name: str, shop: Path) -> None:
    replay(shop / "shop.toml", shop / "posts.jsonl", out=shop / "found")
    keys = [KEYS[name](line) for line in lines_in(shop / "found", name)]
    assert keys
    assert keys == sorted(set(keys))


def test_minutes_are_told_if_something_was_said_and_hours_and_days_always(shop: Path) -> None:
    replay(shop / "shop.toml", shop / "posts.jsonl", out=shop / "found")
    for brand in ("acme", "bolt"):
        trends = [line for line in lines_in(shop / "found", "trends.jsonl") if line["brand"] == brand]
        told = {
            window: [line["start"] for line in trends if line["window"] == window]
            for window in ("hour", "day", "minute")
        }
        assert told["hour"] == [rfc3339(START + hour * HOUR) for hour in range(48)]
        assert told["day"] == [rfc3339(START + day * DAY) for day in range(2)]
        minutes = [line for line in trends if line["window"] == "minute"]
        assert minutes
        # only a revision may say that nothing is left of it: here the post was edited into another minute
        assert all(line["total"]["volume"]["mentions"] or line["revision"] for line in minutes)


def test_where_and_when_it_was_done_is_in_run_json_only(shop: Path) -> None:
    replay(shop / "shop.toml", shop / "posts.jsonl", out=shop / "found")
    elsewhere = shop / "else where" / "é"
    elsewhere.mkdir(parents=True)
    for name in ("posts.jsonl", "shop.toml"):
        shutil.copy(shop / name, elsewhere / name)
    (elsewhere / "posts.jsonl").touch()
    about = replay(Path("shop.toml"), "posts.jsonl", out=elsewhere / "found", folder=elsewhere)
    same(exported(elsewhere / "found"), exported(shop / "found"))
    assert about["files"] == ["posts.jsonl"]
    today = about["began"][:10].encode()
    for name, content in exported(shop / "found").items():
        assert str(shop).encode() not in content, name
        assert today not in content, name


def test_neither_the_order_of_lines_nor_that_of_files_changes_a_byte(shop: Path) -> None:
    """But for dead letters, whose place in the file is what they say."""
    lines = [line for line in (shop / "posts.jsonl").read_bytes().splitlines() if line.startswith(b'{"id": ')]
    assert len(lines) > 90
    expected = None
    for order, files in ((1, "ab"), (-1, "ab"), (1, "ba")):
        half = len(lines) // 2
        write_lines(shop / "a.jsonl", lines[:half][::order])
        write_lines(shop / "b.jsonl", lines[half:][::order])
        replay(shop / "shop.toml", *(shop / f"{name}.jsonl" for name in files), out=shop / "found")
        found = exported(shop / "found")
        del found["dead-letters.jsonl"]
        assert expected in (None, found)
        expected = found


def test_packed_or_not_plain_or_table_the_trends_are_the_same(shop: Path) -> None:
    posts = [json.loads(line) for line in (shop / "posts.jsonl").read_bytes().splitlines()[:90]]
    write_lines(shop / "plain.jsonl", [json.dumps(post).encode() for post in posts])
    write_lines(shop / "packed.jsonl.gz", [json.dumps(post).encode() for post in posts])
    rows = [f'{post["id"]};"{post["text"]}";{post["created_at"]}'.encode() for post in posts]
    write_lines(shop / "table.csv", [b"id;text;created_at", *rows])
    found = []
    for name in ("plain.jsonl", "packed.jsonl.gz", "table.csv"):
        replay(shop / "shop.toml", shop / name, out=shop / "found")
        found.append(exported(shop / "found"))
    same(found[1], found[0])
    same(found[2], found[0])


def test_a_replay_leaves_the_database_of_the_service_alone(shop: Path) -> None:
    replay(shop / "shop.toml", shop / "posts.jsonl", out=shop / "found")
    assert {path.name for path in shop.iterdir()} == {"shop.toml", "posts.jsonl", "found"}


def test_a_replay_that_fails_leaves_what_was_found_before(shop: Path) -> None:
    replay(shop / "shop.toml", shop / "posts.jsonl", out=shop / "found")
    before = exported(shop / "found")
    ran = listener("replay", shop / "nowhere.jsonl", "-c", shop / "shop.toml", "--out", shop / "found")
    says_one_line(ran, 1, "nowhere.jsonl")
    same(exported(shop / "found"), before)
    assert {path.name for path in (shop / "found").iterdir()} == {*FILES, "run.json"}


def stopped_replay(shop: Path) -> Ran:
    """A replay of many posts that is stopped politely after half a second."""
    write_lines(shop / "large.jsonl", [a_post(f"{n}", START + n * 1_000) for n in range(100_000)])
    with running("replay", shop / "large.jsonl", "-c", shop / "shop.toml", "--out", shop / "found") as process:
        wait_for((shop / "found" / ".replay" / "listener.db").exists)
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        return ended(process, 10)


def test_a_replay_that_is_stopped_leaves_what_was_found_before(shop: Path) -> None:
    replay(shop / "shop.toml", shop / "posts.jsonl", out=shop / "found")
    before = exported(shop / "found")
    assert stopped_replay(shop).code == 1
    same(exported(shop / "found"), before)
    assert {path.name for path in (shop / "found").iterdir()} == {*FILES, "run.json"}


def test_a_replay_that_is_stopped_says_so(shop: Path) -> None:
    says_one_line(stopped_replay(shop), 1, "stopped")


def test_a_file_where_the_folder_should_be_is_named(shop: Path) -> None:
    (shop / "found").write_text("my notes")
    ran = listener("replay", shop / "posts.jsonl", "-c", shop / "shop.toml", "--out", shop / "found")
    says_one_line(ran, 1, "found")
    assert (shop / "found").read_text() == "my notes"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Settings that map the columns of 2020-*.csv, and such a file."""
    (tmp_path / "shop.toml").write_text(
        ACME + '[[sources]]\npath = "archive/2020-*.csv"\nplatform = "x"\n'
        '[sources.columns]\ntext = "was"\ncreated_at = "wann"\n[[sources]]\npath = "other.csv"\n'
    )
    write_lines(tmp_path / "2020-01.csv", [b"was,wann", b"acme,2020-01-01T00:00:00Z"])
    return tmp_path


def test_the_source_whose_path_fits_says_how_a_file_is_read(table: Path) -> None:
    about = replay(table / "shop.toml", table / "2020-01.csv", out=table / "found")
    assert about["counts"]["mentions"] == 1
    assert lines_in(table / "found", "brand-mentions.jsonl")[0]["mention"]["platform"] == "x"


def test_a_file_that_no_source_fits_is_guessed(table: Path) -> None:
    (table / "2020-01.csv").rename(table / "2021-01.csv")
    ran = listener("replay", table / "2021-01.csv", "-c", table / "shop.toml", "--out", table / "found")
    says_one_line(ran, 1, "2021-01.csv", "no column found for text", "was, wann")


def test_what_looks_like_a_pattern_is_a_file_if_there_is_one(shop: Path) -> None:
    write_lines(shop / "p[1].jsonl", [a_post("a")])
    write_lines(shop / "p1.jsonl", [a_post("b")])
    replay(shop / "shop.toml", "p[1].jsonl", out=shop / "found", folder=shop)
    assert [line["mention"]["id"] for line in lines_in(shop / "found", "brand-mentions.jsonl")] == ["a"]


def test_a_file_named_twice_is_refused(shop: Path) -> None:
    ran = listener("replay", "posts.jsonl", "posts.jsonl", "-c", "shop.toml", "--out", "found", folder=shop)
    says_one_line(ran, 1, "posts.jsonl", "twice")


def test_repeats_in_other_files_are_dropped_and_counted(shop: Path) -> None:
    shutil.copy(shop / "posts.jsonl", shop / "again.jsonl")
    about = replay(shop / "shop.toml", shop / "posts.jsonl", shop / "again.jsonl", out=shop / "found")
    assert about["counts"]["mentions"] == 187
    assert about["counts"]["read"] == 2 * 194
    assert_sums(about["counts"], about["lines"], shop / "found")
    letters = [(line["source"], line["position"]) for line in lines_in(shop / "found", "dead-letters.jsonl")]
    assert len([letter for letter in letters if letter[0] == "again.jsonl"]) == 2


@pytest.fixture
def spoken(tmp_path: Path) -> Path:
    """Posts that raise an alarm about Nestlé, and try to take over the terminal that shows them."""
    (tmp_path / "shop.toml").write_text('[[brands]]\nid = "nestle"\nname = "Nestlé"\naliases = ["nestle"]\n')
    calm = [a_post(f"calm {n}", START + n * 20 * MINUTE, "nestle is fine") for n in range(360)]
    text = "nestle is awful, a terrible fraud \x1b]0;taken over\x07\x1b[2J"
    awful = [a_post(f"bad {n}", START + 4 * DAY + n * 20_000, text) for n in range(60)]
    write_lines(tmp_path / "posts.jsonl", [*calm, *awful])
    return tmp_path


def test_no_post_commands_the_terminal(spoken: Path) -> None:
    ran = listener("replay", "posts.jsonl", "-c", "shop.toml", "--out", "found", folder=spoken)
    assert "opened" in ran.out
    assert not {"\x1b", "\x07"} & set(ran.out)


def test_an_output_that_knows_no_accents_stops_nothing(spoken: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    ran = listener("replay", "posts.jsonl", "-c", "shop.toml", "--out", "found", folder=spoken)
    assert (ran.code, ran.err) == (0, "")


# The page


def test_a_report_needs_no_folder_and_is_the_same_bytes_beside_one(tmp_path: Path) -> None:
    (tmp_path / "listener.toml").write_text(ACME)
    write_lines(tmp_path / "posts.jsonl", [a_post(f"x:{n}", START + n * HOUR) for n in range(50)])
    alone = listener("replay", "posts.jsonl", "--report", "alone.html", folder=tmp_path)
    both = listener("replay", "posts.jsonl", "--report", "both.html", "--out", "found", folder=tmp_path)
    assert (alone.code, alone.err, both.code, both.err) == (0, "", 0, "")
    assert "written to alone.html" in alone.out
    assert "written to found and both.html" in both.out
    assert (tmp_path / "alone.html").read_bytes() == (tmp_path / "both.html").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "alone.html",
        "both.html",
        "found",
        "listener.toml",
        "posts.jsonl",
    ]


def test_a_replay_that_is_to_write_nothing_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "listener.toml").write_text(ACME)
    ran = listener("replay", "posts.jsonl", folder=tmp_path)
    assert ran.code == 2
    assert "--report" in ran.err


def test_a_report_that_is_to_be_a_folder_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "listener.toml").write_text(ACME)
    ran = listener("replay", "posts.jsonl", "--report", tmp_path, folder=tmp_path)
    assert ran.code == 2
    assert "is a folder" in unboxed(ran.err)
