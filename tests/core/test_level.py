"""How bad an alert is, from 1 to 10, and how strong its evidence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from listener.alerts.level import MOST, Heard, level_of
from listener.alerts.lifecycle import Alerts
from listener.alerts.wording import weighed
from listener.judgement import fires, judge_again, score_of
from listener.partition import Partition
from schemas.alert import Alert
from schemas.times import DAY, HOUR, MINUTE
from tests.core.building import START, all_alerts, burst, calm, run, with_pulses
from tests.core.living import DESK, Life, finding, judged

AT = START + 6 * MINUTE
heard = st.builds(Heard, st.integers(0, 10**9), st.floats(0, 1))
excesses, lengths = st.floats(0, 1e6), st.integers(0, 30 * DAY)


def test_a_handful_for_minutes_is_one() -> None:
    assert level_of(5, 5 * MINUTE, Heard()) == 1


def test_thousands_for_a_day_with_deaths_in_it_are_ten() -> None:
    assert level_of(4000, DAY, Heard(1_000_000, 0.9)) == 10


@given(excesses, lengths, heard)
def test_it_lies_between_1_and_10(excess: float, lasted: int, of: Heard) -> None:
    assert 1 <= level_of(excess, lasted, of) <= MOST


@given(excesses, lengths, heard, excesses, lengths, heard)
def test_it_never_falls_with_any_of_what_makes_it_worse(
    excess: float, lasted: int, of: Heard, more: float, longer: int, other: Heard
) -> None:
    level = level_of(excess, lasted, of)
    assert level_of(excess + more, lasted, of) >= level
    assert level_of(excess, lasted + longer, of) >= level
    assert level_of(excess, lasted, of._replace(reach=of.reach + other.reach)) >= level
    assert level_of(excess, lasted, of._replace(gravity=max(of.gravity, other.gravity))) >= level


def test_what_rises_by_two_since_it_was_told_is_told_again() -> None:
    reach = [0]
    life = Life()
    life.alerts = Alerts("acme", life.state, lambda judged, stage: Heard(reach[0]))
    (opened,) = life.final(AT, HOUR)
    assert life.final(AT + 5 * MINUTE, HOUR) == []
    reach[0] = 10**7
    (escalated,) = life.final(AT + 10 * MINUTE, HOUR)
    assert escalated.event == "escalated"
    assert opened.level is not None
    assert escalated.level is not None
    assert escalated.level >= opened.level + 2
    assert escalated.reason == f"its severity has risen from {opened.level} to {escalated.level} of 10"
    assert life.final(AT + 15 * MINUTE, HOUR) == []


def test_an_alert_keeps_the_level_that_was_told_last() -> None:
    life = Life()
    (opened,) = life.final(AT, HOUR)
    (resolved,) = life.alerts.final([finding(0, AT + HOUR)], AT + HOUR, DESK)
    assert resolved.level == opened.level


# Score


def test_at_the_limit_the_score_is_a_half() -> None:
    one = judged()
    chance = 1e-7
    at_limit = replace(one, chance_of_count=chance, chance_of_share=chance, both_limit=chance**2, each_limit=1.0)
    assert score_of(at_limit) == 0.5


@given(st.integers(0, 25), st.integers(0, 25))
def test_more_evidence_never_lowers_the_score(one: int, other: int) -> None:
    few, many = sorted((one, other))
    assert 0.0 <= score_of(judged(observed=few)) <= score_of(judged(observed=many)) <= 1.0


@given(st.integers(0, 25))
def test_what_fires_scores_a_half_at_least(observed: int) -> None:
    one = judged(observed=observed)
    if fires(one):
        assert score_of(one) >= 0.5
    elif observed >= one.least:
        assert score_of(one) < 0.5


def told() -> list[Alert]:
    bad = burst("x:", START + 80 * HOUR, 200, -0.7, 2000)
    log = with_pulses([*calm(START, 80), *bad], START + 84 * HOUR, every=5 * MINUTE)
    return all_alerts(run(log, Partition()))


def test_every_event_of_an_alert_has_both() -> None:
    events = told()
    assert {event.rule for event in events} == {"negative-spike", "volume-spike"}
    for event in events:
        assert event.judged is not None
        assert event.score == score_of(judge_again(event.judged))
        assert event.level is not None
        if event.event == "opened" and event.stage == "final":
            assert event.score >= 0.5


@pytest.mark.parametrize(
    ("level", "score", "words"),
    [(7, 0.93, "severity 7 of 10, evidence .93"), (10, 0.9999, "severity 10 of 10, evidence >.99"), (None, None, "")],
)
def test_both_are_told_in_one_short_form(level: int | None, score: float | None, words: str) -> None:
    assert weighed(level, score) == words
