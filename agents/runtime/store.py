"""What the embedded service writes into its SQLite file: outputs, state and positions, together or not at all."""

import os
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from agents.runtime.added import added_by
from agents.runtime.database import WrongFile, lock_file, put_state
from agents.runtime.records import Records
from listener.state import Parts
from listener.threads import Change
from listener.trends import Quiet, Spoken
from schemas.alert import Alert
from schemas.brand_mention import BrandMention
from schemas.dead_letter import DeadLetter
from schemas.record import to_json
from schemas.retraction import Retraction
from schemas.times import to_ms

INTO_OUTBOX = (
    "INSERT INTO outbox (id, sequence) SELECT ?1, ?2 "
    "WHERE NOT EXISTS (SELECT 1 FROM alerts WHERE id = ?1 AND sequence = ?2)"
)

_to_bytes = msgspec.msgpack.Encoder().encode


class Store(Records):
    """The file as its one writer has it: a lock that ends with its process keeps others out; readers are free."""

    def __init__(self, path: Path) -> None:
        self._lock: int | None = lock_file(path)
        try:
            self._open(path, write=True)
        except WrongFile:
            self._unlock()
            raise

    @property
    def connection(self) -> sqlite3.Connection:
        """For what goes through all tables at once: an erasure."""
        return self._db

    def empty_log(self) -> bool:
        """Put all that was committed into the file itself. False while somebody reads what was before."""
        busy: int = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        return not busy

    def write_anew(self) -> None:
        """Write the file from what its tables hold: `secure_delete` misses what was moved from page to page."""
        self._db.execute("VACUUM")

    def close_file(self) -> None:
        """Close the file and keep the lock."""
        super().close()

    def close(self) -> None:
        """Close the file and give up the lock."""
        self.close_file()
        self._unlock()

    def _unlock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def begin(self) -> None:
        """Begin a transaction."""
        self._db.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Make all since `begin` true at once."""
        self._db.execute("COMMIT")

    def rollback(self) -> None:
        """Make all since `begin` never have been."""
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")

    def add_mentions(self, records: Iterable[tuple[int, bytes]]) -> None:
        """Append to the mentions log."""
        self._db.executemany("INSERT INTO mentions VALUES (?, ?)", records)

    def add_brand_mentions(self, mentions: Iterable[tuple[int, BrandMention]]) -> None:
        """Add brand mentions, each with the position of its mention in the log."""
        self._db.executemany("INSERT INTO brand_mentions VALUES (?, ?, ?, ?, ?, ?)", map(_brand_mention_row, mentions))

    def add_spoken(self, windows: Iterable[Spoken]) -> int:
        """Add windows in which something was said. See `_add_once` for what this and the next two return."""
        return self._add_once("spoken", map(_spoken_row, windows))

    def add_quiet(self, windows: Iterable[Quiet]) -> int:
        """Add windows in which nothing was said about some brands."""
        rows = ((w.length.length, w.start, w.due, w.known, " ".join(w.monitors), " ".join(w.brands)) for w in windows)
        return self._add_once("quiet", rows)

    def add_alerts(self, alerts: Iterable[Alert]) -> int:
        """Add alert events, and those that are new to the outbox of notify."""
        rows = [(alert.id, alert.sequence, alert.brand, to_ms(alert.at), to_json(alert)) for alert in alerts]
        self._db.executemany(INTO_OUTBOX, [row[:2] for row in rows])
        return self._add_once("alerts", rows)

    def _add_once(self, table: str, rows: Iterable[tuple[Any, ...]]) -> int:
        """Add rows, but those whose keys are there; return how many of these have other content: it must be 0."""
        rows = list(rows)
        columns = [name for (name,) in self._db.execute("SELECT name FROM pragma_table_info(?)", (table,))]
        row = f"({', '.join('?' * len(columns))})"
        add = f"INSERT INTO {table} VALUES {row} ON CONFLICT DO NOTHING"  # noqa: S608 - our names
        if self._db.executemany(add, rows).rowcount == len(rows):
            return 0
        same = f"SELECT count(*) FROM {table} WHERE ({', '.join(columns)}) = {row}"  # noqa: S608 - our names
        return sum(not self._db.execute(same, values).fetchone()[0] for values in rows)

    def add_dead_letters(self, letters: Iterable[DeadLetter]) -> None:
        """Add dead letters."""
        rows = ((letter.source, to_json(letter)) for letter in letters)
        self._db.executemany("INSERT INTO dead_letters (source, record) VALUES (?, ?)", rows)

    def retract(self, gone: Iterable[Retraction]) -> None:
        """Delete brand mentions, and their mentions from the log: no word of theirs is left in the file."""
        for retraction in gone:
            mention = retraction.trace.mention
            due = to_ms(mention.ingested_at or mention.created_at)
            key = (retraction.brand, due, mention.id, mention.version)
            of_key = "FROM brand_mentions WHERE brand = ? AND due = ? AND id = ? AND version = ?"
            for (position,) in self._db.execute(f"SELECT position {of_key}", key).fetchall():
                self._db.execute(f"DELETE {of_key}", key)
                self._db.execute("DELETE FROM mentions WHERE position = ?", (position,))

    def add_seen(self, changes: Iterable[Change], newest: int) -> None:
        """Remember what detect has seen, and drop what is out of date in the hour `newest`."""
        rows = ((change.until, _to_bytes(change)) for change in changes)
        self._db.executemany("INSERT INTO seen (until, change) VALUES (?, ?)", rows)
        self._db.execute("DELETE FROM seen WHERE until < ?", (newest,))

    def put_state(self, parts: Parts) -> None:
        """Write the parts that changed."""
        put_state(self._db, parts)


def _brand_mention_row(entry: tuple[int, BrandMention]) -> tuple[Any, ...]:
    """What we added to the mention; the mention itself is in the log."""
    position, found = entry
    mention = found.mention
    due = to_ms(mention.ingested_at or mention.created_at)
    return found.brand, due, mention.id, mention.version, position, added_by(found)


def _spoken_row(window: Spoken) -> tuple[Any, ...]:
    brand, length, start, revision, due, known, monitors, sums = window
    return brand, length.length, start, revision, due, known, " ".join(monitors), _to_bytes(sums)
