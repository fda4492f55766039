"""Which stretches of time were listened to."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from listener.coverage import MOST_OF_SOURCE, Coverage, merge
from schemas.times import DAY, HOUR, MINUTE, SECOND
from tests.core.building import START

intervals = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 20)).map(lambda pair: (pair[0], pair[0] + pair[1])), max_size=8
)

STEPS = 6


@st.composite
def tellings(draw: st.DrawFn) -> dict[str, list[list[tuple[int, int]]]]:
    """What sources have covered by each step: the last interval goes on, or new ones begin after it."""
    histories = {}
    for source in ("a", "b"):
        covered = [(START, START + draw(st.integers(1, 5)))]
        histories[source] = [list(covered)]
        for _ in range(STEPS - 1):
            low, high = covered[-1]
            covered[-1] = (low, high + draw(st.integers(0, 5)))
            for gap, length in draw(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9)), max_size=4)):
                low = covered[-1][1] + gap
                covered.append((low, low + length))
            histories[source].append(list(covered))
    return histories


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


def test_what_a_source_says_replaces_what_it_said_of_that_time_and_no_more() -> None:
    coverage = heard(a=[(0, 10), (30, 40)], b=[(90, 100)])
    coverage.hear("a", [(20, 25), (50, 60)])
    assert coverage.by_source["a"] == [(0, 10), (20, 25), (50, 60)]
    assert coverage.union == [(0, 10), (20, 25), (50, 60), (90, 100)]
    coverage.hear("a", [(0, 5)])
    assert coverage.union == [(0, 5), (90, 100)]
    coverage.hear("a", [])
    assert coverage.union == [(0, 5), (90, 100)]


def test_that_a_source_was_never_heard_is_known_until_it_is() -> None:
    coverage = heard(a=[(5, 5)], b=[(20, 30)])
    assert coverage.first() == 5
    coverage.hear("a", [(10, 15)])
    assert (coverage.by_source["a"], coverage.union) == ([(10, 15)], [(10, 15), (20, 30)])


def test_a_source_that_is_lost_for_two_seconds_each_minute_is_known_but_for_those() -> None:
    coverage = Coverage()
    lost = [(START + minute * MINUTE, START + (minute + 1) * MINUTE - 2 * SECOND) for minute in range(2 * 1440)]
    for told in range(1, len(lost) + 1):
        coverage.hear("a", lost[max(0, told - 8) : told])
    assert coverage.known(START, START + DAY) == coverage.known(START + DAY, START + 2 * DAY) == 0.966667
    assert len(coverage.by_source["a"]) == MOST_OF_SOURCE
    coverage.hear("late", [(START - DAY, START - DAY + 1)])
    assert coverage.known(START, START + DAY) == 0.966667


def test_brief_gaps_of_the_days_before_yesterday_are_forgotten() -> None:
    coverage = heard(
        a=[(START, START + HOUR), (START + HOUR + 2 * SECOND, START + 2 * HOUR), (START + 3 * HOUR, START + DAY)]
    )
    shares = []
    for days in (1, 2):
        coverage.hear("a", [(START + 3 * HOUR, START + days * DAY)])
        shares.append((coverage.known(START, START + 2 * HOUR), coverage.known(START, START + 4 * HOUR)))
    assert shares == [(0.999722, 0.749861), (1.0, 0.75)]


@given(tellings(), st.data())
def test_who_tells_only_what_is_new_is_known_as_well_as_who_tells_all_each_time(
    histories: dict[str, list[list[tuple[int, int]]]], data: st.DataObject
) -> None:
    """Told twice, nothing changes; and the union is that of all."""
    all_, new = Coverage(), Coverage()
    for step in range(STEPS):
        for source, history in histories.items():
            first = data.draw(st.integers(0, max(0, len(history[step - 1]) - 1))) if step else 0
            all_.hear(source, history[step])
            new.hear(source, history[step][first:])
            assert new == all_
            new.hear(source, history[step][first:])
            assert new == all_
        assert new.union == merge(interval for covered in new.by_source.values() for interval in covered)


@given(intervals, intervals, intervals)
def test_whatever_is_told_the_union_is_that_of_all_sources(
    one: list[tuple[int, int]], other: list[tuple[int, int]], again: list[tuple[int, int]]
) -> None:
    coverage = heard(a=one, b=other)
    coverage.hear("a", again)
    assert coverage.union == merge(interval for covered in coverage.by_source.values() for interval in covered)
    first = min((low for low, _ in again), default=100)
    for moment in range(90):
        of = one if moment < first else again
        assert any(low <= moment < high for low, high in of) == any(
            low <= moment < high for low, high in coverage.by_source["a"]
        )


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
