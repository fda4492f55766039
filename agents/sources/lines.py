"""The lines of a file or of standard input, plain or gzip, whatever is wrong with them."""

import gzip
import sys
import zlib
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from schemas.dead_letter import KEPT_BYTES, DeadLetter

LONGEST_LINE = 1 << 20
GZIP_MAGIC = b"\x1f\x8b"
UTF8_BOM = b"\xef\xbb\xbf"
UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")


class CannotRead(Exception):
    """A source of which nothing can be read. The message says why and what to do."""


class Line(NamedTuple):
    """One line without its end; `number` counts from 1."""

    number: int
    raw: bytes


def open_lines(path: str) -> BinaryIO:
    """The bytes of a file ("-" is standard input), unpacked if they are gzip. Raise CannotRead."""
    if path == "-":
        return sys.stdin.buffer
    try:
        stream = Path(path).open("rb")  # noqa: SIM115 - closed by whoever reads it
    except OSError as error:
        raise CannotRead(f"{path}: {error.strerror or error}") from None
    start = stream.read(3)
    stream.seek(0)
    if start[:2] in UTF16_BOMS:
        stream.close()
        raise CannotRead(f"{path}: is UTF-16; make it UTF-8: iconv -f UTF-16 -t UTF-8")
    if start[:2] == GZIP_MAGIC:
        return cast("BinaryIO", gzip.GzipFile(fileobj=stream))
    if start == UTF8_BOM:
        stream.seek(3)
    return stream


def read_lines(stream: BinaryIO, source: str) -> Iterator[Line | DeadLetter]:
    """All lines but empty ones. A line that is too long, or a gzip that breaks off, becomes a dead letter."""
    number = 0
    while True:
        number += 1
        try:
            raw = stream.readline(LONGEST_LINE + 1)
            if len(raw) > LONGEST_LINE:
                yield _too_long(stream, raw, source, number)
                continue
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            yield DeadLetter.of(source, number, f"the gzip breaks off here, nothing after it can be read: {error}", b"")
            return
        if not raw:
            return
        line = raw.rstrip(b"\r\n")
        if line.strip():
            yield Line(number, line)


def _too_long(stream: BinaryIO, start: bytes, source: str, number: int) -> DeadLetter:
    """Read on to the end of the line, keeping its beginning only."""
    digest, length, piece = sha256(start), len(start), start
    while piece and not piece.endswith(b"\n"):
        piece = stream.readline(LONGEST_LINE)
        digest.update(piece)
        length += len(piece)
    return DeadLetter(
        source=source,
        position=number,
        reason=f"the line has {length:,} bytes, more than {LONGEST_LINE:,}",
        raw=start[:KEPT_BYTES],
        length=length,
        sha256=digest.hexdigest(),
    )
