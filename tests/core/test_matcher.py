"""Which brands a mention names, where, and as what."""

import re
import time
import timeit
import unicodedata
from functools import partial
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from listener.brands.boundaries import lower
from listener.brands.matcher import Found, Matcher
from schemas.brand_mention import Match
from schemas.mention import Author, Mention
from schemas.settings import Brand
from tests.core.building import START, a_mention, settings_of
from tests.core.growing import Text, grows_with_its_length

HANDLES = {"x": ("@united",)}


def matcher(*brands: Brand) -> Matcher:
    return Matcher(settings_of(*brands))


def one(**fields: Any) -> Matcher:
    """A matcher of one brand, "United" unless it has aliases."""
    return matcher(Brand(**{"id": "united", "name": "United", **fields}))


def find(text: str, by: Matcher | None = None, **fields: Any) -> Found:
    return (by or one()).find(a_mention("1", START, text=text, **fields))


def matches(text: str, by: Matcher | None = None, **fields: Any) -> list[Match]:
    return find(text, by, **fields).matches.get(0, [])


def named(text: str, by: Matcher | None = None, **fields: Any) -> list[str]:
    """What the text says where the first brand is found."""
    return [text[match.start : match.end] for match in matches(text, by, **fields)]


def test_a_brand_without_aliases_is_looked_for_by_its_name() -> None:
    assert named("I fly United") == ["United"]


def test_a_brand_with_aliases_is_not_looked_for_by_its_name() -> None:
    assert named("I fly United or UAL", one(aliases=("UAL",))) == ["UAL"]


def test_a_match_says_why_what_and_where() -> None:
    assert matches("so UNITED!", one(aliases=("United",))) == [
        Match(why="alias", term="United", field="text", start=3, end=9)
    ]


@pytest.mark.parametrize(
    "text", ["United's", "United’s", "Uniteds", "UNITED", "united.", "(United)", "“United”", "#United", "#FlyUnited"]
)
def test_names_are_found_however_they_are_written(text: str) -> None:
    assert [lower(found).removesuffix("s") for found in named(text)] == ["united"]


@pytest.mark.parametrize(
    "text",
    ["reunited", "unitedly", "@united", "@unitedairlines", "#reunited", "https://united.com", "www.united.com/x", ""],
)
def test_other_words_are_not(text: str) -> None:
    assert matches(text) == []


def test_an_owned_handle_is_found_on_its_platform_only() -> None:
    by = one(handles=HANDLES)
    assert [match.why for match in matches("hey @United!", by)] == ["handle"]
    assert matches("hey @United!", by, platform="bluesky") == []


@pytest.mark.parametrize("text", ["press@united.com", "https://x.com/@united", "see https://x.com/united/status/1"])
def test_handles_in_addresses_and_links_are_ignored(text: str) -> None:
    assert matches(text, one(handles=HANDLES)) == []


def test_the_idiom_of_a_dot_before_a_handle_is_a_mention() -> None:
    assert named(".@united you lost my bag", one(handles=HANDLES)) == ["@united"]


def test_an_address_does_not_name_the_brand() -> None:
    """jo.united@gmail.com is a person's, press@united.com says no more than a link to united.com does."""
    assert matches("write to united@gmail.com", one()) == []
    assert matches("write to press@united.com", one()) == []


def test_handles_that_the_platform_lists_are_found() -> None:
    assert matches("so late", one(handles=HANDLES), mentions=("@United",)) == [
        Match(why="handle", term="@united", field="mentions", start=0, end=7)
    ]
    assert matches("so late", one(handles=HANDLES), mentions=("united",))[0].end == 6


def test_a_handle_in_text_and_list_is_one_match() -> None:
    assert len(matches("@united late", one(handles=HANDLES), mentions=("@united",))) == 1


def test_hashtags_are_found_in_text_and_list() -> None:
    by = one(hashtags=("#flyhappy",))
    assert [match.why for match in matches("so #FlyHappy", by)] == ["hashtag"]
    assert [match.field for match in matches("so", by, hashtags=("FlyHappy",))] == ["hashtags"]
    assert matches("so #flyhappyer", by) == []


def test_cashtags_are_found_and_are_no_words() -> None:
    by = one(aliases=("$UAL",))
    assert [match.why for match in matches("long $ual", by)] == ["cashtag"]
    assert matches("ual and US$UAL and $UALX", by) == []


def test_products_are_found_as_products() -> None:
    assert [match.why for match in matches("the Polaris seat", one(products=("Polaris",)))] == ["product"]


def test_a_name_of_two_words_is_found_without_its_space_in_a_hashtag_only() -> None:
    by = one(aliases=("Virgin America",), misspelled=False)
    assert named("#VirginAmerica and Virgin America", by) == ["VirginAmerica", "Virgin America"]
    assert named("#virginamerica", by) == ["virginamerica"]
    assert named("virginamerica", by) == []


def test_the_author_of_an_owned_account_is_the_brand() -> None:
    found = matches("nothing", one(owned={"x": ("@united",)}), author=Author(handle="United"))
    assert found == [Match(why="author", term="@united", field="author", start=0, end=6)]


def test_titles_are_searched_too() -> None:
    found = find("they lost it", title="United again")
    assert found.matches[0][0].field == "title"
    assert (found.text_spans, found.title_spans) == ([], [(0, 6)])


def test_of_overlapping_names_of_a_brand_the_longest_stays() -> None:
    for aliases in (
        ("Jet", "Jet Blue"),
        ("Blue", "Jet Blue"),
        ("Jet", "Blue", "Jet Blue"),
        ("Jet", "Blue", "Jet Blue Air"),
    ):
        by = one(aliases=aliases)
        assert named("Jet Blue Air", by) == [aliases[-1]], aliases


def test_names_beside_each_other_all_stay() -> None:
    assert named("Jet and Blue and Jet", one(aliases=("Jet", "Blue"))) == ["Jet", "Blue", "Jet"]


def test_brands_with_the_same_alias_are_all_found() -> None:
    by = matcher(Brand(id="a", name="Delta"), Brand(id="b", name="delta"), Brand(id="c", name="Other"))
    assert sorted(find("delta!", by).matches) == [0, 1]


def test_overlapping_names_of_different_brands_are_all_found() -> None:
    by = matcher(Brand(id="a", name="American"), Brand(id="b", name="American Express"))
    assert sorted(find("American Express card", by).matches) == [0, 1]


def test_an_excluded_word_takes_the_brand_out() -> None:
    by = one(exclude=("Manchester",))
    assert matches("Manchester United won", by) == []
    assert named("United lost my bag", by) == ["United"]


def test_an_excluded_word_must_stand_as_a_word() -> None:
    assert named("Manchesterism and United", one(exclude=("Manchester",))) == ["United"]


def test_an_excluded_word_in_the_title_counts() -> None:
    assert matches("United won", one(exclude=("football",)), title="Football today") == []


def test_a_required_word_must_be_there() -> None:
    by = one(require=("flight", "airline"))
    assert matches("United we stand", by) == []
    assert named("United flight 12", by) == ["United"]
    assert named("flights by United", by) == ["United"]


def test_a_handle_needs_no_required_word_but_is_taken_out_by_an_excluded_one() -> None:
    by = one(handles=HANDLES, require=("flight",), exclude=("football",))
    assert named("@united hello", by) == ["@united"]
    assert matches("@united football", by) == []


def test_own_posts_are_never_taken_out() -> None:
    by = one(owned={"x": ("@united",)}, require=("flight",), exclude=("football",))
    assert matches("United football", by, author=Author(handle="united"))


def test_one_brands_words_do_not_touch_another() -> None:
    by = matcher(Brand(id="a", name="Delta", exclude=("river",)), Brand(id="b", name="United", require=("flight",)))
    found = find("delta river, United flight", by).matches
    assert sorted(found) == [1]


def test_what_turns_out_not_to_be_the_brand_is_not_hidden_from_the_scorer() -> None:
    by = matcher(Brand(id="a", name="Best", require=("shoes",)), Brand(id="b", name="United"))
    assert find("the best of United", by).text_spans == [(12, 18)]


def test_spans_of_all_brands_found_are_hidden() -> None:
    by = matcher(Brand(id="a", name="Delta"), Brand(id="b", name="United"))
    assert find("Delta or United", by).text_spans == [(0, 5), (9, 15)]


@pytest.mark.parametrize(
    ("alias", "text"),
    [
        ("Café Nero", "at Cafe\u0301 Nero"),
        ("Cafe\u0301 Nero", "at Café Nero"),
        ("McDonald's", "at McDonald’s"),
        ("McDonald’s", "at McDonald's"),
        ("AT&T", "at AT&amp;T"),
        ("Žuja", "pijem žuja"),
        ("ȘTEFAN", "La Ștefan"),
        ("קסטרו", "אצל קסטרו."),
        ("联合航空", "我在联合航空买票"),
        ("İstanbul", "in İSTANBUL"),
        ("İstanbul", "in I\u0307stanbul"),
        ("İstanbul", "in i\u0307stanbul"),
        ("ΚΩΤΣΟΒΟΛΟΣ", "στο Κωτσόβολος Κωτσοβολος"),
        ("Straße", "die Straße"),
        ("3M", "by 3M."),
        ("Yahoo!", "on Yahoo! today"),
        ("E.ON", "my E.ON bill"),
        ("C++", "in C++, yes"),
    ],
)
def test_names_are_found_in_any_script_and_encoding(alias: str, text: str) -> None:
    assert len(named(text, one(aliases=(alias,), misspelled=False))) == 1


@pytest.mark.parametrize(
    ("alias", "text"),
    [("Cafe", "Cafe\u0301"), ("3M", "13M"), ("Yahoo!", "Yahoo"), ("Coop", "Coöp"), ("Podravka", "podravkom")],
)
def test_names_that_only_look_alike_are_not(alias: str, text: str) -> None:
    assert named(text, one(aliases=(alias,))) == []


def test_romanian_letters_with_cedilla_are_those_with_comma() -> None:
    """Half of Romanian text is written with the wrong signs (ş ţ for ș ț): old keyboards have no others."""
    assert named("din Bucureşti", one(aliases=("București",))) == ["Bucureşti"]


def test_places_hold_after_characters_beyond_the_basic_plane() -> None:
    assert named("🙂🙂 İ United", one()) == ["United"]


@pytest.mark.parametrize("alias", ["🍎", "!!!", "…", "+"])
def test_a_name_without_letters_can_be_looked_for(alias: str) -> None:
    assert named(f"so {alias} yes", one(aliases=(alias,))) == [alias]


@pytest.mark.parametrize("text", ["感谢@united的服务", "感谢 @united"])
def test_a_handle_is_found_in_text_without_spaces(text: str) -> None:
    assert named(text, one(handles=HANDLES)) == ["@united"]


def test_an_account_is_addressed_by_its_handle_on_its_platform() -> None:
    by = one(handles={"x": ("@united", "@unitedfans")}, owned={"x": ("@united",)})
    mention = a_mention("1", START, text="@united @unitedfans United")
    addressed = {match.term: by.addresses(0, [match], mention) for match in by.find(mention).matches[0]}
    assert addressed == {"@united": True, "@unitedfans": False, "United": False}


def test_without_owned_accounts_the_handles_are_the_brands() -> None:
    by = one(handles=HANDLES)
    assert by.owns(0, a_mention("1", START, author=Author(handle="@United")))
    assert not by.owns(0, a_mention("1", START, author=Author(handle="@United"), platform="reddit"))
    assert not by.owns(0, a_mention("1", START, author=Author()))
    assert not by.owns(0, a_mention("1", START))


def test_no_brands_find_nothing() -> None:
    assert find("United", matcher()).matches == {}


def test_a_search_of_ten_thousand_brands_costs_what_one_of_a_hundred_costs() -> None:
    text = "nothing of note about Brand77x Company or brand7x " * 5
    spent = []
    for many in (100, 10_000):
        by = matcher(*(Brand(id=f"b{n}", name=f"Brand{n}x Company", hashtags=(f"#brand{n}x",)) for n in range(many)))
        assert list(find(text, by).matches) == [77]
        searched = timeit.repeat(partial(find, text, by), number=50, repeat=3, timer=time.process_time)
        spent.append(min(searched))
    assert spent[1] < 3 * spent[0] + 0.02, spent


@pytest.mark.parametrize("text", ["ha", "ha ", lambda length: "#" + "ha_" * (length // 3), "哈ha", "http://ha ha "])
def test_no_text_takes_longer_than_its_length(text: Text) -> None:
    by = one(aliases=("ha", "aha ha"))
    grows_with_its_length(lambda written: find(written, by), text)


ALIASES = ("ab", "aab", "b ab", "ba-a", "a")


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="abAB -_.s'é1", max_size=30), st.sampled_from(ALIASES))
@example("BA_A", "ba-a")  # with another gap: it has a form
def test_a_plain_name_is_found_wherever_a_naive_search_finds_it(text: str, alias: str) -> None:
    pattern = re.compile(rf"(?<!\w){re.escape(alias)}(?:(?:s|es)(?!\w)|(?!\w))", re.IGNORECASE)
    naive = []
    for start in range(len(text)):  # overlapping ones too
        hit = pattern.match(text, start)
        if hit:
            naive.append(hit.span())
    told = matches(text, one(aliases=(alias,)))
    found = [(match.start, match.end) for match in told]
    assert {(match.start, match.end) for match in told if not match.form} <= set(naive)
    for start, end in naive:
        assert any(low < end and start < high for low, high in found)
    assert all(before[1] <= after[0] for before, after in zip(sorted(found), sorted(found)[1:], strict=False))


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="abAB -_.s'é", max_size=30))
def test_all_names_at_once_find_the_brands_that_each_alone_finds(text: str) -> None:
    alone = {number for number, alias in enumerate(ALIASES) if matches(text, one(aliases=(alias,)))}
    together = matcher(*(Brand(id=f"b{number}", name=alias) for number, alias in enumerate(ALIASES)))
    assert set(find(text, together).matches) == alone


PIECES = [
    "United",
    "Jet Blue",
    "Žuja",
    "联合航空",
    "@united",
    "#JetBlue",
    "İstanbul",
    "AT&amp;T",
    " ",
    ".",
    "https://t.co/",
    "s",
    "'s",
    "🙂",
    "\u0301",
    "Ⅷ",
]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=12),
    st.sampled_from(["x", "mastodon", ""]),
)
def test_every_span_lies_in_its_field_and_says_the_name(pieces: list[str], platform: str) -> None:
    text = "".join(pieces).encode("utf-8", "ignore").decode()
    by = one(
        aliases=("United", "Jet Blue", "Jet", "Žuja", "联合航空", "İstanbul", "AT&T"),
        handles=HANDLES,
        hashtags=("#JetBlue",),
        misspelled=False,
    )
    mention = Mention(
        id="1", text=text, title=text[::-1], created_at=a_mention("1", START).created_at, platform=platform
    )
    found = by.find(mention)
    fields = {"text": text, "title": text[::-1]}
    for match in found.matches.get(0, []):
        said = fields[match.field][match.start : match.end]
        assert 0 <= match.start < match.end <= len(fields[match.field])
        if match.form in {"", "spaced", "punctuated", "hashtag"}:  # the others have letters of their own
            assert plain(said) in {plain(match.term) + ending for ending in ("", "s", "es")}
    for spans, field in ((found.text_spans, text), (found.title_spans, text[::-1])):
        assert all(0 <= start < end <= len(field) for start, end in spans)


def plain(name: str) -> str:
    """A name as it is compared: composed, in small letters, letters and digits only but for the sign in front."""
    composed = lower(unicodedata.normalize("NFC", name.replace("&amp;", "&")))
    return composed[:1] + "".join(character for character in composed[1:] if character.isalnum())


def test_a_name_said_ten_thousand_times_is_matched_a_hundred_times_and_hidden_everywhere() -> None:
    found = find("united " * 10_000)
    assert len(found.matches[0]) == 100
    assert len(found.text_spans) == 10_000


@pytest.mark.parametrize("text", ["@United is late", "hey @united"])
def test_a_handle_is_found_where_nobody_said_the_platform(text: str) -> None:
    assert [match.why for match in matches(text, one(aliases=("nobody",), handles=HANDLES), platform="")] == ["handle"]


def test_the_platform_may_be_written_in_capitals() -> None:
    by = one(aliases=("nobody",), handles={"Twitter": ("@united",)})
    assert [match.why for match in matches("@united is late", by, platform="twitter")] == ["handle"]
    assert [match.why for match in matches("@united is late", by, platform="TWITTER")] == ["handle"]
    assert matches("@united is late", by, platform="mastodon") == []


def test_the_owner_is_known_where_nobody_said_the_platform() -> None:
    by = one(handles=HANDLES)
    assert by.owns(0, a_mention("1", START, platform="", author=Author(handle="united")))
    assert not by.owns(0, a_mention("1", START, platform="mastodon", author=Author(handle="united")))
