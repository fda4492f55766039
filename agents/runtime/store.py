"""The one SQLite file of the embedded service: logs, outputs, state and positions, changed together or not at all."""

import fcntl
import heapq
import os
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any, Self

import msgspec

from agents.runtime.added import added_by, read_added
from agents.runtime.commands import Commands
from listener.alerts.evidence import posts_of
from listener.state import Parts
from listener.threads import Change
from listener.trends import Quiet, Spoken
from listener.windows import LENGTHS as WINDOW_LENGTHS
from listener.windows import Sums
from schemas.alert import Alert
from schemas.brand_mention import BrandMention
from schemas.dead_letter import DeadLetter
from schemas.mention import Mention
from schemas.record import decoder, to_json
from schemas.retraction import Retraction
from schemas.times import to_ms

SHAPE = 6
TABLES = """
CREATE TABLE mentions (position INTEGER PRIMARY KEY, record BLOB NOT NULL) STRICT;
CREATE TABLE brand_mentions (
    brand TEXT NOT NULL, due INTEGER NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, position INTEGER NOT NULL,
    found BLOB NOT NULL, PRIMARY KEY (brand, due, id, version, position)
) STRICT, WITHOUT ROWID;
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
BRAND_MENTIONS = "SELECT id, brand, record, found FROM brand_mentions JOIN mentions USING (position)"
INTO_OUTBOX = (
    "INSERT INTO outbox (id, sequence) SELECT ?1, ?2 "
    "WHERE NOT EXISTS (SELECT 1 FROM alerts WHERE id = ?1 AND sequence = ?2)"
)
LENGTHS = {length.length: length for length in WINDOW_LENGTHS}
TrendKey = tuple[int, str, int, int, int]  # due, brand, length, start, revision

_mention = decoder(Mention)
_alert = decoder(Alert)
_dead_letter = decoder(DeadLetter)
_change: Callable[[bytes], Change] = msgspec.msgpack.Decoder(Change).decode
_sums = msgspec.msgpack.Decoder(Sums).decode
_to_bytes = msgspec.msgpack.Encoder().encode


class Busy(Exception):
    """Another listener runs on this file."""


class WrongFile(Exception):
    """A file that is no database of this listener."""


class Store:
    """The file. One `Store` may write at a time (a lock that ends with its process); readers are free."""

    def __init__(self, path: Path, *, write: bool = True) -> None:
        self.path = path
        self._lock = lock_file(path) if write else None
        try:
            self._db = connect(path, write)
        except (sqlite3.DatabaseError, WrongFile) as error:
            self._unlock()
            raise WrongFile(f"{path}: {error}") from None
        self.commands = Commands(self._db)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

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
        self._db.close()

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

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All that is read herein is as it was at one moment, whatever is committed meanwhile."""
        self._db.execute("BEGIN")
        try:
            yield
        finally:
            self._db.execute("ROLLBACK")

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

    def state(self, prefix: str) -> dict[str, bytes]:
        """The parts whose names begin with `prefix`, without it."""
        return read_state(self._db, prefix)

    def seen(self) -> Iterator[Change]:
        """All that detect has seen, in its order."""
        for (change,) in self._db.execute("SELECT change FROM seen ORDER BY number"):
            yield _change(change)

    def counts(self) -> dict[str, int]:
        """How many rows each log has."""
        tables = ("mentions", "brand_mentions", "spoken", "alerts", "dead_letters")
        return {table: self._db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}  # noqa: S608 - our names

    def examples(self, alert: Alert) -> list[BrandMention]:
        """The mentions that weighed most in an alert, in their order."""
        posts = self.posts(alert)
        return [posts[id_] for id_ in alert.examples if id_ in posts]

    def posts(self, alert: Alert) -> dict[str, BrandMention]:
        """What is still there of the examples of an alert and of the posts in its evidence, by their ids."""
        judged = alert.judged
        if judged is None:
            return {}
        rows = self._db.execute(
            f"{BRAND_MENTIONS} WHERE brand = ? AND due >= ? AND due < ?",
            (alert.brand, to_ms(judged.start), to_ms(judged.end)),
        )
        ids = dict.fromkeys(posts_of(alert))
        return {id_: _brand_mention(brand, record, added) for id_, brand, record, added in rows if id_ in ids}

    def brand_mentions(self, positions: Collection[int]) -> Iterator[BrandMention]:
        """The brand mentions of the mentions at some positions of the log."""
        for position, *row in self._db.execute(f"SELECT position, {BRAND_MENTIONS.removeprefix('SELECT ')}"):
            if position in positions:
                yield _brand_mention(*row[1:])

    def matched(self) -> Iterator[Mention]:
        """The mentions that are about any brand, in the order of the log."""
        about = "SELECT position FROM brand_mentions"
        for (record,) in self._db.execute(f"SELECT record FROM mentions WHERE position IN ({about}) ORDER BY position"):  # noqa: S608 - nothing from outside
            yield _mention(record)

    def alerts(self) -> Iterator[Alert]:
        """All alert events in the order in which they were due."""
        for (record,) in self._db.execute("SELECT record FROM alerts ORDER BY due, brand, id, sequence"):
            yield _alert(record)

    def dead_letters(self) -> Iterator[DeadLetter]:
        """All dead letters, those of one source together and in their order."""
        for (record,) in self._db.execute("SELECT record FROM dead_letters ORDER BY source, number"):
            yield _dead_letter(record)

    def windows(self, length: int) -> Iterator[Spoken | Quiet]:
        """The windows of so many ms as they were told last: first those in which something was said.

        A window may come as quiet too that something was said about later.
        """
        for row in self._db.execute(
            "SELECT brand, length, start, max(revision), due, known, monitors, sums FROM spoken WHERE length = ? "
            "GROUP BY brand, length, start",
            (length,),
        ):
            yield _spoken_window(row)
        yield from map(_quiet_window, self._db.execute("SELECT * FROM quiet WHERE length = ? ORDER BY due", (length,)))

    def export(self, table: str) -> Iterator[bytes]:
        """The records of an output in the order (due, brand, kind, id, sequence)."""
        if table == "trends":
            for _, record in heapq.merge(self._spoken(), self._quiet(), key=lambda entry: entry[0]):
                yield record
            return
        if table == "brand_mentions":
            for _, *row in self._db.execute(f"{BRAND_MENTIONS} ORDER BY due, brand, id, version, position"):
                yield to_json(_brand_mention(*row))
            return
        order = {
            "alerts": "due, brand, id, sequence",
            "dead_letters": "source, number",
        }[table]
        for (record,) in self._db.execute(f"SELECT record FROM {table} ORDER BY {order}"):  # noqa: S608 - only names from above
            yield record

    def _spoken(self) -> Iterator[tuple[TrendKey, bytes]]:
        for row in self._db.execute("SELECT * FROM spoken ORDER BY due, brand, length, start, revision"):
            window = _spoken_window(row)
            for trend in window.trends():
                yield (window.due, window.brand, row[1], window.start, window.revision), to_json(trend)

    def _quiet(self) -> Iterator[tuple[TrendKey, bytes]]:
        rows = self._db.execute("SELECT * FROM quiet ORDER BY due, length")
        for due, together in groupby(rows, key=lambda row: row[2]):
            trends = [(row[0], row[1], trend) for row in together for trend in _quiet_window(row).trends()]
            yield from sorted(((due, t.brand, length, start, 0), to_json(t)) for length, start, t in trends)


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


def _brand_mention_row(entry: tuple[int, BrandMention]) -> tuple[Any, ...]:
    """What we added to the mention; the mention itself is in the log."""
    position, found = entry
    mention = found.mention
    due = to_ms(mention.ingested_at or mention.created_at)
    return found.brand, due, mention.id, mention.version, position, added_by(found)


def _brand_mention(brand: str, record: bytes, added: bytes) -> BrandMention:
    return read_added(added).to(_mention(record), brand)


def _spoken_row(window: Spoken) -> tuple[Any, ...]:
    brand, length, start, revision, due, known, monitors, sums = window
    return brand, length.length, start, revision, due, known, " ".join(monitors), _to_bytes(sums)


def _spoken_window(row: tuple[Any, ...]) -> Spoken:
    brand, length, start, revision, due, known, monitors, sums = row
    return Spoken(brand, LENGTHS[length], start, revision, due, known, tuple(monitors.split()), _sums(sums))


def _quiet_window(row: tuple[Any, ...]) -> Quiet:
    length, start, due, known, monitors, brands = row
    return Quiet(LENGTHS[length], start, due, known, tuple(monitors.split()), tuple(brands.split()))
