"""Server-sent events: a stream of bytes, cut anywhere, becomes events. WHATWG's rules, with limits."""

from typing import NamedTuple

from listener.formats.foreign import LARGEST
from schemas.record import BadRecord


class ServerEvent(NamedTuple):
    """The name of an event and its data. A comment, which servers send to stay alive, has neither."""

    name: str
    data: bytes


ALIVE = ServerEvent("", b"")


class EventStream:
    """The events of one connection. What is cut off by its end was never an event."""

    def __init__(self) -> None:
        self._rest = b""
        self._name = "message"
        self._data: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> list[ServerEvent]:
        """The events that end in this chunk. Raise BadRecord for one that is larger than anything we read."""
        # A carriage return at the end may be half of a line's end: it waits for the other half.
        lines = (self._rest + chunk).replace(b"\r\n", b"\n").split(b"\n")
        self._rest = lines.pop()
        if len(self._rest) + self._size > LARGEST:
            raise BadRecord(f"an event is larger than {LARGEST:,} bytes")
        found = []
        for line in lines:
            event = self._line(line)
            if event is not None:
                found.append(event)
        return found

    def _line(self, line: bytes) -> ServerEvent | None:
        if not line:
            return self._ended()
        if line.startswith(b":"):
            return ALIVE
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"event":
            self._name = value.decode("utf-8", "replace")
        elif field == b"data":
            self._size += len(value) + 1
            if self._size > LARGEST:
                raise BadRecord(f"an event is larger than {LARGEST:,} bytes")
            self._data.append(value)
        return None

    def _ended(self) -> ServerEvent | None:
        event = ServerEvent(self._name, b"\n".join(self._data)) if self._data else None
        self._name, self._data, self._size = "message", [], 0
        return event
