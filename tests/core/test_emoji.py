"""How emoji feel."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.sentiment.emoji import _BY_VALENCE, EMOJI, compound, feelings, shows_feeling


def test_each_sign_has_one_valence_and_is_one_character() -> None:
    signs = [sign for signs in _BY_VALENCE.values() for sign in signs.split()]
    assert len(signs) == len(set(signs))
    assert all(len(sign) == 1 and not sign.isascii() for sign in signs)


@pytest.mark.parametrize("text", ["❤️", "👍🏽", "so 😍", ":)", "<3"])
def test_signs_with_a_colour_of_skin_or_a_variant_are_known(text: str) -> None:
    assert compound(text) > 0


def test_the_tenth_says_no_more_than_the_third() -> None:
    assert compound("😡" * 10) == compound("😡" * 3) < compound("😡")


def test_what_has_no_mood_has_no_feelings() -> None:
    assert not shows_feeling("✈ 📦 2/10 !!!")
    assert feelings("✈") == []


@given(st.lists(st.sampled_from(sorted(EMOJI))))
def test_a_compound_lies_between_minus_one_and_one_and_does_not_depend_on_the_order(signs: list[str]) -> None:
    assert -10_000 <= compound("".join(signs)) <= 10_000
    assert compound("".join(signs)) == compound(" ".join(reversed(signs)))
