"""How many posts reach the brand that they are about because of their thread, and not of their words.

SpotifyCares on Twitter, both sides (`twcs_subset`), with all handles taken out of the texts: on a platform that does
not write them into each answer, that is all there is. A post reaches the brand without the index if it says its name,
or if the brand wrote it; with the index also if it answers a post that did. `depth` counts the posts of the set above
it.
"""

import csv
import gzip
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path
from typing import NamedTuple

from agents.detect import Detector, Logged, detect
from listener.formats.times import TimeReader
from listener.partition import TrackRecord
from listener.reading import TextReader
from listener.roots import Roots
from listener.sentiment.scoring import Scorer
from listener.threads import Threads
from schemas.brand_mention import BrandMention
from schemas.dead_letter import DeadLetter
from schemas.mention import Author, Mention
from schemas.settings import Brand, Settings
from tests.bench._report import arguments, finish, head, table

FOLDER = "twcs_subset"
BRAND = Brand(id="spotify", name="Spotify", owned={"x": ("@SpotifyCares",)})
HANDLE = re.compile(r"@\w+")
DEEPEST = 6  # deeper ones are told together


class Post(NamedTuple):
    """A post of the set: who wrote it, and whether that was the brand."""

    mention: Mention
    brands_own: bool
    depth: int


class Reach(NamedTuple):
    """Of so many posts, how many reach the brand by what they are, and how many because of their thread."""

    posts: int
    alone: int
    by_thread: int


def read(folder: Path) -> list[Post]:
    """The posts of both files in the order of their time, each with the number of those above it."""
    mentions: dict[str, Mention] = {}
    for path in sorted(folder.glob("SpotifyCares_*.csv.gz")):
        text = gzip.decompress(path.read_bytes()).decode("utf-8-sig")
        for row in csv.DictReader(StringIO(text, newline="")):
            if row["created_at"]:  # a few rows are cut
                mentions.setdefault(row["tweet_id"], _mention(row))
    in_order = sorted(mentions.values(), key=lambda mention: (mention.created_at, mention.id))
    depths: dict[str, int] = {}
    posts = []
    for mention in in_order:
        parent = mention.parent_id
        depths[mention.id] = depths[parent] + 1 if parent in depths and parent is not None else 0
        own = mention.author is not None and mention.author.handle == "SpotifyCares"
        posts.append(Post(mention, own, depths[mention.id]))
    return posts


def _mention(row: dict[str, str]) -> Mention:
    parent = (row["in_response_to_tweet_id"] or "").removesuffix(".0")
    at = TimeReader()(row["created_at"])
    return Mention(
        id=row["tweet_id"],
        text=HANDLE.sub("", row["text"]),
        created_at=at,
        ingested_at=at,
        platform="x",
        author=Author(handle=row["author_id"]),
        parent_id=parent or None,
    )


class Found:
    """What detect finds: at what distance, by the post."""

    def __init__(self) -> None:
        self.distances: dict[str, int] = {}

    def to_track(self, record: TrackRecord, position: int) -> None:
        """Of brand mentions, the distance."""
        if isinstance(record, BrandMention):
            self.distances[record.mention.id] = record.distance

    def dead_letter(self, letter: DeadLetter) -> None:
        """There are none."""
        raise AssertionError(letter.reason)


def listen(posts: Sequence[Post], *, authors: bool) -> dict[str, int]:
    """How far from a post that says it is about the brand each one is, of those that reach it."""
    roots, found = Roots(), Found()
    detector = Detector(TextReader([Scorer("none", "en", lambda text: 0)], lambda text: [("en", 1.0)]), Threads())
    detect([Logged(0, Settings(version="1", brands=(BRAND,)))], detector, found)
    detect(_logged(posts, roots, authors=authors), detector, found)
    return found.distances


def _logged(posts: Sequence[Post], roots: Roots, *, authors: bool) -> Iterator[Logged]:
    for place, post in enumerate(posts, 1):
        mention = roots.rooted(post.mention)
        if not authors:
            mention = Mention(
                **{name: getattr(mention, name) for name in mention.__struct_fields__ if name != "author"}
            )
        yield Logged(place, mention)


def reach(posts: Sequence[Post], distances: dict[str, int]) -> Reach:
    """The reach of some posts."""
    kinds = Counter(distances[post.mention.id] > 0 for post in posts if post.mention.id in distances)
    return Reach(len(posts), kinds[False], kinds[True])


def rows(title: str, posts: Sequence[Post], distances: dict[str, int]) -> Iterator[tuple[object, ...]]:
    """By depth, and together."""
    for depth in range(DEEPEST + 1):
        deep = [post for post in posts if min(post.depth, DEEPEST) == depth]
        if deep:
            yield _row(title, f"{depth}+" if depth == DEEPEST else str(depth), reach(deep, distances))
    yield _row(title, "all", reach(posts, distances))


def _row(title: str, depth: str, found: Reach) -> tuple[object, ...]:
    posts, alone, by_thread = found
    return title, depth, posts, f"{alone / posts:.1%}", f"{(alone + by_thread) / posts:.1%}"


def main(argv: Sequence[str] | None = None) -> None:
    """Measure."""
    options = arguments(__doc__).parse_args(argv)
    folder = options.data.absolute() / FOLDER
    if not folder.is_dir():
        print(f"{__spec__.name}: {folder}: there is no such folder", file=sys.stderr)
        raise SystemExit(2)
    head("Whom a post is about, by its words and by its thread")
    posts = read(folder)
    customers = [post for post in posts if not post.brands_own]
    answering = [post for post in customers if post.depth]
    answers = [post for post in posts if post.brands_own]
    distances, nameless = listen(posts, authors=True), listen(posts, authors=False)
    table(
        [
            *rows("customers' posts", customers, distances),
            *rows("the brand's answers", answers, distances),
            *rows("answers, had nobody told who wrote", answers, nameless),
        ],
        ["", "depth", "posts", "reach without the index", "with it"],
    )
    everyone, below = reach(customers, distances), reach(answering, distances)
    hidden = reach(answers, nameless)
    finish(
        "threads",
        {
            "customer_posts": everyone.posts,
            "answers": len(answers),
            "reach_without_index": everyone.alone / everyone.posts,
            "reach_with_index": (everyone.alone + everyone.by_thread) / everyone.posts,
            "reach_with_index_where_parent_is_known": (below.alone + below.by_thread) / below.posts,
            "answers_reach_without_index": hidden.alone / hidden.posts,
            "answers_reach_with_index": (hidden.alone + hidden.by_thread) / hidden.posts,
        },
    )


if __name__ == "__main__":
    main()
