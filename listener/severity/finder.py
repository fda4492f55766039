"""Words that matter whatever the mood, found in one pass for all languages (Aho and Corasick 1975)."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

import msgspec
from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from listener.brands.boundaries import is_name, url_spans
from listener.severity.folding import fold
from listener.severity.lexicon import Lexicon, load_lexicons
from listener.severity.lowering import HYPOTHETICAL, NEGATED, Scope
from listener.severity.without_names import WithoutNames
from schemas.brand_mention import Category, Severe

MOST = 20  # terms of one field: a text that says a word ten thousand times needs no ten thousand reasons
MOST_HITS = 1_000  # looked at in one field, in the order of their ends; real posts have fewer than ten
MOST_PREFIXES = 3
LATIN = "\u024f"  # the last letter of the Latin script
LEFT = {"negated": NEGATED, "hypothetical": HYPOTHETICAL}

Field = Literal["text", "title"]
Spans = Iterable[tuple[int, int]]


class Meaning(NamedTuple):
    """What a pattern means in one lexicon; without a category it is a phrase that means something else."""

    lexicon: int
    category: Category | None
    term: str = ""
    weight: float = 0.0


class Place(NamedTuple):
    """Where a pattern stands."""

    start: int
    end: int
    meaning: Meaning


class SeverityFinder:
    """The terms of some lexicons. A lexicon without languages holds in all of them, and is lowered as all of them are.

    `scopes` are those of the languages. It keeps nothing of what it reads.
    """

    def __init__(self, lexicons: Sequence[Lexicon], scopes: Sequence[tuple[Lexicon, Scope]]) -> None:
        self._lexicons = lexicons
        self._scopes = scopes
        meanings: dict[str, list[Meaning]] = {}
        for number, lexicon in enumerate(lexicons):
            for pattern, meaning in _patterns(number, lexicon):
                known = meanings.setdefault(pattern, [])
                if meaning.category is None or all(other.lexicon != number for other in known):
                    known.append(meaning)
        self._meanings = list(meanings.values())
        self._automaton = AhoCorasick(
            list(meanings), matchkind=MatchKind.Standard, implementation=Implementation.ContiguousNFA
        )

    def find(self, field: Field, text: str, language: str | None, names: Sequence[tuple[int, int]] = ()) -> tuple[Severe, ...]:
        """The terms that stand in a text by their places. Spans of `names` are read over, links are left out.

        Of a known language only its own are looked for, and those whose script shows that they are meant.
        """
        shown = WithoutNames(text, names) if names else None
        if shown is not None:
            text = shown.text
        folded = fold(text)
        if not (hits := self._automaton.find_matches_as_indexes(folded, overlapping=True)):
            return ()
        places = [place for hit in hits[:MOST_HITS] for place in self._places(text, *hit, language)]
        if not places:
            return ()
        standing = _standing(places, url_spans(text))[:MOST]
        found = tuple(self._severe(field, text, folded, place, language) for place in standing)
        return found if shown is None else tuple(_moved(one, shown) for one in found)

    def _places(self, text: str, pattern: int, start: int, end: int, language: str | None) -> Iterator[Place]:
        for meaning in self._meanings[pattern]:
            lexicon = self._lexicons[meaning.lexicon]
            if not _holds(lexicon, language) and text[start] <= LATIN:
                continue
            if _is_word(text, start, end, lexicon.prefixes):
                yield Place(start, end, meaning)

    def _severe(self, field: Field, text: str, folded: str, place: Place, language: str | None) -> Severe:
        start, end, meaning = place
        weight, how, cue = meaning.weight, None, ""
        for scope in self._scopes_of(self._lexicons[meaning.lexicon], language):
            if lowering := scope.lowering(text, folded, start, end):
                how, cue = lowering
                weight = round(weight * LEFT[how], 4)
                break
        return Severe(
            category=meaning.category or "safety",
            term=meaning.term,
            field=field,
            start=start,
            end=end,
            weight=weight,
            lowered=how,
            cue=cue,
        )

    def _scopes_of(self, lexicon: Lexicon, language: str | None) -> Iterator[Scope]:
        for other, scope in self._scopes:
            if other is lexicon or (not lexicon.languages and _holds(other, language)):
                yield scope


@lru_cache(maxsize=1)
def load_scopes() -> tuple[tuple[Lexicon, Scope], ...]:
    """The scopes of the lexicons that come with listener."""
    return tuple((lexicon, Scope(lexicon.cues)) for lexicon in load_lexicons())


@lru_cache(maxsize=1)
def load_finder() -> SeverityFinder:
    """The finder of the lexicons that come with listener."""
    return SeverityFinder(load_lexicons(), load_scopes())


def _moved(found: Severe, shown: WithoutNames) -> Severe:
    start, end = shown.span(found.start, found.end)
    return msgspec.structs.replace(found, start=start, end=end)


def _patterns(number: int, lexicon: Lexicon) -> Iterator[tuple[str, Meaning]]:
    for category, weight, forms in lexicon.entries:
        for written, shown in forms:
            yield written, Meaning(number, category, shown, weight)
    for phrase in lexicon.exceptions:
        yield phrase, Meaning(number, None)


def _holds(lexicon: Lexicon, language: str | None) -> bool:
    return language is None or not lexicon.languages or language in lexicon.languages


def _is_word(text: str, start: int, end: int, prefixes: str) -> bool:
    if is_name(text, start, end):
        return True
    least = start - MOST_PREFIXES if prefixes else start
    while start > max(0, least) and text[start - 1] in prefixes:
        start -= 1
        if is_name(text, start, end):
            return True
    return False


def _standing(places: Sequence[Place], hidden: Spans) -> list[Place]:
    """The terms that touch no exception and nothing hidden; of those that overlap the first, and the longest of these."""
    exceptions = _Cover((start, end) for start, end, meaning in places if meaning.category is None)
    out_of_sight = _Cover(hidden)
    standing: list[Place] = []
    at = 0
    for place in sorted(places, key=lambda place: (place.start, -place.end, place.meaning.lexicon)):
        if place.meaning.category is None or place.start < at:
            continue
        if not exceptions.touches(place.start, place.end) and not out_of_sight.touches(place.start, place.end):
            standing.append(place)
            at = place.end
    return standing


class _Cover:
    """Spans, joined where they overlap."""

    def __init__(self, spans: Spans) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in sorted(spans):
            if self._ends and start < self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], end)
            else:
                self._starts.append(start)
                self._ends.append(end)

    def touches(self, start: int, end: int) -> bool:
        """Whether one of them overlaps [start, end)."""
        before = bisect_right(self._starts, end - 1) - 1
        return before >= 0 and self._ends[before] > start
