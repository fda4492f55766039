"""Lanes of Kafka, one far ahead of another, give what the embedded runtime gives, wherever commits and starts are."""

from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any
from zlib import crc32

import pytest
from msgspec.structs import replace

from agents.demo import story_settings
from agents.sources.history import Item
from listener import enrich
from schemas.brand_mention import BrandMention, Certainty
from schemas.mention import Mention
from schemas.record import decoder
from schemas.settings import Brand, Settings
from schemas.times import DAY, HOUR, MINUTE, from_ms, to_ms
from schemas.trend import Trend
from tests.core.building import START, a_mention, settings_of, severe, talk
from tests.core.conversations import Conversations
from tests.kafka.building import Outputs, differences, embedded, plain_items, sorted_out
from tests.kafka.lanes_alone import TOPICS, Lanes

TROUBLE = 4 * DAY  # of the story, its last days
CALM, QUIET = 18 * DAY, 12 * HOUR  # of a brand that is spoken of each quarter of an hour


@cache
def trouble() -> tuple[tuple[Item, ...], Outputs]:
    """The end of the story, with all that people and sources do, and what the embedded runtime makes of it."""
    told = [item.record for item in plain_items() if isinstance(item.record, Mention)]
    begin = from_ms(to_ms(told[-1].created_at) - TROUBLE)
    items = tuple(Conversations((mention for mention in told if mention.created_at >= begin), seed=5).items())
    return items, embedded(items)


def outputs(items: Sequence[Item], settings: Settings, partitions: int, seed: int) -> Outputs:
    """What lanes make of items."""
    lanes = Lanes(partitions, settings, seed)
    lanes.take_in(items)
    assert not lanes.found(TOPICS.dead_letters)
    topics = (TOPICS.brand_mentions, TOPICS.trends, TOPICS.alerts)
    return sorted_out(*(lanes.found(topic).elements() for topic in topics))


@pytest.mark.parametrize(("partitions", "seed"), [(1, 1), (4, 2), (7, 3)])
def test_lanes_give_what_the_embedded_runtime_gives(partitions: int, seed: int) -> None:
    items, expected = trouble()
    assert differences(outputs(items, story_settings(), partitions, seed), expected) == {}


def test_a_brand_that_falls_quiet_and_sources_that_die_are_told_the_same() -> None:
    """A quiet brand is not told while a source is dead; so when which was known decides."""
    end = START + CALM + QUIET
    posts = [a_mention(f"x:{at}", at) for at in range(START, end + DAY, 15 * MINUTE) if not START + CALM <= at < end]
    posts += [a_mention(f"reddit:{at}", at, text="nothing", platform="reddit") for at in range(START, end + DAY, HOUR)]
    posts.sort(key=lambda mention: (mention.created_at, mention.id))
    settings = settings_of(Brand(id="acme", name="Acme"))
    items = tuple(Conversations(posts, seed=7, days=3).items())
    expected = embedded(items, settings)
    for rule in (b'"quiet-brand"', b'"dead-source"'):
        assert any(rule in alert for alert in expected["alerts"])
    assert differences(outputs(items, settings, 3, 4), expected) == {}


def hesitating(monkeypatch: pytest.MonkeyPatch) -> None:
    """Detect is not sure of every third mention, and finds severe words and talk in some: by the id, as all is."""
    sure = enrich._brand_mentions  # noqa: SLF001 - what it finds is to be doubted before it is remembered

    def unsure(mention: Mention, *more: Any) -> list[BrandMention]:
        drawn = crc32(mention.id.encode())
        certainty: Certainty = "doubtful" if drawn % 3 == 0 else "probable" if drawn % 7 == 0 else "certain"
        words = (severe("safety", drawn % 100 / 100),) if drawn % 5 == 0 else ()
        talks = (talk("complaint"), talk("wish")) if drawn % 4 == 0 else ()
        return [replace(one, certainty=certainty, severity=words, talk=talks) for one in sure(mention, *more)]

    monkeypatch.setattr(enrich, "_brand_mentions", unsure)


def test_what_is_doubtful_is_admitted_the_same_whichever_lane_is_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """Authors speak on all lanes, of which one has read their words long before another does."""
    hesitating(monkeypatch)
    items, _ = trouble()
    brands = [replace(brand, ambiguous=True) for brand in story_settings().brands]
    settings = replace(story_settings(), brands=tuple(brands))
    expected = embedded(items, settings)
    told = [decoder(Trend)(raw) for raw in expected["trends"]]
    sums = Counter[str]()
    for trend in told:
        for counts in trend.platforms.values() if trend.window == "day" else ():
            sums.update(counts)
    assert min(sums[name] for name in ("doubtful", "probable", "severe_safety", "complaint")) > 20
    for partitions, seed in ((1, 5), (4, 6), (7, 7)):
        assert differences(outputs(items, settings, partitions, seed), expected) == {}
