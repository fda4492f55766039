"""A folder in which files appear: each is read once it is whole, in the order of their age."""

import asyncio
import time
from collections.abc import Callable, Iterator
from hashlib import blake2b
from itertools import islice
from os import stat_result
from pathlib import Path

from msgspec.structs import force_setattr, replace

from agents.configuration import Source
from agents.sources.connection import Cursor, Ear, Heard
from agents.sources.lines import CannotRead
from agents.sources.reader import Reader, printable
from listener.plural import many
from schemas.dead_letter import DeadLetter
from schemas.mention import Mention

POLL_SECONDS = 1.0
SETTLED_SECONDS = 2.0  # without a change: written to its end, if that is the end of a line
ABANDONED_SECONDS = 30.0  # without a change: whole, whatever its end looks like
BATCH = 500
UNFINISHED = (".tmp", ".part", ".partial", ".swp", ".crdownload", "~")


class WatchedFolder:
    """Files of JSON lines or CSV, plain or gzip; hidden ones and those that end like `.tmp` are left alone.

    One that is moved in is read after two seconds, one that is still written two seconds after its last change. A file
    that changes after that is read again, and what it repeats is dropped. What was there when the folder was watched
    for the first time is backfill. Files may be taken away once they are read, and should be: each adds to the cursor.
    """

    patience = None
    certain = True

    def __init__(self, name: str, source: Source, path: Path, now: Callable[[], int]) -> None:
        self.name = name
        self._source = source
        self._path = path
        self._now = now
        self._seen: dict[str, tuple[str, float]] = {}  # what each file looked like, and since when

    async def reach(self) -> str:
        """Whether the folder can be read."""
        return f"{self._path}: watched, {many(sum(1 for _ in self._files()), 'file')} there"

    async def listen(self, cursor: Cursor, ear: Ear) -> None:
        """Watch it for ever."""
        done: dict[str, None] = dict.fromkeys(cursor["done"]) if cursor else {}
        begun = bool(cursor and cursor["begun"])
        within = (cursor["file"], cursor["read"]) if cursor else ("", 0)
        ear.listening(since=0 if cursor else None)
        while True:
            waits = False
            there = list(self._files())
            for path, look, found in there:
                if look in done:
                    continue
                if not self._is_whole(path, look, found):
                    waits = True
                    continue
                await self._read(path, look, within, done, ear, backfill=not begun)
            done = {look: None for _, look, _ in there if look in done}
            if not waits:
                begun = True
                await ear.take((), self._cursor(done, "", 0, begun=True), self._now())
            await asyncio.sleep(POLL_SECONDS)

    def _files(self) -> Iterator[tuple[Path, str, stat_result]]:
        """The files there, the oldest first, with what they look like. Raise OSError where there is no such folder."""
        found = []
        for path in self._path.iterdir():
            try:
                if path.is_file() and not path.name.startswith(".") and not path.name.endswith(UNFINISHED):
                    found.append((path.stat(), path))
            except FileNotFoundError:  # taken away meanwhile
                continue
        for told, path in sorted(found, key=lambda entry: (entry[0].st_mtime_ns, entry[1].name)):
            if told.st_size == 0:  # it was made, and is going to be written
                continue
            what = f"{printable(path.name)}\n{told.st_size}\n{told.st_mtime_ns}".encode()
            yield path, blake2b(what, digest_size=8).hexdigest(), told

    def _is_whole(self, path: Path, look: str, found: stat_result) -> bool:
        before, since = self._seen.get(path.name, ("", 0.0))
        if before != look:
            self._seen[path.name] = look, time.monotonic()
            return False
        waited = time.monotonic() - since
        return waited >= (SETTLED_SECONDS if _ends_well(path, found.st_size) else ABANDONED_SECONDS)

    async def _read(
        self, path: Path, look: str, within: tuple[str, int], done: dict[str, None], ear: Ear, *, backfill: bool
    ) -> None:
        """Hand over a file's records, from the one on that the cursor points to."""
        count = within[1] if within[0] == look else 0
        records = islice(self._records(path), count, None)
        ear.tell(f"reading {printable(path.name)}")
        while batch := list(islice(records, BATCH)):
            if backfill:
                for record in batch:
                    if isinstance(record, Mention):
                        force_setattr(record, "backfill", True)  # noqa: FBT003 - its value
            count += len(batch)
            await ear.take(batch, self._cursor(done, look, count, begun=not backfill), 0)
            await asyncio.sleep(0)
        done[look] = None
        self._seen.pop(path.name, None)
        await ear.take((), self._cursor(done, "", 0, begun=not backfill), 0)
        ear.tell("listening")

    def _cursor(self, done: dict[str, None], file: str, read: int, *, begun: bool) -> Cursor:
        return {"done": list(done), "file": file, "read": read, "begun": begun}

    def _records(self, path: Path) -> Iterator[Heard]:
        name = f"{self.name}/{printable(path.name)}"
        try:
            reader = Reader(replace(self._source, name=name), str(path), self._now)
        except CannotRead as error:
            yield DeadLetter.of(name, 0, str(error), b"", "unreadable")
            return
        with reader.stream:
            yield from reader


def _ends_well(path: Path, size: int) -> bool:
    """Whether its last line is ended; packed ones show nothing. One that cannot be read will not change that."""
    try:
        with path.open("rb") as file:
            if path.suffix == ".gz":
                return True
            file.seek(size - 1)
            return file.read(1) in b"\r\n"
    except OSError:
        return True
