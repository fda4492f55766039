"""Live sources in a running service: together, killed, stopped, measured and checked."""

import json
import os
import signal
import sqlite3
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest

from agents.sources.signed import SIGNATURE, TIMESTAMP, sign
from tests.agents.building import (
    ACME,
    a_post,
    lane_in,
    listener,
    mentions_in,
    running,
    says_one_line,
    wait_for,
    write_lines,
)
from tests.ports import free_port

SECRET = b"hunter2"


def post(port: int, body: bytes) -> dict[str, object] | None:
    """Post a signed body; None where nobody is listening."""
    at = str(int(time.time()))
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/forum", body, {TIMESTAMP: at, SIGNATURE: sign(SECRET, at, body)}
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - as above
            told: dict[str, object] = json.load(answer)
            return told
    except (ConnectionError, urllib.error.URLError):
        return None


def settings(folder: Path, port: int) -> None:
    (folder / "secret").write_bytes(SECRET)
    (folder / "drop").mkdir(exist_ok=True)
    (folder / "listener.toml").write_text(
        ACME
        + '[[sources]]\npath = "old.jsonl"\n'
        + '[[sources]]\npath = "posts.jsonl"\nfollow = true\n'
        + '[[sources]]\nkind = "folder"\npath = "drop"\n'
        + f'[[sources]]\nkind = "webhook"\nname = "forum"\nlisten = "127.0.0.1:{port}"\nsecret.file = "secret"\n'
    )
    write_lines(folder / "old.jsonl", [a_post("old")])


def test_history_comes_first_and_then_all_that_is_live_until_a_quick_stop(tmp_path: Path) -> None:
    port = free_port()
    settings(tmp_path, port)
    with running("run", folder=tmp_path) as process:
        wait_for(lambda: post(port, a_post("posted")))
        (tmp_path / "posts.jsonl").write_bytes(a_post("followed") + b"\n")
        write_lines(tmp_path / "drop" / "a.jsonl", [a_post("dropped")])
        wait_for(lambda: len(mentions_in(tmp_path)) == 4)
        process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        assert process.wait(10) == 0
        assert time.monotonic() - began < 5
        assert process.stderr is not None
        assert process.stderr.read() == b""
    assert mentions_in(tmp_path)[0].id == "old"
    assert {mention.id for mention in mentions_in(tmp_path)} == {"old", "posted", "followed", "dropped"}
    assert {"posts.jsonl", "drop", "forum"} <= lane_in(tmp_path).coverage.keys()


def test_what_was_answered_with_200_survives_a_kill(tmp_path: Path) -> None:
    port = free_port()
    settings(tmp_path, port)
    answered = []
    for number in range(3):
        with running("run", folder=tmp_path) as process:
            wait_for(lambda n=number: post(port, a_post(f"{n}")))  # type: ignore[misc]  # mypy cannot tell what it is
            answered.append(f"{number}")
            process.kill()
            process.wait(10)
        assert [mention.id for mention in mentions_in(tmp_path)][1:] == answered


def test_what_was_missed_between_two_runs_stays_unknown_where_nobody_gives_it_again(tmp_path: Path) -> None:
    port = free_port()
    settings(tmp_path, port)
    for _ in range(2):
        with running("run", folder=tmp_path) as process:
            wait_for(lambda: post(port, a_post("a")))
            wait_for(lambda: not lane_in(tmp_path).standings["forum"].ended)
            process.kill()
        time.sleep(0.5)
    assert len(lane_in(tmp_path).coverage["forum"]) == 2
    assert len(lane_in(tmp_path).coverage["posts.jsonl"]) == 1


def test_a_stop_and_a_source_that_is_taken_out_are_said(tmp_path: Path) -> None:
    """Else the clock would wait for them, and somebody be told that they are dead."""
    port = free_port()
    settings(tmp_path, port)
    with running("run", folder=tmp_path) as process:
        wait_for(lambda: post(port, a_post("a")))
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert [lane_in(tmp_path).standings[name].ended for name in ("forum", "drop", "posts.jsonl")] == [True, True, True]
    with running("run", folder=tmp_path) as process:
        wait_for(lambda: post(port, a_post("b")))
        wait_for(lambda: not lane_in(tmp_path).standings["drop"].ended)
        process.kill()
    text = (tmp_path / "listener.toml").read_text().replace('[[sources]]\nkind = "folder"\npath = "drop"\n', "")
    (tmp_path / "listener.toml").write_text(text)
    with running("run", folder=tmp_path) as process:
        wait_for(lambda: lane_in(tmp_path).standings["drop"].ended)
        assert lane_in(tmp_path).coverage["drop"], "what it has covered it has"


def test_the_sources_are_measured(tmp_path: Path) -> None:
    port, metrics = free_port(), free_port()
    settings(tmp_path, port)
    with running("run", "--listen", f"127.0.0.1:{metrics}", folder=tmp_path):
        wait_for(lambda: post(port, b"[" + a_post("a") + b", 5]"))
        wait_for(lambda: b'listener_source_records_total{source="forum"} 2.0' in shown(metrics))
        text = shown(metrics)
    assert b'listener_source_up{source="forum"} 1.0' in text
    assert b'listener_source_connects_total{source="drop"} 1.0' in text
    assert b'listener_source_dead_letters_total{source="forum"} 1.0' in text
    assert b'listener_source_delay_seconds{source="forum"}' in text


def shown(port: int) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        text: bytes = answer.read()
        return text


def test_check_says_of_each_whether_it_can_be_reached(tmp_path: Path) -> None:
    settings(tmp_path, free_port())
    ran = listener("check", folder=tmp_path)
    assert ran.code == 0, ran
    for said in ("posts.jsonl: not there yet", "drop: watched, 0 files", "can listen on 127.0.0.1:"):
        assert said in ran.out
    (tmp_path / "drop").rmdir()
    (tmp_path / "secret").unlink()
    ran = listener("check", folder=tmp_path)
    assert ran.code == 1
    assert "No such file or directory" in ran.out
    assert "sources.forum.secret: " in ran.out


def test_a_secret_that_is_not_there_is_told_before_anything_begins(tmp_path: Path) -> None:
    settings(tmp_path, free_port())
    (tmp_path / "secret").unlink()
    says_one_line(listener("run", folder=tmp_path), 2, "sources.forum.secret", "No such file")
    assert not (tmp_path / "listener.db").exists()


def test_a_source_that_is_down_stops_no_other(tmp_path: Path) -> None:
    port = free_port()
    settings(tmp_path, port)
    (tmp_path / "drop").rmdir()
    with running("run", folder=tmp_path) as process:
        wait_for(lambda: post(port, a_post("a")))
        wait_for(lambda: len(mentions_in(tmp_path)) == 2)
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=10)
    assert b"drop: lost: [Errno 2] No such file or directory" in out


@pytest.mark.parametrize("name", ["forum", "posts.jsonl"])
def test_a_live_source_by_name_goes_to_a_cluster_alone(name: str, tmp_path: Path) -> None:
    settings(tmp_path, free_port())
    with (tmp_path / "listener.toml").open("a") as file:
        file.write('[kafka]\nbootstrap = ["127.0.0.1:1"]\n')
    says_one_line(listener("ingest", name, folder=tmp_path), 1, "127.0.0.1:1")


def test_a_live_source_that_is_called_like_a_file_is_refused(tmp_path: Path) -> None:
    settings(tmp_path, free_port())
    (tmp_path / "there").mkdir()
    text = (tmp_path / "listener.toml").read_text().replace('"posts.jsonl"', '"there/old.jsonl"')
    (tmp_path / "listener.toml").write_text(text)
    says_one_line(listener("run", folder=tmp_path), 2, "'old.jsonl'", "give the live one a name")


def test_a_file_is_replayed_as_the_source_that_follows_it_says(tmp_path: Path) -> None:
    columns = '[sources.columns]\ntext = "said"\ncreated_at = "when"\n'
    (tmp_path / "listener.toml").write_text(ACME + '[[sources]]\npath = "posts.jsonl"\nfollow = true\n' + columns)
    write_lines(tmp_path / "posts.jsonl", [b'{"said":"acme","when":"2020-01-01T00:00:00Z"}'])
    ran = listener("replay", "posts.jsonl", "--out", "found", folder=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    assert "1 mention read" in ran.out


def test_without_a_name_only_files_go_to_a_cluster(tmp_path: Path) -> None:
    settings(tmp_path, free_port())
    says_one_line(listener("ingest", folder=tmp_path), 2, "posts.jsonl, drop, forum: live", "listener ingest NAME")


def test_memory_does_not_grow_while_the_lane_stands(tmp_path: Path) -> None:
    """Another program holds the database: nothing can be committed, and the file is not read any further."""
    (tmp_path / "listener.toml").write_text(ACME + '[[sources]]\npath = "posts.jsonl"\nfollow = true\n')
    posts = tmp_path / "posts.jsonl"
    posts.touch()
    with running("run", folder=tmp_path) as process:
        wait_for(lambda: "posts.jsonl" in lane_in(tmp_path).coverage)
        with closing(sqlite3.connect(tmp_path / "listener.db", isolation_level=None)) as db:
            db.execute("BEGIN IMMEDIATE")
            line = a_post("a", text="x" * 900) + b"\n"
            with posts.open("ab") as file:
                for _ in range(100):
                    file.write(line * 1_000)
            time.sleep(3)
            pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1])
            db.execute("ROLLBACK")
    assert pages * os.sysconf("SC_PAGE_SIZE") < 300 << 20
