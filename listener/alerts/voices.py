"""Ten people or a thousand, and whether they speak by themselves."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from math import ceil
from statistics import median_low

from listener.judgement import fires, judge_again
from listener.remembered import KEPT_HOURS, Sample
from listener.remembered_post import AGED, LINK, NEW, REPOST, Post
from listener.windows import BASE_WINDOW
from schemas.alert import Judged
from schemas.evidence import Coordination, Voices
from schemas.times import HOUR, MINUTE

CAP = 3  # posts that one account counts for: who complains thrice is angry, who does so fifty times is a machine
NEAR = 0.6  # of their words are the same (Jaccard)
LEAST_WORDS = 3  # shorter posts are alike by chance
LEAST_SAME, LEAST_AUTHORS, LEAST_SHARE = 5, 3, 1 / 3
LEAST_YOUNG, LEAST_IN_STEP, MOST_LINKED = 0.5, 0.8, 0.5


Spoken = tuple[Post, frozenset[int]]  # a post and its different words: of a pair both are looked at


def likeness(one: Post, other: Post) -> float:
    """The share of their words that is in both, in [0, 1]; 1 for what passes on the same, or is passed on."""
    return _likeness((one, one.different), (other, other.different))


def _likeness(spoken: Spoken, also: Spoken) -> float:
    (one, first), (other, second) = spoken, also
    if (one.chain and one.chain in (other.chain, other.rank)) or (other.chain and other.chain == one.rank):
        return 1.0
    if len(first) < LEAST_WORDS or len(second) < LEAST_WORDS:
        return 0.0
    both = len(first & second)
    return both / (len(first) + len(second) - both)


def clusters(said: Iterable[Post], joins: Callable[[Spoken, Spoken], bool]) -> list[list[Post]]:
    """Posts that hang together by pairs that join, the largest first."""
    posts = list(said)
    spoken = [(post, post.different) for post in posts]
    group = list(range(len(posts)))

    def root(place: int) -> int:
        while group[place] != place:
            place = group[place]
        return place

    for place, words in enumerate(spoken):
        for before in range(place):
            if root(before) != root(place) and joins(spoken[before], words):
                group[root(place)] = root(before)
    found: dict[int, list[Post]] = {}
    for place, post in enumerate(posts):
        found.setdefault(root(place), []).append(post)
    return sorted(found.values(), key=len, reverse=True)


def authors_of(posts: Sequence[Post]) -> int:
    """How many wrote them; who is not known is one each."""
    return len({post.author for post in posts if post.author}) + sum(post.author is None for post in posts)


def voices(posts: Sequence[Post], samples: Sequence[Sample], judged: Judged, start: int, end: int) -> Voices:
    """Of the looked-at `posts`; `samples` are those of the stretch from `start` to `end` ms."""
    by_author = Counter(post.author for post in posts if post.author)
    largest = max(by_author.values(), default=min(1, len(posts)))
    least = authors_of(posts)
    exact = len(posts) >= judged.observed
    in_all = least if exact else None
    if judged.counted == "negative" and not exact:  # only of these all authors are noted
        estimate, exact = _in_all(samples, start, end)
        in_all = min(max(estimate, least), judged.observed)
    excess = round(judged.observed * largest / len(posts)) - CAP if posts and largest > CAP else 0
    excess = max(0, min(excess, judged.observed))
    capped = judge_again(judged, -excess, -excess, -excess) if excess else judged
    return Voices(
        authors=least,
        voices=len(clusters(posts, _same_voice)),
        reposts=sum(bool(post.marks & REPOST) for post in posts),
        largest=largest,
        cap=CAP,
        in_all=in_all,
        exact=exact,
        capped=capped.observed,
        stands=fires(capped),
    )


def counted_of(posts: Sequence[Post], samples: Sequence[Sample], judged: Judged, start: int, end: int) -> int | None:
    """How many of those observed count towards how bad it is; None where nobody can tell.

    Of the looked-at `posts` each stands for so many of those observed. A voice (an account, what passes on the same,
    what says nearly the same) that is heard once is taken for as many who speak by themselves; one that is heard more
    often counts CAP times in all. Nor do all those whose authors are noted count more than CAP times each.
    """
    if not posts or end - start > KEPT_HOURS * HOUR:
        return None
    each = max(1.0, judged.observed / len(posts))
    groups = map(len, clusters(posts, _same_voice))
    counted = sum(each if size == 1 else min(CAP, size * each) for size in groups)
    if judged.counted == "negative":
        authors, _ = _in_all(samples, start, end)
        unknown = sum(post.author is None for post in posts) * each
        counted = min(counted, CAP * authors + unknown)
    return min(judged.observed, round(counted))


def _in_all(samples: Sequence[Sample], start: int, end: int) -> tuple[int, bool]:
    """Authors of the stretch, and whether these are all: those below the least bar, by how much of the marks it spans.

    After Bar-Yossef and others (2002): the k least marks of 64 bits tell how many there are within 1 / sqrt(k).
    """
    bars = [sample.author_bar for sample in samples if sample.author_bar is not None]
    bar = min(bars) if bars else None
    heard = {
        author
        for sample in samples
        for author, window in sample.authors.items()
        if start <= window * BASE_WINDOW < end and (bar is None or author <= bar)
    }
    if bar is None:
        return len(heard), True
    return ceil(len(heard) * (1 << 64) / (int.from_bytes(bar, "big") + 1)), False


def _same_voice(one: Spoken, other: Spoken) -> bool:
    author = one[0].author
    return (author is not None and author == other[0].author) or _likeness(one, other) >= NEAR


def coordination(posts: Sequence[Post]) -> Coordination:
    """Of the looked-at `posts`."""
    own = [post for post in posts if not post.marks & REPOST]
    cluster = clusters(own, lambda one, other: _likeness(one, other) >= NEAR)[0] if own else []
    if len(cluster) < 2:
        return Coordination(own=len(own), near_same=0, authors=0, young=0, aged=0, in_step=0, linked=0, marked=False)
    authors = authors_of(cluster)
    young, aged = (sum(bool(post.marks & mark) for post in cluster) for mark in (NEW, AGED))
    middle = median_low(post.written for post in cluster)
    in_step = sum(abs(post.written - middle) <= MINUTE for post in cluster)
    linked = sum(bool(post.marks & LINK) for post in cluster)
    same = len(cluster)
    enough = same >= LEAST_SAME and same >= LEAST_SHARE * len(own) and authors >= LEAST_AUTHORS
    new = aged >= LEAST_AUTHORS and young >= LEAST_YOUNG * aged
    as_one = in_step >= LEAST_IN_STEP * same and linked < MOST_LINKED * same
    return Coordination(
        own=len(own),
        near_same=same,
        authors=authors,
        young=young,
        aged=aged,
        in_step=in_step,
        linked=linked,
        marked=enough and (new or as_one),
    )
