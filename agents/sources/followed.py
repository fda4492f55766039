"""A file that grows, followed by its name as `tail -F` does: rotated, cut, its last line half written."""

import asyncio
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from msgspec.structs import force_setattr

from agents.configuration import Source
from agents.sources.connection import Cursor, Ear, Heard
from agents.sources.growing import Place, place_in, read_on
from agents.sources.lines import Line
from agents.sources.objects import ObjectReader
from schemas.dead_letter import DeadLetter
from schemas.mention import Mention
from schemas.record import BadRecord

POLL_SECONDS = 0.2
GRACE = 5  # polls without a new byte in a file that was moved away, whose writer may not know it yet


class FollowedFile:
    """One JSON object a line. A line is read once its end is written, or its file has been moved away for a second.

    What was there when it was followed for the first time is backfill: nobody listened when it was written. A file
    that was moved away (`posts.jsonl.1`, `posts.jsonl-20250131`) is read to its end first, also if that happened while
    nobody listened. One that was cut is read from its beginning.
    """

    patience = None
    certain = True

    def __init__(self, name: str, source: Source, path: Path, now: Callable[[], int]) -> None:
        self.name = name
        self._path = path
        self._now = now
        self._read = ObjectReader(source)
        self._begun = False  # what was there at first has been read

    async def reach(self) -> str:
        """Whether the file is there; it may come later."""
        if _inode(self._path) is None:
            return f"{self._path}: not there yet, followed as soon as it is"
        with self._path.open("rb"):
            return f"{self._path}: followed"

    async def listen(self, cursor: Cursor, ear: Ear) -> None:
        """Follow it for ever."""
        place = Place(*cursor["place"]) if cursor else Place()
        self._begun = bool(cursor and cursor["begun"])
        ear.listening(since=0 if cursor else None)
        path = self._path_of(place.inode)
        while path is None:  # nothing is there yet, so nothing is missed
            await self._tell_end(place, ear)
            await asyncio.sleep(POLL_SECONDS)
            path = self._path_of(place.inode)
        while True:
            with path.open("rb") as file:
                place = place_in(file, place)
                place = await self._follow(file, place, ear)
            path = self._path_after(place.inode) or self._path
            place = Place()

    async def _follow(self, file: BinaryIO, place: Place, ear: Ear) -> Place:
        """Read a file as long as it is the one of our name, and then to its end."""
        quiet = 0
        while True:
            found = place_in(file, place)
            if found.offset < place.offset:
                ear.note(f"{self.name}: the file was cut, and is read from its beginning")
            place = await self._read_to_end(file, found, ear, whole=quiet >= GRACE)
            if quiet >= GRACE:
                return place
            moved = self._path_after(place.inode) is not None
            quiet = quiet + 1 if moved and place.offset == found.offset else 0
            if not moved:
                await self._tell_end(place, ear)
            await asyncio.sleep(POLL_SECONDS)

    async def _tell_end(self, place: Place, ear: Ear) -> None:
        """All is read, for now."""
        if not self._begun:
            self._begun = True
        await ear.take((), self._cursor(place), self._now())

    async def _read_to_end(self, file: BinaryIO, place: Place, ear: Ear, *, whole: bool) -> Place:
        while True:
            lines, after = read_on(file, place, self.name, whole=whole)
            if after == place:
                return place
            place = after
            await ear.take([self._heard(line) for line in lines if line.raw], self._cursor(place), 0)
            await asyncio.sleep(0)

    def _heard(self, line: Line | DeadLetter) -> Heard:
        if isinstance(line, DeadLetter):
            return line
        try:
            record = self._read(line.raw, self._now())
        except BadRecord as error:
            return DeadLetter.of(self.name, line.number, str(error), line.raw, error.fault)
        if not self._begun and isinstance(record, Mention):
            force_setattr(record, "backfill", True)  # noqa: FBT003 - its value
        return record

    def _cursor(self, place: Place) -> Cursor:
        return {"place": place, "begun": self._begun}

    def _files(self) -> list[Path]:
        """All files that had our name, the oldest first, and the one that has it, if any."""
        moved = re.compile(re.escape(self._path.name) + r"[.-]\d+")
        beside = [path for path in self._path.parent.iterdir() if moved.fullmatch(path.name)]
        ages = sorted((path.stat().st_mtime_ns, path.name, path) for path in beside)
        return [path for _, _, path in ages] + [self._path] * (_inode(self._path) is not None)

    def _path_of(self, inode: int) -> Path | None:
        """The file to begin with: the one that was read last, else that of our name."""
        files = self._files()
        return next((path for path in files if _inode(path) == inode), files[-1] if self._path in files else None)

    def _path_after(self, inode: int) -> Path | None:
        """The file that came after this one, None if it is the last."""
        if _inode(self._path) == inode:
            return None
        files = self._files()
        numbers = [_inode(path) for path in files]
        later = files[numbers.index(inode) + 1 :] if inode in numbers else files[-1:] * (self._path in files)
        return later[0] if later else None


def _inode(path: Path) -> int | None:
    try:
        return os.stat(path).st_ino  # noqa: PTH116 - half the time of path.stat, each poll
    except FileNotFoundError:
        return None
