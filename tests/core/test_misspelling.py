"""Long names with a letter wrong are found, and nothing else is taken for one."""

import random
import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listener.brands.matcher import Matcher
from listener.brands.misspelling import Misspellings
from schemas.settings import Brand
from tests.core.building import START, a_mention, settings_of
from tests.core.growing import Text, grows_with_its_length
from tests.core.spelled import brand, forms, frequency, matched, matcher_of, said
from tests.core.test_edits import distance


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Starbucks", "starbuks"),
        ("Starbucks", "Starrbucks"),
        ("Starbucks", "STARBACKS"),
        ("Starbucks", "Starbcuks"),
        ("Starbucks", "#starbuks"),
        ("Starbucks", "starbuck"),
        ("Spotify", "spotfy"),
        ("Spotify", "spotiffy"),
        ("Volkswagen", "volkswagon"),
        ("Mercedes-Benz", "mercedez benz"),
        ("Mercedes-Benz", "Mercedez-Benz"),
        ("Virgin America", "Virgn America"),
        ("Virgin America", "virgin amreica"),
        ("Virgin America", "VirginAmerca"),
        ("JetBlue", "jetblu"),
        ("McDonald's", "mcdonlads"),
        ("McDonald's", "McDonlad's"),
        ("Goldman Sachs", "goldmann sachs"),
        ("Marks & Spencer", "Marks & Spencr"),
        ("Häagen-Dazs", "hagen dazs"),
        ("Citroën", "citreon"),
        ("Крафтовое", "крафтовоо"),
    ],
)
def test_a_slip_in_a_long_name_is_found(name: str, text: str) -> None:
    assert forms(f"so, {text}!", brand(name)) == [(text.removeprefix("#"), "misspelled")]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("United", "unitd"),  # too short
        ("Starbucks", "starbks"),  # two edits in nine letters
        ("Starbucks", "ztarbucks"),  # the first letter
        ("Starbucks", "xstarbuks"),
        ("Starbucks", "starbuksx"),
        ("Starbucks", "@starbuks"),
        ("Starbucks", "jo.starbuks@mail.com"),
        ("Starbucks", "https://starbuks.com/starbuks"),
        ("Facebook", "facebooked"),
        ("Facebook", "facebooky"),  # the name with an ending
        ("Discover", "discovery"),  # an ordinary word
        ("Continental", "continents"),
        ("JetBlue", "jet glue"),
        ("Virgin America", "Virgin American"),
        ("Crisp Bread", "crisq breaf"),  # one edit in each word, two in ten letters
        ("Virgin America", "virgn, america"),
        ("Virgin America", "virgn"),
        ("Windows 10", "windows 11"),
        ("Boeing 737 Max", "boeing 747 max"),
        ("Samsung S20", "samsung s2o"),
        ("$STARBUCKS", "starbuks"),
        ("联合航空公司服务部", "联合航空公司服务处"),
    ],
)
def test_other_words_are_no_misspellings(name: str, text: str) -> None:
    assert said(f"so {text} now", brand(name)) == []


def test_a_misspelling_says_the_name_that_is_meant() -> None:
    (match,) = matched("at starbuks", brand("Starbucks", "Frappuccino Bar"))
    assert (match.term, match.why, match.form, match.start, match.end) == ("Starbucks", "alias", "misspelled", 3, 11)


def test_products_and_transliterations_may_be_misspelled() -> None:
    by = Brand(id="one", name="Nobody", products=("Frappuccino",), transliterations=("Старбакскафе",))
    assert said("a frappucino, Старбаксафе", by) == ["frappucino", "Старбаксафе"]


def test_another_brands_name_is_no_misspelling() -> None:
    by = (brand("Sanofixa"), brand("Sanofixo", id="two"))
    assert sorted(matcher_of(*by).find(a_mention("1", START, text="sanofixo")).matches) == [1]


def test_a_name_that_stands_right_is_not_also_wrong() -> None:
    assert forms("American Airlines", brand("American Airlines", "American Airline")) == [("American Airlines", "")]


def test_a_longer_misspelled_name_is_found_over_a_shorter_right_one() -> None:
    by = brand("Virgin", "Virgin America")
    assert forms("Virgin Amerca", by) == [("Virgin Amerca", "misspelled")]


def test_misspellings_are_off_by_a_switch() -> None:
    assert said("starbuks", brand("Starbucks", misspelled=False)) == []


def test_a_word_that_is_ordinary_in_a_brands_language_is_none() -> None:
    assert said("dacian", brand("Daciant", languages=("ro",))) == []
    assert said("dacian", brand("Daciant")) == ["dacian"]


def test_other_accents_than_the_names_are_said_to_be_that() -> None:
    assert forms("σε Κωτσόβολος", brand("ΚΩΤΣΟΒΟΛΟΣ")) == [("Κωτσόβολος", "unaccented")]


LETTERS = "abc"
NAMES = ("abcabca", "abcabcabcab", "abcab cabac", "acb-abcba-cab", "bacabac 1")


def naive(text: str, name: str) -> set[tuple[int, int]]:
    """By the definition: as many words as the name has, near one by one and together, first letters the same."""
    words = re.split(r"[ -]", name)
    letters = sum(character.isalpha() for character in name)
    most = 0 if letters < 7 else 1 if letters < 11 else 2
    found = set()
    for target in {tuple(words), ("".join(words),)}:
        tokens = list(re.finditer(r"[a-z0-9]+", text))
        for first in range(len(tokens) - len(target) + 1):
            span = tokens[first : first + len(target)]
            gaps = [text[one.end() : other.start()] for one, other in pairwise(span)]
            if all(re.fullmatch(r"[ -]+", gap) for gap in gaps) and _is_near([one[0] for one in span], target, most):
                found.add((span[0].start(), span[-1].end()))
    return found


def _is_near(said: list[str], target: tuple[str, ...], most: int) -> bool:
    total = 0
    for word, wanted in zip(said, target, strict=True):
        edits = distance(word, wanted)
        total += edits
        if not edits:
            continue
        ending = word.removeprefix(wanted) if word.startswith(wanted) else ""
        if len(wanted) < 5 or edits > (2 if len(wanted) >= 11 else 1) or word[0] != wanted[0]:
            return False
        if (ending and set(ending) != {wanted[-1]}) or re.sub(r"\D", "", word) != re.sub(r"\D", "", wanted):
            return False
    return 0 < total <= most


def slipped(name: str, seed: int) -> str:
    """A name after up to three slips."""
    draw = random.Random(seed)
    letters = list(name)
    for _ in range(draw.randint(0, 3)):
        at = draw.randrange(len(letters))
        how = draw.choice("rids")
        if how == "r":
            letters[at] = draw.choice(LETTERS + " 1")
        elif how == "i":
            letters.insert(at, draw.choice(LETTERS))
        elif how == "d" and len(letters) > 1:
            del letters[at]
        elif at + 1 < len(letters):
            letters[at], letters[at + 1] = letters[at + 1], letters[at]
    return "".join(letters)


texts = st.lists(
    st.one_of(st.builds(slipped, st.sampled_from(NAMES), st.integers(0, 10_000)), st.text(LETTERS + " -1", max_size=9)),
    max_size=4,
).map(" ".join)


@given(texts, st.sampled_from(NAMES))
@settings(max_examples=500, deadline=None)
def test_what_is_found_is_what_the_definition_says(text: str, name: str) -> None:
    found = {(one.start, one.end) for one in Misspellings([brand(name)], frequency).find(text)}
    assert found == naive(text, name)


@given(texts)
@settings(max_examples=150, deadline=None)
def test_many_names_find_what_each_alone_finds(text: str) -> None:
    together = Misspellings([brand(name, id=f"b{at}") for at, name in enumerate(NAMES)], frequency)
    alone = {
        (one.start, one.end, at)
        for at, name in enumerate(NAMES)
        for one in Misspellings([brand(name)], frequency).find(text)
    }
    assert {(one.start, one.end, one.term.brand) for one in together.find(text)} == alone


@given(texts)
@settings(max_examples=150, deadline=None)
def test_what_was_read_before_changes_nothing(text: str) -> None:
    again = Misspellings([brand(name, id=f"b{at}") for at, name in enumerate(NAMES)], frequency)
    assert again.find(text) == again.find(text)


@given(texts)
@settings(max_examples=150, deadline=None)
def test_no_exact_match_is_lost_for_a_misspelled_one(text: str) -> None:
    brands = [brand(name, id=f"b{at}") for at, name in enumerate(NAMES)]
    plain = [brand(name, id=f"b{at}", misspelled=False) for at, name in enumerate(NAMES)]
    mention = a_mention("1", START, text=text)
    with_slips, without = (Matcher(settings_of(*ones)).find(mention).matches for ones in (brands, plain))
    for number, exact in without.items():
        assert all(
            any(one.start <= match.start and match.end <= one.end for one in with_slips[number]) for match in exact
        )


@pytest.mark.parametrize(
    "text",
    [
        "starbuks ",
        "starbuks",
        lambda length: " ".join(f"starb{number}ks" for number in range(length // 12)),
        lambda length: " ".join(f"s{number:x}tarbuks" for number in range(length // 12)),
        "starbuks starbucks ",
        "virgn virgin ",
        "s",
        "é",
    ],
)
def test_no_text_takes_longer_than_its_length(text: Text) -> None:
    by = matcher_of(brand("Starbucks", "Virgin Virgin", "Virgin Virgin Virgin"))
    grows_with_its_length(lambda written: by.find(a_mention("1", START, text=written)), text)
