"""Mastodon's events and statuses, as one server (an instance) tells them.

- An id is "mastodon:server/local id", since a deletion says nothing but the local id. So two servers tell the same post
  under two ids: listen to one server's whole timeline, or to the local ones of several.
- Only what is public is read: not what is unlisted, for followers, or direct.
- A post says whom it answers and not where its thread began: who reads a stream adds the roots (`listener/roots.py`).
- An account without a server in its name is one of this server, and gets it.
- The content warning is the title: it is the author's, and often says what it is about.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from listener.formats.foreign import (
    Fields,
    count_of,
    maybe_text,
    object_of,
    objects_of,
    read_object,
    text_of,
)
from listener.formats.html_text import read_html
from schemas.deletion import Deletion
from schemas.mention import Author, Kind, Mention, Metrics
from schemas.record import BadRecord
from schemas.times import to_ms

PLATFORM = "mastodon"
LOCAL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
MOST_LISTED = 100


def read(name: str, data: bytes, server: str) -> Mention | Deletion | None:
    """What an event of `server` is to us, None if nothing. Raise BadRecord."""
    if name == "delete":
        return Deletion(id=post_id(server, data.decode("utf-8", "replace").strip().strip('"')))
    if name == "update":
        return read_status(read_object(data), server)
    if name == "status.update":  # what an edit leaves no words of, or makes private, is taken back
        status = read_object(data)
        return read_status(status, server) or Deletion(id=post_id(server, text_of(status, "id")))
    return None


def read_status(status: Fields, server: str) -> Mention | None:
    """A status of `server`, None if it is not public or says nothing. Raise BadRecord."""
    own = post_id(server, text_of(status, "id"))
    if text_of(status, "visibility") != "public":
        return None
    created, edited = _time(status, "created_at"), _time(status, "edited_at")
    if created is None:
        raise BadRecord("created_at is missing or no time")
    reposted = object_of(status, "reblog")
    read_text = read_html("" if reposted else maybe_text(status, "content") or "")
    title = None if reposted else maybe_text(status, "spoiler_text")
    if not (read_text.text or title or reposted):
        return None
    answered, quoted = maybe_text(status, "in_reply_to_id"), _quoted(status)
    answered_author = maybe_text(status, "in_reply_to_account_id")
    kind: Kind = "repost" if reposted else "reply" if answered else "quote" if quoted else "post"
    version = max(0, to_ms(edited)) if edited else 0
    return Mention(
        id=own,
        platform=PLATFORM,
        kind=kind,
        op="update" if version else "create",
        version=version,
        text=read_text.text,
        title=title,
        lang=maybe_text(status, "language"),
        url=maybe_text(status, "url") or maybe_text(status, "uri"),
        created_at=created,
        edited_at=edited,
        author=_author(object_of(status, "account"), server),
        parent_id=post_id(server, answered) if answered else None,
        parent_author_id=f"{server}/{answered_author}" if answered_author else None,
        quoted_id=post_id(server, quoted) if quoted else None,
        reposted_id=post_id(server, text_of(reposted, "id")) if reposted else None,
        mentions=_listed(full_name(maybe_text(one, "acct"), server) for one in objects_of(status, "mentions")),
        hashtags=_listed(maybe_text(tag, "name") for tag in objects_of(status, "tags")),
        urls=read_text.links,
        metrics=_metrics(status),
        client=maybe_text(object_of(status, "application"), "name"),
    )


def post_id(server: str, local: str) -> str:
    """Our id of a post of this server. Raise BadRecord if `local` cannot be one."""
    if not LOCAL_ID.fullmatch(local):
        raise BadRecord(f"{local[:40]!r} is no id of a status")
    return f"mastodon:{server}/{local}"


def full_name(acct: str | None, server: str) -> str | None:
    """An account's name with its server, as the rest of the world knows it."""
    return acct if acct is None or "@" in acct else f"{acct}@{server}"


def _quoted(status: Fields) -> str | None:
    """The local id of the post that is quoted, whole or by its id, if its author agreed."""
    quote = object_of(status, "quote")
    if quote.get("state") != "accepted":
        return None
    return maybe_text(quote, "quoted_status_id") or maybe_text(object_of(quote, "quoted_status"), "id")


def _author(account: Fields, server: str) -> Author | None:
    if not account:
        return None
    id, bot = maybe_text(account, "id"), account.get("bot")
    return Author(
        id=f"{server}/{id}" if id else None,
        handle=full_name(maybe_text(account, "acct"), server),
        name=maybe_text(account, "display_name"),
        followers=count_of(account, "followers_count"),
        bot=bot if isinstance(bot, bool) else None,
        created_at=_time(account, "created_at"),
    )


def _metrics(status: Fields) -> Metrics | None:
    metrics = Metrics(
        likes=count_of(status, "favourites_count"),
        reposts=count_of(status, "reblogs_count"),
        replies=count_of(status, "replies_count"),
        quotes=count_of(status, "quotes_count"),
    )
    return metrics if metrics != Metrics() else None


def _time(fields: dict[str, Any], name: str) -> datetime | None:
    try:
        time = datetime.fromisoformat(maybe_text(fields, name) or "")
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _listed(names: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))[:MOST_LISTED]
