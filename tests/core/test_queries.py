"""What a query finds: by example, by its definition on random queries and texts, and in time."""

import sys
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listener.brands.boundaries import is_word, splits
from listener.brands.edits import within
from listener.brands.matcher import Found, Matcher
from listener.brands.query.errors import WrongQuery
from listener.brands.query.page import Page
from listener.brands.query.parser import parse
from listener.brands.query.tokens import RARE, readable, spans_of, words_at_least, words_of
from schemas.brand_mention import Match
from schemas.mention import Author, Mention, Rating
from schemas.settings import Brand
from tests.core.building import START, a_mention, settings_of
from tests.core.growing import Text, grows_with_its_length
from tests.core.naive_queries import Said, distance, places

LONG = 100_000


def matcher(query: str, **fields: Any) -> Matcher:
    """A matcher of a brand that is looked for by a query alone, unless it has aliases."""
    return Matcher(settings_of(Brand(**{"id": "acme", "name": "Acme", "query": query, **fields})))


def find(query: str, text: str, **fields: Any) -> list[Match]:
    return matcher(query).find(a_mention("1", START, text=text, **fields)).matches.get(0, [])


def terms(query: str, text: str, **fields: Any) -> list[str]:
    """The terms that satisfy the query, in the order of their places."""
    return [match.term for match in find(query, text, **fields)]


def holds(query: str, text: str, **fields: Any) -> bool:
    return bool(find(query, text, **fields))


# What the language means


def test_a_match_says_which_term_of_the_query_stands_where() -> None:
    assert find("bottle* recall", "RECALL of bottles", title="x") == [
        Match(why="query", term="recall", field="text", start=0, end=6),
        Match(why="query", term="bottle*", field="text", start=10, end=17),
    ]


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("can AND bottle", "a bottle, a can", True),
        ("can AND bottle", "a bottle", False),
        ("can bottle", "a bottle", False),
        ("can OR bottle", "a bottle", True),
        ("can NOT bottle", "a can", True),
        ("can NOT bottle", "a can, a bottle", False),
        ("can OR bottle NOT glass", "a can of glass", True),
        ("(can OR bottle) NOT glass", "a can of glass", False),
        ("can bottle OR glass", "glass", True),
        ("can (bottle OR glass)", "glass", False),
        ("NOT can NEAR/1 bottle", "can of my new bottle", True),
        ("NOT can NEAR/1 bottle", "can of bottle", False),
        ("NOT can", "", True),
    ],
)
def test_operators(query: str, text: str, expected: bool) -> None:
    assert holds(query, text) is expected


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ('"customer service"', "Customer-service!", True),
        ('"customer service"', "customer's service", False),
        ('"customer service"', "service customer", False),
        ("don't", "DON’T", True),
        ("AT&T", "at&amp;t", True),
        ("T-Mobile", "t mobile", True),
        ('"lost my * bag"', "lost my https://t.co/x bag", True),
        ('"lost my * bag"', "lost my bag", False),
        ("a NEAR/0 b", "b a", True),
        ("a NEAR/1 b", "a x b", True),
        ("a NEAR/1 b", "a x x b", False),
        ("a NEAR/1 b", "a https://a.b/c/d b", True),
        ("a ONEAR/1 b", "b a", False),
        ("a ONEAR/1 b", "b x a x b", True),
        ("a NEAR/0 a", "a", False),
        ('"a b" NEAR/0 "b c"', "a b c", False),
        ("(a OR x) NEAR/0 b", "x b", True),
        ("a ONEAR/0 b ONEAR/0 c", "a b c", True),
        ("a ONEAR/0 b ONEAR/0 c", "a b x b c", False),
        ("#tag NEAR/1 @handle", "#tag x @handle", True),
    ],
)
def test_neighbours(query: str, text: str, expected: bool) -> None:
    assert holds(query, text) is expected


def test_neighbours_do_not_lie_in_title_and_text() -> None:
    assert not holds("a NEAR/100 b", "b", title="a")
    assert not holds('"a b"', "b", title="a")
    assert holds("a AND b", "b", title="a")


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("bott*", "Bottles", True),
        ("*ttle", "bottles", False),
        ("b?ttle", "battle", True),
        ("b?ttle", "bttle", False),
        ("*otto*", "bottom", True),
        ("heineken~1", "Heinekne", True),
        ("heineken~1", "heinekens", True),
        ("heineken~1", "hienekne", False),
        ("heineken~2", "hienekne", True),
        ('"=Apple"', "an Apple", True),
        ('"=Apple"', "an apple", False),
        ('"=App*"', "APPLE", False),
        ("Apple", "APPLE", True),
        ("recall", "recalls", False),
        ("recall", "#recall", True),
        ("recall", "@recall", False),
        ("recall", "me@recall.com", False),
        ("recall", "https://recall.com", False),
        ("#recall", "recall", False),
        ("#recall", "#Recall!", True),
        ("#recall", "#recalled", False),
        ("@recall", "hey @Recall", True),
        ("$KO", "buy $ko", True),
        ("$KO", "KO", False),
        ("苹果", "买苹果吧", True),
        ("苹果*", "苹果", True),
        ("știre", "ŞTIRE".replace("Ş", "\u015e"), True),
        ("café", "cafe\u0301", True),
    ],
)
def test_words(query: str, text: str, expected: bool) -> None:
    assert holds(query, text) is expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("author:news_*", True),
        ("author:@News_Ro", True),
        ("author:new", False),
        ("lang:en", True),
        ("lang:e", False),
        ("platform:X", True),
        ("site:reddit.com", True),
        ("site:eddit.com", False),
        ("hashtag:sale", True),
        ("#sale", True),
        ("@acme", True),
        ("rating:<3", True),
        ("rating:2", True),
        ("rating:>=2.5", False),
        ("followers:>1000", True),
        ("followers:<=1000", False),
        ("NOT rating:<3", False),
    ],
)
def test_fields(query: str, expected: bool) -> None:
    author = Author(handle="News_RO", followers=1001)
    known = {
        "author": author, "lang": "en-GB", "url": "https://u@old.reddit.com:443/r/x", "hashtags": ("Sale",),
        "mentions": ("@Acme",), "rating": Rating(value=4, max=10),
    }  # fmt: skip  # one line for each would hide that it is one mention

    assert holds(query, "well", **known) is expected


@pytest.mark.parametrize("query", ["author:*", "lang:en", "site:x.com", "rating:>0", "rating:<6", "followers:<9"])
def test_what_is_unknown_meets_no_condition(query: str) -> None:
    assert not holds(query, "well")
    assert holds(f"NOT {query}", "well")


# A brand with a query


def test_a_brand_with_a_query_and_no_aliases_is_not_looked_for_by_its_name() -> None:
    assert not holds("acme AND can", "Acme")
    assert [match.why for match in find("acme AND can", "Acme can")] == ["query", "query"]


def test_a_brand_with_a_query_and_aliases_is_looked_for_by_both() -> None:
    by = matcher("can", aliases=("Acme",))

    assert [match.why for match in by.find(a_mention("1", START, text="Acme can")).matches[0]] == ["alias", "query"]


def spans(found: Found) -> list[tuple[int, int]]:
    return found.text_spans


def test_names_are_hidden_from_the_scorer_and_words_of_the_query_are_not() -> None:
    by = matcher("recall")

    assert spans(by.find(a_mention("1", START, text="Acme recall"))) == [(0, 4)]
    assert spans(by.find(a_mention("1", START, text="Acme can"))) == []


def test_required_words_are_not_asked_of_a_query_and_excluded_words_are() -> None:
    by = matcher("can", require=("drink",), exclude=("trash",))

    assert by.find(a_mention("1", START, text="a can")).matches
    assert not by.find(a_mention("1", START, text="a trash can")).matches


# The definition

VOCABULARY = ["a", "b", "an", "bottle", "Bottles", "battle", "bottel", "APPLE", "apple", "Apfel", "știre", "ştire"]
VOCABULARY += ["cafe\u0301", "Café", "苹果", "ไทย", "한국어", "ΟΔΟΣ", "İzmir", "x_1", "heineken", "heinekne", "", "🙂"]
SIGNED = ["#apple", "@apple", "$apple", "#bottle", "@bottle@b", "https://a.b/apple", "www.apple.com", "a@apple.com"]
SIGNED += ["&amp;", "#苹果", "#știre"]
GLUE = [" ", " ", " ", "  ", "", "-", "'", ". ", "\n", "@", "#", "://", "www.", "&amp;", "\0"]

pieces = st.sampled_from(VOCABULARY + SIGNED)
glued = st.lists(st.tuples(pieces, st.sampled_from(GLUE)), max_size=7).map(lambda parts: "".join(map("".join, parts)))
texts = glued | st.text(st.sampled_from("aAbpleB @#$_.:/&;w苹ไ한\u0301éş\0"), max_size=14)

plain = st.sampled_from([word for word in VOCABULARY if word not in ("", "🙂")])
wild = st.sampled_from(["a*", "*tle*", "b?ttle", "*", "?", "*p*l*", "caf*", "?o?t*", "苹*", "hei*n", "app*e"])
phrases = st.lists(plain | st.just("*") | wild, min_size=1, max_size=3).map(" ".join)
words = (
    plain | plain | wild | st.sampled_from(["heineken~1", "heineken~2", "bottle~1", "apple~1", "apple~2", "știre~1"])
)
words |= phrases.map('"{}"'.format) | phrases.map('"={}"'.format)
words |= st.sampled_from(["#apple", "@apple", "$apple", "@bottle@b", "#苹果", "hashtag:știre", "a-b", "apple's"])
operators = st.sampled_from(["NEAR/0", "NEAR/1", "ONEAR/0", "ONEAR/2", "NEAR/100"])
chained = words | st.lists(words, min_size=2, max_size=3).map(lambda parts: f"({' OR '.join(parts)})")
chains = st.lists(st.tuples(chained, operators), min_size=1, max_size=2).flatmap(
    lambda parts: chained.map(lambda last: " ".join(map(" ".join, parts)) + " " + last)
)
conditions = st.sampled_from(
    ["author:a*", "lang:en", "platform:x", "site:b.com", "rating:<3", "rating:>=3", "followers:>9", "followers:=3"]
)
queries = st.recursive(
    words | words | chains | conditions,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" ", " AND ", " OR "]), inner).map("".join),
        inner.map("({})".format),
        inner.map("NOT {}".format),
    ),
    max_leaves=5,
)
authors = st.builds(Author, handle=st.sampled_from([None, "abc", "@a", "b"]), followers=st.none() | st.integers(0, 12))
mentions = st.builds(
    Mention,
    id=st.just("1"),
    created_at=st.just(a_mention("1", START).created_at),
    text=texts,
    title=st.none() | texts,
    platform=st.sampled_from(["", "x", "bluesky"]),
    lang=st.sampled_from([None, "en", "EN-gb", "ro"]),
    url=st.sampled_from([None, "https://a.b.com/x", "https://ab.com", "nonsense"]),
    author=st.none()
    | st.builds(Author, handle=st.sampled_from([None, "abc", "@a", "b"]), followers=st.none() | st.integers(0, 12)),
    hashtags=st.lists(st.sampled_from(["apple", "#Apple", "b"]), max_size=2).map(tuple),
    mentions=st.lists(st.sampled_from(["@apple", "bottle@b"]), max_size=1).map(tuple),
    rating=st.none() | st.builds(Rating, value=st.integers(1, 5), max=st.sampled_from([5, 10])),
)


@settings(max_examples=500, deadline=None)
@given(st.lists(queries, min_size=1, max_size=4), mentions)
def test_the_matcher_finds_what_the_definition_says(written: list[str], mention: Mention) -> None:
    readable_queries = [query for query in written if _is_right(query)]
    brands = [Brand(id=f"b{number}", name="zzz", query=query) for number, query in enumerate(readable_queries)]

    found = Matcher(settings_of(*brands)).find(mention).matches

    with pytest.MonkeyPatch.context() as patch:  # as if they were of thousands of words
        patch.setattr("listener.brands.query.queries.MOST_WORDS", 0)
        assert Matcher(settings_of(*brands)).find(mention).matches == found
    for number, query in enumerate(readable_queries):
        expected = places(parse(query), mention)
        told = None if number not in found else {(m.term, m.field, m.start, m.end) for m in found[number]}
        assert told == (expected if expected != set() else {(query, "text", 0, 0)}), query


def _is_right(query: str) -> bool:
    try:
        parse(query)
    except WrongQuery:
        return False
    return len(query) <= 60


@settings(max_examples=300, deadline=None)
@given(texts)
def test_words_lie_where_boundaries_say(text: str) -> None:
    low = readable(text)

    assert len(low) == len(text)
    said = Said(text)
    assert words_of(low) == said.words
    words = [span for span, word in zip(spans_of(low), said.words, strict=True) if word]
    assert words == [(start, end) for start, end, nothing in said.places if not nothing]


def test_in_common_scripts_there_are_neither_marks_nor_words_without_spaces() -> None:
    common = [character for character in map(chr, range(sys.maxunicode + 1)) if not RARE.match(character)]

    assert len(common) > 6_000
    assert all(character.isalnum() or character == "_" or not is_word(character) for character in common)
    assert not any(splits("é" + character, 1) for character in common if is_word(character))


@given(st.text("abc", max_size=7), st.text("abc", max_size=7), st.sampled_from([1, 2]))
def test_letters_are_wrong_as_often_as_the_table_says(one: str, other: str, edits: int) -> None:
    assert (within(one, other, edits) is not None) == (distance(one, other) <= edits)


changes = st.lists(st.tuples(st.sampled_from(["", "x", "xy", "swap"]), st.integers(0, 13)), min_size=1, max_size=2)


@settings(deadline=None)
@given(st.text("abcdef", min_size=7, max_size=14), changes)
def test_a_wrong_letter_anywhere_calls_for_the_query(word: str, made: list[tuple[str, int]]) -> None:
    other = word
    for change, at in made:
        there = other[at : at + 2] if change == "swap" else other[at : at + 1]
        other = other[:at] + (there[::-1] if change == "swap" else change) + other[at + len(there) :]

    for edits in (1, 2):
        assert holds(f"{word}~{edits}", other) is (distance(word, other) <= edits)


# In time

HOSTILE_TEXTS: dict[str, Text] = {
    "one word": "a",
    "many words": "ab ",
    "links": "http://a",
    "short links": "www. ",
    "handles": "@a",
    "hashtags": "#ab#",
    "entities": "&amp;",
    "marks": "a\u0301",
    "Han": "苹",
    "different words": lambda length: " ".join(f"ab{number}" for number in range(length // 8)),
}
SLOW = [
    "*a*b*a*b",
    "ab*",
    "?b",
    "ababa~2",
    "ab1234~1",
    '"ab ab ab * ab"',
    "ab NEAR/100 ab NEAR/100 ab",
    "#ab",
    "@a",
    "NOT x",
]
SLOW += ["苹苹苹", "a ONEAR/0 b", "(a OR b OR ab) NEAR/3 (ab OR a* OR 苹)", '"=ab ab"']


@pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS)
def test_hostile_texts_take_no_longer_than_their_length(text: Text) -> None:
    by = Matcher(settings_of(*(Brand(id=f"b{n}", name="zzz", query=query) for n, query in enumerate(SLOW))))
    grows_with_its_length(lambda written: by.find(a_mention("1", START, text=written)), text)


def test_the_places_of_a_term_are_bounded() -> None:
    assert len(find("ab OR cd", "ab cd " * 1000)) == 20


def test_a_page_is_in_order() -> None:
    page = Page(a_mention("1", START, text="c a b a", title="b"))

    assert page.words[page.text_from :] == ["c", "a", "b", "a"]
    assert page.numbers["b"] == [0, page.text_from + 2]


@given(
    st.text(alphabet="aB1_ @#.:/&;éw\0", max_size=30) | st.sampled_from(["a http://b.c/d e", "a&amp;b", "x a@b.c y"])
)
def test_words_at_least_have_all_words_and_those_beside_each_other(text: str) -> None:
    words, more = words_of(readable(text)), words_at_least(text)
    assert set(words) - {""} <= set(more)
    beside = {pair for pair in pairwise(words) if "" not in pair}
    assert beside <= set(pairwise(more))
