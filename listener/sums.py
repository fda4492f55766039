"""Numbers that are learned and kept by the hundred: four bytes each, in memory and in state."""

import sys
from array import array
from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    _Floats = array[float]
else:
    _Floats = array

DENSE, SPARSE = b"\0", b"\1"
MOST_SPARSE = 255  # numbers: a place is one byte
ZERO, ZEROS_OF = bytes(4), 3  # sparse where a third are zero: to count them takes a tenth of a microsecond


class Sums(_Floats):
    """A list of numbers, each rounded to 24 bits when it is put in: within 6e-8 of itself, far below what is learned.

    Rounded there, and not when it is encoded, so that a restart changes nothing. Those that are read often cost 12 ns
    more than in a list, and a fifth of the memory.
    """

    __slots__ = ()

    def __new__(cls, numbers: Iterable[float] = ()) -> "Sums":
        """These numbers, or none."""
        return cast("Sums", super().__new__(cls, "f", numbers))

    def to_bytes(self) -> bytes:
        """DENSE and four bytes each, the lowest first on every machine.

        Where many are zero SPARSE, how many there are, how many are not zero, the places of these, and their four bytes
        each: of a brand that is seldom spoken of most hours of the week have no mention, and of a new one all.
        """
        raw = _little(self)
        if len(self) > MOST_SPARSE or raw.count(ZERO) * ZEROS_OF <= len(self):
            return DENSE + raw
        places = bytes(place for place, number in enumerate(self) if number)
        return SPARSE + bytes((len(self), len(places))) + places + _little(Sums(filter(None, self)))

    @classmethod
    def from_bytes(cls, raw: bytes) -> "Sums":
        """What `to_bytes` gave."""
        if raw.startswith(DENSE):
            return _of(raw[1:])
        length, others = raw[1:3]
        sums = cls([0.0] * length)
        for place, number in zip(raw[3 : 3 + others], _of(raw[3 + others :]), strict=True):
            sums[place] = number
        return sums


def _little(sums: Sums) -> bytes:
    return (sums if sys.byteorder == "little" else _turned(sums)).tobytes()


def _of(raw: bytes) -> Sums:
    sums = Sums()
    sums.frombytes(raw)
    return sums if sys.byteorder == "little" else _turned(sums)


def _turned(sums: Sums) -> Sums:
    turned = Sums(sums)
    turned.byteswap()
    return turned
