"""The lines of a file or of standard input, plain or gzip, whatever is wrong with them."""

import gzip
import os
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


class _Gzip(gzip.GzipFile):
    """Closes the file that it unpacks, too."""

    def __init__(self, packed: BinaryIO) -> None:
        super().__init__(fileobj=packed)
        self._packed = packed

    def close(self) -> None:
        super().close()
        self._packed.close()


def open_lines(path: str) -> BinaryIO:
    """The bytes of a file ("-" is standard input), unpacked if they are gzip. Raise CannotRead."""
    try:
        # Not sys.stdin: a thread that waits for its next line would hold it while the process ends, and abort it.
        stream = os.fdopen(os.dup(0), "rb") if path == "-" else Path(path).open("rb")  # noqa: SIM115 - the reader closes
    except OSError as error:
        raise CannotRead(f"{path}: {error.strerror or error}") from None
    return cast("BinaryIO", _Gzip(stream)) if stream.peek(2)[:2] == GZIP_MAGIC else stream


def read_lines(stream: BinaryIO, source: str, *, empty: bool = False) -> Iterator[Line | DeadLetter]:
    """All lines, empty ones if wanted. A line that is too long, or a gzip that breaks off, becomes a dead letter.

    Raise CannotRead at the first line if it is not UTF-8 but UTF-16.
    """
    number = 0
    while True:
        number += 1
        try:
            raw = stream.readline(LONGEST_LINE + 1)
            if number == 1 and raw[:2] in UTF16_BOMS:
                raise CannotRead(f"{source}: is UTF-16; make it UTF-8: iconv -f UTF-16 -t UTF-8")
            if len(raw) > LONGEST_LINE:
                yield _too_long(stream, raw, source, number)
                continue
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            reason = f"the gzip breaks off here, nothing after it can be read: {error}"
            yield DeadLetter.of(source, number, reason, b"", "unreadable")
            return
        if not raw:
            return
        line = (raw.removeprefix(UTF8_BOM) if number == 1 else raw).rstrip(b"\r\n")
        if empty or line.strip():
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
        fault="unreadable",
    )
