"""Names in disguise are found where that is asked for, and only what is one."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listener.brands.disguise import DISGUISES
from tests.core.building import START, a_mention
from tests.core.growing import grows_with_its_length
from tests.core.spelled import brand, forms, matcher_of, said


def in_disguise(text: str, *names: str, **fields: Any) -> list[tuple[str, str]]:
    return forms(text, brand(*names, disguised=True, misspelled=False, **fields))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("United", "un1ted"),
        ("United", "UN1T3D"),
        ("United", "#un1ted"),
        ("Apple", "Аpple"),  # with a Cyrillic letter
        ("Apple", "арple"),  # with two
        ("Apple", "Ａｐｐｌｅ"),
        ("Apple", "A\u200bpp\u00adle"),
        ("Apple", "𝐀𝐩𝐩𝐥𝐞"),
        ("Apple", "a̶p̶p̶l̶e"),
        ("Apple", "Appllllle"),
        ("Apple", "4pple"),
        ("Apple", "App1e"),
        ("Apple", "AppIe"),
        ("IKEA", "lKEA"),
        ("Starbucks", "$tarbucks"),
        ("Starbucks", "5t4rbuck5"),
        ("Starbucks", "St@rbucks"),
        ("Boohoo", "b00h00"),
        ("Boohoo", "booohoo"),
        ("Jet Blue", "J3t Blue"),
        ("Škoda", "sk0da"),
        ("Lidl", "L1dl"),
        ("Lidl", "Ⓛⓘⓓⓛ"),
    ],
)
def test_a_disguised_name_is_found_and_said_to_be_that(name: str, text: str) -> None:
    assert in_disguise(f"so, {text}, yes", name) == [(text.removeprefix("#"), "disguised")]


@pytest.mark.parametrize("text", ["un1ted", "Ａｐｐｌｅ", "Appllllle"])
def test_nobody_finds_it_who_did_not_ask(text: str) -> None:
    assert said(text, brand("United", "Apple", misspelled=False)) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Apple", "appie"),  # an i is no l
        ("Apple", "aple"),
        ("Apple", "apppple1"),
        ("Apple", "x4pple"),
        ("Apple", "4pplex"),
        ("Apple", "@pple"),  # may be somebody's handle
        ("Apple", "appl€"),  # money
        ("Apple", "аррӏе"),  # no letter of its own left
        ("Lidl", "LIDI"),
        ("Boohoo", "bohoo"),
        ("Soso", "5050"),
        ("Starbucks", "US$tarbucks"),
        ("Amazon", "jo.am@zon.com"),
        ("H&M", "H&W"),
        ("7up", "tup"),
    ],
)
def test_what_only_looks_alike_from_afar_is_not(name: str, text: str) -> None:
    assert in_disguise(f"so {text} yes", name) == []


def test_a_name_that_stands_as_it_is_is_in_no_disguise() -> None:
    assert in_disguise("Apple and Lidl!", "Apple", "Lidl") == [("Apple", ""), ("Lidl", "")]
    assert in_disguise("zabka", "Żabka") == [("zabka", "unaccented")]


def test_links_hide_nothing() -> None:
    assert in_disguise("https://un1ted.com/un1ted", "United") == []


disguised = st.sampled_from(["united", "apple", "lidl", "jet blue"]).flatmap(
    lambda name: st.tuples(
        st.just(name),
        st.tuples(*(st.sampled_from(letter + DISGUISES.get(letter, "") + letter.upper()) for letter in name)),
    )
)


@given(disguised, st.text(" ,.ax1", max_size=3), st.text(" ,.ax1", max_size=3))
@settings(max_examples=800, deadline=None)
def test_what_is_found_is_a_name_sign_by_sign_and_a_word(
    pair: tuple[str, tuple[str, ...]], before: str, after: str
) -> None:
    text = before + "".join(pair[1]) + after
    found = matcher_of(brand("united", "apple", "lidl", "jet blue", disguised=True, misspelled=False)).find(
        a_mention("1", START, text=text)
    )
    for match in found.matches.get(0, []):
        if match.form != "disguised":
            continue
        assert not text[: match.start][-1:].isalnum()
        assert not text[match.end :][:1].isalnum()
        place = text[match.start : match.end].lower()
        own = sum(sign == letter for sign, letter in zip(place, match.term, strict=False))
        assert len(place) != len(match.term) or 3 * own >= len(place)


@given(st.text(max_size=40))
@settings(max_examples=300, deadline=None)
def test_any_text_can_be_read(text: str) -> None:
    by = matcher_of(brand("United", "Apple", "jet blue", disguised=True))
    for match in by.find(a_mention("1", START, text=text)).matches.get(0, []):
        assert 0 <= match.start < match.end <= len(text)


@pytest.mark.parametrize("unit", ["un1ted ", "u", "u\u200b", "Ａ", "l1"])
def test_no_text_takes_longer_than_its_length(unit: str) -> None:
    by = matcher_of(brand("United", "Lil", "uuu", disguised=True))
    grows_with_its_length(lambda text: by.find(a_mention("1", START, text=text)), unit)
