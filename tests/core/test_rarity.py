"""The limit of a brand follows from what its own history brings, so often a month."""

from math import exp, log
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listener.rarity import BEYOND, EPISODE, FIRST_LIMIT, KEPT, LOWEST, Rarity, limit_of
from listener.state import pack, unpack
from listener.sums import Sums
from schemas.times import DAY, HOUR
from tests.core.building import START

peaks = st.lists(st.floats(0, 60, allow_nan=False), max_size=KEPT)
days = st.floats(0, 400)
budgets = st.floats(0.05, 30)


def heard(start: int, end: int) -> float:
    return 1.0


def lived(evidence: list[float], budget: float = 1.0) -> Rarity:
    """The rarity after days with such a peak each."""
    rarity = Rarity()
    for day, most in enumerate(evidence):
        at = START + day * (DAY + HOUR)
        rarity.turn(at, budget, heard)
        rarity.note(at, most)
    rarity.turn(START + len(evidence) * (DAY + HOUR), budget, heard)
    return rarity


@given(kept=peaks, heard_for=days, budget=budgets)
def test_who_wants_fewer_alerts_has_a_higher_limit(kept: list[float], heard_for: float, budget: float) -> None:
    assert limit_of(kept, heard_for, budget) >= limit_of(kept, heard_for, budget * 2) - 1e-9


@given(kept=peaks, heard_for=days, budget=budgets, more=st.floats(0, 20))
def test_a_brand_whose_days_bring_more_has_no_lower_limit(
    kept: list[float], heard_for: float, budget: float, more: float
) -> None:
    raised = [peak + more for peak in kept]
    assert limit_of(raised, heard_for, budget) >= limit_of(kept, heard_for, budget) - 1e-9


@pytest.mark.parametrize("budget", [0.25, 1.0, 4.0])
@pytest.mark.parametrize("mean", [2.0, 3.0])
def test_exponential_peaks_exceed_the_limit_as_often_as_was_asked(budget: float, mean: float) -> None:
    draw = Random(7)
    rates = []
    for _ in range(60):
        limit = limit_of([8 + draw.expovariate(1 / mean) for _ in range(KEPT)], KEPT * 1.2, budget)
        rates.append(30 / 1.2 * min(1.0, exp(-(limit - 8) / mean)))
    assert budget * 0.75 < sum(rates) / len(rates) < budget * 1.25


def test_a_new_brand_begins_with_the_first_limit_and_comes_down_to_its_own() -> None:
    rarity = Rarity()
    rarity.turn(START, 1.0, heard)
    assert rarity.limit == FIRST_LIMIT
    limits = [lived([5.0] * days).limit for days in range(0, 120, 10)]
    assert limits == sorted(limits, reverse=True)
    assert limits[-1] < FIRST_LIMIT - 4


def test_the_calmest_brand_has_a_limit_still() -> None:
    assert lived([0.0] * KEPT).limit >= LOWEST
    assert lived([0.0] * KEPT, 4.0).limit >= LOWEST - log(4)


def test_a_crisis_is_learned_as_one_exceedance_whatever_its_height() -> None:
    large, vast = ([*[6.0] * 60, height, *[6.0] * 5] for height in (FIRST_LIMIT + BEYOND, 10_000.0))
    assert lived(vast).limit == lived(large).limit


def test_a_crisis_of_many_days_is_learned_as_one_exceedance_too() -> None:
    rarity = lived([6.0] * 60)
    at = START + 61 * DAY
    for window in range(14 * 24):
        rarity.turn(at + window * HOUR, 1.0, heard, lasts=window > 0)
        rarity.note(at + window * HOUR, 100.0 + window)
    limit = rarity.limit
    rarity.turn(at + 15 * DAY, 1.0, heard)
    assert rarity.peaks[-1] == pytest.approx(limit + BEYOND)
    assert rarity.days[-1] > 13
    assert sum(peak > 6.0 for peak in rarity.peaks) == 1


def test_what_flares_up_within_a_day_is_one_episode() -> None:
    rarity = Rarity()
    for at, most in ((0, 5.0), (EPISODE // 2, 7.0), (EPISODE, 6.0), (EPISODE + EPISODE // 2, 1.0)):
        rarity.turn(START + at, 1.0, heard)
        rarity.note(START + at, most)
    assert (rarity.peaks, rarity.days) == (Sums([7.0]), Sums([1.5]))


def test_days_that_nobody_listened_to_are_no_calm_days() -> None:
    rarity = Rarity()
    rarity.turn(START, 1.0, heard)
    rarity.turn(START + 10 * DAY, 1.0, lambda start, end: 0.1)
    assert (rarity.peaks, rarity.days) == (Sums([0.0]), Sums([1.0]))


def test_another_budget_is_asked_for_at_once() -> None:
    rarity = lived([5.0] * 60)
    before, at = rarity.limit, START + 60 * (DAY + HOUR)
    rarity.turn(at, 0.25, heard)
    assert rarity.limit > before
    rarity.turn(at, 1.0, heard)
    assert rarity.limit == before


def test_it_keeps_a_bounded_history_that_encodes() -> None:
    rarity = lived([float(day % 9) for day in range(3 * KEPT)])
    assert len(rarity.peaks) == len(rarity.days) == KEPT
    assert unpack(pack(1, rarity), Rarity, 1) == rarity
    assert len(pack(1, rarity)) < 1_100


# What people say of an alarm

ALARM = START + 60 * (DAY + HOUR)  # the 61st day of `lived`
heights = st.floats(FIRST_LIMIT + BEYOND + 1, 200)


def after_an_alarm(height: float, days: int = 3) -> Rarity:
    return lived([*[6.0] * 60, height, *[6.0] * days])


def next_day(rarity: Rarity) -> float:
    """Its limit once the episode that is on is over."""
    assert rarity.peaked is not None
    rarity.turn(rarity.peaked + EPISODE, 1.0, heard)
    return rarity.limit


@settings(deadline=None)
@given(height=heights, late=st.integers(0, 20))
def test_a_false_alarm_raises_the_limit_and_a_good_catch_leaves_it(height: float, late: int) -> None:
    said_nothing, right, false = (after_an_alarm(height, 3) for _ in range(3))
    assert right.judge(ALARM - late * HOUR, mistaken=False)
    assert false.judge(ALARM - late * HOUR, mistaken=True)
    assert next_day(right) == next_day(said_nothing) < next_day(false)


@settings(deadline=None)
@given(height=heights)
def test_who_takes_a_verdict_back_has_the_limit_of_before(height: float) -> None:
    rarity, untouched = after_an_alarm(height), after_an_alarm(height)
    rarity.judge(ALARM, mistaken=True)
    rarity.judge(ALARM, mistaken=False)
    assert next_day(rarity) == next_day(untouched)


def test_a_verdict_during_the_episode_is_learned_when_it_is_over() -> None:
    later, at_once = after_an_alarm(40.0), lived([*[6.0] * 60])
    at_once.note(ALARM, 40.0)
    assert at_once.judge(ALARM, mistaken=True)
    for day in range(1, 4):
        at_once.turn(ALARM + day * (DAY + HOUR), 1.0, heard)
        at_once.note(ALARM + day * (DAY + HOUR), 6.0)
    later.judge(ALARM, mistaken=True)
    assert at_once.peaks[60] == later.peaks[60] == 40.0
    assert not at_once.mistaken


def test_of_an_alarm_that_is_not_known_any_more_nothing_is_learned() -> None:
    rarity = after_an_alarm(60.0, KEPT + 5)
    before = pack(1, rarity)
    assert not rarity.judge(ALARM, mistaken=True)
    assert pack(1, rarity) == before


def test_a_verdict_is_on_its_own_alarm() -> None:
    rarity = lived([*[6.0] * 60, 30.0, *[6.0] * 9, 40.0, *[6.0] * 3])
    assert rarity.judge(ALARM + 10 * (DAY + HOUR) - HOUR, mistaken=True)
    assert (rarity.peaks[60] < 30.0, rarity.peaks[70]) == (True, 40.0)


def test_each_further_false_alarm_raises_the_limit() -> None:
    limits = []
    for false in range(6):
        rarity = lived([*[6.0] * 60, *[40.0, 6.0] * 5])
        for number in range(5):
            assert rarity.judge(ALARM + 2 * number * (DAY + HOUR), mistaken=number < false)
        limits.append(next_day(rarity))
    assert limits == sorted(set(limits))


def test_one_vast_false_alarm_does_not_make_a_brand_deaf() -> None:
    rarity = after_an_alarm(700.0)
    before = next_day(after_an_alarm(700.0))
    rarity.judge(ALARM, mistaken=True)
    assert before < next_day(rarity) < before + 6.0
