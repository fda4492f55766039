"""A small HTTP server that others post to. What it has answered with 200 is committed, and stays so."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import orjson
from aiohttp import web

from agents.configuration import Source
from agents.secret import read_secret
from agents.sources.connection import Cursor, Ear, Heard
from agents.sources.objects import ObjectReader, at_path
from agents.sources.signed import SIGNATURE, TIMESTAMP, Allowance, BadSignature, Remembered, check, verify
from agents.web.address import parse_address
from schemas.dead_letter import DeadLetter
from schemas.record import BadRecord, to_json

LARGEST_BODY = 1 << 20
MOST_READ = 16  # bodies that are read at once: nobody knows yet who sends them
BODY_SECONDS = 3.0  # for a body to come whole
MOST_AT_ONCE = 32  # signed requests that wait for their commit
COMMIT_SECONDS = 20.0  # for what it held to be committed
STOP_SECONDS = 3.0


class Refusal(Exception):
    """A request that is not taken: the status, and why."""

    def __init__(self, status: int, reason: str, after: int | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.after = after


class Webhook:
    """POST /name, signed (see `signed.py`), a JSON object, a list of them, or one that holds the list at `items`.

    200: all of it is committed: {"mentions": n, "dead_letters": m, "repeated": false}. Items that cannot be used are
    dead letters; to send them again would not help. The same request sent again is answered with 200 and repeated.
    400: no JSON, or no list at `items`. 401: not signed, wrongly, or more than five minutes ago. 404, 405: another path
    or method. 408: the body did not come, or more than 16 came at once and it was the slowest. 413: more than 1 MiB.
    415: it is compressed. 429: more than `rate` a second that were signed. 503: it could not be committed in time. Send
    it again after 408, 429 and 503: what was taken all the same is dropped by its id.
    """

    patience = None
    certain = True

    def __init__(self, name: str, source: Source, now: Callable[[], int]) -> None:
        self.name = name
        self._now = now
        self._address = parse_address(source.listen, "listen")
        self._secret = read_secret(source.secret, f"sources.{name}.secret").encode() if source.secret else b""
        self._items = source.items
        self._read = ObjectReader(source)
        self._allowance = Allowance(source.rate)
        self._remembered = Remembered()
        self._reading: list[asyncio.Timeout] = []  # those of the bodies that are read, the oldest first
        self._at_once = 0
        self._count = 0

    async def reach(self) -> str:
        """Whether it can listen there."""
        server = await asyncio.start_server(lambda reader, writer: None, *self._address)
        server.close()
        return f"can listen on {self._address.host}:{self._address.port}/{self.name}"

    async def listen(self, cursor: Cursor, ear: Ear) -> None:
        """Serve for ever."""
        app = web.Application(client_max_size=LARGEST_BODY)

        async def answer(request: web.Request) -> web.Response:
            return await self._answer(request, ear)

        app.router.add_post(f"/{self.name}", answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=STOP_SECONDS, handle_signals=False)
        await runner.setup()
        try:
            await web.TCPSite(runner, *self._address).start()
            ear.listening()
            await asyncio.Event().wait()
        finally:
            await runner.cleanup()

    async def _answer(self, request: web.Request, ear: Ear) -> web.Response:
        try:
            told = await self._take(request, ear)
        except Refusal as refusal:
            headers = {} if refusal.after is None else {"Retry-After": str(refusal.after)}
            return _json({"error": str(refusal)}, refusal.status, headers)
        return _json(told, 200, {})

    async def _take(self, request: web.Request, ear: Ear) -> dict[str, Any]:
        """Rate and places are for what is signed: whoever does not know the secret must not use them up."""
        signature, body = await self._verified(request)
        if not self._allowance.take(time.monotonic()):
            raise Refusal(429, "too many requests", 1)
        if signature in self._remembered:
            return {"mentions": 0, "dead_letters": 0, "repeated": True}
        if self._at_once >= MOST_AT_ONCE:
            raise Refusal(503, "too many requests are under way", 1)
        self._at_once += 1
        try:
            records = [self._heard(item) for item in self._found(body)]
            await self._commit(records, ear)
            self._remembered.add(signature, self._now() / 1_000)
        finally:
            self._at_once -= 1
        bad = sum(isinstance(record, DeadLetter) for record in records)
        return {"mentions": len(records) - bad, "dead_letters": bad, "repeated": False}

    async def _verified(self, request: web.Request) -> tuple[str, bytes]:
        """The signature and the body that it was made of. What the headers give away is refused without the body."""
        at, signature = request.headers.get(TIMESTAMP, ""), request.headers.get(SIGNATURE, "")
        try:
            check(at, signature, self._now() / 1_000)
            body = await self._body(request)
            verify(self._secret, at, signature, body)
        except BadSignature as error:
            raise Refusal(401, str(error)) from None
        return signature, body

    async def _body(self, request: web.Request) -> bytes:
        """The body. Where too many are read at once the one that takes longest gives way: the slow hold nobody up."""
        if request.headers.get("Content-Encoding", "identity") != "identity":
            raise Refusal(415, "send it uncompressed")
        try:
            async with asyncio.timeout(BODY_SECONDS) as patience:
                self._make_room()
                self._reading.append(patience)
                return await request.read()
        except TimeoutError:
            raise Refusal(408, f"the body did not come within {BODY_SECONDS:.0f} seconds, or held up others") from None
        except web.HTTPRequestEntityTooLarge:
            raise Refusal(413, f"more than {LARGEST_BODY:,} bytes") from None
        finally:
            if patience in self._reading:
                self._reading.remove(patience)

    def _make_room(self) -> None:
        if len(self._reading) < MOST_READ:
            return
        oldest = self._reading.pop(0)
        if not oldest.expired():
            oldest.reschedule(0)

    def _found(self, body: bytes) -> list[Any]:
        try:
            value = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise Refusal(400, f"not JSON: {error}") from None
        if self._items:
            value = at_path(value, self._items)
            if not isinstance(value, list):
                raise Refusal(400, f"there is no list at {self._items!r}")
        return value if isinstance(value, list) else [value]

    def _heard(self, item: Any) -> Heard:
        self._count += 1
        raw = b""
        try:
            raw = orjson.dumps(item)
            return self._read(raw, self._now())
        except TypeError:
            return DeadLetter.of(self.name, self._count, "nested too deeply", raw, "unreadable")
        except BadRecord as error:
            return DeadLetter.of(self.name, self._count, str(error), raw, error.fault)

    async def _commit(self, records: list[Heard], ear: Ear) -> None:
        try:
            async with asyncio.timeout(COMMIT_SECONDS):
                await (await ear.take(records, None, 0))
        except TimeoutError:
            raise Refusal(503, "it takes too long to commit; send it again, nothing is taken twice", 10) from None


def _json(told: dict[str, Any], status: int, headers: dict[str, str]) -> web.Response:
    return web.Response(body=to_json(told), status=status, headers=headers, content_type="application/json")
