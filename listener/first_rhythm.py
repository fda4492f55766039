"""What is expected of the hours of a day before a brand has shown it: the same of all, or what like brands have."""

from typing import NamedTuple

DAY_HOURS = 48  # of a working day, then of a day at the weekend
DAY_SHAPE = 2.0  # hours of the day differ from the brand's level by about 1 / sqrt(2) = 70 %


class FirstRhythm(NamedTuple):
    """A first guess: of each of DAY_HOURS, how many `times` the brand's level is usual, in the mean of a week 1.

    A brand's own hours differ from that by a gamma variable of mean 1 and shape `strength`.
    """

    times: tuple[float, ...]
    strength: float


FLAT = FirstRhythm((1.0,) * DAY_HOURS, DAY_SHAPE)
