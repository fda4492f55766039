"""Bluesky by Jetstream: everything that the network says, without an account, by web socket."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, suppress
from itertools import cycle
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

import aiohttp

from agents.configuration import Source
from agents.sources.asking import session
from agents.sources.connection import Cursor, Ear, Heard, Lost
from listener.formats import jetstream
from listener.formats.canonical import FAR_AHEAD
from listener.formats.foreign import LARGEST
from schemas.dead_letter import DeadLetter
from schemas.record import BadRecord
from schemas.times import SECOND

SERVERS = tuple(f"wss://jetstream{n}.us-{coast}.bsky.network/subscribe" for coast in ("east", "west") for n in (1, 2))
COLLECTIONS = {"posts": jetstream.POST, "reposts": jetstream.REPOST}
REWIND_US = 10_000_000  # what is given again: events come only roughly in their order, and servers' clocks differ
UNORDERED = 2 * SECOND  # how late an event may come after one that has a later time
BATCH_SECONDS, BATCH_EVENTS = 0.1, 500
PING_SECONDS = 20.0
FAREWELL = aiohttp.ClientWSTimeout(ws_close=1.0)  # for the other side to say it too
MOST_BAD = 100  # in a row: that is no stream
ENDS = (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSING, aiohttp.WSMsgType.ERROR)


Socket = aiohttp.ClientWebSocketResponse[Literal[False]]


class Batch(NamedTuple):
    """What came together; `times` are those of its events, in microseconds. `end` is why no more comes."""

    records: list[Heard]
    times: list[int]
    end: str | None


class Bluesky:
    """A server keeps a day and a half and gives it again from a time on, which is the cursor: gaps are filled.

    What it gives twice, detect knows. Where it cannot give all (its first event is later than we asked for), the time
    before that stays unknown. Of the public servers each is tried in turn: they tell the same.
    """

    patience = 60.0  # the network is never silent that long
    certain = False

    def __init__(self, name: str, source: Source, now: Callable[[], int]) -> None:
        self.name = name
        self._now = now
        self._servers = cycle([_subscribe(source.url)] if source.url else SERVERS)
        self._collections = [COLLECTIONS[name] for name in source.collections]
        self._skips = False  # what comes next cannot be read whatever we do
        self._bad = 0

    async def reach(self) -> str:
        """Connect, and wait for the first event."""
        server = next(self._servers)
        async with session(self._now) as http, self._connect(http, server, None) as socket:
            message = await asyncio.wait_for(socket.receive(), self.patience)
            if message.type in ENDS:
                raise Lost("closed at once")
        return f"{urlsplit(server).hostname}: events come"

    async def listen(self, cursor: Cursor, ear: Ear) -> None:
        """Listen for ever."""
        heard = 0 if cursor is None else int(cursor["time_us"])
        asked = heard - REWIND_US if heard and not self._skips else None
        self._skips, self._bad = False, 0
        server = next(self._servers)
        async with session(self._now) as http, self._connect(http, server, asked) as socket:
            if asked is None:
                ear.listening()
            while True:
                batch = await self._batch(socket, heard)
                if batch.times and asked is not None:
                    first = min(batch.times)
                    ear.listening(since=(asked if first <= heard else first) // 1000)
                    asked = None
                heard = max([heard, *batch.times])
                if batch.times or batch.records:
                    through = heard // 1000 - UNORDERED
                    await ear.take(batch.records, {"time_us": heard} if heard else None, through)
                if batch.end is not None:
                    raise Lost(batch.end)

    def _connect(
        self, http: aiohttp.ClientSession, server: str, cursor: int | None
    ) -> AbstractAsyncContextManager[Socket]:
        asked = [("wantedCollections", collection) for collection in self._collections]
        asked.append(("maxMessageSizeBytes", str(LARGEST)))
        if cursor is not None:
            asked.append(("cursor", str(cursor)))
        return http.ws_connect(
            server,
            params=asked,
            heartbeat=PING_SECONDS,
            timeout=FAREWELL,
            max_msg_size=LARGEST,
            decode_text=False,
        )

    async def _batch(self, socket: Socket, heard: int) -> Batch:
        """The next event, and what comes within a moment after it."""
        batch = Batch([], [], None)
        message = await socket.receive()
        with suppress(TimeoutError):
            async with asyncio.timeout(BATCH_SECONDS):
                while message.type not in ENDS:
                    self._read(message.data, batch, heard)
                    if self._bad > MOST_BAD:
                        return batch._replace(end=f"sends what is no event, {self._bad} in a row")
                    if len(batch.times) + len(batch.records) >= BATCH_EVENTS:
                        return batch
                    message = await socket.receive()
                return batch._replace(end=self._end(socket))
        return batch

    def _event(self, raw: bytes) -> jetstream.Event:
        event = jetstream.read(raw)
        if event.time_us // 1000 > self._now() + FAR_AHEAD:
            raise BadRecord("time_us is ahead of the clock")  # it must not become the cursor
        return event

    def _read(self, raw: bytes, batch: Batch, heard: int) -> None:
        try:
            event = self._event(raw)
        except BadRecord as bad:
            self._bad += 1
            batch.records.append(DeadLetter.of(self.name, max([heard, *batch.times]), str(bad), raw, bad.fault))
            return
        self._bad = 0
        batch.times.append(event.time_us)
        if event.record is not None:
            batch.records.append(event.record)

    def _end(self, socket: Socket) -> str:
        if socket.close_code == aiohttp.WSCloseCode.MESSAGE_TOO_BIG:
            self._skips = True
            return f"an event has more than {LARGEST:,} bytes: going on behind it, what lies between stays unknown"
        return f"closed ({socket.close_code})" if socket.close_code else "the connection broke"


def _subscribe(url: str) -> str:
    return url if urlsplit(url).path.strip("/") else url.rstrip("/") + "/subscribe"
