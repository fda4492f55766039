"""A long stream of mentions with alerts in it, and what the embedded runtime makes of it.

The demo's story is told again and again, each time from another seed and three weeks after the one before; people
answer, pass on, edit and delete, and its sources come and go (tests/core/conversations.py). In one stretch the ids are
so long that what a lane has seen between two commits does not fit into one record of Kafka.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from itertools import count, islice
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec.structs import replace

from agents.demo import story_settings
from agents.reader import standard_reader
from agents.runtime.embedded import STEP_RECORDS, Embedded, Incoming, Outcome
from agents.runtime.store import Store
from agents.sources.history import Item
from agents.sources.story import SEED, START, Story
from schemas.mention import Mention
from schemas.record import to_json
from schemas.times import DAY, to_ms
from tests.bench._outcome import digest
from tests.core.conversations import Conversations
from tests.kafka.building import is_final

DAYS = 21
CALM = 8 * DAY  # are left out of the first story, so that trouble comes within 40,000 mentions
NAMES = ("id", "parent_id", "root_id", "quoted_id")
STRETCH_BEGINS = 0.4  # of all mentions
STRETCH, STRETCH_SHARE = 4_000, 0.1  # mentions with long ids: so many, but no more than this share
LONG = 4_000  # letters
PLAIN = 0.77  # of all mentions are those of the story; the others come of them
NUMBERED = 1_000_000_000  # where a story begins to number its mentions


class Stories:
    """So many mentions, told story after story."""

    name = "stories"
    stream: AbstractContextManager[None] = nullcontext()

    def __init__(self, mentions: int) -> None:
        self._mentions = mentions
        first = int(mentions * STRETCH_BEGINS)
        self.stretch = range(first, first + min(STRETCH, int(mentions * STRETCH_SHARE)))
        self._left_out: int | None = None  # mentions before the first one that is told on

    def __iter__(self) -> Iterator[Mention]:
        return islice(self._told(), self._mentions)

    def _told(self) -> Iterator[Mention]:
        before = 0
        for number in count():
            told = 0
            for mention in Story(SEED + number, DAYS, START + number * DAYS * DAY).mentions():
                told += 1
                if to_ms(mention.created_at) >= START + CALM:
                    if self._left_out is None:
                        self._left_out = told
                    yield self._renamed(mention, before)
            before += told

    def _renamed(self, mention: Mention, before: int) -> Mention:
        """What is answered keeps the name that it was told by."""
        names = {field: self._name(id_, before) for field in NAMES if (id_ := getattr(mention, field)) is not None}
        return replace(mention, **names)

    def _name(self, id_: str, before: int) -> str:
        platform, _, number = id_.partition(":")
        told = before + int(number) % NUMBERED
        long = told - (self._left_out or 0) in self.stretch
        return f"{platform}:{'long' * (LONG // 4) if long else ''}{told}"


def items_of(mentions: int) -> list[Item]:
    """All items of a stream of so many mentions, in order, with their heartbeats."""
    return list(Conversations(Stories(int(mentions * PLAIN)), SEED, mentions).items())


def expected(items: list[Item]) -> dict[str, Counter[bytes]]:
    """What the embedded runtime makes of it: digests of brand mentions, retractions, trends, final alerts."""
    mentions, retractions = Counter[bytes](), Counter[bytes]()

    def committed(outcome: Outcome) -> None:
        mentions.update(digest(to_json(record)) for _, record in outcome.found)
        retractions.update(digest(to_json(record)) for record in outcome.retracted)

    with TemporaryDirectory() as folder, Store(Path(folder) / "stories.db") as store:
        lane = Embedded(store, standard_reader(), committed)
        lane.configure(story_settings())
        rest = iter(items)
        while step := [Incoming(*item) for item in islice(rest, STEP_RECORDS)]:
            lane.step(step, None, None)
        return {
            "brand_mentions": mentions,
            "retractions": retractions,
            "trends": Counter(map(digest, store.export("trends"))),
            "alerts": Counter(map(digest, filter(is_final, store.export("alerts")))),
        }
