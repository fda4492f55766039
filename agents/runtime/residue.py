"""Whether words are left in the bytes of files: also where no table leads to them any more."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ahocorasick_rs import BytesAhoCorasick

from schemas.record import to_json

PIECE = 32  # bytes: a text may lie across the pages of a file, and is found by what lies within one
SHORTEST = 6  # shorter pieces stand in much that is not meant
CHUNK = 16 << 20


class Words:
    """Texts, cut into pieces, to be counted in bytes. JSON holds them as `to_json` writes them.

    Pieces with fewer than `least` bytes are left out.
    """

    def __init__(self, texts: Iterable[str], least: int = SHORTEST) -> None:
        self.pieces = sorted({piece for text in texts for piece in _pieces(text) if len(piece) >= least})
        self._find = BytesAhoCorasick(self.pieces) if self.pieces else None

    def count(self, values: Iterable[bytes]) -> Counter[int]:
        """How often each piece stands in some values, by its number."""
        found: Counter[int] = Counter()
        if self._find is not None:
            for value in values:
                found.update(number for number, _, _ in self._find.find_matches_as_indexes(value, overlapping=True))
        return found

    def count_in_files(self, files: Iterable[Path]) -> Counter[int]:
        """How often each piece stands in some files."""
        found: Counter[int] = Counter()
        if self._find is None:
            return found
        for file in files:
            for chunk, end in _chunks(file):
                matches = self._find.find_matches_as_indexes(chunk, overlapping=True)
                found.update(number for number, start, _ in matches if start < end)
        return found


def texts_of(record: object) -> Iterator[str]:
    """All that is said in a record that is plain data."""
    if isinstance(record, str):
        yield record
    elif isinstance(record, dict):
        for value in record.values():
            yield from texts_of(value)
    elif isinstance(record, list | tuple):
        for value in record:
            yield from texts_of(value)


def files_of(database: Path) -> list[Path]:
    """A database and all that lies beside it under its name."""
    path = database.resolve()
    return sorted(file for file in path.parent.glob(f"{_escaped(path.name)}*") if file.is_file())


def _escaped(name: str) -> str:
    return "".join(f"[{character}]" if character in "*?[" else character for character in name)


def _pieces(text: str) -> Iterator[bytes]:
    whole = to_json(text)[1:-1]
    return (whole[start : start + PIECE] for start in range(0, len(whole), PIECE))


def _chunks(file: Path) -> Iterator[tuple[Any, int]]:
    """A file in chunks that overlap by a piece, and where the matches of each must begin before."""
    overlap = PIECE - 1
    with file.open("rb") as opened:
        chunk = opened.read(CHUNK)
        while more := opened.read(CHUNK):
            yield chunk + more[:overlap], len(chunk)
            chunk = more
        yield chunk, len(chunk)
