"""The clock of a partition."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.clock import Clock, says_all
from schemas.pulse import Pulse
from schemas.times import MINUTE, from_ms
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


# What is known of the sources

Minutes = list[tuple[int, int]]


def heard(minutes: int, covered: Minutes, *, lane: int = 0, lanes: int = 1, ended: bool = False) -> Pulse:
    """A pulse about the source "a", and about one that only this lane tells of."""
    spans = tuple((from_ms(at(low)), from_ms(at(high))) for low, high in covered)
    own = (from_ms(START), from_ms(at(minutes)))
    return Pulse(lane, lanes, from_ms(at(minutes)), {"a": spans, f"lane {lane}": (own,)}, ("a",) if ended else ())


def known(clock: Clock) -> Minutes:
    return [((low - START) // MINUTE, (high - START) // MINUTE) for low, high in clock.coverage.by_source["a"]]


def test_what_a_lane_knows_that_is_ahead_is_not_known_before_its_time() -> None:
    """Else a source was never dead whose gap was filled later, or is dead that had ended on purpose."""
    clock = Clock()
    clock.hear(heard(10, [(0, 10)], lane=0, lanes=2))
    clock.hear(heard(60, [(0, 60)], lane=1, lanes=2))
    clock.hear(heard(30, [(0, 10)], lane=0, lanes=2, ended=True))
    assert (clock.now, known(clock), clock.coverage.ended) == (at(30), [(0, 10)], ["a"])
    clock.hear(heard(70, [(0, 70)], lane=0, lanes=2))
    assert (clock.now, known(clock), clock.coverage.ended) == (at(60), [(0, 60)], [])


def test_a_lane_that_comes_to_the_time_of_another_says_what_was_known_then() -> None:
    clock = Clock()
    clock.hear(heard(30, [(0, 30)], lane=0, lanes=2))
    clock.hear(heard(30, [(0, 10)], lane=1, lanes=2))
    assert known(clock) == [(0, 10)]
    clock.hear(heard(30, [(0, 30)], lane=1, lanes=2))
    assert known(clock) == [(0, 30)]


def test_of_a_source_that_one_lane_tells_of_that_one_is_believed() -> None:
    clock = Clock()
    clock.hear(heard(60, [], lane=1, lanes=2))
    clock.hear(heard(10, [], lane=0, lanes=2))
    assert clock.coverage.by_source["lane 1"] == [(START, at(60))]


def test_what_lanes_know_that_are_ahead_is_kept_no_longer_than_needed() -> None:
    clock = Clock()
    for minute in range(10):
        for lane in range(3):
            clock.hear(heard(minute, [(0, minute)], lane=lane, lanes=3))
        assert not clock.ahead


def test_what_a_lane_that_is_ahead_told_before_is_not_lost() -> None:
    clock = Clock()
    clock.hear(heard(10, [(0, 2), (4, 6), (7, 10)], lane=0, lanes=2))
    clock.hear(heard(30, [(7, 10), (12, 30)], lane=0, lanes=2))
    clock.hear(heard(60, [], lane=1, lanes=2))
    assert known(clock) == [(0, 2), (4, 6), (7, 10), (12, 30)]


@given(
    st.lists(st.tuples(st.integers(0, 1), st.integers(1, 30), st.integers(0, 3)), min_size=1, max_size=40),
    st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=1, max_size=40),
)
def test_lanes_that_tell_only_what_is_new_are_understood_as_if_they_told_all_each_time(
    steps: list[tuple[int, int, int]], spans: list[tuple[int, int]]
) -> None:
    """However far one is ahead of the others, and through restarts."""
    covered: Minutes = []
    for gap, length in spans:
        low = (covered[-1][1] if covered else 0) + gap
        covered.append((low, low + length))
    all_, new = Clock(), Clock()
    through, told = [0, 0], [0, 0]
    for lane, after, again in steps:
        through[lane] += after
        so_far = [(low, min(high, through[lane])) for low, high in covered if low <= through[lane]]
        all_.hear(heard(through[lane], so_far, lane=lane, lanes=2))
        new.hear(heard(through[lane], so_far[max(0, told[lane] - 1 - again) :], lane=lane, lanes=2))
        told[lane] = len(so_far)
        new = msgspec.msgpack.decode(msgspec.msgpack.encode(new), type=Clock)
        assert (new.now, new.coverage) == (all_.now, all_.coverage)


@pytest.mark.parametrize(
    ("before", "after", "all_said"),
    [
        (heard(10, [(0, 10)]), heard(20, [(0, 20)]), True),
        (heard(10, [(0, 10)]), heard(20, [(0, 10)]), True),
        (heard(20, [(0, 10)]), heard(30, [(0, 10), (25, 30)]), True),
        (heard(20, []), heard(30, [(20, 30)]), True),
        (heard(20, [(0, 10)]), heard(30, [(0, 30)]), False),
        (heard(20, [(0, 10)]), heard(30, [(0, 10), (15, 30)]), False),
        (heard(20, [(0, 10)]), heard(30, [(0, 10)], ended=True), False),
        (heard(20, [(0, 10)], ended=True), heard(30, [(0, 10), (25, 30)]), False),
        (heard(20, []), heard(30, [(5, 30)]), False),
        (heard(20, [(0, 5), (10, 20)]), heard(30, [(10, 30)]), False),
    ],
)
def test_a_pulse_may_be_left_out_if_the_next_says_the_same_of_its_time(
    before: Pulse, after: Pulse, all_said: bool
) -> None:
    assert says_all(after, before) == all_said
