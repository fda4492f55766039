"""Which language a mention is in."""

import pytest

from listener.brands.matcher import Found
from listener.reading import TextReader
from listener.sentiment.language import LEAST_LETTERS, language_of
from listener.sentiment.scoring import Scorer
from tests.core.building import START, a_mention

NOTHING = Found({}, [], [])
LONG = "this text is long enough to tell"


def sure(code: str, confidence: float = 0.99) -> object:
    return lambda text: (code, confidence)


def never(text: str) -> tuple[str, float]:
    raise AssertionError(f"the detector was asked about {text!r}")


@pytest.mark.parametrize(
    ("lang", "code"), [("en", "en"), ("EN", "en"), ("pt-BR", "pt"), ("zh_Hans", "zh"), ("he", "he")]
)
def test_the_platform_is_believed(lang: str, code: str) -> None:
    assert language_of(lang, LONG, never) == code


@pytest.mark.parametrize("lang", [None, "", "und", "zxx", "qme", "art", "UND"])
def test_the_detector_is_asked_where_the_platform_does_not_know(lang: str | None) -> None:
    assert language_of(lang, LONG, lambda text: ("hr", 0.9)) == "hr"


def test_a_detector_that_is_not_sure_is_not_believed() -> None:
    assert language_of(None, LONG, lambda text: ("hr", 0.79)) is None


def test_a_short_text_is_not_shown_to_the_detector() -> None:
    assert language_of(None, "thx!!!", never) is None
    assert language_of(None, "a" * (LEAST_LETTERS - 1), never) is None


def test_half_as_many_letters_do_where_they_are_not_ascii() -> None:
    assert language_of(None, "השירות שלכם נורא", lambda text: ("he", 1.0)) == "he"
    assert language_of(None, "联合航空的服务真的太差了", lambda text: ("zh", 1.0)) == "zh"


def test_links_handles_tags_and_digits_do_not_count_as_letters() -> None:
    assert language_of(None, "https://example.com/a/very/long/path @somebody #atag $CASH 12345 ok", never) is None


def test_the_detector_sees_the_words_only() -> None:
    seen = []

    def detect(text: str) -> tuple[str, float]:
        seen.append(text)
        return "en", 1.0

    language_of(None, f"@united  {LONG}\n#late https://t.co/x", detect)
    assert seen == [LONG]


def scorer(language: str | None) -> TextReader:
    return TextReader(
        [Scorer("test", "en", lambda text: 1234 + len(text))], lambda text: (language or "en", 1.0 if language else 0.0)
    )


def test_a_text_in_the_language_of_the_scorer_is_scored() -> None:
    language, sentiment, *_ = scorer("en").read(a_mention("1", START, text=LONG), NOTHING)
    assert (language, sentiment.compound, sentiment.not_scored) == ("en", (1234 + len(LONG)) / 10_000, None)


def test_a_text_in_another_language_is_not_scored_and_says_why() -> None:
    language, sentiment, *_ = scorer("ro").read(a_mention("1", START, text=LONG), NOTHING)
    assert (language, sentiment.compound, sentiment.not_scored) == ("ro", None, "no scorer for ro")
    assert sentiment.scorer == "test"


def test_a_text_in_an_unknown_language_is_scored() -> None:
    language, sentiment, *_ = scorer(None).read(a_mention("1", START, text=LONG), NOTHING)
    assert language is None
    assert sentiment.compound is not None


def test_title_and_text_are_scored_together_with_their_names_hidden() -> None:
    seen: list[str] = []

    def score(text: str) -> int:
        seen.append(text)
        return 0

    one = TextReader([Scorer("test", "en", score)], lambda text: ("en", 1.0))
    one.read(a_mention("1", START, text="united is late", title="Why united"), Found({}, [(0, 6)], [(4, 10)]))
    assert seen == ["Why brand. brand is late"]
