"""Rows of a table, or JSON objects of any shape, become mentions by a map from our fields to their columns."""

import re
from collections.abc import Mapping
from hashlib import blake2b
from typing import TypeVar

import msgspec

from listener.formats.canonical import Delete, deletion_of
from listener.formats.times import BadTime, TimeReader
from schemas.deletion import Deletion
from schemas.mention import Mention
from schemas.record import BadRecord

TIMES = frozenset({"created_at", "edited_at", "ingested_at", "author.created_at", "metrics.as_of", "owner_reply.at"})
IDS = frozenset(
    {"id", "parent_id", "parent_author_id", "root_id", "quoted_id", "reposted_id", "product_id", "author.id"}
)
POSTS = ("parent_id", "root_id", "quoted_id", "reposted_id")  # what has an id of the same kind as the post's own
T = TypeVar("T")
SPREAD = re.compile(r"\d(\.\d+)?[eE]\+\d+")  # a long id after a spreadsheet has had it: 5.70306E+17

# What columns are called in the wild, the likeliest first.
GUESSES: dict[str, tuple[str, ...]] = {
    "id": ("id", "tweet_id", "post_id", "review_id", "comment_id", "status_id", "id_str", "guid", "uri"),
    "text": ("text", "full_text", "content", "body", "message", "review_text", "review_body", "comment", "tweet"),
    "created_at": ("created_at", "tweet_created", "timestamp", "created", "date", "published_at", "published", "time"),
    "title": ("title", "headline", "review_headline", "subject"),
    "lang": ("lang", "language"),
    "url": ("url", "link", "permalink"),
    "platform": ("platform", "network", "source_platform"),
    "author.id": ("author_id", "user_id", "customer_id"),
    "author.handle": ("handle", "username", "screen_name", "user", "author", "name"),
    "author.followers": ("followers", "followers_count", "author_followers"),
    "parent_id": ("parent_id", "in_response_to_tweet_id", "in_reply_to_status_id", "in_reply_to"),
    "metrics.likes": ("likes", "like_count", "favorite_count", "favourites_count"),
    "metrics.reposts": ("reposts", "retweet_count", "retweets", "shares"),
    "metrics.replies": ("replies", "reply_count", "num_comments"),
    "rating.value": ("rating", "stars", "star_rating", "score"),
}
NEEDED = ("text", "created_at")


class NoColumns(ValueError):
    """No column for a field that is needed. The message names what there is."""


def guess_columns(names: list[str]) -> dict[str, str]:
    """Which column is which field, by its name. Raise NoColumns if text or time cannot be found."""
    by_key = {name.strip().lower().replace(" ", "_"): name for name in reversed(names)}
    columns: dict[str, str] = {}
    for field, candidates in GUESSES.items():
        found = next((by_key[key] for key in candidates if key in by_key), None)
        if found is not None and found not in columns.values():
            columns[field] = found
    missing = [field for field in NEEDED if field not in columns]
    if missing:
        shown = ", ".join(names[:20])
        raise NoColumns(f"no column found for {' and '.join(missing)} among: {shown}; name them in [sources.columns]")
    return columns


class RowReader:
    """Reads rows of one source as mentions."""

    def __init__(self, columns: Mapping[str, str], id_prefix: str, platform: str, times: TimeReader) -> None:
        self._plain = [(field, column) for field, column in columns.items() if "." not in field]
        self._nested = [(*field.split(".", 1), column) for field, column in columns.items() if "." in field]
        self._id_prefix = id_prefix
        self._platform = platform
        self._times = times

    def __call__(self, row: Mapping[str, object], raw: bytes, *, dated: bool = False) -> Mention | Deletion:
        """The mention of a row; without an id it gets a hash of `raw`. Raise BadRecord.

        Of a row whose `op` is "delete" the id is enough; what `dated` means there, `from_json` says.
        """
        fields: dict[str, object] = {"platform": self._platform}
        parts: dict[str, dict[str, object]] = {}
        for field, column in self._plain:
            value = row.get(column)
            if value is not None and value != "":
                fields[field] = self._value(field, value)
        for group, field, column in self._nested:
            value = row.get(column)
            if value is not None and value != "":
                parts.setdefault(group, {})[field] = self._value(f"{group}.{field}", value)
        own = fields.get("id")
        if fields.get("op") == "delete":
            told = {field: fields[field] for field in Delete.__struct_fields__ if field in fields}
            known = {"id": f"{self._id_prefix}{own}"} if own is not None else {}
            return deletion_of(_converted(told | known, Delete), dated=dated)
        fields["id"] = self._id_prefix + (str(own) if own is not None else blake2b(raw, digest_size=12).hexdigest())
        fields |= {field: f"{self._id_prefix}{fields[field]}" for field in POSTS if field in fields}
        fields.setdefault("text", "")
        return _converted(fields | parts, Mention)

    def _value(self, field: str, value: object) -> object:
        if field in IDS:
            return _id(field, value)
        if field not in TIMES:
            return value
        try:
            return self._times(value)
        except BadTime as error:
            raise BadRecord(f"{error} - at `$.{field}`") from None


def _converted(fields: dict[str, object], kind: type[T]) -> T:
    try:
        return msgspec.convert(fields, kind, strict=False)
    except msgspec.ValidationError as error:
        raise BadRecord(str(error)) from None


def _id(field: str, value: object) -> str:
    """An id as text. A number that has lost digits would be the id of many: whole posts would pass for repeats."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, str) and not SPREAD.fullmatch(value):
        return value
    if isinstance(value, str | float):
        raise BadRecord(f"id {value!r} has lost its digits: keep ids as text - at `$.{field}`")
    raise BadRecord(f"an id is text or a whole number, not {type(value).__name__} - at `$.{field}`")
