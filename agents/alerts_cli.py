"""The commands `listener alerts`: what stands in the log of alerts, and what people want done with them."""

import os
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from getpass import getuser
from typing import Annotated, Any, get_args
from uuid import uuid4

import typer
from msgspec.structs import asdict

from agents.alert_log import AlertLog, NotTaken, alert_log
from agents.alerts_shown import (
    alert_lines,
    alert_object,
    clean,
    event_line,
    explanation,
    explanation_object,
    json_line,
    mute_line,
    precision_line,
    precision_object,
    receipt_line,
    silence_line,
)
from agents.clock import now_ms
from agents.exits import errors_told, fail
from agents.kafka_cli import follow_alerts
from agents.options import DEFAULT_CONFIG, Config
from agents.settings_file import read_configuration
from listener.alerts.standing import NEWS, Standing, precisions, silences, standings
from listener.dead_sources import RULE as DEAD_SOURCE
from listener.monitors import MONITORS
from schemas.alert import Alert, Severity, Stage, Verdict
from schemas.command import LONGEST, MOST_MATCHERS, Command, Label, Matcher
from schemas.times import from_ms
from schemas.trend import WindowName

SHORTEST_PREFIX = 4
LONGEST_SILENCE = timedelta(days=366)
LABELS: tuple[Label, ...] = ("rule", "scope", "severity", "stage", "alert")
VALUES: dict[Label, tuple[str, ...]] = {  # where a value that nobody has would match nothing, in silence
    "rule": (*(rule for monitor in MONITORS for rule in monitor.rules), DEAD_SOURCE),
    "severity": get_args(Severity),
    "stage": get_args(Stage),
}
VERDICTS: dict[str, Verdict] = {"right": "right", "false-alarm": "false alarm", "not-about-us": "not about us"}
LENGTH = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?")
MATCH = re.compile(r"([a-z]+)(!?=)(.+)")

alerts_app = typer.Typer(
    no_args_is_help=True,
    help="The alerts: those of the database of `storage.path`, or, where the settings have a [kafka], of the cluster.",
)
Id = Annotated[str, typer.Argument(metavar="ID", help="The alert's id, or how it begins, as `alerts list` shows it.")]
By = Annotated[str, typer.Option("--by", help="Who you are (default: your user name).", show_default=False)]
Comment = Annotated[str, typer.Option("--comment", help="What others should know.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="For programs: one JSON object.")]


@alerts_app.command(name="list")
def list_alerts(
    config: Config = DEFAULT_CONFIG,
    brand: Annotated[list[str] | None, typer.Option(help="Only of this brand; may be repeated.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Those that are over, too.")] = False,
    patience: Annotated[
        float | None,
        typer.Option("--follow", help="Kafka: events as they come, until none has for so many seconds."),
    ] = None,
    trends: Annotated[
        WindowName | None, typer.Option(help="With --follow: the trends of this length between.", show_default=False)
    ] = None,
    as_json: Json = False,
) -> None:
    """Show the alerts that are open, silences and mutes in force, and how often each rule was right, as people judged.

    Examples: `listener alerts list -c shop.toml`, `listener alerts list --all --brand acme --json`.
    """
    with errors_told():
        if trends is not None and patience is None:
            raise typer.BadParameter("goes with --follow", param_hint="--trends")
        configuration = read_configuration(config)
        if patience is not None:
            if not configuration.clustered:
                raise typer.BadParameter("is for a cluster: the settings have no [kafka]", param_hint="--follow")
            if not follow_alerts(configuration.kafka, patience, trends, as_json=as_json):
                typer.echo("no alerts", err=True)
            return
        log = alert_log(configuration)
        receipts = log.receipts()
        known = [alert for alert in standings(log.events()) if not brand or alert.first.brand in brand]
        shown = [alert for alert in known if everything or alert.state != "resolved"]
        now = from_ms(now_ms())
        silenced = [
            one for one in silences(receipts) if (not brand or one.brand in brand) and (everything or one.until > now)
        ]
        mutes = [
            (one.id, mute)
            for one in configuration.brands
            for mute in (one.mute if not brand or one.id in brand else ())
            if everything or mute.until is None or mute.until > now
        ]
        judged = precisions(one for one in receipts if not brand or one.command.brand in brand)
    if as_json:
        found: dict[str, Any] = {
            "alerts": [alert_object(alert) for alert in shown],
            "silences": [one._asdict() for one in silenced],
            "mutes": [{"brand": id_, **asdict(mute)} for id_, mute in mutes],
            "precision": [precision_object(one) for one in judged],
        }
        typer.echo(json_line(found))
        return
    lines = [line for alert in shown for line in alert_lines(alert)]
    closed = sum(alert.state == "resolved" for alert in known)
    lines.append(f"{len(known) - closed:,} open, {closed:,} over" + ("" if everything else " (--all shows them)"))
    lines += ["silences:", *(f"  {silence_line(one)}" for one in silenced)] if silenced else []
    lines += ["mutes, by the settings:", *(f"  {mute_line(*one)}" for one in mutes)] if mutes else []
    lines += ["precision:", *(f"  {precision_line(one)}" for one in judged)] if judged else []
    typer.echo(clean(lines))


@alerts_app.command(name="show")
def show_alert(id_: Id, config: Config = DEFAULT_CONFIG, as_json: Json = False) -> None:
    """Show the life of an alert: each event with its reason, and what people wanted done with it.

    Example: `listener alerts show 6f1b -c shop.toml`.
    """
    with errors_told():
        log = alert_log(read_configuration(config))
        alert = _found(log.events(), id_)
        receipts = [one for one in log.receipts() if one.command.alert_id == alert.first.id]
    if as_json:
        typer.echo(json_line({**alert_object(alert), "events": alert.events, "commands": receipts}))
        return
    lines = [*alert_lines(alert), *map(event_line, alert.events)]
    lines += ["commands:", *(f"  {receipt_line(one)}" for one in receipts)] if receipts else []
    typer.echo(clean(lines))


@alerts_app.command(name="explain")
def explain_alert(
    id_: Id,
    config: Config = DEFAULT_CONFIG,
    sequence: Annotated[
        int | None, typer.Option(help="The event to explain (default: the last that said it is worse).")
    ] = None,
    as_json: Json = False,
) -> None:
    """Why it was told: the numbers it was judged on, judged again; and apart from them what is known by now.

    Example: `listener alerts explain 6f1b -c shop.toml`. Exit code 1 where the verdict is another: that is a fault.
    """
    with errors_told():
        log = alert_log(read_configuration(config))
        alert = _found(log.events(), id_)
        event = _event_of(alert, sequence)
        posts = log.posts(event)
    found = explanation_object(alert, event)
    typer.echo(json_line(found) if as_json else clean(explanation(alert, event, posts)))
    if found["same"] is False:
        raise typer.Exit(1)


@alerts_app.command(name="ack")
def acknowledge_alert(
    id_: Id, config: Config = DEFAULT_CONFIG, by: By = "", comment: Comment = "", as_json: Json = False
) -> None:
    """Say that you look after an alert: until it grows, nobody is reminded of it more often than once a day.

    Example: `listener alerts ack 6f1b50f512b7a8d2 -c shop.toml --comment "on it"`.
    """
    with errors_told():
        log = alert_log(read_configuration(config))
        alert = _found(log.events(), id_).first
        command = Command(id=_new_id(), brand=alert.brand, kind="acknowledge", alert_id=alert.id, **_said(by, comment))
        _order(log, [command], as_json=as_json)


@alerts_app.command(name="resolve")
def resolve_alert(
    id_: Id,
    config: Config = DEFAULT_CONFIG,
    verdict: Annotated[
        str | None, typer.Option("--as", metavar="VERDICT", help="right, false-alarm or not-about-us.")
    ] = None,
    by: By = "",
    comment: Comment = "",
    as_json: Json = False,
) -> None:
    """Close an alert, and say what it was worth. It stays closed while the same trouble lasts, unless that grows.

    Example: `listener alerts resolve 6f1b50f512b7a8d2 -c shop.toml --as false-alarm --comment "a joke"`. With --as also
    alerts that are over can be judged, or judged again: `listener alerts list` shows how often each rule was right.
    """
    with errors_told():
        if verdict is not None and verdict not in VERDICTS:
            raise typer.BadParameter(f"{verdict!r} is none; there are {', '.join(VERDICTS)}", param_hint="--as")
        log = alert_log(read_configuration(config))
        alert = _found(log.events(), id_).first
        command = Command(
            id=_new_id(),
            brand=alert.brand,
            kind="resolve",
            alert_id=alert.id,
            verdict=VERDICTS[verdict] if verdict else None,
            **_said(by, comment),
        )
        _order(log, [command], as_json=as_json)


@alerts_app.command(name="silence")
def silence_alerts(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    id_: Annotated[str | None, typer.Argument(metavar="[ID]", help="The alert to silence, and all like it.")] = None,
    config: Config = DEFAULT_CONFIG,
    length: Annotated[str, typer.Option("--for", metavar="LENGTH", help="How long, as 2h, 30m, 1d12h.")] = "",
    since: Annotated[str, typer.Option("--from", metavar="TIME", help="When it begins (default: now).")] = "",
    until: Annotated[str, typer.Option("--until", metavar="TIME", help="When it ends, instead of --for.")] = "",
    brand: Annotated[list[str] | None, typer.Option(help="Alerts of this brand; may be repeated.")] = None,
    match: Annotated[
        list[str] | None,
        typer.Option(help="Of these only, as rule=negative-spike or severity!=critical; all must hold."),
    ] = None,
    expire: Annotated[str | None, typer.Option(metavar="SILENCE", help="End this silence now instead.")] = None,
    by: By = "",
    comment: Comment = "",
    as_json: Json = False,
) -> None:
    """Tell nobody of some alerts for a while. They stand in the log as muted, and are told if they outlast it.

    Examples: `listener alerts silence 6f1b --for 2h --comment "we know"`: that alert, and what its rule finds then;
    `listener alerts silence --brand acme --match rule=quiet-brand --from 2026-12-24T18:00+01:00 --for 3d`;
    `listener alerts silence --expire SILENCE`. Matchers are of rule, scope, severity, stage, alert. What is planned
    long before stands better in the settings, under the brand's `campaigns`.
    """
    with errors_told():
        log = alert_log(read_configuration(config))
        said = _said(by, comment)
        if expire is not None:
            _order(log, _expirations(log, expire, said), as_json=as_json)
            return
        matchers = [_matcher(told) for told in match or ()]
        brands = brand or []
        if id_ is not None:
            alert = _found(log.events(), id_).first
            brands = [*brands, alert.brand]
            matchers += [Matcher(name="rule", value=alert.rule), Matcher(name="scope", value=alert.scope)]
        if not brands:
            raise typer.BadParameter("say what: an alert's ID, or --brand", param_hint="ID")
        if len(matchers) > MOST_MATCHERS:
            raise typer.BadParameter(f"at most {MOST_MATCHERS}", param_hint="--match")
        begin = _moment(since, "--from") if since else None
        end = _end(length, until, begin or said["at"])
        command = _new_id()
        _order(
            log,
            [
                Command(id=command, brand=one, kind="silence", matchers=tuple(matchers), since=begin, until=end, **said)
                for one in dict.fromkeys(brands)
            ],
            as_json=as_json,
        )


def _expirations(log: AlertLog, id_: str, said: dict[str, Any]) -> list[Command]:
    found = [one for one in silences(log.receipts()) if one.id.startswith(id_) and len(id_) >= SHORTEST_PREFIX]
    if len({one.id for one in found}) != 1:
        fail(f"there is no silence {id_}, or more than one: `listener alerts list --all` shows them", 1)
    command = _new_id()
    return [Command(id=command, brand=one.brand, kind="expire", silence_id=one.id, **said) for one in found]


def _new_id() -> str:
    return uuid4().hex[:16]


def _said(by: str, comment: str) -> dict[str, Any]:
    return {"actor": _clean(by or _user()), "at": from_ms(now_ms()), "comment": _clean(comment)}


def _clean(told: str) -> str:
    """What a terminal gave that is no text is shown as such."""
    return told.encode(errors="surrogateescape").decode(errors="replace")[:LONGEST]


def _user() -> str:
    """The name of who runs this; in a container there may be none."""
    try:
        return getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


def _found(events: Sequence[Alert], id_: str) -> Standing:
    """The alert of this id, or the only one whose id begins so. End the command where there is none."""
    known = standings(events)
    exact = [alert for alert in known if alert.first.id == id_]
    alike = [alert for alert in known if alert.first.id.startswith(id_)] if len(id_) >= SHORTEST_PREFIX else []
    final = [alert for alert in alike if alert.first.stage == "final"]
    found = exact or (final if len(final) == 1 else alike)
    if not found:
        fail(f"there is no alert {id_}: `listener alerts list --all` shows them", 1)
    if len(found) > 1:
        fail(f"{len(found)} alerts begin with {id_}: {', '.join(alert.first.id for alert in found[:5])}", 1)
    return found[0]


def _event_of(alert: Standing, sequence: int | None) -> Alert:
    if sequence is None:
        return next((event for event in reversed(alert.events) if event.event in NEWS), alert.first)
    found = next((event for event in alert.events if event.sequence == sequence), None)
    if found is None:
        fail(f"alert {alert.first.id} has no event {sequence}; its last is {alert.last.sequence}", 1)
    return found


def _order(log: AlertLog, commands: Sequence[Command], *, as_json: bool) -> None:
    """Have commands done, and tell what came of them. Exit code 1 if one was refused, or nobody has taken it yet."""
    try:
        receipts = log.order(commands)
    except NotTaken as error:
        fail(str(error), 1)
    if as_json:
        typer.echo(json_line(receipts))
    else:
        for receipt in receipts:
            if receipt.done:
                typer.echo(clean([f"{receipt.command.brand or 'listener'}: {receipt.told}"]))
    refused = [receipt for receipt in receipts if not receipt.done]
    if refused:
        fail("; ".join(clean([receipt.told]) for receipt in refused), 1)


def _matcher(told: str) -> Matcher:
    found = MATCH.fullmatch(told)
    name = next((label for label in LABELS if found is not None and found[1] == label), None)
    if found is None or name is None:
        raise typer.BadParameter(
            f"{told!r}: write NAME=VALUE or NAME!=VALUE with {', '.join(LABELS)}", param_hint="--match"
        )
    if found[3] not in VALUES.get(name, (found[3],)):
        known = ", ".join(VALUES[name])
        raise typer.BadParameter(f"{told!r}: no {name} is called so; there are {known}", param_hint="--match")
    return Matcher(name=name, value=found[3], is_equal=found[2] == "=")


def _end(length: str, until: str, begin: datetime) -> datetime:
    if bool(length) == bool(until):
        raise typer.BadParameter("say until when: --for LENGTH or --until TIME", param_hint="--for")
    end = begin + _length(length) if length else _moment(until, "--until")
    if not begin < end <= begin + LONGEST_SILENCE:
        raise typer.BadParameter(
            f"{end:%Y-%m-%d %H:%M} UTC is not within a year after its beginning",
            param_hint="--for" if length else "--until",
        )
    return end


def _length(told: str) -> timedelta:
    found = LENGTH.fullmatch(told)
    if not told or found is None:
        raise typer.BadParameter(f"{told!r} is no length; write it as 2h, 30m or 1d12h", param_hint="--for")
    days, hours, minutes = (int(part or 0) for part in found.groups())
    return timedelta(days=min(days, 10_000), hours=min(hours, 100_000), minutes=min(minutes, 1_000_000))


def _moment(told: str, option: str) -> datetime:
    """A time with its zone; without one it is UTC."""
    try:
        found = datetime.fromisoformat(told)
    except ValueError:
        raise typer.BadParameter(
            f"{told!r} is no time; write it as 2026-12-24T18:00+01:00", param_hint=option
        ) from None
    return (found.replace(tzinfo=UTC) if found.tzinfo is None else found).astimezone(UTC)
