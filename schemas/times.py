"""Times on the wire are RFC 3339 with a zone; inside the core they are whole milliseconds since 1970 UTC."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from msgspec import Meta

Time = Annotated[datetime, Meta(tz=True)]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEK = 7 * DAY


def to_ms(time: datetime) -> int:
    """Milliseconds since 1970 UTC, rounded down; `time` must have a zone."""
    return (time - EPOCH) // MILLISECOND


def from_ms(ms: int) -> datetime:
    """The UTC time of `ms` milliseconds since 1970."""
    return EPOCH + timedelta(milliseconds=ms)
