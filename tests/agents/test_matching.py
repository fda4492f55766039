"""The matcher of the service, which knows real words: names among those of three languages, and `listener check`."""

import re
from pathlib import Path

import pytest
from wordfreq import top_n_list

from agents.checkup import check
from agents.matching import frequency, standard_matcher
from agents.query_lab import match, told
from agents.settings_file import parse_configuration
from agents.sources.lines import Line
from schemas.settings import Brand
from tests.core.building import START, a_mention, settings_of

NAMES = "Starbucks Facebook Netflix Continental Discover Progressive Windows Burberry Gillette LinkedIn Philips".split()
CROATIAN = "Konzum Podravka Kraš Tisak Ledo Jamnica Cedevita Spar Optima Bolt".split()
ROMANIAN = "Altex Dedeman Petrom Cora Borsec Napolact Bolt Arctic Telekom".split()


def brands(names: list[str], *languages: str) -> tuple[Brand, ...]:
    return tuple(Brand(id=f"b{at}", name=name, languages=languages) for at, name in enumerate(names))


@pytest.mark.parametrize(("names", "language"), [(NAMES, "en"), (CROATIAN, "hr"), (ROMANIAN, "ro")])
def test_none_of_the_usual_words_of_a_language_is_taken_for_another_form_of_a_name(
    names: list[str], language: str
) -> None:
    """But for the few that are cases of a name and of a word alike."""
    matcher = standard_matcher(settings_of(*brands(names, language)))
    taken = [
        word
        for word in top_n_list({"hr": "sh"}.get(language, language), 20_000)
        for matches in matcher.find(a_mention("1", START, text=word)).matches.values()
        if any(match.form for match in matches)
    ]
    assert set(taken) <= {"ledom", "core", "telekoma"}


def test_a_word_has_the_frequency_of_its_language() -> None:
    assert frequency("dacă", "ro") > 6
    assert frequency("samo", "hr") == frequency("samo", "sr-Latn") > 6
    assert frequency("starbuks", "en") == 0
    assert frequency("the", "xx") == 0


def test_slips_are_told_from_words() -> None:
    matcher = standard_matcher(settings_of(*brands(["Discover Weekly", "Starbucks"])))
    found = matcher.find(a_mention("1", START, text="discover weeky at starbuks, discovery weekly at starboard"))
    assert {number: [match.start for match in matches] for number, matches in found.matches.items()} == {
        0: [0],
        1: [18],
    }


SETTINGS = """
[[brands]]
id = "bank"
name = "Zagrebačka banka"
languages = ["hr"]
disguised = true

[[brands]]
id = "hm"
name = "H&M"
disguised = true
"""


@pytest.mark.parametrize("language", ["ja", "ko", "zh", "xx", "pt-BR"])
def test_a_brand_may_be_spoken_of_in_any_language(language: str) -> None:
    brand = Brand(id="acme", name="Acme Cola", languages=(language,))
    matcher = standard_matcher(settings_of(brand))
    assert matcher.find(a_mention("1", START, text="acme cola", lang=language)).matches


def test_the_check_says_how_many_forms_a_name_has_and_what_is_too_short(tmp_path: Path) -> None:
    remarks = [remark.told for remark in check(parse_configuration(SETTINGS, "s.toml", tmp_path))]
    assert any(re.search(r"'Zagrebačka banka' is looked for in \d{3} forms", remark) for remark in remarks)
    assert "the name 'H&M' is too short to be found in disguise" in remarks
    assert not any("'H&M' is looked for" in remark for remark in remarks)


def test_the_check_says_which_names_are_too_short_to_be_found_misspelled(tmp_path: Path) -> None:
    said = {remark.told: remark.level for remark in check(parse_configuration(SETTINGS, "s.toml", tmp_path))}
    assert said["too short to be found misspelled, which takes 7 letters: 'H&M'"] == "ok"
    unasked = SETTINGS.replace('name = "H&M"', 'name = "H&M"\nmisspelled = false')
    remarks = [remark.told for remark in check(parse_configuration(unasked, "s.toml", tmp_path))]
    assert not any("misspelled" in remark for remark in remarks)


def test_the_query_lab_says_how_a_place_departs_from_the_name(tmp_path: Path) -> None:
    configuration = parse_configuration(SETTINGS, "s.toml", tmp_path)
    (matched,) = match(configuration, [Line(1, "u zagrebačkoj banci".encode())])
    assert "alias Zagrebačka banka (inflected hr) at text 2-19" in told(matched)
