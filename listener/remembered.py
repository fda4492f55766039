"""What is remembered of what was lately said about a brand, so that an alert can be explained: a sample, and no word.

Of each post its words are kept as marks (`words.py`), of its author a mark too; what they stand for is looked up in the
posts that are still in the log. A sample is what is first by an order that follows from the posts alone: those whose
marks are least (a uniform sample), the loudest, the first of each platform. So it does not depend on the order in which
they came, and samples of two stretches make that of both.
"""

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from listener.drivers import Usual
from listener.remembered_post import ALL, GRAVE, Post, is_looked_at, post_of
from listener.sentiment.scoring import POLAR
from listener.state import Parts, pack, unpack
from listener.windows import BASE_WINDOW
from schemas.alert import Severity, Stage
from schemas.brand_mention import BrandMention
from schemas.times import HOUR

STATE_VERSION = 3
KEPT_HOURS = 24
AN_HOUR = HOUR // BASE_WINDOW


class Caps(NamedTuple):
    """How many posts are kept by their rank, as the loudest, as the first of their platform."""

    random: int
    loud: int
    first: int


class Most(NamedTuple):
    """Of posts that are negative or severe, of others, and how many authors of what is negative."""

    grave: Caps
    others: Caps
    authors: int

    @property
    def posts(self) -> int:
        """How many posts there may be at most."""
        return sum(self.grave) + sum(self.others)


LATELY = Most(Caps(20, 5, 3), Caps(10, 1, 1), 48)  # of an open window, of this hour and of the last
BEFORE = Most(Caps(40, 1, 1), Caps(15, 0, 0), 10)  # of an hour before these; of all those hours together by their rank


TOO_MANY = LATELY.posts * 2  # of an open window, before it is cut: what is kept in the end is the same


class Sample(msgspec.Struct, array_like=True):
    """A sample of what was said in a stretch of time.

    Of posts that are negative or severe, and of others, all are in it whose rank is at most `bars`. `authors` are marks
    of who wrote what is negative, with the window in which each was heard last, all of them up to `author_bar`. `gone`
    are (version,) and id of what was taken back. `spoilt`: an alert was open.
    """

    posts: list[Post] = []
    authors: dict[bytes, int] = {}
    gone: list[tuple[tuple[int], str]] = []
    bars: tuple[int, int] = (ALL, ALL)
    author_bar: bytes | None = None
    was_cut: bool = False
    spoilt: bool = False

    def note(self, mention: BrandMention, at: int, brand: str, said: Post | None = None) -> None:
        """Look at a mention that counts at `at` ms; `brand` is the name of what it is about.

        What it `said` is given where it says that itself no more.
        """
        if not is_looked_at(mention):
            return
        post = post_of(mention, at, brand) if said is None else said.counted_at(at)
        self.posts.append(post)
        if post.author is not None and post.compound is not None and post.compound <= -POLAR:
            self.authors[post.author] = max(post.window, self.authors.get(post.author, 0))
        if len(self.posts) > TOO_MANY:
            self.cut(LATELY)

    def take_back(self, trace: BrandMention) -> None:
        """A mention is taken back, whenever it was looked at."""
        if is_looked_at(trace):
            self.gone.append(((trace.mention.version,), trace.mention.id))

    def of(self, hour: int) -> "Sample":
        """What of it counts in an hour since 1970."""
        return replace(
            self,
            posts=[post for post in self.posts if post.window // AN_HOUR == hour],
            authors={author: window for author, window in self.authors.items() if window // AN_HOUR == hour},
        )

    def counted_from(self, first: int) -> "Sample":
        """The same, with the windows of authors counted from this one: a byte each for five, of an hour's part."""
        return replace(self, authors={author: window - first for author, window in self.authors.items()})

    def add(self, more: "Sample", most: Most) -> None:
        """Take in another sample."""
        self.posts.extend(more.posts)
        for author, window in more.authors.items():
            self.authors[author] = max(window, self.authors.get(author, 0))
        self.bars = min(self.bars[0], more.bars[0]), min(self.bars[1], more.bars[1])
        bars = [bar for bar in (self.author_bar, more.author_bar) if bar is not None]
        self.author_bar = min(bars) if bars else None
        self.cut(most)

    def cut(self, most: Most) -> None:
        """Keep no more than are to be kept: the same posts whenever it was cut before, in whatever order they came."""
        if len(self.posts) <= most.posts and len(self.authors) <= most.authors and not self.was_cut:
            self.posts.sort(key=_by_rank)
            return
        self.was_cut = True
        kept: dict[tuple[tuple[int], str], Post] = {}
        bars = []
        for mark, caps, before in ((GRAVE, most.grave, self.bars[0]), (0, most.others, self.bars[1])):
            posts = sorted((post for post in self.posts if post.marks & GRAVE == mark), key=_by_rank)
            inside = [post.rank for post in posts if post.rank <= before]
            bar = inside[caps.random - 1] if len(inside) > caps.random else before
            bars.append(bar)
            chosen = [post for post in posts if post.rank <= bar]
            chosen += sorted(posts, key=_by_loudness)[: caps.loud]
            chosen += firsts(posts)[: caps.first]
            kept |= {(post.key, post.id): post for post in chosen}
        self.posts = list(kept.values())
        self.bars = bars[0], bars[1]
        if len(self.authors) > most.authors:
            least = sorted(self.authors)[: most.authors]
            self.author_bar = least[-1] if self.author_bar is None else min(least[-1], self.author_bar)
        if self.author_bar is not None:
            self.authors = {author: window for author, window in self.authors.items() if author <= self.author_bar}

    def lower(self, bars: tuple[int, int]) -> bool:
        """Keep by their rank only what is below these bars, and no more than of an old hour. Whether any went."""
        before = len(self.posts), len(self.authors), self.bars
        self.bars = min(self.bars[0], bars[0]), min(self.bars[1], bars[1])
        self.was_cut = self.was_cut or self.bars != (ALL, ALL)
        self.cut(BEFORE)
        return (len(self.posts), len(self.authors), self.bars) != before

    def forget(self, gone: dict[str, int]) -> bool:
        """Keep none of these versions, or earlier ones, of posts by their ids. Whether there was any."""
        left = [post for post in self.posts if gone.get(post.id, -1) < post.version]
        if len(left) == len(self.posts):
            return False
        self.posts = left
        return True


class Talk(msgspec.Struct):
    """The usual talk of a brand: of posts that are negative or severe, and of others.

    `newest` is the last hour; `late` what was read in a window that was closed already, until the next is.
    """

    grave: Usual = msgspec.field(default_factory=Usual)
    others: Usual = msgspec.field(default_factory=Usual)
    newest: int = 0
    late: Sample = msgspec.field(default_factory=Sample)


class Remembered:
    """What is remembered of a brand's last day, hour by hour, and what of its talk is usual."""

    def __init__(self) -> None:
        self.talk = Talk()
        self.hours: dict[int, Sample] = {}
        self._changed: set[int] = set()
        self._talk_changed = False
        self._lowered: dict[int, tuple[int, int]] = {}  # hours that have not changed since, to which bars

    def take_in(self, sample: Sample, at: int, opened: Callable[[], Iterable[tuple[str, Stage, Severity]]]) -> None:
        """Take in what a window was that began at `at` ms, and is closed. `opened` gives the alerts that are open."""
        late = self.talk.late
        if not (sample.posts or sample.gone or late.posts or late.gone):
            return
        spoilt = any(stage == "final" for _, stage, _ in opened())
        hour = at // HOUR
        if hour > self.talk.newest:
            self._advance(hour)
        if late.posts or late.gone:
            self.talk.late, self._talk_changed = Sample(), True
            self._take_in(late, spoilt=spoilt)
        self._take_in(sample, spoilt=spoilt)

    @property
    def late(self) -> Sample:
        """What was read in a window that is closed already, to be added to."""
        self._talk_changed = True
        return self.talk.late

    def _take_in(self, sample: Sample, *, spoilt: bool) -> None:
        self._forget(sample)  # before it is cut: what is gone must not stand in the place of what is left
        sample.cut(LATELY)
        windows = [*[post.window for post in sample.posts], *sample.authors.values()]
        if not windows:
            return
        first, last = min(windows) // AN_HOUR, max(windows) // AN_HOUR
        for hour in range(max(first, self.talk.newest - KEPT_HOURS + 1), last + 1):
            part = sample if first == last else sample.of(hour)
            if part.posts or part.authors:
                into = self._hour(hour)
                into.add(part, BEFORE if self._is_old(hour) else LATELY)
                into.spoilt = into.spoilt or spoilt
        if self._is_old(first):
            self._thin_out()

    def spoil(self, start: int, end: int) -> None:
        """An alert has told of the stretch from `start` to `end` ms: its words are not usual."""
        for hour, sample in self.hours.items():
            if start < (hour + 1) * HOUR and hour * HOUR < end and not sample.spoilt:
                self._hour(hour).spoilt = True

    def samples(self, start: int, end: int) -> list[Sample]:
        """Those of the hours that the stretch from `start` to `end` ms touches, in order."""
        return [self.hours[hour] for hour in sorted(self.hours) if start < (hour + 1) * HOUR and hour * HOUR < end]

    def take_changes(self) -> Parts:
        """The parts of the state that changed since the last call, encoded; None for those that are gone."""
        parts: Parts = {}
        if self._talk_changed:
            parts["said"] = pack(STATE_VERSION, self.talk)
        for hour in sorted(self._changed):
            sample = self.hours.get(hour)
            parts[f"said/{hour}"] = None if sample is None else pack(STATE_VERSION, sample.counted_from(hour * AN_HOUR))
        self._changed.clear()
        self._talk_changed = False
        return parts

    def restore(self, hour: str, raw: bytes) -> None:
        """Take back one part."""
        if hour:
            self.hours[int(hour)] = unpack(raw, Sample, STATE_VERSION).counted_from(-int(hour) * AN_HOUR)
        else:
            self.talk = unpack(raw, Talk, STATE_VERSION)

    def _hour(self, hour: int) -> Sample:
        """The sample of an hour, to be changed."""
        self._changed.add(hour)
        self._lowered.pop(hour, None)
        sample = self.hours.get(hour)
        if sample is None:
            sample = self.hours[hour] = Sample()
        return sample

    def _forget(self, sample: Sample) -> None:
        gone = newest_gone(sample.gone)
        if not gone:
            return
        sample.forget(gone)
        for hour, kept in self.hours.items():
            if kept.forget(gone):
                self._changed.add(hour)
                self._lowered.pop(hour, None)

    def _advance(self, newest: int) -> None:
        """Keep less of what is older than an hour, and learn from what is older than a day."""
        self.talk.newest, self._talk_changed = newest, True
        for hour in sorted(hour for hour in self.hours if hour <= newest - KEPT_HOURS):
            self._learn(self.hours.pop(hour))
            self._changed.add(hour)
            self._lowered.pop(hour, None)
        self._thin_out()

    def _is_old(self, hour: int) -> bool:
        return hour < self.talk.newest - 1

    def _thin_out(self) -> None:
        """Keep less of the old hours: one bar for all, so that what is left of them together is a uniform sample."""
        old = {hour: sample for hour, sample in self.hours.items() if self._is_old(hour)}
        bars = _bar(old.values(), GRAVE, BEFORE.grave.random), _bar(old.values(), 0, BEFORE.others.random)
        for hour, sample in old.items():
            if self._lowered.get(hour) != bars:
                self._lowered[hour] = bars
                if sample.lower(bars):
                    self._changed.add(hour)

    def _learn(self, sample: Sample) -> None:
        if sample.spoilt:
            return
        for post in sorted(sample.posts, key=_by_rank):
            grave = post.marks & GRAVE
            if post.rank <= sample.bars[0 if grave else 1]:
                (self.talk.grave if grave else self.talk.others).learn(sorted(post.different))


def _bar(samples: Iterable[Sample], mark: int, most: int) -> int:
    """Up to which rank so many posts lie, of those that are GRAVE or of the others; ALL up to twice as many.

    So a brand's hours are written again a few times a day and not each hour.
    """
    place = 0 if mark else 1
    ranks = [
        post.rank
        for one in samples
        for post in one.posts
        if post.marks & GRAVE == mark and post.rank <= one.bars[place]
    ]
    return sorted(ranks)[most - 1] if len(ranks) > 2 * most else ALL


def newest_gone(gone: Iterable[tuple[tuple[int], str]]) -> dict[str, int]:
    """The newest version that was taken back, by id."""
    newest: dict[str, int] = {}
    for (version,), id_ in gone:
        newest[id_] = max(version, newest.get(id_, 0))
    return newest


def firsts(posts: Iterable[Post]) -> list[Post]:
    """The post of each platform that was written first, the earliest first."""
    first: dict[str, Post] = {}
    for post in sorted(posts, key=_by_writing):
        first.setdefault(post.platform, post)
    return list(first.values())


_by_rank = attrgetter("rank", "key", "id")
_by_writing = attrgetter("written", "id", "key")


def _by_loudness(post: Post) -> tuple[int, str, tuple[int]]:
    return -post.loudness, post.id, post.key
