"""The `listener` command."""

import json
import logging
import shutil
import sqlite3
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import Annotated

import typer
from msgspec.structs import replace
from rich.console import Console

from agents.configuration import Configuration, Source, Storage, WrongSettings, read_configuration
from agents.console import TerminalWatcher
from agents.export import export
from agents.runtime.store import Busy, Store, WrongFile
from agents.service import HistoryChanged, Stop, run
from agents.sources.lines import CannotRead
from listener.state import NewerState

app = typer.Typer(
    name="listener",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode="markdown",
    help="Reads public posts, finds out which brands they are about and how they feel, and says when something is wrong.",
    epilog="Begin with `listener demo`, then `listener match`, `listener replay`, `listener run`.",
)

Config = Annotated[Path, typer.Option("--config", "-c", help="The settings file.", show_default=True)]
DEFAULT = Path("listener.toml")


@contextmanager
def errors_told() -> Iterator[None]:
    """Turn what can go wrong into one line and an exit code: 2 for wrong settings, 1 for what failed."""
    try:
        yield
    except WrongSettings as error:
        _fail(str(error), 2)
    except (CannotRead, HistoryChanged, Busy, WrongFile, NewerState) as error:
        _fail(str(error), 1)
    except (OSError, sqlite3.Error) as error:
        _fail(f"stopped: {error}. What was committed is safe; the next run goes on from there", 1)


def _fail(message: str, code: int) -> None:
    Console(stderr=True, highlight=False, soft_wrap=True, markup=False).print(f"listener: {message}")
    raise typer.Exit(code)


@app.command(name="run")
def run_command(
    config: Config = DEFAULT,
    until_end: Annotated[bool, typer.Option("--until-end", help="Stop when the files are read.")] = False,
) -> None:
    """Run the embedded service: sources → brand mentions, trends, alerts in one SQLite file.

    Examples: `listener run -c shop.toml --until-end` reads the files named there and stops;
    `tail -f posts.jsonl | listener run -c shop.toml` listens to standard input (a source with path = "-").
    It may be stopped at any time (Ctrl-C, a crash, a power cut): the next run goes on where it was.
    """
    with errors_told(), TerminalWatcher() as watcher:
        configuration = read_configuration(config)
        if not configuration.sources:
            raise WrongSettings(f"{config}: sources: there are none; add a [[sources]] with a path")
        stop = Stop()
        stop.listen()
        lane = run(configuration, watcher, stop)
        watcher.summary(dict(lane.counts))
        if not until_end and not stop:
            watcher.note("all sources have ended")


@app.command(name="export")
def export_command(
    out: Annotated[Path, typer.Option("--out", help="The folder to write into.")], config: Config = DEFAULT
) -> None:
    """Write what the embedded service found so far as JSON lines, sorted, while it runs or not.

    Example: `listener export -c shop.toml --out found`.
    """
    with errors_told():
        database = read_configuration(config).database()
        if not database.exists():
            raise WrongFile(f"{database}: there is no such database; `listener run` makes it")
        with Store(database, write=False) as store, TerminalWatcher() as watcher:
            lines = export(store, out, lambda what, count: watcher.progress(what, count, None))
            watcher.note(", ".join(f"{out / name}: {count:,}" for name, count in lines.items()))


@app.command()
def replay(
    files: Annotated[list[str], typer.Argument(help="Files of mentions: JSON lines or CSV, plain or gzip.")],
    out: Annotated[Path, typer.Option("--out", help="The folder to write into.")],
    config: Config = DEFAULT,
) -> None:
    """Send history through the same rules, and write what would have been found.

    Example: `listener replay posts-2025.csv.gz -c shop.toml --out found` writes brand-mentions.jsonl, trends.jsonl,
    alerts.jsonl, opportunities.jsonl, dead-letters.jsonl (the same bytes each time), and run.json about the run.
    A [[sources]] whose path looks like the file, or the only one there is, says how its columns are called.
    """
    with errors_told(), TerminalWatcher() as watcher:
        configuration = read_configuration(config)
        out.mkdir(parents=True, exist_ok=True)
        scratch = out / ".replay"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        began = datetime.now(UTC)
        try:
            lane, lines = _replay(configuration, files, scratch, out, watcher)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        about = {
            "run": uuid.uuid4().hex,
            "began": began.isoformat(),
            "ended": datetime.now(UTC).isoformat(),
            "files": files,
            "settings": configuration.settings().version,
            "counts": lane,
            "lines": lines,
        }
        (out / "run.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
        watcher.summary(lane)
        watcher.note(f"written to {out}")


def _replay(
    configuration: Configuration, files: list[str], scratch: Path, out: Path, watcher: TerminalWatcher
) -> tuple[dict[str, int], dict[str, int]]:
    sources = tuple(_source_for(configuration, file) for file in files)
    database = Storage(path=str((scratch / "listener.db").absolute()))
    stop = Stop()
    stop.listen()
    lane = run(replace(configuration, sources=sources, storage=database), watcher, stop)
    if stop:
        raise typer.Exit(1)
    with Store(Path(database.path)) as store:
        lines = export(store, out, lambda what, count: watcher.progress(what, count, None))
    return dict(lane.counts), lines


def _source_for(configuration: Configuration, file: str) -> Source:
    """How to read a file: as the configured source that its name fits, or the only one, says."""
    path = str(Path(file).absolute()) if file != "-" else "-"
    fitting = [source for source in configuration.sources if fnmatch(Path(file).name, Path(source.path).name)]
    model = fitting[:1] or (list(configuration.sources) if len(configuration.sources) == 1 else [Source(path=path)])
    return replace(model[0], path=path, name=None, time="created")


def main() -> None:
    """The console script."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    app()


if __name__ == "__main__":
    main()
