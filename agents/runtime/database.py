"""The one SQLite file of the embedded service: its tables, and how it is opened, locked and refused."""

import fcntl
import os
import sqlite3
from pathlib import Path

from listener.state import Parts

SHAPE = 9
TABLES = """
CREATE TABLE mentions (position INTEGER PRIMARY KEY, record BLOB NOT NULL) STRICT;
CREATE TABLE brand_mentions (
    brand TEXT NOT NULL, due INTEGER NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, position INTEGER NOT NULL,
    found BLOB NOT NULL, PRIMARY KEY (brand, due, id, version, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX brand_mentions_id ON brand_mentions (id);
CREATE TABLE spoken (
    brand TEXT NOT NULL, length INTEGER NOT NULL, start INTEGER NOT NULL, revision INTEGER NOT NULL,
    due INTEGER NOT NULL, known REAL NOT NULL, monitors TEXT NOT NULL, sums BLOB NOT NULL,
    PRIMARY KEY (brand, length, start, revision)
) STRICT, WITHOUT ROWID;
CREATE TABLE quiet (
    length INTEGER NOT NULL, start INTEGER NOT NULL, due INTEGER NOT NULL, known REAL NOT NULL, monitors TEXT NOT NULL,
    brands TEXT NOT NULL, PRIMARY KEY (length, start, monitors)
) STRICT, WITHOUT ROWID;
CREATE TABLE alerts (
    id TEXT NOT NULL, sequence INTEGER NOT NULL, brand TEXT NOT NULL, due INTEGER NOT NULL, record BLOB NOT NULL,
    PRIMARY KEY (id, sequence)
) STRICT, WITHOUT ROWID;
CREATE TABLE inbox (number INTEGER PRIMARY KEY AUTOINCREMENT, record BLOB NOT NULL) STRICT;
CREATE TABLE receipts (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL, brand TEXT NOT NULL, record BLOB NOT NULL, UNIQUE (id, brand)
) STRICT;
CREATE TABLE outbox (number INTEGER PRIMARY KEY, id TEXT NOT NULL, sequence INTEGER NOT NULL) STRICT;
CREATE TABLE dead_letters (number INTEGER PRIMARY KEY, source TEXT NOT NULL, record BLOB NOT NULL) STRICT;
CREATE TABLE seen (number INTEGER PRIMARY KEY, until INTEGER NOT NULL, change BLOB NOT NULL) STRICT;
CREATE INDEX seen_until ON seen (until);
CREATE TABLE state (part TEXT PRIMARY KEY, content BLOB NOT NULL) STRICT;
"""


class Busy(Exception):
    """Another listener runs on this file."""


class WrongFile(Exception):
    """A file that is no database of this listener."""


def put_state(db: sqlite3.Connection, parts: Parts) -> None:
    """Write parts, and delete those that are gone."""
    gone = [(part,) for part, content in parts.items() if content is None]
    kept = [(part, content) for part, content in parts.items() if content is not None]
    db.executemany("INSERT INTO state VALUES (?, ?) ON CONFLICT (part) DO UPDATE SET content = excluded.content", kept)
    db.executemany("DELETE FROM state WHERE part = ?", gone)


def read_state(db: sqlite3.Connection, prefix: str) -> dict[str, bytes]:
    """The parts whose names begin with `prefix`, without it."""
    rows = db.execute("SELECT part, content FROM state WHERE substr(part, 1, ?) = ?", (len(prefix), prefix))
    return {part[len(prefix) :]: content for part, content in rows}


def connect(path: Path, write: bool) -> sqlite3.Connection:
    """The open database, made if it is to be written. A file that is not ours is left as it is."""
    address = f"{path.resolve().as_uri()}?mode={'rwc' if write else 'ro'}"  # as_uri: names may contain ? and %
    db = sqlite3.connect(address, isolation_level=None, uri=True)
    try:
        db.execute("PRAGMA busy_timeout = 5000")
        new = write and not db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if not new:
            _check(db)
        if write:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = NORMAL")
            db.execute("PRAGMA secure_delete = ON")  # what is deleted must not lie in free pages
            db.execute("PRAGMA cache_size = -65536")
            db.execute("PRAGMA wal_autocheckpoint = 16384")  # 64 MiB: state parts are rewritten again and again
        if new:
            db.executescript(f"BEGIN; {TABLES} PRAGMA user_version = {SHAPE}; COMMIT;")
    except BaseException:
        db.close()
        raise
    return db


def _check(db: sqlite3.Connection) -> None:
    shape = db.execute("PRAGMA user_version").fetchone()[0]
    if shape != SHAPE:
        raise WrongFile(f"has shape {shape}, this listener reads {SHAPE}: take another storage.path")


def lock_file(path: Path) -> int:
    """Lock a path, whatever links lead to it, until the returned descriptor is closed. Raise Busy or WrongFile."""
    file = Path(f"{path.resolve()}.lock")
    try:
        lock = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise WrongFile(f"{path}: {error.strerror}: no database can be kept there") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        owner = os.pread(lock, 32, 0).decode().strip() or "unknown"
        os.close(lock)
        raise Busy(f"{path}: another listener (process {owner}) runs on it; one at a time") from None
    if not _is_at(lock, file):
        os.close(lock)
        return lock_file(path)
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
    return lock


def _is_at(lock: int, file: Path) -> bool:
    """Whether a lock is that of the file by this name: a replay that ends removes its own, maybe just opened here."""
    try:
        return os.path.samestat(os.fstat(lock), file.stat())
    except FileNotFoundError:
        return False
