"""Posts about a brand, for what is kept of their words, authors and spread: steady, and in all else as uneven as posts.

Words, authors and followers follow power laws, so that a few are frequent and most are rare. A quarter is negative,
three in a thousand have a grave word, a fifth answers or passes on one of the last hundred.
"""

from collections.abc import Iterator

import numpy as np

from schemas.brand_mention import BrandMention, Match, Sentiment, Severe
from schemas.mention import Author, Kind, Mention
from schemas.times import DAY, HOUR, SECOND, from_ms

WORDS, AUTHORS, LATELY = 4_000, 20_000, 100
PLATFORMS = ("x", "x", "x", "x", "reddit", "bluesky")
NEGATIVE, SEVERE, PASSED_ON = 0.25, 0.003, 0.2
A_TEXT = 14


def posts(seed: int, start: int, hours: int, rate: float) -> Iterator[BrandMention]:
    """`rate` posts an hour for so many hours from `start` ms, in the order in which they are read."""
    draw = np.random.default_rng([seed, 5])
    ids: list[str] = []
    for at in np.sort(draw.integers(0, hours * HOUR, round(hours * rate))).tolist():
        platform = PLATFORMS[draw.integers(len(PLATFORMS))]
        id_ = f"{platform}:{176_000_000_000_000_000 + at * 1_000 + len(ids):019}"
        target = ids[-1 - int(draw.integers(min(LATELY, len(ids))))] if ids and draw.random() < PASSED_ON else None
        ids.append(id_)
        yield _about(_post(draw, id_, start + at, platform, target), draw)


def _post(draw: np.random.Generator, id_: str, read: int, platform: str, target: str | None) -> Mention:
    text = "acme " + " ".join(f"word{_letters(_rank(draw, WORDS))}" for _ in range(A_TEXT))
    kind: Kind = "post" if target is None else "repost" if draw.random() < 0.5 else "reply"
    return Mention(
        id=id_,
        platform=platform,
        kind=kind,
        text=text,
        created_at=from_ms(read - int(draw.exponential(20 * SECOND))),
        ingested_at=from_ms(read),
        author=Author(
            handle=f"person{_rank(draw, AUTHORS)}",
            followers=int(draw.pareto(1.1) * 100),
            created_at=from_ms(read - int(draw.exponential(600 * DAY))),
        ),
        reposted_id=target if kind == "repost" else None,
        parent_id=target if kind == "reply" else None,
    )


def _about(mention: Mention, draw: np.random.Generator) -> BrandMention:
    compound = round(float(draw.uniform(-0.9, -0.1) if draw.random() < NEGATIVE else draw.uniform(0, 0.9)), 4)
    grave = Severe(category="safety", term="recall", field="text", start=0, end=4, weight=0.7)
    return BrandMention(
        brand="acme",
        mention=mention,
        matches=(Match(why="alias", term="Acme", field="text", start=0, end=4),),
        tagged=False,
        owned=False,
        language="en",
        sentiment=Sentiment(scorer="test", compound=compound),
        severity=(grave,) if draw.random() < SEVERE else (),
        settings="1",
    )


def _rank(draw: np.random.Generator, most: int) -> int:
    return int(draw.zipf(1.3)) % most


def _letters(number: int) -> str:
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))
