"""The `listener` command."""

import json
import logging
import os
import shutil
import sys
import tempfile
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NamedTuple

import typer
from msgspec.structs import replace
from rich.console import Console
from rich.markup import escape

from agents.alerts_cli import alerts_app
from agents.backtest_cli import backtest
from agents.board_watcher import BoardWatcher
from agents.checkup import check
from agents.configuration import Configuration, Source, Storage, WrongSettings
from agents.console import TerminalWatcher
from agents.demo import play, write_story
from agents.erase_cli import erase_posts
from agents.exits import SAFE, errors_told, fail
from agents.export import export
from agents.kafka_cli import config_app, ingest_files, ingest_source, run_worker, topics_app
from agents.options import DEFAULT_CONFIG, Config, refuse_folder
from agents.query_lab import match, query_alone, told
from agents.report.found import read_found
from agents.report.page import write_report
from agents.runtime.database import WrongFile, lock_file
from agents.runtime.records import Records
from agents.runtime.store import Store
from agents.service import run
from agents.settings_file import SettingsFile, read_configuration
from agents.sources.lines import Line, open_lines, read_lines
from agents.sources.paths import source_for
from agents.sources.story import SEED
from agents.stop import Stop
from agents.teach_cli import teach
from agents.watcher import Watcher
from agents.web.address import listening_address
from listener.plural import many
from schemas.dead_letter import DeadLetter
from schemas.record import to_json

app = typer.Typer(
    name="listener",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode="markdown",
    help="Reads public posts, finds which brands they are about and how they feel, and says when something is wrong.",
    epilog="Begin with `listener demo`, then `listener match`, `listener replay`, `listener run`.",
)

app.add_typer(topics_app, name="topics")
app.add_typer(config_app, name="config")
app.add_typer(alerts_app, name="alerts")
app.command(name="erase")(erase_posts)
app.command(name="teach")(teach)
app.command(name="backtest")(backtest)


@app.command(name="run")
def run_service(
    config: Config = DEFAULT_CONFIG,
    until_end: Annotated[
        bool, typer.Option("--until-end", help="Read the files, listen to nothing, and stop.")
    ] = False,
    listen: Annotated[str | None, typer.Option(help="Serve /metrics for Prometheus on host:port.")] = None,
) -> None:
    """Run the embedded service: sources → brand mentions, trends, alerts in one SQLite file.

    Examples: `listener run -c shop.toml --until-end` reads the files named there and stops;
    `tail -f posts.jsonl | listener run -c shop.toml` listens to standard input (a source with path = "-").
    The settings file may be changed while it listens: brands take effect within seconds, wrong ones are refused.
    It may be stopped at any time (Ctrl-C, a crash): the next run goes on where it was. What a crash finds in the
    pipe of standard input is lost; files lose nothing.
    """
    with errors_told(SAFE), _watcher() as watcher:
        address = None if listen is None else listening_address(listen)
        file = SettingsFile(config)
        configuration = read_configuration(config)
        if not configuration.sources:
            raise WrongSettings(f"{config}: sources: there are none; add a [[sources]] with a path")
        stop = Stop()
        stop.listen()
        if until_end:
            configuration = _files_only(configuration, watcher)
        from agents.metrics import Metrics
        from agents.web.measured import Measured, serve_metrics

        metrics = Metrics()
        if address is not None:
            serve_metrics(address, metrics)
        seen: Watcher = watcher if address is None else Measured(watcher, metrics)
        lane = run(configuration, seen, stop, file, figures=metrics.notices)
        watcher.summary(dict(lane.counts))
        if not until_end and not stop:
            watcher.note("all sources have ended")


def _watcher() -> TerminalWatcher:
    """A board for who looks on, plain lines for what reads on."""
    return BoardWatcher() if Console().is_terminal else TerminalWatcher()


def _files_only(configuration: Configuration, watcher: TerminalWatcher) -> Configuration:
    files: list[Source] = []
    others: list[Source] = []
    for source in configuration.sources:
        (others if source.live else files).append(source)
    if others:
        watcher.note(f"--until-end: not listening to {', '.join(source.called for source in others)}")
    return replace(configuration, sources=tuple(files))


@app.command(name="export")
def export_found(
    out: Annotated[Path, typer.Option("--out", help="The folder to write into.")], config: Config = DEFAULT_CONFIG
) -> None:
    """Write what the embedded service found so far as JSON lines, sorted, while it runs or not.

    Example: `listener export -c shop.toml --out found`.
    """
    with errors_told():
        database = read_configuration(config).database()
        if not database.exists():
            raise WrongFile(f"{database}: there is no such database; `listener run` makes it")
        with Records(database) as store, TerminalWatcher() as watcher:
            lines = export(store, out, lambda what, count: watcher.progress(what, count, None))
            watcher.note(", ".join(f"{out / name}: {count:,}" for name, count in lines.items()))


@app.command()
def replay(
    files: Annotated[list[str], typer.Argument(help="Files of mentions: JSON lines or CSV, plain or gzip.")],
    out: Annotated[Path | None, typer.Option("--out", help="The folder to write into.")] = None,
    report: Annotated[Path | None, typer.Option("--report", help="Write a page to look at.")] = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Send history through the same rules, and write what would have been found.

    Example: `listener replay posts-2025.csv.gz -c shop.toml --out found` writes brand-mentions.jsonl, trends.jsonl,
    alerts.jsonl, opportunities.jsonl, dead-letters.jsonl (the same bytes each time), and run.json about the run.
    `--report found.html`, with or without --out, writes one page for people: each brand's lines, gaps and alerts.
    A [[sources]] whose path looks like the file, or the only one there is, says how its columns are called.
    """
    with errors_told(), TerminalWatcher() as watcher:
        folder = out or (report and report.absolute().parent)
        if folder is None:
            raise typer.BadParameter("say where to: --out FOLDER, --report FILE.html, or both", param_hint="--out")
        if report is not None:
            refuse_folder(report)
        configuration = read_configuration(config)
        folder.mkdir(parents=True, exist_ok=True)
        began = datetime.now(UTC)
        with _scratch(folder) as scratch:
            lane, lines = _replay(configuration, files, scratch, Written(out, report), watcher)
        about = {
            "run": uuid.uuid4().hex,
            "began": began.isoformat(),
            "ended": datetime.now(UTC).isoformat(),
            "files": files,
            "settings": configuration.settings().version,
            "counts": lane,
            "lines": lines,
        }
        if out is not None:
            (out / "run.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
        watcher.summary(lane)
        watcher.note(f"written to {' and '.join(str(path) for path in (out, report) if path is not None)}")
        if lane.get("dead_letters") and not lane.get("read"):
            fail(f"nothing could be read; {out / 'dead-letters.jsonl' if out else '--out FOLDER'} says why", 1)


class Written(NamedTuple):
    """Where a replay writes: the folder of the five files, the page; None for what nobody asked for."""

    out: Path | None
    report: Path | None


@contextmanager
def _scratch(out: Path) -> Iterator[Path]:
    """A folder for the database of a replay; one replay at a time writes into `out`. Raise Busy."""
    scratch = out / ".replay"
    lock = lock_file(scratch)
    try:
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.with_name(".replay.lock").unlink(missing_ok=True)  # while it is held: later it may be another's
        os.close(lock)


def _replay(
    configuration: Configuration, files: list[str], scratch: Path, written: Written, watcher: TerminalWatcher
) -> tuple[dict[str, int], dict[str, int]]:
    sources = tuple(source_for(configuration, file) for file in files)
    database = Storage(path=str((scratch / "listener.db").absolute()))
    stop = Stop()
    stop.listen()
    lane = run(replace(configuration, sources=sources, storage=database), watcher, stop, whole=True)
    if stop:
        fail("the replay was stopped; nothing was written", 1)
    counts, lines = dict(lane.counts), {}
    with Store(Path(database.path)) as store:
        if written.out is not None:
            lines = export(store, written.out, lambda what, count: watcher.progress(what, count, None))
        if written.report is not None:
            settings = configuration.settings()
            write_report(read_found(store, settings, lane.partition.state.clock.coverage, counts), written.report)
    return counts, lines


@app.command(name="match")
def match_posts(
    file: Annotated[str, typer.Argument(help="JSON lines or plain text, one post a line; - is standard input.")] = "-",
    config: Config = DEFAULT_CONFIG,
    text: Annotated[list[str] | None, typer.Option("--text", help="A post to match; may be repeated.")] = None,
    query: Annotated[str | None, typer.Option("--query", help="Try this query instead of a settings file.")] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Each reason for and against, where a name means other things too.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Brand mentions as JSON lines, also on a terminal.")] = False,
) -> None:
    """The query lab: which brands single posts are about, why, and how they feel.

    Examples: `listener match -c shop.toml --text "this sprite is flat" --explain`;
    `listener match posts.jsonl -c shop.toml --json`; a query at once, with the terms that satisfy it:
    `listener match --query "recall NEAR/5 (can OR bottle*)" --text "cans recalled? a recall of bottles"`.
    Posts about no brand are shown too, but not as JSON.
    A line that cannot be read is told on standard error, and the exit code is then 1.
    """
    out = Console(highlight=False, soft_wrap=True)
    failed = False
    with errors_told():
        if explain and as_json:
            raise typer.BadParameter("is for people, --json for programs: take one of them", param_hint="--explain")
        configuration = read_configuration(config) if query is None else query_alone(query)
        lines: Iterable[Line | DeadLetter] = (
            [Line(number, entry.encode()) for number, entry in enumerate(text, 1)]
            if text
            else read_lines(open_lines(file), file)
        )
        for matched in match(configuration, lines):
            failed = failed or matched.mention is None
            if as_json or not (explain or out.is_terminal):
                for found in matched.found:
                    typer.echo(to_json(found))
                if matched.problem:
                    typer.echo(f"listener: line {matched.number}: {matched.problem}", err=True)
            else:
                out.print(told(matched, explain=explain))
    if failed:
        raise typer.Exit(1)


@app.command(name="check")
def checkup(config: Config = DEFAULT_CONFIG) -> None:
    """Is the configuration right, and can everything in it be reached?

    Example: `listener check -c shop.toml`. Exit code 0: all is well (warnings too); 1: something cannot be reached;
    2: the settings are wrong.
    """
    out = Console(highlight=False, soft_wrap=True)
    with errors_told():
        remarks = list(check(read_configuration(config)))
    styles = {"ok": "green", "warning": "yellow", "wrong": "bold red"}
    for level, what, told_ in remarks:
        out.print(f"[{styles[level]}]{level:<8}[/]{escape(what)}: {escape(told_)}")
    if any(remark.level == "wrong" for remark in remarks):
        raise typer.Exit(1)


@app.command()
def demo(
    seed: Annotated[str, typer.Option(help="Another story: eight hexadecimal digits.")] = f"{SEED:08x}",
    keep: Annotated[Path | None, typer.Option(help="Keep the database in this folder.")] = None,
    fast: Annotated[bool, typer.Option("--fast", help="Do not slow down for those who watch.")] = False,
    write: Annotated[Path | None, typer.Option(help="Write its posts and settings into this folder instead.")] = None,
) -> None:
    """Watch a brand crisis being found: a generated story through the real embedded service, in about half a minute.

    Five invented brands; two calm weeks, then a product recall that nobody tags, an outage, a planned campaign,
    a viral joke and more. It ends with what was found beside what was planted.
    """
    with errors_told():
        pause = not fast and Console().is_terminal
        try:
            number = int(seed, 16)
        except ValueError:
            raise typer.BadParameter(f"{seed!r} is not a hexadecimal number", param_hint="--seed") from None
        if write is not None:
            write_story(number, write)
            return
        if keep is not None:
            keep.mkdir(parents=True, exist_ok=True)
            if (keep / "demo.db").exists():
                raise WrongFile(f"{keep / 'demo.db'}: holds a demo already; take another folder, or remove it")
            play(number, keep, pause=pause)
            return
        with tempfile.TemporaryDirectory() as folder:
            play(number, Path(folder), pause=pause)


@app.command()
def ingest(
    files: Annotated[
        list[str] | None,
        typer.Argument(help="Files of mentions, those of the settings if none; or the name of a live source."),
    ] = None,
    config: Config = DEFAULT_CONFIG,
    listen: Annotated[str | None, typer.Option(help="Serve the live source's /metrics on host:port.")] = None,
) -> None:
    """Write files into the cluster as history, for the workers to read; or all that a live source brings, for ever.

    Examples: `listener ingest posts-*.csv.gz -c shop.toml`: what is written twice is counted once.
    `listener ingest bluesky -c shop.toml` runs the [[sources]] of that name until it is stopped. It may be killed at
    any time: it goes on after its last commit. A second one of the same name takes over, and the first ends.
    """
    with errors_told(), TerminalWatcher() as watcher:
        configuration = read_configuration(config)
        live = [source for source in configuration.sources if source.live and [source.called] == files]
        if live:
            watcher.note(f"{many(ingest_source(configuration, live[0], listen, watcher), 'record')} written")
            return
        if files:
            sources = tuple(source_for(configuration, file) for file in files)
            configuration = replace(configuration, sources=sources)
        if not configuration.sources:
            raise WrongSettings(f"{config}: sources: there are none; name files, or add a [[sources]] with a path")
        watcher.note(f"{many(ingest_files(configuration, watcher), 'record')} written")


@app.command()
def worker(
    config: Config = DEFAULT_CONFIG,
    agents: Annotated[str, typer.Option(help="Which agents it runs.")] = "detect,track",
    listen: Annotated[str | None, typer.Option(help="Serve /metrics, /healthz, /readyz on host:port.")] = None,
    go_on: Annotated[bool, typer.Option("--go-on", help="Set aside all that is bad; never pause for it.")] = False,
) -> None:
    """Run a Kafka worker: mentions → brand mentions → trends, alerts; or, with --agents notify, alerts → receivers.

    Example: `listener worker -c shop.toml --listen 127.0.0.1:9464`. As many as there are partitions have
    work. It may be stopped or killed at any time: another
    one, or itself started again, goes on after its last commit, and nothing is lost or counted twice. Exit code 70:
    start it again. A partition that brings nothing but bad records is paused (kafka.most_bad); /healthz names it.
    """
    with errors_told():
        configuration = read_configuration(config)
        if go_on:
            configuration = replace(configuration, kafka=replace(configuration.kafka, most_bad=0))
        run_worker(configuration, listen, agents)


def main() -> None:
    """The console script."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    app()


if __name__ == "__main__":
    main()
