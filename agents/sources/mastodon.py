"""Mastodon by its streaming API (server-sent events), and by its timelines where the stream was not heard."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlsplit

import aiohttp
import orjson

from agents.configuration import Source, WrongSettings
from agents.secret import read_secret
from agents.sources.answers import trouble
from agents.sources.asking import ENDLESS, read_whole, session
from agents.sources.connection import Cursor, Ear, Heard, Lost, Refused
from listener.formats import mastodon
from listener.formats.event_stream import ALIVE, EventStream, ServerEvent
from listener.roots import Roots
from schemas.dead_letter import DeadLetter
from schemas.deletion import Deletion
from schemas.mention import Mention
from schemas.record import BadRecord, to_json
from schemas.times import MINUTE, SECOND

STREAMS = {"public": "public", "public:local": "public/local", "hashtag": "hashtag"}
PAGE, MOST_PAGES = 40, 500  # the largest page there is; 20,000 posts: what was missed before them stays unknown
LARGEST_PAGE = 8 << 20
REWIND_MS = MINUTE  # a post of another server gets its id by when it was written, and comes later
ID_BITS = 16  # of an id's end; before them stands the time in ms
SHORTEST_TIMED_ID = 16  # digits
MOST_ROOTS = 50_000
KEPT_ROOTS = 1_000  # in the cursor, which is written with each step
LATE = SECOND


class Mastodon:
    """A public stream of one server. It forgets at once; what was missed is read from the timeline, page by page.

    The timeline has neither edits nor deletions of what was read before the gap: these are lost. Most servers want a
    token of an account (`read:statuses`) for the stream.
    """

    patience = 60.0  # it says ":thump" each 15 s
    certain = False

    def __init__(self, name: str, source: Source, now: Callable[[], int]) -> None:
        self.name = name
        self._now = now
        self._url = source.url.rstrip("/")
        self._server = urlsplit(source.url).hostname or ""
        self._stream = STREAMS[source.stream]
        self._asked = {"tag": source.tag} if source.tag else {}
        self._token = source.token
        if self._token is not None:
            read_secret(self._token, f"sources.{name}.token")  # that it is not there is told before anything begins
        self._newest = ""  # the local id of the newest post
        self._roots = Roots(most=MOST_ROOTS)
        self._kept_roots: list[tuple[str, str]] = []  # of the cursor, by their local ids
        self._kept_at = 0  # ms
        self._covered = 0  # ms; what the cursor says is covered

    async def reach(self) -> str:
        """Open the stream, and close it."""
        async with session(self._now, self._headers()) as http:
            stream = f"{await self._streaming(http)}/api/v1/streaming/{self._stream}"
            async with http.get(stream, params=self._asked, timeout=ENDLESS) as found:
                self._refuse(found)
        return f"{self._server}: the stream is open"

    async def listen(self, cursor: Cursor, ear: Ear) -> None:
        """Listen for ever."""
        self._begin_at(cursor)
        async with session(self._now, self._headers()) as http:
            stream = f"{await self._streaming(http)}/api/v1/streaming/{self._stream}"
            async with http.get(stream, params=self._asked, timeout=ENDLESS) as found:
                self._refuse(found)
                if self._newest:
                    await self._catch_up(http, ear)
                else:
                    ear.listening()
                await self._follow(found, ear)
        raise Lost("the stream ended")

    def _headers(self) -> dict[str, str]:
        """The token as it is now: it may be changed while this runs."""
        if self._token is None:
            return {}
        try:
            return {"Authorization": f"Bearer {read_secret(self._token, f'sources.{self.name}.token')}"}
        except WrongSettings as error:
            raise Refused(str(error)) from None

    def _refuse(self, answer: aiohttp.ClientResponse) -> None:
        if answer.status != 200:
            raise trouble(answer.status, answer.headers.get("Retry-After"), self._now())

    def _begin_at(self, cursor: Cursor) -> None:
        if cursor is None:
            return
        self._newest, self._covered = cursor["newest"], cursor["covered"]
        if not self._roots.newest(1):
            ids = [(self._id(reply), self._id(root)) for reply, root in cursor["roots"]]
            self._roots = Roots(ids, MOST_ROOTS)

    def _id(self, local: str) -> str:
        return mastodon.post_id(self._server, local)

    async def _streaming(self, http: aiohttp.ClientSession) -> str:
        """Where the stream is: large servers have a host of its own for it. Never without TLS if we ask with it."""
        async with http.get(f"{self._url}/api/v2/instance") as answer:
            if answer.status != 200:
                return self._url
            body = await read_whole(answer, LARGEST_PAGE)
        try:
            told = orjson.loads(body)["configuration"]["urls"]["streaming"]
            parts = urlsplit(told)
            host, scheme = parts.netloc, {"wss": "https", "ws": "http"}[parts.scheme]
        except (ValueError, LookupError, TypeError, AttributeError):
            return self._url
        return f"{scheme}://{host}" if host and scheme >= urlsplit(self._url).scheme else self._url

    async def _follow(self, stream: aiohttp.ClientResponse, ear: Ear) -> None:
        events = EventStream()
        async for chunk in stream.content.iter_any():
            try:
                found = events.feed(chunk)
            except BadRecord as bad:
                raise Lost(str(bad)) from None
            records = [record for event in found if event != ALIVE and (record := self._heard(event)) is not None]
            if found:
                self._covered = self._now() - LATE
                await ear.take(records, self._cursor(), self._covered)

    def _heard(self, event: ServerEvent) -> Heard | None:
        try:
            record = mastodon.read(event.name, event.data, self._server)
        except BadRecord as bad:
            return DeadLetter.of(self.name, self._now(), str(bad), event.data, bad.fault)
        return self._met(record)

    def _met(self, record: Mention | Deletion | None) -> Mention | Deletion | None:
        if not isinstance(record, Mention):
            return record
        local = record.id.rpartition("/")[2]
        self._newest = max(self._newest, local, key=_age)
        return self._roots.rooted(record)

    async def _catch_up(self, http: aiohttp.ClientSession, ear: Ear) -> None:
        """Read the timeline from a little before where we stopped; where that is refused, the gap stays unknown."""
        began, at = self._now(), rewound(self._newest)
        try:
            page = await self._page(http, at)
        except Refused as refused:
            ear.note(f"{self.name}: what was missed cannot be read ({refused}), and stays unknown")
            ear.listening()
            return
        ear.listening(since=self._covered)
        for number in range(MOST_PAGES):
            last = max((str(status.get("id")) for status in page), key=_age, default=at)
            if _age(last) <= _age(at):
                break
            ear.tell(f"catching up, page {number + 1}")
            await ear.take([record for status in page if (record := self._read(status))], self._cursor(), 0)
            at = last
            page = await self._page(http, at)
        else:
            ear.note(f"{self.name}: too much was missed to read it all; it stays unknown")
            ear.listening()
            return
        self._covered = began
        await ear.take((), self._cursor(), self._now())
        ear.tell("listening")

    async def _page(self, http: aiohttp.ClientSession, after: str) -> list[dict[str, Any]]:
        """The posts that came after one, the oldest first."""
        kind = f"tag/{quote(self._asked['tag'], safe='')}" if self._asked else "public"
        asked = {"limit": str(PAGE), "min_id": after} | ({"local": "true"} if "local" in self._stream else {})
        async with http.get(f"{self._url}/api/v1/timelines/{kind}", params=asked) as answer:
            self._refuse(answer)
            body = await read_whole(answer, LARGEST_PAGE)
        try:
            found = orjson.loads(body)
        except ValueError:
            raise Lost("the timeline is no JSON") from None
        if not isinstance(found, list):
            raise Lost("the timeline is no list")
        statuses = [status for status in found if isinstance(status, dict)]
        return sorted(statuses, key=lambda status: _age(str(status.get("id"))))

    def _read(self, status: dict[str, Any]) -> Heard | None:
        try:
            return self._met(mastodon.read_status(status, self._server))
        except BadRecord as bad:
            return DeadLetter.of(self.name, self._now(), str(bad), to_json(status), bad.fault)

    def _cursor(self) -> Cursor:
        """Its roots are taken anew each second: cursors wait with what they belong to, and 1,000 roots take 160 KB.

        What came within that second is given again after a start, since it is then read from a minute before.
        """
        now = self._now()
        if abs(now - self._kept_at) >= SECOND:
            newest = self._roots.newest(KEPT_ROOTS)
            self._kept_roots = [(reply.rpartition("/")[2], root.rpartition("/")[2]) for reply, root in newest]
            self._kept_at = now
        return {"newest": self._newest, "covered": self._covered, "roots": self._kept_roots}


def _age(id: str) -> tuple[int, str]:
    """Ids sort by their number, which for longer ones is greater; other servers' by their letters."""
    return len(id), id


def rewound(id: str) -> str:
    """The id of a little earlier, if there is a time in it."""
    if not (id.isascii() and id.isdigit() and len(id) >= SHORTEST_TIMED_ID):
        return id
    return str(max(0, int(id) - (REWIND_MS << ID_BITS)))
