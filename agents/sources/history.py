"""History: files read to their end, sorted by the time of writing, with the pulses of their own time.

What is edited or deleted in them comes in its order too. A deletion that does not say when it was made holds for the
whole of the files: what it deletes does not come at all.

What a mention's record says of its arrival is when it was written, as if the listener had been there then. Files that
do not fit into memory are sorted in pieces beside the database, in temporary files that nobody else can see.
"""

import heapq
import marshal
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from hashlib import blake2b, file_digest
from pathlib import Path
from typing import IO, Any, NamedTuple, Protocol

from msgspec.structs import force_setattr, replace

from agents.configuration import Source
from agents.sources.reader import printable
from listener.detection import LATENESS
from listener.monitors.monitor import BASE
from listener.roots import Roots
from schemas.dead_letter import DeadLetter
from schemas.deletion import Deletion
from schemas.heartbeat import Heartbeat
from schemas.mention import Mention
from schemas.record import decoder, to_json
from schemas.times import DAY, EPOCH, from_ms, to_ms

PIECE = 100_000  # records sorted in memory at a time, about 150 MB
LARGEST_PIECE = 256 << 20  # and bytes of dead letters and texts among them: each may have 64 KiB
FIRST = -1  # dead letters come before all mentions
LAST = 1 << 62  # a deletion comes after all that was written at its time

Key = tuple[int, int, str, int, int]  # created ms (FIRST for dead letters), 0 or LAST, id, version, place in the files
Record = Mention | Deletion | DeadLetter
Progress = Callable[[str, int], None]

_posts: Callable[[bytes], Mention | Deletion] = decoder(Mention, Deletion)
_dead_letter = decoder(DeadLetter)


class Readable(Protocol):
    """Whatever can be read from its beginning to its end: a file, a generated story."""

    @property
    def name(self) -> str: ...
    @property
    def stream(self) -> AbstractContextManager[Any]: ...
    def __iter__(self) -> Iterator[Record]: ...


class Item(NamedTuple):
    """One record for the log, decoded and as bytes."""

    record: Mention | Deletion | Heartbeat | DeadLetter
    raw: bytes


class Span(NamedTuple):
    """The first and last time of writing in one file, in ms."""

    first: int
    last: int


class History:
    """All mentions of some files by (created_at, id, version), with heartbeats between and dead letters before.

    The items of the same files are always the same: to go on after a stop, skip as many as were done. If something
    live may follow, the last heartbeat stays behind the clock on the wall, `until` in ms. `dropped` counts what does
    not come because it is deleted.
    """

    def __init__(
        self,
        readers: Sequence[Readable],
        folder: Path,
        progress: Progress = lambda what, count: None,
        until: int | None = None,
    ) -> None:
        self._readers = readers
        self._folder = folder
        self._progress = progress
        self._until = until
        self._told: int | None = None
        self._ends: dict[str, int] = {}
        self._spans: dict[str, Span] = {}
        self._deleted: set[str] = set()  # by deletions that do not say when
        self.mentions = 0
        self.dropped = 0

    def items(self) -> Iterator[Item]:
        """All items. Reading and sorting happens before the first comes out."""
        records = heapq.merge(*self._sorted_pieces(), key=lambda entry: entry[0])
        pulse = 0
        roots = Roots()
        for key, record, raw in records:
            if not isinstance(record, DeadLetter) and record.id in self._deleted:
                self.dropped += 1
                continue
            if key[0] // BASE != pulse and key[0] != FIRST:
                pulse = key[0] // BASE
                yield from self._heartbeats(pulse * BASE)
            yield _rooted(record, raw, roots)
        yield from self._last_heartbeats()

    def _sorted_pieces(self) -> list[Iterator[tuple[Key, Record, bytes]]]:
        pieces: list[Iterator[tuple[Key, Record, bytes]]] = []
        piece: list[tuple[Key, Record]] = []
        held = 0
        for place, (reader, record) in enumerate(self._records()):
            if isinstance(record, Deletion) and record.ingested_at is None:
                self._deleted.add(record.id)
                continue
            piece.append((self._key(reader.name, record, place), record))
            held += _size(record)
            if len(piece) >= PIECE or held >= LARGEST_PIECE:
                pieces.append(_spilled(piece, self._folder))
                piece, held = [], 0
            if place % 1000 == 0:
                self._progress("reading", place)
        pieces.append(_in_memory(piece))
        return pieces

    def _records(self) -> Iterator[tuple[Readable, Record]]:
        for reader in self._readers:
            with reader.stream:
                for record in reader:
                    yield reader, record

    def _key(self, source: str, record: Record, place: int) -> Key:
        if isinstance(record, DeadLetter):
            return FIRST, 0, "", 0, place
        if isinstance(record, Deletion):
            return to_ms(record.ingested_at or EPOCH), LAST, record.id, 0, place
        self.mentions += 1
        created = to_ms(record.created_at)
        force_setattr(record, "ingested_at", from_ms(created))
        span = self._spans.get(source)
        self._spans[source] = (
            Span(min(span.first, created), max(span.last, created)) if span else Span(created, created)
        )
        return created, 0, record.id, record.version, place

    def _heartbeats(self, through: int) -> Iterator[Item]:
        covered = {
            source: Span(span.first, min(span.last, through))
            for source, span in sorted(self._spans.items())
            if span.first < through and self._ends.get(source) != min(span.last, through)
        }
        yield from self._tell(covered, through)

    def _last_heartbeats(self) -> Iterator[Item]:
        """Late enough that the last day closes: what lies after the last mention is unknown, not quiet."""
        if not self._spans:
            return
        last = max(span.last for span in self._spans.values())
        through = last - last % DAY + DAY + LATENESS
        yield from self._tell(dict(sorted(self._spans.items())), min(through, self._until or through))

    def _tell(self, covered: dict[str, Span], through: int) -> Iterator[Item]:
        """The last one moves the clock, which no file holds: before that, all must have said what they covered."""
        if not covered:
            return
        before = self._told if self._told is not None else min(span.first for span in self._spans.values())
        for place, (source, span) in enumerate(covered.items(), 1):
            self._told = through if place == len(covered) else before
            self._ends[source] = span.last
            yield _heartbeat(source, self._told, span)


def _heartbeat(source: str, through: int, span: Span) -> Item:
    covered = ((from_ms(span.first), from_ms(span.last)),)
    record = Heartbeat(source=source, through=from_ms(through), covered=covered, ended=True)
    return Item(record, to_json(record))


def _rooted(record: Record, raw: bytes, roots: Roots) -> Item:
    if not isinstance(record, Mention):
        return Item(record, raw)
    rooted = roots.rooted(record)
    return Item(rooted, raw if rooted is record else to_json(rooted))


def _size(record: Record) -> int:
    if isinstance(record, Deletion):
        return len(record.id)
    return len(record.raw if isinstance(record, DeadLetter) else record.text)


def _in_memory(piece: list[tuple[Key, Record]]) -> Iterator[tuple[Key, Record, bytes]]:
    piece.sort(key=lambda entry: entry[0])
    for key, record in piece:
        yield key, record, to_json(record)


def _spilled(piece: list[tuple[Key, Record]], folder: Path) -> Iterator[tuple[Key, Record, bytes]]:
    file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - lives as long as the iterator that reads it
    for key, _, raw in _in_memory(piece):
        marshal.dump((key, raw), file)
    file.seek(0)
    return _read_back(file)


def _read_back(file: IO[bytes]) -> Iterator[tuple[Key, Record, bytes]]:
    with file:
        while True:
            try:
                key, raw = marshal.load(file)  # noqa: S302 - our own bytes in a file that nobody else can open
            except EOFError:
                return
            yield key, _dead_letter(raw) if key[0] == FIRST else _posts(raw), raw


def identity(files: Iterable[tuple[Source, str]]) -> list[list[str | int]]:
    """What tells whether files are still the same, and read the same way: another zone gives another order.

    Their names and sizes, a hash of all they hold (a second a gigabyte), and one of how they are read.
    """
    found: list[list[str | int]] = []
    for source, path in files:
        how = blake2b(to_json(replace(source, path="", name=None)), digest_size=8).hexdigest()
        with Path(path).open("rb") as file:
            digest = file_digest(file, "blake2b").hexdigest()[:16]
            found.append([printable(Path(path).name), file.tell(), digest, how])
    return found
