"""Names in their cases: Romanian, Croatian, and the small words that Hebrew and Arabic write onto the front."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from listener.brands.inflection import LONGEST_ENDING, ending_at, inflections
from schemas.settings import Brand
from tests.core.building import START, a_mention
from tests.core.growing import Text, grows_with_its_length
from tests.core.spelled import brand, forms, matcher_of, said

ROMANIAN = {
    "Bolt": "Boltul Boltului Boltu bolturi bolturile bolturilor Bolt-ul bolt-ului Bolt‑ul BOLTUL",
    "eMAG": "eMAGul eMAG-ul eMAG-ului emagului eMAG-urile",
    "Dacia": "Daciei Dacie Dacii Daciile Daciilor Dacia-ul DACIEI",
    "Anca": "Ancăi Ancei Anco",
    "Cora": "Corei Core Corele Corelor",
    "Orange": "Orange-ul Orange-ului Orangeul orangelui",
    "Glovo": "Glovoul Glovo-ul glovoului",
    "Audi": "Audiul Audi-ul audiului Audiurile",
    "Banatu": "Banatul Banatului",
    "Mega Image": "Mega Image-ul mega image-ului",
    "Banca Transilvania": "Banca Transilvaniei",
    "Farmacia Tei": "Farmacia Tei-ului farmacia teiului",
    "Ștefan": "Ștefanului Stefanului",
}
CROATIAN = {
    "Konzum": "Konzuma Konzumu Konzume Konzumom Konzumi Konzumima Konzumov konzumova Konzumovog KONZUMU",
    "Podravka": "Podravke Podravki Podravku Podravko Podravkom Podravkama Podravkin podravkina Podravkinoj",
    "Kraš": "Kraša Krašu Krašem Kraševa Krasa krasem",
    "INA": "Ine Ini Inu Inom INA-e INA-i INE",
    "HEP": "HEP-a HEP-u HEP-om HEPa",
    "A1": "A1-a A1-om",
    "Tisak": "Tiska Tisku Tiskom",
    "Audi": "Audija Audiju Audijem audijev",
    "Plodine": "Plodina Plodinama",
    "Dukato": "Dukata Dukatu Dukatom Dukatov",
    "Ožujsko": "Ožujskog Ožujskom ozujskog ožujskim",
    "Zagrebačka banka": "Zagrebačka banke zagrebačke banke Zagrebačkoj banci Zagrebackom bankom",
    "Hrvatski Telekom": "Hrvatskog Telekoma Hrvatskom telekomu hrvatskim telekomom Hrvatski Telekoma",
}
TABLES = [("ro", ROMANIAN), ("hr", CROATIAN)]


def cases() -> list[tuple[str, str, str]]:
    """(language, name, form), where a form with a space in it has as many words as its name."""
    rows = []
    for language, table in TABLES:
        for name, listed in table.items():
            size, words = name.count(" ") + 1, listed.split(" ")
            rows += [(language, name, " ".join(words[at : at + size])) for at in range(0, len(words), size)]
    return rows


@pytest.mark.parametrize(("language", "name", "form"), cases())
def test_a_case_of_a_name_is_found_whole(language: str, name: str, form: str) -> None:
    assert forms(f"(de {form}!", brand(name, languages=(language,), misspelled=False)) == [
        (form, f"inflected {language}")
    ]


@pytest.mark.parametrize(("language", "name", "form"), cases())
def test_no_case_is_found_within_another_word(language: str, name: str, form: str) -> None:
    by = brand(name, languages=(language,), misspelled=False)
    assert not [text for text in said(f"x{form}", by) if text != name]
    assert not [text for text in said(f"{form}zx", by) if len(text) > len(name)]
    assert said(f"@{form.replace(' ', '')}", by) == []


@pytest.mark.parametrize(("language", "name", "form"), cases())
def test_no_case_is_known_where_the_language_is_not_the_brands(language: str, name: str, form: str) -> None:
    assert all(kind in {"", "unaccented"} for _, kind in forms(form, brand(name, misspelled=False)))


@pytest.mark.parametrize(
    ("language", "name", "text"),
    [
        ("ro", "Bolt", "boltzmann boltit bolte"),
        ("ro", "Dac", "dacă vii"),  # the commonest of words
        ("ro", "Orange", "orangerie orang"),
        ("ro", "Cora", "coral corect"),
        ("ro", "Dacia", "daci dac"),
        ("hr", "Konzum", "konzumerizam konzumirati konzumator"),
        ("hr", "Podravka", "podravski podravkaš podravk"),
        ("hr", "Sam", "samo"),
        ("hr", "Ledo", "leda"),  # of ice
        ("hr", "INA", "in inat"),
        ("hr", "Zagrebačka banka", "zagrebačkog bankara zagrebačke bankarice"),
        ("ro", "קסטרו", "קסטרוul"),
    ],
)
def test_other_words_with_the_same_beginning_are_not(language: str, name: str, text: str) -> None:
    assert said(text, brand(name, languages=(language,), misspelled=False)) == []


def test_the_article_before_a_name_leaves_it_as_it_is() -> None:
    assert forms("șoferul lui Bolt", brand("Bolt", languages=("ro",))) == [("Bolt", "")]


def test_serbian_and_bosnian_have_the_croatian_cases_once() -> None:
    by = brand("Podravka", languages=("sr-RS", "hr", "bs"))
    assert forms("u Podravku", by) == [("Podravku", "inflected sr-RS")]


def test_a_language_without_rules_changes_nothing() -> None:
    assert forms("Bolt boltul", brand("Bolt", languages=("fi",))) == [("Bolt", "")]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("קסטרו", "בקסטרו"),
        ("קסטרו", "ה־קסטרו"),
        ("קסטרו", "ושבקסטרו"),
        ("קסטרו", "כשהקסטרו"),
        ("שופרסל", "לשופרסל"),
        ("שופרסל", "מה-שופרסל"),
        ("Apple", "בApple"),
        ("Apple", "ב-Apple"),
        ("Apple", "וב־apple"),
        ("Apple", "שהApple"),
        ("יס", "ב-יס"),
        ("אל על", "באל על"),
    ],
)
def test_hebrew_prefixes_are_part_of_the_name_without_a_word_in_the_settings(name: str, text: str) -> None:
    assert forms(f"אני {text} עכשיו", brand(name)) == [(text, "inflected he")]


@pytest.mark.parametrize(
    ("name", "text"), [("قسطرو", "بقسطرو"), ("قسطرو", "والقسطرو"), ("Apple", "وApple"), ("Apple", "بـApple")]
)
def test_arabic_prefixes_likewise(name: str, text: str) -> None:
    assert forms(f"أنا {text} الآن", brand(name)) == [(text, "inflected ar")]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("יס", "כיס"),  # a pocket: too short to have a prefix
        ("קסטרו", "נקסטרו"),
        ("קסטרו", "קסטרוים"),
        ("קסטרו", "xבקסטרו"),
        ("Apple", "אבגדApple"),
        ("ערב", "בערבית"),
    ],
)
def test_other_letters_before_a_name_make_another_word(name: str, text: str) -> None:
    assert said(text, brand(name)) == []


def test_a_prefixed_name_that_is_an_ordinary_word_is_that_word() -> None:
    assert said("כיסא", brand("יסא")) == []


def test_a_handle_keeps_its_own_rules() -> None:
    by = Brand(id="one", name="Apple", handles={"x": ("@apple",)})
    assert forms("ב @apple", by) == [("@apple", "")]


def test_required_words_may_have_a_prefix_too() -> None:
    assert said("Apple בטלפון", brand("Apple", require=("טלפון",))) == ["Apple"]


@given(st.text(alphabet="boltulei- ab", max_size=24))
@settings(max_examples=500, deadline=None)
def test_a_case_begins_and_ends_as_words_do(text: str) -> None:
    for match in (
        matcher_of(brand("Bolt", "Bolta", languages=("ro", "hr")))
        .find(a_mention("1", START, text=text))
        .matches.get(0, [])
    ):
        before, after = text[match.start - 1 : match.start], text[match.end : match.end + 1]
        assert not before.isalnum()
        assert not after.isalnum()
        assert text[match.start : match.end].startswith("bolt")


@given(st.sampled_from(["ro", "hr"]), st.text(alphabet="aeiouybcčkšl1 -", max_size=8))
@example("hr", "a a")
@settings(max_examples=500, deadline=None)
def test_every_name_has_stems_that_begin_it(language: str, name: str) -> None:
    rules = inflections().of(language)
    assert rules is not None
    for stem, endings in rules.stems(name):
        assert stem
        assert endings
        assert stem[:1] == name[:1]


def test_endings_are_no_longer_than_what_is_looked_at() -> None:
    for rules in inflections().endings.values():
        every = {ending for one in rules.declensions for ending in one.endings} | rules.set_off
        assert max(map(len, every)) <= LONGEST_ENDING
        assert all(ending == ending.lower().strip() != "" for ending in every)


def test_the_longest_ending_counts() -> None:
    assert ending_at("Bolt-ului meu", 4, frozenset({"-ul", "-ului"})) == 9
    assert ending_at("Bolt", 4, frozenset({"ul", ""})) == 4
    assert ending_at("Boltit", 4, frozenset({"ul"})) is None
    assert ending_at("Boltulx", 4, frozenset({"ul"})) is None


@pytest.mark.parametrize("text", ["boltul", "bolt-", lambda length: "ב" * length + "bolt", "ובבולט "])
def test_no_text_takes_longer_than_its_length(text: Text) -> None:
    by = matcher_of(brand("Bolt", "בולט", "בב", languages=("ro", "hr", "he")))
    grows_with_its_length(lambda written: by.find(a_mention("1", START, text=written)), text)
