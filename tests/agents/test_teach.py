"""`listener teach`: from labels to a model beside the settings, and what the settings make of it."""

import json
from pathlib import Path

import pytest

from agents.configuration import WrongSettings
from agents.models import model_path
from agents.settings_file import SettingsFile, parse_configuration, read_configuration
from schemas.settings import Learned
from tests.agents.building import a_post, listener, write_lines

RING = """[[brands]]
id = "ring"
name = "Ring"
about = "Video doorbells for homes."
handles.x = ["@ring"]
"""
WRONG = [f"phone {what} with that ring tone" for what in ("blares", "goes off", "wakes me", "sings", "buzzes")]
RIGHT = [f"the porch ring {what} at night" for what in ("blinks", "chimes", "records", "sees thieves", "films")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "listener.toml").write_text(RING, encoding="utf-8")
    rows = [f"{text},yes" for text in RIGHT] + [f"{text},no" for text in WRONG]
    (tmp_path / "labels.csv").write_text("\n".join(["text,right", *rows]) + "\n", encoding="utf-8")
    return tmp_path


def score(folder: Path, text: str) -> float:
    ran = listener("match", "--text", text, "--json", folder=folder)
    found: float = json.loads(ran.out)["matches"][0]["score"]
    return found


def test_labels_become_a_model_that_changes_what_is_matched(folder: Path) -> None:
    before = score(folder, "a porch ring at night"), read_configuration(folder / "listener.toml").settings()
    ran = listener("teach", "--labels", "labels.csv", folder=folder)
    assert ran.code == 0, ran.err
    assert "5 right and 5 wrong in all" in ran.out
    assert "when learned from the others" in ran.out
    assert score(folder, "a porch ring at night") > before[0]
    assert read_configuration(folder / "listener.toml").settings().version != before[1].version


def test_the_same_labels_give_the_same_bytes(folder: Path) -> None:
    listener("teach", "--labels", "labels.csv", folder=folder)
    first = model_path(folder, "ring").read_bytes()
    listener("teach", "--labels", "labels.csv", "--anew", folder=folder)
    assert model_path(folder, "ring").read_bytes() == first


def test_no_text_is_kept_but_words_of_three_people(folder: Path) -> None:
    listener("teach", "--labels", "labels.csv", folder=folder)
    words = json.loads(model_path(folder, "ring").read_bytes())["words"]
    assert "porch" in words
    assert "thieves" not in words


def test_a_correction_may_be_a_text_or_the_id_of_a_post(folder: Path) -> None:
    write_lines(folder / "posts.jsonl", [a_post("x:1", text="a ring of thieves was caught", platform="x")])
    ran = listener("teach", "posts.jsonl", "--wrong", "x:1", "--right", "my ring films", "--json", folder=folder)
    assert ran.code == 0, ran.err
    found = json.loads(ran.out)
    assert (found["right"], found["wrong"], found["corrections"]) == (1, 1, 2)


def test_history_teaches_by_itself(folder: Path) -> None:
    posts = [a_post(f"x:{number}", text=f"@ring {text}", platform="x") for number, text in enumerate(RIGHT)]
    posts += [a_post(f"x:w{number}", text="he gave me a wedding ring of gold and a kiss") for number in range(5)]
    write_lines(folder / "posts.jsonl", posts)
    ran = listener("teach", "posts.jsonl", "--json", folder=folder)
    assert ran.code == 0, ran.err
    found = json.loads(ran.out)
    assert (found["overheard_for"], found["overheard_against"]) == (5, 5)
    assert (found["right"], found["wrong"]) == (0, 0)


def test_the_embedded_database_is_history_too(folder: Path) -> None:
    with (folder / "listener.toml").open("a", encoding="utf-8") as file:
        file.write('[[sources]]\npath = "posts.jsonl"\n')
    write_lines(folder / "posts.jsonl", [a_post("x:1", text="a ring of thieves was caught", platform="x")])
    assert listener("run", "--until-end", folder=folder).code == 0
    ran = listener("teach", "--wrong", "x:1", "--json", folder=folder)
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["wrong"] == 1


def test_what_cannot_be_used_is_said_with_its_line_and_the_rest_is_learned(folder: Path) -> None:
    (folder / "more.csv").write_text("text,right\nno name,yes\nthe ring,perhaps\na ring tone,no\n", encoding="utf-8")
    ran = listener("teach", "--labels", "more.csv", folder=folder)
    assert ran.code == 1
    assert "more.csv, line 2: does not name ring" in ran.err
    assert "more.csv, line 3: right is 'perhaps'; write yes or no" in ran.err
    assert "0 right and 1 wrong in all" in ran.out


def test_labels_may_be_json_lines(folder: Path) -> None:
    lines = [b'{"text": "a ring tone", "right": false}', b'{"text": "my ring films", "right": true, "brand": "ring"}']
    write_lines(folder / "labels.jsonl", [*lines, b'{"text": 1}'])
    ran = listener("teach", "--labels", "labels.jsonl", folder=folder)
    assert "labels.jsonl, line 3" in ran.err
    assert "1 right and 1 wrong in all" in ran.out


def test_where_no_name_is_ambiguous_there_is_nothing_to_teach(tmp_path: Path) -> None:
    (tmp_path / "listener.toml").write_text('[[brands]]\nid = "acme"\nname = "Acme Corp"\n', encoding="utf-8")
    ran = listener("teach", folder=tmp_path)
    assert ran.code == 2
    assert "no name is ambiguous" in ran.err


def test_a_running_service_sees_that_a_model_has_changed(folder: Path) -> None:
    file = SettingsFile(folder / "listener.toml")
    assert file.changed() is None
    listener("teach", "--labels", "labels.csv", folder=folder)
    changed = file.changed()
    assert changed is not None
    assert isinstance(changed.brands[0].learned, Learned)
    assert file.changed() is None


@pytest.mark.parametrize(
    "content", [b"", b"{", b'{"bias": "x"}', b'{"bias": 1e999}', b'{"bias": 0, "direction": [1]}', b"\xff", b"[]"]
)
def test_a_broken_model_is_refused_with_its_path(folder: Path, content: bytes) -> None:
    path = model_path(folder, "ring")
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(WrongSettings, match=r"models/ring.json: .*delete it, and teach again"):
        read_configuration(folder / "listener.toml")


def test_what_is_learned_does_not_stand_in_the_settings_file() -> None:
    with pytest.raises(WrongSettings, match=r"brands\[0\].learned: take it out"):
        parse_configuration(RING + "learned.bias = 1\n", "shop.toml", Path())


def test_match_explains_each_reason(folder: Path) -> None:
    ran = listener("match", "--text", "a ring tone", "--explain", folder=folder)
    assert ran.code == 0, ran.err
    assert "what the words around it mean" in ran.out
    assert "doubtful" in ran.out


def test_check_warns_of_an_ordinary_word_and_says_what_helps(folder: Path) -> None:
    ran = listener("check", folder=folder)
    assert "'Ring' is an ordinary word in en" in ran.out
    assert "what helps: products, require, exclude, `listener teach`" in ran.out
