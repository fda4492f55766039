"""Names as people write them who spell them right: gaps, dots, apostrophes, accents, capitals."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listener.brands.boundaries import lower
from listener.brands.frequency import OrdinaryWords
from listener.brands.spelling import MOST_WAYS, has_capitals_of, spellings, unaccented
from tests.core.growing import grows_with_its_length
from tests.core.spelled import brand, forms, frequency, said

WAYS = [
    ("Coca-Cola", "Coca Cola", "spaced"),
    ("Coca-Cola", "coca cola", "spaced"),
    ("Coca-Cola", "CocaCola", "spaced"),
    ("Coca-Cola", "COCA-COLA", ""),
    ("Coca-Cola", "cocacola", "spaced"),
    ("Coca-Cola", "coca_cola", "spaced"),
    ("Coca-Cola", "coca\u2011cola", "spaced"),
    ("Coca Cola", "coca-cola", "spaced"),
    ("Coca Cola", "coca\u00a0cola", "spaced"),
    ("JetBlue", "Jet Blue", "spaced"),
    ("JetBlue", "jet-blue", "spaced"),
    ("JetBlue", "JETBLUE", ""),
    ("7-Eleven", "7 eleven", "spaced"),
    ("7-Eleven", "7eleven", "spaced"),
    ("Tommy Hilfiger Shop", "TommyHilfiger Shop", "spaced"),
    ("Bed Bath & Beyond", "Bed Bath and Beyond", "punctuated"),
    ("Bed Bath & Beyond", "bed bath &amp; beyond", ""),
    ("Marks and Spencer", "Marks & Spencer", "punctuated"),
    ("Marks and Spencer", "marks&spencer", "punctuated"),
    ("H&M", "h & m", "punctuated"),
    ("Dr. Pepper", "Dr Pepper", "punctuated"),
    ("Dr. Pepper", "dr pepper", "punctuated"),
    ("Dr Pepper", "Dr. Pepper", "punctuated"),
    ("McDonald's", "Mcdonalds", "punctuated"),
    ("McDonald's", "mcdonald´s", "punctuated"),
    ("McDonald's", "mcdonald’s", ""),
    ("Starbucks", "Starbuck's", "punctuated"),
    ("Acme Airlines", "Acme Airline", "singular"),
    ("Acme Airlines", "acme-airline", "singular"),
    ("Acme Airlines", "acme airlines", ""),
    ("Acme Industries", "Acme Industry", "singular"),
    ("Škoda", "skoda", "unaccented"),
    ("Škoda", "S\u030ckoda", ""),
    ("Škoda Auto", "skoda-auto", "unaccented"),
    ("L'Oréal", "loreal", "punctuated"),
    ("Häagen-Dazs", "Haagen Dazs", "unaccented"),
    ("Müller", "mueller", "unaccented"),
    ("Đuro Đaković", "djuro djakovic", "unaccented"),
    ("Ștefan", "stefan", "unaccented"),
    ("Ølkompagniet", "olkompagniet", "unaccented"),
]


@pytest.mark.parametrize(("name", "text", "form"), WAYS)
def test_a_name_is_found_as_people_write_it_and_says_how(name: str, text: str, form: str) -> None:
    assert forms(f"so, {text}!", brand(name)) == [(text, form)]


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, text, _ in WAYS])
def test_no_way_to_write_a_name_is_found_within_another_word(name: str, text: str) -> None:
    assert said(f"x{text}", brand(name, misspelled=False)) == []
    assert said(f"{text}x", brand(name, misspelled=False)) == []
    assert said(f"@{text}", brand(name)) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("LinkedIn", "linked in the article"),  # words that often stand so by chance
        ("Lay's", "she lays it down"),
        ("Now Here", "nowhere to be seen"),
        ("Jet Up", "jetup"),  # too short to be anything but a slip
        ("eMAG", "e mag"),
        ("Skoda", "škoda"),  # accents are left out, not put in
        ("Yahoo!", "yahoo"),
        ("AT&T", "at and t"),
        ("Best Buy", "the best. Buy it"),
        ("Coca-Cola", "coca, cola"),
        ("Windows", "the window's frame"),
        ("LinkedIn", "linke din"),
    ],
)
def test_what_is_also_something_else_is_not(name: str, text: str) -> None:
    assert said(text, brand(name)) == []


@pytest.mark.parametrize(
    ("name", "text"), [("LinkedIn", "Linked In"), ("Lay's", "Lays"), ("Now Here", "NowHere"), ("Jet Up", "JetUp")]
)
def test_but_it_is_where_it_has_the_capitals_of_the_name(name: str, text: str) -> None:
    assert said(f"so {text} it is", brand(name)) == [text]


def test_a_name_in_small_letters_has_no_capitals_to_go_by() -> None:
    assert said("Now Here or NowHere or nowhere", brand("now here")) == ["Now Here"]


def test_without_misspellings_joined_words_need_their_capitals_or_a_hashtag() -> None:
    by = brand("Virgin America", misspelled=False)
    assert said("virginamerica", by) == []
    assert forms("VirginAmerica", by) == [("VirginAmerica", "spaced")]
    assert forms("#virginamerica", by) == [("virginamerica", "hashtag")]


def test_what_one_alias_says_outright_is_no_spelling_of_another() -> None:
    assert forms("coca-cola", brand("Coca Cola", "Coca-Cola")) == [("coca-cola", "")]


def test_names_in_other_scripts_are_found_as_what_they_are() -> None:
    by = brand("Castro", transliterations=("קסטרו", "Кастро"))
    assert forms("קסטרו, Кастро", by) == [("קסטרו", "transliterated"), ("Кастро", "transliterated")]


def test_words_that_are_required_or_excluded_are_taken_as_they_are() -> None:
    assert said("United in flight-time", brand("United", require=("flight time",))) == []
    assert said("United cocacola", brand("United", exclude=("Coca-Cola",))) == ["United"]


def test_a_spelling_is_the_name_of_every_brand_that_has_it() -> None:
    found = forms("CocaCola", brand("Coca-Cola"), brand("CocaCola", id="two"))
    assert found == [("CocaCola", "spaced")]


def test_capitals_are_asked_for_where_the_name_has_them() -> None:
    assert has_capitals_of("LinkedIn", "LINKEDIN")
    assert has_capitals_of("LinkedIn", "LinkedIn")
    assert not has_capitals_of("LinkedIn", "Linkedin")


@given(st.text(min_size=1, max_size=30))
@settings(max_examples=500, deadline=None)
def test_every_spelling_has_letters_or_is_the_name_and_there_are_not_many(name: str) -> None:
    found = spellings(name, OrdinaryWords(frequency))
    assert len({spelling.small for spelling in found}) == len(found) <= 8 * (MOST_WAYS + 1)
    for spelling in found:
        assert spelling.small == lower(spelling.written) or not spelling.form
        assert any(map(str.isalnum, spelling.small)) or not spelling.form


@given(st.text(max_size=30))
def test_unaccented_twice_is_unaccented(text: str) -> None:
    assert unaccented(unaccented(text)) == unaccented(text)


@pytest.mark.parametrize("unit", ["a b ", "A.b", "McDonald's & ", "-", "é"])
def test_no_name_takes_longer_to_spell_than_its_length(unit: str) -> None:
    grows_with_its_length(lambda name: spellings(name, OrdinaryWords(frequency)), unit, 1_000)
