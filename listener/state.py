"""State as plain bytes: each part carries the version of its shape."""

from typing import TypeVar

import msgspec

T = TypeVar("T")
Parts = dict[str, bytes | None]  # by name; None where a part is gone


class NewerState(Exception):
    """State written by another listener, mostly a newer one: this one must not guess what it means."""


def pack(version: int, part: object) -> bytes:
    """A part with its version in front."""
    return msgspec.msgpack.encode((version, part))


def unpack(raw: bytes, kind: type[T], version: int) -> T:
    """The part, if it has the version that this program writes.

    Raise NewerState for another one. None that was released is older: when one is, it is upcast here.
    """
    found, part = msgspec.msgpack.decode(raw, type=tuple[int, msgspec.Raw])
    if found != version:
        do = "update listener" if found > version else "it was never released; begin anew with another file or prefix"
        raise NewerState(f"{kind.__name__} has version {found}, this listener reads version {version}: {do}")
    return msgspec.msgpack.decode(part, type=kind)
