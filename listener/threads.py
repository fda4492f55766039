"""What detect remembers of conversations: which posts were about which brands.

So whoever answers such a post is heard though he names nobody, a repeat is dropped, and what is edited or deleted can
be taken back. A post is addressed by its thread and its id, since a lane of Kafka knows no threads but its own. What
was about nobody is not remembered: hundreds a second may be, and to hear one again changes nothing.
"""

from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from listener.trace import Trace, read_trace, trace_of
from schemas.brand_mention import BrandMention
from schemas.mention import Mention
from schemas.times import DAY, HOUR, to_ms

HORIZON = 14 * DAY
HOURS = HORIZON // HOUR
HOURS_UNKNOWN = DAY // HOUR  # that a deletion is kept where the post was not known: its copies come soon or never
MOST_ANSWERS = 20_000  # of one thread, that are heard though they name nobody
MOST_UNKNOWN = 200_000
EVERYWHERE = b"*"  # before the mark of what was erased: in whatever thread it comes again


class Post(msgspec.Struct, frozen=True, array_like=True, tag=0, gc=False):
    """A post in its last version, read in the hour `hour` since 1970. `thread` is empty where it is the id itself."""

    id: str
    thread: str
    hour: int
    trace: bytes

    @property
    def until(self) -> int:
        """The last hour in which it is known."""
        return self.hour + HOURS


class Deleted(msgspec.Struct, frozen=True, array_like=True, tag=1, gc=False):
    """A post that was known is deleted in a thread in which it was: empty where that is the id itself."""

    id: str
    hour: int
    thread: str = ""

    @property
    def until(self) -> int:
        """The last hour in which it is known."""
        return self.hour + HOURS


class Unknown(msgspec.Struct, frozen=True, array_like=True, tag=2, gc=False):
    """A post is deleted also where it was not known, in whatever thread; `mark` stands for its id."""

    mark: bytes
    hour: int

    @property
    def until(self) -> int:
        """The last hour in which it is known."""
        return self.hour + HOURS_UNKNOWN


class Erased(msgspec.Struct, frozen=True, array_like=True, tag=3, gc=False):
    """A post is erased; `mark` stands for its id, which is not kept."""

    mark: bytes
    hour: int

    @property
    def until(self) -> int:
        """The last hour in which it is known."""
        return self.hour + HOURS


Change = Post | Deleted | Unknown | Erased


class Known(NamedTuple):
    """A post that is remembered, its trace unpacked."""

    post: Post
    trace: Trace


def thread_of(mention: Mention) -> str:
    """What keeps a conversation together."""
    return mention.root_id or mention.parent_id or mention.reposted_id or mention.id


def read_of(mention: Mention) -> int:
    """When it was read, in ms."""
    return to_ms(mention.ingested_at or mention.created_at)


def mark_of(id_: str, thread: str = "") -> bytes:
    """64 bits that stand for an id, or for it in a thread that is another.

    That two share them drops one post in 10^13 as deleted, with all marks in use.
    """
    return blake2b(f"{id_}\n{thread}".encode() if thread else id_.encode(), digest_size=8).digest()


def _mark(id_: str, thread: str) -> bytes:
    return mark_of(id_, "" if thread == id_ else thread)


class Threads:
    """The index: posts of the last fourteen days, and of up to an hour more, by the time of reading.

    It is what its changes make of it: `take_added` gives them to be kept, and those kept make the same one again.
    `counts` says what was noticed; `deleted` and `unknown` until which hour, by the mark: a deletion holds in the
    threads in which its post was known, and for a day in all, since a lane of Kafka cannot tell one that another lane
    knew from one that nobody did.
    """

    def __init__(self, changes: Iterable[Change] = ()) -> None:
        self.counts: Counter[str] = Counter()
        self.newest = 0  # hour
        self.posts: dict[str, Post] = {}
        self._others: dict[str, tuple[Post, ...]] = {}  # of posts whose threads are told differently
        self.answers: dict[str, int] = {}  # by thread
        self._hours: dict[int, list[Post]] = {}
        self.deleted: dict[bytes, int] = {}
        self.unknown: OrderedDict[bytes, int] = OrderedDict()  # of a dict, the first is found ever more slowly
        self._added: list[Change] = []
        for change in changes:
            self._apply(change)

    def known(self, mention: Mention) -> Known | None:
        """The post as it was remembered, if it was."""
        return self._find(mention.id, mention) if mention.id in self.posts else None

    def told(self, id_: str) -> tuple[Post, ...]:
        """What is remembered of a post, in each thread that it was said to be in."""
        post = self.posts.get(id_)
        return () if post is None else (post, *self._others.get(id_, ()))

    def answered(self, mention: Mention) -> Iterator[Known]:
        """The posts of its thread that a mention answers or passes on, the nearest first."""
        for id_ in (mention.parent_id, mention.quoted_id, mention.reposted_id, mention.root_id):
            if id_ in self.posts and id_ is not None and id_ != mention.id:
                found = self._find(id_, mention)
                if found is not None:
                    yield found

    def is_full(self, thread: str) -> bool:
        """Whether a thread has so many answers that those which name nobody are heard no more."""
        return self.answers.get(thread, 0) >= MOST_ANSWERS

    def _find(self, id_: str, mention: Mention) -> Known | None:
        """The post `id_` as it is known in the thread of a mention when that is read."""
        thread, hour = thread_of(mention), read_of(mention) // HOUR
        for post in self.told(id_):
            if (post.thread or post.id) == thread and post.until >= hour:
                return Known(post, read_trace(post.trace))
        return None

    def is_deleted(self, mention: Mention, read: int) -> bool:
        """Whether a post was deleted before: its copies and edits come too late."""
        if not self.unknown and not self.deleted:
            return False
        hour, mark = read // HOUR, mark_of(mention.id)
        if self.unknown.get(mark, 0) >= hour or self.deleted.get(EVERYWHERE + mark, 0) >= hour:
            return True
        return self.deleted.get(_mark(mention.id, thread_of(mention)), 0) >= hour

    def remember(self, mention: Mention, read: int, found: list[BrandMention], before: Known | None = None) -> None:
        """Keep what a mention was found to be about, in place of what was known of it `before`."""
        id_, thread, hour, first_read = mention.id, thread_of(mention), read // HOUR, None
        if hour == self.newest:
            hour = self.newest  # the same object: 32 bytes less for each
        if thread == id_:
            thread = ""
        if before is not None:
            hour, first_read = max(hour, before.post.hour), before.trace.first
        self._add(Post(id_, thread, hour, trace_of(mention, read, found, first_read)))

    def delete(self, id_: str, read: int, *, erased: bool = False) -> list[Trace]:
        """Forget a post and keep in mind that it is deleted; return what it was, in each thread that it was in.

        That something was erased is kept for as long as a post is, though nobody knew it.
        """
        hour = read // HOUR
        told = self.told(id_)
        for post in told:
            self._add(Deleted(id_, max(hour, post.hour), post.thread))
        if erased:
            self._add(Erased(mark_of(id_), hour))
        elif self.unknown.get(mark := mark_of(id_), 0) < hour:
            self._add(Unknown(mark, hour))
        return [read_trace(post.trace) for post in told if post.until >= hour]

    def _add(self, change: Change) -> None:
        self._apply(change)
        self._added.append(change)

    def take_added(self) -> list[Change]:
        """What has changed since the last call."""
        added, self._added = self._added, []
        return added

    def _apply(self, change: Change) -> None:
        if change.hour > self.newest:
            self._advance(change.hour)
        if isinstance(change, Post):
            if change.hour + HOURS >= self.newest:
                self._keep(change)
        elif change.until < self.newest:
            return
        elif isinstance(change, Deleted):
            self.deleted[_mark(change.id, change.thread)] = change.until
            for post in self.told(change.id):
                if post.thread == change.thread:
                    self._forget(post)
        elif isinstance(change, Erased):
            self.deleted[EVERYWHERE + change.mark] = change.until
        else:
            self.unknown[change.mark] = change.until
            if len(self.unknown) > MOST_UNKNOWN:
                self.unknown.popitem(last=False)

    def _keep(self, post: Post) -> None:
        id_, thread = post.id, post.thread
        known = self.posts.get(id_)
        if known is None or known.thread == thread:
            self.posts[id_] = post
        else:
            others = self._others.get(id_, ())
            known = next((other for other in others if other.thread == thread), None)
            self._others[id_] = (*(other for other in others if other is not known), post)
        if thread and known is None:
            self.answers[thread] = self.answers.get(thread, 0) + 1
        hour = self._hours.get(post.hour)
        if hour is None:
            self._hours[post.hour] = [post]
        else:
            hour.append(post)

    def _forget(self, post: Post) -> None:
        """Leave out a post, if it has not been replaced or forgotten before."""
        posts = self.told(post.id)
        rest = tuple(other for other in posts if other is not post)
        if len(rest) == len(posts):
            return
        del self.posts[post.id]
        self._others.pop(post.id, None)
        if rest:
            self.posts[post.id] = rest[0]
        if rest[1:]:
            self._others[post.id] = rest[1:]
        if post.thread:
            left = self.answers.pop(post.thread) - 1
            if left:
                self.answers[post.thread] = left

    def _advance(self, hour: int) -> None:
        self.newest = hour
        for old in [old for old in self._hours if old + HOURS < hour]:
            for post in self._hours.pop(old):
                self._forget(post)
        for marks in (self.deleted, self.unknown):
            for mark in [mark for mark, until in marks.items() if until < hour]:
                del marks[mark]
