"""What is admitted of what is doubtful: as a partition has counted it, and as it should."""

from collections import defaultdict
from collections.abc import Iterable

from msgspec.structs import replace

from listener.authors import LATELY, SLOT
from listener.partition import Partition, TrackRecord
from schemas.brand_mention import BrandMention
from schemas.mention import Author
from schemas.settings import BrandSettings
from schemas.times import to_ms
from tests.core.building import read_of


def as_counted(mention: BrandMention, partition: Partition) -> BrandMention:
    """A mention as a partition has counted it: a doubtful one probable, or of an author whom nobody knows."""
    if mention.certainty != "doubtful":
        return mention
    counted = partition.trackers[mention.brand].state.authors.counted(mention, read_of(mention))
    return counted if counted.certainty == "probable" else nameless(mention)


def nameless(mention: BrandMention) -> BrandMention:
    """A mention of an author of whom nothing is known but the followers."""
    author = mention.mention.author
    if author is None:
        return mention
    return replace(mention, mention=replace(mention.mention, author=Author(followers=author.followers)))


def resolved(log: list[TrackRecord]) -> list[TrackRecord]:
    """The log with what should be admitted as probable, worked out from all of it at once."""
    settings: dict[str, list[BrandSettings]] = defaultdict(list)
    spoken: dict[tuple[str, str, str], set[int]] = defaultdict(set)
    first: dict[str, int] = {}
    for record in log:
        if isinstance(record, BrandSettings):
            settings[record.id].append(record)
        elif isinstance(record, BrandMention) and record.certainty == "doubtful":
            slot = read_of(record) // SLOT
            first[record.brand] = min(slot, first.get(record.brand, slot))
    for record in mentions(log):
        read = read_of(record)
        old = read - to_ms(record.mention.created_at) > LATELY * SLOT
        if record.certainty != "certain" or record.owned or old or not name_of(record):
            continue
        noted = is_ambiguous(settings[record.brand], read)
        if noted or (record.brand in first and read // SLOT >= first[record.brand] + 2):
            spoken[record.brand, record.mention.platform, name_of(record)].add(read // SLOT)
    return [_resolved(one, spoken) if isinstance(one, BrandMention) else one for one in log]


def _resolved(mention: BrandMention, spoken: dict[tuple[str, str, str], set[int]]) -> BrandMention:
    if mention.certainty != "doubtful":
        return mention
    slot = read_of(mention) // SLOT
    slots = spoken.get((mention.brand, mention.mention.platform, name_of(mention)), set())
    if name_of(mention) and any(slot - LATELY <= before < slot for before in slots):
        return replace(mention, certainty="probable")
    return nameless(mention)


def mentions(log: Iterable[TrackRecord]) -> list[BrandMention]:
    """The brand mentions of a log."""
    return [record for record in log if isinstance(record, BrandMention)]


def name_of(mention: BrandMention) -> str:
    """Who wrote it, as far as known."""
    author = mention.mention.author
    return (author and author.id) or ""


def is_ambiguous(settings: list[BrandSettings], read: int) -> bool:
    """What the settings in force said when a mention was read."""
    found = settings[0]
    for one in settings[1:]:
        if one.at is not None and to_ms(one.at) < read:
            found = one
    return found.ambiguous
