"""What is learned is kept in four bytes a number, and rounded when it is put in, not when it is written."""

from struct import pack as packed

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.baseline import Baseline
from listener.state import pack, unpack
from listener.sums import DENSE, MOST_SPARSE, Sums

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


@given(st.lists(st.floats(1, 1e12), max_size=50))
def test_the_lowest_byte_comes_first(put_in: list[float]) -> None:
    assert Sums(put_in).to_bytes() == DENSE + packed(f"<{len(put_in)}f", *put_in)


@given(mostly_zero)
def test_zeros_take_no_room_where_half_are(put_in: list[float]) -> None:
    others = sum(map(bool, put_in))
    assert len(Sums(put_in).to_bytes()) <= 1 + 4 * len(put_in)
    if put_in and len(put_in) <= MOST_SPARSE and others <= len(put_in) // 2:
        assert len(Sums(put_in).to_bytes()) == 3 + 5 * others


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
