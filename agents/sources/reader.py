"""One file as mentions and dead letters: its format found out, its columns mapped."""

import csv
from collections.abc import Callable, Iterator
from itertools import chain, islice
from pathlib import PurePath

import orjson
from msgspec.structs import replace

from agents.calendars import zone_of
from agents.configuration import Source, flat_columns
from agents.sources.lines import CannotRead, Line, open_lines, read_lines
from agents.sources.table import Table, guess_delimiter
from listener.formats.canonical import check, from_json
from listener.formats.columns import NoColumns, RowReader, guess_columns
from listener.formats.foreign import read_object
from listener.formats.times import TimeReader
from schemas.dead_letter import DeadLetter
from schemas.deletion import Deletion
from schemas.mention import Mention
from schemas.record import BadRecord
from schemas.times import to_ms

CANONICAL = frozenset({"id", "text", "created_at"})
LOOKED_AT = 100  # lines of JSON, to find out how they are to be read: the first may be a bad one


class Reader:
    """Reads one path of a source. `now()` in ms is when a line is read: what is written later cannot be true."""

    def __init__(self, source: Source, path: str, now: Callable[[], int]) -> None:
        self.name = source.name or printable(PurePath(path).name if path != "-" else "stdin")
        self.path = path
        self._source = source
        self._now = now
        self._live = path == "-" or source.time == "ingested"
        self.stream = open_lines(path)
        try:
            self._begin(read_lines(self.stream, self.name, empty=True))
        except CannotRead:
            self.stream.close()
            raise

    def _begin(self, lines: Iterator[Line | DeadLetter]) -> None:
        first = next((line for line in lines if not _is_empty(line)), None)
        self._lines = chain([first] if first is not None else [], lines)
        self._columns = flat_columns(self._source.columns)
        self.format = self._source.format or _guess_format(self.path, first)
        if self.path == "-" and not self._source.format and not self._columns and not _is_header(first):
            self.format = "jsonl"  # what is piped in goes on for days: a bad first line must not end it
        self.guessed = False
        self._table: Table | None = None
        if self.format == "csv" and first is not None:
            self._table = Table(self._lines, self.name, self._source.delimiter)
            self._map(self._table.columns)
        elif not self._columns:
            self._guess_keys()
        self._rows = self._row_reader()

    def _map(self, names: list[str]) -> None:
        if not self._columns:
            try:
                self._columns = guess_columns(names)
            except NoColumns as error:
                raise CannotRead(f"{self.name}: {error}") from None
            self.guessed = True
        for field, column in self._columns.items():
            if column not in names:
                raise CannotRead(
                    f"{self.name}: columns.{field}: there is no column {column!r} among {', '.join(names)}"
                )

    def _guess_keys(self) -> None:
        """Find out from the first lines whether this is our own JSON, or which key is which field.

        What is live is asked no longer than until it says: its next line may be hours away.
        """
        live = self._live
        seen: list[Line | DeadLetter] = []
        names: dict[str, None] = {}
        problem = None
        for line in islice(self._lines, LOOKED_AT):
            seen.append(line)
            value = _object(line)
            if _is_ours(value):
                self._columns, problem = {}, None
                break
            names.update(dict.fromkeys(value))
            try:
                self._columns, problem = guess_columns(list(names)) if names else {}, None
            except NoColumns as error:
                problem = error
            if self._columns and live:
                break
        if problem is not None:
            raise CannotRead(f"{self.name}: {problem}")
        self.guessed = bool(self._columns)
        self._lines = chain(seen, self._lines)

    def _row_reader(self) -> RowReader:
        source = self._source
        prefix = source.id_prefix if source.id_prefix is not None else (source.platform and f"{source.platform}:")
        times = TimeReader(source.time_format, zone_of(source.zone))
        return RowReader(self._columns, prefix, source.platform, times)

    def describe(self) -> str:
        """What was made of the file, for people."""
        if not self._columns:
            return f"{self.name}: one mention of our own JSON a line"
        how = "guessed" if self.guessed else "as set"
        columns = ", ".join(f"{field} = {column}" for field, column in sorted(self._columns.items()))
        return f"{self.name}: {self.format}, columns {how}: {columns}; times without a zone are {self._source.zone}"

    def __iter__(self) -> Iterator[Mention | Deletion | DeadLetter]:
        return self._from_lines() if self._table is None else self._from_rows(self._table)

    def _from_lines(self) -> Iterator[Mention | Deletion | DeadLetter]:
        for line in self._lines:
            if isinstance(line, DeadLetter):
                yield line
            elif not _is_empty(line):
                try:
                    yield self._checked(self._mention(line.raw), line.number)
                except BadRecord as error:
                    yield DeadLetter.of(self.name, line.number, str(error), line.raw, error.fault)

    def _from_rows(self, table: Table) -> Iterator[Mention | Deletion | DeadLetter]:
        for row in table:
            if isinstance(row, DeadLetter):
                yield row
                continue
            try:
                yield self._checked(self._rows(row.cells, row.raw, dated=not self._live), row.lines[0].number)
            except BadRecord as error:
                yield table.refuse(row.lines, str(error), error.fault)

    def _checked(self, record: Mention | Deletion, number: int) -> Mention | Deletion:
        """An update in a file that does not say when it was made is later than what stands above it."""
        if isinstance(record, Deletion):
            return record
        if record.op == "update" and not self._live and not record.version and record.edited_at is None:
            record = replace(record, version=max(0, to_ms(record.created_at)) + number)
        return check(record, self._now())

    def _mention(self, raw: bytes) -> Mention | Deletion:
        if not self._columns:
            return from_json(raw, dated=not self._live)
        return self._rows(read_object(raw, most=None), raw, dated=not self._live)


def _guess_format(path: str, first: Line | DeadLetter | None) -> str:
    suffixes = [suffix for suffix in PurePath(path).suffixes if suffix != ".gz"]
    if suffixes and suffixes[-1] in (".csv", ".tsv"):
        return "csv"
    start = first.raw.lstrip()[:1] if first is not None else b""
    if start == b"[" and suffixes and suffixes[-1] == ".json":
        raise CannotRead(f"{path}: is one JSON array; write one object a line: jq -c '.[]'")
    return "jsonl" if start == b"{" or (suffixes and suffixes[-1] in (".jsonl", ".ndjson", ".json")) else "csv"


def _is_header(first: Line | DeadLetter | None) -> bool:
    if first is None:
        return False
    try:
        guess_columns(next(csv.reader([first.raw.decode()], delimiter=guess_delimiter(first.raw)), []))
    except (NoColumns, UnicodeDecodeError, csv.Error):
        return False
    return True


def printable(name: str) -> str:
    """A file's name need not be UTF-8, but records that carry it must."""
    return name.encode(errors="replace").decode()


def _is_empty(line: Line | DeadLetter) -> bool:
    return not isinstance(line, DeadLetter) and not line.raw.strip()


def _object(line: Line | DeadLetter) -> dict[str, object]:
    try:
        value = orjson.loads(line.raw)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}


def _is_ours(value: dict[str, object]) -> bool:
    return value.keys() >= CANONICAL or "record" in value or value.get("op") in ("update", "delete")
