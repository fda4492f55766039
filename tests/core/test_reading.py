"""How a mention reads: which scorer reads which of its words."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.brands.matcher import Found
from listener.reading import Reading, TextReader
from listener.sentiment import emoji
from listener.sentiment.common_words import COMMON_WORDS
from listener.sentiment.language import WORDLESS
from listener.sentiment.parts import parts_of
from listener.sentiment.scoring import Scorer
from tests.core.building import START, a_mention
from tests.core.growing import grows_with_its_length

NOTHING = Found({}, [], [])
ENGLISH = "this is what they said about it"
ROMANIAN = "nimeni nu stie cand vine curierul si nici unde este"
CROATIAN = "uvijek netko kaže da ovdje nema vremena što ćemo"


def reader(language: str = "en", confidence: float = 1.0) -> TextReader:
    scorers = [
        Scorer("english", "en", lambda text: 1234 + len(text)),
        Scorer("romanian", "ro", lambda text: -6000),
        Scorer("emoji", WORDLESS, emoji.compound),
    ]
    return TextReader(scorers, lambda text: [(language, confidence)])


def read(text: str, lang: str | None = None, thread: str | None = None, among: frozenset[str] | None = None) -> Reading:
    return reader().read(a_mention("1", START, text=text, lang=lang), NOTHING, thread, among)


def test_a_text_goes_to_the_scorer_of_its_language() -> None:
    english, romanian = read(ENGLISH), read(ROMANIAN)
    assert (english.language, english.sentiment.scorer) == ("en", "english")
    assert english.sentiment.compound == (1234 + len(ENGLISH)) / 10_000
    assert (romanian.language, romanian.sentiment.scorer, romanian.sentiment.compound) == ("ro", "romanian", -0.6)


def test_a_text_in_a_language_without_a_scorer_is_not_scored_and_says_why() -> None:
    reading = read(CROATIAN)
    assert reading.language == "hr"
    assert (reading.sentiment.compound, reading.sentiment.not_scored) == (None, "no scorer for hr")


def test_emoji_do_not_let_a_text_be_scored_whose_words_nobody_can_read() -> None:
    assert read(CROATIAN + " 😡😡").sentiment.compound is None


@pytest.mark.parametrize("lang", [None, "en", "de"])
def test_emoji_alone_are_read_in_any_language(lang: str | None) -> None:
    angry = read("😡😡", lang)
    assert (angry.language, angry.sentiment.scorer) == (None, "emoji")
    assert angry.sentiment.compound is not None
    assert angry.sentiment.compound < -0.5
    assert (read("👍").sentiment.compound or 0) > 0.4


@pytest.mark.parametrize("text", ["!!!", "https://t.co/x", "@united", "✈", "12 . 13"])
def test_what_has_neither_words_nor_moods_is_not_scored(text: str) -> None:
    reading = read(text)
    assert (reading.sentiment.compound, reading.sentiment.not_scored) == (None, "no words of its own")


def test_a_text_too_short_to_tell_is_taken_for_the_first_scorers_language() -> None:
    reading = read("thx")
    assert (reading.language, reading.sentiment.scorer) == (None, "english")


def test_a_text_too_short_to_tell_is_taken_for_that_of_the_brand() -> None:
    assert read("super!", among=frozenset({"ro", "hr"})).sentiment.scorer == "romanian"
    assert read("super!", among=frozenset({"ro", "en"})).sentiment.scorer == "english"


def test_a_text_too_short_to_tell_goes_where_its_words_point() -> None:
    assert read("nu merge").sentiment.scorer == "romanian"
    assert read("nije dobro").sentiment.not_scored == "language unknown"


def test_a_short_text_is_read_in_the_language_of_its_thread() -> None:
    reading = read("super!", thread="ro")
    assert (reading.language, reading.sentiment.scorer, reading.confidence) == ("ro", "romanian", None)


def test_a_long_text_in_no_language_is_not_scored() -> None:
    reading = reader("xx", 0.3).read(a_mention("1", START, text="lorem ipsum dolor sit amet consectetur"), NOTHING)
    assert (reading.language, reading.sentiment.not_scored) == (None, "language unknown")


def test_a_confidence_is_said_where_we_found_the_language_ourselves() -> None:
    assert read(ENGLISH, lang="en").confidence is None
    found = read(ENGLISH).confidence
    assert found is not None
    assert 0.8 <= found <= 1


def test_title_and_text_are_scored_together_with_their_names_hidden() -> None:
    seen: list[str] = []

    def score(text: str) -> int:
        seen.append(text)
        return 0

    one = TextReader([Scorer("test", "en", score)], lambda text: [("en", 1.0)])
    one.read(a_mention("1", START, text="united is late", title="Why united"), Found({}, [(0, 6)], [(4, 10)]))
    assert seen == ["Why brand. brand is late"]


def test_parts_in_several_languages_are_scored_each_and_weigh_by_their_words() -> None:
    scorers = [Scorer("english", "en", lambda text: -8000), Scorer("romanian", "ro", lambda text: 4000)]
    both = TextReader(scorers, lambda text: [("en", 1.0)])
    text = "Nimeni nu este aici. This was the worst of all."
    reading = both.read(a_mention("1", START, text=text), NOTHING)
    assert (reading.language, reading.sentiment.scorer) == ("en", "english+romanian")
    assert reading.sentiment.compound == round((4 * 4000 - 6 * 8000) / 10) / 10_000


def test_a_part_without_a_scorer_is_left_out_and_said() -> None:
    reading = read("This was the worst of all the places. Ich habe das nicht.")
    assert reading.sentiment.scorer == "english+none"
    assert reading.sentiment.compound is not None


def test_a_text_that_is_mostly_in_a_language_without_a_scorer_is_not_scored() -> None:
    reading = read("This was the end. Ich habe das nicht und wir sind auch noch nicht da, aber es wird schon wieder.")
    assert (reading.language, reading.sentiment.not_scored) == ("de", "no scorer for de")


def test_a_text_is_cut_where_its_language_changes() -> None:
    parts = parts_of("Am fost la Starbucks and it was awful, never again", ["en", "ro"])
    assert [(part.language, part.text, part.words) for part in parts] == [
        ("ro", "Am fost la Starbucks", 4),
        ("en", "and it was awful, never again", 6),
    ]


@given(st.lists(st.sampled_from([*sorted(COMMON_WORDS)[::20], "lorem", "Acme.", "😡", "שלום"]), max_size=60))
def test_parts_are_all_of_a_text_in_its_order(words: list[str]) -> None:
    text = " ".join(words)
    parts = parts_of(text, ["en", "ro", "he"])
    assert " ".join(part.text for part in parts) == text
    assert [part.words for part in parts] == [len(part.text.split()) for part in parts]
    assert all(one.language != other.language for one, other in pairwise(parts))


def test_a_word_or_two_of_another_language_are_no_part() -> None:
    assert len(parts_of("We went to the casa de comenzi of the shop and it was fine", ["en", "es", "ro"])) == 1


@pytest.mark.parametrize(
    "piece",
    ["nu este the and ", "😡", "ש the of ", "the nu ", "nu nu nu not ", "foarte ", "a,", ":(", "the " * 40 + "nu "],
)
def test_a_hostile_text_takes_no_longer_than_its_length(piece: str) -> None:
    by = reader()
    grows_with_its_length(lambda text: by.read(a_mention("1", START, text=text), NOTHING), piece)
