"""RSS and Atom feeds, asked one by one, each at its time, for what is new."""

import asyncio
import random
from collections.abc import Callable
from typing import Any, NamedTuple

import aiohttp
from msgspec.structs import replace

from agents.configuration import Source
from agents.sources.answers import trouble
from agents.sources.asking import read_whole
from agents.sources.connection import Cursor, Ear, Lost, Refused
from agents.sources.redirects import Following, following
from listener.formats.feed import LARGEST, Article, read_feed
from schemas.mention import Mention
from schemas.record import BadRecord
from schemas.times import from_ms

AT_ONCE = 8
JITTER = 0.1  # of the time between two polls: feeds of a list must not be asked in step
ACCEPT = (
    "application/atom+xml, application/rss+xml, application/rdf+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1"
)

State = dict[str, Any]  # of one feed: "etag", "modified" and "seen", the versions of what it listed last by id


class Polled(NamedTuple):
    """What a feed had: what is new in it, its state after that, and whether all since the last poll was listed."""

    new: list[Mention]
    state: State
    whole: bool


class Feeds:
    """A list of feeds. What a feed lists when it is read for the first time is backfill: nobody listened then.

    While its feeds answer at their times it is listening: an article comes up to `every` seconds late, as it would from
    any reader. After a pause all is known if a feed still lists something that we have seen; if not, more came than it
    lists, and the time between stays unknown. A feed that fails is told and asked again, and the others go on; only
    when all fail is the source lost.

    `ttl`, `skipHours` and Cache-Control are not obeyed, for `every` is what somebody wants; Retry-After is.
    """

    patience = None
    certain = True  # while polls succeed; see above

    def __init__(self, name: str, source: Source, now: Callable[[], int]) -> None:
        self.name = name
        self._now = now
        self._urls = source.urls
        self._every = float(source.every)
        self._states: dict[str, State] = {}
        self._failing: dict[str, Exception] = {}
        self._due: dict[str, float] = {}

    async def reach(self) -> str:
        """Ask all of them."""
        self._states = {}
        async with following(self._now, Accept=ACCEPT) as http:
            found = await self._poll_all(http)
        articles = sum(len(polled.new) for polled in found)
        bad = "".join(f"; {url}: {error}" for url, error in self._failing.items())
        return f"{len(found)} of {len(self._urls)} feeds answer, with {articles} articles{bad}"

    async def listen(self, cursor: Cursor, ear: Ear) -> None:
        """Ask them for ever."""
        self._states = dict(cursor["feeds"]) if cursor else {}
        async with following(self._now, Accept=ACCEPT) as http:
            found = await self._poll_all(http)
            whole = cursor is not None and all(polled.whole for polled in found)
            ear.listening(since=cursor["heard"] if whole else None)
            new = [mention for polled in found for mention in polled.new]
            await self._take(sorted(new, key=lambda mention: (mention.created_at, mention.id)), ear)
            while True:
                url = min(self._urls, key=lambda url: self._due[url])
                await asyncio.sleep(self._due[url] - asyncio.get_running_loop().time())
                polled = await self._try(http, url)
                if polled is None:
                    self._lost_if_all_fail()
                    continue
                if not polled.whole:
                    ear.listening()
                await self._take(polled.new, ear)

    async def _take(self, new: list[Mention], ear: Ear) -> None:
        heard = self._now()
        kept = {url: self._states[url] for url in self._urls if url in self._states}
        await ear.take(new, {"feeds": kept, "heard": heard}, heard)
        failing = "".join(f"; {url}: {error}" for url, error in list(self._failing.items())[:1])
        ear.tell(f"{len(self._urls) - len(self._failing)} of {len(self._urls)} feeds answer{failing}")

    async def _poll_all(self, http: Following) -> list[Polled]:
        """All feeds once. Raise what the first says if all fail."""
        room = asyncio.Semaphore(AT_ONCE)

        async def poll(url: str) -> Polled | None:
            async with room:
                return await self._try(http, url)

        found = await asyncio.gather(*map(poll, self._urls))
        self._lost_if_all_fail()
        return [polled for polled in found if polled is not None]

    def _lost_if_all_fail(self) -> None:
        if len(self._failing) == len(self._urls):
            url, error = next(iter(self._failing.items()))
            lost = [one for one in self._failing.values() if not isinstance(one, Refused)]
            if not lost:
                raise Refused(f"{url}: {error}")
            asked = [one.after for one in lost if isinstance(one, Lost) and one.after is not None]
            raise Lost(f"{url}: {error}", max(asked, default=None))

    async def _try(self, http: Following, url: str) -> Polled | None:
        """Ask one feed, and say when it is asked again; None if it fails."""
        pause, polled = self._every, None
        try:
            polled = await self._poll(http, url)
        except (Lost, Refused, OSError, aiohttp.ClientError, BadRecord) as error:
            self._failing[url] = error
            if isinstance(error, Lost) and error.after is not None:
                pause = max(pause, error.after)
        if polled is not None:
            self._states[url] = polled.state
            if self._failing.pop(url, None):
                polled = polled._replace(new=[replace(mention, caught_up=True) for mention in polled.new])
        self._due[url] = asyncio.get_running_loop().time() + pause * random.uniform(1 - JITTER, 1 + JITTER)
        return polled

    async def _poll(self, http: Following, url: str) -> Polled:
        state = self._states.get(url)
        asked = {"If-None-Match": state["etag"], "If-Modified-Since": state["modified"]} if state else {}
        headers = {name: value for name, value in asked.items() if value}
        async with http.get(url, headers) as answer:
            if answer.status == 304 and state is not None:
                return Polled([], state, whole=True)
            if answer.status != 200:
                raise trouble(answer.status, answer.headers.get("Retry-After"), self._now())
            raw = await read_whole(answer, LARGEST)
            told = answer.headers
        read = from_ms(self._now())
        articles = await asyncio.to_thread(read_feed, raw, url, read, told.get("Content-Type", ""))
        return polled_from(articles, state, told.get("ETag", ""), told.get("Last-Modified", ""))


def polled_from(articles: list[Article], state: State | None, etag: str, modified: str) -> Polled:
    """What is new among the articles that a feed lists, given its state after the last poll, None before the first.

    A list that is empty for once leaves in mind what was in it before: else all of it would be new the next time.
    """
    before = state["seen"] if state else {}
    seen = {article.mention.id: article.mention.version for article in articles}
    new = [article.mention for article in articles if article.mention.version > before.get(article.mention.id, -1)]
    if state is None:
        new = [replace(mention, backfill=True) for mention in new]
    after = {"etag": etag, "modified": modified, "seen": seen or before}
    return Polled(new, after, whole=not before or not before.keys().isdisjoint(seen))
