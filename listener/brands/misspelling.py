"""Long names with a letter wrong: words that a bounded number of edits makes the words of a name.

The cost of a text does not grow with the number of names: all that names can become by leaving letters out is in one
table, and a word of the text is looked up there with its own letters left out. Words that are near no name, which are
nearly all, are remembered, within a bound.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import product
from typing import NamedTuple

from listener.brands.boundaries import lower, spaceless
from listener.brands.edits import deletions, within
from listener.brands.ordinary import Frequency, OrdinaryWords
from listener.brands.spelling import unaccented, words_of
from listener.brands.terms import Term, names_of
from schemas.settings import Brand

ONE_EDIT, TWO_EDITS = 7, 11  # letters of a name from which on so many are a misspelling
ORDINARY = 2.5  # one in three million words: what is so usual is a word, not a misspelling
LEAST = 5  # letters of a word, among several of a name, that may have a mistake
KEY = 7  # letters that are looked up
MOST_WORDS = 4  # of a name
REMEMBERED, LONGEST_REMEMBERED = 50_000, 30  # pieces of text that are near no name, and letters of one

BETWEEN = re.compile(r"[\s\-\u2010\u2011\u2013_]+|\s*&(?:amp;)?\s*")
WORD = re.compile(r"[^\W_]+(?:['\u2018\u2019\u02bc\u00b4`\u2032][^\W_]+)?")


class Misspelled(NamedTuple):
    """A place in a text, and the name that is misspelled there."""

    start: int
    end: int
    term: Term


class _Way(NamedTuple):
    """How a word of a text may be read: its letters without an apostrophe, and where they end."""

    letters: str
    end: int


class _Wrong(NamedTuple):
    """A word of a name, how a text writes it, and how many edits that takes."""

    word: str
    way: _Way
    edits: int


class _Name(NamedTuple):
    term: Term
    most: int
    ordinary: OrdinaryWords


class Misspellings:
    """All names of all brands that are long enough, by their words."""

    def __init__(self, brands: Iterable[Brand], frequency: Frequency) -> None:
        self._names: dict[tuple[str, ...], list[_Name]] = {}
        for number, brand in enumerate(brands):
            if brand.misspelled:
                self._add(number, brand, OrdinaryWords(frequency, brand.languages))
        self._lengths = sorted({len(words) for words in self._names})
        self._keys: dict[str, list[str]] = {}
        vocabulary = sorted({word for words in self._names for word in words if len(word) >= LEAST})
        for word in vocabulary:
            for key in deletions(word[:KEY], edits(word)):
                self._keys.setdefault(key, []).append(word)
        self._most = max(map(edits, vocabulary), default=0)
        self._english = OrdinaryWords(frequency)
        self._far: set[str] = set()
        self._near: dict[str, tuple[tuple[str, int], ...]] = {}

    def find(self, small: str) -> list[Misspelled]:
        """Where names are misspelled in a text in small letters, in the order of their ends."""
        if not self._keys:
            return []
        pieces = small.split()
        if self._far.issuperset(pieces) or not self._any_near(pieces):
            return []
        words = list(WORD.finditer(small))
        read = [_ways(word) for word in words]
        found = {
            place: None
            for at, ways in enumerate(read)
            if any(self.near(way.letters) for way in ways)
            for place in self._around(small, words, read, at)
        }
        return sorted(found, key=lambda one: (one.end, one.start, one.term.brand))

    def near(self, word: str) -> tuple[tuple[str, int], ...]:
        """The words of names that a word is a misspelling of, each with its edits. None if it is an ordinary word."""
        if len(word) < LEAST - 1:
            return ()
        known = self._near.get(word)
        if known is None:
            known = self._look_up(word)
            if len(self._near) >= REMEMBERED:
                self._near.clear()
            if len(word) <= LONGEST_REMEMBERED:
                self._near[word] = known
        return known

    def _add(self, number: int, brand: Brand, ordinary: OrdinaryWords) -> None:
        for name, why, _ in names_of(brand):
            letters = sum(map(str.isalpha, name))
            if letters < ONE_EDIT or name.startswith("$") or any(map(spaceless, name)):
                continue
            term = Term(number, "name", why, name)
            for words in _words_of(name):
                if len(words) <= MOST_WORDS:
                    self._names.setdefault(words, []).append(_Name(term, _most_edits(letters), ordinary))

    def _any_near(self, pieces: list[str]) -> bool:
        """Whether any piece has a word that is near a name. What has none is remembered."""
        found = False
        for piece in pieces:
            if piece in self._far:
                continue
            if any(self.near(way.letters) for word in WORD.finditer(piece) for way in _ways(word)):
                found = True
            elif len(piece) <= LONGEST_REMEMBERED:
                if len(self._far) >= REMEMBERED:
                    self._far.clear()
                self._far.add(piece)
        return found

    def _look_up(self, word: str) -> tuple[tuple[str, int], ...]:
        bare = unaccented(word)
        candidates = {name for key in deletions(bare[:KEY], self._most) for name in self._keys.get(key, ())}
        found = []
        for name in sorted(candidates):
            wrong = within(bare, name, edits(name))
            if wrong is not None and word != name and bare[0] == name[0] and _is_slip(bare, name):
                found.append((name, wrong))
        return tuple(found) if found and self._english.usual(word) < ORDINARY else ()

    def _around(
        self, text: str, words: list[re.Match[str]], read: list[tuple[_Way, ...]], at: int
    ) -> Iterator[Misspelled]:
        """The names of which the word at `at` is a part, and wrong."""
        for size in self._lengths:
            for first in range(max(0, at - size + 1), min(at, len(words) - size) + 1):
                last = first + size - 1
                if all(BETWEEN.fullmatch(text, words[n].end(), words[n + 1].start()) for n in range(first, last)):
                    for end, term in self._named(read[first : last + 1], at - first):
                        yield Misspelled(words[first].start(), end, term)

    def _named(self, read: list[tuple[_Way, ...]], at: int) -> Iterator[tuple[int, Term]]:
        """The names that these words are if that at `at` is wrong, and where they end."""
        choices = [
            [_Wrong(word, way, wrong) for way in ways for word, wrong in self.near(way.letters)]
            + [_Wrong(unaccented(way.letters), way, 0) for way in ways if place != at]
            for place, ways in enumerate(read)
        ]
        for chosen in product(*choices):
            for name in self._names.get(tuple(one.word for one in chosen), ()):
                wrong = [one.way.letters for one in chosen if one.way.letters != one.word]
                total = sum(one.edits for one in chosen)
                if total <= name.most and all(name.ordinary.usual(word) < ORDINARY for word in wrong):
                    form = "misspelled" if total else "unaccented"
                    yield chosen[-1].way.end, name.term._replace(form=form)


def edits(word: str) -> int:
    """How many edits make a misspelling of a word."""
    return _most_edits(len(word))


def _most_edits(letters: int) -> int:
    return 2 if letters >= TWO_EDITS else 1


def _words_of(name: str) -> list[tuple[str, ...]]:
    """A name as its words, also those joined in camel case, and as one; of letters and digits without their marks."""
    ways = [words_of(name), words_of(name, camel=True)]
    bare = [tuple(filter(None, map(_letters, words))) for words in ways]
    return list(dict.fromkeys([*bare, ("".join(bare[0]),)]))


def _letters(word: str) -> str:
    return "".join(character for character in unaccented(lower(word)) if character.isalnum())


def _ways(word: re.Match[str]) -> tuple[_Way, ...]:
    """How a word reads: as it is, and what has an apostrophe as one word or up to there."""
    said = word[0]
    if said.isalnum():
        return (_Way(said, word.end()),)
    head = next(place for place, character in enumerate(said) if not character.isalnum())
    return (_Way(said[:head] + said[head + 1 :], word.end()), _Way(said[:head], word.start() + head))


def _is_slip(word: str, name: str) -> bool:
    """Whether a word that is near a name is no other: it has its digits, and is not the name with an ending."""
    ending = word.removeprefix(name)
    if ending != word and (ending[-1:] == "s" or set(ending) - {name[-1]}):
        return False
    return list(filter(str.isdigit, word)) == list(filter(str.isdigit, name))
