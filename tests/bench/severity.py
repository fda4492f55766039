"""What the lexicons of severity find in real posts, and what it costs; with --sample, what people have to read.

Texts are halved by a hash: terms are chosen by reading the first half alone (`--half development`); what is reported is
read of the other. The judgement is a person's: docs/severity.md has the last one. Recall is of the invented posts of
tests/data/severity, by whoever wrote the lexicons: what is missed there is known, so it only shows what was lost since.
The `third` part of unseen.toml alone was tried when all was written.
"""

import random
import re
import tomllib
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from time import process_time
from typing import Any, NamedTuple

from listener.severity.finder import load_finder
from listener.severity.lexicon import CATEGORIES
from schemas.brand_mention import Severe
from tests.bench._report import ROOT, arguments, data_folder, finish, head, table
from tests.bench._texts import all_texts

HALVES = ("development", "reported")
SETS = ("airline2015", "stocknet_88", "twcs_subset", "tweeteval_sentiment", "vader_icwsm2014")
POSTS = ROOT / "tests" / "data" / "severity" / "posts.toml"
UNSEEN = ROOT / "tests" / "data" / "severity" / "unseen.toml"  # its last part was tried once
NAME = re.compile(r"acme(?!\w)", re.IGNORECASE)
TIMED = 20_000  # texts
ALIKE = 8  # words: posts that begin with as many that are the same are told once


class Fired(NamedTuple):
    """A term in a text of a set."""

    of: str
    text: str
    severe: Severe


def half_of(text: str) -> str:
    """The half that a text is in."""
    return HALVES[zlib.crc32(text.encode()) % 2]


def fired(texts: dict[str, list[str]]) -> Iterator[Fired]:
    """What fires, once for texts that begin alike. Nearly all are English, so the detector is left out."""
    seen: set[tuple[str, str]] = set()
    for name, lines in texts.items():
        for text in lines:
            for severe in load_finder().find("text", text, "en"):
                key = severe.category, " ".join(text.lower().split()[:ALIKE])
                if key not in seen:
                    seen.add(key)
                    yield Fired(name, text, severe)


def microseconds(texts: Sequence[str]) -> float:
    """What a text costs in English, of the processor."""
    find = load_finder().find
    started = process_time()
    for text in texts:
        find("text", text, "en")
    return (process_time() - started) / len(texts) * 1e6


def recall() -> dict[str, float]:
    """The share of invented posts of a crisis found in their category, and of calm ones taken for one."""
    posts: dict[str, Any] = tomllib.loads(POSTS.read_text(encoding="utf-8"))
    right: list[bool] = []
    for part in ("posts", "later"):
        for group in posts[part]:
            right += [category in _categories(text, group["language"]) for category, text in group["texts"]]
    later: dict[str, Any] = tomllib.loads(UNSEEN.read_text(encoding="utf-8"))
    found = {
        f"found_of_{part}": sum(category in _categories(text, "en") for category, text in texts) / len(texts)
        for part, texts in later.items()
    }
    calm = [bool(_categories(text, group["language"])) for group in posts["calm"] for text in group["texts"]]
    return found | {
        "found_of_invented_crises": sum(right) / len(right),
        "taken_of_invented_calm": sum(calm) / len(calm),
    }


def _categories(text: str, language: str) -> set[str]:
    names = [found.span() for found in NAME.finditer(text)]
    return {one.category for one in load_finder().find("text", text, language, names)}


def show_sample(found: list[Fired], size: int, seed: int) -> None:
    """Some of each category, the term in brackets."""
    draw = random.Random(seed)
    for category in CATEGORIES:
        of_it = [one for one in found if one.severe.category == category]
        print(f"\n{category}")
        for of, text, severe in draw.sample(of_it, min(size, len(of_it))):
            shown = f"{text[max(0, severe.start - 110) : severe.start]}[{text[severe.start : severe.end]}]"
            lowered = f" {severe.lowered} by {severe.cue!r}" if severe.lowered else ""
            print(f"  {of[:7]:7} {severe.weight:.2f}{lowered}: {' '.join((shown + text[severe.end :][:70]).split())}")


def main(argv: Sequence[str] | None = None) -> None:
    """Count, time, and show what is to be read."""
    parser = arguments(__doc__)
    parser.add_argument("--sample", type=int, default=0, help="how many of each category to show")
    parser.add_argument(
        "--half", choices=HALVES, default=HALVES[0], help="of which half to show (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(argv)
    every = all_texts(data_folder(asked.data.absolute()))
    head("Words that matter whatever the mood")
    texts = {name: every[name] for name in SETS if name in every}
    found = list(fired(texts))
    counts = Counter((one.severe.category, one.of) for one in found)
    lowered = Counter(one.severe.category for one in found if one.severe.lowered)
    rows = [[category, *(counts[category, name] for name in texts), lowered[category]] for category in CATEGORIES]
    table([*rows, ["texts", *map(len, texts.values()), ""]], ["terms found", *texts, "lowered"])
    figures = {
        "us_a_text": min(microseconds(texts["stocknet_88"][:TIMED]) for _ in range(3)),
        "fired_share": len({one.text for one in found}) / sum(map(len, texts.values())),
    } | recall()
    table([[name, f"{value:.3f}"] for name, value in figures.items()], ["figure", "measured"])
    if asked.sample:
        show_sample([one for one in found if half_of(one.text) == asked.half], asked.sample, asked.seed)
    finish("severity", figures)


if __name__ == "__main__":
    main()
