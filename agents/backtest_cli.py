"""The command `listener backtest`."""

from pathlib import Path
from typing import Annotated

import typer

from agents.backtest import Collected, backtest_history
from agents.counts_file import score_file
from agents.exits import errors_told
from agents.options import DEFAULT_CONFIG, Config, refuse_folder
from agents.settings_file import read_configuration


def backtest(
    files: Annotated[
        list[str] | None, typer.Argument(help="Files of mentions: JSON lines or CSV, plain or gzip.")
    ] = None,
    config: Config = DEFAULT_CONFIG,
    counts: Annotated[
        Path | None, typer.Option("--counts", help="Instead: counts as CSV, columns timestamp and value.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="With --counts, the CSV to write: timestamp, value, anomaly_score.")
    ] = None,
    every: Annotated[
        float | None,
        typer.Option(help="With --counts: seconds that a row stands for; else as the first two are apart."),
    ] = None,
    report: Annotated[Path | None, typer.Option("--report", help="Write a page of it to look at.")] = None,
) -> None:
    """What would have been raised on your own history, when and why, and would the budget have been kept?

    Example: `listener backtest posts-2025.csv.gz -c shop.toml`. Each brand begins without a history and learns as it
    would have learned; nothing is kept. Real crises are among what is raised: the budget is for all else.
    `--report raised.html` also writes one page for people: each brand's lines, its alerts with reasons, its budget.

    Or judge a table of counts: `listener backtest --counts acme.csv --out scores.csv` gives a score to each row, from
    the rows before it alone. Rows are in order of time, an hour apart or less, plain or gzip; a time without a zone is
    UTC. What has no row was not listened to: it is unknown, not zero.
    A score of .5 says: by this brand's own history so much more than normal comes once a month; .8, once in four
    months; 1 / (1 + N) is the threshold for N pages a month. 0: nothing, or nothing new within a day.
    """
    with errors_told():
        if counts is not None:
            if report is not None:
                raise typer.BadParameter("goes with files of mentions, not with --counts", param_hint="--report")
            _score_counts(files, counts, out, every)
            return
        if out is not None or every is not None:
            raise typer.BadParameter("goes with --counts", param_hint="--out" if out is not None else "--every")
        if not files:
            raise typer.BadParameter("name files of mentions, or a table of counts with --counts", param_hint="FILES")
        if report is not None:
            refuse_folder(report)
            report.absolute().parent.mkdir(parents=True, exist_ok=True)
        with Collected() as watcher:
            lines = backtest_history(read_configuration(config), files, watcher, report)
        for line in lines:
            typer.echo(line)


def _score_counts(files: list[str] | None, counts: Path, out: Path | None, every: float | None) -> None:
    if files:
        raise typer.BadParameter("takes no files of mentions", param_hint="--counts")
    if out is None:
        raise typer.BadParameter("say where to: --out FILE.csv", param_hint="--counts")
    score_file(counts, out, every)
