"""Hostile and odd cases, each with what is to come of it.

Bots that flood hate, one account with 5,000 posts and repost chains are in test_evidence.py, a connector that catches
up in test_catching_up.py, a new brand's first hour in test_monitors.py, too few mentions in test_quiet.py.
"""

from random import Random
from typing import Any

import pytest
from msgspec.structs import replace

from listener.monitors.monitor import BASE, BaseWindow, Finding, Monitor
from listener.monitors.sentiment import SentimentMonitor
from listener.monitors.severity import SeverityMonitor
from listener.monitors.volume import VolumeMonitor
from listener.partition import Partition, TrackRecord
from listener.state import pack
from schemas.alert import Alert
from schemas.brand_mention import BrandMention
from schemas.mention import Author, Mention
from schemas.times import DAY, HOUR, MINUTE, SECOND, from_ms, to_ms
from tests.core.building import (
    START,
    Told,
    a_mention,
    about,
    alerts,
    brand_settings,
    burst,
    latest,
    run,
    said,
    with_pulses,
)
from tests.core.crises import CRISIS, NEW, alerts_of, evidence_of, people, post, usual_talk, words_of
from tests.core.rhythms import poisson

WEEK = 7 * DAY
A_WINDOW = 250_000  # mentions in five minutes: three million an hour


def pages(told: list[Alert]) -> list[Alert]:
    """Final alerts that people are woken for."""
    return [alert for alert in told if alert.stage == "final" and alert.severity in ("warning", "critical")]


def opened(told: list[Alert], brand: str = "acme") -> list[Alert]:
    return [alert for alert in pages(told) if alert.event == "opened" and alert.brand == brand]


# Those who praise for money


def test_bots_that_flood_praise_wake_nobody() -> None:
    praise = [
        post(f"x:bot{n}", CRISIS + n * 100, "best drink ever, i love acme", f"bot{n}", 0.8, born=NEW)
        for n in range(600)
    ]
    assert pages(alerts_of(praise)) == []


def test_a_crisis_is_found_under_a_flood_of_praise() -> None:
    praise = [
        post(f"x:bot{n}", CRISIS + n * SECOND, "best drink ever, i love acme", f"bot{n}", 0.8, born=NEW)
        for n in range(120)
    ]
    assert opened(alerts_of([*praise, *people(120, every=2 * SECOND)]))


# Times that are wrong


def stream(seed: int, days: int, an_hour: float = 6.0) -> list[BrandMention]:
    """Calm talk as chance has it, a fifth of it negative."""
    chance, told = Random(seed), list[BrandMention]()
    for hour in range(days * 24):
        times = sorted(chance.randrange(HOUR) for _ in range(poisson(chance, an_hour)))
        for number, at in enumerate(times):
            compound = -0.4 if chance.random() < 0.2 else 0.3
            told.append(said(f"x:{hour}-{number}", START + hour * HOUR + at, compound))
    return told


@pytest.mark.parametrize("seed", range(5))
def test_posts_that_come_days_out_of_order_raise_nothing_and_count_on_their_days(seed: int) -> None:
    chance, calm = Random(seed), stream(seed, 12)
    times = [to_ms(mention.mention.created_at) for mention in calm]
    by_place = sorted(range(len(calm)), key=lambda place: times[place] + chance.randrange(5 * DAY))
    end = START + 20 * DAY
    mixed = [
        replace(
            calm[place],
            mention=replace(calm[place].mention, ingested_at=from_ms(START + 5 * DAY + times[number] - START)),
        )
        for number, place in enumerate(by_place)
    ]
    told, ordered = (run(with_pulses(log, end, every=10 * MINUTE)) for log in (mixed, calm))
    assert alerts(told) == []
    assert days_of(told) == days_of(ordered)


def days_of(told: list[Told]) -> dict[int, int]:
    """The mentions of each day as they were told last."""
    sums = {
        start: sum(counts["mentions"] for counts in trend.platforms.values())
        for (_, length, start), trend in latest(told).items()
        if length == "day"
    }
    return {start: mentions for start, mentions in sums.items() if mentions}


@pytest.mark.parametrize("skew", [-11 * MINUTE, -45 * SECOND, 45 * SECOND, 11 * MINUTE])
def test_a_source_whose_clock_is_wrong_changes_no_alert(skew: int) -> None:
    calm = stream(3, 4)
    crisis = burst("x:c", START + 3 * DAY, 40, every=5 * SECOND)
    log = [*(mention for mention in calm if to_ms(mention.mention.created_at) < START + 3 * DAY), *crisis]
    skewed = [
        replace(one, mention=replace(one.mention, created_at=from_ms(to_ms(one.mention.created_at) + skew)))
        for one in log
    ]
    right, wrong = (
        [
            (alert.id, alert.event, alert.at, alert.summary)
            for alert in pages(alerts(run(with_pulses(of, START + 4 * DAY, every=5 * MINUTE))))
        ]
        for of in (log, skewed)
    )
    assert right
    assert wrong == right


# Brands of any size


def test_three_mentions_a_week_raise_nothing_whatever_they_say() -> None:
    rare = [said(f"x:{n}", START + n * WEEK // 3, -0.8) for n in range(3 * 26)]
    assert alerts(run(with_pulses(rare, START + 26 * WEEK, every=6 * HOUR))) == []


def test_six_angry_people_within_minutes_are_a_crisis_for_such_a_brand() -> None:
    rare = [said(f"x:{n}", START + n * WEEK // 3, 0.2) for n in range(3 * 8)]
    crowd = burst("x:angry", START + 8 * WEEK + 5 * HOUR, 6, every=50 * SECOND)
    assert opened(alerts(run(with_pulses([*rare, *crowd], START + 8 * WEEK + DAY, every=HOUR))))


CALM = {"mentions": 1.0, "scorable": 1.0, "scored": 1.0, "negative": 0.2, "grave": 0.002}


@pytest.mark.parametrize(
    ("monitor", "trouble"),
    [
        (SentimentMonitor(), {"negative": 0.4}),
        (SeverityMonitor(), {"grave": 0.04}),
        (VolumeMonitor(), {"mentions": 3.0}),
    ],
)
def test_three_million_mentions_an_hour_are_calm_if_they_are_as_always_and_an_alarm_if_not(
    monitor: Monitor[Any], trouble: dict[str, float]
) -> None:
    state, chance = monitor.state(), Random(7)

    def judged(start: int, shares: dict[str, float]) -> list[Finding]:
        whole = A_WINDOW * chance.uniform(0.9, 1.1)
        counts = {name: round(whole * share * chance.uniform(0.95, 1.05)) for name, share in shares.items()}
        counts["scored"] = counts["scorable"] = counts["mentions"]
        window = BaseWindow(start, start + BASE, counts, {}, START, lambda start, end: 1.0)
        return list(monitor.due(state, window, start + BASE + MINUTE))

    windows = range(START, START + 9 * DAY, BASE)
    assert not [found for start in windows for found in judged(start, CALM)]
    assert [found for place in range(3) for found in judged(windows.stop + place * BASE, CALM | trouble)]
    assert len(pack(1, state)) < 64 * 1024


# In the middle of it


def changed_amid_an_incident(**changes: Any) -> tuple[list[TrackRecord], list[TrackRecord]]:
    """A log with a crisis; and the same with settings of the brand that change twelve minutes after it began."""
    crisis = START + 3 * DAY
    log = with_pulses([*stream(5, 3), *burst("x:c", crisis, 60, every=20 * SECOND)], START + 5 * DAY, every=5 * MINUTE)
    at = crisis + 12 * MINUTE
    changed = brand_settings(at=at, version="2")
    assert changed.brand is not None
    changed = replace(changed, brand=replace(changed.brand, **changes))
    place = next(number for number, one in enumerate(log) if isinstance(one, BrandMention) and read(one) > at)
    return log, [*log[:place], changed, *log[place:]]


def test_settings_that_change_amid_an_incident_leave_its_alert_as_it_is() -> None:
    log, changed = changed_amid_an_incident(name="ACME Drinks", monitors={"talk": False})
    before = [(alert.id, alert.event) for alert in pages(alerts(run(log, Partition()))) if alert.event != "reminded"]
    after = pages(alerts(run(changed, Partition())))
    assert {"opened", "resolved"} <= {event for _, event in before}
    assert [(alert.id, alert.event) for alert in after if alert.event != "reminded"] == before
    assert {alert.settings for alert in after} == {"1", "2"}


@pytest.mark.parametrize("budget", [0.25, 4.0])
def test_a_budget_that_changes_amid_an_incident_neither_ends_nor_repeats_its_alert(budget: float) -> None:
    _, changed = changed_amid_an_incident(budget=budget)
    told = pages(alerts(run(changed, Partition())))
    life = [alert.event for alert in told if alert.event in ("opened", "reopened", "resolved")]
    assert life == ["opened", "resolved"]
    assert {alert.settings for alert in told} == {"1", "2"}


def read(mention: BrandMention) -> int:
    return to_ms(mention.mention.ingested_at or mention.mention.created_at)


def test_two_brands_in_trouble_at_once_have_an_alert_each() -> None:
    at = START + 3 * DAY
    both = [
        about(brand, a_mention(f"x:{brand}{n}", at + n * 10 * SECOND), -0.7)
        for n in range(40)
        for brand in ("acme", "brill")
    ]
    calm = [
        replace(one, brand=brand, mention=replace(one.mention, id=f"{one.mention.id}{brand}"))
        for one in stream(9, 3)
        for brand in ("acme", "brill")
    ]
    told = alerts(run(with_pulses([*calm, *both], at + DAY, every=5 * MINUTE, brands=("acme", "brill"))))
    assert [len(opened(told, brand)) for brand in ("acme", "brill")] == [1, 1]
    assert opened(told, "acme")[0].id != opened(told, "brill")[0].id


def test_a_second_trouble_of_a_brand_makes_its_open_alert_grow_and_opens_no_other() -> None:
    at = START + 3 * DAY
    first = burst("x:glass", at, 12, every=20 * SECOND)
    second = burst("reddit:racist", at + 20 * MINUTE, 400, every=10 * SECOND)
    told = pages(alerts(run(with_pulses([*stream(11, 3), *first, *second], at + DAY, every=5 * MINUTE))))
    assert [alert.event for alert in told if alert.event in ("opened", "escalated")][:2] == ["opened", "escalated"]
    assert len({alert.id for alert in told}) == 1
    assert any(alert.severity == "critical" for alert in told)


def two_crises(apart: int) -> list[BrandMention]:
    """Glass in bottles, and `apart` ms after it began a racist advertisement of which ten times as many speak."""
    racist = "so that racist advert was approved by whom, acme, number {n}"
    later = [replace(one, mention=moved(one, apart)) for one in people(300, racist, every=2 * SECOND)]
    return [*people(30, every=8 * SECOND), *later]


def moved(one: BrandMention, later: int) -> Mention:
    """Another post by somebody else, so much later."""
    at, author = from_ms(to_ms(one.mention.created_at) + later), Author(handle=one.mention.id, followers=2_000)
    return replace(one.mention, id=f"{one.mention.id}-b", created_at=at, ingested_at=at, author=author)


def told_words(alert: Alert, said: list[BrandMention]) -> str:
    return " / ".join(word or "" for word in words_of(alert, [*usual_talk(), *said]))


def test_of_two_crises_after_each_other_each_is_explained_when_it_is_told() -> None:
    said = two_crises(20 * MINUTE)
    opening, *_, growing = opened_or_grown(alerts_of(said))
    assert (opening.event, growing.event) == ("opened", "escalated")
    assert "glass shards" in told_words(opening, said)
    assert "racist" not in told_words(opening, said)
    assert "racist advert" in told_words(growing, said)
    second = [{one.id.endswith("-b") for one in evidence_of(alert).top} for alert in (opening, growing)]
    assert second == [{False}, {False, True}]


def opened_or_grown(told: list[Alert]) -> list[Alert]:
    return [one for one in pages(told) if one.event in ("opened", "escalated")]


def test_two_crises_at_once_are_both_in_what_explains_the_alert() -> None:
    said = two_crises(30 * SECOND)
    explained = [told_words(one, said) for one in opened_or_grown(alerts_of(said))]
    assert "glass shards" in explained[0]
    assert "racist advert" in explained[0]
