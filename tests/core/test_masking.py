"""Names are hidden from the scorer."""

from hypothesis import given
from hypothesis import strategies as st

from listener.sentiment.masking import STAND_IN, masked


def test_a_name_becomes_a_word_without_mood() -> None:
    assert masked("I love united so much", [(7, 13)]) == "I love brand so much"


def test_a_name_in_capitals_stays_in_capitals() -> None:
    assert masked("UNITED LOST my bag", [(0, 6)]) == "BRAND LOST my bag"


def test_a_name_in_capitals_is_one_however_its_ampersand_is_written() -> None:
    assert masked("AT&amp;T LOST my bag", [(0, 8)]) == "BRAND LOST my bag"


def test_several_names_are_hidden_in_any_order_of_the_spans() -> None:
    assert masked("united and delta", [(11, 16), (0, 6)]) == "brand and brand"


def test_spans_that_overlap_hide_all_they_cover() -> None:
    assert masked("new york air is late", [(0, 8), (4, 12)]).split() == ["brandbrand", "is", "late"]
    assert masked("new york air is late", [(0, 12), (4, 8)]) == "brand is late"


def test_the_same_span_twice_is_one() -> None:
    assert masked("united is late", [(0, 6), (0, 6)]) == "brand is late"


def test_other_handles_are_taken_out() -> None:
    assert masked("thanks @united and @happy_jo", []) == "thanks  and "


def test_html_entities_are_read() -> None:
    assert masked("good &amp; bad &lt;3", []) == "good & bad <3"


def test_escapes_that_json_left_over_are_read() -> None:
    assert masked(r"don\u2019t \uZZZZ \ud83d", []) == r"don’t \uZZZZ \ud83d"


def test_spans_are_those_of_the_text_as_it_was() -> None:
    assert masked("at&amp;t is &amp; was", [(0, 8)]) == "brand is & was"


def test_a_text_without_names_stays_as_it_is() -> None:
    assert masked("nothing to see", []) == "nothing to see"
    assert masked("", []) == ""


@given(
    st.text(alphabet="ab. ", max_size=40),
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 10)), max_size=5),
)
def test_what_is_not_named_stays_and_what_is_named_goes(text: str, drawn: list[tuple[int, int]]) -> None:
    spans = [(start, min(len(text), start + length)) for start, length in drawn if start < len(text)]
    hidden = {place for start, end in spans for place in range(start, end)}
    kept = "".join(character for place, character in enumerate(text) if place not in hidden)
    assert masked(text, spans).replace(STAND_IN, "") == kept
