"""DeadLetter: input that could not be used, kept with its place and the reason."""

from hashlib import sha256
from typing import Self

from schemas.record import Fault, Record

KEPT_BYTES = 64 * 1024


class DeadLetter(Record, frozen=True, tag="dead_letter/1"):
    """The input at `position` of `source`: `raw` holds its first 64 KiB (base64 in JSON).

    `length` and `sha256` are those of the whole input. `fault` is the class of the reason, "invalid" if left out.
    """

    source: str
    position: int
    reason: str
    raw: bytes
    length: int
    sha256: str
    fault: Fault = "invalid"

    @classmethod
    def of(cls, source: str, position: int, reason: str, raw: bytes, fault: Fault = "invalid") -> Self:
        """The dead letter of `raw`."""
        return cls(
            source=source,
            position=position,
            reason=reason,
            raw=raw[:KEPT_BYTES],
            length=len(raw),
            sha256=sha256(raw).hexdigest(),
            fault=fault,
        )
