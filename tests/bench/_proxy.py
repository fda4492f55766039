"""A TCP proxy before the broker that cuts a connection where it hurts most: in the middle of a commit."""

import asyncio
from contextlib import suppress
from typing import NamedTuple

PRODUCE, ADD_PARTITIONS, END_TRANSACTION = 0, 24, 26  # Kafka's own numbers of its requests
LENGTH = 4


class Cut(NamedTuple):
    """Where to cut: at a request of this kind, before it, within it, or after it when its answer comes."""

    request: int
    moment: str


CUTS = tuple(
    Cut(request, moment)
    for moment in ("before", "within", "after")
    for request in (END_TRANSACTION, PRODUCE, ADD_PARTITIONS)
)


class Proxy:
    """Passes all on between clients and the broker, until it is told to cut."""

    def __init__(self, port: int, broker_port: int) -> None:
        self._port = port
        self._broker_port = broker_port
        self._next: Cut | None = None
        self._passing: set[asyncio.Task[None]] = set()
        self.done: list[Cut] = []

    async def start(self) -> None:
        """Listen."""
        await asyncio.start_server(self._meet, "127.0.0.1", self._port)

    def cut(self, where: Cut) -> None:
        """Cut the next connection on which this happens."""
        self._next = where

    async def _meet(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        try:
            broker, to_broker = await asyncio.open_connection("127.0.0.1", self._broker_port)
        except OSError:
            to_client.close()
            return
        answers = asyncio.create_task(self._answers(broker, to_client))
        self._passing.add(answers)
        with suppress(OSError, asyncio.IncompleteReadError):
            await self._requests(client, to_broker, answers)
        answers.cancel()
        self._passing.discard(answers)
        to_client.transport.abort()
        to_broker.transport.abort()

    async def _answers(self, broker: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while passed := await broker.read(1 << 16):
                to_client.write(passed)
                await to_client.drain()
        to_client.close()

    async def _requests(
        self, client: asyncio.StreamReader, to_broker: asyncio.StreamWriter, answers: asyncio.Task[None]
    ) -> None:
        """Pass whole requests on, up to the one where it is to be cut."""
        while True:
            head = await client.readexactly(LENGTH)
            request = head + await client.readexactly(int.from_bytes(head))
            wanted = self._next
            if wanted is None or wanted.request != int.from_bytes(request[LENGTH : LENGTH + 2]):
                to_broker.write(request)
                await to_broker.drain()
                continue
            self._next = None
            self.done.append(wanted)
            if wanted.moment == "after":
                answers.cancel()
            if wanted.moment != "before":
                to_broker.write(request if wanted.moment == "after" else request[: len(request) // 2])
                await to_broker.drain()
            if wanted.moment == "after":
                await asyncio.sleep(0.2)  # the broker has done it by now, and nobody will know
            return
