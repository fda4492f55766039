"""BrandMention: a mention, the brand it is about, and why we think so."""

from typing import Literal

from schemas.mention import Mention
from schemas.record import Figure, Part, Record
from schemas.times import Time

Why = Literal["alias", "handle", "hashtag", "cashtag", "product", "author", "thread", "query"]
Field = Literal["text", "title", "mentions", "hashtags", "author", "thread"]
Certainty = Literal["certain", "probable", "doubtful"]
Category = Literal[
    "safety", "legal", "privacy", "discrimination", "death and injury", "fraud", "outage", "strike", "boycott"
]
Lowered = Literal["negated", "hypothetical"]
Kind = Literal["complaint", "question", "praise", "recommendation", "promotion", "wish"]


class Match(Part, frozen=True):
    """One place that names the brand: characters `start` to `end` of `field`, found as the brand's `term`.

    In `mentions`, `hashtags` and `author` the span is that of the entry itself. A reply that names nobody is about whom
    its thread is about: then `why` is "thread" and `term` the id of the post that it answers, of the span 0 to 0.
    `form` says how the place departs from the term ("misspelled", "inflected ro"); "" where it does not. `score` in
    [0, 1] is how sure it is that the brand is meant, and no other thing of that name.
    """

    why: Why
    term: str
    field: Field
    start: int
    end: int
    form: str = ""
    score: float = 1.0


class Severe(Part, frozen=True):
    """A word that matters whatever the mood: characters `start` to `end` of `field` say the lexicon's `term`.

    `weight` in [0, 1] is how much it matters, after it was `lowered` because it is denied or only imagined, as the word
    `cue` beside it says.
    """

    category: Category
    term: str
    field: Literal["text", "title"]
    start: int
    end: int
    weight: float
    lowered: Lowered | None = None
    cue: str = ""


class Talk(Part, frozen=True):
    """What kind of talk it is, with a `weight` in [0, 1], and the rules that said so."""

    kind: Kind
    weight: float
    because: tuple[str, ...]


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
    `certainty`: how sure it is that the brand is meant at all, where its name is an ordinary word.
    `muted`: the brand's people want no alert from its author, or from what it says: it counts in trends alone.
    `language_confidence` in [0, 1] is None where the platform or the thread said the language, or nobody knows it.
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
    certainty: Certainty = "certain"
    severity: tuple[Severe, ...] = ()
    talk: tuple[Talk, ...] = ()
    language_confidence: float | None = None
    muted: bool = False
