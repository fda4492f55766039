"""Whole lines out of a file that may still be written: where reading is, and what is there beyond it."""

import os
from hashlib import blake2b
from typing import BinaryIO, NamedTuple

from agents.sources.lines import LONGEST_LINE, UTF8_BOM, Line
from schemas.dead_letter import DeadLetter

BATCH_BYTES = 256 * 1024
HEAD_BYTES = 256  # by which a file is known again, beside its number


class Place(NamedTuple):
    """Where reading is: the file's number, the bytes and lines before, and a hash of its first bytes.

    `skips` while it is in the middle of a line that is too long.
    """

    inode: int = 0
    offset: int = 0
    line: int = 0
    head: str = ""
    skips: bool = False


def place_in(file: BinaryIO, place: Place) -> Place:
    """The place where to go on in a file: its beginning if it is another file, or was cut, or written anew."""
    found = os.fstat(file.fileno())
    if found.st_ino != place.inode or found.st_size < place.offset or _head(file, place.offset) != place.head:
        return Place(found.st_ino, head=_head(file, 0))
    return place


def read_on(file: BinaryIO, place: Place, source: str, *, whole: bool) -> tuple[list[Line | DeadLetter], Place]:
    """Some lines from a place on, and the place after them: the same if there are none.

    A line without an end is left for later, unless the file is `whole`. One that is too long is a dead letter.
    """
    file.seek(place.offset)
    chunk = file.read(BATCH_BYTES)
    if len(chunk) == BATCH_BYTES and b"\n" not in chunk:
        chunk += file.read(LONGEST_LINE + 1 - BATCH_BYTES)
    lines: list[Line | DeadLetter] = []
    number = place.line
    start, end = 0, chunk.rfind(b"\n") + 1
    skips = place.skips
    if skips:
        start = chunk.find(b"\n") + 1 or len(chunk)
        skips, end = not end, max(end, start)
    elif not end and len(chunk) > LONGEST_LINE:
        reason = f"the line has more than {LONGEST_LINE:,} bytes"
        number, start, end, skips = number + 1, len(chunk), len(chunk), True
        lines.append(DeadLetter.of(source, number, reason, chunk, "unreadable"))
    elif not end and whole:
        end = len(chunk)
    for raw in chunk[start:end].removesuffix(b"\n").split(b"\n") if end > start else ():
        number += 1
        lines.append(Line(number, (raw.removeprefix(UTF8_BOM) if number == 1 else raw).rstrip(b"\r")))
    if end == 0:
        return [], place
    offset = place.offset + end
    return lines, Place(place.inode, offset, number, _head(file, offset), skips)


def _head(file: BinaryIO, offset: int) -> str:
    return blake2b(os.pread(file.fileno(), min(offset, HEAD_BYTES), 0), digest_size=8).hexdigest()
