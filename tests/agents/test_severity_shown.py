"""What people are told of words that matter: in the query lab, and where a brand is named like one."""

from pathlib import Path

from rich.text import Text

from agents.checkup import check
from agents.query_lab import match, told
from agents.settings_file import parse_configuration
from agents.sources.lines import Line

ACME = '[[brands]]\nid = "acme"\nname = "Acme"\nsevere = { safety = ["flaky dye"] }\n'


def shown(text: str) -> list[str]:
    configuration = parse_configuration(ACME, "test", Path())
    (matched,) = match(configuration, [Line(1, text.encode())])
    return [line.strip() for line in Text.from_markup(told(matched)).plain.split("\n")]


def test_the_query_lab_shows_what_matters_and_what_lowered_it() -> None:
    lines = shown("Acme jackets: flaky dye, and there is no recall")
    assert "safety: flaky dye 1.00  at text 14-23" in lines
    assert "safety: recall 0.17, negated by 'no'  at text 41-47" in lines


def warnings(settings: str) -> list[str]:
    return [remark.told for remark in check(parse_configuration(settings, "test", Path())) if remark.level == "warning"]


def test_check_warns_of_a_name_that_is_a_word_that_matters() -> None:
    told = warnings('[[brands]]\nid = "a"\nname = "Acme"\nproducts = ["Suicide Burger", "Bun"]\n')
    (line,) = (line for line in told if "category" in line)
    assert line.startswith("the name 'Suicide Burger' holds 'suicide', a word of the category death and injury: ")


def test_check_says_nothing_of_a_name_that_is_none() -> None:
    assert not [line for line in warnings(ACME) if "category" in line]
