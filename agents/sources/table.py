"""The rows of a CSV file: any of the usual delimiters, quoted line breaks, and quotes that were never closed."""

import csv
import re
from collections import deque
from collections.abc import Callable, Iterator
from typing import NamedTuple

from agents.sources.lines import CannotRead, Line
from schemas.dead_letter import DeadLetter
from schemas.record import Fault

DELIMITERS = ",;\t|"
MOST_LINES = 200  # of one row: a quote open for longer was never meant to be


class Row(NamedTuple):
    """One row: the lines it takes, its cells by column."""

    lines: list[Line]
    cells: dict[str, str]

    @property
    def raw(self) -> bytes:
        """Its bytes."""
        return b"\n".join(line.raw for line in self.lines)


class BadRow(ValueError):
    """Lines that are no row. The message says why."""


class Table:
    """Reads rows from lines. A row that does not fit the header is a dead letter, and reading goes on at the next line.

    So a quote that is never closed costs its own line and no other. In a row of one line quotes may stand anywhere;
    where they hold a row open over several lines, they must be right everywhere, or it would swallow other rows.
    """

    def __init__(self, lines: Iterator[Line | DeadLetter], source: str, delimiter: str | None = None) -> None:
        self._lines = lines
        self._source = source
        self._ahead: deque[Line | DeadLetter] = deque()
        self._letters: list[DeadLetter] = []
        header = self._first_line()
        self.delimiter = delimiter or guess_delimiter(header.raw)
        self._well_quoted = _well_quoted(self.delimiter)
        try:
            self.columns = [name.strip() for name in self._cells([header])]
        except BadRow as error:
            raise CannotRead(f"{source}: the header cannot be read: {error}") from None
        if len(self.columns) < 2:
            raise CannotRead(f"{source}: the header has one column only ({header.raw[:60]!r}); set delimiter")
        if len(set(self.columns)) != len(self.columns):
            twice = sorted({name for name in self.columns if self.columns.count(name) > 1})
            raise CannotRead(f"{source}: the header names {', '.join(map(repr, twice))} twice")

    def _first_line(self) -> Line:
        for line in self._lines:
            if not isinstance(line, Line):
                self._letters.append(line)
            elif line.raw.strip():
                return line
        why = f"nothing can be read: {self._letters[0].reason}" if self._letters else "is empty"
        raise CannotRead(f"{self._source}: {why}")

    def __iter__(self) -> Iterator[Row | DeadLetter]:
        yield from self._letters
        while (line := self._next()) is not None:
            if not isinstance(line, Line):
                yield line
            elif line.raw.strip():
                yield self._row(line)

    def _next(self) -> Line | DeadLetter | None:
        return self._ahead.popleft() if self._ahead else next(self._lines, None)

    def _row(self, first: Line) -> Row | DeadLetter:
        taken = [first]
        try:
            cells = self._cells(taken)
        except BadRow as reason:
            return self.refuse(taken, str(reason))
        if len(cells) != len(self.columns):
            return self.refuse(taken, f"the row has {len(cells)} cells, the header {len(self.columns)}")
        return Row(taken, dict(zip(self.columns, cells, strict=True)))

    def refuse(self, lines: list[Line], reason: str, fault: Fault = "unreadable") -> DeadLetter:
        """Set the first of these lines aside, and go on with the one after it."""
        self._ahead.extendleft(reversed(lines[1:]))
        return DeadLetter.of(self._source, lines[0].number, reason, lines[0].raw, fault)

    def _cells(self, taken: list[Line]) -> list[str]:
        """The cells of the row that begins with the line in `taken`; lines that it goes on over are added there."""
        text = _text(taken[0])
        try:
            cells = next(csv.reader(self._texts(text, taken), delimiter=self.delimiter), [])
        except csv.Error as error:
            raise BadRow(f"not a row of CSV: {error}") from None
        if len(taken) > 1 and not self._well_quoted("\n".join(line.raw.decode() for line in taken)):
            raise BadRow("a quote is opened and never closed")
        return cells

    def _texts(self, text: str, taken: list[Line]) -> Iterator[str]:
        """The lines of a row, one more each time that the last one left a quote open."""
        yield text + "\n"
        while len(taken) < MOST_LINES:
            line = self._next()
            if not isinstance(line, Line):
                if line is not None:
                    self._ahead.appendleft(line)
                break
            taken.append(line)
            try:
                text = _text(line)
            except BadRow:
                break
            yield text + "\n"
        raise BadRow("a quote is opened and never closed")


def guess_delimiter(header: bytes) -> str:
    """The commonest of the usual delimiters in the header."""
    return max(DELIMITERS, key=lambda delimiter: header.count(delimiter.encode()))


def _text(line: Line) -> str:
    try:
        return line.raw.decode()
    except UnicodeDecodeError as error:
        raise BadRow(f"not UTF-8: byte {error.start}") from None


def _well_quoted(delimiter: str) -> Callable[[str], object]:
    """Whether a row is quoted as RFC 4180 has it: cells with a quote in them are quoted whole."""
    sign = re.escape(delimiter)
    cell = rf'(?:"[^"]*+(?:""[^"]*+)*+"|[^"{sign}]*+)'
    return re.compile(rf"{cell}(?:{sign}{cell})*+").fullmatch
