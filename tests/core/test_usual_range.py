"""The interval in which what is observed lies where nothing is out of the ordinary."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from listener.alerts.wording import usual_told
from listener.baseline import Expected
from listener.chance import count_tail, low_count_tail, share_tail
from listener.judgement import OUTSIDE, judge_burst, judge_few, judge_share, usual_counts, usual_of_whole
from listener.tails import tails_of
from schemas.alert import Burst
from schemas.times import HOUR
from tests.core.building import START
from tests.core.living import judged


@given(expected=st.floats(0.0, 3e5), dispersion=st.floats(1e-4, 5.0))
def test_at_most_a_fortieth_lies_on_each_side_of_a_count(expected: float, dispersion: float) -> None:
    low, high = usual_counts(replace(judged(), expected=expected, dispersion=dispersion))
    assert low <= high
    assert count_tail(high + 1, expected, dispersion) <= OUTSIDE
    assert low == 0 or low_count_tail(low - 1, expected, dispersion) <= OUTSIDE + 1e-9


@given(scored=st.integers(0, 400), share=st.floats(0.001, 0.999), strength=st.floats(2.0, 1e4))
def test_a_share_lies_within_its_whole(scored: int, share: float, strength: float) -> None:
    low, high = usual_of_whole(replace(judged(), scored=scored, share=share, strength=strength))
    assert 0 <= low <= high <= scored
    assert high == scored or share_tail(high + 1, scored, share, strength) <= OUTSIDE


def test_it_is_told_of_all_that_is_judged() -> None:
    stretch = (START, START + HOUR, 1.0)
    few = judge_few("mentions", stretch, 0, Expected(40.0, 0.1, 1.0, 0.0, 500.0), (8, 0.01))
    share = judge_share("negative", stretch, (90, 80, 30), Expected(16.0, 0.0, 0.2, 90.0, 500.0), (10, 0.01))
    assert usual_told(few).startswith("usual (95 %): 1")
    assert usual_told(share) == "usual (95 %): 7 to 26 of 80 scored"
    assert usual_told(judged()).endswith(" in such a stretch")


def test_of_a_burst_it_is_the_highest_of_a_day() -> None:
    tails = tuple((one.threshold, one.above, one.shape, one.rate) for one in tails_of([3.0, 4.0, 5.0] * 10))
    burst = Burst(deviation=2.0, tails=tails)
    low, high = usual_counts(judge_burst((START, START + HOUR, 1.0), 90, (10.0, 500.0), burst, (5, 0.01)))
    assert 10 <= low < high < 90
