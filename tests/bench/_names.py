"""Brands in any number for tests.bench.kafka, named as brands are: by ordinary words, and by two of them.

The words are those of the texts, so that every name shares its letters with what is read.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from random import Random

from listener.brands.matcher import Matcher
from schemas.mention import Mention
from schemas.settings import Brand, Settings

SEED = 20260727
WORD = re.compile(r"[a-z]{3,14}")
NO_WORDS = re.compile(r"https?\S*|[@#$]\w+")
CANDIDATES = 40_000
Counts = dict[str, int]  # by name: how many mentions name it


def words(texts: Iterable[str]) -> list[str]:
    """The words that the most texts have, the most frequent first."""
    found: Counter[str] = Counter()
    for text in texts:
        found.update(set(WORD.findall(NO_WORDS.sub(" ", text.lower()))))
    return [word for word, _ in sorted(found.items(), key=lambda item: (-item[1], item[0]))[:CANDIDATES]]


def counted(names: Sequence[str], mentions: Sequence[Mention]) -> Counts:
    """How many of the mentions name each, as the matcher has it: none for most names of two words."""
    matcher = Matcher(settings_of(names))
    found: Counter[int] = Counter()
    for mention in mentions:
        found.update(matcher.find(mention).matches.keys())
    return {name: found[number] for number, name in enumerate(names)}


def spoken_of(counts: Counts, number: int, total: int) -> list[str]:
    """So many names, neighbours in frequency, of which the mentions name about `total` together.

    Where there are not enough names, all from the place on that gives the most.
    """
    ranked = sorted((name for name, count in counts.items() if count), key=lambda name: (-counts[name], name))
    places = range(max(1, len(ranked) - number + 1))
    sums = _sums([counts[name] for name in ranked], number)
    best = min(places, key=lambda place: (abs(sums[place] - total), place))
    return ranked[best : best + number]


def _sums(values: list[int], width: int) -> list[int]:
    """Of each `width` neighbours."""
    sums = [sum(values[:width])]
    for place in range(len(values) - width):
        sums.append(sums[-1] + values[place + width] - values[place])
    return sums


def silent(vocabulary: Sequence[str], number: int, mentions: Sequence[Mention]) -> list[str]:
    """So many names of two words that no mention has."""
    pairs = _pairs(vocabulary)
    names: list[str] = []
    while len(names) < number:
        more = [next(pairs) for _ in range(number - len(names))]
        names += [name for name, count in counted(more, mentions).items() if not count]
    return names


def _pairs(vocabulary: Sequence[str]) -> Iterator[str]:
    draw = Random(SEED)
    drawn: set[str] = set()
    while True:
        name = " ".join(draw.sample(vocabulary, 2))
        if name not in drawn:
            drawn.add(name)
            yield name


def settings_of(names: Iterable[str]) -> Settings:
    """A brand for each name."""
    brands = tuple(Brand(id=f"b{number}", name=name.title()) for number, name in enumerate(names))
    return Settings(version=f"{len(brands)} names", brands=brands)
