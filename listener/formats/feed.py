"""RSS and Atom, in all the versions that feedparser reads: a document becomes its articles, oldest first.

- The id is the entry's own where that is an address or a tag the whole web knows, so that an article in two feeds of
  one house is one; else it counts within its feed; without one it is link and title.
- An entry that says when it was updated is an edit then, by that time; one that only changes is not noticed.
- A time that is absent, before 1995 or ahead of the reading is that of the reading: of the first one, since what is
  read again is a repeat.
- Categories are no hashtags: their publisher's order, nobody's words.
"""

import calendar
from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import blake2b
from io import BytesIO
from typing import Any, NamedTuple

import feedparser

from listener.formats.canonical import EARLIEST, LONGEST_TEXT
from listener.formats.html_text import Read, read_html
from schemas.mention import Author, Mention
from schemas.record import BadRecord
from schemas.times import from_ms, to_ms

PLATFORM = "feed"
LARGEST = 1 << 20  # bytes of a document
MOST_TAGS = 50_000  # nested ones take feedparser 2.5 s, as many as a megabyte has room for 22 s
MOST_ENTRIES = 500
LONGEST_TITLE = 1_000
LONGEST_NAME = 200
WORLDWIDE = ("http://", "https://", "tag:", "urn:uuid:")

Fields = Mapping[str, Any]


class Article(NamedTuple):
    """An entry, and whether it said itself when it was written."""

    mention: Mention
    dated: bool


def read_feed(raw: bytes, url: str, read: datetime, content_type: str = "") -> list[Article]:
    """The articles in the document that lay at `url` and was read at `read`, at most 500. Raise BadRecord.

    The server's word on the encoding is `content_type`; the document's own may say otherwise, as RFC 7303 has it.
    """
    if len(raw) > LARGEST:
        raise BadRecord(f"has {len(raw):,} bytes, more than {LARGEST:,}")
    tags = raw.count(b"<")
    if tags > MOST_TAGS:
        raise BadRecord(f"has {tags:,} tags, more than {MOST_TAGS:,}")
    headers = {"content-location": url} | ({"content-type": content_type} if content_type else {})
    try:
        found = feedparser.parse(
            BytesIO(raw), response_headers=headers, resolve_relative_uris=False, sanitize_html=False
        )
    except Exception as error:  # whatever a library of 2002 makes of bytes from anywhere
        raise BadRecord(f"no feed: {type(error).__name__}", "unreadable") from None
    if not found.get("version"):
        raise BadRecord("no feed: neither RSS nor Atom", "unreadable")
    language = _text(found["feed"], "language")
    articles: dict[str, Article] = {}
    for entry in found["entries"][:MOST_ENTRIES]:
        article = _article(entry, url, language, read)
        if article is not None:
            articles.setdefault(article.mention.id, article)
    return sorted(articles.values(), key=lambda article: (article.mention.created_at, article.mention.id))


def _article(entry: Fields, url: str, language: str | None, read: datetime) -> Article | None:
    title, (text, links), link = _title(entry), _body(entry), _text(entry, "link")
    if not (title or text):
        return None
    published, updated = _time(entry, "published_parsed", read), _time(entry, "updated_parsed", read)
    created = published or updated or read
    edited = updated if updated is not None and updated != published else None
    return Article(
        Mention(
            id=_id(entry, url, link, title or text),
            platform=PLATFORM,
            kind="article",
            version=to_ms(edited) if edited else 0,
            text=text,
            title=title,
            lang=_language(entry) or language,
            url=link,
            created_at=created,
            edited_at=edited if edited != created else None,
            author=_author(entry),
            urls=links,
        ),
        created is not read,
    )


def _id(entry: Fields, url: str, link: str | None, words: str) -> str:
    own = _text(entry, "id")
    parts = [link or url, words] if own is None else [own] if own.startswith(WORLDWIDE) else [url, own]
    return "feed:" + blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=12).hexdigest()


def _title(entry: Fields) -> str | None:
    detail = entry.get("title_detail")
    title = _text(entry, "title") or ""
    if isinstance(detail, Mapping) and detail.get("type") != "text/plain":
        title = read_html(title).text
    return " ".join(title.split())[:LONGEST_TITLE] or None


def _body(entry: Fields) -> Read:
    """The whole article where it is given, else its summary; cut where it is longer than anything we keep."""
    for part in _bodies(entry):
        value = _text(part, "value")
        if value is not None:
            text, links = Read(value.strip(), ()) if part.get("type") == "text/plain" else read_html(value)
            if text:
                return Read(text[:LONGEST_TEXT], links)
    return Read("", ())


def _bodies(entry: Fields) -> Iterator[Fields]:
    content = entry.get("content")
    for part in (*(content if isinstance(content, list) else ()), entry.get("summary_detail")):
        if isinstance(part, Mapping) and str(part.get("type", "")).startswith(("text/", "application/xhtml")):
            yield part


def _language(entry: Fields) -> str | None:
    """Its own, where it differs from the feed's."""
    return next((code for part in _bodies(entry) if (code := _text(part, "language"))), None)


def _author(entry: Fields) -> Author | None:
    detail = entry.get("author_detail")
    name = (_text(detail, "name") if isinstance(detail, Mapping) else None) or _text(entry, "author")
    return Author(name=name[:LONGEST_NAME]) if name else None


def _text(fields: Fields, name: str) -> str | None:
    value = dict.get(fields, name) if isinstance(fields, dict) else None  # feedparser's own `get` has second thoughts
    return value.strip() or None if isinstance(value, str) else None


def _time(entry: Fields, name: str, read: datetime) -> datetime | None:
    """A time that can be; feedparser has put it into UTC."""
    value = dict.get(entry, name) if isinstance(entry, dict) else None
    if not isinstance(value, tuple):  # a struct_time
        return None
    try:
        time = calendar.timegm(value) * 1000
    except (ValueError, OverflowError):
        return None
    return from_ms(time) if EARLIEST <= time <= to_ms(read) else None
