"""Command: what a person wants done with an alert."""

from typing import Annotated, Literal

from msgspec import Meta

from schemas.record import Record
from schemas.times import Time

LONGEST = 1_000  # characters of what a person may say of themselves and of an alert

Kind = Literal["acknowledge", "resolve"]


class Command(Record, frozen=True, tag="command/1"):
    """What `actor` wants done with the alert `alert_id` of a brand, since `at`. The same `id` again changes nothing.

    "acknowledge": somebody looks after it. "resolve": it is over, or was none; it stays closed while the same trouble
    lasts, unless that grows.
    """

    id: str
    brand: str
    kind: Kind
    alert_id: str
    actor: Annotated[str, Meta(min_length=1, max_length=LONGEST)]
    at: Time
    comment: Annotated[str, Meta(max_length=LONGEST)] = ""
