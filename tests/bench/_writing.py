"""Fit the weights of listener/brands/writing.py, as `python -m tests.bench._writing ../shared/data`.

Words that are a name of their own in some tweets and not in others, each side of a word with the same weight in all.
Only the training and development parts of WNUT16; without the names that tests.bench.names reports on, and without all
texts that have one.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from agents.matching import standard_words
from listener.brands.context import Context
from listener.brands.writing import place_of, written
from schemas.settings import Brand
from tests.bench._report import table
from tests.bench._wnut import Sentence, read_sentences, spans_of, watched_names

PARTS = ("wnut16_train", "wnut16_dev")
ROUNDS, STEP, PRIOR = 4_000, 0.004, 0.5
Example = tuple[bool, list[str]]


def examples(data: Path) -> dict[str, list[Example]]:
    """By word: whether it is a name, and what its way of writing says."""
    reported = [f" {name} " for name in sorted(watched_names(data))]
    found: dict[str, list[Example]] = defaultdict(list)
    for part in PARTS:
        for sentence in read_sentences(data, part):
            plain = " " + " ".join(token.lower().lstrip("#@") for token, _ in sentence) + " "
            if not any(name in plain for name in reported):
                for word, example in _places(data, sentence):
                    found[word].append(example)
    return {word: told for word, told in found.items() if len({is_name for is_name, _ in told}) == 2}


def _places(data: Path, sentence: Sentence) -> Iterator[tuple[str, Example]]:
    names = {start for start, end, _ in spans_of(data, sentence) if end == start + 1}
    text = " ".join(token for token, _ in sentence)
    at = 0
    for number, (token, _) in enumerate(sentence):
        if token.isalpha():
            told = written(
                place_of(text, at, at + len(token)), frozenset(), english=True, countable=_countable(token.lower())
            )
            yield token.lower(), (number in names, [one.what.partition(":")[0] for one in told])
        at += len(token) + 1


def _countable(word: str) -> bool:
    return Context(Brand(id="b", name=word), word, standard_words()).countable


def main(argv: Sequence[str]) -> None:
    """Print the weights."""
    by_word = examples(Path(argv[0]))
    kinds = sorted({what for told in by_word.values() for _, whats in told for what in whats})
    rows, labels, weights = [], [], []
    for told in by_word.values():
        names = sum(is_name for is_name, _ in told)
        for is_name, whats in told:
            rows.append([1.0, *(float(kind in whats) for kind in kinds)])
            labels.append(float(is_name))
            weights.append(1 / (names if is_name else len(told) - names))
    fitted = fit(np.array(rows), np.array(labels), np.array(weights))
    counts = np.array(rows).sum(axis=0)
    heads = ["evidence", "weight", "places"]
    table([[kind, float(w), int(n)] for kind, w, n in zip(["(none)", *kinds], fitted, counts, strict=True)], heads)
    print(f"{len(by_word):,} words, {len(rows):,} places")


def fit(
    rows: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    labels: np.ndarray[tuple[int], np.dtype[np.float64]],
    weights: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> list[float]:
    """Weights of a logistic regression with a small pull to 0."""
    found = np.zeros(rows.shape[1])
    for _ in range(ROUNDS):
        off = weights * (1 / (1 + np.exp(-(rows @ found))) - labels)
        found -= STEP * (rows.T @ off + PRIOR * found)
    return [float(one) for one in found]


if __name__ == "__main__":
    main(sys.argv[1:])
