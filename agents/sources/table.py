"""The rows of a CSV file: any of the usual delimiters, quoted line breaks, and quotes that were never closed."""

import csv
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from agents.sources.lines import CannotRead, Line
from schemas.dead_letter import DeadLetter

DELIMITERS = ",;\t|"
MOST_LINES = 200  # of one row: a quote open for longer was never meant to be


class Row(NamedTuple):
    """One row: its first line's number, its bytes, its cells by column."""

    number: int
    raw: bytes
    cells: dict[str, str]


class Table:
    """Reads rows from lines. A row that does not fit the header is a dead letter, and reading goes on at the next line.

    So a quote that is never closed costs its own line and no other.
    """

    def __init__(self, lines: Iterator[Line | DeadLetter], source: str, delimiter: str | None = None) -> None:
        self._lines = lines
        self._source = source
        self._ahead: deque[Line | DeadLetter] = deque()
        self._letters: list[DeadLetter] = []
        header = self._first_line()
        self.delimiter = delimiter or guess_delimiter(header.raw)
        self.columns = [name.strip() for name in self._cells(header.raw) or []]
        if len(self.columns) < 2:
            raise CannotRead(f"{source}: the header has one column only ({header.raw[:60]!r}); set delimiter")
        if len(set(self.columns)) != len(self.columns):
            twice = sorted({name for name in self.columns if self.columns.count(name) > 1})
            raise CannotRead(f"{source}: the header names {', '.join(map(repr, twice))} twice")

    def _first_line(self) -> Line:
        for line in self._lines:
            if isinstance(line, Line):
                return line
            self._letters.append(line)
        raise CannotRead(f"{self._source}: is empty")

    def __iter__(self) -> Iterator[Row | DeadLetter]:
        yield from self._letters
        while (line := self._next()) is not None:
            yield self._row(line) if isinstance(line, Line) else line

    def _next(self) -> Line | DeadLetter | None:
        return self._ahead.popleft() if self._ahead else next(self._lines, None)

    def _row(self, first: Line) -> Row | DeadLetter:
        taken: list[Line] = [first]
        raw = first.raw
        while raw.count(b'"') % 2 and len(taken) < MOST_LINES:
            line = self._next()
            if not isinstance(line, Line):
                if line is not None:
                    self._ahead.appendleft(line)
                break
            taken.append(line)
            raw += b"\n" + line.raw
        cells = self._cells(raw)
        if cells is not None and len(cells) == len(self.columns):
            return Row(first.number, raw, dict(zip(self.columns, cells, strict=True)))
        self._ahead.extendleft(reversed(taken[1:]))
        return DeadLetter.of(self._source, first.number, self._why(first.raw), first.raw)

    def _why(self, raw: bytes) -> str:
        if raw.count(b'"') % 2:
            return "a quote is opened and never closed"
        cells = self._cells(raw)
        if cells is None:
            return "not UTF-8" if _text(raw) is None else "not a row of CSV"
        return f"the row has {len(cells)} cells, the header {len(self.columns)}"

    def _cells(self, raw: bytes) -> list[str] | None:
        text = _text(raw)
        if text is None:
            return None
        try:
            return next(csv.reader(text.splitlines(keepends=True), delimiter=self.delimiter), None)
        except csv.Error:
            return None


def guess_delimiter(header: bytes) -> str:
    """The commonest of the usual delimiters in the header."""
    return max(DELIMITERS, key=lambda delimiter: header.count(delimiter.encode()))


def _text(raw: bytes) -> str | None:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return None
