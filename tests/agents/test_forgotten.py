"""What is deleted or edited is forgotten: no word of it is left in any file that the embedded service keeps."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.export import FILES, export
from agents.runtime.embedded import Embedded
from agents.runtime.records import Records
from agents.runtime.store import Store
from agents.sources.history import Item
from schemas.mention import Mention
from schemas.times import MINUTE
from tests.agents.building import START, a_post, configured, feed, history_of, lines_in, plain_scorer, write_lines

LONG = "a word and another, " * 1_000  # more than a page of the database


def word(number: int) -> str:
    """What nothing else says."""
    return f"secret{number:05}word"


def post(number: int, text: str = "acme", **fields: object) -> bytes:
    return a_post(f"x:{number}", START + number * MINUTE, f"{text} {word(number)}", **fields)


def listened(folder: Path, lines: list[bytes], size: int) -> None:
    """Read a file in steps of a size into the database of a folder."""
    folder.mkdir(exist_ok=True)
    with TemporaryDirectory() as elsewhere:
        items: list[Item] = list(history_of(write_lines(Path(elsewhere) / "p.jsonl", lines), folder=folder).items())
    with Store(folder / "test.db") as store:
        lane = Embedded(store, plain_scorer())
        lane.configure(configured().settings())
        feed(lane, items, size)
    with Records(folder / "test.db") as store:
        export(store, folder)


def kept_words(folder: Path, count: int) -> set[int]:
    """Whose words are found in the bytes of all files of a folder."""
    content = b"".join(path.read_bytes() for path in folder.iterdir())
    return {number for number in range(count) if word(number).encode() in content}


def deleted(number: int, minutes: int = 60 * 24) -> bytes:
    return a_post(f"x:{number}", START + minutes * MINUTE, op="delete", text="")


def test_the_words_of_what_is_kept_are_found(tmp_path: Path) -> None:
    """So that not to find others says something."""
    listened(tmp_path, [post(number) for number in range(5)], 2)
    assert kept_words(tmp_path, 5) == set(range(5))


@given(st.sets(st.integers(0, 39)), st.sampled_from([1, 7, 1_000]), st.sampled_from([50, 60 * 24]))
@settings(max_examples=20, deadline=None)
def test_no_word_of_what_is_deleted_is_left_and_all_else_is_as_without_it(gone: set[int], size: int, when: int) -> None:
    posts = [post(number, f"acme {LONG}" if number % 5 == 0 else "acme") for number in range(40)]
    with TemporaryDirectory() as name, TemporaryDirectory() as other:
        listened(Path(name), [*posts, *(deleted(number, when) for number in gone)], size)
        assert kept_words(Path(name), 40) == set(range(40)) - gone
        listened(Path(other), [line for number, line in enumerate(posts) if number not in gone], size)
        assert lines_in(Path(name), "brand-mentions.jsonl") == lines_in(Path(other), "brand-mentions.jsonl")


@pytest.mark.parametrize("size", [1, 1_000])
def test_no_word_of_an_earlier_version_is_left(size: int, tmp_path: Path) -> None:
    edit = a_post("x:3", START + 3 * MINUTE, "acme is better", op="update", edited_at="2020-01-01T01:00:00Z")
    listened(tmp_path, [*(post(number, f"acme {LONG}") for number in range(5)), edit], size)
    assert kept_words(tmp_path, 5) == {0, 1, 2, 4}
    assert [line["mention"]["id"] for line in lines_in(tmp_path, "brand-mentions.jsonl")] == [
        f"x:{number}" for number in range(5)
    ]


def test_what_is_about_nobody_is_not_kept_at_all(tmp_path: Path) -> None:
    listened(tmp_path, [post(0), post(1, "nobody"), post(2, "how true", parent_id="x:0")], 1)
    assert kept_words(tmp_path, 3) == {0, 2}


def test_a_delete_in_a_file_that_does_not_say_when_holds_from_the_beginning(tmp_path: Path) -> None:
    lines = [post(number) for number in range(5)]
    with TemporaryDirectory() as elsewhere:
        path = write_lines(Path(elsewhere) / "p.jsonl", [*lines, b'{"op":"delete","id":"x:2"}'])
        history = history_of(path, folder=tmp_path)
        items = list(history.items())
    assert [item.record.id for item in items if isinstance(item.record, Mention)] == ["x:0", "x:1", "x:3", "x:4"]
    assert history.dropped == 1


def test_a_deletion_and_its_post_in_one_step_leave_nothing(tmp_path: Path) -> None:
    listened(tmp_path, [post(0), post(1), deleted(1, 2)], 1_000)
    assert kept_words(tmp_path, 2) == {0}
    assert all((tmp_path / name).exists() for name in FILES)


def test_a_post_that_is_told_in_two_threads_in_one_step_is_kept_twice_and_forgotten_whole(tmp_path: Path) -> None:
    told = [post(1, root_id="x:0"), post(1, root_id="x:9"), post(2)]
    listened(tmp_path / "kept", told, 1_000)
    assert [line["mention"]["id"] for line in lines_in(tmp_path / "kept", "brand-mentions.jsonl")] == [
        "x:1",
        "x:1",
        "x:2",
    ]
    listened(tmp_path / "gone", [*told, deleted(1)], 1_000)
    assert kept_words(tmp_path / "gone", 3) == {2}


def latest(folder: Path) -> dict[tuple[str, str], object]:
    """The last word on each hour and day."""
    lines = [line for line in lines_in(folder, "trends.jsonl") if line["window"] != "minute"]
    return {(line["window"], line["start"]): (line["known"], line["total"]) for line in lines}


@given(st.sets(st.integers(1, 38)), st.sampled_from([7, 1_000]), st.sampled_from([50, 60 * 20]))
@settings(max_examples=15, deadline=None)
def test_the_figures_of_what_is_left_are_as_without_it(gone: set[int], size: int, when: int) -> None:
    posts = [post(number, "acme is awful" if number % 3 else "acme") for number in range(40)]
    answers = [post(number, "so true", parent_id=f"x:{number - 40}") for number in range(40, 45)]
    dropped = {
        number for number in gone if number >= 5
    }  # what was answered stays: the answers would be lost without it
    with TemporaryDirectory() as name, TemporaryDirectory() as other:
        listened(Path(name), [*posts, *answers, *(deleted(number, when) for number in sorted(dropped))], size)
        left = [line for number, line in enumerate(posts) if number not in dropped]
        listened(Path(other), [*left, *answers], size)
        assert latest(Path(name)) == latest(Path(other))
