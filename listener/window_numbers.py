"""The numbers of the windows that are kept of a brand: in state a pair for each stretch without a gap."""

from array import array
from bisect import bisect_right
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    _Whole = array[int]
else:
    _Whole = array

MISSING_OF = 4  # stretches take more than the numbers where more than a fourth are missing between the first and last


class WindowNumbers(_Whole):
    """Whole numbers, each larger than the one before."""

    __slots__ = ()

    def __new__(cls, numbers: Iterable[int] = ()) -> "WindowNumbers":
        """These numbers, or none."""
        return cast("WindowNumbers", super().__new__(cls, "q", numbers))

    def to_plain(self) -> list[Any]:
        """The first of each stretch and how many there are in it; or the numbers, where there are many gaps.

        Of a brand that is spoken of all day 288 numbers are one stretch: 6 bytes for 867, of each of its monitors.
        """
        if not self or (self[-1] - self[0] + 1 - len(self)) * MISSING_OF > len(self):
            return self.tolist()
        stretches, place, places = [], 0, range(len(self))
        while place < len(self):
            end = bisect_right(places, self[place] - place, place, key=lambda at: self[at] - at)
            stretches.append((self[place], end - place))
            place = end
        return stretches

    @classmethod
    def from_plain(cls, plain: list[Any]) -> "WindowNumbers":
        """What `to_plain` gave."""
        if not plain or isinstance(plain[0], int):
            return cls(plain)
        return cls(number for first, count in plain for number in range(first, first + count))
