"""A real browser without a screen: Debian's Chromium, spoken to by its DevTools protocol."""

import asyncio
import base64
import os
import shutil
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse

OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
)
PATIENCE = 60


def chromium() -> str | None:
    """Where the browser is, if it is there."""
    return shutil.which("chromium")


class Page:
    """One tab. What it asked any host for is in `requests`."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self._socket = socket
        self._number = 0
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._loaded = asyncio.Event()
        self.requests: list[str] = []
        self.complaints: list[str] = []

    async def listen(self) -> None:
        """Take in what the browser says, until it is gone."""
        async for message in self._socket:
            told = message.json()
            if "id" in told:
                self._answers.pop(told["id"]).set_result(told)
            elif told["method"] == "Network.requestWillBeSent":
                self.requests.append(told["params"]["request"]["url"])
            elif told["method"] == "Log.entryAdded":
                self.complaints.append(told["params"]["entry"]["text"])
            elif told["method"] == "Page.loadEventFired":
                self._loaded.set()

    async def ask(self, method: str, **parameters: object) -> dict[str, Any]:
        """Give a command, and wait for its answer."""
        self._number += 1
        answer = self._answers[self._number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": self._number, "method": method, "params": parameters})
        told = await asyncio.wait_for(answer, PATIENCE)
        assert "error" not in told, (method, told)
        result: dict[str, Any] = told["result"]
        return result

    async def open(self, address: str) -> None:
        """Load a page."""
        for domain in ("Page", "Network", "Log", "Runtime"):
            await self.ask(f"{domain}.enable")
        self._loaded.clear()
        await self.ask("Page.navigate", url=address)
        await asyncio.wait_for(self._loaded.wait(), PATIENCE)

    async def show(self, width: int, scheme: str, media: str = "screen") -> None:
        """Take a width in px and a colour scheme."""
        await self.ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 700
        )
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        await self.ask("Emulation.setEmulatedMedia", media=media, features=features)

    async def evaluate(self, expression: str) -> Any:
        """What an expression comes to, as JSON."""
        told = await self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    async def picture(self) -> bytes:
        """The whole page as PNG."""
        told = await self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        return base64.b64decode(told["data"])


@asynccontextmanager
async def browsing(folder: Path) -> AsyncIterator[Page]:
    """A tab of a browser of its own, whose profile lies in `folder`."""
    program = chromium()
    assert program is not None
    process = await asyncio.create_subprocess_exec(
        program,
        *OPTIONS,
        f"--user-data-dir={folder / 'profile'}",
        "about:blank",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, "HOME": str(folder)},  # nothing is left elsewhere
        start_new_session=True,
    )
    try:
        port = await asyncio.to_thread(_port, folder / "profile" / "DevToolsActivePort")
        async with ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{port}/json/list") as answer:
                tabs = await answer.json()
            address = next(tab["webSocketDebuggerUrl"] for tab in tabs if tab["type"] == "page")
            async with session.ws_connect(address, max_msg_size=0) as socket:
                page = Page(socket)
                listening = asyncio.create_task(page.listen())
                yield page
                listening.cancel()
    finally:
        process.terminate()
        await asyncio.wait_for(process.wait(), PATIENCE)
        await asyncio.to_thread(_all_ended, process.pid)


def _all_ended(group: int) -> None:
    """The browser's own children end a little later, and write into the profile until then."""
    deadline = time.monotonic() + 5
    with suppress(ProcessLookupError):
        while True:
            os.killpg(group, 0 if time.monotonic() < deadline else signal.SIGKILL)
            time.sleep(0.02)


def _port(file: Path) -> int:
    """The port that the browser has chosen, as soon as it has written it down whole."""
    deadline = time.monotonic() + PATIENCE
    while not file.exists() or len(file.read_text().splitlines()) < 2:
        assert time.monotonic() < deadline, "the browser does not come up"
        time.sleep(0.05)
    return int(file.read_text().splitlines()[0])
