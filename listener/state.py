"""State as plain bytes: each part carries the version of its shape."""

from typing import TypeVar

import msgspec

T = TypeVar("T")
Parts = dict[str, bytes | None]  # by name; None where a part is gone


class NewerState(Exception):
    """State written by a newer listener: this one must not guess what it means."""


def pack(version: int, part: object) -> bytes:
    """A part with its version in front."""
    return msgspec.msgpack.encode((version, part))


def unpack(raw: bytes, kind: type[T], version: int) -> T:
    """The part, if it has the version that this program writes.

    Raise NewerState for a newer one. There is no older one yet: when there is, it is upcast here.
    """
    found, part = msgspec.msgpack.decode(raw, type=tuple[int, msgspec.Raw])
    if found != version:
        raise NewerState(f"{kind.__name__} has version {found}, this listener reads version {version}: update listener")
    return msgspec.msgpack.decode(part, type=kind)
