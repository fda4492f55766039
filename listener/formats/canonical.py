"""Our own JSON for a mention, and what every mention must hold to, wherever it comes from."""

from collections.abc import Iterator

from msgspec.structs import replace

from schemas.deletion import Deletion
from schemas.mention import Mention, Metrics
from schemas.record import BadRecord, Part, decoder
from schemas.times import HOUR, Time, to_ms

EARLIEST = 788_918_400_000  # 1995-01-01: before that nobody posted, and 1970 is a zero somewhere
FAR_AHEAD = HOUR
LONGEST_TEXT = 65_536
LARGEST_COUNT = 10**12  # more than there are people or ever were views; sums of these stay within 64 bits
COUNTS = tuple(field for field in Metrics.__struct_fields__ if field != "as_of")

_mention = decoder(Mention)


class _Kind(Part, frozen=True):
    op: str = "create"
    record: str = ""


class Delete(Part, frozen=True):
    """What there may be of a mention whose `op` is "delete": no platform tells more than the id."""

    id: str = ""
    created_at: Time | None = None
    edited_at: Time | None = None
    ingested_at: Time | None = None


_kind = decoder(_Kind)
_delete = decoder(Delete)


def from_json(raw: bytes, *, dated: bool = False) -> Mention | Deletion:
    """The mention in a line of JSON, or what it says is deleted. Raise BadRecord.

    A deletion that is `dated`, as those in history are, was read when it says that it was edited, or else created.
    """
    try:
        mention = _mention(raw)
    except BadRecord:
        if not is_delete(raw):
            raise
        return deletion_of(_delete(raw), dated=dated)
    return mention if mention.op != "delete" else deletion_of(mention, dated=dated)


def is_delete(raw: bytes) -> bool:
    """Whether a line of JSON says that something is deleted, whatever it lacks. Raise BadRecord if it is no JSON."""
    kind = _kind(raw)
    return kind.op == "delete" or kind.record.startswith("deletion/")


def deletion_of(told: Mention | Delete, *, dated: bool = False) -> Deletion:
    """What is deleted. Raise BadRecord where nobody can tell."""
    if not told.id or "\x00" in told.id:
        raise BadRecord("a delete without the id of what is deleted")
    at = (told.ingested_at or told.edited_at or told.created_at) if dated else told.ingested_at
    return Deletion(id=told.id, ingested_at=at)


def check(mention: Mention, read: int) -> Mention:
    """The mention, if one who reads it at `read` ms can use it. Raise BadRecord with the field and the reason.

    Its version is the time of its last edit in ms where it has none, that of reading for an update that does not say
    when it was; a count below zero is unknown.
    """
    author, metrics, text = mention.author, mention.metrics, mention.text
    followers = author.followers if author is not None else None
    if metrics is not None or (followers is not None and followers < 0):
        mention = _counted(mention)
    if not mention.version and (mention.edited_at is not None or mention.op == "update"):
        edited = read if mention.edited_at is None else to_ms(mention.edited_at)
        mention = replace(mention, version=max(0, edited))
    created = to_ms(mention.created_at)
    if created < EARLIEST:
        raise BadRecord(f"created_at {mention.created_at:%Y-%m-%d} is before 1995: a missing or zero time?")
    if created > read + FAR_AHEAD:  # not how far: the same input has the same reason whenever it is read
        raise BadRecord(f"created_at {mention.created_at:%Y-%m-%d %H:%M} is ahead of the clock: a wrong zone or unit?")
    if not mention.id:
        raise BadRecord("id is empty")
    if len(text) > LONGEST_TEXT:
        raise BadRecord(f"text has {len(text):,} characters, more than {LONGEST_TEXT:,}")
    if "\x00" in text:
        raise BadRecord("text contains a NUL character")
    handle = author.handle if author is not None else None
    for field, value in (("id", mention.id), ("title", mention.title), ("author", handle)):
        if value is not None and "\x00" in value:
            raise BadRecord(f"{field} contains a NUL character")
    if not mention.platform.isprintable():
        raise BadRecord("platform is no name: it contains a control character")
    if (not text or text.isspace()) and not (mention.title or mention.rating or mention.reposted_id):
        raise BadRecord("text is empty")
    if mention.version or mention.rating is not None or metrics is not None or (followers or 0) > LARGEST_COUNT:
        _refuse_numbers(mention)
    return mention


def _refuse_numbers(mention: Mention) -> None:
    for field, number in _numbers(mention):
        if not 0 <= number <= LARGEST_COUNT:  # not a number is refused, too
            raise BadRecord(f"{field} is no number from 0 to {LARGEST_COUNT:,}")


def _counted(mention: Mention) -> Mention:
    """Exports write -1 for what they do not know: no reason to lose a post, and none to shrink a brand's reach."""
    author, metrics = mention.author, mention.metrics
    if author is not None and author.followers is not None and author.followers < 0:
        mention = replace(mention, author=replace(author, followers=None))
    if metrics is not None:
        unknown = {field: None for field in COUNTS if (getattr(metrics, field) or 0) < 0}
        if unknown:
            mention = replace(mention, metrics=replace(metrics, **unknown))
    return mention


def _numbers(mention: Mention) -> Iterator[tuple[str, float]]:
    yield "version", mention.version // 1000  # the time of an edit in milliseconds, where it is one
    if mention.author is not None and mention.author.followers is not None:
        yield "author.followers", mention.author.followers
    if mention.rating is not None:
        yield "rating.value", mention.rating.value
        yield "rating.max", mention.rating.max
    if mention.metrics is not None:
        for field in COUNTS:
            if (number := getattr(mention.metrics, field)) is not None:
                yield f"metrics.{field}", number
