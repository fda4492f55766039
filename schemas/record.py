"""What all records have in common: the base class, and how bytes become one of them and back."""

from collections.abc import Callable
from functools import reduce
from operator import or_
from typing import Literal, TypeVar

import msgspec

# Why input cannot be used, by who has to look at it: the bytes are damaged; the record is not as it should be; it is
# something that we do not handle yet (nothing is, by now); we broke on it ourselves.
Fault = Literal["unreadable", "invalid", "unsupported", "failed"]


# gc=False: records hold no cycles, and the collector would walk hundreds of thousands of them again and again.
class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="record", gc=False):
    """A record of a topic, a file or the API. Its tag is ``kind/version``."""


class Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A piece of a record. It has no version of its own."""


class Figure(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A piece of a record that is always written whole, zeros and nulls included."""


R = TypeVar("R")


class BadRecord(ValueError):
    """Bytes that are not the record they should be. The message names the field and what is wrong."""

    def __init__(self, reason: str, fault: Fault = "invalid") -> None:
        super().__init__(reason)
        self.fault: Fault = fault


def decoder(*kinds: type[R]) -> Callable[[bytes], R]:
    """A function from JSON bytes to a record of one of these kinds; of several, its tag says which.

    It raises BadRecord where the bytes are not JSON, not UTF-8, or of the wrong shape.
    """
    decode: Callable[[bytes], R] = msgspec.json.Decoder(reduce(or_, kinds)).decode

    def from_json(raw: bytes) -> R:
        try:
            return decode(raw)
        except msgspec.ValidationError as error:
            raise BadRecord(str(error)) from None
        except msgspec.DecodeError as error:
            raise BadRecord(f"not JSON: {error}", "unreadable") from None
        except UnicodeDecodeError as error:
            raise BadRecord(f"not UTF-8: byte {error.start}", "unreadable") from None
        except RecursionError:
            raise BadRecord("not JSON: nested too deeply", "unreadable") from None

    return from_json


to_json: Callable[[object], bytes] = msgspec.json.Encoder().encode
