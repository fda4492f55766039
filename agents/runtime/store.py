"""The one SQLite file of the embedded service: logs, outputs, state and positions, changed together or not at all."""

import fcntl
import os
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Self

from listener.monitors import MONITORS
from listener.state import Parts
from listener.threads import Seen
from listener.tracker import quiet_figures
from schemas.alert import Alert
from schemas.brand_mention import BrandMention
from schemas.dead_letter import DeadLetter
from schemas.record import to_json
from schemas.times import HOUR, from_ms, to_ms
from schemas.trend import Figures, Trend

SHAPE = 1
TABLES = """
CREATE TABLE mentions (position INTEGER PRIMARY KEY, record BLOB NOT NULL) STRICT;
CREATE TABLE brand_mentions (
    brand TEXT NOT NULL, due INTEGER NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, record BLOB NOT NULL,
    PRIMARY KEY (brand, due, id, version)
) STRICT, WITHOUT ROWID;
CREATE TABLE trends (
    brand TEXT NOT NULL, length INTEGER NOT NULL, start INTEGER NOT NULL, revision INTEGER NOT NULL,
    due INTEGER NOT NULL, known REAL NOT NULL, record BLOB,
    PRIMARY KEY (brand, length, start, revision)
) STRICT, WITHOUT ROWID;
CREATE TABLE alerts (
    id TEXT NOT NULL, sequence INTEGER NOT NULL, brand TEXT NOT NULL, due INTEGER NOT NULL, record BLOB NOT NULL,
    PRIMARY KEY (id, sequence)
) STRICT, WITHOUT ROWID;
CREATE TABLE dead_letters (number INTEGER PRIMARY KEY, source TEXT NOT NULL, record BLOB NOT NULL) STRICT;
CREATE TABLE seen (id TEXT PRIMARY KEY, version INTEGER NOT NULL, read INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX seen_by_time ON seen (read);
CREATE TABLE state (part TEXT PRIMARY KEY, content BLOB NOT NULL) STRICT, WITHOUT ROWID;
"""
LENGTHS = {"minute": 60_000, "hour": HOUR, "day": 24 * HOUR}
NAMES = {length: name for name, length in LENGTHS.items()}


class Busy(Exception):
    """Another listener runs on this file."""


class WrongFile(Exception):
    """A file that is no database of this listener."""


class Store:
    """The file. One `Store` may write at a time (a lock that ends with its process); readers are free."""

    def __init__(self, path: Path, *, write: bool = True) -> None:
        self.path = path
        self._lock = _lock(path) if write else None
        try:
            self._db = sqlite3.connect(path if write else f"file:{path}?mode=ro", isolation_level=None, uri=not write)
            self._db.execute("PRAGMA busy_timeout = 5000")
            if write:
                self._prepare()
            self._check()
        except sqlite3.DatabaseError as error:
            raise WrongFile(f"{path}: {error}") from None

    def _prepare(self) -> None:
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute("PRAGMA cache_size = -65536")
        if not self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            self._db.executescript(f"BEGIN; {TABLES} PRAGMA user_version = {SHAPE}; COMMIT;")

    def _check(self) -> None:
        shape = self._db.execute("PRAGMA user_version").fetchone()[0]
        if shape != SHAPE:
            raise WrongFile(f"{self.path}: has shape {shape}, this listener reads {SHAPE}: take another storage.path")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file and give up the lock."""
        self._db.close()
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

    def add_brand_mentions(self, mentions: Iterable[BrandMention]) -> None:
        """Add brand mentions."""
        self._db.executemany("INSERT INTO brand_mentions VALUES (?, ?, ?, ?, ?)", map(_brand_mention_row, mentions))

    def add_trends(self, trends: Iterable[Trend]) -> None:
        """Add trends; one in which nothing was said takes no more than its key."""
        self._db.executemany("INSERT INTO trends VALUES (?, ?, ?, ?, ?, ?, ?)", map(_trend_row, trends))

    def add_alerts(self, alerts: Iterable[Alert]) -> None:
        """Add alert events."""
        rows = ((alert.id, alert.sequence, alert.brand, to_ms(alert.at), to_json(alert)) for alert in alerts)
        self._db.executemany("INSERT INTO alerts VALUES (?, ?, ?, ?, ?)", rows)

    def add_dead_letters(self, letters: Iterable[DeadLetter]) -> None:
        """Add dead letters."""
        rows = ((letter.source, to_json(letter)) for letter in letters)
        self._db.executemany("INSERT INTO dead_letters (source, record) VALUES (?, ?)", rows)

    def add_seen(self, seen: Iterable[Seen], oldest: int | None) -> None:
        """Remember what was met, and drop what was read before `oldest` ms."""
        self._db.executemany("INSERT OR REPLACE INTO seen VALUES (?, ?, ?)", seen)
        if oldest is not None:
            self._db.execute("DELETE FROM seen WHERE read < ?", (oldest,))

    def put_state(self, parts: Parts) -> None:
        """Write the parts that changed."""
        gone = [(part,) for part, content in parts.items() if content is None]
        kept = [(part, content) for part, content in parts.items() if content is not None]
        self._db.executemany("INSERT OR REPLACE INTO state VALUES (?, ?)", kept)
        self._db.executemany("DELETE FROM state WHERE part = ?", gone)

    def state(self, prefix: str) -> dict[str, bytes]:
        """The parts whose names begin with `prefix`, without it."""
        rows = self._db.execute("SELECT part, content FROM state WHERE substr(part, 1, ?) = ?", (len(prefix), prefix))
        return {part[len(prefix) :]: content for part, content in rows}

    def seen(self) -> Iterator[Seen]:
        """All that was met."""
        yield from self._db.execute("SELECT id, version, read FROM seen ORDER BY read")

    def counts(self) -> dict[str, int]:
        """How many rows each output has."""
        tables = ("mentions", "brand_mentions", "trends", "alerts", "dead_letters")
        return {table: self._db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}  # noqa: S608

    def texts(self, brand: str, start: int, end: int, ids: Iterable[str]) -> list[bytes]:
        """The brand mentions of these ids that were read in [start, end) ms, in the order of `ids`."""
        wanted = list(ids)
        found: dict[str, bytes] = {}
        rows = self._db.execute(
            "SELECT id, record FROM brand_mentions WHERE brand = ? AND due >= ? AND due < ?", (brand, start, end)
        )
        for id_, record in rows:
            if id_ in wanted:
                found[id_] = record
        return [found[id_] for id_ in wanted if id_ in found]

    def export(self, table: str) -> Iterator[bytes]:
        """The records of an output in the order (due, brand, kind, id, sequence)."""
        order = {
            "brand_mentions": "due, brand, id, version",
            "trends": "due, brand, length, start, revision",
            "alerts": "due, brand, id, sequence",
            "dead_letters": "source, number",
        }[table]
        if table == "trends":
            columns = "brand, length, start, revision, due, known, record"
            for row in self._db.execute(f"SELECT {columns} FROM trends ORDER BY {order}"):  # noqa: S608
                yield row[6] or _quiet_trend(row)
            return
        for (record,) in self._db.execute(f"SELECT record FROM {table} ORDER BY {order}"):  # noqa: S608
            yield record


def _lock(path: Path) -> int:
    try:
        lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise WrongFile(f"{path}: {error.strerror}: no database can be kept there") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        owner = os.pread(lock, 32, 0).decode().strip() or "unknown"
        os.close(lock)
        raise Busy(f"{path}: another listener (process {owner}) runs on it; one at a time") from None
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
    return lock


def _brand_mention_row(mention: BrandMention) -> tuple[Any, ...]:
    source = mention.mention
    return mention.brand, to_ms(source.ingested_at or source.created_at), source.id, source.version, to_json(mention)


def _trend_row(trend: Trend) -> tuple[Any, ...]:
    length = LENGTHS[trend.window]
    record = None if trend.total == _quiet_figures(length, trend.known) and not trend.platforms else to_json(trend)
    return trend.brand, length, to_ms(trend.start), trend.revision, to_ms(trend.due), trend.known, record


def _quiet_figures(length: int, known: float) -> Figures | None:
    return quiet_figures(MONITORS, known * length / HOUR) if known else None


def _quiet_trend(row: tuple[Any, ...]) -> bytes:
    brand, length, start, revision, due, known, _ = row
    return to_json(
        Trend(
            brand=brand,
            window=NAMES[length],  # type: ignore[arg-type]
            start=from_ms(start),
            end=from_ms(start + length),
            revision=revision,
            due=from_ms(due),
            known=known,
            total=_quiet_figures(length, known),
        )
    )
