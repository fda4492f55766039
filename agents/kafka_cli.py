"""The commands of the Kafka runtime: `listener topics`, `config`, `ingest`, `worker`."""

import gc
import logging
import tempfile
from collections.abc import Callable
from pathlib import Path

import typer
from msgspec.structs import replace
from rich.console import Console
from rich.markup import escape

from agents.clock import now_ms
from agents.cluster import reached
from agents.configuration import Configuration, Kafka, Source, WrongSettings
from agents.console import TerminalWatcher, alert_line, trend_line
from agents.exits import errors_told
from agents.options import DEFAULT_CONFIG, Config
from agents.runtime import ingest, topics
from agents.runtime.closed_hours import started
from agents.runtime.live_ingest import LiveIngest
from agents.runtime.reading import follow
from agents.runtime.topics import Topics, WrongTopics
from agents.service import GC_THRESHOLDS
from agents.settings_file import read_configuration
from agents.sources.connection import Connection
from agents.sources.history import History
from agents.sources.kinds import connections
from agents.sources.paths import Paths, resolve
from agents.sources.reader import Reader
from agents.starts import starts_told
from agents.stop import Stop
from agents.watcher import SourceState
from agents.web.address import listening_address
from schemas.alert import Alert
from schemas.record import decoder
from schemas.times import from_ms
from schemas.trend import Trend, WindowName

_told: Callable[[bytes], Alert | Trend] = decoder(Alert, Trend)

topics_app = typer.Typer(no_args_is_help=True, help="The topics in the cluster: make them, or say what differs.")
config_app = typer.Typer(no_args_is_help=True, help="The settings in the cluster.")


@topics_app.command(name="create")
def create_topics(config: Config = DEFAULT_CONFIG) -> None:
    """Make the topics that are missing; what is there stays as it is.

    Example: `listener topics create -c shop.toml`.
    """
    with errors_told():
        kafka = read_configuration(config).kafka
        made = reached(kafka, topics.create(kafka))
        typer.echo("\n".join(f"made {name}" for name in made) or "all topics are there already")


@topics_app.command(name="check")
def check_topics(config: Config = DEFAULT_CONFIG) -> None:
    """Say what differs in the cluster from what has to be, and how to mend it. Exit code 1 if anything does.

    Example: `listener topics check -c shop.toml`.
    """
    with errors_told():
        kafka = read_configuration(config).kafka
        problems = reached(kafka, topics.check(kafka))
        typer.echo("\n".join(problem.text for problem in problems) or "all topics are as they have to be")
        if problems:
            raise typer.Exit(1)


@config_app.command(name="push")
def push_settings(config: Config = DEFAULT_CONFIG) -> None:
    """Put the brands of the settings file in force in the cluster, from here on in each log.

    Example: `listener config push -c shop.toml`. Workers that run take them over within a second.
    """
    with errors_told():
        configuration = read_configuration(config)
        changed, told = reached(configuration.kafka, _push(configuration))
        for line in told if changed else ():
            typer.echo(line)
        typer.echo(f"in force: {', '.join(changed)}" if changed else "these settings are in force already")


async def _push(configuration: Configuration) -> tuple[list[str], list[str]]:
    """The ids of the brands that are new, changed or gone, and what is to be said of those that are new."""
    kafka = configuration.kafka
    before = await ingest.pushed_settings(kafka)
    settings, told = await started(kafka, configuration.settings(), before)
    if before:
        settings = replace(settings, at=from_ms(now_ms()))
    return await ingest.push_settings(kafka, settings), told


@config_app.command(name="history")
def list_pushed(config: Config = DEFAULT_CONFIG) -> None:
    """Show which versions of the settings were pushed, and when they came into force.

    Example: `listener config history -c shop.toml`.
    """
    with errors_told():
        kafka = read_configuration(config).kafka
        for settings in reached(kafka, ingest.pushed_settings(kafka)):
            since = f"{settings.at:%Y-%m-%d %H:%M:%S} UTC" if settings.at else "the beginning"
            typer.echo(f"{settings.version}  since {since}: {', '.join(brand.id for brand in settings.brands)}")
            for brand, told in starts_told(settings.brands):
                typer.echo(f"    {brand} {told}")


def follow_alerts(kafka: Kafka, patience: float, trends: WindowName | None, *, as_json: bool) -> int:
    """Show events of alerts as they come, and trends of a length, until none has come for `patience` seconds.

    Return how many events there were.
    """
    return reached(kafka, _show(kafka, patience, trends, as_json=as_json))


async def _show(kafka: Kafka, patience: float, trends: WindowName | None, *, as_json: bool) -> int:
    names = Topics.of(kafka)
    topics_shown = [names.alerts] if trends is None else [names.alerts, names.trends]
    partitions = [(topic, number) for topic in topics_shown for number in range(kafka.partitions)]
    console = Console(highlight=False, soft_wrap=True)
    alerts = 0
    async for record in follow(kafka, partitions, patience):
        told = _told(record.value)
        if isinstance(told, Trend) and told.window != trends:
            continue
        alerts += isinstance(told, Alert)
        if as_json:
            typer.echo(record.value)
        elif isinstance(told, Alert):
            console.print(f"{told.id}  {alert_line(told, colour=console.is_terminal)}")
        else:
            console.print(escape(trend_line(told)))
    return alerts


def ingest_files(configuration: Configuration, watcher: TerminalWatcher) -> int:
    """Read the files of the configured sources, sort them as history, and write them into the cluster."""
    paths: Paths = resolve(configuration)
    live = [source.called for source in configuration.sources if source.live]
    if live:
        raise WrongSettings(f"sources: {', '.join(live)}: live; each in a process of its own: `listener ingest NAME`")
    began = now_ms()
    readers = [Reader(source, path, lambda: began) for source, path in paths.history]
    for reader in readers:
        watcher.note(reader.describe())
    with tempfile.TemporaryDirectory() as folder:
        history = History(readers, Path(folder), lambda what, count: watcher.progress(what, count, None), began)
        return reached(
            configuration.kafka,
            ingest.ingest(
                configuration.kafka, history.items(), lambda count: watcher.progress("writing", count, history.mentions)
            ),
        )


def ingest_source(configuration: Configuration, source: Source, listen: str | None, watcher: TerminalWatcher) -> int:
    """Write what a live source brings into the cluster until it ends, or this is asked to stop; return how much."""
    from agents.metrics import Metrics  # noqa: PLC0415 - only who serves them needs them
    from agents.web.measured import serve_metrics  # noqa: PLC0415 - as above

    kafka = configuration.kafka
    alone = replace(configuration, sources=(source,))
    (connection,) = connections(alone, resolve(alone), now_ms)
    metrics = Metrics()
    if listen is not None:
        serve_metrics(listening_address(listen), metrics)
    missing = [problem.text for problem in reached(kafka, topics.check(kafka)) if problem.fatal]
    if missing:
        raise WrongTopics("; ".join(missing))
    stop = Stop()
    stop.listen()

    def tell(state: SourceState) -> None:
        watcher.progress(state.state, state.records, None)
        metrics.sources([state])

    return reached(kafka, _ingest(kafka, connection, watcher, stop, tell))


async def _ingest(
    kafka: Kafka, connection: Connection, watcher: TerminalWatcher, stop: Stop, tell: Callable[[SourceState], None]
) -> int:
    """In the loop that its producer belongs to."""
    return await LiveIngest(kafka, connection, watcher.note).run(stop, tell)


def run_worker(configuration: Configuration, listen: str | None, agents: str) -> None:
    """Check the topics, then run a worker until it is stopped. Raise WrongTopics, NoCluster, CannotListen."""
    from faust import Worker  # noqa: PLC0415 - half a second that no other command needs

    from agents.runtime.kafka import create_app  # noqa: PLC0415 - it imports Faust
    from agents.runtime.lanes import AGENTS, NOTIFY  # noqa: PLC0415 - as above

    address = None if listen is None else listening_address(listen)
    there = (*AGENTS, *NOTIFY)
    chosen = [agent for agent in there if agent in agents.split(",")]
    unknown = [agent for agent in agents.split(",") if agent not in there]
    if unknown:
        raise WrongSettings(f"--agents: there is no {', '.join(map(repr, unknown))}; there are {', '.join(there)}")
    if "notify" in chosen and len(chosen) > 1:
        raise WrongSettings("--agents: notify has a process of its own: a receiver must never stop detection")
    if "notify" in chosen and not configuration.routes:
        raise WrongSettings("routes: there are none, so notify has nobody to tell; add [[receivers]] and [[routes]]")
    problems = reached(configuration.kafka, topics.check(configuration.kafka))
    fatal = [problem.text for problem in problems if problem.fatal]
    if fatal:
        raise WrongTopics("; ".join(fatal))
    for problem in problems:
        typer.echo(f"not as it should be: {problem.text}", err=True)
    logging.getLogger("aiokafka").setLevel(logging.WARNING)
    gc.set_threshold(*GC_THRESHOLDS)
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(configuration, folder, address, chosen)
        Worker(app, loglevel="WARN", redirect_stdouts=False).execute_from_commandline()
