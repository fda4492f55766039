"""What detect keeps of a post: all that a tracker needs to take it back, and no word of it."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, get_args

import msgspec

from listener.sentiment.scoring import UNIT
from schemas import brand_mention
from schemas.brand_mention import BrandMention, Category, Certainty, Sentiment, Severe, Talk
from schemas.mention import Author, Kind, Mention
from schemas.times import from_ms, to_ms

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
PLACE_OF = {kind: place for place, kind in enumerate(KINDS)}
TAGGED, OWNED = 1, 2
CERTAINTIES: Final[dict[Certainty, int]] = {"certain": 0, "probable": 4, "doubtful": 8}
CERTAINTY_OF = {mark: certainty for certainty, mark in CERTAINTIES.items()}
UNCERTAIN = 4 | 8
FIRST_TALK = 16
TALKS: Final[dict[brand_mention.Kind, int]] = {
    kind: FIRST_TALK << place for place, kind in enumerate(get_args(brand_mention.Kind))
}
MUTED = FIRST_TALK << len(TALKS)
CATEGORIES: Final[tuple[Category, ...]] = get_args(Category)
PLACE_OF_CATEGORY = {category: place for place, category in enumerate(CATEGORIES)}
HUNDRED = 100  # weights of severe words are kept as whole numbers of this fraction, and counted so
BACKFILL, CAUGHT_UP, BOT = 1, 2, 4


class Trace(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One version of a post, and the brands that it was about.

    Each with TAGGED, OWNED, MUTED, a mark of CERTAINTIES and those of TALKS in one number, and its compound score.

    `severity` says for each of them, if there is any for one, which categories were named and how grave the gravest
    word of each was: a byte for its place in CATEGORIES and one for its weight. `target` is the post that it answers or
    passes on.
    `confidence` is that of the language, in thousandths. In ms: `read`, `lag` since it was written, `first_read` of the
    first version of what was edited. `marks` are BACKFILL, CAUGHT_UP and, by its author, BOT; `kind` is the place in
    KINDS. What was edited so that it is about nobody has a trace too.
    """

    version: int
    read: int
    lag: int
    about: tuple[tuple[str, int, int | None], ...]
    platform: str
    kind: int
    marks: int
    followers: int | None
    not_scored: str | None
    language: str | None
    scorer: str
    settings: str
    distance: int
    first_read: int | None
    confidence: int | None = None
    severity: tuple[bytes, ...] = ()
    target: str | None = None

    @property
    def first(self) -> int:
        """When the first version was read, in ms; of what was caught up, when it was written: there it counts."""
        if self.first_read is not None:
            return self.first_read
        return self.read - self.lag if self.marks & CAUGHT_UP else self.read

    @property
    def _author(self) -> Author | None:
        """What matters of who wrote it, without a name."""
        bot = True if self.marks & BOT else None
        return None if self.followers is None and bot is None else Author(followers=self.followers, bot=bot)

    def brand_mentions(self, id_: str) -> Iterator[BrandMention]:
        """The brand mentions of the post `id_`, without its words."""
        mention = Mention(
            id=id_,
            text="",
            created_at=from_ms(self.read - self.lag),
            platform=self.platform,
            kind=KINDS[self.kind],
            version=self.version,
            ingested_at=from_ms(self.read),
            author=self._author,
            root_id=self.target,
            backfill=bool(self.marks & BACKFILL),
            caught_up=bool(self.marks & CAUGHT_UP),
        )
        for place, (brand, how, compound) in enumerate(self.about):
            felt = None if compound is None else compound / UNIT
            yield BrandMention(
                brand=brand,
                mention=mention,
                matches=(),
                tagged=bool(how & TAGGED),
                owned=bool(how & OWNED),
                language=self.language,
                sentiment=Sentiment(scorer=self.scorer, compound=felt, not_scored=self.not_scored),
                settings=self.settings,
                distance=self.distance,
                first_read=None if self.first_read is None else from_ms(self.first_read),
                language_confidence=None if self.confidence is None else self.confidence / 1_000,
                certainty=certainty_in(how),
                severity=_unpacked(self.severity[place]) if self.severity else (),
                talk=_talk(how) if how >= FIRST_TALK else (),
                muted=bool(how & MUTED),
            )


def target_of(mention: Mention) -> str | None:
    """The post that a mention answers or passes on: of an answer to an answer the one that began it all.

    A trace knows it as its mention's root.
    """
    target = mention.root_id or mention.parent_id or mention.reposted_id or mention.quoted_id
    return None if target == mention.id else target


def certainty_in(how: int) -> Certainty:
    """The certainty of a brand in a trace."""
    return CERTAINTY_OF[how & UNCERTAIN]


def _talk(how: int) -> tuple[Talk, ...]:
    """The kinds, without how sure and why."""
    return tuple(Talk(kind=kind, weight=1.0, because=()) for kind, mark in TALKS.items() if how & mark)


def _packed(severity: tuple[Severe, ...]) -> bytes:
    gravest: dict[int, int] = {}
    for severe in severity:
        place = PLACE_OF_CATEGORY[severe.category]
        gravest[place] = max(gravest.get(place, 0), round(severe.weight * HUNDRED))
    return bytes(byte for entry in sorted(gravest.items()) for byte in entry)


def _unpacked(packed: bytes) -> tuple[Severe, ...]:
    """The categories and their weights, without words and places."""
    return tuple(
        Severe(category=CATEGORIES[place], term="", field="text", start=0, end=0, weight=weight / HUNDRED)
        for place, weight in zip(packed[::2], packed[1::2], strict=True)
    )


_encode = msgspec.msgpack.Encoder().encode
read_trace: Callable[[bytes], Trace] = msgspec.msgpack.Decoder(Trace).decode


def trace_of(mention: Mention, read: int, found: Sequence[BrandMention], first_read: int | None) -> bytes:
    """The trace of a post that was read at `read` ms, packed: some 60 bytes."""
    author = mention.author
    about: list[tuple[str, int, int | None]] = []
    not_scored = language = None
    scorer = settings = ""
    distance = 0
    confidence: float | None = None
    severe = False
    for known in found:
        felt = known.sentiment.compound
        how = known.tagged * TAGGED + known.owned * OWNED + CERTAINTIES[known.certainty]
        if known.talk:
            for talk in known.talk:
                how |= TALKS[talk.kind]
        if known.muted:
            how |= MUTED
        if known.severity:
            severe = True
        about.append((known.brand, how, None if felt is None else round(felt * UNIT)))
    if found:
        not_scored, scorer = known.sentiment.not_scored, known.sentiment.scorer
        language, settings, distance = known.language, known.settings, known.distance
        confidence = known.language_confidence
    # A tuple of the fields of a trace in their order: to make one first is half of the cost.
    fields = (
        mention.version,
        read,
        read - to_ms(mention.created_at),
        about,
        mention.platform,
        PLACE_OF[mention.kind],
        mention.backfill * BACKFILL + mention.caught_up * CAUGHT_UP + bool(author and author.bot) * BOT,
        author.followers if author is not None else None,
        not_scored,
        language,
        scorer,
        settings,
        distance,
        first_read,
        None if confidence is None else round(confidence * 1_000),
    )
    target = target_of(mention)
    if severe or target is not None:
        packed = [_packed(known.severity) for known in found] if severe else []
        return _encode((*fields, packed) if target is None else (*fields, packed, target))
    return _encode(fields)
