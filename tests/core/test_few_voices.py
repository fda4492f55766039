"""How bad a flood by few is: it is told as what it is, and a real crowd is not made smaller."""

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from agents.alerts_shown import judged_the_same
from listener.alerts.level import Heard, level_again, weigh
from listener.alerts.voices import CAP, counted_of
from listener.partition import Partition
from listener.remembered import Remembered, Sample
from schemas.alert import Alert, Weighed
from schemas.brand_mention import BrandMention
from schemas.times import HOUR, MINUTE, SECOND
from tests.core.building import START, all_alerts, run, with_pulses
from tests.core.crises import CRISIS, people, post, usual_talk
from tests.core.living import judged

WORDS = [first + last for first in ("gla", "sha", "poi", "reca", "refu", "si") for last in "bcdfghjklmnprstvwxz"]


def by(accounts: int, posts: int, text: str = "acme {words}", **fields: Any) -> list[BrandMention]:
    """So many posts within three minutes by so many accounts, each in other words unless `text` says otherwise."""
    return [
        post(
            f"x:f{n}",
            CRISIS + n * 3 * MINUTE // posts,
            text.format(words=" ".join(Random(n).sample(WORDS, 5))),
            f"account{n % accounts}",
            **{"followers": 100, **fields},
        )
        for n in range(posts)
    ]


def told(mentions: list[BrandMention]) -> list[Alert]:
    """What is told of the talk, notices too."""
    return all_alerts(run(with_pulses([*usual_talk(), *mentions], CRISIS + 2 * HOUR, every=5 * MINUTE), Partition()))


def opened(mentions: list[BrandMention], rule: str = "negative-spike") -> Alert:
    events = told(mentions)
    return next(one for one in events if (one.rule, one.stage, one.event) == (rule, "final", "opened"))


def weighed(alert: Alert) -> Weighed:
    assert alert.weighed is not None
    return alert.weighed


def test_a_flood_by_ten_accounts_is_told_and_is_less_bad_than_a_crowd() -> None:
    few, many = opened(by(10, 1_000)), opened(by(1_000, 1_000))
    assert weighed(few).observed == weighed(many).observed == 1_000
    assert weighed(few).counted <= 10 * CAP
    assert few.severity == many.severity
    assert few.muted is None
    assert few.level is not None
    assert many.level is not None
    assert few.level < many.level
    assert few.reason.endswith(f"; few voices: of 1,000 only {weighed(few).counted} count for its severity")
    assert "few voices" not in many.reason


@pytest.mark.parametrize("size", [12, 60, 300, 1_000])
def test_a_crowd_in_its_own_words_counts_whole(size: int) -> None:
    of = weighed(opened(by(size, size)))
    assert of.counted >= 0.9 * of.observed


def test_a_crowd_in_which_everybody_speaks_twice_counts_nearly_whole() -> None:
    of = weighed(opened(by(500, 1_000)))
    assert of.counted >= 0.7 * of.observed


def test_what_says_nearly_the_same_is_one_voice_however_many_accounts_it_has() -> None:
    of = weighed(opened(by(300, 300, "never buy acme poison drinks stay healthy folks")))
    assert of.counted == CAP


def test_a_repost_chain_is_one_voice_and_its_followers_count() -> None:
    root = post("x:root", CRISIS, "acme sold me a bottle with glass shards in it", "ann")
    chain = by(3_000, 3_000, "", kind="repost", reposted_id="x:root")
    alert = opened([root, *chain])
    assert weighed(alert).counted == CAP
    assert weighed(alert).reach > 100 * 10
    assert "few voices" in alert.reason


def test_an_account_has_its_followers_once() -> None:
    assert weighed(opened(by(1, 40))).reach == 100
    assert weighed(opened(by(40, 40))).reach > 1_000


def test_one_loud_account_leaves_the_crowd_beside_it_as_it_is() -> None:
    flood = [post(f"x:z{n}", CRISIS + n * SECOND, f"acme is awful {n}", "zealot") for n in range(40)]
    of = weighed(opened([*flood, *by(60, 60)]))
    assert 0.7 * 60 <= of.counted < 0.8 * of.observed


def test_of_praise_who_says_it_counts_too() -> None:
    """Of posts that are neither negative nor grave few words are remembered: only whose they are is known."""
    assert weighed(opened(by(2, 200, compound=0.8), "praise-spike")).counted == 2 * CAP


def test_each_event_shows_what_its_level_was_made_of_and_gives_it_again() -> None:
    events = [*told(by(10, 1_000)), *told(people(200, every=20 * SECOND))]
    assert {"opened", "escalated", "resolved"} <= {event.event for event in events}
    for event in events:
        assert level_again(weighed(event)) == event.level
        assert judged_the_same(event)


def remembered(accounts: list[int], at: int = START) -> tuple[Remembered, int]:
    sample, kept = Sample(), Remembered()
    for n, account in enumerate(accounts):
        text = " ".join(Random(n).sample(WORDS, 5))
        sample.note(post(f"x:{n}", at + n, f"acme {text}", f"a{account}"), at + n, "Acme")
    kept.take_in(sample, at, lambda: ())
    return kept, len(accounts)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=60))
def test_of_what_is_remembered_whole_the_count_is_that_of_the_capped_accounts_at_most(accounts: list[int]) -> None:
    kept, observed = remembered(accounts)
    (sample,) = kept.samples(START, START + 5 * MINUTE)
    posts = sorted(sample.posts, key=lambda one: one.key)
    looked_at = [one for one in posts if one.rank <= sample.bars[0]]
    verdict = replace(judged(), observed=observed)
    counted = counted_of(looked_at, [sample], verdict, START, START + 5 * MINUTE)
    if not looked_at:
        assert counted is None
        return
    assert counted is not None
    assert 1 <= counted <= observed
    if len(looked_at) == observed:
        assert counted == sum(min(CAP, accounts.count(account)) for account in set(accounts))


def test_of_a_stretch_that_is_not_remembered_whole_all_count() -> None:
    kept, observed = remembered([1] * 20)
    (sample,) = kept.samples(START, START + 5 * MINUTE)
    assert counted_of(sample.posts, [sample], judged(observed=observed), START, START + 72 * HOUR) is None


@given(st.integers(0, 200), st.integers(0, 200), st.integers(1, 10))
def test_fewer_that_count_never_make_it_worse(one: int, other: int, least: int) -> None:
    few, many = sorted((one, other))
    levels = [
        level_again(weigh(judged(observed=max(one, other)), HOUR, Heard(counted=counted), least))
        for counted in (few, many)
    ]
    assert least <= levels[0] <= levels[1]
