"""One post as it is remembered so that an alert can be explained: figures and marks, and no word."""

from struct import pack as packed
from struct import unpack as unpacked
from typing import Final

import msgspec
from msgspec.structs import replace

from listener.asking import needs_answer
from listener.author_marks import author_of
from listener.platform_of import other_than_id, platform_of
from listener.sentiment.scoring import POLAR, UNIT
from listener.trace import HUNDRED
from listener.windows import BASE_WINDOW
from listener.words import BREAK, mark32, words_of
from schemas.brand_mention import BrandMention, Match
from schemas.times import DAY, to_ms

YOUNG = 30 * DAY  # the age of an account
ALL: Final = 1 << 32  # above each rank
ONE_IN: Final = ALL // 16  # of posts that are neither negative nor severe one in 16 is looked at: that costs 9 µs
GRAVE, REPOST, LINK, AGED, NEW, ASKS = 1, 2, 4, 8, 16, 32  # negative or severe; `AGED`: its account's age is known


class Post(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One version of a post, that of its `key`.

    Key and id come first, so that an erasure knows it for a post (`erasing.without`).
    It counts in a detection `window`, by its number since 1970, and was written so many ms `after` that began.
    `other_platform` is None where the id begins with the platform.
    `compound` and `severe` (of its gravest word) are in whole numbers of UNIT and HUNDRED, `reach` is followers.
    `chain` is the mark of the post that it passes on, `place` a mark, 0 where there is none. `named` is how it names
    the brand, None where by the name it has in the settings. `said` are the marks of its words, four bytes each.
    """

    key: tuple[int]
    id: str
    window: int
    after: int
    other_platform: str | None
    author: bytes | None
    marks: int
    compound: int | None
    severe: int
    reach: int | None
    chain: int
    named: str | None
    place: int
    said: bytes

    @property
    def platform(self) -> str:
        """Where it was written."""
        return platform_of(self.id, self.other_platform)

    @property
    def rank(self) -> int:
        """Uniform in [0, ALL), whatever it says: a mark of its id."""
        return mark32(self.id)

    @property
    def version(self) -> int:
        """Which version of the post it is."""
        return self.key[0]

    @property
    def written(self) -> int:
        """When it was written, in ms."""
        return self.window * BASE_WINDOW + self.after

    @property
    def words(self) -> tuple[int, ...]:
        """The marks of its first words that say something, in order."""
        return unpacked(f"<{len(self.said) // 4}I", self.said)

    def counts_in(self, start: int, end: int) -> bool:
        """Whether it counts in a window that [start, end) ms touches."""
        return start < (self.window + 1) * BASE_WINDOW and self.window * BASE_WINDOW < end

    def counted_at(self, at: int) -> "Post":
        """The same, if it counts at `at` ms."""
        window = at // BASE_WINDOW
        return replace(self, window=window, after=self.written - window * BASE_WINDOW)

    @property
    def different(self) -> frozenset[int]:
        """Its different words."""
        return frozenset(self.words) - {BREAK}

    @property
    def loudness(self) -> int:
        """Reach, in doublings, times what it feels like or how grave it is."""
        felt = max(abs(self.compound or 0), self.severe * HUNDRED)
        return (1 + (self.reach or 0)).bit_length() * felt


def is_grave(mention: BrandMention) -> bool:
    """It follows from what a trace keeps, so that what is looked at can be taken back."""
    compound = mention.sentiment.compound
    return bool(mention.severity) or (compound is not None and round(compound * UNIT) <= -POLAR)


def is_looked_at(mention: BrandMention) -> bool:
    """Whether it is remembered at all, by its mood and its id alone."""
    return not mention.owned and (is_grave(mention) or mark32(mention.mention.id) < ONE_IN)


def post_of(mention: BrandMention, at: int, brand: str) -> Post:
    """What is remembered of a mention that counts at `at` ms; `brand` is the name of what it is about."""
    source, compound = mention.mention, mention.sentiment.compound
    author, written = source.author, to_ms(source.created_at)
    window, words = at // BASE_WINDOW, words_of(mention)
    marks = GRAVE * is_grave(mention) + REPOST * (source.kind == "repost")
    marks |= LINK * (bool(source.urls) or "://" in source.text)
    if author is not None and author.created_at is not None:
        marks |= AGED | (NEW if written - to_ms(author.created_at) < YOUNG else 0)
    marks |= ASKS * needs_answer(mention)
    passed_on = source.reposted_id or source.quoted_id
    severe = max([severe.weight for severe in mention.severity]) if mention.severity else 0.0
    return Post(  # by their order: by their names it takes twice as long
        (source.version,),
        source.id,
        window,
        written - window * BASE_WINDOW,
        other_than_id(source.id, source.platform),
        author_of(source),
        marks,
        None if compound is None else round(compound * UNIT),
        round(severe * HUNDRED),
        None if author is None else author.followers,
        mark32(passed_on) if passed_on else 0,
        _named(mention.matches[0], brand) if mention.matches else "",
        mark32(source.place.casefold()) if source.place else 0,
        packed(f"<{len(words)}I", *words),
    )


def by_name(brand: str) -> str:
    """How a post names a brand of which it says the name itself."""
    return f"alias {brand}"


def _named(match: Match, brand: str) -> str | None:
    """How a mention names the brand, in words of the settings alone."""
    if match.why == "alias" and match.term == brand:
        return None
    return match.why if match.why in ("thread", "author", "query") else f"{match.why} {match.term}"
