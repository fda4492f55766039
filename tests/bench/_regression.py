"""A trained model beside the rules: TF-IDF of words and pairs of words with logistic regression, in numpy.

Multinomial logistic regression by minibatch gradient descent on sparse rows; enough to say what labels of the same set
are worth, and no dependency of a hundred megabytes for one line of a table.
"""

import re
from collections import Counter
from collections.abc import Sequence
from hashlib import blake2b
from itertools import pairwise

import numpy as np

WORD = re.compile(r"[\w']+|[!?]+|[^\w\s]")
FOLDS, EPOCHS, RATE, DECAY, LEAST = 5, 12, 2.0, 1e-6, 2

Rows = list[tuple["np.ndarray[tuple[int], np.dtype[np.int64]]", "np.ndarray[tuple[int], np.dtype[np.float64]]"]]


def trained_model(
    texts: Sequence[str], labels: Sequence[int], ids: Sequence[str]
) -> "np.ndarray[tuple[int, int], np.dtype[np.int_]]":
    """The confusion of a model that is trained on four folds and read on the fifth, in turn.

    The same text or id never lies on both sides.
    """
    fold = _folds(texts, ids)
    confusion = np.zeros((3, 3), dtype=int)
    words = [Counter(_words(text)) for text in texts]
    for held in range(FOLDS):
        train = [place for place in range(len(texts)) if fold[place] != held]
        test = [place for place in range(len(texts)) if fold[place] == held]
        seen = Counter(word for place in train for word in words[place])
        vocabulary = {word: at for at, word in enumerate(word for word, times in seen.items() if times >= LEAST)}
        rarity = np.array([np.log(len(train) / (1 + seen[word])) + 1 for word in vocabulary])
        rows = {place: _row(words[place], vocabulary, rarity) for place in (*train, *test)}
        weights, bias = _train([rows[place] for place in train], [labels[place] for place in train], len(vocabulary))
        for place in test:
            columns, values = rows[place]
            confusion[labels[place], int(np.argmax(values @ weights[columns] + bias))] += 1
    return confusion


def _folds(texts: Sequence[str], ids: Sequence[str]) -> list[int]:
    """A fold for each text: the same for all that share a text or an id, directly or by way of others."""
    group: dict[str, str] = {}

    def root(key: str) -> str:
        while group.setdefault(key, key) != key:
            key = group[key]
        return key

    for text, id_ in zip(texts, ids, strict=True):
        group[root(f"text {text}")] = root(f"id {id_}")
    return [blake2b(root(f"text {text}").encode()).digest()[0] % FOLDS for text in texts]


def _words(text: str) -> list[str]:
    words = WORD.findall(text.lower())
    return words + [f"{one} {other}" for one, other in pairwise(words)]


def _row(
    words: Counter[str], vocabulary: dict[str, int], rarity: "np.ndarray[tuple[int], np.dtype[np.float64]]"
) -> tuple["np.ndarray[tuple[int], np.dtype[np.int64]]", "np.ndarray[tuple[int], np.dtype[np.float64]]"]:
    known = [word for word in words if word in vocabulary]
    columns = np.array([vocabulary[word] for word in known], dtype=np.int64)
    values = (1 + np.log(np.array([words[word] for word in known], dtype=float))) * rarity[columns]
    return columns, values / (np.linalg.norm(values) or 1.0)


def _train(
    rows: Rows, labels: Sequence[int], size: int
) -> tuple["np.ndarray[tuple[int, int], np.dtype[np.float64]]", "np.ndarray[tuple[int], np.dtype[np.float64]]"]:
    weights, bias = np.zeros((size, 3)), np.zeros(3)
    order = np.random.default_rng(1)
    for epoch in range(EPOCHS):
        rate = RATE / (1 + epoch)
        for place in order.permutation(len(rows)):
            columns, values = rows[place]
            logits = values @ weights[columns] + bias
            chances = np.exp(logits - logits.max())
            slope = chances / chances.sum()
            slope[labels[place]] -= 1
            weights[columns] -= rate * (np.outer(values, slope) + DECAY * weights[columns])
            bias -= 0.01 * rate * slope
    return weights, bias
