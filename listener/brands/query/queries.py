"""The queries of all brands: which literals call for which query, and what a mention satisfies.

A query is evaluated only for mentions in which one of its literals was found; those without literals, for all.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import zip_longest
from typing import NamedTuple, TypeVar

from listener.brands.query.cover import Cover, Shared, cover_of, shared_by
from listener.brands.query.evaluation import places_of, test_of
from listener.brands.query.page import Page
from listener.brands.query.parser import parse
from listener.brands.query.syntax import Node, leaves
from listener.brands.query.tokens import words_at_least
from schemas.brand_mention import Match
from schemas.mention import Mention
from schemas.settings import Brand

MOST_MATCHES = 100  # of one query in one mention
Key = TypeVar("Key")
MOST_WORDS = 1_000  # that the automaton looks for
SMALL_OPERATORS = frozenset({"and", "or", "not"})
SHOWN = 60  # letters of a query that stand for it where none of its terms has a place


class Query:
    """One query, compiled. `operators_in_small_letters` are words that may be meant otherwise."""

    __slots__ = ("_called", "_test", "cover", "operators_in_small_letters")

    def __init__(self, text: str, node: Node, shared: Shared) -> None:
        self.cover = cover_of(node, shared)
        self._test = test_of(node)
        self.operators_in_small_letters = [leaf.written for leaf in leaves(node) if leaf.written in SMALL_OPERATORS]
        self._called = text if len(text) <= SHOWN else f"{text[:SHOWN]}…"

    def matches(self, page: Page) -> tuple[Match, ...]:
        """The places of the terms that satisfy it, in order; none if it does not hold.

        A condition on a field, and a query of which only a NOT holds, have the span 0 to 0 of the text.
        """
        evidence = self._test(page)
        if evidence is None:
            return ()
        in_order = sorted(places_of(page, evidence), key=lambda place: (place[1] != "title", *place[1:], place[0]))
        return tuple(
            Match(why="query", term=term, field=field, start=start, end=end)
            for term, field, start, end in in_order[:MOST_MATCHES] or [(self._called, "text", 0, 0)]
        )


class Asked:
    """Which queries are to be looked at: these, and if `by_words` those that its words call for."""

    __slots__ = ("by_words", "queries")

    def __init__(self, queries: Iterable[int], *, by_words: bool) -> None:
        self.queries = set(queries)
        self.by_words = by_words


NONE_ASKED = Asked((), by_words=False)


class _Called(NamedTuple):
    """The queries that a word calls for: alone, with one of other words beside it, by the word that follows it."""

    alone: list[int]
    beside: list[tuple[int, frozenset[str]]]
    followed: dict[str, list[int]]


class Queries:
    """The queries of brands, by their places in the settings. Raise WrongQuery.

    `always` are those without literals; `tags` and `pieces` call for those of theirs. Without any of `words` (of
    a pair its longer one) no query is called for by words. They are empty where they would be many: to find each of
    them within other words costs more than to look up the words of every mention.
    """

    def __init__(self, brands: Iterable[Brand]) -> None:
        texts = {number: brand.query for number, brand in enumerate(brands) if brand.query}
        nodes = {number: parse(text) for number, text in texts.items()}
        shared = shared_by(list(nodes.values()))
        self.by_brand = {number: Query(text, nodes[number], shared) for number, text in texts.items()}
        covers = {number: query.cover for number, query in self.by_brand.items() if isinstance(query.cover, Cover)}
        self.always = frozenset(self.by_brand.keys() - covers.keys())
        self.tags = _calls(covers, lambda cover: cover.tags)
        self.pieces = _calls(covers, lambda cover: cover.pieces)
        self._words = _calls_by_words(covers)
        words = {
            word for cover in covers.values() for word in (*cover.words, *(max(pair, key=len) for pair in cover.pairs))
        }
        self.words = sorted(words) if len(words) <= MOST_WORDS else []

    def asked(self) -> Asked:
        """What is to be looked at in any mention: with many literals nearly all have a word that calls for one."""
        if not self.by_brand:
            return NONE_ASKED
        return Asked(self.always, by_words=bool(self._words) and not self.words)

    def satisfied(self, mention: Mention, asked: Asked) -> Iterator[tuple[int, tuple[Match, ...]]]:
        """Of the queries that are asked those that hold, with the places of their terms."""
        numbers = set(asked.queries)
        if asked.by_words:
            text = f"{mention.title} {mention.text}" if mention.title else mention.text
            numbers.update(self._called_by_words(text))
        if not numbers:
            return
        page = Page(mention)
        for number in sorted(numbers):
            if matches := self.by_brand[number].matches(page):
                yield number, matches

    def _called_by_words(self, text: str) -> list[int]:
        """The queries that the words of a text call for, in no order, and some more."""
        words = words_at_least(text)
        said = set(words)
        numbers: list[int] = []
        for word, after in zip_longest(words, words[1:], fillvalue=""):
            called = self._words.get(word)
            if called is None:
                continue
            alone, beside, followed = called
            numbers += alone
            if beside:
                numbers += [number for number, others in beside if not said.isdisjoint(others)]
            if after in followed:
                numbers += followed[after]
        return numbers


def _calls_by_words(covers: Mapping[int, Cover]) -> dict[str, _Called]:
    """By each word the queries that it calls for."""
    calls: defaultdict[str, _Called] = defaultdict(lambda: _Called([], [], {}))
    for number, cover in covers.items():
        for word in cover.words:
            if cover.beside:
                calls[word].beside.append((number, cover.beside))
            else:
                calls[word].alone.append(number)
        for word, after in cover.pairs:
            calls[word].followed.setdefault(after, []).append(number)
    return dict(calls)


def _calls(covers: Mapping[int, Cover], literals: Callable[[Cover], Iterable[Key]]) -> dict[Key, list[int]]:
    """By each literal the queries that it calls for."""
    calls: dict[Key, list[int]] = {}
    for number, cover in covers.items():
        for literal in literals(cover):
            calls.setdefault(literal, []).append(number)
    return calls
