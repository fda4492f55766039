"""`listener backtest --counts`: a table of counts becomes the same with scores, or one line says what is wrong."""

import csv
import gzip
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from agents.cli import app
from listener.bursts import Bursts
from schemas.times import MINUTE, from_ms

STEP = 5 * MINUTE
START = 1_767_571_200_000  # Monday, 2026-01-05 00:00 UTC
HEADER = "timestamp,value"


def at(bin_: int) -> str:
    return f"{from_ms(START + bin_ * STEP):%Y-%m-%d %H:%M:%S}"


def backtest(folder: Path, lines: list[str], *options: str) -> Result:
    (folder / "counts.csv").write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    command = ["backtest", "--counts", str(folder / "counts.csv"), "--out", str(folder / "scores.csv"), *options]
    return CliRunner().invoke(app, command)


def written(folder: Path) -> list[list[str]]:
    with (folder / "scores.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_each_row_has_its_score_in_the_same_order(tmp_path: Path) -> None:
    counts = [3 + bin_ % 4 for bin_ in range(600)] + [90]
    assert backtest(tmp_path, [HEADER, *(f"{at(bin_)},{count}" for bin_, count in enumerate(counts))]).exit_code == 0
    header, *rows = written(tmp_path)
    bursts = Bursts(STEP)
    assert header == ["timestamp", "value", "anomaly_score"]
    assert rows == [
        [at(bin_), str(count), f"{bursts.judge(START + bin_ * STEP, count):.6f}"] for bin_, count in enumerate(counts)
    ]
    assert float(rows[-1][2]) > 0.5


def test_what_is_written_stays_as_it_was_written(tmp_path: Path) -> None:
    rows = ["a,2026-01-05T00:00:00+02:00,3.0", "b,2026-01-05T00:05:00+02:00,4"]
    assert backtest(tmp_path, ["id,timestamp,value", *rows]).exit_code == 0
    assert [row[:2] for row in written(tmp_path)[1:]] == [row.split(",")[1:] for row in rows]


def test_a_packed_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "counts.csv.gz").write_bytes(gzip.compress(f"{HEADER}\n{at(0)},1\n".encode()))
    command = ["backtest", "--counts", str(tmp_path / "counts.csv.gz"), "--out", str(tmp_path / "scores.csv")]
    assert CliRunner().invoke(app, command).exit_code == 0
    assert written(tmp_path)[1:] == [[at(0), "1", "0.000000"]]


def test_rows_an_hour_apart_are_judged_too(tmp_path: Path) -> None:
    lines = [f"{at(hour * 12)},{20 + hour % 7 if hour != 400 else 900}" for hour in range(401)]
    assert backtest(tmp_path, [HEADER, *lines]).exit_code == 0
    assert float(written(tmp_path)[-1][2]) > 0.5


BAD: dict[str, tuple[list[str], str]] = {
    "no rows": ([HEADER], "there are no rows"),
    "an empty file": ([], "line 1: there is no column timestamp and no value"),
    "no column": (["timestamp,count", f"{at(0)},1"], "line 1: there is no column value"),
    "a cell too few": ([HEADER, at(0)], "line 2: the row has 1 cells, the header 2"),
    "no time": ([HEADER, "soon,1"], "line 2: timestamp 'soon' is not a time"),
    "no number": ([HEADER, f"{at(0)},1", f"{at(1)},many"], "line 3: value 'many' is not a number"),
    "less than none": ([HEADER, f"{at(0)},-1"], "line 2: value '-1' is not a count"),
    "not finite": ([HEADER, f"{at(0)},nan"], "line 2: value 'nan' is not a count"),
    "out of order": ([HEADER, f"{at(5)},1", f"{at(6)},1", f"{at(4)},1"], "line 4: the time"),
    "repeated": ([HEADER, f"{at(0)},1", f"{at(1)},1", f"{at(1)},1"], "line 4: the time '2026-01-05 00:05:00' is there"),
    "too near": ([HEADER, f"{at(0)},1", f"{at(12)},1", f"{at(13)},1"], "line 4: 300 s after the row before it"),
    "too far apart": ([HEADER, f"{at(0)},1", f"{at(300)},1"], "line 3: 90000 s after the row before it"),
    "an open quote": ([HEADER, f'"{at(0)},1'], "line 2: unexpected end of data"),
}


@pytest.mark.parametrize(("lines", "told"), BAD.values(), ids=BAD)
def test_what_is_wrong_is_told_with_its_line_and_nothing_is_written(
    lines: list[str], told: str, tmp_path: Path
) -> None:
    result = backtest(tmp_path, lines)
    assert result.exit_code == 1
    assert told in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["counts.csv"]


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    (tmp_path / "counts.csv").write_bytes(b"timestamp,value\n\xff\xfe,1\n")
    command = ["backtest", "--counts", str(tmp_path / "counts.csv"), "--out", str(tmp_path / "scores.csv")]
    result = CliRunner().invoke(app, command)
    assert (result.exit_code, "this is not UTF-8" in result.stderr) == (1, True)


def test_a_step_may_be_given(tmp_path: Path) -> None:
    lines = [HEADER, f"{at(0)},1", f"{at(300)},1", f"{at(301)},1"]
    assert backtest(tmp_path, lines, "--every", "300").exit_code == 0


@pytest.mark.parametrize("every", ["0", "-5", "7200", "nan"])
def test_a_step_that_cannot_be_is_refused(every: str, tmp_path: Path) -> None:
    result = backtest(tmp_path, [HEADER, f"{at(0)},1"], "--every", every)
    assert result.exit_code == 2
    assert "--every" in result.stderr


def test_the_counts_are_not_overwritten(tmp_path: Path) -> None:
    counts = tmp_path / "counts.csv"
    counts.write_text(f"{HEADER}\n{at(0)},1\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["backtest", "--counts", str(counts), "--out", str(counts)])
    assert result.exit_code == 2
    assert counts.read_text(encoding="utf-8") == f"{HEADER}\n{at(0)},1\n"
