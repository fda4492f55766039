"""Words that matter whatever the mood, found in one pass for all languages (Aho and Corasick 1975).

The pass looks for the anchors of all terms, a few words of each, and only where one stands for the forms of that term:
most texts have none. It takes as long as one pass for all 80,000 forms, whose writing out took .3 s of each start.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from typing import Final, Literal, NamedTuple

import msgspec
from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from listener.brands.boundaries import is_name, url_spans
from listener.severity.folding import fold
from listener.severity.lexicon import Language, Lexicon, load_lexicons
from listener.severity.lowering import HYPOTHETICAL, NEGATED, Scope
from listener.severity.terms import Entry
from listener.severity.without_names import WithoutNames
from schemas.brand_mention import Category, Severe

MOST = 20  # terms of one field: a text that says a word ten thousand times needs no ten thousand reasons
MOST_HITS = 1_000  # looked at in one field, in the order of their ends; real posts have fewer than ten
MOST_PREFIXES = 3
LATIN = "\u024f"  # the last letter of the Latin script
LEFT = {"negated": NEGATED, "hypothetical": HYPOTHETICAL}

Field = Literal["text", "title"]
Spans = Iterable[tuple[int, int]]
Pass = tuple[AhoCorasick, list[list[int]]]  # anchors, and for each the places of its terms


class Term(NamedTuple):
    """What a form says: a word that matters."""

    category: Category
    shown: str
    weight: float


class Place(NamedTuple):
    """Where a form of a lexicon stands. Without a term it is a phrase that means something else."""

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


class Forms:
    """The forms of a term or of several, found in folded texts. They are written out for the first text.

    One of `beside` stands in each form, if there are any.
    """

    def __init__(self, lexicon: int, entries: Sequence[Entry], beside: tuple[str, ...] = ()) -> None:
        self.lexicon: Final = lexicon
        self.beside: Final = beside
        self._entries = entries

    def find(self, folded: str) -> Iterator[tuple[int, int, Term | None]]:
        """Where a form stands, be it within a word, and what it says. None: it means something else."""
        automaton, terms = self._built
        for number, start, end in automaton.find_matches_as_indexes(folded, overlapping=True)[:MOST_HITS]:
            yield start, end, terms[number]

    @cached_property
    def _built(self) -> tuple[AhoCorasick, list[Term | None]]:
        terms: dict[str, Term | None] = {}
        for entry in self._entries:
            for written, shown in entry.forms:
                terms[written] = Term(entry.category, shown, entry.weight) if entry.category is not None else None
        automaton = AhoCorasick(list(terms), matchkind=MatchKind.Standard, implementation=Implementation.ContiguousNFA)
        return automaton, list(terms.values())


class SeverityFinder:
    """The terms of some lexicons. A lexicon without languages holds in all of them, and is lowered as all of them are.

    `scopes` are those of all languages, as a rule of these lexicons. It keeps nothing of what it reads.
    """

    def __init__(self, lexicons: Sequence[Lexicon], scopes: Sequence[tuple[Language, Scope]] | None = None) -> None:
        self._languages = [lexicon.language for lexicon in lexicons]
        self.scopes = scopes or [(lexicon.language, Scope(lexicon.cues)) for lexicon in lexicons]
        self._exceptions = [Forms(number, lexicon.exceptions) for number, lexicon in enumerate(lexicons)]
        self._terms: list[Forms] = []
        self._anchors: list[tuple[str, int]] = []
        for number, lexicon in enumerate(lexicons):
            for entry in lexicon.entries:
                anchors, beside = entry.anchors
                self._anchors += [(anchor, len(self._terms)) for anchor in anchors]
                self._terms.append(Forms(number, [entry], beside))
        self._spoken = {code for language in self._languages for code in language.codes}
        self._passes: dict[str | None, Pass] = {}

    def find(
        self, field: Field, text: str, language: str | None, names: Sequence[tuple[int, int]] = ()
    ) -> tuple[Severe, ...]:
        """The terms that stand in a text by their places. Spans of `names` are read over, links are left out.

        Of a known language only its own are looked for, and those whose script shows that they are meant.
        """
        folded = fold(text)
        if not (called := self._called(text, folded, language, names)):
            return ()
        shown = WithoutNames(text, names) if names else None
        if shown is not None:
            text, folded = shown.text, fold(shown.text)
        places = [place for forms in called for place in self._places(text, folded, forms, language)]
        if not places:
            return ()
        excepted = [place for forms in self._exceptions for place in self._places(text, folded, forms, language)]
        standing = _standing(places, excepted, url_spans(text))[:MOST]
        found = tuple(self._severe(field, text, folded, one, language) for one in standing)
        return found if shown is None else tuple(_moved(one, shown) for one in found)

    def _called(self, text: str, folded: str, language: str | None, names: Sequence[tuple[int, int]]) -> list[Forms]:
        """The terms that may stand in a text, in their order: of two that say the same the first holds."""
        one = language if language is None or language in self._spoken else ""
        automaton, anchored = self._passes.get(one) or self._pass_for(one)
        hits = automaton.find_matches_as_indexes(folded, overlapping=True)
        if not hits:
            return []
        ends = {end for _, end in names}
        numbers: set[int] = set()
        for anchor, start, _ in hits:
            if text[start - 1 : start].islower() and text[start].islower() and start not in ends:
                continue  # within a word
            numbers.update(anchored[anchor])
        called = [self._terms[number] for number in sorted(numbers)]
        return [forms for forms in called if not forms.beside or any(word in folded for word in forms.beside)]

    def _pass_for(self, language: str | None) -> Pass:
        """The anchors of a language, and of those that other scripts tell apart.

        No table, though one alone is quicker: its 14 MB push all else that a mention meets out of the processor's
        caches, and all of detect takes 3 to 4 % longer.
        """
        anchored: dict[str, list[int]] = {}
        for anchor, number in self._anchors:
            if anchor[0] > LATIN or _speaks(self._languages[self._terms[number].lexicon], language):
                anchored.setdefault(anchor, []).append(number)
        automaton = AhoCorasick(
            list(anchored), matchkind=MatchKind.Standard, implementation=Implementation.ContiguousNFA
        )
        found = self._passes[language] = automaton, list(anchored.values())
        return found

    def _places(self, text: str, folded: str, forms: Forms, language: str | None) -> Iterator[Place]:
        written_in = self._languages[forms.lexicon]
        for start, end, term in forms.find(folded):
            if text[start - 1 : start].islower() and text[start].islower():  # within a word: most of what is hit
                continue
            if text[start] <= LATIN and not _holds(written_in, language, end - start):
                continue
            if _is_word(text, start, end, written_in.prefixes):
                yield Place(start, end, forms.lexicon, term)

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


def _standing(places: Sequence[Place], excepted: Iterable[Place], links: Spans) -> list[Standing]:
    """The terms that touch no exception and no link; of those that overlap the first, the longest of several."""
    hidden = _Cover([*links, *((place.start, place.end) for place in excepted)])
    standing: list[Standing] = []
    at = 0
    for start, end, lexicon, term in sorted(places, key=lambda place: (place.start, -place.end, place.lexicon)):
        if term is not None and start >= at and not hidden.touches(start, end):
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
