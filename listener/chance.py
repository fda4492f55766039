"""How likely so many are by chance: tails of count and share distributions, and intervals of shares."""

from collections.abc import Callable
from functools import lru_cache
from math import exp, lgamma, log, log1p, sqrt

Z95 = 1.959964


@lru_cache(maxsize=8192)
def share_interval(part: int, whole: int) -> tuple[float, float]:
    """The 95 % score interval of the share `part` of `whole` (Wilson 1927), four decimals; `whole` > 0."""
    z2 = Z95 * Z95
    middle = (part + z2 / 2) / (whole + z2)
    half = Z95 / (whole + z2) * sqrt(part * (whole - part) / whole + z2 / 4)
    return max(0.0, round(middle - half, 4)), min(1.0, round(middle + half, 4))


def count_tail(count: int, mean: float, dispersion: float) -> float:
    """The chance of `count` or more when `mean` are expected with variance mean + dispersion * mean^2.

    Negative binomial with r = 1 / dispersion: P(X >= k) = I_q(k, r), q = mean / (mean + r). `dispersion` > 0.
    """
    if count <= 0:
        return 1.0
    if mean <= 0.0:
        return 0.0
    r = 1.0 / dispersion
    return incomplete_beta(float(count), r, mean / (mean + r))


def low_count_tail(count: int, mean: float, dispersion: float) -> float:
    """The chance of `count` or fewer under the same distribution: I_p(r, k + 1), p = r / (mean + r)."""
    if mean <= 0.0:
        return 1.0
    r = 1.0 / dispersion
    return incomplete_beta(r, count + 1.0, r / (mean + r))


def is_high_count(count: int, mean: float, dispersion: float) -> bool:
    """Whether `count` is more than a standard deviation above `mean`: else it is likely, and its tail not worth it."""
    return count > mean + sqrt(mean + dispersion * mean * mean)


def is_high_share(part: int, whole: int, share: float, strength: float) -> bool:
    """Whether `part` of `whole` is more than a standard deviation of the beta-binomial above `share`."""
    variance = whole * share * (1.0 - share) * (whole + strength) / (strength + 1.0)
    return part > whole * share + sqrt(variance)


EXACT_UP_TO = 20_000  # 2 ms at most


def share_tail(part: int, whole: int, share: float, strength: float) -> float:
    """The chance of `part` or more of `whole` when the share is about `share`, known as if from `strength` cases.

    Beta-binomial with a = share * strength, b = (1 - share) * strength; above EXACT_UP_TO cases a beta distribution of
    the same mean and variance: strength' + 1 = whole * (strength + 1) / (whole + strength).
    """
    if part <= 0:
        return 1.0
    if whole > EXACT_UP_TO:
        alike = whole * (strength + 1.0) / (whole + strength) - 1.0
        return incomplete_beta((1.0 - share) * alike, share * alike, 1.0 - (part - 0.5) / whole)
    a, b = share * strength, (1.0 - share) * strength
    # From the mean outwards, so that the largest term comes first: a first term far below it would be 0 in floats.
    upper = part > share * whole
    k = part if upper else part - 1
    term = exp(_log_choose(whole, k) + _log_beta(k + a, whole - k + b) - _log_beta(a, b))
    tail = term
    if upper:
        for k in range(part, whole):
            term *= (whole - k) / (k + 1) * (k + a) / (whole - k - 1 + b)
            tail += term
            if term < tail * 1e-12:
                break
        return min(1.0, tail)
    for k in range(part - 1, 0, -1):
        term *= k / (whole - k + 1) * (whole - k + b) / (k - 1 + a)
        tail += term
        if term < tail * 1e-12:
            break
    return max(0.0, 1.0 - tail)


def incomplete_beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function I_x(a, b), by Lentz's continued fraction (DLMF 8.17.22)."""
    if x <= 0.0:
        return 0.0
    if x >= 1.0:
        return 1.0
    front = exp(a * log(x) + b * log1p(-x) - _log_beta(a, b))
    if x < (a + 1.0) / (a + b + 2.0):
        return min(1.0, front * _fraction(a, b, x) / a)
    return max(0.0, 1.0 - front * _fraction(b, a, 1.0 - x) / b)


def _fraction(a: float, b: float, x: float) -> float:
    tiny = 1e-300
    c, d = 1.0, 1.0 - (a + b) * x / (a + 1.0)
    d = 1.0 / (d if abs(d) > tiny else tiny)
    value = d
    for m in range(1, 10_000):
        for step in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1.0 + step * d
            d = 1.0 / (d if abs(d) > tiny else tiny)
            c = 1.0 + step / c
            c = c if abs(c) > tiny else tiny
            value *= c * d
        if abs(c * d - 1.0) < 1e-12:
            break
    return value


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def largest(holds: Callable[[int], bool]) -> int:
    """The largest number for which it holds; it holds for 0, and beyond some number for none."""
    high = 1
    while holds(high) and high < 1 << 40:
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low
