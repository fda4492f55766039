"""The alarm "severity-words": a few people who say a grave word of a brand of which such words are never said."""

from collections.abc import Iterable

import pytest
from msgspec.structs import replace

from listener.judgement import fires, judge_again
from listener.monitors.severity import WORDS, SeverityMonitor
from listener.partition import Partition
from schemas.alert import Alert
from schemas.brand_mention import BrandMention, Category
from schemas.retraction import Retraction
from schemas.times import HOUR, MINUTE, from_ms
from tests.bench._traffic import RATES, calm
from tests.bench._watched import SEED, Watched
from tests.core.building import START, alerts, pulse, run, said, severe, with_pulses
from tests.core.building import calm as calm_talk

CALM_HOURS = 40
NOW = START + CALM_HOURS * HOUR


def grave(id: str, read: int, category: Category = "safety", weight: float = 0.9) -> BrandMention:
    return replace(said(id, read), severity=(severe(category, weight),))


def told(mentions: Iterable[BrandMention], before: Iterable[BrandMention] = ()) -> list[Alert]:
    log = with_pulses([*calm_talk(START, CALM_HOURS), *before, *mentions], NOW + 3 * HOUR)
    return [alert for alert in alerts(run(log, Partition())) if alert.rule == WORDS.rule]


def test_three_people_are_enough_and_are_told_of_within_minutes() -> None:
    early, first, *_ = told(grave(f"x:{n}", NOW + n * MINUTE) for n in range(3))
    assert [(one.event, one.severity, one.stage) for one in (early, first)] == [
        ("opened", "warning", "early"),
        ("opened", "warning", "final"),
    ]
    assert early.at == from_ms(NOW + 2 * MINUTE)
    assert first.at <= from_ms(NOW + 6 * MINUTE)
    assert set(first.examples) == {"x:0", "x:1", "x:2"}
    assert first.summary.startswith("Acme: 3 of 3 mentions with grave words (100%) in the 5 min to ")


def test_it_is_over_when_nobody_says_such_words_any_more() -> None:
    *_, last = told(grave(f"x:{n}", NOW + n * MINUTE) for n in range(3))
    assert last.event == "resolved"
    assert "with grave words" in last.reason


@pytest.mark.parametrize("count", [1, 2])
def test_one_who_is_killed_by_a_joke_is_not_enough(count: int) -> None:
    assert told(grave(f"x:{n}", NOW + n * MINUTE) for n in range(count)) == []


@pytest.mark.parametrize(("category", "weight"), [("safety", 0.5), ("boycott", 0.7)])
def test_what_is_said_every_day_is_not_grave(category: Category, weight: float) -> None:
    assert told(grave(f"x:{n}", NOW + n * MINUTE, category, weight) for n in range(9)) == []


def test_many_in_an_hour_are_critical() -> None:
    found = told(grave(f"x:{n}", NOW + n * 6 * MINUTE) for n in range(12))
    assert "critical" in {alert.severity for alert in found}


def test_where_such_words_are_said_daily_as_many_are_normal() -> None:
    daily = [grave(f"x:h{hour}-{n}", START + hour * HOUR + n * 20 * MINUTE) for hour in range(40) for n in range(3)]
    assert told([grave(f"x:{n}", NOW + n * 15 * MINUTE) for n in range(4)], daily) == []


def test_an_alert_loses_what_is_deleted() -> None:
    mentions = [grave(f"x:{n}", NOW + n * MINUTE) for n in range(3)]
    partition = Partition()
    log = with_pulses([*calm_talk(START, CALM_HOURS), *mentions], NOW + 10 * MINUTE)
    found = [alert for alert in alerts(run(log, partition)) if alert.rule == WORDS.rule]
    (opened,) = [alert for alert in found if alert.stage == "final"]
    gone = Retraction(brand="acme", trace=mentions[0], at=from_ms(NOW + 11 * MINUTE), because="deleted")
    (revised,) = [alert for alert in alerts(run([gone, pulse(NOW + 17 * MINUTE)], partition)) if alert.stage == "final"]
    assert revised.id == opened.id
    assert revised.judged is not None
    assert (revised.judged.mentions, revised.judged.scored, revised.judged.observed) == (2, 2, 2)
    assert not fires(revised.judged)
    assert "1 mention was deleted, 1 of them with grave words" in revised.reason


def test_it_judges_again_to_the_same() -> None:
    for alert in told(grave(f"x:{n}", NOW + n * MINUTE) for n in range(9)):
        assert alert.judged is not None
        assert judge_again(alert.judged) == alert.judged
        assert alert.judged.whole == "mentions"


def test_nothing_is_told_on_the_first_day() -> None:
    mentions = [grave(f"x:{n}", START + 2 * HOUR + n * MINUTE) for n in range(9)]
    assert not alerts(run(with_pulses(mentions, START + 5 * HOUR), Partition()))


def test_in_calm_months_it_keeps_to_its_tenth_of_the_budget() -> None:
    """A few mentions in a thousand have a grave word, whatever happens: 12 brand-months, so 5 alarms at budget 4."""
    raised = 0
    for number, rate in enumerate(RATES[:4]):
        events = Watched(4.0).watch(calm(SEED + number, rate, 90))
        raised += sum(event.rule == WORDS.rule and event.event == "opened" for event in events)
    assert raised <= 5


def test_only_grave_words_are_examples() -> None:
    monitor = SeverityMonitor()
    assert monitor.example(said("1", START)) is None
    assert monitor.example(grave("1", START, weight=0.5)) is None
    example = monitor.example(grave("1", START, "legal", 0.7))
    assert example is not None
    assert example == (WORDS.rule, (-70, 0))
