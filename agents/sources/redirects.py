"""Where a server may send us on to: never from TLS into plain text, nor into the network that we are in."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from ipaddress import ip_address
from urllib.request import getproxies

import aiohttp
from aiohttp.abc import ResolveResult
from yarl import URL

from agents.sources.asking import session
from agents.sources.connection import Lost, Refused

MOST_REDIRECTS = 5
REDIRECTS = (301, 302, 303, 307, 308)


class Following:
    """Asks for addresses that the settings name, and follows where their servers send it.

    From https that is to https alone. An address that is no public one, like loopback or 10.0.0.1, is followed to only
    from a host that has no public one itself. Names are judged by what they are resolved to for the very connection;
    behind a proxy it is the proxy that resolves them.
    """

    def __init__(self, named: aiohttp.ClientSession, public: aiohttp.ClientSession) -> None:
        self._named = named
        self._public = public

    @asynccontextmanager
    async def get(self, url: str, headers: Mapping[str, str]) -> AsyncIterator[aiohttp.ClientResponse]:
        """The answer that is no redirect any more. Raise Refused for one that is not followed."""
        at, http = URL(url), self._named
        for _ in range(MOST_REDIRECTS + 1):
            async with http.get(at, headers=headers, allow_redirects=False) as answer:
                location = answer.headers.get("Location") if answer.status in REDIRECTS else None
                if location is None:
                    yield answer
                    return
            if at == URL(url) and await is_public(URL(url).host or ""):
                http = self._public
            at = leads(at, location)
            if http is self._public:
                refuse_inside(at.host or "", at.host or "")
        raise Lost(f"{url}: more than {MOST_REDIRECTS} redirects, the last to {at}")


@asynccontextmanager
async def following(now: Callable[[], int], **headers: str) -> AsyncIterator[Following]:
    """See `asking.session` for what it raises."""
    outwards = aiohttp.TCPConnector(resolver=Public())
    async with session(now, headers) as named, session(now, headers, outwards) as public:
        yield Following(named, public)


def leads(at: URL, location: str) -> URL:
    """Where a redirect at `at` leads to. Raise Refused."""
    try:
        to = at.join(URL(location))
    except ValueError:
        raise Refused(f"{at} is redirected to what is no address") from None
    if to.scheme not in (("https",) if at.scheme == "https" else ("http", "https")) or not to.host:
        raise Refused(f"{at} is redirected to {to}: not followed, as that is not encrypted")
    return to


class Public(aiohttp.ThreadedResolver):
    """Resolves names that have public addresses alone, and those of our proxies."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Raise Refused for a name that leads inside."""
        found = await super().resolve(host, port, family)
        if host not in {URL(proxy).host for proxy in getproxies().values()}:
            for one in found:
                refuse_inside(host, one["host"])
        return found


def refuse_inside(host: str, address: str) -> None:
    """Raise Refused for an address that is no public one; a name passes."""
    if _is_inside(address):
        raise Refused(f"it is redirected to {host}: not followed, as that lies in a network that is not public")


async def is_public(host: str) -> bool:
    """Whether a host has none but public addresses. One that nobody here can resolve is taken for such."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return True
    return not any(_is_inside(str(address[0])) for *_, address in found)


def _is_inside(address: str) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:  # a name
        return False
    return not parsed.is_global or parsed.is_multicast
