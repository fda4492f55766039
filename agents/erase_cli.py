"""The command `listener erase`."""

import json
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from agents.cluster import reached
from agents.configuration import Configuration, Kafka
from agents.console import TerminalWatcher
from agents.exits import errors_told, fail
from agents.options import DEFAULT_CONFIG, Config
from agents.reader import standard_reader
from agents.runtime.database import Busy, WrongFile
from agents.runtime.erasing import Erased, erase
from agents.runtime.kafka_erasing import ErasedInKafka, erase_in_kafka
from agents.settings_file import read_configuration
from listener.erasing import Erasure
from listener.harmless import harmless
from listener.plural import many

SHOWN = 10
ELSEWHERE = (
    "not searched, since listener does not know where they are: what `export` and `replay` have written, backups, "
    "and the files that sources read"
)


def erase_posts(
    ids: Annotated[
        list[str] | None, typer.Option("--id", metavar="ID", help='A post, as "platform:native id". May be repeated.')
    ] = None,
    author: Annotated[str | None, typer.Option(metavar="HANDLE", help="All posts of an author (handle or id).")] = None,
    platform: Annotated[str | None, typer.Option(help="With --author: on this platform only.")] = None,
    in_kafka: Annotated[bool, typer.Option("--kafka", help="In the cluster, not in the database.")] = False,
    wait: Annotated[float, typer.Option(help="With --kafka: seconds to wait for the workers.")] = 30.0,
    config: Config = DEFAULT_CONFIG,
    as_json: Annotated[bool, typer.Option("--json", help="What was done as one JSON object.")] = False,
) -> None:
    """Erase posts, or all of an author, from everything that is kept, and prove it. There is no way back.

    Examples: `listener erase --id mastodon:example.org/1234 -c shop.toml`;
    `listener erase --author @ana --platform x -c shop.toml`; `listener erase --author @ana --kafka -c shop.toml`.
    Where: in the database of `storage.path`, which must exist and on which nothing may run meanwhile; with `--kafka` in
    the cluster of [kafka]. Who uses both runs it for both.
    In the database the posts go with their reposts, from figures, alerts and dead letters too, and all bytes of its
    files are searched. In the cluster they go from figures; their words go by the topics' retention: this says when.
    Posts of others that answer them stay. What is erased does not come in again for 14 days.
    Exit code 0: erased and proven. 1: it is not (yet), and what to do. To do it again does no harm.
    """
    with errors_told():
        if bool(ids) == (author is not None):
            raise typer.BadParameter("say whose: --id ID (again for more), or --author HANDLE", param_hint="--id")
        if not all(ids or [author]):
            raise typer.BadParameter("is empty", param_hint="--id" if ids else "--author")
        if platform is not None and author is None:
            raise typer.BadParameter("goes with --author", param_hint="--platform")
        configuration = read_configuration(config)
        erasure = Erasure(ids or (), author, platform)
        if in_kafka:
            proven = _in_kafka(configuration.kafka, erasure, wait, as_json=as_json)
        else:
            proven = _in_the_database(configuration, erasure, as_json=as_json)
    if not proven:
        raise typer.Exit(1)


def _in_the_database(configuration: Configuration, erasure: Erasure, *, as_json: bool) -> bool:
    database = configuration.database()
    if not database.exists():
        raise WrongFile(f"{database}: there is no such database; with --kafka it is done in the cluster")
    try:
        with TerminalWatcher(progress=not as_json) as watcher:
            done = erase(
                database,
                erasure,
                standard_reader(calibrated=configuration.sentiment.calibrated),
                lambda what, count: watcher.progress(what, count, None),
            )
    except Busy as error:
        fail(f"{error}: stop it, erase, and start it again: it goes on where it was", 1)
    _say(_figures(done), _told(done), as_json=as_json)
    return done.proven


def _in_kafka(kafka: Kafka, erasure: Erasure, wait: float, *, as_json: bool) -> bool:
    with TerminalWatcher(progress=not as_json) as watcher:
        done = reached(
            kafka, erase_in_kafka(kafka, erasure, wait, lambda count: watcher.progress("reading", count, None))
        )
    _say(_figures(done), _told_of_kafka(done), as_json=as_json)
    return done.proven


def _figures(done: Erased | ErasedInKafka) -> dict[str, Any]:
    figures = {**done._asdict(), "proven": done.proven}
    if isinstance(done, ErasedInKafka):
        figures["topics"] = [topic._asdict() for topic in done.topics]
    return figures


def _say(figures: dict[str, Any], lines: Sequence[str], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(figures, default=str))
        return
    for line in lines:
        typer.echo(harmless(line))


def _told(done: Erased) -> list[str]:
    what = f"{many(done.posts, 'post')}, {many(done.brand_mentions, 'brand mention')} of them"
    emptied = f"{many(done.dead_letters, 'dead letter')} emptied, examples of {many(done.alert_events, 'alert event')}"
    lines = [f"erased: {what}, {emptied}"]
    lines += _of_unknown(done.ids, done.unknown)
    if done.unretractable:
        lines.append(
            f"older than 14 days: {many(done.unretractable, 'brand mention')}; figures keep the oldest of them"
        )
    if done.others:
        lines.append(f"posts of others that answer them, or say the same words, stay: {_some(done.others)}")
    files = ", ".join(f"{name} ({size:,} bytes)" for name, size in done.files.items())
    lines.append(f"searched: {files}")
    lines += [f"STILL THERE: {what}" for what in done.left] or ["nothing of them is left there"]
    return [*lines, ELSEWHERE]


def _told_of_kafka(done: ErasedInKafka) -> list[str]:
    posts = many(len(done.ids) - len(done.unknown), "post")
    what = f"{posts}, {many(done.brand_mentions, 'brand mention')} of them"
    lines = [f"erased: {what}, {done.retracted:,} taken back now"]
    lines += _of_unknown(done.ids, done.unknown)
    if done.unretractable:
        lines.append(f"older than 14 days: {many(done.unretractable, 'brand mention')}; figures keep them")
    lines += [f"{topic.name}: {topic.told}" for topic in done.topics]
    lines += [f"NOT YET: {what}" for what in done.left] or (["all partitions have taken it"] if done.ids else [])
    return [*lines, ELSEWHERE]


def _of_unknown(ids: Sequence[str], unknown: Sequence[str]) -> list[str]:
    if not ids:
        return ["no post of theirs is kept"]
    return [f"no post is kept of {_some(unknown)}; should a late copy come, it is dropped"] if unknown else []


def _some(ids: Sequence[str]) -> str:
    more = len(ids) - SHOWN
    return ", ".join(ids[:SHOWN]) + (f" and {more:,} more" if more > 0 else "")
