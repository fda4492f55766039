"""Our own JSON for a mention, and what every mention must hold to, wherever it comes from."""

from schemas.mention import Mention
from schemas.record import BadRecord, Part, decoder
from schemas.times import DAY, HOUR, to_ms

EARLIEST = 788_918_400_000  # 1995-01-01: before that nobody posted, and 1970 is a zero somewhere
FAR_AHEAD = HOUR
LONGEST_TEXT = 65_536

_mention = decoder(Mention)


class _Op(Part, frozen=True):
    op: str = "create"


_op = decoder(_Op)


def from_json(raw: bytes) -> Mention:
    """The mention in a line of JSON. Raise BadRecord, for updates and deletes too, which may lack what a create has."""
    try:
        return _mention(raw)
    except BadRecord:
        op = _op(raw).op
        if op in ("update", "delete"):
            raise BadRecord(f"op {op!r} is not handled yet") from None
        raise


def check(mention: Mention, read: int) -> Mention:
    """The mention, if one who reads it at `read` ms can use it. Raise BadRecord with the field and the reason."""
    created = to_ms(mention.created_at)
    if created < EARLIEST:
        raise BadRecord(f"created_at {mention.created_at:%Y-%m-%d} is before 1995: a missing or zero time?")
    if created > read + FAR_AHEAD:
        ahead = (created - read) / DAY
        raise BadRecord(
            f"created_at {mention.created_at:%Y-%m-%d %H:%M} is {ahead:.1f} days ahead: a wrong zone or unit?"
        )
    if not mention.id:
        raise BadRecord("id is empty")
    if len(mention.text) > LONGEST_TEXT:
        raise BadRecord(f"text has {len(mention.text):,} characters, more than {LONGEST_TEXT:,}")
    if "\x00" in mention.text or "\x00" in mention.id:
        raise BadRecord("text or id contains a NUL character")
    if not mention.text.strip() and not (mention.title or mention.rating or mention.reposted_id):
        raise BadRecord("text is empty")
    return mention
