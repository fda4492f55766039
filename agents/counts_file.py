"""A file of counts: each row gets the score that it had when it came."""

import csv
from collections.abc import Iterator, Sequence
from io import TextIOWrapper
from itertools import chain, islice, pairwise
from math import isfinite
from pathlib import Path
from typing import NamedTuple

from agents.configuration import WrongSettings
from agents.sources.lines import CannotRead, open_lines
from listener.bursts import Bursts
from listener.formats.times import BadTime, TimeReader
from schemas.times import HOUR, MINUTE, SECOND, to_ms

COLUMNS = ("timestamp", "value")
SCORE = "anomaly_score"
USUAL_STEP = 5 * MINUTE  # of a file with a single row
LONGEST_STEP = HOUR  # the normal is learned by the hour


class Row(NamedTuple):
    """A row as it is written, and read: `start` in ms."""

    line: int
    written: tuple[str, str]
    start: int
    value: float


def score_file(counts: Path, out: Path, every: float | None = None) -> None:
    """Write `out`: the rows of `counts` in their order, each with its score. `every` = seconds that a row stands for.

    `out` appears when all is written. Raise CannotRead with the line for what is wrong, WrongSettings for options.
    """
    if every is not None and not SECOND <= every * SECOND <= LONGEST_STEP:
        raise WrongSettings(f"--every {every:g}: it is between 1 and {LONGEST_STEP // SECOND} seconds")
    if out.exists() and out.samefile(counts):
        raise WrongSettings(f"--out {out}: that is the file of the counts; name another")
    part = out.with_name(out.name + ".part")
    try:
        with TextIOWrapper(open_lines(str(counts)), encoding="utf-8-sig", newline="") as lines:
            rows = in_order(read_rows(lines, str(counts)), str(counts))
            first = list(islice(rows, 2))
            if not first:
                raise CannotRead(f"{counts}: there are no rows")
            bursts = Bursts(_step(first, str(counts)) if every is None else round(every * SECOND))
            with part.open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow((*COLUMNS, SCORE))
                for row in not_too_near(chain(first, rows), bursts.step, str(counts)):
                    writer.writerow((*row.written, f"{bursts.judge(row.start, row.value):.6f}"))
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)


def read_rows(lines: Iterator[str], path: str) -> Iterator[Row]:
    """The rows of a table with the columns timestamp and value; others are left out. Raise CannotRead."""
    reader = csv.reader(lines, strict=True)
    read_time = TimeReader()
    try:
        header = [name.strip() for name in next(reader, [])]
        missing = [name for name in COLUMNS if name not in header]
        if missing:
            raise CannotRead(f"{path}: line 1: there is no column {' and no '.join(missing)}")
        places = [header.index(name) for name in COLUMNS]
        for cells in reader:
            if cells:
                yield _row(cells, places, len(header), reader.line_num, read_time)
    except csv.Error as error:
        raise CannotRead(f"{path}: line {reader.line_num}: {error}") from None
    except UnicodeDecodeError:
        raise CannotRead(f"{path}: after line {reader.line_num}: this is not UTF-8") from None
    except (EOFError, OSError) as error:
        raise CannotRead(f"{path}: after line {reader.line_num}: {error}") from None


def _row(cells: Sequence[str], places: Sequence[int], width: int, line: int, read_time: TimeReader) -> Row:
    if len(cells) != width:
        raise csv.Error(f"the row has {len(cells)} cells, the header {width}")
    timestamp, value = (cells[place] for place in places)
    try:
        count = float(value)
    except ValueError:
        raise csv.Error(f"value {value[:40]!r} is not a number") from None
    if not isfinite(count) or count < 0:
        raise csv.Error(f"value {value[:40]!r} is not a count: it is 0 or more")
    try:
        start = to_ms(read_time(timestamp))
    except BadTime:
        raise csv.Error(f"timestamp {timestamp[:40]!r} is not a time like 2026-01-05T14:05:00Z") from None
    return Row(line, (timestamp, value), start, count)


def in_order(rows: Iterator[Row], path: str) -> Iterator[Row]:
    """The rows, if each is later than the one before it. Raise CannotRead."""
    last = None
    for row in rows:
        if last is not None and row.start <= last.start:
            what = "is there twice" if row.start == last.start else f"is earlier than that of line {last.line}"
            raise CannotRead(f"{path}: line {row.line}: the time {row.written[0]!r} {what}; sort the rows by time")
        last = row
        yield row


def not_too_near(rows: Iterator[Row], step: int, path: str) -> Iterator[Row]:
    """The rows, if none is nearer to the one before it than half of what a row stands for. Raise CannotRead."""
    first = next(rows)
    yield first
    for before, row in pairwise(chain([first], rows)):
        apart = row.start - before.start
        if apart * 2 < step:
            raise CannotRead(
                f"{path}: line {row.line}: {apart / SECOND:g} s after the row before it, but a row stands for "
                f"{step / SECOND:g} s: give --every SECONDS"
            )
        yield row


def _step(first: Sequence[Row], path: str) -> int:
    if len(first) < 2:
        return USUAL_STEP
    step = first[1].start - first[0].start
    if not SECOND <= step <= LONGEST_STEP:
        raise CannotRead(
            f"{path}: line {first[1].line}: {step / SECOND:g} s after the row before it; rows are between a second and "
            "an hour apart. Give --every SECONDS if there is a gap"
        )
    return step
