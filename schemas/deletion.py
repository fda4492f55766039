"""Deletion: a post is gone, at its platform or because somebody asked us to forget it."""

from typing import Literal

from schemas.record import Record
from schemas.times import Time


class Deletion(Record, frozen=True, tag="deletion/1"):
    """The post `id`, in all its versions, is to be forgotten; platforms tell no more than the id.

    A mention whose `op` is "delete" is read as this. `ingested_at` is when it was read. It goes to every partition,
    since nobody knows the thread. "erased" is what `listener erase` writes.
    """

    id: str
    ingested_at: Time | None = None
    because: Literal["deleted", "erased"] = "deleted"
