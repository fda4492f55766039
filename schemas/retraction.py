"""Retraction: what a brand mention has added to a brand's figures is to be taken back."""

from typing import Literal

from schemas.brand_mention import BrandMention
from schemas.record import Record
from schemas.times import Time

Because = Literal["edited", "deleted", "erased"]


class Retraction(Record, frozen=True, tag="retraction/1"):
    """The post of `trace` was read at `at` to be edited, deleted or erased: what it had added to `brand` goes.

    `trace` is the brand mention as it was, without its words: `text` is empty, `title`, `matches` and whatever else is
    not needed to count it are left out; its `root_id` is what it answered or passed on. After "edited" the brand
    mention of the new version follows, if there is one.
    """

    brand: str
    at: Time
    because: Because
    trace: BrandMention
