"""What holds in every test of the core: state that is read again is written as it was."""

from collections.abc import Iterator

import msgspec
import pytest

from listener import authors, partition, remembered, state, tracker_state
from listener.notices import notices

WRITERS = (authors, partition, remembered, tracker_state, notices)


@pytest.fixture(autouse=True, scope="session")
def _written_as_it_was_read() -> Iterator[None]:
    """A worker that takes a lane over must write what the one before it would have written, byte for byte.

    An int where the shape says float is read as a float: so two runs differed of which one was restarted.
    """
    with pytest.MonkeyPatch.context() as patch:
        for writer in WRITERS:
            patch.setattr(writer, "pack", _pack)
        yield


_original = state.pack


def _pack(version: int, part: object) -> bytes:
    raw = _original(version, part)
    if isinstance(part, msgspec.Struct):
        assert _original(version, state.unpack(raw, type(part), version)) == raw
    return raw
