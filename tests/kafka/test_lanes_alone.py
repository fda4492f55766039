"""Lanes of Kafka, one far ahead of another, give what the embedded runtime gives, wherever commits and starts are."""

from collections.abc import Sequence
from functools import cache

import pytest

from agents.demo import story_settings
from agents.sources.history import Item
from schemas.mention import Mention
from schemas.settings import Brand, Settings
from schemas.times import DAY, HOUR, MINUTE, from_ms, to_ms
from tests.core.building import START, a_mention, settings_of
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
