"""Which stretches of time were listened to."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from listener.coverage import Coverage, merge

intervals = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 20)).map(lambda pair: (pair[0], pair[0] + pair[1])), max_size=8
)


def heard(**sources: list[tuple[int, int]]) -> Coverage:
    coverage = Coverage()
    for source, covered in sources.items():
        coverage.hear(source, covered)
    return coverage


def test_nothing_is_known_before_anything_was_covered() -> None:
    assert Coverage().known(0, 100) == 0.0
    assert Coverage().first() is None


def test_a_stretch_inside_an_interval_is_known() -> None:
    assert heard(a=[(0, 100)]).known(20, 30) == 1.0
    assert heard(a=[(20, 30)]).known(20, 30) == 1.0


def test_a_stretch_beside_all_intervals_is_not_known() -> None:
    coverage = heard(a=[(10, 20), (30, 40)])
    assert (coverage.known(0, 10), coverage.known(20, 30), coverage.known(40, 50)) == (0.0, 0.0, 0.0)


def test_what_overlaps_in_part_is_known_in_part() -> None:
    coverage = heard(a=[(10, 20), (30, 40)])
    assert coverage.known(15, 35) == 0.5
    assert coverage.known(0, 80) == 0.25


def test_shares_have_six_decimals() -> None:
    assert heard(a=[(0, 1)]).known(0, 3) == 0.333333


def test_sources_cover_together_what_they_cover_twice_counts_once() -> None:
    assert heard(a=[(0, 10)], b=[(5, 20)]).known(0, 40) == 0.5


def test_what_a_source_says_replaces_what_it_said() -> None:
    coverage = heard(a=[(0, 10)], b=[(90, 100)])
    coverage.hear("a", [(50, 60)])
    assert coverage.union == [(50, 60), (90, 100)]


def test_the_first_moment_is_that_of_any_source() -> None:
    assert heard(a=[(30, 40)], b=[(20, 25)]).first() == 20


def test_intervals_that_touch_become_one() -> None:
    assert merge([(10, 20), (0, 10)]) == [(0, 20)]


@given(intervals)
def test_merged_intervals_are_apart_in_order_and_cover_the_same(covered: list[tuple[int, int]]) -> None:
    merged = merge(covered)
    assert merged == sorted(merged)
    assert all(before[1] < after[0] for before, after in pairwise(merged))
    for moment in range(90):
        assert any(low <= moment < high for low, high in covered) == any(low <= moment < high for low, high in merged)


@given(intervals, intervals, st.integers(0, 80), st.integers(1, 40))
def test_the_share_is_that_of_the_moments_covered(
    one: list[tuple[int, int]], other: list[tuple[int, int]], start: int, length: int
) -> None:
    moments = [
        moment for moment in range(start, start + length) if any(low <= moment < high for low, high in one + other)
    ]
    assert heard(a=one, b=other).known(start, start + length) == round(len(moments) / length, 6)
