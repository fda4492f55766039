"""Long names with a letter wrong: words that a bounded number of edits makes the words of a name.

The cost of a text does not grow with the number of names: what their words become with letters left out is in a table,
and a word of the text is looked up there with its own letters left out. What was found is remembered, within a bound.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise, product
from typing import NamedTuple

from listener.brands.boundaries import lower, spaceless
from listener.brands.edits import deletions, within
from listener.brands.frequency import Frequency, OrdinaryWords
from listener.brands.spelling import APOSTROPHES, GAP, unaccented, words_of
from listener.brands.terms import Place, Term, names_of
from schemas.settings import Brand

ONE_EDIT, TWO_EDITS = 7, 11  # letters of a name from which on so many are a misspelling
LEAST = 5  # letters of a word, among several of a name, that may have a mistake
ORDINARY = 2.5  # one in three million words: what is so usual is a word, not a misspelling
KEYS = {1: 9, 2: 7}  # letters that are looked up, by the edits
MOST_WORDS = 4  # of a name
REMEMBERED, LONGEST_REMEMBERED = 50_000, 30  # words, and letters of one

WORD = re.compile(r"[^\W_]+")
BETWEEN = re.compile(r"[\s\-\u2010\u2011\u2013_]+|\s*&(?:amp;)?\s*|['\u2018\u2019\u02bc\u00b4`\u2032]")

Near = tuple[tuple[str, int], ...]  # words of names, and how many edits each is away


class _Name(NamedTuple):
    term: Term
    most: int
    ordinary: OrdinaryWords


class _Table(NamedTuple):
    """The words of names that may have `most` mistakes, by what they become with letters left out.

    `halves` are their beginnings and ends: a single mistake leaves one of them whole, and most words have neither.
    """

    most: int
    halves: frozenset[str]
    words: dict[str, list[str]]

    @classmethod
    def of(cls, words: Iterable[str], most: int) -> "_Table":
        halves: set[str] = set()
        table: dict[str, list[str]] = {}
        for word in words:
            half = min(3, (len(word) - 1) // 2)  # two letters that are swapped in the middle are in neither
            halves |= {word[:half], f"{word[0]}-{word[-half:]}"}
            for key in dict.fromkeys(deletions(word[: KEYS[most]], most)):
                table.setdefault(key, []).append(word)
        return cls(most, frozenset(halves), table)

    def like(self, word: str) -> list[str]:
        """The words of names that may be near a word, in order."""
        if self.most == 1 and not self._has_half(word):
            return []
        keys = deletions(word[: KEYS[self.most]], self.most)
        if self.words.keys().isdisjoint(keys):
            return []
        return sorted({name for key in keys for name in self.words.get(key, ())})

    def _has_half(self, word: str) -> bool:
        halves, first = self.halves, word[0]
        if word[:3] in halves or f"{first}-{word[-3:]}" in halves:
            return True
        return len(word) < ONE_EDIT + 1 and (word[:2] in halves or f"{first}-{word[-2:]}" in halves)


class Misspellings:
    """All names of all brands that are long enough, by their words."""

    def __init__(self, brands: Iterable[Brand], frequency: Frequency) -> None:
        self._names: dict[tuple[str, ...], list[_Name]] = {}
        for number, brand in enumerate(brands):
            if brand.misspelled:
                self._add(number, brand, OrdinaryWords(frequency, brand.languages))
        self._places: dict[str, set[tuple[int, int]]] = {}  # of how many words of a name it is which, from 0 on
        for several in self._names:
            for place, word in enumerate(several):
                self._places.setdefault(word, set()).add((len(several), place))
        words = sorted({word for words in self._names for word in words if len(word) >= LEAST})
        self._tables: dict[tuple[str, int], list[_Table]] = {}  # by the first letter and length of a misspelling
        for most in KEYS:
            self._add_table([word for word in words if edits(word) == most], most)
        self._english = OrdinaryWords(frequency)
        # The free words of a text: no handles, no tags of shares, no paths of links, which are mostly what stands
        # behind a digit, and no words. To take the sign before a word, too, is a third faster than to look behind; so
        # is a pattern of ASCII alone for a text of ASCII alone.
        first = re.escape("".join(sorted({word[0] for word in words})))
        rest = min((len(word) - edits(word) for word in words), default=LEAST) - 1
        self._free_words = re.compile(rf"[^a-z0-9@$/]([{first}\x80-\U0010ffff][^\W_]{{{rest},}})")
        self._ascii_words = re.compile(rf"[^a-z0-9@$/]([{first}][a-z0-9]{{{rest},}})")
        self._near: dict[str, Near] = {}
        self._dull: set[str] = set()  # words that are near no name

    def find(self, small: str) -> list[Place]:
        """Where names are misspelled in a text in small letters, in the order of their ends."""
        if not self._places:
            return []
        free = (self._ascii_words if small.isascii() else self._free_words).findall(f" {small}")
        if self._dull.issuperset(free):
            return []
        unknown = [word for word in free if word not in self._dull]
        if not any(map(self.near, unknown)):
            return []
        words = list(WORD.finditer(small))
        found = {
            place: None
            for at, word in enumerate(words)
            if self.near(word[0])
            for place in self._around(small, words, at)
        }
        return sorted(found, key=lambda one: (one.end, one.start, one.term.brand))

    def near(self, word: str) -> Near:
        """The words of names that a word is a misspelling of, each with its edits. None of an ordinary word."""
        if word in self._dull:
            return ()
        known = self._near.get(word)
        if known is not None:
            return known
        if len(self._dull) + len(self._near) >= REMEMBERED:
            self._dull.clear()
            self._near.clear()
        known = self._look_up(word)
        if len(word) > LONGEST_REMEMBERED:
            return known
        if known:
            self._near[word] = known
        else:
            self._dull.add(word)
        return known

    def _look_up(self, word: str) -> Near:
        bare = unaccented(word)
        found = []
        for table in self._tables.get((bare[:1], len(bare)), ()):
            for name in table.like(bare):
                wrong = within(bare, name, table.most) if name != word else None
                if wrong is not None and _is_slip(bare, name):
                    found.append((name, wrong))
        return tuple(found) if found and self._english.usual(word) < ORDINARY else ()

    def _add_table(self, words: list[str], most: int) -> None:
        table = _Table.of(words, most)
        for shape in {(word[0], len(word) + more) for word in words for more in range(-most, most + 1)}:
            self._tables.setdefault(shape, []).append(table)

    def _add(self, number: int, brand: Brand, ordinary: OrdinaryWords) -> None:
        for name, why, _ in names_of(brand):
            letters = sum(map(str.isalpha, name))
            if letters < ONE_EDIT or name.startswith("$") or any(map(spaceless, name)):
                continue
            found = _Name(Term(number, "name", why, name), _most_edits(letters), ordinary)
            for words in _ways(name):
                if len(words) <= MOST_WORDS:
                    self._names.setdefault(words, []).append(found)

    def _around(self, text: str, words: list[re.Match[str]], at: int) -> Iterator[Place]:
        """The names of which the word at `at` is a part, and wrong."""
        places = {place for word, _ in self.near(words[at][0]) for place in self._places[word]}
        for size, place in sorted(places):
            first = at - place
            span = words[first : first + size] if first >= 0 else []
            gaps = ((one.end(), other.start()) for one, other in pairwise(span))
            if len(span) == size and all(BETWEEN.fullmatch(text, start, end) for start, end in gaps):
                for term in self._named([word[0] for word in span], place):
                    yield Place(span[0].start(), span[-1].end(), term)

    def _named(self, said: list[str], at: int) -> Iterator[Term]:
        """The names that these words are, if that at `at` is wrong."""
        choices = [
            (*(() if place == at else ((unaccented(word), 0),)), *self.near(word)) for place, word in enumerate(said)
        ]
        for chosen in product(*choices):
            names = self._names.get(tuple(word for word, _ in chosen), ())
            total = sum(wrong for _, wrong in chosen) if names else 0
            for name in names:
                mistakes = (here for here, (word, _) in zip(said, chosen, strict=True) if here != word)
                if total <= name.most and all(name.ordinary.usual(word) < ORDINARY for word in mistakes):
                    yield name.term._replace(form="misspelled" if total else "unaccented")


def edits(word: str) -> int:
    """How many edits make a misspelling of a word."""
    return _most_edits(len(word))


def _most_edits(letters: int) -> int:
    return 2 if letters >= TWO_EDITS else 1


def _ways(name: str) -> list[tuple[str, ...]]:
    """A name as its words, of letters and digits without marks: as it is written, with an apostrophe as a gap, as one.

    Also with those apart that are joined in camel case.
    """
    plain = name.translate(APOSTROPHES)
    ways = [words_of(plain), words_of(plain.replace("'", " ")), words_of(plain, camel=True), [GAP.sub("", plain)]]
    return list(dict.fromkeys(tuple(filter(None, map(_letters, words))) for words in ways))


def _letters(word: str) -> str:
    return "".join(character for character in unaccented(lower(word)) if character.isalnum())


def _is_slip(word: str, name: str) -> bool:
    """Whether a word that is near a name is no other: it has its digits, and is not the name with an ending."""
    ending = word.removeprefix(name)
    if ending != word and (ending[-1:] == "s" or set(ending) - {name[-1]}):
        return False
    return list(filter(str.isdigit, word)) == list(filter(str.isdigit, name))
