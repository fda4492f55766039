"""Local servers that behave as their platforms' documentation says, and misbehave as networks do when told to."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import count
from typing import Any

from aiohttp import web

from schemas.times import from_ms

HUGE = 3 << 20
HALF_A_FRAME = b'\x81\x7e\x04\x00{"did":"did:plc:cut'


class Server:
    """What all have in common: a queue of troubles, one for each connection that is made; then all is well.

    A trouble is a status with its headers, or a word that the server knows.
    """

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[web.Request] = []
        self.troubles: deque[Any] = deque()
        self.after = 5  # events, then trouble comes
        self.said = asyncio.Condition()
        self.open: list[Any] = []  # the transports of all connections that were made

    def app(self) -> web.Application:
        raise NotImplementedError

    def next_trouble(self, request: web.Request) -> str:
        """The word for this connection; raise the status that is its trouble."""
        self.asked.append(request)
        self.open.append(request.transport)
        trouble = self.troubles.popleft() if self.troubles else ""
        if isinstance(trouble, int | tuple):
            status, headers = (trouble, {}) if isinstance(trouble, int) else trouble
            answer = web.HTTPException(headers=headers)
            answer.set_status(status)
            raise answer
        return str(trouble)

    def drop(self) -> None:
        """Break all connections, as a network does."""
        for transport in self.open:
            transport.abort()
        self.open = []

    async def tell(self) -> None:
        """Wake those who wait for more."""
        async with self.said:
            self.said.notify_all()


@asynccontextmanager
async def serving(server: Server, ssl: Any = None) -> AsyncIterator[Server]:
    """The server, listening on a port of its own."""
    runner = web.AppRunner(server.app(), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=ssl)
    await site.start()
    port = runner.addresses[0][1]
    server.url = f"{'https' if ssl else 'http'}://127.0.0.1:{port}"
    try:
        yield server
    finally:
        await runner.cleanup()


class Jetstream(Server):
    """Events in the order of their times; from a cursor on, inclusive, and not from before its floor.

    Troubles: "cut" amid a frame, "gone" without a frame, "garbage", "stall", "repeat", "back" in time, "huge", "drip".
    """

    def __init__(self) -> None:
        super().__init__()
        self.events: list[tuple[int, bytes]] = []
        self.floor = 0

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/subscribe", self.subscribe)
        return app

    async def say(self, *events: tuple[int, bytes]) -> None:
        """Let events happen: each its time in microseconds and its JSON."""
        self.events += events
        await self.tell()

    async def subscribe(self, request: web.Request) -> web.StreamResponse:
        """The stream."""
        trouble = self.next_trouble(request)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        reading = asyncio.ensure_future(self.read(socket))
        try:
            with suppress(ConnectionResetError):
                await self.send(request, socket, self.start(request.query.get("cursor")), trouble)
        finally:
            reading.cancel()
        return socket

    async def read(self, socket: web.WebSocketResponse) -> None:
        """Answer pings, and notice who goes."""
        async for _ in socket:
            pass
        await self.tell()

    async def send(self, request: web.Request, socket: web.WebSocketResponse, place: int, trouble: str) -> None:
        for sent in count():
            async with self.said:
                while place >= len(self.events) and not socket.closed:
                    await self.said.wait()
            if socket.closed:
                return
            if sent == self.after and trouble:
                place = await self.misbehave(trouble, request, socket, place)
                if place < 0:
                    return
            raw = self.events[place][1].decode("utf-8", "replace")
            await socket.send_str(raw)
            if trouble == "repeat":
                await socket.send_str(raw)
            place += 1

    def start(self, cursor: str | None) -> int:
        if cursor is None:
            return len(self.events)
        asked = max(int(cursor), self.floor)
        return next((place for place, event in enumerate(self.events) if event[0] >= asked), len(self.events))

    async def misbehave(self, trouble: str, request: web.Request, socket: web.WebSocketResponse, place: int) -> int:
        """Where it goes on after that, -1 if nowhere."""
        transport = request.transport
        assert transport is not None
        if trouble in ("cut", "gone"):
            if trouble == "cut":
                transport.write(HALF_A_FRAME)
                await asyncio.sleep(0.01)
            transport.abort()
            return -1
        if trouble == "stall":
            await asyncio.sleep(600)
            return -1
        if trouble == "garbage":
            await socket.send_str("no event")
            await socket.send_frame(b"\xff\xfe no text", web.WSMsgType.TEXT)
            await socket.send_bytes(b"\x00" * 100)
        elif trouble == "huge":
            await socket.send_str('{"a":"' + "x" * HUGE + '"}')
        elif trouble == "drip":
            raw = self.events[place][1]
            frame = b"\x81\x7e" + len(raw).to_bytes(2, "big") + raw
            for start in range(0, len(frame), 100):
                transport.write(frame[start : start + 100])
                await asyncio.sleep(0.01)
            return place + 1 if place + 1 < len(self.events) else -1
        elif trouble == "back":
            return max(0, place - 20)
        return place


class Mastodon(Server):
    """One instance: its public stream, which forgets at once, and its public timeline, which does not.

    Troubles of the stream: "cut" amid an event, "gone", "garbage", "stall", "huge", "repeat".
    """

    def __init__(self) -> None:
        super().__init__()
        self.statuses: list[dict[str, Any]] = []
        self.events: list[tuple[str, str]] = []
        self.streams_at: Any = None  # the address of its stream, where that is another one
        self.timeline: Any = 200  # or the status that is its trouble
        self.pages = 0

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/api/v1/streaming/public", self.stream)
        app.router.add_get("/api/v1/timelines/public", self.page)
        app.router.add_get("/api/v2/instance", self.instance)
        return app

    async def say(self, *statuses: dict[str, Any], event: str = "update") -> None:
        """Let statuses be written."""
        for status in statuses:
            self.statuses = [old for old in self.statuses if old["id"] != status["id"]] + [status]
            self.events.append((event, json.dumps(status, ensure_ascii=False)))
        await self.tell()

    async def take_back(self, id: str) -> None:
        """Let one be deleted."""
        self.statuses = [old for old in self.statuses if old["id"] != id]
        self.events.append(("delete", id))
        await self.tell()

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events from now on."""
        trouble = self.next_trouble(request)
        answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await answer.prepare(request)
        await answer.write(b":)\n")
        place = len(self.events)
        for sent in count():
            try:
                async with asyncio.timeout(15), self.said:
                    while place >= len(self.events):
                        await self.said.wait()
            except TimeoutError:
                await answer.write(b":thump\n")
                continue
            name, data = self.events[place]
            whole = f"event: {name}\ndata: {data}\n\n".encode()
            if sent == self.after and trouble:
                transport = request.transport
                assert transport is not None
                if trouble in ("cut", "gone"):
                    await answer.write(whole[: len(whole) // 2] if trouble == "cut" else b"")
                    transport.abort()
                    break
                if trouble == "stall":
                    await asyncio.sleep(600)
                    break
                if trouble == "garbage":
                    await answer.write(b"event: update\ndata: \xff{no\n\nevent: \xfe\n:\n\nnonsense\n\n")
                elif trouble == "huge":
                    await answer.write(b"event: update\ndata: " + b"x" * HUGE + b"\n\n")
                elif trouble == "repeat":
                    await answer.write(whole)
            await answer.write(whole)
            place += 1
        return answer

    async def instance(self, request: web.Request) -> web.Response:
        """What the server says of itself: above all where its stream is."""
        return web.json_response({"configuration": {"urls": {"streaming": self.streams_at}}})

    async def page(self, request: web.Request) -> web.Response:
        """The posts that are immediately newer than `min_id`, the newest first."""
        self.pages += 1
        if self.timeline != 200:
            return web.Response(status=self.timeline)
        after, limit = int(request.query.get("min_id", 0)), min(40, int(request.query.get("limit", 20)))
        newer = sorted((one for one in self.statuses if int(one["id"]) > after), key=lambda one: int(one["id"]))
        return web.json_response(newer[:limit][::-1])


class FeedServer(Server):
    """A feed that lists its newest articles. Troubles: "cut" amid the document, "html", "huge", "drip"."""

    def __init__(self, listed: int = 10) -> None:
        super().__init__()
        self.articles: list[str] = []
        self.listed = listed
        self.conditional = True
        self.unchanged = 0
        self.leads_to = "/feed"

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/feed", self.feed)
        app.router.add_get("/other", self.other)
        app.router.add_get("/moved", self.moved)
        app.router.add_get("/round", self.round)
        return app

    async def other(self, request: web.Request) -> web.Response:
        """The same without trouble."""
        return web.Response(body=self.document(), content_type="application/rss+xml")

    async def moved(self, request: web.Request) -> web.Response:
        raise web.HTTPMovedPermanently(self.leads_to)

    async def round(self, request: web.Request) -> web.Response:
        raise web.HTTPFound("/round")

    def document(self) -> bytes:
        items = "".join(reversed(self.articles[-self.listed :]))
        return f'<rss version="2.0"><channel><title>x</title>{items}</channel></rss>'.encode()

    async def feed(self, request: web.Request) -> web.StreamResponse:
        """The document, or 304."""
        trouble = self.next_trouble(request)
        body, etag = self.document(), f'"{len(self.articles)}"'
        if trouble == "html":
            return web.Response(text="<html>Please log in</html>", content_type="text/html")
        if trouble == "huge":
            body = b"<rss>" + b" " * (8 << 20)
        if self.conditional and request.headers.get("If-None-Match") == etag and not trouble:
            self.unchanged += 1
            return web.Response(status=304)
        answer = web.StreamResponse(headers={"Content-Type": "application/rss+xml", "ETag": etag})
        answer.content_length = len(body)
        await answer.prepare(request)
        if trouble == "cut":
            await answer.write(body[: len(body) // 2])
            assert request.transport is not None
            request.transport.abort()
            return answer
        await answer.write(body)
        return answer


def status(id: int, at: str, text: str = "Acme is fine", **fields: Any) -> dict[str, Any]:
    """A public status as a server tells it."""
    told = {"id": str(id), "created_at": at, "visibility": "public", "content": f"<p>{text}</p>"}
    return {**told, "account": {"id": "1", "username": "mira", "acct": "mira"}, **fields}


def item(id: int, title: str = "Acme is fine", at: str = "") -> str:
    """An article of a feed."""
    date = f"<pubDate>{at}</pubDate>" if at else ""
    return f"<item><guid>https://news.example/{id}</guid><title>{title}</title>{date}</item>"


def event(number: int, time_us: int, text: str = "Acme is fine", **record: Any) -> tuple[int, bytes]:
    """A post as Jetstream tells it."""
    written = from_ms(time_us // 1000 - 500).isoformat()
    commit = {
        "rev": "3l",
        "operation": "create",
        "collection": "app.bsky.feed.post",
        "rkey": f"3k{number}",
        "record": {"text": text, "createdAt": written, "langs": ["en"], **record},
    }
    told = {"did": "did:plc:mira", "time_us": time_us, "kind": "commit", "commit": commit}
    return time_us, json.dumps(told, separators=(",", ":")).encode()
