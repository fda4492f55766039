"""The query lab shows languages, how sure they are, and words from right to left in their place."""

from pathlib import Path

import pytest

from agents.console import isolated
from agents.query_lab import match, told
from agents.settings_file import parse_configuration
from agents.sources.lines import Line

SHOP = """
[[brands]]
id = "shop"
name = "Acme"
aliases = ["Acme", "אקמה"]
"""


def shown(text: str) -> str:
    configuration = parse_configuration(SHOP, "shop.toml", Path())
    (matched,) = match(configuration, [Line(1, text.encode())])
    return told(matched)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("Acme was the worst of all, never again", "(english/1+calibrated/1, en "),
        ("nimeni nu stie cand vine coletul de la Acme", "(romanian/1, ro "),
        ("Acme 😡", "(emoji/1, language unknown)"),
        ("das ist nicht gut Acme, ich habe noch nichts", "not scored (no scorer for de)[/] (de 100%)"),
        ("Am fost la Acme and it was awful, never again", "(english/1+calibrated/1+romanian/1, en 100%)"),
    ],
)
def test_the_scorer_and_the_language_stand_beside_the_mood(text: str, part: str) -> None:
    assert part in shown(text)


def test_words_from_right_to_left_turn_nothing_around_them() -> None:
    lines = shown("השירות של אקמה נורא").split("\n")
    assert lines[0] == "[bold]\u2068השירות של אקמה נורא\u2069[/]"
    assert "alias \u2068אקמה\u2069 at text 10-14" in lines[1]
    assert isolated("Acme é") == "Acme é"


def test_what_turns_the_direction_in_a_post_is_taken_out_before() -> None:
    assert "\u202e" not in shown("Acme \u202e is fine")
