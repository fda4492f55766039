"""What a person does about alerts at a terminal: while the service runs, and when it has ended."""

import json
import os
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from agents.cli import app
from agents.clock import now_ms
from agents.runtime.commands import leave
from agents.runtime.embedded import Embedded
from agents.runtime.records import Records
from agents.runtime.store import Store
from schemas.command import Command
from schemas.receipt import Receipt
from schemas.record import decoder
from schemas.times import DAY, MINUTE, SECOND, from_ms
from tests.agents.building import (
    ACME,
    FROM_FILE,
    Ran,
    a_post,
    configured,
    dead_letters_in,
    export_of,
    listener,
    plain_scorer,
    running,
    says_one_line,
    wait_for,
    write_lines,
)

BOTH = ACME + '[[sources]]\npath = "posts.jsonl"\n[[sources]]\npath = "-"\n'


def crisis(folder: Path, now: int) -> None:
    """Three calm days, and trouble that began twelve minutes ago and has not ended."""
    calm = [a_post(f"calm{n}", now - 3 * DAY + n * 10 * MINUTE) for n in range(3 * 144 - 2)]
    words = "acme is awful, terrible, horrible, I hate it"
    trouble = [a_post(f"bad{n}", now - 12 * MINUTE + n * 8 * SECOND, words) for n in range(40)]
    write_lines(folder / "posts.jsonl", [*calm, *trouble])


def alerts(*arguments: str, folder: Path) -> Ran:
    """The command, in this process: a new one takes a second, and only its start would be tested again."""
    ran = CliRunner().invoke(app, ["alerts", *arguments, "-c", str(folder / "listener.toml")])
    return Ran(ran.exit_code, ran.stdout, ran.stderr)


def shown(*arguments: str, folder: Path) -> Any:
    """What a command says to programs."""
    ran = alerts(*arguments, "--json", folder=folder)
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The database of a service that has ended amid a crisis."""
    folder = tmp_path_factory.mktemp("history")
    (folder / "listener.toml").write_text(FROM_FILE)
    crisis(folder, now_ms())
    assert listener("run", "--until-end", folder=folder).code == 0
    return (folder / "listener.db").read_bytes()


@pytest.fixture
def ended(history: bytes, tmp_path: Path) -> Path:
    """A folder with such a database, to change."""
    (tmp_path / "listener.toml").write_text(FROM_FILE)
    (tmp_path / "listener.db").write_bytes(history)
    return tmp_path


def test_what_the_settings_mute_is_listed_as_long_as_it_holds(ended: Path) -> None:
    mutes = '[[brands.mute]]\nauthor = "@spam"\nplatform = "x"\ncomment = "a bot"\n\n[[brands.mute]]\nterm = "raffle"\n'
    over = '\n[[brands.mute]]\nterm = "over"\nuntil = 2020-01-01T00:00:00Z\n'
    settings = (ended / "listener.toml").read_text()
    brand, *rest = settings.partition("\n[[sources]]")
    (ended / "listener.toml").write_text(f"{brand}\n{mutes}{over}{''.join(rest)}")
    told = alerts("list", folder=ended).out
    assert (
        "mutes, by the settings:\n  acme, author @spam on x, for good: a bot\n  acme, term 'raffle', for good\n" in told
    )
    assert [one["term"] for one in shown("list", folder=ended)["mutes"]] == ["", "raffle"]
    everything = alerts("list", "--all", folder=ended).out
    assert "acme, term 'over', until 2020-01-01 00:00 UTC" in everything


def the_open_alerts(folder: Path) -> list[Any]:
    """The pages that are open by now, if there is a database already."""
    ran = alerts("list", "--json", folder=folder)
    return pages(json.loads(ran.out)["alerts"]) if ran.code == 0 else []


def pages(listed: list[Any]) -> list[Any]:
    """Without early warnings and notices."""
    return [alert for alert in listed if alert["stage"] == "final" and alert["severity"] != "notice"]


def the_open_alert(folder: Path) -> str:
    (alert,) = the_open_alerts(folder)
    assert (alert["state"], alert["rule"], alert["brand"]) == ("open", "negative-spike", "acme")
    return str(alert["id"])


def session(folder: Path) -> None:
    """List, show, acknowledge, silence, resolve, judge, list again: each is done when its command has ended."""
    id_ = the_open_alert(folder)
    assert id_ in alerts("show", id_[:6], folder=folder).out
    done = alerts("ack", id_, "--by", "Ana", "--comment", "on it", folder=folder)
    assert (done.code, done.out) == (0, "acme: acknowledged by Ana: on it\n")
    silenced = alerts("silence", id_, "--for", "2h", "--by", "Ana", "--comment", "planned", folder=folder)
    assert silenced.out.startswith("acme: silenced until ")
    listed = shown("list", folder=folder)
    (alert,) = pages(listed["alerts"])
    assert (alert["state"], alert["acknowledged_by"]) == ("acknowledged", "Ana")
    assert alert["muted"].startswith("silenced until ")
    assert listed["silences"][0]["comment"] == "planned"
    closed = alerts("resolve", id_, "--as", "false-alarm", "--by", "Ion", "--comment", "a drill", folder=folder)
    assert closed.out == "acme: resolved as 'false alarm' by Ion: a drill\n"
    assert the_open_alerts(folder) == []
    (precision,) = shown("list", folder=folder)["precision"]
    assert (precision["rule"], precision["right"], precision["judged"]) == ("negative-spike", 0, 1)
    assert alerts("resolve", id_, "--as", "right", folder=folder).code == 0
    assert shown("list", folder=folder)["precision"][0]["right"] == 1
    lived = shown("show", id_, folder=folder)
    events = [event["event"] for event in lived["events"]]
    assert events[-4:] == ["acknowledged", "silenced", "resolved", "judged"]
    assert [event["sequence"] for event in lived["events"]] == list(range(1, len(events) + 1))
    assert [one["command"]["actor"] for one in lived["commands"]][:2] == ["Ana", "Ion"]


def test_a_person_manages_an_alert_while_the_service_runs(tmp_path: Path) -> None:
    (tmp_path / "listener.toml").write_text(BOTH)
    crisis(tmp_path, now_ms())
    with running("run", folder=tmp_path) as process:
        wait_for(lambda: the_open_alerts(tmp_path), 60)
        session(tmp_path)
        assert process.poll() is None


def test_a_person_manages_an_alert_when_the_service_has_ended(ended: Path) -> None:
    session(ended)


def test_what_cannot_be_done_is_refused_with_the_reason_and_stands_in_the_life_of_the_alert(ended: Path) -> None:
    id_ = the_open_alert(ended)
    assert alerts("resolve", id_, folder=ended).code == 0
    says_one_line(alerts("ack", id_, folder=ended), 1, f"alert {id_} is closed already")
    refused = shown("show", id_, folder=ended)["commands"][-1]
    assert (refused["command"]["kind"], refused["done"]) == ("acknowledge", False)


def test_an_alert_that_is_not_there_is_named(ended: Path) -> None:
    for what in (["show", "12345"], ["ack", "12345"], ["resolve", "12345"], ["explain", "12345"]):
        says_one_line(alerts(*what, folder=ended), 1, "there is no alert 12345")


def test_a_silence_ends_when_it_is_told_to(ended: Path) -> None:
    made = shown("silence", "--brand", "acme", "--match", "rule=negative-spike", "--for", "1d", folder=ended)
    (silence,) = made
    assert the_open_alerts(ended)[0]["muted"]
    assert alerts("silence", "--expire", silence["command"]["id"], "--by", "Ion", folder=ended).code == 0
    listed = shown("list", folder=ended)
    assert (pages(listed["alerts"])[0]["muted"], listed["silences"]) == (None, [])
    events = shown("show", the_open_alert(ended), folder=ended)["events"]
    assert [(event["event"], event["actor"]) for event in events[-1:]] == [("updated", "Ion")]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--brand", "acme"], "say until when"),
        (["--brand", "acme", "--for", "2 hours"], "is no length"),
        (["--brand", "acme", "--for", "0m"], "is not within a year"),
        (["--brand", "acme", "--for", "2h", "--match", "mood=bad"], "write NAME=VALUE"),
        (["--brand", "acme", "--for", "2h", "--match", "rule=negativ-spike"], "no rule is called so"),
        (["--brand", "acme", "--for", "2h", "--match", "severity!=Critical"], "there are notice, warning, critical"),
        (["--brand", "acme", "--until", "tomorrow"], "is no time"),
        (["--for", "2h"], "say what"),
    ],
)
def test_a_silence_that_is_written_wrongly_is_explained(ended: Path, arguments: list[str], words: str) -> None:
    ran = alerts("silence", *arguments, folder=ended)
    assert ran.code == 2
    assert words in " ".join(ran.err.split())


def test_a_silence_for_a_brand_that_is_not_there_is_refused(ended: Path) -> None:
    says_one_line(alerts("silence", "--brand", "nobody", "--for", "2h", folder=ended), 1, "no brand 'nobody'")


def test_an_explanation_judges_the_frozen_numbers_again(ended: Path) -> None:
    id_ = the_open_alert(ended)
    told = alerts("explain", id_, folder=ended)
    assert told.code == 0
    assert "verdict: fires" in told.out
    assert "judged again from these numbers: the same verdict, byte for byte" in told.out
    assert re.search(
        r"severity: \d+ from [\d,]+ beyond what is normal.*; in \d+ min; [\d,]+ followers?; words", told.out
    )
    found = shown("explain", id_, folder=ended)
    assert (found["fires"], found["same"], found["judged_again"]) == (True, True, found["event"]["judged"])


def test_without_a_database_it_is_said_what_makes_one(tmp_path: Path) -> None:
    (tmp_path / "listener.toml").write_text(FROM_FILE)
    says_one_line(alerts("list", folder=tmp_path), 1, "listener.db", "listener run")


# The inbox


def a_command(id_: str, **fields: Any) -> Command:
    fields = {"kind": "silence", "until": from_ms(now_ms() + DAY), **fields}
    return Command(id=id_, brand="acme", actor="Ana", at=from_ms(now_ms()), **fields)


def obeyed(database: Path, *commands: Command) -> list[Receipt]:
    """The receipts, when a runtime has taken these out of the inbox."""
    leave(database, commands)
    with Store(database) as store:
        Embedded(store, plain_scorer()).obey()
        assert store.commands.waiting() == []
        return list(store.commands.receipts())


def test_a_command_that_comes_again_is_done_once(ended: Path) -> None:
    database = ended / "listener.db"
    first = obeyed(database, a_command("a"), a_command("b"))
    with Records(database) as store:
        before = export_of(store, ended)["alerts.jsonl"]
    assert obeyed(database, a_command("b"), a_command("a")) == first
    with Records(database) as store:
        assert export_of(store, ended)["alerts.jsonl"] == before


def test_what_is_no_command_is_a_dead_letter_and_the_rest_is_done(ended: Path) -> None:
    database = ended / "listener.db"
    with closing(sqlite3.connect(database)) as db, db:
        db.execute("INSERT INTO inbox (record) VALUES (?)", (b'{"record":"command/1","id":7}',))
    (receipt,) = obeyed(database, a_command("a"))
    assert receipt.done
    with Records(database) as store:
        export_of(store, ended)
    (letter,) = [letter for letter in dead_letters_in(ended) if letter.source == "inbox"]
    assert "`$.id`" in letter.reason


def test_commands_are_records_of_the_log(ended: Path) -> None:
    database = ended / "listener.db"
    (receipt,) = obeyed(database, a_command("a"))
    with closing(sqlite3.connect(database)) as db:
        (raw,) = db.execute("SELECT record FROM mentions ORDER BY position DESC LIMIT 1").fetchone()
    assert decoder(Command)(raw) == receipt.command


def test_a_commit_that_fails_leaves_the_command_in_the_inbox(ended: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = ended / "listener.db"
    leave(database, [a_command("a")])

    def unplugged(store: Store) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as broken, Store(database) as store:
        broken.setattr(Store, "commit", unplugged)
        with pytest.raises(OSError, match="no space"):
            Embedded(store, plain_scorer()).obey()
    with Store(database) as store:
        assert (len(store.commands.waiting()), list(store.commands.receipts())) == (1, [])
    assert [one.command.id for one in obeyed(database)] == ["a"]


def test_settings_with_a_cluster_lead_to_the_cluster() -> None:
    assert not configured().clustered
    assert configured(ACME + "[kafka]\n").clustered


def test_without_a_user_name_and_with_bytes_that_are_no_text_a_command_is_given(
    ended: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A container may run as a user who has no name."""
    monkeypatch.setattr("agents.alerts_cli.getuser", nameless)
    alert = shown("list", folder=ended)["alerts"][0]["id"]
    ran = alerts("ack", alert, "--comment", "caf\udce9", folder=ended)
    assert ran.code == 0, ran.err
    assert f"acknowledged by user {os.getuid()}" in alerts("show", alert, folder=ended).out


def nameless() -> str:
    raise KeyError("getpwuid(): uid not found")
