"""What English words mean: a vector and a weight for each of the 40,000 most frequent, and the senses of the ordinary.

The table comes with the package (`listener/brands/english`, made by `deploy/words/make.py`). All arithmetic on vectors
is in whole numbers, so that every machine gets the same.
"""

import gzip
import re
from collections.abc import Iterable, Mapping
from importlib.resources import files
from operator import mul
from struct import Struct
from typing import NamedTuple

WEIGHTS = 15  # of a word that tells the most
LENGTH = 256  # of each word's vector
SINGLE = "~"  # before a sense that is one single thing: a river, a planet, a person
DIMENSIONS = 64
ROW = DIMENSIONS + 1
LANES = Struct(f"<{DIMENSIONS}I")
WORD = re.compile(r"[^\W\d_]+")
_SIGN = bytes(byte ^ 0x80 for byte in range(256))  # makes a signed byte an unsigned one that is 128 more


class Direction(NamedTuple):
    """What words have in common: the sum of their vectors, each times its weight, and of the squares of the weights."""

    sums: tuple[int, ...]
    squares: int


class Sense(NamedTuple):
    """One of the things that a word means, as the words that say it; `single`: it is one single thing."""

    words: tuple[str, ...]
    single: bool


class Senses(NamedTuple):
    """What an ordinary word means, and how often it was `counted` in the texts that WordNet's makers tagged."""

    counted: int
    senses: tuple[Sense, ...]


NO_SENSES = Senses(0, ())


class English:
    """The table: `words` in its order, `rows` of a weight and a vector each, `senses` by word as the file has them."""

    def __init__(self, version: str, words: Iterable[str], rows: bytes, senses: Mapping[str, str]) -> None:
        self.version = version
        self._places = {word: place for place, word in enumerate(words)}
        self._rows = rows
        self._senses = senses
        self._lanes: dict[str, int] = {}

    def weight(self, word: str) -> int:
        """How much a word tells, from 0 to WEIGHTS; 0 of what is not in the table."""
        place = self._places.get(word)
        return self._rows[place * ROW] if place is not None else 0

    def direction(self, words: Iterable[str]) -> Direction:
        """Where words point together.

        A vector is one large whole number of 64 lanes, so that vectors are added as fast as numbers are.
        """
        total = weights = squares = 0
        for word in words:
            if weight := self.weight(word):
                total += weight * (self._lanes.get(word) or self._lanes_of(word))
                weights += weight
                squares += weight * weight
        less = 128 * weights
        lanes = LANES.unpack(total.to_bytes(LANES.size, "little"))
        return Direction(tuple([lane - less for lane in lanes]), squares)

    def senses(self, word: str) -> Senses:
        """What an ordinary word means, trademarks apart; nothing of what is no ordinary word."""
        count, *told = self._senses.get(word, "0").split("\t")
        return Senses(int(count), tuple(Sense(tuple(one.lstrip(SINGLE).split()), one[0] == SINGLE) for one in told))

    def _lanes_of(self, word: str) -> int:
        place = self._places[word] * ROW + 1
        row = self._rows[place : place + DIMENSIONS].translate(_SIGN)
        found = self._lanes[word] = int.from_bytes(LANES.pack(*row), "little")
        return found


def unit(sums: Iterable[float]) -> tuple[int, ...]:
    """The same direction, LENGTH long, in whole numbers; all zeros stay."""
    values = tuple(sums)
    length = sum(map(mul, values, values)) ** 0.5
    return tuple(round(value * LENGTH / length) for value in values) if length else (0,) * DIMENSIONS


def words_of(text: str) -> list[str]:
    """The words of a text in small letters; digits and signs divide them."""
    return WORD.findall(text.lower())


def read_english() -> English:
    """The table that comes with the package; takes some 60 ms and 25 MB."""
    folder = files("listener.brands.english")
    version, *words = folder.joinpath("words.txt").read_text(encoding="utf-8").split()
    lines = gzip.decompress(folder.joinpath("senses.txt.gz").read_bytes()).decode().splitlines()
    senses = dict(line.partition("\t")[::2] for line in lines)
    return English(version, words, folder.joinpath("vectors.bin").read_bytes(), senses)
