"""Mention: one public post, comment or review, whatever the platform."""

from typing import Literal

from schemas.record import Part, Record
from schemas.times import Time

Kind = Literal["post", "reply", "repost", "quote", "comment", "review", "article"]
Op = Literal["create", "update", "delete"]


class Author(Part, frozen=True):
    """Who wrote it. `followers` is a count at the time of reading."""

    id: str | None = None
    handle: str | None = None
    name: str | None = None
    followers: int | None = None
    verified: bool | None = None
    bot: bool | None = None
    created_at: Time | None = None


class Metrics(Part, frozen=True):
    """Counts that the platform showed at `as_of`; None is unknown."""

    likes: int | None = None
    reposts: int | None = None
    replies: int | None = None
    quotes: int | None = None
    views: int | None = None
    helpful: int | None = None
    as_of: Time | None = None


class Rating(Part, frozen=True):
    """A review's stars: `value` of `max`."""

    value: float
    max: float = 5.0


class OwnerReply(Part, frozen=True):
    """What the owner of the reviewed place answered, and when."""

    text: str
    at: Time | None = None


class Mention(Record, frozen=True, tag="mention/1"):
    """One post as its platform gave it. Only `id`, `text` and `created_at` are required.

    `id` is "platform:native id". `ingested_at` is stamped once, by the source that writes it into the log.
    `backfill` counts in the figures and never alarms; `caught_up` was written while its source was not listening, and
    delivered when it came back: detection takes it for what it was then, not for a burst of now.
    """

    id: str
    text: str
    created_at: Time
    platform: str = ""
    kind: Kind = "post"
    op: Op = "create"
    version: int = 0
    title: str | None = None
    lang: str | None = None
    url: str | None = None
    edited_at: Time | None = None
    ingested_at: Time | None = None
    author: Author | None = None
    parent_id: str | None = None
    parent_author_id: str | None = None
    root_id: str | None = None
    quoted_id: str | None = None
    reposted_id: str | None = None
    mentions: tuple[str, ...] = ()
    hashtags: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    metrics: Metrics | None = None
    rating: Rating | None = None
    product_id: str | None = None
    verified_purchase: bool | None = None
    owner_reply: OwnerReply | None = None
    client: str | None = None
    place: str | None = None
    backfill: bool = False
    caught_up: bool = False
