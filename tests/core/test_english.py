"""How English reads: VADER's words and the rules of talk in one score."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.reader import english, load_vader
from listener.sentiment.calibration import FITTED
from listener.sentiment.scoring import UNIT, compound_of, sum_of

ORDINARY = "bag lost great love no reply waiting 2 hours thanks ! ? 😂 🙄 how can you help please flight".split()
TEXTS = st.one_of(st.text(max_size=120), st.lists(st.sampled_from(ORDINARY), max_size=12).map(" ".join))

NEGATIVE = [
    "still waiting for my order",
    "on hold for 2 hours",
    "great job losing my bag",
    "thanks for nothing",
    "you charged me twice",
    "the app won't let me log in, please fix",
    "can anyone there answer the phone?",
    "my flight is delayed again lol",
    "would not recommend them to anyone",
    "the internet has been down since this morning",
]
GONE_WRONG = [
    "this brand is flat",
    "my brand was flat and warm",
    "fries came cold and soggy",
    "the bread was stale",
    "chicken was still raw in the middle",
    "brand tastes like soap now",
    "my screen cracked after one day",
    "the battery drains in two hours",
    "brand keeps rebooting",
    "the zip broke after one wash",
    "shoes fell apart within a week",
    "parcel arrived crushed",
    "they threw it over the fence",
    "seat wouldn't recline and the tray was sticky",
    "room smelled of damp",
    "my laptop won't start",
    "the sound is muffled on these",
    "no legroom at all on this bus",
]
NOTHING_WRONG = [
    "brand is flat on the day",
    "the battery lasts all day",
    "the pizza was hot",
    "a cold beer at the pool",
    "the car starts every morning",
    "dry white wine with fish",
    "the steak was rare as ordered",
    "raw denim jacket",
    "clean rooms and a soft bed",
]
NEUTRAL = ["how do I change my address?", "can you please tell me when you open?", "brand opens in Lyon", "", "🤔"]
POSITIVE = [
    "never had a problem with them",
    "gave me a refund within a day, impressed",
    "thank you so much!",
    "love this phone",
    "you guys rock",
    "the crew was wonderful 👏",
]


def read(text: str) -> int:
    return english(FITTED).compound(text)


@pytest.mark.parametrize("text", NEGATIVE)
def test_what_customers_complain_of_is_negative(text: str) -> None:
    assert read(text) <= -500


@pytest.mark.parametrize("text", NEUTRAL)
def test_plain_questions_and_news_are_neutral(text: str) -> None:
    assert -500 < read(text) < 500


@pytest.mark.parametrize("text", POSITIVE)
def test_praise_is_positive(text: str) -> None:
    assert read(text) >= 500


@pytest.mark.parametrize("text", GONE_WRONG)
def test_the_plain_words_of_failure_are_negative_though_vader_knows_none(text: str) -> None:
    assert read(text) <= -500


@pytest.mark.parametrize("text", NOTHING_WRONG)
def test_the_same_words_of_what_is_well_are_not(text: str) -> None:
    assert read(text) > -500


@given(TEXTS)
def test_a_score_is_one(text: str) -> None:
    assert -UNIT <= english().compound(text) <= UNIT
    assert read(text) == FITTED(english().compound(text))


@given(TEXTS, TEXTS)
def test_the_text_before_makes_no_difference(before: str, text: str) -> None:
    reader = english(FITTED)
    alone = reader.compound(text), reader.talk(text)
    reader.compound(before)
    assert (reader.compound(text), reader.talk(text)) == alone


@pytest.mark.parametrize(
    "text", ["a terrible tragedy", "a happy child", "it sank", "what a lovely sunset over the bay"]
)
def test_where_no_rule_is_met_the_score_is_vaders(text: str) -> None:
    met = english()._heard(text).times  # noqa: SLF001 - to be sure that the example is one
    assert met or english().compound(text) == load_vader().compound(text)


@pytest.mark.parametrize("text", ["I can’t wait", "it isn’t good", "don’t hate it"])
def test_a_curly_apostrophe_is_one(text: str) -> None:
    assert read(text) == read(text.replace("’", "'"))


@given(st.integers(-UNIT + 1, UNIT - 1))
def test_a_compound_stands_for_a_sum_and_back(compound: int) -> None:
    assert compound_of(sum_of(compound)) == compound


def test_ends_stand_for_finite_sums() -> None:
    assert sum_of(UNIT) == sum_of(UNIT - 1)
    assert sum_of(-UNIT) == -sum_of(UNIT)
