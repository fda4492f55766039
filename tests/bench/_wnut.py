"""The tweets of WNUT16 and 17 with their labelled names, and CoarseWSD's sentences, as shared/bench/names.py has them.

Read with its own functions, so that what is measured here and there is the same.
"""

import importlib.util
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from types import ModuleType

Sentence = list[tuple[str, str]]  # tokens and their labels


@lru_cache(maxsize=1)
def measure(data: Path) -> ModuleType:
    """The module names.py beside the data."""
    found = importlib.util.spec_from_file_location("names_measure", data.absolute().parent / "bench" / "names.py")
    if found is None or found.loader is None:
        raise SystemExit(f"{data}: there is no bench/names.py beside it")
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def read_sentences(data: Path, part: str) -> list[Sentence]:
    """The tweets of a part."""
    read: list[Sentence] = measure(data).sentences(str(data / "ner_brands" / f"{part}.conll.gz"))
    return read


def spans_of(data: Path, sentence: Sentence) -> Iterator[tuple[int, int, str]]:
    """The labelled names: first token, the one after the last, label."""
    spans: Iterator[tuple[int, int, str]] = measure(data).spans(sentence)
    return spans


def watched_names(data: Path) -> set[str]:
    """The names that are reported on."""
    return {row[0] for row in measure(data).watch_list(str(data))}
