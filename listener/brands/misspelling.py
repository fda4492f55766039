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
        self._tables = [(most, least, _table(words, most)) for most, least in ((1, LEAST - 1), (2, TWO_EDITS - 2))]
        self._shapes = {(word[0], len(word) + more) for word in words for more in range(-edits(word), edits(word) + 1)}
        first = re.escape("".join(sorted({word[0] for word in words})))
        rest = min((len(word) - edits(word) for word in words), default=LEAST) - 1
        self._worth_a_look = re.compile(rf"(?<![a-z@$/])[{first}\x80-\U0010ffff][^\W_]{{{rest},}}")
        self._english = OrdinaryWords(frequency)
        self._near: dict[str, Near] = {}

    def find(self, small: str) -> list[Place]:
        """Where names are misspelled in a text in small letters, in the order of their ends."""
        if not self._shapes:
            return []
        said = self._worth_a_look.findall(small)
        near = list(map(self._near.get, said))  # nearly all are known, and near nothing
        if not any(map(self.near, said) if None in near else near):
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
        known = self._near.get(word)
        if known is None:
            bare = unaccented(word)
            known = self._look_up(word, bare) if (bare[:1], len(bare)) in self._shapes else ()
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
            found = _Name(Term(number, "name", why, name), _most_edits(letters), ordinary)
            for words in _ways(name):
                if len(words) <= MOST_WORDS:
                    self._names.setdefault(words, []).append(found)

    def _look_up(self, word: str, bare: str) -> Near:
        found = []
        for most, least, table in self._tables:
            keys = table.keys() & deletions(bare[: KEYS[most]], most) if len(bare) >= least else ()
            for name in sorted({name for key in keys for name in table[key]} - {word}) if keys else ():
                wrong = within(bare, name, most)
                if wrong is not None and _is_slip(bare, name):
                    found.append((name, wrong))
        return tuple(found) if found and self._english.usual(word) < ORDINARY else ()

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


def _table(words: list[str], most: int) -> dict[str, list[str]]:
    table: dict[str, list[str]] = {}
    for word in words:
        for key in dict.fromkeys(deletions(word[: KEYS[most]], most)) if edits(word) == most else ():
            table.setdefault(key, []).append(word)
    return table
