"""Shares and means with their intervals, as trends tell them."""

from functools import lru_cache

from listener.chance import Z95, share_interval
from schemas.trend import Mean, Share


@lru_cache(maxsize=4096)
def share_of(part: int, whole: int) -> Share:
    """`part` of `whole` with its interval."""
    if not whole:
        return Share(part=part, whole=whole, value=None, low=None, high=None)
    low, high = share_interval(part, whole)
    return Share(part=part, whole=whole, value=round(part / whole, 4), low=low, high=high)


@lru_cache(maxsize=4096)
def mean_of(total: int, squares: int, n: int, unit: int) -> Mean:
    """The mean of `n` values in units of 1 / `unit` from their sum and sum of squares.

    The interval is mean +- 1.96 standard errors, cut to [-1, 1]; None for fewer than two values.
    """
    if not n:
        return Mean(n=0, value=None, low=None, high=None)
    mean = total / n / unit
    if n < 2:
        return Mean(n=n, value=round(mean, 4), low=None, high=None)
    variance = max(0.0, (squares - total * total / n) / (n - 1)) / (unit * unit)
    half = Z95 * (variance / n) ** 0.5
    return Mean(n=n, value=round(mean, 4), low=round(max(-1.0, mean - half), 4), high=round(min(1.0, mean + half), 4))
