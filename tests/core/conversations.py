"""A stream as it really is, made from plain posts: people answer, pass on, edit and delete, and sources come and go.

Pure: the same mentions and seed give the same items. Their order is that of the log, and they are stamped in it.
"""

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import NamedTuple

from msgspec.structs import replace

from agents.sources.history import Item
from schemas.deletion import Deletion
from schemas.heartbeat import Heartbeat, Interval
from schemas.mention import Author, Mention
from schemas.record import to_json
from schemas.times import DAY, EPOCH, HOUR, MINUTE, SECOND, from_ms, to_ms

BEAT = 5 * MINUTE
OVER = 2 * MINUTE  # after the last day: its windows are closed then
SOURCES = ("network", "forum")
FORUM = frozenset({"reddit", "review", "mastodon"})

ANSWERS = ("so true", "same here", "how awful, really", "I love that", "me too!!")
OTHERS = ("On second thought it is Norvane that is awful", "I meant Puddle all along", "Brimtel is down again")
SERVICE = ("We are sorry, tell us more", "Thank you, we look into it", "That should be better now")
GONE = "withdrawn"  # begins what somebody edits that is to be about nobody
HIDDEN = "hiddenword"  # and the number of a post, in the words of some that are deleted later

ANSWERED, OWNED_ANSWERED, ANSWERED_AGAIN, PARENT_ONLY = 0.12, 0.5, 0.4, 0.3
SERVED, SERVED_BY_QUOTE = 0.6, 0.3
REPOSTED, EDITED, EDITED_TWICE, DELETED, REPEATED, STRANGE = 0.04, 0.04, 0.2, 0.05, 0.03, 0.01
COPIED_LATE = (0, 0, MINUTE, 2 * HOUR, 30 * HOUR)  # after a deletion; 0 is never


class Outage(NamedTuple):
    """`source` is away from `start` to `end` (ms).

    Then it brings what it has missed (`again`), or that is lost. It is `silent` where its process is gone, or it says
    that it has `ended`.
    """

    source: str
    start: int
    end: int
    again: bool = False
    silent: bool = False
    ended: bool = False


def outages(first: int, last: int) -> list[Outage]:
    """One a day, each kind in its turn, away for 20 minutes to four hours."""
    found = []
    for day in range((last - first) // DAY):
        start = first + day * DAY + 9 * HOUR + day % 7 * 17 * MINUTE
        kind, source = day % 4, SOURCES[day % 3 == 0]
        length = (20 * MINUTE, 3 * HOUR, 70 * MINUTE, 4 * HOUR)[day % 4]
        found.append(Outage(source, start, start + length, kind == 1, kind == 2, kind == 3))
    return found


class Conversations:
    """What becomes of mentions, sorted by the time of writing; `most` mentions at most are told.

    On the first `days` days a source is away for some time.

    `forgotten` are words that nobody may find after the end, since their posts were deleted.
    """

    def __init__(self, mentions: Iterable[Mention], seed: int, most: int | None = None, days: int = 14) -> None:
        self._mentions = iter(mentions)
        self._random = Random(f"conversations {seed}")
        self._draw = self._random.random
        self._most = most
        self._days = days
        self._number = count()
        self._waiting: list[tuple[int, int, Mention | Deletion]] = []
        self._held: dict[str, list[Mention | Deletion]] = {source: [] for source in SOURCES}
        self._words: dict[str, str] = {}  # of posts, by their ids
        self._deleted: dict[str, int] = {}  # when ids were
        self._official: dict[str, Author] = {}  # by the handle of the brand
        self.forgotten: set[str] = set()

    def items(self) -> Iterator[Item]:
        """All items, with heartbeats each five minutes."""
        first = next(self._mentions, None)
        if first is None:
            return
        self._begin(first)
        told, at = 0, self._first
        for at, record in self._in_order(first):
            yield from self._beats(at)
            for said in self._heard(at, record):
                yield self._told(said)
                told += isinstance(said, Mention)
            if told == self._most:
                break
        end = at - at % DAY + DAY + OVER
        yield from self._beats(at + BEAT)
        for source in SOURCES:
            yield _item(Heartbeat(source, from_ms(end), self._spans(source, at), ended=True))

    def _begin(self, first: Mention) -> None:
        self._first = to_ms(first.created_at)
        self._outages = outages(self._first, self._first + self._days * DAY)
        self._beat = self._first - self._first % BEAT + BEAT
        self._said = self._first  # until when what was held back has been brought

    def _in_order(self, first: Mention) -> Iterator[tuple[int, Mention | Deletion]]:
        mention: Mention | None = first
        while mention is not None or self._waiting:
            if mention is None or (self._waiting and self._waiting[0][0] < to_ms(mention.created_at)):
                at, _, record = heappop(self._waiting)
                yield at, record
                continue
            at = to_ms(mention.created_at)
            yield at, self._lived(mention, at)
            mention = next(self._mentions, None)

    # What people do

    def _lived(self, mention: Mention, at: int) -> Mention:
        """A mention as it is first read; what comes of it will come in its time."""
        owned = mention.author is not None and mention.author.id == f"x:{mention.author.handle}"
        word = f"{HIDDEN}{next(self._number)}"
        deleted = self._draw() < DELETED
        if deleted and not owned:
            mention = replace(mention, text=f"{mention.text} {word}")
            self._words[mention.id] = word
        if mention.kind != "review":
            self._talk(mention, at, OWNED_ANSWERED if owned else ANSWERED)
            if self._draw() < REPOSTED:
                self._repost(mention, at)
        if self._draw() < EDITED:
            self._edit(mention, at)
        if deleted and not owned:
            self._delete(mention, at)
        if self._draw() < REPEATED:
            self._later(at + self._within(MINUTE, DAY), mention)
        if self._draw() < STRANGE:
            self._later(at, Deletion(id=f"x:nobody{word}"))
        if mention.platform == "x" and mention.author is not None:
            if owned:
                self._official[f"@{mention.author.handle}"] = mention.author
            for name, official in self._official.items():
                if not owned and name in mention.text:
                    self._serve(mention, at, official)
        return mention

    def _talk(self, mention: Mention, at: int, likely: float) -> None:
        """Somebody answers without a name, and is answered."""
        official = mention.author if likely == OWNED_ANSWERED else None
        while self._draw() < likely:
            at += self._within(SECOND, 40 * MINUTE)
            answer = self._answer(mention, at)
            self._later(at, answer)
            if official is not None:
                self._serve(answer, at, official)
            if self._draw() < DELETED * 2:
                self._delete(answer, at)
            if self._draw() < EDITED * 2:
                self._edit(answer, at)
            mention, likely = answer, ANSWERED_AGAIN

    def _answer(self, mention: Mention, at: int) -> Mention:
        number = next(self._number)
        parent_only = self._draw() < PARENT_ONLY
        return Mention(
            id=f"{mention.platform}:answer{number}",
            text=f"{self._random.choice(ANSWERS)} {number}",
            created_at=from_ms(at),
            platform=mention.platform,
            kind="reply",
            lang="en",
            author=Author(id=f"{mention.platform}:who{number % 97}", followers=number % 1_000),
            parent_id=mention.id,
            root_id=None if parent_only else mention.root_id or mention.parent_id or mention.id,
        )

    def _serve(self, asking: Mention, at: int, official: Author) -> None:
        """The brand answers most of those who address it, soon or late, by an answer or a quote, for good or not."""
        if self._draw() >= SERVED:
            return
        at += self._within(SECOND, HOUR if self._draw() < 0.7 else 10 * HOUR)
        quotes = self._draw() < SERVED_BY_QUOTE
        answer = Mention(
            id=f"x:served{next(self._number)}",
            text=self._random.choice(SERVICE),
            created_at=from_ms(at),
            platform="x",
            kind="quote" if quotes else "reply",
            lang="en",
            author=official,
            parent_id=None if quotes else asking.id,
            root_id=None if quotes or self._draw() < PARENT_ONLY else asking.root_id or asking.parent_id or asking.id,
            quoted_id=asking.id if quotes else None,
        )
        self._later(at, answer)
        if self._draw() < DELETED * 2:
            self._delete(answer, at)
        if self._draw() < EDITED * 2:
            self._edit(answer, at)

    def _repost(self, mention: Mention, at: int) -> None:
        at += self._within(SECOND, 3 * HOUR)
        id_ = f"{mention.platform}:repost{next(self._number)}"
        repost = Mention(
            id=id_, text="", created_at=from_ms(at), platform=mention.platform, kind="repost", reposted_id=mention.id
        )
        self._later(at, repost)
        if self._draw() < DELETED * 2:
            self._delete(repost, at)

    def _edit(self, mention: Mention, at: int) -> None:
        """Now it says more, or is about another, or about nobody; an older version may come once more after it."""
        at += self._within(SECOND, 10 * HOUR)
        draw = self._draw()
        texts = (f"{mention.text} (edited)", self._random.choice(OTHERS), f"{GONE} {next(self._number)}")
        text = texts[0 if draw < 0.6 else 1 if draw < 0.8 else 2]
        edited = replace(mention, text=text, op="update", version=at, edited_at=from_ms(at), mentions=(), hashtags=())
        self._later(at, edited)
        if self._draw() < REPEATED * 5:
            self._later(at + self._within(SECOND, HOUR), edited)
            self._later(at + self._within(SECOND, HOUR), mention)
        if self._draw() < EDITED_TWICE:
            self._edit(edited, at)

    def _delete(self, mention: Mention, at: int) -> None:
        """Its id is told, before it comes, soon or days later; copies of it come late, some without their root."""
        at += self._within(-MINUTE, HOUR) if self._draw() < 0.7 else self._within(HOUR, 2 * DAY)
        deletion: Mention | Deletion = Deletion(id=mention.id)
        if self._draw() < REPEATED:
            deletion = Mention(mention.id, "", mention.created_at, mention.platform, op="delete")
        self._later(at, deletion)
        if self._draw() < REPEATED * 3:
            self._later(at + self._within(SECOND, 2 * DAY), deletion)
        late = self._random.choice(COPIED_LATE)
        if late:
            self._later(at + late, mention if self._draw() < 0.5 else replace(mention, root_id=None))

    def _later(self, at: int, record: Mention | Deletion) -> None:
        heappush(self._waiting, (max(at, self._first), next(self._number), record))

    def _within(self, low: int, high: int) -> int:
        return self._random.randrange(low, high)

    # What sources do

    def _heard(self, at: int, record: Mention | Deletion) -> Iterator[Mention | Deletion]:
        """What comes into the log now: what a source has missed while it was away comes after that, or never."""
        source = _source(record)
        away = self._away(source, at)
        if away is None:
            self._said = max(self._said, at)
            yield _stamped(record, self._said)
        elif away.again:
            self._held[source].append(record)

    def _told(self, record: Mention | Deletion) -> Item:
        """A record as it comes into the log. A copy that comes a day after the deletion may be told again."""
        at = to_ms(record.ingested_at or EPOCH)
        word = self._words.get(record.id)
        if word is not None and (isinstance(record, Deletion) or record.op == "delete"):
            self._deleted.setdefault(record.id, at)
            self.forgotten.add(word)
        elif word is not None and at - self._deleted.get(record.id, at) >= DAY:
            self.forgotten.discard(word)
        return _item(record)

    def _away(self, source: str, at: int) -> Outage | None:
        day = (at - self._first) // DAY
        away = self._outages[day] if day < len(self._outages) else None
        return away if away is not None and away.source == source and away.start <= at < away.end else None

    def _bring(self, until: int) -> Iterator[Mention | Deletion]:
        """What sources that were away until `until` had missed, one each 50 ms."""
        for source, held in self._held.items():
            if held and self._away(source, until) is None:
                self._held[source] = []
                self._said = max(self._said, until - BEAT)
                for record in held:
                    self._said += 50
                    yield _stamped(record, self._said, caught_up=True)

    def _beats(self, at: int) -> Iterator[Item]:
        """The heartbeats up to a time, and before them what comes late."""
        while self._beat <= at:
            through = self._beat
            yield from map(self._told, self._bring(through))
            through = max(through, self._said)
            self._beat = through - through % BEAT + BEAT
            for source in SOURCES:
                away = self._away(source, through)
                if away is None or not away.silent:
                    ended = away is not None and away.ended
                    yield _item(Heartbeat(source, from_ms(through), self._spans(source, through), ended=ended))

    def _spans(self, source: str, through: int) -> tuple[Interval, ...]:
        """What it has covered: what it brought later it covered after all."""
        spans: list[tuple[int, int]] = []
        begin = self._first
        for away in self._outages:
            if away.source != source or away.start > through or (away.again and away.end <= through):
                continue
            spans.append((begin, away.start))
            begin = away.end
        if begin <= through:
            spans.append((begin, through))
        return tuple((from_ms(low), from_ms(high)) for low, high in spans)


def _source(record: Mention | Deletion) -> str:
    return SOURCES[record.id.partition(":")[0] in FORUM]


def _stamped(record: Mention | Deletion, at: int, *, caught_up: bool = False) -> Mention | Deletion:
    if isinstance(record, Deletion) or not caught_up:
        return replace(record, ingested_at=from_ms(at))
    return replace(record, ingested_at=from_ms(at), caught_up=True)


def _item(record: Mention | Deletion | Heartbeat) -> Item:
    return Item(record, to_json(record))
