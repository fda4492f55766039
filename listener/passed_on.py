"""What was read in a window of posts that people answer or pass on: by whom and when, and which posts are worth it.

What is kept does not depend on the order in which it came: of too many posts those whose authors reach most, of too
many arrivals those whose marks are least, a uniform sample. What is taken back is an arrival with the other sign.
"""

from operator import attrgetter
from typing import Final

import msgspec

from listener.author_marks import author_of
from listener.platform_of import other_than_id
from listener.sentiment.scoring import POLAR, UNIT
from listener.threads import mark_of
from listener.trace import HUNDRED, target_of
from listener.words import mark32
from schemas.brand_mention import BrandMention
from schemas.mention import Mention
from schemas.times import to_ms

SEVERE = 50  # hundredths: a word this grave, and not only imagined, matters whatever the mood
MOST_POSTS = 50  # of a window
MOST_ARRIVALS = 4_000  # of a window: 13 a second; 40 bytes each
FIRST_LOOK = 8  # arrivals
ALL: Final = 1 << 32  # above each rank


class Candidate(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A post that is negative or severe, in the version `key`, written at `written` ms by the account marked `own`.

    The key comes first and then the id, so that an erasure knows it for a post (`erasing.without`). `other_platform` is
    None where the id begins with the platform.
    """

    key: tuple[int]
    id: str
    written: int
    other_platform: str | None
    followers: int | None
    severe: bool
    own: int


class Arrival(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Somebody answers the post marked `target`, or passes it on: at `written` ms, or (`sign` = -1) no longer.

    `rank` is uniform in [0, ALL), the same for what is taken back. `voice` is a mark of who that is, for this post
    alone, 0 of a bot.
    """

    rank: int
    target: bytes
    written: int
    voice: int
    followers: int | None
    sign: int


class PassedOn(msgspec.Struct, omit_defaults=True):
    """Of one window: posts, versions of posts that are `gone`, arrivals, all of them whose rank is at most `bar`."""

    posts: list[Candidate] = []
    gone: list[tuple[tuple[int], str]] = []
    arrivals: list[Arrival] = []
    bar: int = ALL

    def __bool__(self) -> bool:
        return bool(self.posts or self.arrivals or self.gone)

    def note(self, mention: BrandMention, by: bytes | None = None) -> bool:
        """Look at a mention. Whether it passes a post on or answers it, and it is time to see what spreads.

        It is `by` an author whom it does not name any more. It is time at FIRST_LOOK arrivals and then ever more
        seldom, a few times for each doubling.
        """
        if is_worth_following(mention):
            self.posts.append(_candidate(mention, by))
            if len(self.posts) > 2 * MOST_POSTS:
                self._cut_posts()
        target = target_of(mention.mention)
        if target is None or mention.owned:
            return False
        self._add(_arrival(mention.mention, target, 1, by))
        count = len(self.arrivals)
        return count >= FIRST_LOOK and not count % (1 << max(1, count.bit_length() - 3))

    def take_back(self, trace: BrandMention) -> None:
        """A mention is taken back, whenever it was looked at."""
        if is_worth_following(trace):
            self.gone.append(((trace.mention.version,), trace.mention.id))
        target = target_of(trace.mention)
        if target is not None and not trace.owned:
            self._add(_arrival(trace.mention, target, -1))

    def settle(self) -> None:
        """Keep no more than is to be kept: the same whenever it was cut before."""
        if len(self.posts) > MOST_POSTS:
            self._cut_posts()
        if len(self.arrivals) > MOST_ARRIVALS:
            self._cut_arrivals()

    @property
    def weight(self) -> int:
        """How many arrivals each of these stands for."""
        return 1 if self.bar == ALL else round(ALL / (self.bar + 1))

    def _add(self, arrival: Arrival) -> None:
        if arrival.rank <= self.bar:
            self.arrivals.append(arrival)
            if len(self.arrivals) > 2 * MOST_ARRIVALS:
                self._cut_arrivals()

    def _cut_posts(self) -> None:
        self.posts = sorted(self.posts, key=_by_promise)[:MOST_POSTS]

    def _cut_arrivals(self) -> None:
        self.bar = sorted(arrival.rank for arrival in self.arrivals)[MOST_ARRIVALS - 1]
        self.arrivals = [arrival for arrival in self.arrivals if arrival.rank <= self.bar]


def concerns(mention: BrandMention) -> bool:
    """Whether there is anything to note of a mention, or to take back."""
    return target_of(mention.mention) is not None or is_worth_following(mention)


def is_worth_following(mention: BrandMention) -> bool:
    """Whether it would matter if it spread. It follows from what a trace keeps, so that it can be taken back.

    A repost is followed as what it passes on, the brand's own posts not at all.
    """
    compound = mention.sentiment.compound
    if (compound is None or compound >= 0.0) and not mention.severity:
        return False  # most: a tenth of a microsecond
    if mention.owned or mention.mention.kind == "repost":
        return False
    return (compound is not None and round(compound * UNIT) <= -POLAR) or _is_severe(mention)


def _is_severe(mention: BrandMention) -> bool:
    return any(round(word.weight * HUNDRED) >= SEVERE for word in mention.severity)


def _candidate(mention: BrandMention, by: bytes | None) -> Candidate:
    source = mention.mention
    author = source.author
    return Candidate(
        (source.version,),
        source.id,
        to_ms(source.created_at),
        other_than_id(source.id, source.platform),
        author.followers if author is not None else None,
        _is_severe(mention),
        _voice(source, source.id, by),
    )


def _arrival(source: Mention, target: str, sign: int, by: bytes | None = None) -> Arrival:
    author = source.author
    followers = author.followers if author is not None else None
    voice = 0 if author is not None and author.bot else _voice(source, target, by)
    return Arrival(mark32(source.id), mark_of(target), to_ms(source.created_at), voice, followers, sign)


def _voice(source: Mention, of: str, by: bytes | None) -> int:
    """The mark of who speaks about the post `of`; whoever is not known is somebody else each time."""
    author = by or author_of(source)
    return mark32(f"{source.id if author is None else author.hex()} {of}") or 1


def _by_promise(post: Candidate) -> tuple[bool, int, str, tuple[int]]:
    return not post.severe, -(post.followers or 0), post.id, post.key


by_id = attrgetter("id", "key")
