"""Learn from examples which words stand around a brand's name, and which around other things of that name.

A logistic regression on top of what is known without examples: that logit is given, and what is learned is a bias, a
direction in the table of meanings and a weight for each word that enough people said. All are pulled to what was known
before (Gaussian priors with the variances below), so that few examples change little. Solved by gradient descent with
momentum (Nesterov 1983) in a fixed number of steps: the same examples give the same model.
"""

from collections import defaultdict
from collections.abc import Sequence
from math import exp
from operator import mul
from typing import NamedTuple

from listener.brands.context import LIMIT, Around
from listener.brands.meaning import DIMENSIONS, LENGTH
from listener.brands.writing import FUNCTION_WORDS
from schemas.settings import Learned

MOST_LEARNED = 300  # words of a model
SPEAKERS = 3  # who said a word, at least: what fewer said might tell of a person
SPREAD_BIAS, SPREAD_DIRECTION, SPREAD_WORD = 0.5, 8.0, 0.5
LEAST = 0.05  # weight of a word that is kept
STEPS, ROUNDS = 200, 20  # of the descent, and to find how steep it is
PARTS = 5  # of a cross-validation
THOUSANDTHS = 1000
_AXES = tuple(tuple(LENGTH * (place == axis) for place in range(DIMENSIONS)) for axis in range(DIMENSIONS))


class Example(NamedTuple):
    """One place of a name: who said it, the words around it, its logit with nothing learned, and whether it is right.

    `right` is how sure that is, from 0 to 1, and `weight` how much the example counts: 1 where a person says so.
    """

    speaker: str
    around: Around
    logit: float
    right: float
    weight: float = 1.0


class Row(NamedTuple):
    """An example as numbers, each times the spread of its weight: those that all have, and the places of its words."""

    dense: tuple[float, ...]
    words: tuple[int, ...]


def learn(examples: Sequence[Example], table: str, before: Learned | None = None) -> Learned:
    """The model of examples, on top of what was learned before; `table` is the version of the table of meanings."""
    before = before or Learned(bias=0.0)
    known = before.direction if before.direction and before.table == table else (0,) * DIMENSIONS
    words = _words_of(examples, before)
    start = [before.bias, *(part / THOUSANDTHS for part in known), *(before.words.get(word, 0.0) for word in words)]
    found = _solved(examples, words, start)
    weights = sorted(zip(words, found[1 + DIMENSIONS :], strict=True), key=lambda one: (-abs(one[1]), one[0]))
    told = sum(example.weight == 1 for example in examples if example.right > 0.5)
    return Learned(
        bias=round(found[0], 3),
        words={word: round(weight, 3) for word, weight in sorted(weights[:MOST_LEARNED]) if abs(weight) >= LEAST},
        direction=tuple(round(part * THOUSANDTHS) for part in found[1 : 1 + DIMENSIONS]),
        table=table,
        right=before.right + told,
        wrong=before.wrong + sum(example.weight == 1 for example in examples) - told,
    )


def cross_validated(examples: Sequence[Example], table: str, before: Learned | None = None) -> tuple[int, int] | None:
    """How many of the examples that a person told come out right when learned from the others, and of how many.

    None where there are fewer than two of each kind: that says nothing.
    """
    told = [place for place, example in enumerate(examples) if example.weight == 1]
    rights = sum(examples[place].right > 0.5 for place in told)
    if min(rights, len(told) - rights) < 2:
        return None
    good = 0
    for part in range(PARTS):
        left_out = set(told[part::PARTS])
        model = learn([one for place, one in enumerate(examples) if place not in left_out], table, before)
        good += sum((logit_of(examples[place], model) > 0) == (examples[place].right > 0.5) for place in left_out)
    return good, len(told)


def logit_of(example: Example, model: Learned) -> float:
    """What an example comes to with a model."""
    known = model.words.get
    told = sum(known(word, 0.0) for word in dict.fromkeys(example.around.words))
    return example.logit + model.bias + example.around.along(model.direction, THOUSANDTHS) + told


def _words_of(examples: Sequence[Example], before: Learned) -> list[str]:
    """Words that enough people said, those that the most said first; and those that were learned before."""
    speakers: dict[str, set[str]] = defaultdict(set)
    for example in examples:
        for word in example.around.words:
            speakers[word].add(example.speaker)
    telling = {word: by for word, by in speakers.items() if len(word) > 1 and word not in FUNCTION_WORDS}
    enough = sorted((-len(by), word) for word, by in telling.items() if len(by) >= SPEAKERS)
    return list(dict.fromkeys([*before.words, *(word for _, word in enough[: 2 * MOST_LEARNED])]))


def _solved(examples: Sequence[Example], words: Sequence[str], start: Sequence[float]) -> list[float]:
    """The weights of the bias, the direction, the words: each what it was at first plus a multiple of its spread."""
    spreads = [SPREAD_BIAS**0.5, *[SPREAD_DIRECTION**0.5] * DIMENSIONS, *[SPREAD_WORD**0.5] * len(words)]
    places = {word: 1 + DIMENSIONS + place for place, word in enumerate(words)}
    rows = [_row(example.around, places) for example in examples]
    offsets = [
        example.logit + _along(row, [one / spread for one, spread in zip(start, spreads, strict=True)])
        for example, row in zip(examples, rows, strict=True)
    ]
    step = 1 / (1 + _steepest(examples, rows, len(spreads)) / 4)
    rate = (1 - step**0.5) / (1 + step**0.5)
    here = before = [0.0] * len(spreads)
    for _ in range(STEPS):
        ahead = [one + rate * (one - other) for one, other in zip(here, before, strict=True)]
        off = [
            example.weight * (_share(offset + _along(row, ahead)) - example.right)
            for example, row, offset in zip(examples, rows, offsets, strict=True)
        ]
        down = _gathered(rows, off, len(spreads))
        before, here = here, [one - step * (one + more) for one, more in zip(ahead, down, strict=True)]
    return [first + spread * one for first, spread, one in zip(start, spreads, here, strict=True)]


def _row(around: Around, places: dict[str, int]) -> Row:
    point = (SPREAD_DIRECTION**0.5 * around.along(axis, LENGTH) for axis in _AXES) if around.meaning else ()
    told = tuple(places[word] for word in dict.fromkeys(around.words) if word in places)
    return Row((SPREAD_BIAS**0.5, *point), told)


def _along(row: Row, weights: Sequence[float]) -> float:
    told = SPREAD_WORD**0.5 * sum(weights[place] for place in row.words)
    return float(sum(map(mul, row.dense, weights)) + told)


def _gathered(rows: Sequence[Row], factors: Sequence[float], width: int) -> list[float]:
    """The sum of the rows, each times its factor."""
    total = [0.0] * width
    for row, factor in zip(rows, factors, strict=True):
        for place, value in enumerate(row.dense):
            total[place] += factor * value
        for place in row.words:
            total[place] += factor * SPREAD_WORD**0.5
    return total


def _steepest(examples: Sequence[Example], rows: Sequence[Row], width: int) -> float:
    """The greatest eigenvalue of the rows' squares, a little more to be sure: by power iteration."""
    weights, length = [1.0] * width, 0.0
    for _ in range(ROUNDS):
        factors = [example.weight * _along(row, weights) for example, row in zip(examples, rows, strict=True)]
        found = _gathered(rows, factors, width)
        length = max(map(abs, found), default=0.0)
        if not length:
            return 0.0
        weights = [value / length for value in found]
    return 1.2 * length


def _share(logit: float) -> float:
    return 1 / (1 + exp(-min(LIMIT, max(-LIMIT, logit))))
