"""What people want done with alerts, in the database: an inbox that any process may write into, and receipts.

The runtime that holds the lock takes commands out of the inbox and writes their receipts in one transaction with all
that comes of them.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from schemas.command import Command
from schemas.receipt import Receipt
from schemas.record import decoder, to_json

_receipt = decoder(Receipt)


class Waiting(NamedTuple):
    """A command in the inbox, as it was written."""

    number: int
    raw: bytes


class Commands:
    """The two tables of an open database. What is changed is changed in whatever transaction there is."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def waiting(self) -> list[Waiting]:
        """What nobody has taken yet, in its order."""
        return [Waiting(*row) for row in self._db.execute("SELECT number, record FROM inbox ORDER BY number")]

    def taken(self, through: int) -> None:
        """All up to a number was taken."""
        self._db.execute("DELETE FROM inbox WHERE number <= ?", (through,))

    def add_receipts(self, receipts: Iterable[Receipt]) -> None:
        """Add what came of commands."""
        rows = ((one.command.id, one.command.brand, to_json(one)) for one in receipts)
        self._db.executemany("INSERT INTO receipts (id, brand, record) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", rows)

    def receipts(self) -> Iterator[Receipt]:
        """All receipts, in the order of the log."""
        for (record,) in self._db.execute("SELECT record FROM receipts ORDER BY number"):
            yield _receipt(record)


def leave(database: Path, commands: Iterable[Command]) -> None:
    """Put commands into the inbox of a database that another process may run on: all of them or none."""
    address = f"{database.resolve().as_uri()}?mode=rw"
    with closing(sqlite3.connect(address, uri=True, timeout=10)) as db, db:
        db.executemany("INSERT INTO inbox (record) VALUES (?)", [(to_json(command),) for command in commands])
