"""Forecast: how many will pass a post on in the end, frozen with what it was made of."""

from schemas.record import Figure


class Forecast(Figure, frozen=True):
    """What is expected to come of a post that is answered and passed on (listener/amplification.py has the formula).

    Made of: `arrivals` (replies, reposts and quotes) by `voices` different accounts, bots left out, within `age_s`
    seconds of the post; `logs`, thousandths of sums of logarithms of their ages in ms, and of their ages + each of the
    half-lives that are thought possible; `half_life_s`, in which half of all arrivals come on `platform`, learned from
    `timed` arrivals beside a default; `tail`, the index of the power law of the brand's posts, learned from the `sizes`
    of so many of them. `limit` voices are as many as the brand's posts seldom move: will they be reached? Of a `page`
    it is that of what people are called for, else the lower one of what is worth a line in the digest of the day.

    Forecast: `expected` voices in the end, between `low` and `high` with 80 %; `chance` is that of fewer than `limit`.
    `reach` is followers of the author and of those who passed it on, as far as they are known (`reach_of` of them, and
    of the author if `author_known`); `expected_reach` the same in the end, None where nobody's followers are known.
    """

    platform: str
    arrivals: int
    voices: int
    age_s: int
    logs: tuple[int, ...]
    half_life_s: int
    timed: int
    tail: float
    sizes: int
    limit: int
    expected: float
    low: int
    high: int
    chance: float
    reach: int
    reach_of: int
    author_known: bool
    expected_reach: int | None
    page: bool = True
