"""What cannot be read is an error that points at its column; nothing takes long or recurses."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from listener.brands.matcher import Matcher
from listener.brands.query.cover import Cover, Uncovered, cover_of, shared_by
from listener.brands.query.errors import WrongQuery
from listener.brands.query.parser import DEEPEST, LONGEST, parse
from listener.brands.query.queries import MOST_WORDS, Queries
from schemas.settings import Brand
from tests.core.building import START, a_mention, settings_of
from tests.core.growing import Text, grows_with_its_length

EXPECTED = "a word, a phrase in quotation marks, a field or ( was expected"


@pytest.mark.parametrize(
    ("query", "column", "said"),
    [
        ("", 1, "the query is empty"),
        ("   ", 1, "the query is empty"),
        ("can AND", 8, EXPECTED),
        ("can AND  ", 8, "ends too early"),
        ("AND can", 1, "not 'AND'"),
        ("can OR OR bottle", 8, "not 'OR'"),
        ("can NEAR/2 NOT bottle", 12, "not 'NOT'"),
        ("NOT", 4, EXPECTED),
        ("()", 2, "not ')'"),
        ("can (bottle", 5, "this ( is not closed"),
        ("can) bottle", 4, "this ) closes nothing"),
        ('can "bottle', 5, "this quotation mark is not closed"),
        ("can NEAR bottle", 5, "as in NEAR/5"),
        ("can ONEAR bottle", 5, "as in NEAR/5"),
        ("can NEAR/101 bottle", 5, "100 words at most"),
        ("(can AND bottle) NEAR/2 x", 18, "NEAR stands between words"),
        ("can ONEAR/2 lang:en", 5, "ONEAR stands between words"),
        ("can -bottle", 5, "write NOT"),
        ("can +bottle", 5, "write AND"),
        ("can & bottle", 5, "no letter and no digit"),
        ("can *", 5, "no letter and no digit"),
        ('"* can"', 1, "needs words before and after"),
        ("can botle~", 11, "1 or 2, as in ~1"),
        ("can bottle~3", 12, "1 or 2, as in ~1"),
        ("can ab~1", 5, "3 letters or more"),
        ("bott*~1", 1, "without wildcards"),
        ('"a can"~2', 8, "there is NEAR"),
        ("autor:x", 1, "did you mean author:?"),
        ("https://x.com", 1, "a word with a colon stands in quotation marks"),
        ("can rating: <3", 12, "without a space"),
        ("rating:<three", 8, "takes a number"),
        ("site:x.com/y", 6, "a host alone"),
        ("#a-b", 1, "letters, digits and _"),
        ("hashtag:#", 9, "letters, digits and _"),
        ("@#x", 1, "a handle begins with a letter"),
        ('"' + "a " * 31 + '"', 1, "at most 30 words"),
        ("a* " * 101, 1, "101 words with *, ? or ~ are too many"),
        ("x" * (LONGEST + 1), LONGEST + 1, "at most 10,000 characters"),
        ("(" * (DEEPEST + 1) + "x" + ")" * (DEEPEST + 1), DEEPEST + 1, "50 deep"),
    ],
)
def test_a_mistake_is_told_with_its_column(query: str, column: int, said: str) -> None:
    with pytest.raises(WrongQuery) as wrong:
        parse(query)

    assert wrong.value.column == column
    assert said in wrong.value.message


def test_a_caret_points_at_the_place_in_its_line() -> None:
    with pytest.raises(WrongQuery) as wrong:
        parse("can AND\n(bottle OR )")

    assert str(wrong.value).splitlines()[1:] == ["  can AND (bottle OR )", "                     ^"]


def test_a_long_query_is_shown_around_its_mistake() -> None:
    with pytest.raises(WrongQuery) as wrong:
        parse("x " * 2000 + ") y")

    shown, caret = str(wrong.value).splitlines()[1:]
    assert len(shown) < 140
    assert shown[caret.index("^")] == ")"


signs = st.sampled_from([*'ab "()*?~#@$:/\n12-=“\0', "AND", "OR", "NOT", "NEAR/1", "rating:", "author:", "ababab"])


@settings(deadline=None)
@given(st.lists(signs, max_size=30).map("".join))
@example('"=')
@example("a~")
@example("#")
def test_any_text_is_a_query_or_a_mistake_in_it(query: str) -> None:
    try:
        parse(query)
    except WrongQuery as error:
        wrong = error
    else:
        Matcher(settings_of(Brand(id="acme", name="Acme", query=query))).find(a_mention("1", START, text=query))
        return
    assert 1 <= wrong.column <= len(query) + 1


def ending(unit: str, end: str) -> Text:
    """A piece again and again, then an end."""
    return lambda length: unit * (length // len(unit)) + end


HOSTILE: list[Text] = ["(", "x", '"', "x ", "*a", ending("*", "a"), ending("NOT ", "x"), ending("a OR ", "a")]
HOSTILE += [ending("a NEAR/100 ", "a"), ending("(a OR b) ONEAR/9 ", "a")]


@pytest.mark.parametrize("query", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_queries_take_no_longer_than_their_length(query: Text) -> None:
    def use(written: str) -> None:
        try:
            parse(written)
        except WrongQuery:
            return
        matcher = Matcher(settings_of(Brand(id="acme", name="Acme", query=written)))
        matcher.find(a_mention("1", START, text="xa " * 3_000))

    grows_with_its_length(use, query, 9_600)


@pytest.mark.parametrize(
    ("query", "literals"),
    [
        ("can AND bottle", {"bottle"}),
        ("can OR bottle", {"can", "bottle"}),
        ("(can OR tin) AND bottle", {"bottle"}),
        ("can NOT bottle", {"can"}),
        ("can NEAR/3 bottle", {"bottle"}),
        ('"a can"', {("a", "can")}),
        ("bott* OR can", {"bott", "can"}),
        ("heineken~1", {"hei", "eke"}),
        ("#x lang:en", {"#x"}),
    ],
)
def test_a_query_is_called_for_by_its_rarest_literals(query: str, literals: set[object]) -> None:
    cover = cover_of(parse(query), {})

    assert isinstance(cover, Cover)
    assert set(cover.literals()) == literals


@pytest.mark.parametrize(
    ("query", "because"),
    [
        ("NOT can", "NOT can holds where words are missing"),
        ("can OR rating:<3", "rating:<3 is a field"),
        ("*a*", "*a* has no 3 letters in a row"),
        ("apple~1", "apple~1 is too short for 1 wrong letters"),
    ],
)
def test_a_query_that_no_literal_calls_for_says_why(query: str, because: str) -> None:
    assert cover_of(parse(query), {}) == Uncovered(because)


def test_what_many_queries_have_calls_for_none_of_them() -> None:
    nodes = [parse(f"{name} AND outage") for name in ("sky", "bt", "vodafone")]
    shared = shared_by(nodes)

    assert [cover_of(node, shared) for node in nodes] == [
        Cover(words=(name,), beside=frozenset({"outage"})) for name in ("sky", "bt", "vodafone")
    ]


def test_where_queries_have_many_words_the_automaton_has_none() -> None:
    few = Queries(Brand(id=f"b{n}", name="x", query=f"word{n}") for n in range(3))
    many = Queries(Brand(id=f"b{n}", name="x", query=f"word{n}") for n in range(MOST_WORDS + 1))

    assert few.words == ["word0", "word1", "word2"]
    assert many.words == []
    assert [number for number, _ in many.satisfied(a_mention("1", START, text="a word7"), many.asked())] == [7]
