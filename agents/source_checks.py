"""What a source in the settings must hold to: which keys go with its kind, and what may stand in them."""

import difflib
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

from agents.calendars import zone_problems
from agents.configuration import Source, WrongSettings, flat_columns
from agents.kind_checks import Kinds
from agents.secret_checks import ELSEWHERE, secret_problems
from agents.web.address import parse_address
from schemas.mention import Author, Mention, Metrics, OwnerReply, Rating

READ_BY = ("platform", "columns", "id_prefix", "time_format", "zone")
KEYS: dict[str, tuple[str, ...]] = {
    "file": ("path", "follow", "format", "delimiter", "time", *READ_BY),
    "folder": ("path", "format", "delimiter", *READ_BY),
    "webhook": ("listen", "secret", "items", "rate", *READ_BY),
    "bluesky": ("url", "collections"),
    "mastodon": ("url", "stream", "tag", "token"),
    "feed": ("urls", "every"),
}
NEEDED: dict[str, tuple[str, ...]] = {
    "file": ("path",),
    "folder": ("path",),
    "webhook": ("listen", "secret"),
    "mastodon": ("url",),
    "feed": ("urls",),
    "bluesky": (),
}
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")  # of a connection: it stands in metrics, paths and transactions
SOURCES = Kinds("source", "file", ("kind", "name"), KEYS, NEEDED, ("secret", "token"))
LONGEST_RATE, SHORTEST_EVERY, LONGEST_EVERY, MOST_URLS = 10_000, 30, 86_400, 1_000


def source_problems(source: Source, before: tuple[Source, ...]) -> Iterator[str]:
    """What is wrong with a source; `before` are those that stand before it."""
    if source.kind in ("file", "folder"):
        yield from path_problems(source.path, "give a file, a pattern with *, or - for standard input")
        if source.path in [other.path for other in before]:
            yield f"path: {source.path!r} is there twice; each can be read once"
    yield from _PROBLEMS[source.kind](source, before)
    if source.name is not None and source.name in [other.name for other in before]:
        yield f"name: {source.name!r} is there twice; names must differ"
    elif source.connects and source.called in [other.called for other in before if other.connects]:
        yield f"name: two sources would be called {source.called!r}; give each a name"
    if source.connects and not NAME.fullmatch(source.called):
        yield f"name: {source.called!r} is not allowed; use up to 100 letters, digits, ., - and _"
    yield from _reading_problems(source)


def _reading_problems(source: Source) -> Iterator[str]:
    if source.delimiter is not None and (len(source.delimiter) != 1 or source.delimiter in '"\r\n'):
        yield f"delimiter: {source.delimiter!r} is not one character that can stand between cells"
    yield from zone_problems(source.zone, "zone")
    if source.time_format is not None:
        yield from _time_format_problems(source.time_format)
    columns, fields = flat_columns(source.columns), _mention_fields()
    for field in columns:
        if field not in fields:
            near = difflib.get_close_matches(field, fields, n=1)
            yield f"columns.{field}: a mention has no such field" + (f"; did you mean {near[0]!r}?" if near else "")
    if columns and "created_at" not in columns:
        yield "columns: created_at is not among them; name the column that says when a post was written"


def _file_problems(source: Source, before: tuple[Source, ...]) -> Iterator[str]:
    if not source.follow:
        return
    if source.path == "-":
        yield 'follow: standard input is followed anyway: leave it out, path = "-" is enough'
    if "*" in source.path:
        yield "follow: one file can be followed, not a pattern; for files that come use kind = 'folder'"
    if source.format == "csv":
        yield "format: only JSON lines can be followed, one object a line; rows of CSV go over several"
    if source.time == "created":
        yield "time: what is followed is live; leave it out"


def _folder_problems(source: Source, before: tuple[Source, ...]) -> Iterator[str]:
    if source.path == "-" or "*" in source.path:
        yield f"path: {source.path!r} is no folder; name the folder in which files appear"


def _webhook_problems(source: Source, before: tuple[Source, ...]) -> Iterator[str]:
    try:
        parse_address(source.listen, "listen")
    except WrongSettings as error:
        yield str(error)
    if source.listen in [other.listen for other in before if other.kind == "webhook"]:
        yield f"listen: {source.listen!r} is there twice; each webhook needs a port of its own"
    yield from secret_problems(source.secret, "secret")
    if not 1 <= source.rate <= LONGEST_RATE:
        yield f"rate: {source.rate} is not from 1 to {LONGEST_RATE} requests a second"


def _bluesky_problems(source: Source, before: tuple[Source, ...]) -> Iterator[str]:
    if source.url:
        yield from url_problems(source.url, "url", "wss", "ws")
    if "posts" not in source.collections:
        yield "collections: posts is not among them; reposts are nothing without"


def _mastodon_problems(source: Source, before: tuple[Source, ...]) -> Iterator[str]:
    yield from url_problems(source.url, "url", "https", "http")
    if (source.stream == "hashtag") != bool(source.tag):
        yield "tag: goes with stream = 'hashtag', and that with a tag"
    for other in before:
        if other.kind == "mastodon" and other.url != source.url and {other.stream, source.stream} != {"public:local"}:
            yield (
                f"stream: two servers tell the posts of others under ids of their own, so with {other.called!r} they "
                "would count twice; set stream = 'public:local' in both"
            )
    if source.token is not None:
        yield from secret_problems(source.token, "token")


def _feed_problems(source: Source, before: tuple[Source, ...]) -> Iterator[str]:
    if not 1 <= len(source.urls) <= MOST_URLS:
        yield f"urls: {len(source.urls)} feeds, not from 1 to {MOST_URLS:,}"
    for url in source.urls:
        yield from url_problems(url, "urls", "https", "http")
    if len(set(source.urls)) < len(source.urls):
        yield "urls: one is there twice"
    if not SHORTEST_EVERY <= source.every <= LONGEST_EVERY:
        yield f"every: {source.every} is not from {SHORTEST_EVERY} to {LONGEST_EVERY:,} seconds"


_PROBLEMS = {
    "file": _file_problems,
    "folder": _folder_problems,
    "webhook": _webhook_problems,
    "bluesky": _bluesky_problems,
    "mastodon": _mastodon_problems,
    "feed": _feed_problems,
}


def is_address(url: str, *schemes: str) -> bool:
    """Whether a text is an address of one of the schemes."""
    try:
        parts = urlsplit(url)
        right = parts.scheme in schemes and parts.hostname and parts.port != 0
    except ValueError:
        return False
    return bool(right) and url.isprintable() and " " not in url


def url_problems(url: str, key: str, *schemes: str) -> Iterator[str]:
    """What is wrong with an address."""
    if not is_address(url, *schemes):
        yield f"{key}: {url!r} is no address; write it like {schemes[0]}://example.org"
        return
    parts = urlsplit(url)
    if parts.username or parts.password:
        yield f"{key}: has a user or a password in it; {ELSEWHERE}"


def path_problems(path: str, advice: str) -> Iterator[str]:
    """What is wrong with a path."""
    if not path:
        yield f"path: is empty; {advice}"
    if "\0" in path:
        yield f"path: {path!r} contains a NUL character; {advice}"


def _time_format_problems(time_format: str) -> Iterator[str]:
    """A format must give back the day that was written with it."""
    time = datetime(2015, 11, 23, 13, 45, 56, tzinfo=UTC)
    try:
        if datetime.strptime(time.strftime(time_format), time_format).date() == time.date():  # noqa: DTZ007 - only days
            return
    except (ValueError, re.error):
        pass
    yield f"time_format: {time_format!r} does not say year, month and day; write it like %Y-%m-%d %H:%M:%S %z"


def _mention_fields() -> list[str]:
    """All fields of a mention that a column may fill, with those of its parts as "part.field"."""
    parts = {"author": Author, "metrics": Metrics, "rating": Rating, "owner_reply": OwnerReply}
    fields = [field for field in Mention.__struct_fields__ if field not in parts]
    return fields + [f"{part}.{field}" for part, kind in parts.items() for field in kind.__struct_fields__]
