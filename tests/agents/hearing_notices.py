"""Local servers that are told: what a webhook, Slack and a mail server take, and the troubles they make."""

import asyncio
import ssl
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
    """A mail server without secrets: it keeps what it is handed; `answers` are its next answers to MAIL FROM.

    `refused` are its answers to addresses it does not take, `asked` those it was asked for. With a `context` it offers
    STARTTLS.
    """

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.mails: list[str] = []
        self.answers: list[str] = []
        self.refused: dict[str, str] = {}
        self.asked: list[str] = []
        self.address = ""
        self._context = context

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
            elif verb == "EHLO" and self._context is not None:
                say("250-here\r\n250 STARTTLS")
            elif verb == "STAR" and self._context is not None:
                say("220 go on")
                await writer.start_tls(self._context)
            elif verb == "RCPT":
                self.asked.append(line[line.index("<") + 1 : line.index(">")])
                say(self.refused.get(self.asked[-1], "250 ok"))
            else:
                say(self.answers.pop(0) if verb == "MAIL" and self.answers else "250 ok")
        writer.close()


@asynccontextmanager
async def posting(context: ssl.SSLContext | None = None, *, at_once: bool = False) -> AsyncIterator[Post]:
    """A mail server on a port of its own; with a `context` it speaks TLS, when asked to or `at_once`."""
    post = Post(context)
    server = await asyncio.start_server(post.talk, "127.0.0.1", 0, ssl=context if at_once else None)
    post.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield post
