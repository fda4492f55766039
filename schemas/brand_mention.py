"""BrandMention: a mention, the brand it is about, and why we think so."""

from typing import Literal

from schemas.mention import Mention
from schemas.record import Figure, Record
from schemas.times import Time

Why = Literal["alias", "handle", "hashtag", "cashtag", "product", "author", "thread"]
Field = Literal["text", "title", "mentions", "hashtags", "author", "thread"]


class Match(Figure, frozen=True):
    """One place that names the brand: characters `start` to `end` of `field`, found as the brand's `term`.

    In `mentions`, `hashtags` and `author` the span is that of the entry itself. A reply that names nobody is about whom
    its thread is about: then `why` is "thread" and `term` the id of the post that it answers, of the span 0 to 0.
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
    `language` is None where nobody knows it. `settings` is the version of the settings that matched it. `distance` is
    how many answers lie between it and the post that names the brand: 0 where it does so itself. `first_read` is when
    the first version of an edited post was read: in detection it counts there, else a wave of edits were a burst.
    """

    brand: str
    mention: Mention
    matches: tuple[Match, ...]
    tagged: bool
    owned: bool
    language: str | None
    sentiment: Sentiment
    settings: str
    distance: int = 0
    first_read: Time | None = None
