"""What is learned is kept in four bytes a number, and rounded when it is put in, not when it is written."""

from struct import pack as packed

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.baseline import Baseline
from listener.state import pack, unpack
from listener.sums import DENSE, LEAST_DEFLATED, Sums

numbers = st.lists(st.floats(0, 1e12), max_size=50)
mostly_zero = st.lists(st.sampled_from([0.0, 0.0, 0.0, 1e-30, 0.1, 7.0]), max_size=300)


@given(numbers)
def test_a_number_is_kept_within_24_bits(put_in: list[float]) -> None:
    assert Sums(put_in) == pytest.approx(put_in, rel=2**-24, abs=1e-37)


@given(numbers | mostly_zero)
def test_what_was_written_is_what_was_kept(put_in: list[float]) -> None:
    kept = Sums(put_in)
    assert Sums.from_bytes(kept.to_bytes()) == kept
    assert unpack(pack(1, kept), Sums, 1) == kept
    assert Sums.from_bytes(kept.to_bytes()).to_bytes() == kept.to_bytes()


@given(st.lists(st.floats(1, 1e12), max_size=50, unique=True))
def test_the_lowest_byte_comes_first(put_in: list[float]) -> None:
    assert Sums(put_in).to_bytes() == DENSE + packed(f"<{len(put_in)}f", *put_in)


@given(mostly_zero | st.lists(st.sampled_from([6.5, 6.5, 6.25, 1 / 3]), max_size=300))
def test_numbers_take_four_bytes_each_at_most_and_alike_ones_less(put_in: list[float]) -> None:
    written = len(Sums(put_in).to_bytes())
    assert written <= 1 + 4 * len(put_in)
    if len(put_in) >= LEAST_DEFLATED and put_in.count(put_in[-1]) > len(put_in) // 2:
        assert written < 4 * len(put_in)


def test_hours_that_nobody_spoke_in_take_next_to_no_room() -> None:
    assert len(Sums([0.0] * 168).to_bytes()) < 16


def test_hours_that_were_heard_as_often_as_their_neighbours_take_an_eighth() -> None:
    heard = [6.569212436676025] * 60 + [6.5520148277282715] * 50 + [6.531782150268555] * 58
    assert len(Sums(heard).to_bytes()) < len(heard) * 4 / 8


def test_each_number_takes_four_bytes_of_state() -> None:
    assert len(pack(1, Sums([1 / 3] * 1_000))) < 4_010


def test_what_is_no_state_is_not_written() -> None:
    with pytest.raises(NotImplementedError, match="object is no state"):
        pack(1, object())


@given(st.lists(st.integers(0, 10**7), max_size=60), st.integers(0, 60))
def test_a_baseline_that_was_written_goes_on_the_same(parts: list[int], stop: int) -> None:
    gone_on, again = Baseline(), Baseline()
    for hour, part in enumerate(parts, 490_992):
        for baseline in (gone_on, again):
            baseline.learn(hour, part, part * 2, 1.0)
        if hour == 490_992 + stop:
            again = unpack(pack(1, again), Baseline, 1)
    assert again == gone_on
