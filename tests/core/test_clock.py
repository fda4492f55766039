"""The clock of a partition."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.clock import Clock
from schemas.times import MINUTE
from tests.core.building import START, pulse


def at(minutes: int) -> int:
    return START + minutes * MINUTE


@pytest.mark.parametrize("lane", [-1, 2, 5])
def test_a_lane_that_there_is_not_is_refused(lane: int) -> None:
    """It would count as one of two, and move the clock before the other has spoken."""
    with pytest.raises(ValueError, match="lane"):
        Clock().hear(pulse(at(1), lane=lane, lanes=2))


def test_the_clock_stands_until_all_lanes_have_pulsed() -> None:
    clock = Clock()
    clock.hear(pulse(at(10), lane=0, lanes=2))
    assert clock.now is None
    clock.hear(pulse(at(3), lane=1, lanes=2))
    assert clock.now == at(3)


def test_now_is_the_least_through() -> None:
    clock = Clock()
    for lane, minutes in ((0, 5), (1, 7), (2, 6)):
        clock.hear(pulse(at(minutes), lane=lane, lanes=3))
    assert clock.now == at(5)


def test_one_lane_alone_does_not_move_it_past_the_others() -> None:
    clock = Clock()
    clock.hear(pulse(at(1), lane=0, lanes=2))
    clock.hear(pulse(at(1), lane=1, lanes=2))
    clock.hear(pulse(at(60), lane=0, lanes=2))
    assert clock.now == at(1)


def test_a_lane_never_goes_back() -> None:
    clock = Clock()
    clock.hear(pulse(at(9)))
    clock.hear(pulse(at(4)))
    assert (clock.now, clock.through) == (at(9), {0: at(9)})


def test_after_a_change_of_the_number_of_lanes_it_stands_until_all_have_pulsed_again() -> None:
    clock = Clock()
    clock.hear(pulse(at(9)))
    clock.hear(pulse(at(30), lane=0, lanes=2))
    assert clock.now == at(9)
    clock.hear(pulse(at(20), lane=1, lanes=2))
    assert clock.now == at(20)


def test_it_does_not_go_back_when_a_new_lane_is_behind() -> None:
    clock = Clock()
    clock.hear(pulse(at(9)))
    clock.hear(pulse(at(30), lane=0, lanes=2))
    clock.hear(pulse(at(2), lane=1, lanes=2))
    assert clock.now == at(9)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 100)), max_size=20))
def test_now_is_the_least_of_the_greatest_of_each_lane(heard: list[tuple[int, int]]) -> None:
    clock = Clock()
    through: dict[int, int] = {}
    for lane, minutes in heard:
        clock.hear(pulse(at(minutes), lane=lane, lanes=3))
        through[lane] = max(through.get(lane, 0), at(minutes))
        assert clock.now == (min(through.values()) if len(through) == 3 else None)
