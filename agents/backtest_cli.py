"""The command `listener backtest`."""

from pathlib import Path
from typing import Annotated

import typer

from agents.counts_file import score_file
from agents.exits import errors_told


def backtest(
    counts: Annotated[Path, typer.Option("--counts", help="Counts as CSV, columns timestamp and value.")],
    out: Annotated[Path, typer.Option("--out", help="The CSV to write: timestamp, value, anomaly_score.")],
    every: Annotated[
        float | None, typer.Option(help="Seconds that a row stands for; else as the first two rows are apart.")
    ] = None,
) -> None:
    """Judge a history of counts as a stream: a score for each row, from the rows before it alone.

    Example: `listener backtest --counts acme.csv --out scores.csv`. Rows are in order of time, an hour apart or less,
    plain or gzip; a time without a zone is UTC. What has no row was not listened to: it is unknown, not zero.
    A score of .5 says: by this brand's own history so much more than normal comes once a month; .8, once in four
    months; 1 / (1 + N) is the threshold for N pages a month. 0: nothing, or nothing new within a day.
    """
    with errors_told():
        score_file(counts, out, every)
