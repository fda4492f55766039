"""Whose name is it? Names that mean other things too, against people's labels: WNUT's tweets and CoarseWSD's sentences.

`decide` is the product's own scoring with what a user would configure: a name and one sentence about the brand. With
labels it learns as `listener teach` does. Nothing was fitted to these names or texts: the constants of the score come
from our own sentences about other brands (tests/data/names), those of the way of writing from other words
(tests.bench._writing). That part of the data is shown first, as what it is: where things were chosen.
"""

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from agents.matching import standard_words
from listener.brands.context import Context, score_of
from listener.brands.learning import Example, learn
from listener.brands.ordinary import ambiguous_names
from schemas.settings import Brand
from tests.bench._report import ROOT, arguments, data_folder, finish, head, table
from tests.bench._wnut import measure

OURS = ROOT / "tests" / "data" / "names"
LABELS = 50
GOALS = {"wnut_ambiguous_f1": 0.85, "apple_f1": 0.90, "java_f1": 0.90, "50_labels": 0.95}
Labelled = tuple[str, int, int, bool]
Row = tuple[str, bool, str, int, int]
Figure = tuple[str, list[Row], tuple[Labelled, ...]]


def decide(text: str, start: int, end: int, brand: dict[str, str], examples: Sequence[Labelled]) -> float:
    """How sure it is that [start, end) means the brand: 1 where its name means nothing else."""
    context = _context(brand["name"], brand["about"], tuple(examples))
    return 1.0 if context is None else score_of(context.evidence(text, start, end))


@lru_cache(maxsize=100)
def _context(name: str, about: str, examples: tuple[Labelled, ...]) -> Context | None:
    words = standard_words()
    brand = Brand(id="b", name=name, about=about)
    if name not in ambiguous_names(brand, words):
        return None
    context = Context(brand, name, words)
    if not examples:
        return context
    told = [
        Example(
            speaker=str(number),
            around=context.around(text, start, end),
            logit=sum(one.weight for one in context.evidence(text, start, end)),
            right=float(right),
        )
        for number, (text, start, end, right) in enumerate(examples)
    ]
    assert words.english is not None
    learned = learn(told, words.english().version)
    return Context(Brand(id="b", name=name, about=about, learned=learned), name, words)


def f1(rows: Sequence[Row], brands: dict[str, dict[str, str]], examples: Sequence[Labelled] = ()) -> dict[str, float]:
    """Precision, recall and F1 of decisions at one half."""
    told = [
        (right, decide(text, start, end, brands.get(name, {"name": name, "about": ""}), examples) >= 0.5)
        for name, right, text, start, end in rows
    ]
    both = sum(right and said for right, said in told)
    precision = both / max(1, sum(said for _, said in told))
    recall = both / max(1, sum(right for right, _ in told))
    return {"precision": precision, "recall": recall, "f1": 2 * precision * recall / max(1e-9, precision + recall)}


def chosen_on() -> tuple[list[Row], dict[str, dict[str, str]]]:
    """Our own sentences, on which the constants were chosen: rows and brands."""
    return _ours("brands.tsv", "sentences.tsv")


def held_out() -> tuple[list[Row], dict[str, dict[str, str]]]:
    """Our own sentences about other brands, written when all was chosen and never chosen by."""
    return _ours("heldout_brands.tsv", "heldout.tsv")


def small_talk() -> tuple[list[Row], dict[str, dict[str, str]]]:
    """Our own sentences in which little is said of a brand that is nearly always meant; some of them chosen by."""
    return _ours("chatty_brands.tsv", "chatty.tsv")


def _ours(brands: str, sentences: str) -> tuple[list[Row], dict[str, dict[str, str]]]:
    about = dict(line.split("\t") for line in (OURS / brands).read_text(encoding="utf-8").splitlines())
    rows: list[Row] = []
    for line in (OURS / sentences).read_text(encoding="utf-8").splitlines():
        name, right, marked = line.split("\t")
        start, end = marked.index("["), marked.index("]") - 1
        rows.append((name, right == "1", re.sub(r"[\[\]]", "", marked), start, end))
    return rows, {name: {"name": name, "about": told} for name, told in about.items()}


def reported(data: Path) -> tuple[dict[str, dict[str, str]], list[Figure]]:
    """The brands, and the figures: name, places, labels."""
    names = measure(data)
    known: dict[str, Any] = json.loads((data.parent / "bench" / "brands.json").read_text())
    brands = {name: {"name": name, "about": told["about"]} for name, told in known.items()}
    watched: list[Row] = names.watch_list(str(data))
    share = {name: [right for other, right, *_ in watched if other == name] for name in {row[0] for row in watched}}
    hard = [row for row in watched if sum(share[row[0]]) / len(share[row[0]]) < 0.9]
    found: list[Figure] = [("wnut_ambiguous_f1", hard, ()), ("wnut_all_f1", watched, ())]
    for name, sense in (("apple", known["apple"]["sense"]), ("java", known["java"]["sense"])):
        rows: list[Row] = names.word_sense(str(data), name, sense)
        labels = tuple((*row[2:], row[1]) for row in names.word_sense(str(data), name, sense, "train")[:LABELS])
        found += [(f"coarsewsd_{name}_f1", rows, ()), (f"coarsewsd_{name}_f1_{LABELS}_labels", rows, labels)]
    return brands, found


def goal(name: str) -> str:
    """What a figure should come to."""
    return next(
        (f">= {value:.2f}" for key, value in GOALS.items() if name.endswith(key) and name != "wnut_all_f1"), "-"
    )


def main(argv: Sequence[str] | None = None) -> None:
    """Measure all, print all."""
    data = data_folder(arguments(__doc__).parse_args(argv).data.absolute())
    head("Whose name is it?")
    lines: list[list[object]] = []
    for what, (rows, brands) in (
        ("where constants were chosen", chosen_on()),
        ("other brands", held_out()),
        ("small talk", small_talk()),
    ):
        lines.append([f"(our sentences: {what})", *f1(rows, brands).values(), len(rows), "-"])
    figures = {}
    brands, parts = reported(data)
    for name, places, labels in parts:
        found = f1(places, brands, labels)
        figures[name] = found["f1"]
        lines.append([name, *found.values(), len(places), goal(name)])
    table(lines, ["figure", "precision", "recall", "F1", "places", "goal"])
    finish("names", figures)


if __name__ == "__main__":
    main()
