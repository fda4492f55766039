"""What lies in the SQLite file of the embedded service, read again: for whoever only reads, and for the writer."""

import heapq
import sqlite3
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any, Self

import msgspec

from agents.runtime.added import read_added
from agents.runtime.commands import Commands
from agents.runtime.database import WrongFile, connect, read_state
from listener.alerts.evidence import posts_of
from listener.borrowed import HourHeard
from listener.threads import Change
from listener.trends import Quiet, Spoken
from listener.windows import LENGTHS as WINDOW_LENGTHS
from listener.windows import Sums, total
from schemas.alert import Alert
from schemas.brand_mention import BrandMention
from schemas.dead_letter import DeadLetter
from schemas.mention import Mention
from schemas.record import decoder, to_json
from schemas.times import HOUR

BRAND_MENTIONS = "SELECT id, brand, record, found FROM brand_mentions JOIN mentions USING (position)"
LENGTHS = {length.length: length for length in WINDOW_LENGTHS}
TrendKey = tuple[int, str, int, int, int]  # due, brand, length, start, revision

_mention = decoder(Mention)
_alert = decoder(Alert)
_dead_letter = decoder(DeadLetter)
_change: Callable[[bytes], Change] = msgspec.msgpack.Decoder(Change).decode
_sums = msgspec.msgpack.Decoder(Sums).decode


class Records:
    """The file as one may read it while a `Store` of another process writes it. Raise WrongFile where it is none."""

    def __init__(self, path: Path) -> None:
        self._open(path, write=False)

    def _open(self, path: Path, *, write: bool) -> None:
        self.path = path
        try:
            self._db = connect(path, write)
        except (sqlite3.DatabaseError, WrongFile) as error:
            raise WrongFile(f"{path}: {error}") from None
        self.commands = Commands(self._db)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All that is read herein is as it was at one moment, whatever is committed meanwhile."""
        self._db.execute("BEGIN")
        try:
            yield
        finally:
            self._db.execute("ROLLBACK")

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
        return posts_in(self._db, alert)

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

    def hours(self, brands: Collection[str], since: int) -> dict[str, list[HourHeard]]:
        """The closed hours of brands from `since` (ms) on, oldest first, as they were told last."""
        if not brands:
            return {}
        found: dict[str, dict[int, HourHeard]] = {brand: {} for brand in brands}
        for start, known, told in self._db.execute(
            "SELECT start, known, brands FROM quiet WHERE length = ? AND start >= ?", (HOUR, since)
        ):
            for brand in found.keys() & told.split():
                found[brand][start] = HourHeard(start // HOUR, 0, known)
        for brand, hours in found.items():
            for row in self._db.execute(
                "SELECT brand, length, start, max(revision), due, known, monitors, sums FROM spoken "
                "WHERE brand = ? AND length = ? AND start >= ? GROUP BY brand, length, start",
                (brand, HOUR, since),
            ):
                window = _spoken_window(row)
                mentions = total(window.sums).get("mentions", 0)
                hours[window.start] = HourHeard(window.start // HOUR, mentions, window.known)
        return {brand: [hours[start] for start in sorted(hours)] for brand, hours in found.items()}

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


def posts_in(database: sqlite3.Connection, alert: Alert) -> dict[str, BrandMention]:
    """What a database still has of the examples of an alert and of the posts in its evidence, by their ids."""
    found: dict[str, BrandMention] = {}
    for id_ in posts_of(alert):
        for _, *row in database.execute(
            f"{BRAND_MENTIONS} WHERE id = ? AND brand = ? ORDER BY version", (id_, alert.brand)
        ):
            found[id_] = _brand_mention(*row)
    return found


def _brand_mention(brand: str, record: bytes, added: bytes) -> BrandMention:
    return read_added(added).to(_mention(record), brand)


def _spoken_window(row: tuple[Any, ...]) -> Spoken:
    brand, length, start, revision, due, known, monitors, sums = row
    return Spoken(brand, LENGTHS[length], start, revision, due, known, tuple(monitors.split()), _sums(sums))


def _quiet_window(row: tuple[Any, ...]) -> Quiet:
    length, start, due, known, monitors, brands = row
    return Quiet(LENGTHS[length], start, due, known, tuple(monitors.split()), tuple(brands.split()))
