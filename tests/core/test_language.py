"""Which language a mention is in, and who has said so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.sentiment.common_words import COMMON_WORDS, LISTED, plain
from listener.sentiment.language import (
    LEAST_CONFIDENCE,
    LEAST_LETTERS,
    WORDLESS,
    Best,
    Detect,
    Identified,
    Identifier,
    code_of,
)
from listener.sentiment.weighing import weighed

# None of these words is in a list of common words.
LONG = "lorem ipsum dolor sit amet consectetur"
ENGLISH = "this is what they said about the new phone"
ROMANIAN = "nu merge aplicatia de doua zile si nimeni nu raspunde"


def sure(code: str, confidence: float = 0.99) -> Detect:
    return lambda text: [(code, confidence)]


def never(text: str) -> Best:
    raise AssertionError(f"the detector was asked about {text!r}")


@pytest.mark.parametrize(
    ("lang", "code"), [("en", "en"), ("EN", "en"), ("pt-BR", "pt"), ("zh_Hans", "zh"), ("iw", "he"), ("in", "id")]
)
def test_the_platforms_word_is_read_as_a_plain_code(lang: str, code: str) -> None:
    assert code_of(lang) == code


@pytest.mark.parametrize("lang", ["english", "e", "x" * 100_000, "12", "en us", "ро"])
def test_what_is_no_code_is_no_language(lang: str) -> None:
    assert code_of(lang) is None


@pytest.mark.parametrize("lang", [None, "", "und", "zxx", "qme", "art", "UND"])
def test_the_detector_is_asked_where_the_platform_does_not_know(lang: str | None) -> None:
    assert Identifier(sure("xx")).identify(lang, LONG).language == "xx"


def test_the_platform_is_believed_where_nothing_speaks_against_it() -> None:
    assert Identifier(never).identify("en", ENGLISH) == Identified("en")
    assert Identifier(never).identify("tl", "lorem ipsum") == Identified("tl")


def test_words_of_another_language_stand_against_the_platforms() -> None:
    assert Identifier(never).identify("en", ROMANIAN).language == "ro"
    assert Identifier(never).identify("de", ENGLISH).language == "en"


def test_two_words_do_not_stand_against_the_platforms() -> None:
    assert Identifier(never).identify("en", "nu merge") == Identified("en")


def test_letters_with_marks_and_no_english_word_stand_against_english() -> None:
    assert Identifier(sure("xx")).identify("en", "čšž lorem ipsum dolor").language == "xx"
    assert Identifier(never).identify("en", "the café") == Identified("en")


def test_a_long_text_without_a_common_word_of_its_language_is_shown_to_a_detector_that_must_be_sure() -> None:
    assert Identifier(sure("xx")).identify("en", LONG + " tempor incididunt magna aliqua enim veniam").language == "xx"
    assert Identifier(sure("xx", 0.5)).identify(
        "en", LONG + " tempor incididunt magna aliqua enim veniam"
    ) == Identified("en")


def test_a_script_decides_before_the_platform() -> None:
    assert Identifier(never).identify("en", "השירות שלכם נורא") == Identified("he", 1.0)
    assert Identifier(never).identify("en", "Κακή εξυπηρέτηση").language == "el"


def test_hebrew_is_known_from_ten_letters() -> None:
    assert Identifier(never).identify(None, "שירות גרוע").language == "he"


def test_latin_letters_are_no_hebrew_whatever_the_platform_says() -> None:
    assert Identifier(never).identify("he", ENGLISH).language == "en"


def test_a_name_in_latin_letters_leaves_a_hebrew_text_hebrew() -> None:
    assert Identifier(never).identify(None, "ה-Wi-Fi של brand לא עובד כבר יומיים").language == "he"


def test_in_a_script_of_several_languages_the_platform_or_the_detector_says_which() -> None:
    text = "Сервис ужасный, никому не советую"
    assert Identifier(never).identify("bg", text) == Identified("bg")
    assert Identifier(lambda _: [("en", 0.1), ("ru", 0.8), ("uk", 0.05)]).identify("en", text).language == "ru"
    assert Identifier(lambda _: [("ru", 0.5), ("uk", 0.45)]).identify(None, text).language is None


def test_common_words_suffice_without_the_detector_and_without_marks() -> None:
    found = Identifier(never).identify(None, ROMANIAN)
    assert found.language == "ro"
    assert found.confidence is not None
    assert LEAST_CONFIDENCE <= found.confidence <= 1


def test_a_detector_that_is_not_sure_is_not_believed() -> None:
    assert Identifier(sure("hr", 0.6)).identify(None, LONG).language is None


def test_a_short_text_is_not_shown_to_the_detector() -> None:
    assert Identifier(never).identify(None, "thx!!!") == Identified(None, short=True)
    assert Identifier(never).identify(None, "z" * (LEAST_LETTERS - 1)).short


def test_a_short_text_points_to_the_language_of_its_words() -> None:
    assert Identifier(never).identify(None, "nu merge aplicatia").likely == ("ro",)


def test_links_handles_tags_and_digits_are_not_shown_to_the_detector() -> None:
    seen = []

    def detect(text: str) -> Best:
        seen.append(text)
        return [("xx", 1.0)]

    Identifier(detect).identify(None, f"@united brand  {LONG}\n#late https://t.co/x 12")
    assert seen == [LONG]


def test_a_text_that_its_own_words_leave_open_inherits_the_language_of_its_thread() -> None:
    assert Identifier(never).identify(None, "super!", thread="ro") == Identified("ro")
    assert Identifier(sure("hr", 0.4)).identify(None, LONG, thread="ro") == Identified("ro")


def test_own_words_go_before_the_thread() -> None:
    assert Identifier(never).identify(None, ENGLISH, thread="ro").language == "en"


def test_the_platforms_word_goes_before_the_thread() -> None:
    assert Identifier(never).identify("hr", "super!", thread="ro") == Identified("hr")


def test_words_of_a_scorers_lexicon_hint_at_its_language() -> None:
    known = {"en": frozenset({"lorem", "ipsum", "dolor"})}
    unsure: Detect = lambda _: [("it", 0.2), ("eu", 0.1)]  # noqa: E731 - one line says it
    assert Identifier(unsure).identify(None, LONG).likely == ()
    assert Identifier(unsure, known).identify(None, f"the {LONG}").likely == ("en",)


def test_codes_of_one_language_are_one_to_the_detector() -> None:
    assert Identifier(lambda _: [("hr", 0.45), ("sh", 0.45)]).identify(None, LONG).language == "hr"


def test_what_is_in_capitals_is_shown_to_the_detector_in_small_letters() -> None:
    seen = []

    def detect(text: str) -> Best:
        seen.append(text)
        return [("xx", 1.0)]

    Identifier(detect).identify(None, LONG.upper())
    assert seen == [LONG]


def test_many_words_of_a_language_can_be_counted() -> None:
    words = [word for word, languages in COMMON_WORDS.items() if "ro" in languages] * 3
    assert Identifier(never).identify(None, " ".join(words)).language == "ro"
    assert weighed({}, {"en": 5_000, "ro": 4_999}, {}, None, None)["en"] == 1


def test_what_speaks_for_none_of_the_brands_languages_is_doubt() -> None:
    shares = lambda _: [("gl", 0.5), ("pt", 0.4), ("es", 0.1)]  # noqa: E731 - one line says it
    assert Identifier(shares).identify(None, LONG).language is None
    assert Identifier(shares).identify(None, LONG, among={"pt", "en"}).language == "pt"


def test_what_is_clearly_none_of_the_brands_languages_is_named_as_what_it_is() -> None:
    assert Identifier(sure("sk", 0.99)).identify(None, LONG, among={"ro"}).language == "sk"
    assert Identifier(never).identify(None, ENGLISH, among={"ro"}).language == "en"


def test_croatian_and_serbian_words_alike_are_told_apart_by_the_brands_languages_only() -> None:
    undecided = "nije dobro"
    assert Identifier(never).identify(None, undecided).language is None
    assert Identifier(never).identify(None, undecided, among={"hr"}).language == "hr"


def test_words_that_differ_tell_croatian_serbian_and_slovene_apart() -> None:
    assert Identifier(never).identify(None, "uvijek netko kaže da ovdje nema vremena, što ćemo").language == "hr"
    assert Identifier(never).identify(None, "uvek neko kaže da ovde nema vremena, šta ćemo").language == "sr"
    assert Identifier(never).identify(None, "zakaj vedno nekdo ni tukaj, kaj bomo").language == "sl"


@pytest.mark.parametrize("text", ["👍👍", "@united 😡", "https://t.co/x 🙏", "!!! ❤", "brand 🎉"])
def test_emoji_alone_have_no_language(text: str) -> None:
    assert Identifier(never).identify("de", text).language == WORDLESS


def test_a_text_in_two_languages_has_both_for_parts() -> None:
    assert Identifier(never).identify(None, "Am fost la Starbucks and it was awful, never again").parts == ("en", "ro")
    assert Identifier(never).identify("en", ENGLISH).parts == ()


@given(st.text(max_size=300), st.sampled_from([None, "en", "ro", "he", "xx"]), st.sampled_from([None, "ro"]))
def test_any_text_gives_an_answer_and_a_confidence_between_0_and_1(
    text: str, said: str | None, thread: str | None
) -> None:
    found = Identifier(sure("xx")).identify(said, text, thread)
    assert found.confidence is None or LEAST_CONFIDENCE <= found.confidence <= 1
    assert found.confidence is None or found.language is not None
    assert not found.short or found.language is None


@given(st.lists(st.sampled_from(sorted(COMMON_WORDS)), max_size=30), st.sampled_from(LISTED))
def test_more_words_of_a_language_never_make_it_less_sure(words: list[str], language: str) -> None:
    own = [word for word, languages in COMMON_WORDS.items() if languages == (language,)][:12]
    found = Identifier(sure("xx", 0.1)).identify(None, " ".join(words + own))
    if Identifier(sure("xx", 0.1)).identify(None, " ".join(words)).language == language:
        assert found.language == language


@given(st.text(max_size=100))
def test_the_plain_form_is_plain_already(text: str) -> None:
    assert plain(plain(text)) == plain(text)


@pytest.mark.parametrize(
    "piece", ["nu merge ", "ש", "и", "#", "a\u0301", "the ", "😡", "brand", "http://", "\n", "漢かな"]
)
def test_a_hostile_text_takes_no_longer_than_a_short_one(piece: str) -> None:
    seen = []

    def detect(text: str) -> Best:
        seen.append(len(text))
        return [("xx", 1.0)]

    Identifier(detect).identify(None, piece * (100_000 // len(piece)))
    assert all(length <= 4_000 for length in seen)
