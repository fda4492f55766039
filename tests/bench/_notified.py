"""Receivers of the bench of notify: twenty webhooks on ports of their own, one of them dead, one slow."""

import asyncio
import socket
import threading
import time
from collections import defaultdict
from pathlib import Path
from typing import Any, NamedTuple, Self

from aiohttp import web

RECEIVERS = 20
DEAD, SLOW = 0, 1
SLOW_SECONDS = 3.0


class Page(NamedTuple):
    """What one receiver was told of one alert; `at` is when it came, `told` when the alert was due, in seconds."""

    receiver: int
    alert: str
    sequence: int
    firing: bool
    key: str
    number: int
    at: float
    told: float


class Towers:
    """The servers, in a thread of their own. Use as a context manager.

    They keep the `whole` of what they are told, or pages of what `_notify_service.py` opens.
    """

    def __init__(self, *, whole: bool = False) -> None:
        self._whole = whole
        self.bodies: list[Any] = []
        self.pages: list[Page] = []
        self._sockets = [_bound() for _ in range(RECEIVERS)]  # held from now on, also that of the dead one: no other's
        self.ports = [held.getsockname()[1] for held in self._sockets]
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._over = asyncio.Event()

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait(10)
        return self

    def __exit__(self, *error: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(10)
        for held in self._sockets:
            held.close()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        runners = [await self._tower(number) for number in range(RECEIVERS) if number != DEAD]
        self._ready.set()
        await self._over.wait()
        for runner in runners:
            await runner.cleanup()

    async def _tower(self, number: int) -> web.AppRunner:
        async def take(request: web.Request) -> web.Response:
            body = await request.json()
            now = time.time()
            if self._whole:
                self.bodies.append(body)
                return web.Response(text="ok")
            for one in body["alerts"]:
                key, firing = body["dedup_key"], one["status"] == "firing"
                told = float(one["reason"])
                self.pages.append(Page(number, one["id"], one["sequence"], firing, key, body["number"], now, told))
            if number == SLOW:
                await asyncio.sleep(SLOW_SECONDS)
            return web.Response(text="ok")

        app = web.Application()
        app.router.add_post("/", take)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.SockSite(runner, self._sockets[number]).start()
        return runner

    def settings(self, folder: Path, group_wait: str) -> Path:
        """Settings with a brand and a route for each receiver; the one after the next stands in for it."""
        text = ""
        for number, port in enumerate(self.ports):
            text += f'[[brands]]\nid = "b{number}"\nname = "Brand {number}"\n'
            text += f'[[receivers]]\nname = "r{number}"\nkind = "webhook"\nurl = "http://127.0.0.1:{port}/"\n'
            text += 'secret = { env = "BENCH_SECRET" }\npatience = "3s"\n'
            text += f'[[routes]]\nbrands = ["b{number}"]\nreceivers = ["r{number}", "r{(number + 2) % RECEIVERS}"]\n'
            text += f'group_by = ["scope"]\ngroup_wait = "{group_wait}"\ngroup_interval = "1s"\n'
        path = folder / "listener.toml"
        path.write_text(text, encoding="utf-8")
        return path


def _bound() -> socket.socket:
    """A socket with a port of its own, which refuses until somebody listens."""
    made = socket.socket()
    made.bind(("127.0.0.1", 0))
    return made


def doubled(pages: list[Page]) -> int:
    """How many alerts were told under more than one key."""
    keys: dict[str, set[str]] = defaultdict(set)
    for page in pages:
        keys[page.alert].add(page.key)
    return sum(len(found) > 1 for found in keys.values())


def ambiguous(pages: list[Page]) -> int:
    """Under how many (key, number) more than one thing was said: who took the first would leave out the others."""
    contents: dict[tuple[str, int], set[tuple[str, int, bool]]] = defaultdict(set)
    for page in pages:
        contents[page.key, page.number].add((page.alert, page.sequence, page.firing))
    return sum(len(found) > 1 for found in contents.values())


def lost(pages: list[Page], opened: set[str], resolved: set[str]) -> int:
    """How many alerts nobody was told of, and how many ends were not told to somebody who was told of the alert."""
    told: dict[str, set[int]] = defaultdict(set)
    ended: dict[str, set[int]] = defaultdict(set)
    for page in pages:
        (told if page.firing else ended)[page.alert].add(page.receiver)
    return sum(not told[id_] for id_ in opened) + sum(not told[id_] <= ended[id_] for id_ in resolved)
