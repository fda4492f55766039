"""One file as mentions and dead letters: its format found out, its columns mapped."""

from collections.abc import Iterator
from itertools import chain
from pathlib import PurePath
from zoneinfo import ZoneInfo

import orjson

from agents.configuration import Source, flat_columns
from agents.sources.lines import CannotRead, Line, open_lines, read_lines
from agents.sources.table import Row, Table
from listener.formats.canonical import check, from_json
from listener.formats.columns import NoColumns, RowReader, guess_columns
from listener.formats.times import TimeReader
from schemas.dead_letter import DeadLetter
from schemas.mention import Mention
from schemas.record import BadRecord

CANONICAL = frozenset({"id", "text", "created_at"})


class Reader:
    """Reads one path of a source. `now` in ms is when it is read: what is written later cannot be true."""

    def __init__(self, source: Source, path: str, now: int) -> None:
        self.name = source.name or (PurePath(path).name if path != "-" else "stdin")
        self.path = path
        self._source = source
        self._now = now
        self.stream = open_lines(path)
        lines = read_lines(self.stream, self.name)
        first = next(lines, None)
        self._lines = chain([first] if first is not None else [], lines)
        self.format = source.format or _guess_format(path, first)
        self._columns = flat_columns(source.columns)
        self.guessed = False
        self._table: Table | None = None
        if self.format == "csv" and first is not None:
            self._table = Table(self._lines, self.name, source.delimiter)
            self._map(self._table.columns)
        elif self._columns or not _is_canonical(first):
            self._map(_keys(first))
        self._rows = self._row_reader()

    def _map(self, names: list[str]) -> None:
        if not self._columns and names:
            try:
                self._columns = guess_columns(names)
            except NoColumns as error:
                raise CannotRead(f"{self.name}: {error}") from None
            self.guessed = True
        if self._table is None:
            return
        for field, column in self._columns.items():
            if column not in names:
                raise CannotRead(
                    f"{self.name}: columns.{field}: there is no column {column!r} among {', '.join(names)}"
                )

    def _row_reader(self) -> RowReader:
        source = self._source
        prefix = source.id_prefix if source.id_prefix is not None else (source.platform and f"{source.platform}:")
        times = TimeReader(source.time_format, ZoneInfo(source.zone))
        return RowReader(self._columns, prefix, source.platform, times)

    def describe(self) -> str:
        """What was made of the file, for people."""
        if not self._columns:
            return f"{self.name}: one mention of our own JSON a line"
        how = "guessed" if self.guessed else "as set"
        columns = ", ".join(f"{field} = {column}" for field, column in sorted(self._columns.items()))
        return f"{self.name}: {self.format}, columns {how}: {columns}; times without a zone are {self._source.zone}"

    def __iter__(self) -> Iterator[Mention | DeadLetter]:
        for row in self._table if self._table is not None else self._lines:
            if isinstance(row, DeadLetter):
                yield row
                continue
            try:
                yield check(self._mention(row), self._now)
            except BadRecord as error:
                yield DeadLetter.of(self.name, row.number, str(error), row.raw)

    def _mention(self, row: Line | Row) -> Mention:
        if isinstance(row, Row):
            return self._rows(row.cells, row.raw)
        if not self._columns:
            return from_json(row.raw)
        try:
            value = orjson.loads(row.raw)
        except orjson.JSONDecodeError as error:
            raise BadRecord(f"not JSON: {error}") from None
        if not isinstance(value, dict):
            raise BadRecord(f"not a JSON object but {type(value).__name__}")
        return self._rows(value, row.raw)


def _guess_format(path: str, first: Line | DeadLetter | None) -> str:
    suffixes = [suffix for suffix in PurePath(path).suffixes if suffix != ".gz"]
    if suffixes and suffixes[-1] in (".csv", ".tsv"):
        return "csv"
    start = first.raw.lstrip()[:1] if first is not None else b""
    if start == b"[" and suffixes and suffixes[-1] == ".json":
        raise CannotRead(f"{path}: is one JSON array; write one object a line: jq -c '.[]'")
    return "jsonl" if start == b"{" or (suffixes and suffixes[-1] in (".jsonl", ".ndjson", ".json")) else "csv"


def _keys(first: Line | DeadLetter | None) -> list[str]:
    try:
        value = orjson.loads(first.raw) if first is not None else None
    except orjson.JSONDecodeError:
        return []
    return [key for key in value if isinstance(key, str)] if isinstance(value, dict) else []


def _is_canonical(first: Line | DeadLetter | None) -> bool:
    keys = _keys(first)
    return not keys or set(keys) >= CANONICAL
