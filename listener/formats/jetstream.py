"""Bluesky's Jetstream, version 1 of its wire: one JSON event a message, whatever the whole network does.

What it does not say: handles (only DIDs), followers, counts of likes; each like is an event of its own. What it says of
an account (identity, account) holds for posts that we cannot list by their author: a takedown's own deletions follow.

- A post is "bluesky:DID/rkey", anything else "bluesky:DID/collection/rkey": replies, quotes and reposts name the same.
- A DID stands where other platforms have a handle, for Bluesky takes it as one: `owned.bluesky = ["@did:plc:…"]`.
- `createdAt` is what the author's program says. Nobody can write later than was heard of: then `time_us` holds, also
  for what is no time or before 1995. What says it is older than a day is an import: `backfill`.
- The version of an edit is the time in the commit's `rev`, the same at every server; `time_us` is not.
- Alt texts and the titles of link cards are not text: few are the author's own words, and none are said to readers.
"""

import re
from datetime import UTC, datetime
from typing import NamedTuple

from listener.formats.canonical import EARLIEST
from listener.formats.foreign import (
    Fields,
    maybe_text,
    number_of,
    object_of,
    objects_of,
    read_object,
    text_of,
)
from schemas.deletion import Deletion
from schemas.mention import Author, Kind, Mention
from schemas.record import BadRecord
from schemas.times import DAY, from_ms, to_ms

PLATFORM = "bluesky"
POST, REPOST, LIKE = "app.bsky.feed.post", "app.bsky.feed.repost", "app.bsky.feed.like"
MENTION, TAG, LINK = (f"app.bsky.richtext.facet#{kind}" for kind in ("mention", "tag", "link"))
COLLECTION = b'"collection":"'
MOST_LISTED, LONGEST_LISTED = 100, 2_000  # mentions, tags or links of one post
LONGEST_LANGUAGE = 35
REFERENCE = re.compile(r"at://([^/\s]{1,2048})/([A-Za-z0-9.-]{1,317})/([A-Za-z0-9._:~-]{1,512})")
LATEST = 253_402_300_799_999_999  # microseconds: the last of the year 9999
TID = "234567abcdefghijklmnopqrstuvwxyz"  # the digits of a time-based id, which sort as their times do
TID_LENGTH, TID_CLOCK_BITS = 13, 10


class Event(NamedTuple):
    """One event: when the server heard of it, in microseconds, and what it is to us; None and why where nothing."""

    time_us: int
    record: Mention | Deletion | None
    nothing: str = ""


class Mark(NamedTuple):
    """Bytes of a text, and what they are: whom they mention, which tag, which link."""

    start: int
    end: int
    feature: Fields


def read(raw: bytes) -> Event:
    """The event in a message. Raise BadRecord."""
    at = raw.find(COLLECTION)
    if at >= 0 and raw.startswith(b'app.bsky.feed.like"', at + len(COLLECTION)) and raw.find(b'"record"', 0, at) < 0:
        return Event(_quick_time(raw), None, "like")
    event = read_object(raw)
    time_us = number_of(event, "time_us")
    if not EARLIEST * 1000 <= time_us <= LATEST:
        raise BadRecord(f"time_us {time_us} is no time in microseconds")
    kind = text_of(event, "kind")
    if kind != "commit":
        return Event(time_us, None, kind if kind in ("identity", "account") else "other")
    return _commit(text_of(event, "did"), time_us, object_of(event, "commit"))


def _quick_time(raw: bytes) -> int:
    """The time of a like, of which a firehose is half: to parse it whole would be half of our work."""
    start = raw.find(b'"time_us":')
    digits = raw[start + 10 : start + 26] if start >= 0 else b""
    if not digits.isdigit():
        return number_of(read_object(raw), "time_us")
    return int(digits)


def _commit(did: str, time_us: int, commit: Fields) -> Event:
    collection, operation = text_of(commit, "collection"), text_of(commit, "operation")
    if collection not in (POST, REPOST):
        return Event(time_us, None, "like" if collection == LIKE else "other")
    own = _id_at(f"at://{did}/{collection}/{text_of(commit, 'rkey')}")
    if own is None:
        raise BadRecord("did and rkey make no address of a record")
    if operation == "delete":
        return Event(time_us, Deletion(id=own))
    if operation not in ("create", "update"):
        raise BadRecord(f"operation {operation[:20]!r} is none of create, update, delete")
    record = object_of(commit, "record")
    if not record:
        raise BadRecord("record is missing or no object")
    if collection == REPOST:
        return Event(time_us, _repost(own, did, time_us, record))
    mention = _post(own, did, time_us, commit, record)
    if mention is None and operation == "update":
        return Event(time_us, Deletion(id=own))  # what it said before is taken back
    return Event(time_us, mention, "" if mention else "without words")


def _post(own: str, did: str, time_us: int, commit: Fields, record: Fields) -> Mention | None:
    text = record.get("text")
    if not isinstance(text, str):
        raise BadRecord("text is missing or no text")
    if not text.strip():
        return None
    created, backfill = _created(record, time_us)
    parent, root = _answered(record)
    quoted = _quoted(object_of(record, "embed"))
    kind: Kind = "reply" if parent else "quote" if quoted else "post"
    edited = commit["operation"] == "update"
    version = (_tid_time(commit.get("rev")) or time_us) // 1000 if edited else 0
    marks = _marks(record, len(text.encode())) if "facets" in record else []
    return Mention(
        id=own,
        platform=PLATFORM,
        kind=kind,
        op="update" if edited else "create",
        version=version,
        text=_with_whole_links(text.encode(), marks) if marks else text,
        lang=_language(record),
        url=f"https://bsky.app/profile/{did}/post/{commit['rkey']}",
        created_at=created,
        edited_at=from_ms(min(version, time_us // 1000)) if edited else None,
        author=Author(id=did, handle=did),
        parent_id=parent,
        parent_author_id=parent.removeprefix("bluesky:").partition("/")[0] if parent else None,
        root_id=root,
        quoted_id=quoted,
        mentions=_named(marks, MENTION, "did"),
        hashtags=_named(marks, TAG, "tag"),
        urls=_links(marks, object_of(record, "embed")),
        backfill=backfill,
    )


def _repost(own: str, did: str, time_us: int, record: Fields) -> Mention:
    reposted = _reference(record, "subject")
    if reposted is None:
        raise BadRecord("subject names no post")
    created, backfill = _created(record, time_us)
    return Mention(
        id=own,
        platform=PLATFORM,
        kind="repost",
        text="",
        created_at=created,
        author=Author(id=did, handle=did),
        reposted_id=reposted,
        backfill=backfill,
    )


def post_id(did: str, collection: str, rkey: str) -> str:
    """The id of a record, the same wherever it is named."""
    return f"bluesky:{did}/{rkey}" if collection == POST else f"bluesky:{did}/{collection}/{rkey}"


def _reference(fields: Fields, name: str) -> str | None:
    """The id of what a strong reference points at, if that is a record in a collection."""
    return _id_at(maybe_text(object_of(fields, name), "uri") or "")


def _id_at(uri: str) -> str | None:
    found = REFERENCE.fullmatch(uri)
    return post_id(*found.groups()) if found else None


def _answered(record: Fields) -> tuple[str | None, str | None]:
    """The ids of parent and root of a reply. Raise BadRecord for one that answers nothing: its thread is unknown."""
    if record.get("reply") is None:
        return None, None
    reply = object_of(record, "reply")
    parent, root = _reference(reply, "parent"), _reference(reply, "root")
    if parent is None or root is None:
        raise BadRecord("reply names no parent and root")
    return parent, root


def _quoted(embed: Fields) -> str | None:
    """The id of a quoted post; lists, feeds and the like are embedded in the same way and are no posts."""
    if embed.get("$type") == "app.bsky.embed.recordWithMedia":
        embed = object_of(embed, "record")
    if f"/{POST}/" not in (maybe_text(object_of(embed, "record"), "uri") or ""):
        return None
    return _reference(embed, "record")


def _marks(record: Fields, size: int) -> list[Mark]:
    """What is marked in a text of `size` bytes. Marks count bytes of UTF-8, and those beyond the text are void."""
    found: list[Mark] = []
    for facet in objects_of(record, "facets")[:MOST_LISTED]:
        index = object_of(facet, "index")
        start, end = index.get("byteStart"), index.get("byteEnd")
        if type(start) is int and type(end) is int and 0 <= start < end <= size:
            found += [Mark(start, end, feature) for feature in objects_of(facet, "features")[:MOST_LISTED]]
    return found


def _with_whole_links(raw: bytes, marks: list[Mark]) -> str:
    """The text with each link as it is: programs show it cut, without https://, and its words would pass for names."""
    before = len(raw)
    for start, end, feature in sorted(marks, key=lambda mark: mark.start, reverse=True):
        link = maybe_text(feature, "uri") if feature.get("$type") == LINK else None
        if end <= before and link and len(link) <= LONGEST_LISTED and _shows(raw[start:end], link.encode()):
            raw, before = raw[:start] + link.encode() + raw[end:], start
    return raw.decode("utf-8", "replace")


def _shows(shown: bytes, link: bytes) -> bool:
    """Whether that is a link as programs show it."""
    shown = shown.removesuffix("…".encode()).removesuffix(b"...")
    return b"." in shown and link.partition(b"://")[2].removeprefix(b"www.").startswith(shown.removeprefix(b"www."))


def _named(marks: list[Mark], kind: str, field: str) -> tuple[str, ...]:
    names = [maybe_text(mark.feature, field) for mark in marks if mark.feature.get("$type") == kind]
    return tuple(dict.fromkeys(name for name in names if name and len(name) <= LONGEST_LISTED))[:MOST_LISTED]


def _links(marks: list[Mark], embed: Fields) -> tuple[str, ...]:
    """The links in the text, and that of the link card."""
    if embed.get("$type") == "app.bsky.embed.recordWithMedia":
        embed = object_of(embed, "media")
    card = maybe_text(object_of(embed, "external"), "uri")
    links = _named(marks, LINK, "uri")
    return links if card is None or card in links else (*links, card)


def _language(record: Fields) -> str | None:
    """The first of up to three."""
    langs = record.get("langs")
    first = langs[0] if isinstance(langs, list) and langs else None
    return first if isinstance(first, str) and 0 < len(first) <= LONGEST_LANGUAGE else None


def _created(record: Fields, time_us: int) -> tuple[datetime, bool]:
    """When it was written, and whether it was brought here from elsewhere long after."""
    heard = time_us // 1000
    try:
        told = datetime.fromisoformat(text_of(record, "createdAt"))
        created = to_ms(told if told.tzinfo else told.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return from_ms(heard), False
    if not EARLIEST <= created <= heard:
        return from_ms(heard), False
    return from_ms(created), heard - created > DAY


def _tid_time(tid: object) -> int | None:
    """The microseconds in a time-based id."""
    if not isinstance(tid, str) or len(tid) != TID_LENGTH:
        return None
    number = 0
    for digit in tid:
        place = TID.find(digit)
        if place < 0:
            return None
        number = number << 5 | place
    time_us = number >> TID_CLOCK_BITS
    return time_us if EARLIEST * 1000 <= time_us <= LATEST else None
