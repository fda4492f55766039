"""What we added to a mention that is about a brand, as the store keeps it: the mention itself is in the log."""

from collections.abc import Callable

import msgspec

from schemas.brand_mention import BrandMention, Certainty, Match, Sentiment, Severe, Talk
from schemas.mention import Mention
from schemas.times import Time


class Added(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The fields of a brand mention but for its brand and its mention. New ones come last, and have a default."""

    matches: tuple[Match, ...]
    tagged: bool
    owned: bool
    language: str | None
    sentiment: Sentiment
    settings: str
    distance: int
    first_read: Time | None
    certainty: Certainty = "certain"
    severity: tuple[Severe, ...] = ()
    talk: tuple[Talk, ...] = ()
    language_confidence: float | None = None
    muted: bool = False

    def to(self, mention: Mention, brand: str) -> BrandMention:
        """The brand mention."""
        return BrandMention(
            brand=brand, mention=mention, **{name: getattr(self, name) for name in self.__struct_fields__}
        )


read_added: Callable[[bytes], Added] = msgspec.msgpack.Decoder(Added).decode
_encode = msgspec.msgpack.Encoder().encode


def added_by(found: BrandMention) -> bytes:
    """What a brand mention adds to its mention, packed."""
    # A tuple of the fields in their order: to make an `Added` first costs as much as to pack it.
    return _encode(
        (
            found.matches,
            found.tagged,
            found.owned,
            found.language,
            found.sentiment,
            found.settings,
            found.distance,
            found.first_read,
            found.certainty,
            found.severity,
            found.talk,
            found.language_confidence,
            found.muted,
        )
    )
