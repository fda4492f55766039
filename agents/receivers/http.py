"""How receivers are told over HTTP: one POST, its answer read, what went wrong in words that show no secret."""

import os
from collections.abc import Mapping
from typing import Any

import aiohttp

from agents.clock import now_ms
from agents.receivers.receiver import WAIT_SECONDS, NotTaken
from agents.sources.answers import trouble
from agents.sources.asking import read_whole, session
from agents.sources.connection import Lost, Refused

NOT_NOW = (425, 429)  # the server itself says that it took nothing; what stands behind a gateway's 5xx may have
LARGEST_ANSWER = 1 << 20
SHOWN = 200  # characters of what a receiver says
WAIT = aiohttp.ClientTimeout(total=WAIT_SECONDS, sock_connect=WAIT_SECONDS / 2)


async def ask(
    method: str,
    url: str,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    auth: aiohttp.BasicAuth | None = None,
) -> bytes:
    """The body of an answer that is a success. Raise Lost, Refused; what it says never shows the address."""
    given: dict[str, Any] = {"data": body, "headers": headers, "auth": auth, "timeout": WAIT}
    async with session(now_ms) as opened:
        try:
            async with opened.request(method, url, allow_redirects=False, **given) as answer:
                said = await read_whole(answer, LARGEST_ANSWER)
        except aiohttp.ClientConnectorCertificateError:
            raise
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError, UnicodeError):  # their texts are the address
            raise Refused("its address is none that can be asked") from None
        except aiohttp.ClientConnectorError as error:
            number = error.os_error.errno  # what asyncio says beside it names no more than the port
            reason = os.strerror(number) if number and number > 0 else error.os_error
            raise NotTaken(f"{error.host}: cannot be reached: {reason}") from None
    if answer.status < 300:
        return said
    problem = trouble(answer.status, answer.headers.get("Retry-After"), now_ms())
    if isinstance(problem, Lost):
        raise (NotTaken if answer.status in NOT_NOW else Lost)(str(problem), problem.after)
    raise Refused(f"{problem}; it says {_words(said)!r}" if said else str(problem))


async def post(url: str, body: bytes, headers: Mapping[str, str], auth: aiohttp.BasicAuth | None = None) -> None:
    """POST JSON. Raise Lost, Refused."""
    await ask("POST", url, body, {"Content-Type": "application/json", **headers}, auth)


def _words(said: bytes) -> str:
    return " ".join(said.decode("utf-8", "replace").split())[:SHOWN]
