"""BrandMention: a mention, the brand it is about, and why we think so."""

from typing import Literal

from schemas.mention import Mention
from schemas.record import Figure, Record

Why = Literal["alias", "handle", "hashtag", "cashtag", "product", "author"]
Field = Literal["text", "title", "mentions", "hashtags", "author"]


class Match(Figure, frozen=True):
    """One place that names the brand: characters `start` to `end` of `field`, found as the brand's `term`.

    In `mentions`, `hashtags` and `author` the span is that of the entry itself.
    """

    why: Why
    term: str
    field: Field
    start: int
    end: int


class Sentiment(Figure, frozen=True):
    """How it feels: `compound` in [-1, 1], four decimals, or None where it was not scored, and then why."""

    scorer: str
    compound: float | None
    not_scored: str | None = None


class BrandMention(Record, frozen=True, tag="brand_mention/1"):
    """One mention that is about one brand.

    `tagged`: an owned account of the brand is addressed. `owned`: the brand wrote it itself.
    `language` is None where nobody knows it. `settings` is the version of the settings that matched it.
    """

    brand: str
    mention: Mention
    matches: tuple[Match, ...]
    tagged: bool
    owned: bool
    language: str | None
    sentiment: Sentiment
    settings: str
