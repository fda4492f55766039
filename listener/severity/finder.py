"""Words that matter whatever the mood, found in one pass for all languages (Aho and Corasick 1975)."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

import msgspec
from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from listener.brands.boundaries import is_name, url_spans
from listener.severity.folding import fold
from listener.severity.lexicon import Language, Lexicon, load_lexicons
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


class Term(NamedTuple):
    """What a pattern says: a word that matters."""

    category: Category
    shown: str
    weight: float


class Place(NamedTuple):
    """Where a pattern of a lexicon stands. Without a term it is a phrase that means something else."""

    start: int
    end: int
    lexicon: int
    term: Term | None


class Standing(NamedTuple):
    """Where a term of a lexicon stands."""

    start: int
    end: int
    lexicon: int
    term: Term


class SeverityFinder:
    """The terms of some lexicons. A lexicon without languages holds in all of them, and is lowered as all of them are.

    `scopes` are those of all languages, as a rule of these lexicons. It keeps nothing of what it reads.
    """

    def __init__(self, lexicons: Sequence[Lexicon], scopes: Sequence[tuple[Language, Scope]] | None = None) -> None:
        self._languages = [lexicon.language for lexicon in lexicons]
        self.scopes = scopes or [(lexicon.language, Scope(lexicon.cues)) for lexicon in lexicons]
        meanings: dict[str, tuple[tuple[int, Term | None], ...]] = {}  # what a pattern means in which lexicon
        for number, lexicon in enumerate(lexicons):
            for pattern, term in _patterns(lexicon):
                known = meanings.get(pattern)
                if known is None:
                    meanings[pattern] = ((number, term),)
                elif known[-1][0] != number:
                    meanings[pattern] = (*known, (number, term))
        self._meanings = list(meanings.values())
        self._automaton = AhoCorasick(
            list(meanings), matchkind=MatchKind.Standard, implementation=Implementation.ContiguousNFA
        )

    def find(
        self, field: Field, text: str, language: str | None, names: Sequence[tuple[int, int]] = ()
    ) -> tuple[Severe, ...]:
        """The terms that stand in a text by their places. Spans of `names` are read over, links are left out.

        Of a known language only its own are looked for, and those whose script shows that they are meant.
        """
        shown = WithoutNames(text, names) if names else None
        if shown is not None:
            text = shown.text
        folded = fold(text)
        if not (hits := self._automaton.find_matches_as_indexes(folded, overlapping=True)):
            return ()
        places: list[Place] = []
        for pattern, start, end in hits[:MOST_HITS]:
            if not (text[start - 1 : start].islower() and text[start].islower()):  # within a word: most of what is hit
                places += self._places(text, pattern, start, end, language)
        if not places:
            return ()
        standing = _standing(places, url_spans(text))[:MOST]
        found = tuple(self._severe(field, text, folded, one, language) for one in standing)
        return found if shown is None else tuple(_moved(one, shown) for one in found)

    def _places(self, text: str, pattern: int, start: int, end: int, language: str | None) -> Iterator[Place]:
        for number, term in self._meanings[pattern]:
            written_in = self._languages[number]
            if text[start] <= LATIN and not _holds(written_in, language, end - start):
                continue
            if _is_word(text, start, end, written_in.prefixes):
                yield Place(start, end, number, term)

    def _severe(self, field: Field, text: str, folded: str, standing: Standing, language: str | None) -> Severe:
        start, end, number, term = standing
        weight, how, cue = term.weight, None, ""
        for scope in self._scopes_of(self._languages[number], language):
            if lowering := scope.lowering(text, folded, start, end):
                how, cue = lowering
                weight = round(weight * LEFT[how], 4)
                break
        return Severe(
            category=term.category,
            term=term.shown,
            field=field,
            start=start,
            end=end,
            weight=weight,
            lowered=how,
            cue=cue,
        )

    def _scopes_of(self, written_in: Language, language: str | None) -> Iterator[Scope]:
        for other, scope in self.scopes:
            if other == written_in or (not written_in.codes and _speaks(other, language)):
                yield scope


@lru_cache(maxsize=1)
def load_finder() -> SeverityFinder:
    """The finder of the lexicons that come with listener."""
    return SeverityFinder(load_lexicons())


def _moved(found: Severe, shown: WithoutNames) -> Severe:
    start, end = shown.span(found.start, found.end)
    return msgspec.structs.replace(found, start=start, end=end)


def _patterns(lexicon: Lexicon) -> Iterator[tuple[str, Term | None]]:
    """What stands twice has its first category. No term is an exception too."""
    for category, weight, forms in lexicon.entries:
        terms = {shown: Term(category, shown, weight) for _, shown in forms}
        for written, shown in forms:
            yield written, terms[shown]
    for phrase in lexicon.exceptions:
        yield phrase, None


def _speaks(written_in: Language, language: str | None) -> bool:
    return language is None or not written_in.codes or language in written_in.codes


def _holds(written_in: Language, language: str | None, letters: int) -> bool:
    """Whether a term of so many letters may stand in a text of that language."""
    return _speaks(written_in, language) and (language is not None or letters >= written_in.least_letters)


def _is_word(text: str, start: int, end: int, prefixes: str) -> bool:
    if is_name(text, start, end):
        return True
    least = start - MOST_PREFIXES if prefixes else start
    while start > max(0, least) and text[start - 1] in prefixes:
        start -= 1
        if is_name(text, start, end):
            return True
    return False


def _standing(places: Sequence[Place], hidden: Spans) -> list[Standing]:
    """The terms that touch no exception and nothing hidden; of those that overlap the first, the longest of several."""
    excepted = _Cover([*hidden, *((place.start, place.end) for place in places if place.term is None)])
    standing: list[Standing] = []
    at = 0
    for start, end, lexicon, term in sorted(places, key=lambda place: (place.start, -place.end, place.lexicon)):
        if term is not None and start >= at and not excepted.touches(start, end):
            standing.append(Standing(start, end, lexicon, term))
            at = end
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
