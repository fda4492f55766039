"""Numbers of windows are written as stretches without a gap, and read as what they were."""

from hypothesis import given
from hypothesis import strategies as st

from listener.state import pack, unpack
from listener.window_numbers import WindowNumbers

numbers = st.lists(st.integers(-300, 600), max_size=300, unique=True).map(sorted)
with_gaps = st.lists(st.integers(1, 12).map(lambda step: 2 if step == 1 else 1), max_size=300).map(
    lambda steps: [sum(steps[:place]) for place in range(len(steps))]
)


@given(numbers | with_gaps)
def test_what_was_written_is_what_was_kept(put_in: list[int]) -> None:
    kept = WindowNumbers(put_in)
    assert unpack(pack(1, kept), WindowNumbers, 1) == kept
    assert [*WindowNumbers.from_plain(kept.to_plain())] == put_in


@given(with_gaps)
def test_never_more_than_the_numbers_themselves(put_in: list[int]) -> None:
    assert len(pack(1, WindowNumbers(put_in))) <= len(pack(1, put_in)) + 3


def test_a_day_without_a_gap_is_one_stretch() -> None:
    assert WindowNumbers(range(52_451, 52_739)).to_plain() == [(52_451, 288)]


def test_a_gap_makes_two() -> None:
    assert WindowNumbers([*range(100), *range(112, 200)]).to_plain() == [(0, 100), (112, 88)]


def test_where_most_are_missing_the_numbers_are_written() -> None:
    assert WindowNumbers([3, 40, 41, 200]).to_plain() == [3, 40, 41, 200]
