"""Words as marks: which words say something, in any script, and that they are found again where they stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from listener.words import BREAK, MOST_WORDS, _marks, mark32, spoken, words_of
from schemas.brand_mention import BrandMention, Match, Sentiment
from tests.core.building import START, a_mention


def said(text: str, language: str | None = "en", name: str = "acme", title: str | None = None) -> BrandMention:
    """A mention of acme with a match wherever the name stands first."""
    at = text.lower().find(name)
    match = Match(why="alias", term=name, field="text", start=at, end=at + len(name))
    return BrandMention(
        brand="acme",
        mention=a_mention("x:1", START, text=text, title=title),
        matches=(match,) if at >= 0 else (),
        tagged=False,
        owned=False,
        language=language,
        sentiment=Sentiment(scorer="test", compound=-0.6),
        settings="1",
    )


def words(mention: BrandMention) -> list[str | None]:
    """The words of a mention, as they are found again, without breaks."""
    return [spoken(mention, (mark,)) for mark in words_of(mention) if mark != BREAK]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("There is GLASS in my Acme bottle", "en", ["glass", "bottle"]),
        ("Am găsit cioburi în sticla Acme", "ro", ["gasit", "cioburi", "sticla"]),
        ("U boci Acme ima stakla", "hr", ["boci", "stakla"]),
        ("זכוכית בבקבוק acme", "he", ["זכוכית", "בבקבוק"]),
        ("acme 瓶子有玻璃", "zh", ["瓶子", "子有", "有玻", "玻璃"]),
        ("see https://acme.example/glass and www.glass.example @acmecare 42 glass", "en", ["glass"]),
        ("don’t buy acme", "en", ["buy"]),
        ("acme acme42", "en", []),
        ("", "en", []),
    ],
)
def test_words_that_say_something_are_kept_in_any_script(text: str, language: str, expected: list[str]) -> None:
    mention = said(text, language)
    plain = [None if word is None else word.replace("ă", "a") for word in words(mention)]
    assert plain == expected


def test_a_word_that_is_common_in_another_language_alone_is_one_here() -> None:
    assert words(said("acme die", "en")) == ["die"]
    assert words(said("acme die", "de")) == []


def test_accents_and_case_make_no_difference() -> None:
    assert words_of(said("acme ȘTIRE", "ro")) == words_of(said("acme stire", "ro"))


def test_the_name_of_the_brand_is_no_word_and_its_title_is_read_first() -> None:
    assert words(said("Acme shards", title="glass again")) == ["glass", "shards"]


def test_the_words_of_a_query_are_words() -> None:
    mention = said("glass in the bottle", name="glass")
    assert words(mention) == ["bottle"]
    (match,) = mention.matches
    assert words(replace(mention, matches=(replace(match, why="query"),))) == ["glass", "bottle"]


def test_a_phrase_is_found_with_the_common_words_between_its_words() -> None:
    mention = said("I found Glass in the  Bottle of acme")
    assert spoken(mention, (mark32("glass"), mark32("bottle"))) == "glass in the bottle"
    assert spoken(mention, (mark32("bottle"), mark32("glass"))) is None


def test_no_phrase_goes_across_a_sentence_a_number_or_a_handle() -> None:
    for text in ("acme glass. bottle", "acme glass 42 bottle", "acme glass @ann bottle", "acme glass, bottle"):
        marks = words_of(said(text))
        assert marks[: marks.index(mark32("bottle"))].count(BREAK) == 1


def test_marks_are_the_same_on_every_machine() -> None:
    assert [mark32("glass"), mark32("זכוכית")] == [834_418_607, 658_846_049]


@given(st.text(max_size=300), st.sampled_from(["en", "ro", None]))
def test_every_word_of_any_text_is_found_again(text: str, language: str | None) -> None:
    mention = said(text, language)
    marks = words_of(mention)
    assert len(marks) <= MOST_WORDS
    assert all(spoken(mention, (mark,)) is not None for mark in marks if mark != BREAK)


def test_what_is_long_and_never_comes_again_is_not_remembered() -> None:
    words_of(said("acme"))
    before = _marks.cache_info().currsize
    words_of(said(f"{'a' * 50_000} acme"))
    assert _marks.cache_info().currsize == before
