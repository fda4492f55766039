"""State as plain bytes: each part carries the version of its shape."""

from typing import TypeVar

import msgspec

T = TypeVar("T")
Parts = dict[str, bytes | None]  # by name; None where a part is gone


class OtherState(Exception):
    """State written by another listener: this one must not guess what it means."""


def pack(version: int, part: object) -> bytes:
    """A part with its version in front."""
    return msgspec.msgpack.encode((version, part))


def unpack(raw: bytes, kind: type[T], version: int) -> T:
    """The part, if it has the version that this program writes.

    Raise OtherState for a newer one, and for an older one: none was ever released, so there is nothing to upcast.
    """
    found, part = msgspec.msgpack.decode(raw, type=tuple[int, msgspec.Raw])
    if found != version:
        what_to_do = (
            "update listener"
            if found > version
            else "take another storage.path, or another kafka.prefix, and read the history again"
        )
        raise OtherState(f"{_name(kind)} has version {found}, this listener reads version {version}: {what_to_do}")
    return msgspec.msgpack.decode(part, type=kind)


def _name(kind: object) -> str:
    return getattr(kind, "__name__", str(kind))
