"""Tails and intervals, against exact fractions."""

from fractions import Fraction
from itertools import pairwise
from math import comb, log, sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listener.chance import EXACT_UP_TO, Z95, count_tail, incomplete_beta, low_count_tail, share_interval, share_tail

slow = settings(deadline=None, max_examples=60)


def rising(a: Fraction, n: int) -> Fraction:
    """A (a + 1) ... (a + n - 1)."""
    product = Fraction(1)
    for k in range(n):
        product *= a + k
    return product


def exact_count_tail(count: int, mean: Fraction, r: Fraction) -> float:
    """P(X >= count), negative binomial, but for the power of r = 1 / dispersion taken in floats."""
    q = mean / (mean + r)
    below = Fraction(0)
    term = Fraction(1)
    for k in range(count):
        below += term
        term *= (r + k) / (k + 1) * q
    if r.denominator == 1:
        return float(1 - below * (1 - q) ** int(r))
    # P(X >= count) = P(X = count) * (1 + ...), summed until nothing is added
    tail = 0.0
    value = float(term) * float(1 - q) ** float(r)
    k = count
    while value > tail * 1e-17:
        tail += value
        value *= float((r + k) / (k + 1) * q)
        k += 1
    return tail


def exact_share_tail(part: int, whole: int, a: Fraction, b: Fraction) -> float:
    """P(X >= part), beta-binomial: C(n, k) a^(k) b^(n - k) / (a + b)^(n) with rising powers."""
    upper = sum(
        (comb(whole, k) * rising(a, k) * rising(b, whole - k) for k in range(max(0, part), whole + 1)), Fraction(0)
    )
    return float(upper / rising(a + b, whole))


@slow
@given(st.integers(0, 60), st.fractions(Fraction(1, 100), 40, max_denominator=100), st.integers(1, 30))
def test_the_tail_of_a_count_is_exact(count: int, mean: Fraction, r: int) -> None:
    expected = exact_count_tail(count, mean, Fraction(r))
    assert count_tail(count, float(mean), 1 / r) == pytest.approx(expected, rel=1e-7, abs=1e-300)


@slow
@given(
    st.integers(1, 40),
    st.fractions(Fraction(1, 100), 20, max_denominator=100),
    st.fractions(Fraction(1, 4), 30, max_denominator=8),
)
def test_the_tail_of_a_count_is_exact_for_any_dispersion(count: int, mean: Fraction, r: Fraction) -> None:
    expected = exact_count_tail(count, mean, r)
    assert count_tail(count, float(mean), float(1 / r)) == pytest.approx(expected, rel=1e-6)


def test_the_tail_of_a_count_is_exact_where_it_is_tiny() -> None:
    assert count_tail(60, 0.25, 0.25) == pytest.approx(exact_count_tail(60, Fraction(1, 4), Fraction(4)), rel=1e-9)
    assert count_tail(60, 0.25, 0.25) < 1e-60


@slow
@given(st.integers(0, 40), st.fractions(Fraction(1, 100), 60, max_denominator=100), st.integers(1, 30))
def test_the_tail_of_so_few_is_what_that_of_one_more_leaves(count: int, mean: Fraction, r: int) -> None:
    rest = 1.0 - exact_count_tail(count + 1, mean, Fraction(r))
    assert low_count_tail(count, float(mean), 1 / r) == pytest.approx(rest, rel=1e-6, abs=1e-9)


def test_the_chance_of_none_is_exact_where_it_is_tiny() -> None:
    assert low_count_tail(0, 500.0, 0.05) == pytest.approx((1 + 0.05 * 500) ** -20, rel=1e-9)


def test_none_or_more_are_certain() -> None:
    assert (
        count_tail(0, 0.0, 1.0)
        == count_tail(0, 5.0, 0.1)
        == share_tail(0, 10, 0.5, 5.0)
        == share_tail(0, 0, 0.5, 5.0)
        == 1.0
    )


def test_any_count_is_impossible_where_none_is_expected() -> None:
    assert count_tail(1, 0.0, 1.0) == 0.0


@slow
@given(st.floats(0.001, 5_000), st.floats(0.03, 4.0), st.integers(1, 20_000))
def test_a_larger_count_is_never_likelier(mean: float, dispersion: float, count: int) -> None:
    assert (
        0.0 <= count_tail(count + 1, mean, dispersion) <= count_tail(count, mean, dispersion) * (1 + 1e-9) <= 1 + 1e-9
    )


@slow
@given(st.floats(0.001, 5_000), st.floats(1.001, 2), st.floats(0.03, 4.0), st.integers(1, 5_000))
def test_a_count_is_never_less_likely_where_more_is_expected(
    mean: float, more: float, dispersion: float, count: int
) -> None:
    assert count_tail(count, mean * more, dispersion) >= count_tail(count, mean, dispersion) * (1 - 1e-9)


@slow
@given(st.integers(0, 60), st.integers(0, 60), st.integers(1, 30), st.integers(1, 30))
def test_the_tail_of_a_share_is_exact(part: int, rest: int, a: int, b: int) -> None:
    expected = exact_share_tail(part, part + rest, Fraction(a), Fraction(b))
    assert share_tail(part, part + rest, a / (a + b), a + b) == pytest.approx(expected, rel=1e-7, abs=1e-300)


@slow
@given(
    st.integers(0, 40),
    st.integers(0, 40),
    st.fractions(Fraction(1, 10), 3, max_denominator=10),
    st.fractions(Fraction(1, 10), 9, max_denominator=10),
)
def test_the_tail_of_a_share_is_exact_where_few_cases_are_known(part: int, rest: int, a: Fraction, b: Fraction) -> None:
    expected = exact_share_tail(part, part + rest, a, b)
    assert share_tail(part, part + rest, float(a / (a + b)), float(a + b)) == pytest.approx(
        expected, rel=1e-7, abs=1e-300
    )


def test_the_tail_of_a_share_is_exact_where_it_is_tiny() -> None:
    expected = exact_share_tail(200, 200, Fraction(2), Fraction(100))
    assert share_tail(200, 200, 2 / 102, 102) == pytest.approx(expected, rel=1e-9)
    assert expected < 1e-60


@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.9, 0.98])
@pytest.mark.parametrize("strength", [2.0, 20.0, 199.0])
@pytest.mark.parametrize("whole", [10, 500, EXACT_UP_TO, EXACT_UP_TO + 1, 100_000])
def test_a_larger_share_is_never_likelier(share: float, strength: float, whole: int) -> None:
    tails = [share_tail(part, whole, share, strength) for part in [0, 1, 2, *range(3, whole + 1, max(1, whole // 50))]]
    assert tails[0] == 1.0
    assert all(before >= after - 1e-9 for before, after in pairwise(tails))


@pytest.mark.parametrize("share", [0.05, 0.3, 0.7])
@pytest.mark.parametrize("strength", [5.0, 50.0, 1_000.0, 5_000.0, 100_000.0])
@pytest.mark.parametrize("deviations", [1.0, 4.0, 6.0])
def test_exact_and_limit_meet_as_evidence(share: float, strength: float, deviations: float) -> None:
    variance = EXACT_UP_TO * share * (1 - share) * (EXACT_UP_TO + strength) / (strength + 1)
    part = min(EXACT_UP_TO - 1, round(EXACT_UP_TO * share + deviations * variance**0.5))
    exact, limit = (-log(share_tail(part, whole, share, strength)) for whole in (EXACT_UP_TO, EXACT_UP_TO + 1))
    assert min(50.0, limit) == pytest.approx(min(50.0, exact), rel=0.06, abs=0.02)  # beyond that all is beyond doubt


@slow
@given(st.integers(1, 60), st.integers(0, 60), st.floats(0.001, 0.999))
def test_the_incomplete_beta_function_is_the_tail_of_a_binomial(k: int, more: int, x: float) -> None:
    n, p = k + more, Fraction(x)
    expected = sum((comb(n, j) * p**j * (1 - p) ** (n - j) for j in range(k, n + 1)), Fraction(0))
    assert incomplete_beta(k, n - k + 1, x) == pytest.approx(float(expected), rel=1e-9, abs=1e-300)


@slow
@given(st.floats(0.05, 500), st.floats(0.05, 500), st.floats(0.001, 0.999))
def test_the_incomplete_beta_function_is_symmetric(a: float, b: float, x: float) -> None:
    assert incomplete_beta(a, b, x) == pytest.approx(1.0 - incomplete_beta(b, a, 1.0 - x), abs=1e-9)


@given(st.integers(0, 5_000), st.integers(0, 5_000))
def test_the_interval_is_wilsons(part: int, rest: int) -> None:
    whole = part + rest
    if not whole:
        return
    p, z2 = part / whole, Z95**2
    half = Z95 * sqrt(p * (1 - p) / whole + z2 / (4 * whole**2)) / (1 + z2 / whole)
    middle = (p + z2 / (2 * whole)) / (1 + z2 / whole)
    low, high = share_interval(part, whole)
    assert low == pytest.approx(max(0.0, middle - half), abs=6e-5)
    assert high == pytest.approx(min(1.0, middle + half), abs=6e-5)
    assert 0.0 <= low <= round(p, 4) <= high <= 1.0


def test_the_interval_of_a_known_case() -> None:
    assert share_interval(1, 10) == (0.0179, 0.4042)  # Newcombe 1998 gives such cases: 1 of 10 by the score method


@given(st.integers(0, 50), st.integers(1, 50))
def test_the_interval_narrows_with_more_cases(part: int, rest: int) -> None:
    low, high = share_interval(part, part + rest)
    narrow_low, narrow_high = share_interval(part * 10, (part + rest) * 10)
    assert narrow_high - narrow_low < high - low
