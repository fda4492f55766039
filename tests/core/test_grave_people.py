"""Grave words are counted by who says them, and told while they come."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from listener.baseline import Expected
from listener.judgement import fires, judge, judge_again
from listener.monitors.severity import LEAST, WORDS
from listener.partition import Partition
from schemas.alert import Alert, Judged
from schemas.brand_mention import BrandMention
from schemas.mention import Author
from schemas.times import DAY, HOUR, MINUTE, SECOND
from tests.core.building import START, all_alerts, calm, judged_of, pulse, run, said, severe, with_pulses
from tests.core.test_retraction_properties import retraction

AT = START + 60 * HOUR
RULE = WORDS.rule


def grave(number: int, author: str | None, at: int = AT, every: int = 20 * SECOND) -> BrandMention:
    """A post that is neither good nor bad and has a grave word."""
    who = None if author is None else Author(handle=author)
    mention = said(f"x:grave{number}", at + number * every, 0.0, author=who, text="acme recall")
    return replace(mention, severity=(severe("safety", 0.9),))


def told(posts: list[BrandMention], until: int = AT + 3 * HOUR, **more: Any) -> list[Alert]:
    log = with_pulses([*calm(START, 60), *posts], until, every=5 * MINUTE)
    return [one for one in all_alerts(run(log, Partition())) if one.rule == RULE]


def of_stage(events: list[Alert], stage: str) -> list[str]:
    return [one.event for one in events if one.stage == stage]


def test_thirty_threats_by_one_account_are_one_and_raise_nothing() -> None:
    assert told([grave(n, "zealot") for n in range(30)]) == []


def test_two_people_are_too_few_however_often_they_say_it() -> None:
    assert told([grave(n, f"zealot{n % 2}") for n in range(30)]) == []


def test_three_people_raise_it() -> None:
    events = told([grave(n, f"person{n}") for n in range(3)])
    assert of_stage(events, "final")[0] == "opened"


def test_three_people_of_whom_one_says_it_thirty_times_are_told_as_three() -> None:
    events = told([*(grave(n, "zealot") for n in range(30)), grave(31, "ann"), grave(32, "ben")])
    opened = next(one for one in events if (one.stage, one.event) == ("final", "opened"))
    judged = judged_of(opened)
    assert judged.counts == 3
    assert judged.observed > 3
    assert f", by {judged.counts} accounts," in opened.summary
    assert judge_again(judged) == judged


def test_those_of_whom_nobody_knows_who_they_are_count_each() -> None:
    assert of_stage(told([grave(n, None) for n in range(4)]), "final")[0] == "opened"


def test_a_crowd_of_hundreds_counts_whole_though_few_of_it_are_remembered() -> None:
    events = told([grave(n, f"person{n}", every=SECOND) for n in range(290)])
    most = max(judged_of(one).observed for one in events if one.event in ("opened", "escalated"))
    assert most >= 280
    assert all(judged_of(one).repeats <= 0.1 * judged_of(one).observed for one in events)


def test_three_people_within_minutes_are_told_before_the_window_closes() -> None:
    events = told([grave(n, f"person{n}") for n in range(3)])
    early = [one for one in events if one.stage == "early"]
    assert of_stage(events, "early") == ["opened", "resolved"]
    assert early[0].at.timestamp() * 1000 == AT + 40 * SECOND
    assert early[1].reason.startswith("confirmed by alert")


def test_one_account_is_told_by_no_early_warning() -> None:
    assert of_stage(told([grave(n, "zealot") for n in range(8)], AT + 5 * MINUTE), "early") == []


def test_on_the_first_day_of_a_brand_there_is_no_early_warning() -> None:
    log = with_pulses([*calm(START, 5), *(grave(n, f"p{n}", START + 5 * HOUR) for n in range(9))], START + 6 * HOUR)
    assert [one for one in all_alerts(run(log, Partition())) if one.rule == RULE] == []


def test_who_takes_back_his_repeats_takes_no_person_away() -> None:
    posts = [*(grave(n, "zealot") for n in range(12)), *(grave(n, f"person{n}") for n in range(12, 15))]
    log = with_pulses([*calm(START, 60), *posts], AT + 20 * MINUTE, every=5 * MINUTE)
    gone = [retraction(one, AT + 20 * MINUTE) for one in posts[1:12]]
    events = [one for one in all_alerts(run([*log, *gone, pulse(AT + DAY)], Partition())) if one.rule == RULE]
    revised = next(one for one in events if one.event == "revised")
    assert judged_of(revised).counts == 4
    assert fires(judged_of(revised))
    assert "it still stands" in revised.reason


small = st.integers(0, 30)


def verdict(observed: int, repeats: int, more: int) -> Judged:
    limits = (LEAST, 0.4, 0.4, 1e-3)
    counts = (observed + more, observed + more, observed)
    return judge(
        ("grave", "mentions"), (START, START + HOUR, 1.0), counts, Expected(0.2, 0.1, 0.01, 60.0, 99.0), limits, repeats
    )


@settings(deadline=None)
@given(observed=small, repeats=small, more=small)
def test_repeats_never_make_it_likelier_that_it_fires(observed: int, repeats: int, more: int) -> None:
    repeats = min(observed, repeats)
    one, other = verdict(observed, repeats, more), verdict(observed, 0, more)
    assert judge_again(one) == one
    assert one.chance_of_count >= other.chance_of_count
    assert fires(other) or not fires(one)


@given(observed=small, repeats=small, gone=small)
def test_what_goes_is_a_repeat_as_long_as_there_are_any(observed: int, repeats: int, gone: int) -> None:
    repeats, gone = min(observed, repeats), min(observed, gone)
    after = judge_again(verdict(observed, repeats, 5), -gone, -gone, -gone)
    assert after.observed == observed - gone
    assert after.repeats == max(0, repeats - gone)
    assert 0 <= after.counts <= after.observed


@pytest.mark.parametrize("people", [1, 2, 3, 7])
def test_of_what_is_remembered_whole_each_account_is_one(people: int) -> None:
    events = told([grave(n, f"person{n % people}", every=10 * SECOND) for n in range(14)])
    counted = {judged_of(one).counts for one in events if (one.stage, one.event) == ("final", "opened")}
    assert counted == (set() if people < LEAST else {people})
