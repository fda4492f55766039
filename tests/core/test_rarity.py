"""The limit of a brand follows from what its own history brings, so often a month."""

from math import exp, log
from random import Random

import pytest
from hypothesis import given
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
