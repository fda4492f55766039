"""What no monitor of a brand wants is not read for it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.reader import standard_reader
from listener.brands.matcher import Found, Matcher
from listener.enrich import enrich
from listener.monitors import MONITORS
from listener.reading import TextReader
from listener.sentiment.scoring import Scorer
from listener.severity.finder import SeverityFinder, load_finder
from listener.severity.lexicon import load_lexicons
from listener.threads import Threads
from schemas.brand_mention import BrandMention, Severe, Talk
from schemas.settings import Brand
from tests.core.building import START, a_mention, settings_of

TEXT = "Acme and Brill: recall, and never again, worst service ever. Their lawsuit!"
# The monitors that go by what is read.
OFF = {"severity": ("severity", "virality", "response"), "talk": ("talk", "response")}
ALL_OFF = tuple(name for names in OFF.values() for name in names)


class Counting(SeverityFinder):
    """Finds what matters, and counts how often it was asked."""

    asked = 0

    def find(self, *given: Any) -> tuple[Severe, ...]:
        self.asked += 1
        return super().find(*given)


def told(text: str, *brands: Brand, reader: TextReader | None = None) -> list[BrandMention]:
    """The brand mentions of a text."""
    mention, matcher = a_mention("1", START, text=text, lang="en"), Matcher(settings_of(*brands))
    found = enrich(mention, matcher, Threads(), reader or standard_reader())
    return [one for one in found or () if isinstance(one, BrandMention)]


def brand(name: str, *off: str, **fields: Any) -> Brand:
    """A brand with some monitors off."""
    return Brand(id=name.lower(), name=name, monitors=dict.fromkeys(off, False), **fields)


def test_with_all_monitors_on_severe_words_and_talk_are_told() -> None:
    (acme,) = told(TEXT, brand("Acme"))
    assert {one.term for one in acme.severity} == {"recall", "lawsuit"}
    assert [one.kind for one in acme.talk] == ["complaint"]


@pytest.mark.parametrize("off", OFF)
def test_a_brand_whose_monitors_are_off_is_told_all_else(off: str) -> None:
    (whole,), (less,) = told(TEXT, brand("Acme")), told(TEXT, brand("Acme", *OFF[off]))
    assert getattr(less, off) == ()
    same = [name for name in BrandMention.__struct_fields__ if name not in (off, "settings")]
    assert [getattr(less, name) for name in same] == [getattr(whole, name) for name in same]


def test_what_another_monitor_goes_by_is_still_read() -> None:
    (acme,) = told(TEXT, brand("Acme", "severity"))
    assert acme.severity


def test_of_two_brands_each_is_told_what_it_wants() -> None:
    acme, brill = told(TEXT, brand("Acme", *OFF["severity"]), brand("Brill", *OFF["talk"]))
    assert (acme.severity, bool(acme.talk)) == ((), True)
    assert (bool(brill.severity), brill.talk) == (True, ())


def test_a_brands_own_words_go_with_its_monitors() -> None:
    (acme,) = told("the hinge of my Acme", brand("Acme", *OFF["severity"], severe={"safety": ("hinge",)}))
    assert acme.severity == ()


def test_what_nobody_wants_is_not_looked_for() -> None:
    finder, heard = Counting(load_lexicons(), load_finder().scopes), list[str]()

    def hear(text: str) -> tuple[Talk, ...]:
        heard.append(text)
        return ()

    reader = TextReader([Scorer("test", "en", lambda text: 0)], lambda text: [("en", 1.0)], finder, {"en": hear})
    told(TEXT, brand("Acme", *ALL_OFF), brand("Brill", *ALL_OFF), reader=reader)
    assert (finder.asked, heard) == (0, [])
    told(TEXT, brand("Acme", *ALL_OFF), brand("Brill"), reader=reader)
    assert (finder.asked, len(heard)) == (1, 1)


def test_english_hears_a_text_of_several_brands_once_though_it_hears_its_clauses() -> None:
    heard: list[str] = []
    last = ""

    def compound(text: str) -> int:
        nonlocal last
        heard.append(text)
        last = text
        return 5

    def talk(text: str) -> tuple[Talk, ...]:
        assert text == last  # what was scored last is what English remembers
        return ()

    reader = TextReader([Scorer("test", "en", compound)], lambda text: [("en", 1.0)], None, {"en": talk})
    told("Acme is great today, but Brill is awful, as ever before", brand("Acme"), brand("Brill"), reader=reader)
    assert len(heard) > 1


@given(st.lists(st.sets(st.sampled_from([monitor.name for monitor in MONITORS])), min_size=1, max_size=4))
def test_what_several_brands_want_is_what_any_of_them_wants(off: list[set[str]]) -> None:
    wants = Matcher(settings_of(*(brand(f"Acme{number}", *names) for number, names in enumerate(off)))).wants
    numbers = range(len(off))
    assert wants.of(numbers) == frozenset().union(*(wants.by_brand[number] for number in numbers))
    for what, names in OFF.items():
        assert all((what in wants.by_brand[number]) != off[number].issuperset(names) for number in numbers)


def test_a_plain_reading_tells_all() -> None:
    reading = standard_reader().read(a_mention("1", START, text=TEXT, lang="en"), Found({}, [], []))
    assert reading.severity
    assert reading.talk
