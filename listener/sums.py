"""Numbers that are learned and kept by the hundred: four bytes each, in memory and in state."""

import sys
import zlib
from array import array
from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    _Floats = array[float]
else:
    _Floats = array

DENSE, DEFLATED = b"\0", b"\1"
# Deflated where a fourth are alike, which takes half a microsecond to see; not a handful, whose own bytes are fewer.
ZERO, ALIKE_OF, LEAST_DEFLATED = bytes(4), 4, 16


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
        """DENSE and four bytes each, the lowest first on every machine; DEFLATED where many are zero, or as the last.

        Of a brand that is seldom spoken of most hours of the week have no mention, and of any other most were heard as
        often as their neighbours: an eighth of the bytes, in 5 us for 168 numbers.
        """
        raw = _little(self)
        dense = DENSE + raw
        if len(self) < LEAST_DEFLATED or max(raw.count(ZERO), raw.count(raw[-4:])) * ALIKE_OF <= len(self):
            return dense
        return min(dense, DEFLATED + zlib.compress(raw, zlib.Z_BEST_SPEED, -zlib.MAX_WBITS), key=len)

    @classmethod
    def from_bytes(cls, raw: bytes) -> "Sums":
        """What `to_bytes` gave."""
        return _of(raw[1:] if raw.startswith(DENSE) else zlib.decompress(raw[1:], -zlib.MAX_WBITS))


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
