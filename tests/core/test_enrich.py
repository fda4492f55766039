"""One mention becomes one brand mention for each brand it is about."""

from collections import Counter
from typing import Any

import pytest

from listener.brands.matcher import Matcher
from listener.enrich import enrich
from listener.monitors.sentiment import SentimentMonitor
from listener.reading import TextReader
from listener.sentiment.scoring import Scorer
from listener.threads import Threads
from schemas.brand_mention import BrandMention
from schemas.mention import Author, Mention
from schemas.settings import Brand
from tests.core.building import START, a_mention, settings_of

UNITED = Brand(id="united", name="United", handles={"x": ("@united",)})
DELTA = Brand(id="delta", name="Delta")
BRANDS = Matcher(settings_of(DELTA, UNITED, version="v7"))


class Hearing:
    """A scorer that keeps what it was shown."""

    def __init__(self, detected: str = "en") -> None:
        self.shown: list[str] = []
        self.scorer = TextReader([Scorer("test", "en", self.compound)], lambda text: [(detected, 1.0)])

    def compound(self, text: str) -> int:
        self.shown.append(text)
        return -5000


def enriched(mention: Mention, threads: Threads | None = None, scorer: TextReader | None = None) -> list[BrandMention]:
    told = enrich(mention, BRANDS, threads if threads is not None else Threads(), scorer or Hearing().scorer)
    assert told is not None
    return [record for record in told if isinstance(record, BrandMention)]


def only(text: str, **fields: Any) -> BrandMention:
    found = enriched(a_mention("1", START, text=text, **fields))
    assert len(found) == 1
    return found[0]


def test_a_mention_about_nobody_gives_nothing_and_is_not_scored() -> None:
    hearing = Hearing()
    assert enriched(a_mention("1", START, text="hello"), scorer=hearing.scorer) == []
    assert hearing.shown == []


def test_a_mention_about_one_brand_says_all_about_it() -> None:
    mention = a_mention("1", START, text="I hate United")
    found = enriched(mention)[0]
    assert (found.brand, found.mention, found.settings) == ("united", mention, "v7")
    assert (found.tagged, found.owned, found.language) == (False, False, None)
    assert (found.sentiment.scorer, found.sentiment.compound) == ("test", -0.5)


def test_brands_come_in_the_order_of_the_settings() -> None:
    found = enriched(a_mention("1", START, text="United, then Delta"))
    assert [one.brand for one in found] == ["delta", "united"]


def test_a_mention_has_one_score_with_all_names_hidden() -> None:
    hearing = Hearing()
    found = enriched(a_mention("1", START, text="United, then Delta"), scorer=hearing.scorer)
    assert hearing.shown == ["brand, then brand"]
    assert found[0].sentiment == found[1].sentiment


def test_a_mention_of_an_owned_handle_is_tagged() -> None:
    assert only("@united hello").tagged
    assert not only("United hello").tagged


def test_what_the_brand_writes_is_owned() -> None:
    assert only("good morning", author=Author(handle="united")).owned
    assert not only("good morning @united", author=Author(handle="jo")).owned


def test_a_language_without_a_scorer_is_not_scored() -> None:
    found = only("United este foarte rău", lang="ro")
    assert (found.language, found.sentiment.compound, found.sentiment.not_scored) == ("ro", None, "no scorer for ro")


def test_a_repeat_gives_none() -> None:
    threads = Threads()
    mention = a_mention("1", START, text="United")
    assert enriched(mention, threads)
    assert enrich(mention, BRANDS, threads, Hearing().scorer) is None


def test_what_is_about_nobody_is_not_remembered() -> None:
    """A firehose brings hundreds a second; to hear one again changes nothing."""
    threads = Threads()
    mention = a_mention("1", START, text="hello")
    assert enriched(mention, threads) == enriched(mention, threads) == []
    assert threads.take_added() == []


def test_a_mention_that_broke_the_scorer_can_be_tried_again() -> None:
    """It becomes a dead letter; what was never counted must not be dropped as a repeat when it is retried."""

    def broken(text: str) -> int:
        raise ValueError("no such word")

    threads = Threads()
    mention = a_mention("1", START, text="United is late")
    with pytest.raises(ValueError, match="no such word"):
        enriched(mention, threads, TextReader([Scorer("test", "en", broken)], lambda text: [("en", 1.0)]))
    assert len(enriched(mention, threads)) == 1


def test_ids_are_of_one_platform_each() -> None:
    threads = Threads()
    for id_ in ("x:1", "reddit:1"):
        assert len(enriched(a_mention(id_, START, text="United"), threads)) == 1


def test_the_languages_of_several_brands_are_those_of_all_if_all_say_theirs() -> None:
    stated = (Brand(id="a", name="a", languages=("ro",)), Brand(id="b", name="b", languages=("en", "ro")))
    brands = Matcher(settings_of(*stated, Brand(id="c", name="c")))
    assert brands.languages([0, 1]) == frozenset({"ro", "en"})
    assert brands.languages([0, 2]) is None
    assert BRANDS.languages([0]) is None


def test_a_mention_in_a_language_without_a_scorer_lowers_the_coverage() -> None:
    monitor = SentimentMonitor()
    counts: Counter[str] = Counter()
    for text in ("United is what they said it was", "das ist nicht gut und auch noch United"):
        counts.update(monitor.count(only(text)))
    figures = monitor.figures(counts, 1.0)
    assert figures is not None
    assert (figures.scorable, figures.scored, figures.coverage) == (2, 1, 0.5)
