"""Phrases are written out, and texts are made comparable with them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.sentiment.phrases import Spelling, alternatives_of, pattern_of, patterns_of, phrases_of

SPELLING = Spelling({"0": "two three", "hours": "hrs hour", "you": "u"}, "a the so")
PLAIN = Spelling({}, "")


@pytest.mark.parametrize(
    ("line", "phrases"),
    [
        ("plain", ["plain"]),
        ("(a|b) c", ["a c", "b c"]),
        ("(a|) b", ["a b", "b"]),
        ("(a|(b|c) d) e", ["a e", "b d e", "c d e"]),
        ("x (a|b) (c|d)", ["x a c", "x a d", "x b c", "x b d"]),
    ],
)
def test_alternatives_are_written_out(line: str, phrases: list[str]) -> None:
    assert list(phrases_of(line, {}, PLAIN)) == phrases


def test_a_list_of_words_stands_for_its_words() -> None:
    assert list(phrases_of("no {goods}\n\nhelp", {"goods": "bag|car"}, PLAIN)) == ["no bag", "no car", "help"]


@pytest.mark.parametrize("line", ["(a|b", "a (b (c)"])
def test_a_bracket_that_is_not_closed_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="a bracket is not closed"):
        list(alternatives_of(line))


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("I CAN'T wait", " i cant wait "),
        ("I can’t wait", " i cant wait "),
        ("waited 25 hrs", " waited 0 hours "),
        ("waited 2hrs", " waited 0 hours "),
        ("for the two hours", " for 0 hours "),
        ("really?!", " really ? ! "),
        ("bag,lost;again", " bag lost again "),
        ("#fail great👏👏", " fail great 👏 👏 "),
        ("aștept de 3 săptămâni", " astept de 0 saptamani "),
        ("", "  "),
    ],
)
def test_a_text_becomes_words_with_spaces_around(text: str, plain: str) -> None:
    assert SPELLING.plain(text) == plain


@given(st.text(max_size=80))
def test_what_is_plain_stays_as_it_is(text: str) -> None:
    plain = SPELLING.plain(text)
    assert SPELLING.plain(plain) == plain


@given(st.text(alphabet="abcUHO 0123,.!’'\"", max_size=60))
def test_case_and_curls_make_no_difference(text: str) -> None:
    assert SPELLING.plain(text.upper()) == SPELLING.plain(text) == SPELLING.plain(text.replace("'", "’"))


def test_a_phrase_is_a_whole_word_unless_it_goes_on() -> None:
    assert pattern_of(SPELLING.spelled("Refund*")) == " refund"
    assert pattern_of(SPELLING.spelled("Refund")) == " refund "


def test_a_line_is_spelled_as_texts_are_and_keeps_its_alternatives() -> None:
    assert SPELLING.spelled("(two|u) hrs (can't|)") == "(0|you) hours (cant|)"


@pytest.mark.parametrize(
    ("phrase", "problem"), [("not so good", "passed over"), ("the", "passed over"), ("-", "no word")]
)
def test_a_phrase_that_no_text_could_meet_is_refused(phrase: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        SPELLING.spelled(phrase)


def test_a_lexicon_that_grows_beyond_measure_is_refused() -> None:
    letters = "|".join("bcdefghijk")
    content = {"rules": [{"name": "all", "phrases": " ".join([f"({letters})"] * 5)}]}
    with pytest.raises(ValueError, match="rule 'all': the lexicon has more than"):
        patterns_of(content, SPELLING)
