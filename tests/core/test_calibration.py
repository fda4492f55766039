"""The calibration keeps order, zero and the ends, and puts its bounds where everyone counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.sentiment.calibration import FITTED, Calibration
from listener.sentiment.scoring import POLAR, UNIT

SCORES = st.integers(-UNIT, UNIT)
MAPS = st.builds(Calibration, negative=st.integers(-7_900, -POLAR - 1), positive=st.integers(POLAR + 1, 7_900))


@given(MAPS, SCORES, SCORES)
def test_order_stays(calibration: Calibration, one: int, other: int) -> None:
    low, high = sorted((one, other))
    assert calibration(low) <= calibration(high)


@given(MAPS, SCORES)
def test_a_score_stays_a_score_of_its_sign(calibration: Calibration, score: int) -> None:
    mapped = calibration(score)
    assert -UNIT <= mapped <= UNIT
    assert mapped * score >= 0


@given(MAPS, SCORES)
def test_what_counts_as_negative_or_positive_is_what_reaches_a_bound(calibration: Calibration, score: int) -> None:
    assert (calibration(score) <= -POLAR) == (score <= calibration.negative)
    assert (calibration(score) >= POLAR) == (score >= calibration.positive)


@pytest.mark.parametrize("score", [-UNIT, 0, UNIT, -5_000, 6_000])
def test_zero_the_ends_and_what_is_strong_stay(score: int) -> None:
    assert FITTED(score) == score


@pytest.mark.parametrize(("negative", "positive"), [(-400, 2_000), (-2_000, 400), (-9_000, 2_000), (-2_000, 9_000)])
def test_bounds_that_make_no_sense_are_refused(negative: int, positive: int) -> None:
    with pytest.raises(ValueError, match="bounds"):
        Calibration(negative, positive)
