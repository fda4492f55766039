"""Local servers that are told: what a webhook, Slack and a mail server take, and the troubles they make."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from tests.agents.network import Server


class Hook(Server):
    """Takes POSTs anywhere and keeps them. A trouble "slow" waits as long as `after` seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[tuple[web.Request, Any]] = []

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/{path:.*}", self._take)
        return app

    async def _take(self, request: web.Request) -> web.Response:
        if self.next_trouble(request) == "slow":
            await asyncio.sleep(self.after)
        self.taken.append((request, await request.json()))
        return web.Response(text="ok")


class Post:
    """A mail server without secrets: it keeps what it is handed; `answers` are its next answers to MAIL FROM."""

    def __init__(self) -> None:
        self.mails: list[str] = []
        self.answers: list[str] = []
        self.address = ""

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One conversation."""

        def say(line: str) -> None:
            writer.write(line.encode() + b"\r\n")

        say("220 here")
        while line := (await reader.readline()).decode().strip():
            verb = line[:4].upper()
            if verb == "DATA":
                say("354 go on")
                self.mails.append((await reader.readuntil(b"\r\n.\r\n")).decode())
                say("250 taken")
            elif verb == "QUIT":
                say("221 bye")
                break
            else:
                say(self.answers.pop(0) if verb == "MAIL" and self.answers else "250 ok")
        writer.close()


@asynccontextmanager
async def posting() -> AsyncIterator[Post]:
    """A mail server on a port of its own."""
    post = Post()
    server = await asyncio.start_server(post.talk, "127.0.0.1", 0)
    post.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield post
