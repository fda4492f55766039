"""All that the file of the embedded service keeps of posts, table by table, as an erasure has to find it."""

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from listener.alerts.evidence import posts_of, without_posts
from listener.erasing import Names, holds, without
from listener.partition import Partition
from listener.threads import Change, Deleted, Erased, Post, mark_of
from schemas.alert import Alert
from schemas.dead_letter import DeadLetter
from schemas.mention import Mention
from schemas.record import decoder, to_json

COLUMNS = {  # in their order in the file: keys first, and row numbers elsewhere
    "mentions": "record",
    "brand_mentions": "*",
    "spoken": "*",
    "quiet": "length, start, monitors, due, known, brands",
    "alerts": "*",
    "inbox": "record",
    "receipts": "id, brand, record",
    "outbox": "id, sequence",
    "dead_letters": "source, record",
    "seen": "until, change",
    "state": "*",
    "sqlite_master": "*",
}
TRACKERS = "track/"
QUOTES = ("'", '"', "“", "`")

_mention = decoder(Mention)
_alert = decoder(Alert)
_dead_letter = decoder(DeadLetter)
_change: Callable[[bytes], Change] = msgspec.msgpack.Decoder(Change).decode
_to_bytes = msgspec.msgpack.Encoder().encode


class Row(NamedTuple):
    """A post in the log."""

    position: int
    mention: Mention


class Kept:
    """The tables of an open file. What is changed is changed in whatever transaction there is."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def posts(self) -> Iterator[Row]:
        """All posts of the log in their order."""
        for position, record in self._db.execute("SELECT position, record FROM mentions ORDER BY position"):
            if b'"mention/1"' in record[:40]:
                yield Row(position, _mention(record))

    def letters(self, names: Names) -> Iterator[tuple[int, DeadLetter]]:
        """The dead letters in which any of the names stands."""
        for number, record in self._db.execute("SELECT number, record FROM dead_letters ORDER BY number"):
            letter = _dead_letter(record)
            if names.stand_in(letter.raw) or names.stand_in(letter.reason.encode()):
                yield number, letter

    def alerts(self, ids: Collection[str]) -> Iterator[Alert]:
        """The alert events with any of these ids among their examples or in their evidence."""
        for (record,) in self._db.execute("SELECT record FROM alerts ORDER BY id, sequence"):
            alert = _alert(record)
            if any(id_ in ids for id_ in posts_of(alert)):
                yield alert

    def seen(self, ids: Collection[str]) -> Iterator[tuple[int, Post | Deleted]]:
        """What detect remembers of these posts under their ids."""
        for number, raw in self._db.execute("SELECT number, change FROM seen ORDER BY number"):
            change = _change(raw)
            if isinstance(change, Post | Deleted) and change.id in ids:
                yield number, change

    def trackers(self, ids: Collection[str | bytes]) -> Iterator[tuple[str, Any]]:
        """The parts of the trackers' state that hold any of these ids and marks of authors, as plain data."""
        named = [id_.encode() if isinstance(id_, str) else id_ for id_ in ids]
        for part, raw in self._trackers():
            if any(name in raw for name in named):
                state = msgspec.msgpack.decode(raw)
                if holds(state, ids):
                    yield part, state

    def _trackers(self) -> Iterator[tuple[str, bytes]]:
        """All parts but that of the clock."""
        rows = self._db.execute("SELECT part, content FROM state WHERE substr(part, 1, 6) = ?", (TRACKERS,))
        return ((part, raw) for part, raw in rows if part != TRACKERS)

    def delete_posts(self, rows: Iterable[Row]) -> None:
        """Posts, and what we added to them, where no retraction has done so."""
        positions = msgspec.json.encode([row.position for row in rows]).decode()
        for table in ("brand_mentions", "mentions"):
            self._db.execute(f"DELETE FROM {table} WHERE position IN (SELECT value FROM json_each(?))", (positions,))  # noqa: S608 - only names from above

    def empty_letters(self, letters: Iterable[tuple[int, DeadLetter]], names: Names) -> None:
        """Keep the place, the kind of the reason, length and hash of dead letters, and no word of them."""
        rows = [(to_json(_emptied(letter, names)), number) for number, letter in letters]
        self._db.executemany("UPDATE dead_letters SET record = ? WHERE number = ?", rows)

    def forget_examples(self, ids: Collection[str], authors: Collection[bytes]) -> int:
        """Take ids out of alerts, and them and marks of authors out of what the trackers keep.

        Return in how many alert events they stood.
        """
        alerts = list(self.alerts(ids))
        for alert in alerts:
            record = to_json(without_posts(alert, ids))
            self._db.execute(
                "UPDATE alerts SET record = ? WHERE id = ? AND sequence = ?", (record, alert.id, alert.sequence)
            )
        named: set[str | bytes] = {*ids, *authors}
        changed = [(_to_bytes(without(state, named)), part) for part, state in self.trackers(named)]
        self._db.executemany("UPDATE state SET content = ? WHERE part = ?", changed)
        if changed:
            self._check_trackers()
        return len(alerts)

    def _check_trackers(self) -> None:
        """Read the state as the next start will: what it cannot read must not be committed."""
        Partition.restored({part.removeprefix(TRACKERS): raw for part, raw in self._trackers()})

    def forget_seen(self, ids: Collection[str]) -> None:
        """What detect remembers of posts: nothing but that they are gone, under a mark that is no id."""
        for number, change in list(self.seen(ids)):
            if isinstance(change, Post):
                self._db.execute("DELETE FROM seen WHERE number = ?", (number,))
                continue
            gone = Erased(mark_of(change.id), change.hour)
            self._db.execute("UPDATE seen SET change = ? WHERE number = ?", (_to_bytes(gone), number))

    def rows(self) -> Iterator[bytes]:
        """All rows of all tables, as often as the file has them and as it writes them: one value behind the other."""
        for table, columns in COLUMNS.items():
            for row in self._db.execute(f"SELECT {columns} FROM {table}"):  # noqa: S608 - only names from above
                yield b"".join(map(_written, row))
        for (part,) in self._db.execute("SELECT part FROM state"):  # its index has it once more
            yield part.encode()
        for row in self._db.execute("SELECT id, brand FROM receipts"):  # as above
            yield b"".join(map(_written, row))


def _written(value: object) -> bytes:
    """A value as SQLite's file format has it: what ends in a digit may seem to go on in the number behind it."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, int) and value not in (0, 1):
        size = next(size for size in (1, 2, 3, 4, 6, 8) if -(1 << 8 * size - 1) <= value < 1 << 8 * size - 1)
        return value.to_bytes(size, "big", signed=True)
    return b""


def _emptied(letter: DeadLetter, names: Names) -> DeadLetter:
    """Of its reason nothing is left that may be quoted from what it held."""
    reason = letter.reason
    for quote in QUOTES:
        reason = reason.partition(quote)[0]
    if letter.fault == "failed":  # what broke says why in its own words
        reason = reason.partition(":")[0]
    if names.stand_in(reason.encode()):
        reason = letter.fault
    return replace(letter, raw=b"", reason=f"{reason.rstrip()} (erased)")
