"""Counts of tweets about five brands with fifteen labelled windows (NAB, realTweets), through `listener backtest`.

The threshold of a brand is the best of the four others (standard profile); the scorer is not ours
(`../shared/bench/nab_score.py`). NAB scores a row at a time: an alarm within a window counts once, the earlier the
better; each one outside costs .37 points of the standard profile, a window without any 6.7.

What was tuned on these five brands is told in docs/benchmarks.md. The interval is of resampled weeks of single brands,
thresholds fixed: how much of the figure is the luck of what happened in those eight weeks.
"""

import importlib.util
import subprocess
import sys
import tarfile
from collections.abc import Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

from tests.bench._report import ROOT, arguments, finish, head, module, table

SERIES, ROWS = "nab_realtweets", "data_realTweets.tar.xz"
WEEK = 7 * 288  # rows
RESAMPLES = 2_000
FIGURES = {
    "standard": "standard",
    "lowFP": "low_fp",
    "lowFN": "low_fn",
    "FA/brand/day": "false_alarms_per_brand_day",
    "tight_recall": "tight_recall",
    "recall": "recall",
    "alarms": "alarms",
    "tight_median_min": "tight_median_min",
}


def score(data: Path, folder: Path) -> Path:
    """Score all series with the command; the folder of its files."""
    scores = folder / "scores"
    scores.mkdir()
    with tarfile.open(data / ROWS) as packed:
        packed.extractall(folder, filter="data")
    for counts in sorted(folder.glob("data/realTweets/*.csv")):
        files = ["--counts", str(counts), "--out", str(scores / counts.name)]
        command = [sys.executable, "-m", "agents.cli", "backtest", *files]
        subprocess.run(command, cwd=ROOT, check=True)
    return scores


def judged(scorer: Path, data: Path, scores: Path) -> dict[str, float]:
    """What the scorer prints, by its names."""
    ran = subprocess.run(
        [sys.executable, scorer, data, "--scores", scores], stdout=subprocess.PIPE, text=True, check=True
    )
    heads, line = (row.split("\t") for row in ran.stdout.splitlines())
    return {name: float(cell) for name, cell in zip(heads[2:], line[2:], strict=True)}


def load(scorer: Path) -> ModuleType:
    """The scorer as a module: it says what each row is worth."""
    spec = importlib.util.spec_from_file_location("nab_score", scorer)
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def weeks_of(series: Any, threshold: float, costs: dict[str, float]) -> list[tuple[float, int]]:
    """(raw score, windows) of each week of a brand: a window is in the week in which it begins."""
    hits = dict.fromkeys(series.live, -costs["fnWeight"])
    first = {window: series.win.index(window) // WEEK for window in series.live}
    weeks = [[0.0, 0] for _ in range(-(-len(series.sc) // WEEK))]
    for row in range(series.prob, len(series.sc)):
        if series.sc[row] < threshold:
            continue
        window = series.win[row]
        if window is None:
            weeks[row // WEEK][0] += costs["fpWeight"] * series.w[row]
        else:
            hits[window] = max(hits[window], costs["tpWeight"] * series.w[row])
    for window, worth in hits.items():
        weeks[first[window]][0] += worth
        weeks[first[window]][1] += 1
    return [(raw, int(windows)) for raw, windows in weeks]


def interval(weeks: Sequence[tuple[float, int]], costs: dict[str, float]) -> tuple[float, float]:
    """The middle 95 % of the scores of resampled weeks."""
    draw = Random(1)
    found = []
    for _ in range(RESAMPLES):
        drawn = draw.choices(weeks, k=len(weeks))
        windows = sum(count for _, count in drawn)
        if windows:
            raw = sum(worth for worth, _ in drawn) + costs["fnWeight"] * windows
            found.append(100 * raw / (windows * (costs["tpWeight"] + costs["fnWeight"])))
    found.sort()
    return found[len(found) // 40], found[-1 - len(found) // 40]


def read_series(nab: ModuleType, data: Path, scores: Path) -> dict[str, Any]:
    """The scored series of each brand, with what the labels make of them."""
    windows, labels = (nab.json.loads((data / f"combined_{what}.json").read_text()) for what in ("windows", "labels"))
    series = {}
    for path in sorted(scores.glob("*.csv")):
        key = f"realTweets/{path.name}"
        with path.open(encoding="utf-8") as file:
            rows = nab.rows(file)
        of_brand = [(nab.P(start), nab.P(end)) for start, end in windows[key]]
        series[key] = nab.Series(*rows, of_brand, [nab.P(label) for label in labels[key]])
    return series


def main(argv: Sequence[str] | None = None) -> None:
    """Print what came of it."""
    data = arguments(__doc__).parse_args(argv).data / SERIES
    scorer = data.parents[1] / "bench" / "nab_score.py"
    if not data.is_dir() or not scorer.is_file():
        print(f"{module()}: there is no {data}, or no {scorer}", file=sys.stderr)
        raise SystemExit(2)
    head("Counts of five brands (NAB realTweets)")
    with TemporaryDirectory() as folder:
        scores = score(data, Path(folder))
        told = judged(scorer, data, scores)
        nab = load(scorer)
        series = read_series(nab, data, scores)
    costs = nab.json.loads((data / "profiles.json").read_text())["standard"]["CostMatrix"]
    weeks, rows = [], []
    for key, one in series.items():
        threshold = nab.best_threshold({other: series[other] for other in series if other != key}, costs)
        weeks += weeks_of(one, threshold, costs)
        rows.append((key[26:-4], threshold, nab.nab({key: one}, threshold, costs), len(one.live)))
    table(rows, ["brand", "threshold of the others", "standard", "windows"])
    figures = {name: told[theirs] for theirs, name in FIGURES.items()}
    figures["standard_low"], figures["standard_high"] = interval(weeks, costs)
    figures["standard_one_threshold"] = nab.nab(series, nab.best_threshold(series, costs), costs)
    table(list(figures.items()), ["figure", "measured"])
    finish("nab", figures)


if __name__ == "__main__":
    main()
