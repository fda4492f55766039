"""The texts of all sets of real posts."""

import csv
import gzip
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import orjson


def stocknet(data: Path) -> list[dict[str, Any]]:
    """The rows of stocknet_88 with distinct texts, in the order of the file."""
    rows: dict[str, dict[str, Any]] = {}
    with gzip.open(data / "stocknet_88" / "stocknet_88.jsonl.gz") as file:
        for line in file:
            row = orjson.loads(line)
            rows.setdefault(row["text"], row)
    return list(rows.values())


def all_texts(data: Path) -> dict[str, list[str]]:
    """The distinct texts of each set that is there, without those of the sets before it."""
    seen: set[str] = set()
    texts: dict[str, list[str]] = {}
    for name, read in SETS.items():
        if (data / name).is_dir():
            texts[name] = [text for text in dict.fromkeys(read(data / name)) if text not in seen]
            seen.update(texts[name])
    return texts


def _unpacked(path: Path) -> str:
    raw = gzip.decompress(path.read_bytes())
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252")


def _lines(path: Path) -> list[str]:
    return [line.removesuffix("\r") for line in _unpacked(path).split("\n")]


def _table(path: Path) -> Iterator[str]:
    for row in csv.DictReader(StringIO(_unpacked(path), newline="")):
        yield row["text"] or ""


def _airline(folder: Path) -> Iterator[str]:
    yield from _table(folder / "Tweets.csv.gz")


def _stocknet(folder: Path) -> Iterator[str]:
    for row in stocknet(folder.parent):
        yield row["text"] or ""


def _spotify(folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob("*.csv.gz")):
        yield from _table(path)


def _tweeteval(folder: Path) -> Iterator[str]:
    yield from _lines(folder / "val_text.txt.gz")


def _vader(folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob("*_GroundTruth.txt.gz")):
        for line in _lines(path):
            if line:
                yield line.split("\t", 2)[2]


def _wikipedia(folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob("*.data.txt.gz")):
        for line in _lines(path):
            yield line.partition("\t")[2]


def _names(folder: Path) -> Iterator[str]:
    """Tokens, one a line; an empty line ends a tweet."""
    for path in sorted(folder.glob("*.conll.gz")):
        words: list[str] = []
        for line in [*_lines(path), ""]:
            word = line.partition("\t")[0].strip()
            if word:
                words.append(word)
            elif words:
                yield " ".join(words)
                words = []


SETS: dict[str, Callable[[Path], Iterator[str]]] = {
    "stocknet_88": _stocknet,
    "airline2015": _airline,
    "twcs_subset": _spotify,
    "tweeteval_sentiment": _tweeteval,
    "vader_icwsm2014": _vader,
    "coarsewsd_brands": _wikipedia,
    "ner_brands": _names,
}
