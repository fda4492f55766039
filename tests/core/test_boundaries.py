"""Where words, hashtags, handles and links begin and end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.brands.boundaries import (
    FREE_AFTER,
    FREE_BEFORE,
    first_link,
    in_hashtag,
    is_handle,
    is_name,
    is_tag,
    lower,
    plural_end,
    splits,
    url_spans,
)


def names(text: str, name: str) -> bool:
    """Whether the first `name` in `text` stands as a name."""
    start = text.index(name)
    return is_name(text, start, start + len(name))


@pytest.mark.parametrize(
    "text",
    [
        "united",
        "(united)",
        "so united, really",
        "“united”",
        "united’s",
        "united's",
        "not-united-again",
        "united/delta",
        "🙂united🙂",
        "❤\ufe0funited❤\ufe0f",
        "united\u200b",
        "united…",
        "联合united航空",
        "유united나",
    ],
)
def test_a_name_stands(text: str) -> None:
    assert names(text, "united")


@pytest.mark.parametrize(
    "text",
    [
        "unitedly",
        "reunited",
        "united_air",
        "_united",
        "1united",
        "united2",
        "@united",
        "unitedü",
        "жunited",
        "united\u0301",  # an accent that combines with the d
        "#reunited",
    ],
)
def test_a_part_of_a_longer_word_does_not(text: str) -> None:
    assert not names(text, "united")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("קניתי אצל קסטרו אתמול", "קסטרו"),
        ("la Banca Transilvania, din nou", "Banca Transilvania"),
        ("kod Podravke u Koprivnici", "Podravke"),
        ("čudna Žuja!", "Žuja"),
        ("我在联合航空买票", "联合航空"),
        ("東京ガスから電話", "東京ガス"),
        ("ไปเซ็นทรัลมา", "เซ็นทรัล"),
        ("삼성은 비싸다", "삼성은"),
    ],
)
def test_names_stand_in_any_script(text: str, name: str) -> None:
    assert names(text, name)


@pytest.mark.parametrize(("text", "name"), [("Podravkin", "Podravk"), ("קסטרונים", "קסטרו"), ("삼성전자", "삼성")])
def test_parts_of_words_do_not_in_scripts_with_spaces(text: str, name: str) -> None:
    assert not names(text, name)


@pytest.mark.parametrize(
    "text", ["#FlyUnited", "#UnitedFail", "#flyUnitedNow", "#united2026", "#fly_united", "#UNITEDFail"]
)
def test_a_word_of_a_camel_case_hashtag_is_a_name(text: str) -> None:
    start = text.lower().index("united")
    assert is_name(text, start, start + 6)


@pytest.mark.parametrize("text", ["#flyunited", "#Reunited", "#unitedfail", "FlyUnited", "#UNITEDFAIL"])
def test_a_part_of_a_word_of_a_hashtag_is_not(text: str) -> None:
    start = text.lower().index("united")
    assert not is_name(text, start, start + 6)


@pytest.mark.parametrize(
    ("text", "ending"),
    [("Uniteds", "s"), ("Fizzes", "es"), ("UNITEDS", "S"), ("Uniteds'", "s"), ("United", ""), ("Unitedst", "")],
)
def test_a_plural_ending_belongs_to_the_name(text: str, ending: str) -> None:
    end = 4 if text.startswith("Fizz") else 6
    assert text[end : plural_end(text, end)] == ending


def test_what_ends_in_a_sign_has_no_plural() -> None:
    assert plural_end("C++s", 3) == 3


@pytest.mark.parametrize(
    "text",
    [
        "@united",
        "hi @united!",
        "(@united)",
        "@united's",
        "@united…",
        ".@united late again",  # the idiom that shows an answer to all followers
        "thanks.@united",
        "“@united: sorry”",
        "-@united",
        "感谢@united的服务",
        "感谢 @united，再见",
    ],
)
def test_a_handle_stands(text: str) -> None:
    start = text.index("@")
    assert is_handle(text, start, start + 7, "x")


@pytest.mark.parametrize(
    "text",
    ["press@united.com", "@united_air", "@unitedly", "@@united", "https://x.com/@united", "a_@united", "@unitedü"],
)
def test_a_part_of_an_address_or_of_another_handle_does_not(text: str) -> None:
    start = text.rindex("@")
    assert not is_handle(text, start, start + 7, "x")


def test_a_federated_handle_goes_on_after_a_dot_or_a_second_at() -> None:
    assert is_handle("@united.", 0, 7, "bluesky")
    assert not is_handle("@united.bsky.social", 0, 7, "bluesky")
    assert not is_handle("@united@example.org", 0, 7, "mastodon")
    assert is_handle("@united.Thanks", 0, 7, "x")


def test_a_handle_in_a_script_without_spaces_does_not_end_anywhere() -> None:
    assert not is_handle("@联合航空粉丝团", 0, 5, "weibo")
    assert is_handle("@联合航空 你好", 0, 5, "weibo")


@pytest.mark.parametrize(
    ("text", "stands"), [("#ual", True), ("x #ual!", True), ("#uals", False), ("a#ual", False), ("#ual_x", False)]
)
def test_a_tag_is_whole_or_none(text: str, stands: bool) -> None:
    start = text.index("#")
    assert is_tag(text, start, start + 4) == stands


def test_a_cashtag_is_no_price() -> None:
    assert is_tag("buy $UAL now", 4, 8)
    assert not is_tag("US$UAL", 2, 6)


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("see https://united.com/a?b=c now", ["https://united.com/a?b=c"]),
        ("HTTP://UNITED.COM", ["HTTP://UNITED.COM"]),
        ("www.united.com and http://delta.com", ["www.united.com", "http://delta.com"]),
        ("no link: united.com", []),
        ("(https://t.co/x)", ["https://t.co/x"]),
        ("", []),
    ],
)
def test_links_are_found(text: str, links: list[str]) -> None:
    found = [text[start:end].rstrip(")") for start, end in sorted(url_spans(text))]
    assert found == links


@pytest.mark.parametrize(
    "text", ["联合航空https://t.co/abc", "看https://t.co/abc联合航空很好", "https://t.co/abc，联合航空很好"]
)
def test_a_link_ends_where_a_script_without_spaces_begins(text: str) -> None:
    start = text.index("联")
    assert not any(low <= start < high for low, high in url_spans(text))


@given(st.text(alphabet="htpsw:/.W 9é联", max_size=30))
def test_the_first_link_is_the_first_of_all(text: str) -> None:
    assert first_link(text) == next((start for start, _ in url_spans(text)), len(text))


@pytest.mark.parametrize("name", ["united", "united 9", "$UAL", "#united", "联合", "ünited"])
def test_beside_these_signs_any_name_and_any_tag_stands_without_an_ending(name: str) -> None:
    stands = is_tag if name[0] in "#$" else is_name
    for before in sorted(FREE_BEFORE):
        for after in sorted(FREE_AFTER):
            text = before + name + after + "s"
            start, end = len(before), len(before) + len(name)
            if after:
                assert stands(text, start, end)
                assert plural_end(text, end) == end


def test_lower_keeps_the_length() -> None:
    assert lower("İSTANBUL Café") == "İstanbul café"
    assert len(lower("İİİ")) == 3


@given(st.text())
def test_lower_keeps_every_place(text: str) -> None:
    lowered = lower(text)
    assert len(lowered) == len(text)
    assert all(low.lower() == up.lower() or {low, up} <= set("σςΣ") for low, up in zip(lowered, text, strict=True))


@given(st.text(max_size=30), st.integers(0, 30))
def test_a_word_may_end_at_the_ends_and_beside_what_is_no_word(text: str, at: int) -> None:
    if at in (0, len(text)) or (at < len(text) and (text[at].isspace() or text[at - 1].isspace())):
        assert splits(text, at)


@given(st.text(alphabet="ab#_ é@", max_size=20))
def test_in_hashtag_is_what_a_walk_back_says(text: str) -> None:
    for at in range(len(text)):
        head = text[:at]
        word = head[len(head.rstrip("abé_")) :]
        assert in_hashtag(text, at) == head.removesuffix(word).endswith("#")
