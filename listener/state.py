"""State as plain bytes: each part carries the version of its shape."""

from typing import Any, TypeVar

import msgspec

from listener.sums import Sums
from listener.window_numbers import WindowNumbers

T = TypeVar("T")
Parts = dict[str, bytes | None]  # by name; None where a part is gone


class OtherState(Exception):
    """State written by another listener: this one must not guess what it means."""


def pack(version: int, part: object) -> bytes:
    """A part with its version in front."""
    return msgspec.msgpack.encode((version, part), enc_hook=_plain)


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
    return msgspec.msgpack.decode(part, type=kind, dec_hook=_as)


def _plain(value: object) -> bytes | list[Any]:
    if isinstance(value, Sums):
        return value.to_bytes()
    if isinstance(value, WindowNumbers):
        return value.to_plain()
    raise NotImplementedError(f"{_name(type(value))} is no state")


def _as(kind: type[Any], raw: Any) -> Sums | WindowNumbers:
    if kind is Sums and isinstance(raw, bytes):
        return Sums.from_bytes(raw)
    if kind is WindowNumbers and isinstance(raw, list):
        return WindowNumbers.from_plain(raw)
    raise NotImplementedError(f"{_name(kind)} is no state")


def _name(kind: object) -> str:
    return getattr(kind, "__name__", str(kind))
