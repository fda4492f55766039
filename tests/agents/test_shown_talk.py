"""The query lab says what was made of a post, and why."""

from pathlib import Path

import pytest

from agents.query_lab import match, told
from agents.settings_file import parse_configuration
from agents.sources.lines import Line

SHOPS = '[[brands]]\nid = "acme"\nname = "Acme"\n[[brands]]\nid = "bolt"\nname = "Bolt"\n'


def said(text: str, settings: str = SHOPS) -> str:
    configuration = parse_configuration(settings, "shop.toml", Path())
    return "\n".join(told(one) for one in match(configuration, [Line(1, text.encode())]))


def test_a_kind_of_talk_is_shown_with_its_rules() -> None:
    assert "kept waiting: on hold; no reply: no reply" in said("Acme: on hold for 2 hours, no reply")


def test_a_comparison_is_shown_for_both_brands() -> None:
    shown = said("Acme is better than Bolt")
    assert "for it: “is better than”" in shown
    assert "against it: “is better than”" in shown


@pytest.mark.parametrize(("switch", "scorer"), [("true", "english/1+calibrated/1"), ("false", "(english/1,")])
def test_the_scorer_says_whether_it_is_calibrated(switch: str, scorer: str) -> None:
    assert scorer in said("I love Acme", f"{SHOPS}[sentiment]\ncalibrated = {switch}\n")
