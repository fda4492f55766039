"""Queries in the settings file, in `listener match` and in `listener check`."""

import json
from pathlib import Path

import pytest

from agents.checkup import Remark, check
from agents.configuration import WrongSettings
from agents.settings_file import parse_configuration
from tests.agents.building import ACME, listener


def remarks(query: str, others: str = "") -> list[Remark]:
    """What is said of the one brand by its query."""
    configuration = parse_configuration(f"{ACME}query = '{query}'\n{others}", "shop.toml", Path("shop"))
    return [remark for remark in check(configuration) if remark.what == "brand acme" and "query" in remark.told]


def test_a_wrong_query_in_the_settings_is_named_with_its_key_column_and_a_caret() -> None:
    with pytest.raises(WrongSettings) as wrong:
        parse_configuration(ACME + 'query = "can AND (bottle OR"\n', "shop.toml", Path("shop"))

    told, shown, caret = str(wrong.value).splitlines()
    assert told == "shop.toml: brands[0].query: column 9: this ( is not closed"
    assert shown[caret.index("^")] == "("


def test_check_says_which_words_call_for_a_query() -> None:
    (remark,) = remarks('"a can" OR bottle* OR #cans')

    assert remark.level == "ok"
    assert remark.told.endswith('for posts with "a can" or #cans or …bottle…')


def test_check_warns_of_a_query_that_is_evaluated_for_every_post() -> None:
    (remark,) = remarks("can OR rating:<3")

    assert remark.level == "warning"
    assert "evaluated for every post, since rating:<3 is a field" in remark.told


def test_check_warns_of_operators_in_small_letters() -> None:
    assert [remark.told for remark in remarks("can or bottle")][1:] == [
        "'or' in its query is a word that must be there; write OR"
    ]


def test_a_query_can_be_tried_without_a_settings_file(tmp_path: Path) -> None:
    ran = listener("match", "--query", "recall NEAR/2 bott*", "--text", "a recall of bottles", folder=tmp_path)

    assert ran.code == 0, ran
    assert [match["term"] for match in json.loads(ran.out)["matches"]] == ["recall", "bott*"]


def test_a_wrong_query_to_try_is_wrong_use(tmp_path: Path) -> None:
    ran = listener("match", "--query", "recall AND", "--text", "x", folder=tmp_path)

    assert ran.code == 2
    assert ran.err.splitlines()[0].startswith("listener: --query: column 11: the query ends too early")
    assert ran.err.splitlines()[1:] == ["  recall AND", "            ^"]
