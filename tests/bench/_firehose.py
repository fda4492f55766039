"""A Jetstream server of its own process for tests.bench.firehose: what the network does, at a rate.

python -m tests.bench._firehose RATE TEXTS: it prints its port; then a line for each second of a connection: how many
events were due, how many were written. Like a server that has no filter it sends everything: what nobody asked for too.
"""

import asyncio
import json
import sys
import time
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Any

from aiohttp import web

from schemas.times import from_ms

SEED = 20261128
TICK = 0.02
AUTHORS = 20_000
REMEMBERED = 5_000
POST, REPOST, LIKE = "app.bsky.feed.post", "app.bsky.feed.repost", "app.bsky.feed.like"
COLLECTIONS = {"like": LIKE, "repost": REPOST, "follow": "app.bsky.graph.follow", "profile": "app.bsky.actor.profile"}
# Of a hundred events of the network, about: most are likes, a tenth are deletions, of likes above all.
SHARES = {
    "like": 52.0,
    "post": 14.0,
    "repost": 9.0,
    "follow": 10.0,
    "undo": 8.0,
    "delete": 1.0,
    "edit": 0.1,
    "profile": 3.0,
    "identity": 2.0,
    "account": 0.9,
}


class Network:
    """Makes events: posts with these texts, two in five of them replies, and what people do with them."""

    def __init__(self, texts: list[str]) -> None:
        self._texts = cycle(texts)
        self._draw = Random(SEED)
        self._kinds = list(SHARES)
        self._weights = list(SHARES.values())
        self._number = 0
        self._posts: list[tuple[str, str]] = [("did:plc:first", "3kfirst")]

    def events(self, count: int, time_us: int) -> list[str]:
        """So many events of that moment."""
        return [self._event(kind, time_us) for kind in self._draw.choices(self._kinds, self._weights, k=count)]

    def _event(self, kind: str, time_us: int) -> str:
        self._number += 1
        did = f"did:plc:{self._draw.randrange(AUTHORS):024d}"
        event: dict[str, Any] = {"did": did, "time_us": time_us + self._number % 1000, "kind": "commit"}
        if kind in ("identity", "account"):
            event |= {"kind": kind, kind: {"did": did, "seq": self._number, "active": True}}
        else:
            event["commit"] = self._commit(kind, did, time_us)
        return json.dumps(event, separators=(",", ":"), ensure_ascii=False)

    def _commit(self, kind: str, did: str, time_us: int) -> dict[str, Any]:
        key = f"3k{self._number:011d}"
        created = from_ms(time_us // 1000).isoformat()
        post = self._draw.choice(self._posts)
        subject = {"cid": "bafyreia", "uri": f"at://{post[0]}/{POST}/{post[1]}"}
        commit = {"rev": key, "operation": "create", "rkey": key, "cid": "bafyreib"}
        if kind == "post":
            self._posts.append((did, key))
            del self._posts[:-REMEMBERED]
            record: dict[str, Any] = {"text": next(self._texts), "langs": ["en"], "createdAt": created}
            if self._number % 5 < 2:
                record["reply"] = {"parent": subject, "root": subject}
            return {**commit, "collection": POST, "record": record}
        if kind == "edit":
            return {**commit, "operation": "update", "collection": POST, "rkey": post[1], "record": {"text": "edited"}}
        if kind in ("delete", "undo"):
            rkey = post[1] if kind == "delete" else key
            return {"rev": key, "operation": "delete", "collection": POST if kind == "delete" else LIKE, "rkey": rkey}
        record = {"subject": subject if kind in ("like", "repost") else did, "createdAt": created}
        return {**commit, "collection": COLLECTIONS[kind], "record": record}


async def subscribe(request: web.Request) -> web.StreamResponse:
    """Events at the rate, as long as somebody listens; what is due and cannot be written waits, and is told."""
    rate, network = request.app[RATE], request.app[NETWORK]
    socket = web.WebSocketResponse(compress=False)
    await socket.prepare(request)
    reading = asyncio.ensure_future(_answer_pings(socket))
    began = told = time.monotonic()
    written = 0
    while not socket.closed:
        due = int((time.monotonic() - began) * rate)
        try:
            for event in network.events(min(due - written, rate), time.time_ns() // 1000):
                await socket.send_str(event)
                written += 1
        except ConnectionResetError:
            break
        if time.monotonic() - told >= 1:
            told += 1
            print(json.dumps({"due": due, "written": written}), flush=True)
        await asyncio.sleep(TICK)
    reading.cancel()
    return socket


async def _answer_pings(socket: web.WebSocketResponse) -> None:
    async for _ in socket:
        pass


RATE, NETWORK = web.AppKey("rate", int), web.AppKey("network", Network)


async def serve(rate: int, network: Network) -> None:
    """Serve until killed."""
    app = web.Application()
    app[RATE] = rate
    app[NETWORK] = network
    app.router.add_get("/subscribe", subscribe)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Network(json.loads(Path(sys.argv[2]).read_text(encoding="utf-8")))))
