"""Sixty decisions on real posts with their reasons, for a person to judge.

    python -m tests.bench._decisions ../shared/data > docs/examples/decisions.md

The posts are those of airline2015 and stocknet_88. No word of theirs is copied but single ordinary words near the name
(words with a meaning in the table of meanings: no names); who wants to read them looks the ids up in the data. The same
data give the same page: of each kind of decision the posts with the lowest hash of their id.
"""

import csv
import gzip
import json
import sys
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from pathlib import Path

from agents.matching import standard_matcher, standard_words
from agents.reader import standard_reader
from agents.settings_file import read_configuration
from listener.brands.matcher import Matcher
from listener.enrich import enrich
from listener.threads import Threads
from schemas.brand_mention import BrandMention, Match
from schemas.mention import Mention
from schemas.times import from_ms
from tests.bench._report import ROOT

SETTINGS = ROOT / "tests" / "data" / "names" / "decisions.toml"
KINDS = {
    "certain, since an account, a cashtag or an unmistakable name of the brand is in it": 12,
    "certain by its score (0.90 or more)": 16,
    "probable (the brand's threshold of 0.50 or more)": 16,
    "doubtful (less)": 16,
}
MOST_OF_A_BRAND = 4  # of each kind
NEAR_WORDS, TELLING = 5, 8
HEAD = """# Sixty decisions, for a person to judge

Made by `python -m tests.bench._decisions ../shared/data`; do not edit. Each is a place where a public post (of the sets
airline2015 and stocknet_88, by its id there) says a name that is also an ordinary word, and what listener made of it
with the settings of `tests/data/names/decisions.toml`. The posts are described, not quoted: single words that stand
near the name are given where they are ordinary words. Reasons are logits: above 0 for the brand, below 0 against it;
their sum makes the score. One thing was learned from a first such page: that investors' words ("stock", "shares") say
nothing of a brand, since they speak of targets and totals. Whether each decision is right is for you to say.
"""


def posts(data: Path) -> Iterator[Mention]:
    """The posts of both sets, each once."""
    with gzip.open(data / "airline2015" / "Tweets.csv.gz", "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield Mention(id=f"x:{row['tweet_id']}", text=row["text"], created_at=from_ms(0), platform="x")
    seen: set[str] = set()
    with gzip.open(data / "stocknet_88" / "stocknet_88.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row["id"] not in seen and not row["rt"]:
                seen.add(row["id"])
                yield Mention(id=f"x:{row['id']}", text=row["text"], created_at=from_ms(0), platform="x", lang="en")


def sampled(data: Path, matcher: Matcher) -> dict[str, list[BrandMention]]:
    """Of each kind so many, of many brands."""
    reader = standard_reader()
    found: dict[str, list[tuple[bytes, BrandMention]]] = {kind: [] for kind in KINDS}
    for mention in posts(data):
        for told in enrich(mention, matcher, Threads(), reader) or ():
            if isinstance(told, BrandMention) and any(_is_judged(match, told, matcher) for match in told.matches):
                order = blake2b(f"{mention.id} {told.brand}".encode(), digest_size=8).digest()
                found[kind_of(told, matcher)].append((order, told))
    return {kind: _first(sorted(told, key=lambda one: one[0]), KINDS[kind]) for kind, told in found.items()}


def kind_of(told: BrandMention, matcher: Matcher) -> str:
    """Which kind of decision it is."""
    settled, certain, probable, doubtful = KINDS
    if told.certainty != "certain":
        return probable if told.certainty == "probable" else doubtful
    return certain if matcher.certainties.is_doubtful(matcher.places[told.brand], told.matches) else settled


def _first(told: Sequence[tuple[bytes, BrandMention]], number: int) -> list[BrandMention]:
    kept: list[BrandMention] = []
    for _, one in told:
        if len(kept) < number and sum(other.brand == one.brand for other in kept) < MOST_OF_A_BRAND:
            kept.append(one)
    return kept


def _is_judged(match: Match, told: BrandMention, matcher: Matcher) -> bool:
    number = matcher.places[told.brand]
    return match.why == "alias" and match.term in matcher.certainties.names(number)


def described(told: BrandMention, matcher: Matcher) -> Iterator[str]:
    """A decision in our own words."""
    place = next(match for match in told.matches if _is_judged(match, told, matcher))
    place = max((match for match in told.matches if match.term == place.term), key=lambda match: match.score)
    number, text = matcher.places[told.brand], told.mention.text
    brand = matcher.settings.brands[number]
    third = ("at its beginning", "in its middle", "at its end")[min(2, 3 * place.start // max(1, len(text)))]
    written = text[place.start : place.end]
    letters = "in capitals" if written.isupper() else "with a capital" if written[0].isupper() else "in small letters"
    yield f"**{told.mention.id}, {brand.name}: {told.certainty}" + (f", {place.score:.2f}" if place.score < 1 else "")
    yield f"** A post of {len(text.split())} words says the name {letters}, {third}. "
    yield _near(place, number, told, matcher)
    others = sorted({f"{match.why} {match.term}" for match in told.matches if match.term != place.term})
    if others:
        yield f" It also has the brand's {', '.join(others)}."
    if place.score < 1:
        judged = matcher.certainties.evidence(number, told.mention, place, told.matches, told.language, known=False)
        reasons = sorted(judged, key=lambda one: -abs(one.weight))
        yield f" Reasons: {'; '.join(f'{_safe(one.what)} {one.weight:+.1f}' for one in reasons)}."


def _near(place: Match, number: int, told: BrandMention, matcher: Matcher) -> str:
    """The ordinary words near the name that tell most."""
    english = standard_words().english
    context = matcher.certainties.context(number, place)
    if english is None or context is None:
        return ""
    table = english()
    around = context.around(told.mention.text, place.start, place.end).words
    telling = [word for word in dict.fromkeys(around) if is_ordinary(word) and table.weight(word) >= TELLING]
    return f"Near it: {', '.join(telling[:NEAR_WORDS])}." if telling else "No word near it tells much."


def is_ordinary(word: str) -> bool:
    """Whether it is a word of everyday English."""
    english = standard_words().english
    counted, senses = english().senses(word) if english is not None else (0, ())
    return len(word) > 2 and counted > 0 and any(not sense.single for sense in senses)


def _safe(what: str) -> str:
    """A reason without what others wrote: a longer name may be a person's."""
    return what.partition(":")[0] if what.startswith("part of a longer name") else what


def main(argv: Sequence[str]) -> None:
    """Print the page."""
    matcher = standard_matcher(read_configuration(SETTINGS).settings())
    print(HEAD)
    number = 0
    for kind, decisions in sampled(Path(argv[0]), matcher).items():
        print(f"## {kind[0].upper()}{kind[1:]}\n")
        for told in decisions:
            number += 1
            print(f"{number}. {''.join(described(told, matcher))}")
        print()


if __name__ == "__main__":
    main(sys.argv[1:])
