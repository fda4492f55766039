"""How all connections ask over HTTP: who they say they are, how long they wait, how much they read."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import aiohttp
from aiohttp.http import HttpProcessingError

from agents.sources.answers import trouble
from agents.sources.connection import Lost

CONNECT_SECONDS = 20.0
ANSWER_SECONDS = 60.0  # for a whole answer, however slowly it drips
CHUNK = 1 << 16
AGENT = {"User-Agent": "social-listener (aiohttp)"}

WHOLE = aiohttp.ClientTimeout(total=ANSWER_SECONDS, sock_connect=CONNECT_SECONDS)
ENDLESS = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS)


@asynccontextmanager
async def session(
    now: Callable[[], int], headers: Mapping[str, str] | None = None, connector: aiohttp.BaseConnector | None = None
) -> AsyncIterator[aiohttp.ClientSession]:
    """A session that keeps no cookies; whatever goes wrong in it is Lost or Refused, with the reason in words."""
    try:
        async with aiohttp.ClientSession(
            connector=connector,
            headers={**AGENT, **(headers or {})},
            timeout=WHOLE,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=True,
        ) as opened:
            yield opened
    except aiohttp.ClientResponseError as error:
        if isinstance(error.__cause__, HttpProcessingError):  # it has a status, 400, that nobody sent
            raise Lost("what came is no answer of HTTP") from None
        after = error.headers.get("Retry-After") if error.headers else None
        raise trouble(error.status, after, now()) from None
    except aiohttp.ClientConnectorCertificateError as error:
        raise Lost(f"{error.host}: its certificate is not valid: {_reason(error.certificate_error)}") from None
    except aiohttp.ClientConnectorError as error:
        raise Lost(f"{error.host}: cannot be reached: {error.os_error.strerror or error.os_error}") from None
    except aiohttp.ClientError as error:
        raise Lost(f"{type(error).__name__}: {str(error)[:200]}") from None
    except TimeoutError:
        raise Lost("no answer in time") from None


def _reason(error: Exception) -> str:
    return getattr(error, "verify_message", "") or type(error).__name__


async def read_whole(answer: aiohttp.ClientResponse, most: int) -> bytes:
    """The body of an answer. Raise Lost if it is longer than `most` bytes."""
    pieces: list[bytes] = []
    size = 0
    async for piece in answer.content.iter_chunked(CHUNK):
        pieces.append(piece)
        size += len(piece)
        if size > most:
            raise Lost(f"the answer has more than {most:,} bytes")
    return b"".join(pieces)
