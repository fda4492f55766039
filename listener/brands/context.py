"""Whose name is it? How sure it is at one place that the brand is meant, and no other thing of that name.

Each reason is a logit; their sum makes the score, 1 / (1 + exp(-sum)). What the words around a name mean is compared
with what the brand says of itself and with what the word means else:

    margin = (towards the brand - half of the most towards another sense) / sqrt(0.5 + the sum of squared weights)

where words are added as vectors, weighted by how much they tell; the root stands for the length of their sum, so that
little said is little known. What points away from both says nothing of either: small talk is had about anything. What
is usual where nothing else is known is read off the word's own vector: how much nearer it lies to the brand than to the
senses of the dictionary, times the share of its uses that these do not explain. The constants were chosen on our own
sentences about 24 brands and small talk about 14 (`tests/data/names`), none of them reported on; those of the way of
writing are measured (`writing.py`). Nothing was fitted to the names or texts that `tests.bench.names` reports on.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import chain
from math import exp, log
from operator import mul
from typing import NamedTuple

from listener.brands.boundaries import lower
from listener.brands.frequency import ENGLISH, OrdinaryWords, spoken
from listener.brands.meaning import LENGTH, WEIGHTS, Direction, English, Sense, unit, words_of
from listener.brands.ordinary import Words, counted, ordinary, ordinary_in, senses_of, word_of
from listener.brands.spelling import APART, SINGULAR, halves
from listener.brands.writing import FUNCTION_WORDS, Evidence, place_of, written
from schemas.settings import Brand, Learned

WINDOW, MOST_WORDS = 200, 16  # characters, and words of them, on each side
NO_WORDS = re.compile(r"(?:https?://|www\.|@)\S*|&[a-z]{2,6};")
LITTLE = 2.0
MEANING, MOST = 18.0, 4.0  # and the most that the words around may say: other reasons must be able to outweigh them
RIVAL = 0.5
TAGGED_WORDS = 230_000  # in the texts in which WordNet's makers counted senses
NEITHER = 0.05  # cosine of a word's own vector to what it is not said of
USUAL, EVEN = 4.0, 0.3  # by judgement, from brands of which one would know
SAME = 0.5  # cosine from which on a sense is the brand's own business: java, a programming language
MOST_SENSES = 8
TALK = (
    0.3  # how much the talk of customers counts beside what the brand says of itself; that of investors names targets
)
TALKED = tuple(
    "company customer customers service store stores shop order ordered delivery price prices product products buy "
    "bought app website online account launch brand refund".split()
)
OPINIONS = frozenset(  # had of anything: they tell no sense from another
    "awful terrible horrible worst worse bad best better good great nice fine lovely perfect excellent wonderful "
    "amazing awesome fantastic hate hated love loved sucks suck useless pathetic ridiculous disgusting annoying".split()
)
REQUIRED, EXCLUDED, ALSO, IN_THREAD, TAGGED, ELSEWHERE, PLURAL = 2.0, -3.0, 1.0, 2.5, 0.5, -1.0, -1.0
NO_SENSES = 1.5  # a frequent word of which no other meaning is known: most likely frequent because of the brand
NO_WORD = 2.0  # of a language of its public: a name that is a word of another one is most likely the name here
SLIP = 3.0  # by judgement: one writer in a thousand sets a space into a name
ONE_OF_SEVERAL, IN_SMALL = 0.5, -3.5  # by judgement
LEAST_APART, MOST_APART = -2.5, 3.0  # pairs that mean something are met more often than by chance
COUNTABLE = 0.9  # zipf: the plural is said an eighth as often or more
LIMIT = 50.0  # of a sum: beyond it a score is 0 or 1 in all its decimals


class Around(NamedTuple):
    """The words around a name, and where they point in the table of meanings; None where that does not apply."""

    words: tuple[str, ...]
    meaning: Direction | None

    def along(self, direction: Sequence[int], length: int) -> float:
        """How far they point along a direction that is `length` long: about -1 to 1."""
        if self.meaning is None:
            return 0.0
        return float(sum(map(mul, self.meaning.sums, direction)) / (length * self.length))

    @property
    def length(self) -> float:
        """How long the sum of their vectors would be if they agreed, and a little more."""
        squares = self.meaning.squares if self.meaning is not None else 0
        return float(LENGTH * WEIGHTS * (LITTLE + squares / WEIGHTS**2) ** 0.5)


class Context:
    """One name of one brand that means other things too, as it is or in one `form`: in two words, in the singular."""

    def __init__(self, brand: Brand, term: str, words: Words, *, form: str = "") -> None:
        self.brand = brand
        self.term = term
        self._words = words
        self._ordinary = OrdinaryWords(words.frequency, brand.languages)
        self._form = form
        self._apart = (halves(lower(term), self._ordinary) or ()) if form == APART else ()
        self._usual: dict[str, Evidence] = {}
        self._name = frozenset(words_of(term))
        self._own = frozenset(words_of(" ".join(_said_of_itself(brand)))) - FUNCTION_WORDS

    def evidence(self, text: str, start: int, end: int, title: str = "", language: str | None = None) -> list[Evidence]:
        """Each reason for or against at [start, end) of a text, of which a title may tell more."""
        english = self.is_english(language)
        place = place_of(text, start, end)
        told = [
            self.usual(self.spoken_in(language)),
            *written(place, self._own, english=english, countable=self.countable),
        ]
        if text[max(0, start - 1) : start] == "#":
            told.append(Evidence("a hashtag", TAGGED))
        if english and end - start > len(self.term) + bool(self._apart) and place.name[-1:] in "sS":
            told.append(Evidence("a plural", PLURAL))
        if self._form == SINGULAR and self._own_word is None and not all(map(str.istitle, place.name.split())):
            told.append(Evidence("without the capitals of the name", IN_SMALL))
        if language and self.brand.languages and language not in self.brand.languages:
            told.append(Evidence(f"not a language of its public: {language}", ELSEWHERE))
        around = self.around(text, start, end, title, english=english)
        told += self._asked_for(around)
        if around.meaning is not None and around.meaning.squares:
            weight = max(-MOST, min(MOST, MEANING * self.margin(around)))
            told.append(Evidence("what the words around it mean", weight))
        if self.brand.learned is not None:
            told += _learned(self.brand.learned, around, self._table)
        return told

    def is_english(self, language: str | None) -> bool:
        """Whether a text is in English, or most likely so where nobody knows."""
        return self.spoken_in(language) == ENGLISH

    def spoken_in(self, language: str | None) -> str:
        """The language of a text; where nobody knows, the first of its public."""
        return language or (*self.brand.languages, ENGLISH)[0]

    def usual(self, language: str) -> Evidence:
        """What is meant in a language where nothing else is known."""
        if language not in self._usual:
            self._usual[language] = self._usual_in(language)
        return self._usual[language]

    def around(self, text: str, start: int, end: int, title: str = "", *, english: bool = True) -> Around:
        """The words around [start, end) and those of the title; no links, no handles, and not the name itself."""
        before = words_of(_said(text[max(0, start - WINDOW) : start]))[-MOST_WORDS:]
        after = words_of(_said(text[end : end + WINDOW]))[:MOST_WORDS]
        above = words_of(title[:WINDOW])[:MOST_WORDS] if title else []
        words = tuple(word for word in chain(before, after, above) if word not in self._name)
        if not english or self._table is None:
            return Around(words, None)
        return Around(words, self._table.direction(word for word in words if word not in OPINIONS))

    def margin(self, around: Around) -> float:
        """How much more the words around point to the brand than to another sense of its name."""
        if around.meaning is None:
            return 0.0
        sums = around.meaning.sums
        own, *others = [sum(map(mul, sums, direction)) for direction in self._directions]
        return float((max(0, own) - RIVAL * max(0, *others, 0)) / (LENGTH * around.length))

    def _usual_in(self, language: str) -> Evidence:
        """Where it is an ordinary English word, its own vector lies where most of its uses do."""
        if self._apart:
            return self._usual_apart()
        if self._form == SINGULAR:
            return self._usual_singular()
        known = ordinary_in(self.term, language, self._words)
        if known is not None and not known.meanings.senses:
            return Evidence(f"frequent in {language}, no other meaning known", NO_SENSES)
        if known is None and language in spoken(self.brand.languages) and not self.brand.ambiguous:
            return Evidence(f"no ordinary word of {language}", NO_WORD)
        word = word_of(self.term) if language == ENGLISH else ""
        if self._table is None or not self._table.weight(word):
            return Evidence("what is usual is not known", 0.0)
        alone = Around((word,), self._table.direction((word,)))
        near, *senses = [max(0.0, alone.along(direction, LENGTH)) for direction in self._directions]
        as_brand = (1 - self._as_word) * near / (near + max(senses, default=0.0) + NEITHER)
        return Evidence("what the word usually means", USUAL * (as_brand - EVEN))

    def _usual_apart(self) -> Evidence:
        """How often the name is said, and written so by a slip, beside how often its two words meet by chance."""
        slips = self._ordinary.usual(self.term) - SLIP
        odds = log(10) * (slips - self._ordinary.usual(" ".join(self._apart)))
        return Evidence(f"{' '.join(self._apart)}: two words", max(LEAST_APART, min(MOST_APART, odds)))

    def _usual_singular(self) -> Evidence:
        """American airlines are many, of Lufthansa there is one."""
        if self._own_word is not None:
            return Evidence(f"no ordinary word: {self._own_word}", MOST_APART)
        return Evidence("one of what the name says it is several of", ONE_OF_SEVERAL)

    @cached_property
    def _own_word(self) -> str | None:
        """A word of a name of several that is nobody else's."""
        parts = words_of(self.term)
        return next((word for word in parts if ordinary(word, self.brand.languages, self._words) is None), None)

    @cached_property
    def _as_word(self) -> float:
        """The share of its uses in which it is the word of the dictionary.

        By how often its senses were counted, beside how often so frequent a word should have been: a word that is far
        more frequent by now has become so as a name. Words such as "it" were not counted.
        """
        word = word_of(self.term)
        if word in FUNCTION_WORDS:
            return 1.0
        expected = TAGGED_WORDS * 10 ** (self._words.frequency(word, ENGLISH) - 9)
        return min(1.0, (counted(word, self._words) + 0.5) / (expected + 0.5))

    @cached_property
    def countable(self) -> bool:
        """Whether the word is a thing that can be counted: its plural is usual too. A Monday or love is none."""
        word = word_of(self.term)
        usual = self._words.frequency(word, ENGLISH) if word else 0.0
        return usual > 0 and self._words.frequency(f"{word}s", ENGLISH) > usual - COUNTABLE

    @cached_property
    def _table(self) -> English | None:
        return self._words.english() if self._words.english is not None else None

    @cached_property
    def _directions(self) -> list[tuple[int, ...]]:
        """Where the brand lies, then each other sense of its name that is not its own business."""
        if self._table is None:
            return [()]
        said = [word for word in words_of(" ".join(_said_of_itself(self.brand))) if word not in self._name]
        itself = unit(self._table.direction(said).sums)
        talked = unit(self._table.direction(TALKED).sums)
        own = unit(one + TALK * other for one, other in zip(itself, talked, strict=True))
        known = senses_of(word_of(self.term), self._words).senses
        if self._apart:
            known = (Sense(self._apart, single=False),)
        senses = (self._direction_of(sense) for sense in known)
        others = [sense for sense in senses if sum(map(mul, sense, itself)) < SAME * LENGTH * LENGTH]
        return [own, *others[:MOST_SENSES]]

    def _direction_of(self, sense: Sense) -> tuple[int, ...]:
        return unit(self._table.direction(sense.words).sums) if self._table is not None else ()

    def _asked_for(self, around: Around) -> Iterator[Evidence]:
        """A word that the settings ask for, one that they shut out: counted once each."""
        near = f" {' '.join(around.words)} "
        for words, told, weight in (
            (self.brand.require, "required", REQUIRED),
            (self.brand.exclude, "excluded", EXCLUDED),
        ):
            found = next((word for word in words if f" {' '.join(words_of(word))} " in near), None)
            if found is not None:
                yield Evidence(f"{told}: {found}", weight)


def score_of(evidence: Sequence[Evidence]) -> float:
    """The score that evidence makes, with four decimals."""
    total = sum(one.weight for one in evidence)
    return round(1 / (1 + exp(-min(LIMIT, max(-LIMIT, total)))), 4)


def _said(text: str) -> str:
    """A text without links, handles and the signs of HTML."""
    if "@" in text or "&" in text or "://" in text or "www." in text:
        return NO_WORDS.sub(" ", text)
    return text


def _said_of_itself(brand: Brand) -> tuple[str, ...]:
    """What the settings tell of a brand in words."""
    return (brand.about, *brand.products, *brand.aliases, *(tag.lstrip("#") for tag in brand.hashtags))


def _learned(learned: Learned, around: Around, table: English | None) -> Iterator[Evidence]:
    """What was learned: of what the words mean only by the table of meanings that it was learned with."""
    yield Evidence("learned of the name", learned.bias)
    if learned.direction and table is not None and learned.table == table.version:
        yield Evidence("learned of what such words mean", around.along(learned.direction, 1000))
    for word in dict.fromkeys(around.words):
        if word in learned.words:
            yield Evidence(f"learned: {word}", learned.words[word])
