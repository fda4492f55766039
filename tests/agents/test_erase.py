"""`listener erase` on a real database: the tests search the bytes of its files themselves."""

import json
import sqlite3
from base64 import b64encode
from collections.abc import Iterable, Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from agents.runtime.embedded import Embedded, Incoming
from agents.runtime.records import Records
from agents.runtime.store import Store
from agents.sources.history import Item
from listener.formats.canonical import from_json
from listener.threads import mark_of
from schemas.dead_letter import DeadLetter
from schemas.heartbeat import Heartbeat
from schemas.record import to_json
from schemas.times import DAY, HOUR, MINUTE, from_ms
from tests.agents.building import (
    ACME,
    START,
    Ran,
    a_post,
    configured,
    feed,
    history_of,
    listener,
    listening,
    plain_scorer,
    says_one_line,
    write_lines,
)

ANA = {"handle": "@AnaSecretHandle", "id": "author-secret-17", "name": "Ana Secretname"}
BOB = {"handle": "@bob"}
CALM_HOURS = 30
LONG = "a word and another, " * 1_000  # more than a page of the database


def calm() -> list[bytes]:
    """Two quiet days, in which there is a baseline."""
    return [a_post(f"x:calm{number}", START + number * 10 * MINUTE, "acme as ever") for number in range(CALM_HOURS * 6)]


def trouble(at: int) -> list[bytes]:
    """Enough to open an alert; Ana's is the first of it."""
    posts = [a_post(f"x:bob{number}", at + number * 1_000, f"acme is awful {number}") for number in range(60)]
    hers = a_post("x:ana-awful-1", at, f"acme is awful, says secretword1 {LONG}", author=ANA)
    return [hers, *posts]


def hers(at: int) -> list[bytes]:
    """An edited post, its answer by somebody else, an answer of hers."""
    return [
        a_post("x:ana-edited-1", at, "acme is secretword2", author=ANA),
        a_post("x:ana-edited-1", at, "acme was secretword3", author=ANA, op="update", edited_at="2020-01-03T00:00:00Z"),
        a_post("x:bobs-answer", at + MINUTE, "how true", author=BOB, parent_id="x:ana-edited-1"),
        a_post("x:ana-answer-1", at + 2 * MINUTE, "secretword4 indeed", author=ANA, parent_id="x:bobs-answer"),
        a_post("x:bobs-own", at + MINUTE, "acme, hello", author=BOB),
    ]


@cache
def the_database() -> bytes:
    """A database with all that may hold something of Ana's, as a service that was stopped has left it."""
    with TemporaryDirectory() as folder:
        return make_database(Path(folder)).read_bytes()


def a_database(folder: Path) -> None:
    """A copy of it, with settings."""
    (folder / "listener.toml").write_text(ACME)
    (folder / "listener.db").write_bytes(the_database())


def make_database(folder: Path) -> Path:
    at = START + CALM_HOURS * HOUR
    lines = [*calm(), *trouble(at), *hers(at + 10 * MINUTE)]
    items: list[Item] = list(history_of(write_lines(folder / "posts.jsonl", lines), folder=folder).items())
    end = at + 12 * MINUTE
    kept = [item for item in items if not isinstance(item.record, Heartbeat) or item.record.through <= from_ms(end)]
    with Store(folder / "listener.db") as store:
        lane = Embedded(store, plain_scorer())
        lane.configure(configured().settings())
        feed(lane, kept, 50)
        broken = (
            b'{"id": "x:ana-broken-1", "text": "secretword5", "author": {"handle": "anasecrethandle"}, "created_at": 7}'
        )
        letter = DeadLetter.of("posts.jsonl", 3, "created_at: 'secretword6' is no time", broken)
        other = DeadLetter.of("posts.jsonl", 4, "text is missing", b'{"id": "x:ana-broken-11"}')
        lane.step([Incoming(letter, to_json(letter)), Incoming(other, to_json(other))], None, None)
    return folder / "listener.db"


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.name.startswith("listener.db"))


def found(folder: Path, words: Iterable[str]) -> list[str]:
    """Which words stand in the bytes of the database's files, as they are or within base64."""
    content = bytes_of(folder)
    return [word for word in words if word.lower().encode() in content.lower() or any(map(content.count, coded(word)))]


def coded(word: str) -> Iterator[bytes]:
    """What a word within a text is in base64, whatever stands before and after it."""
    for before in range(3):
        yield b64encode(b" " * before + word.encode()).rstrip(b"=")[(0, 2, 3)[before] : -1]


def erase(folder: Path, *arguments: str) -> dict[str, Any]:
    ran = listener("erase", *arguments, "--json", folder=folder)
    assert ran.code == 0, ran
    figures: dict[str, Any] = json.loads(ran.out)
    assert figures["proven"]
    return figures


def alerts(folder: Path) -> list[Any]:
    with Records(folder / "listener.db") as store:
        return list(store.alerts())


HERS = [f"secretword{number}" for number in (1, 3, 4)]
NAMES = ["anasecrethandle", "author-secret-17", "Ana Secretname"]


def test_all_of_an_author_goes_and_nothing_of_it_is_in_any_byte(tmp_path: Path) -> None:
    a_database(tmp_path)
    assert any("x:ana-awful-1" in alert.examples for alert in alerts(tmp_path)), "an alert has her post as an example"
    there = [*HERS, *NAMES, "secretword5", "secretword6", "x:ana-awful-1"]
    assert found(tmp_path, there) == there, "so that not to find them says something"
    figures = erase(tmp_path, "--author", "anasecrethandle")
    assert figures["ids"] == ["x:ana-awful-1", "x:ana-edited-1", "x:ana-answer-1"]
    assert (figures["posts"], figures["brand_mentions"], figures["dead_letters"]) == (3, 3, 1)
    assert figures["alert_events"] > 0
    assert figures["others"] == ["x:bobs-answer"]
    gone = [*HERS, *NAMES, "secretword2", "secretword5", "secretword6", "x:ana-awful-1", "x:ana-answer-1"]
    assert found(tmp_path, gone) == []
    assert found(tmp_path, ["x:ana-edited-1", "x:ana-broken-1", "acme, hello", "how true"]) == [
        "x:ana-edited-1",  # what Bob answers
        "x:ana-broken-1",  # of another: x:ana-broken-11
        "acme, hello",
        "how true",
    ]


def test_nor_is_it_kept_that_she_has_spoken_of_a_brand(tmp_path: Path) -> None:
    ambiguous = ACME + 'ambiguous = true\nhashtags = ["#acme"]\n'
    (tmp_path / "listener.toml").write_text(ambiguous)
    lines = [
        a_post("x:ana-1", START, "#acme", author=ANA, platform="x"),
        a_post("x:bob-1", START, "#acme", author=BOB, platform="x"),
        a_post("x:bob-2", START + 2 * HOUR, "#acme", author=BOB, platform="x"),
        a_post("x:ana-2", START + 3 * HOUR, "#acme", author=ANA, platform="x"),
    ]
    items = list(history_of(write_lines(tmp_path / "p.jsonl", lines), folder=tmp_path).items())
    hers, bobs = (mark_of(name, "x") for name in (ANA["id"], "bob"))
    for name, marks in (("stopped", {hers, bobs}), ("erased", {bobs})):
        with Store(tmp_path / "listener.db") as store:
            lane = Embedded(store, plain_scorer())
            if name == "stopped":
                lane.configure(configured(ambiguous).settings())
                feed(lane, [item for item in items if not isinstance(item.record, Heartbeat)])
            kept = store.connection.execute("SELECT content FROM state WHERE part GLOB 'track/acme/*'").fetchall()
        assert {mark for mark in (hers, bobs) if any(mark in raw for (raw,) in kept)} == marks
        assert any(hers in path.read_bytes() for path in tmp_path.glob("listener.db*")) == (hers in marks)
        if name == "stopped":
            erase(tmp_path, "--id", "x:ana-1")


WAITING = "SELECT content FROM state WHERE part GLOB 'track/acme/authors/*'"


@pytest.mark.parametrize("then", ["edited", "deleted", "kept"])
@pytest.mark.parametrize("by", ["id", "author"])
def test_what_waits_for_its_author_goes_whatever_became_of_it(tmp_path: Path, then: str, by: str) -> None:
    ambiguous = ACME + 'ambiguous = true\nthreshold = 0.85\nhashtags = ["#acme"]\n'
    (tmp_path / "listener.toml").write_text(ambiguous)
    at, text = START + 3 * HOUR, "acme glass shards awful horrible recall"
    read = {"ingested_at": from_ms(at + 5_000).isoformat()}
    fate = {
        "edited": [a_post("x:ana-22", at, f"{text} now", author=ANA, platform="x", op="update", version=7, **read)],
        "deleted": [json.dumps({"id": "x:ana-22", "op": "delete", **read}).encode()],
        "kept": [],
    }
    lines = [
        a_post("x:ana-1", START, "#acme", author=ANA, platform="x"),
        a_post("x:ana-22", at, text, author=ANA, platform="x", ingested_at=from_ms(at).isoformat()),
        *fate[then],
    ]
    with Store(tmp_path / "listener.db") as store:
        lane = Embedded(store, plain_scorer())
        lane.configure(configured(ambiguous).settings())
        for record in map(from_json, lines):
            lane.step([Incoming(record, to_json(record))], None, None)
        waiting = store.connection.execute(
            "SELECT content FROM state WHERE part GLOB 'track/acme/authors/*'"
        ).fetchall()
    hers = mark_of(ANA["id"], "x")
    assert any(hers in raw and b"x:ana-22" in raw for (raw,) in waiting)
    erase(tmp_path, *(["--id", "x:ana-22"] if by == "id" else ["--author", ANA["handle"]]))
    assert not any(hers in path.read_bytes() for path in tmp_path.glob("listener.db*")) or by == "id"
    with Store(tmp_path / "listener.db") as store:  # it is read again
        left = store.connection.execute(WAITING).fetchall()
    assert not any(b"x:ana-22" in raw for (raw,) in left)


def test_posts_go_by_their_ids_and_an_open_alert_is_corrected(tmp_path: Path) -> None:
    a_database(tmp_path)
    before = [alert for alert in alerts(tmp_path) if alert.stage == "final" and alert.rule == "negative-spike"]
    assert [alert.event for alert in before] == ["opened"]
    figures = erase(tmp_path, "--id", "x:ana-awful-1", "--id", "x:ana-broken-1")
    assert (figures["posts"], figures["brand_mentions"], figures["dead_letters"]) == (1, 1, 1)
    assert figures["unknown"] == ["x:ana-broken-1"]
    assert found(tmp_path, ["secretword1", "secretword5", "x:ana-awful-1"]) == []
    assert found(tmp_path, ["secretword3", "secretword4"]) == ["secretword3", "secretword4"]
    after = alerts(tmp_path)
    assert not any("x:ana-awful-1" in alert.examples for alert in after)
    with Store(tmp_path / "listener.db") as store:  # the next step goes on from the state that was scrubbed
        lane = Embedded(store, plain_scorer())
        heartbeat = Heartbeat(source="posts", through=from_ms(START + 2 * DAY), covered=(), ended=True)
        lane.step([Incoming(heartbeat, to_json(heartbeat))], None, None)
    new = [alert for alert in alerts(tmp_path) if alert not in after]
    revised = [alert for alert in new if alert.event == "revised" and alert.rule == "negative-spike"]
    assert revised
    assert revised[0].judged.observed == before[-1].judged.observed - 1
    assert found(tmp_path, ["x:ana-awful-1"]) == []


def test_brand_mentions_and_dead_letters_of_others_stay_as_they_were(tmp_path: Path) -> None:
    a_database(tmp_path)
    erase(tmp_path, "--author", "author-secret-17")
    with Records(tmp_path / "listener.db") as store:
        ids = {json.loads(line)["mention"]["id"] for line in store.export("brand_mentions")}
        letters = list(store.dead_letters())
    assert {id_ for id_ in ids if "ana" in id_} == set()
    assert "x:bobs-answer" in ids
    assert [(letter.raw == b"", letter.reason) for letter in letters] == [
        (True, "created_at: (erased)"),
        (False, "text is missing"),
    ]
    assert letters[0].length > 50


def test_a_copy_that_comes_late_is_dropped_also_of_what_nobody_knew(tmp_path: Path) -> None:
    a_database(tmp_path)
    erase(tmp_path, "--id", "x:ana-answer-1", "--id", "x:never-seen")
    at = START + (CALM_HOURS + 24 * 10) * HOUR
    with Store(tmp_path / "listener.db") as store:
        lane = Embedded(store, plain_scorer())
        for id_ in ("x:ana-answer-1", "x:never-seen", "x:new"):
            copy = from_json(a_post(id_, at, "acme, secretword9", ingested_at=from_ms(at).isoformat()))
            lane.step([Incoming(copy, to_json(copy))], None, None)
        ids = {json.loads(line)["mention"]["id"] for line in store.export("brand_mentions")}
    assert ids & {"x:ana-answer-1", "x:never-seen", "x:new"} == {"x:new"}


def test_what_detect_has_long_forgotten_goes_too(tmp_path: Path) -> None:
    lines = [a_post("x:old-one", START, "acme secretword1"), a_post("x:new-one", START + 40 * DAY, "acme")]
    (tmp_path / "listener.toml").write_text(ACME)
    items = list(history_of(write_lines(tmp_path / "p.jsonl", lines), folder=tmp_path, now=START + 50 * DAY).items())
    (tmp_path / "p.jsonl").unlink()
    with Store(tmp_path / "listener.db") as store:
        lane = Embedded(store, plain_scorer())
        lane.configure(configured().settings())
        feed(lane, items)
    figures = erase(tmp_path, "--id", "x:old-one")
    assert (figures["posts"], figures["unretractable"]) == (1, 1)
    assert found(tmp_path, ["secretword1", "x:old-one", "x:new-one"]) == ["x:new-one"]


def test_to_erase_again_changes_nothing(tmp_path: Path) -> None:
    a_database(tmp_path)
    erase(tmp_path, "--id", "x:ana-answer-1")
    again = listener("erase", "--id", "x:ana-answer-1", folder=tmp_path)
    assert again.code == 0
    assert "no post is kept of x:ana-answer-1" in again.out
    nobody = listener("erase", "--author", "@nobody", folder=tmp_path)
    assert (nobody.code, "no post of theirs is kept" in nobody.out) == (0, True)


def test_a_handle_is_looked_for_on_one_platform_if_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "listener.toml").write_text(ACME)
    with Store(tmp_path / "listener.db") as store:
        lane = Embedded(store, plain_scorer())
        lane.configure(configured().settings())
        for platform in ("x", "mastodon"):
            post = from_json(a_post(f"{platform}:12345678", START, "acme", platform=platform, author=ANA))
            lane.step([Incoming(post, to_json(post))], None, None)
    assert erase(tmp_path, "--author", "@AnaSecretHandle", "--platform", "x")["ids"] == ["x:12345678"]
    assert found(tmp_path, ["mastodon:12345678"]) == ["mastodon:12345678"]


def test_while_a_service_runs_it_says_what_to_do(tmp_path: Path) -> None:
    with listening(tmp_path):
        says_one_line(listener("erase", "--id", "x:1", folder=tmp_path), 1, "runs on it", "stop it, erase")


def test_wrong_use_is_told(tmp_path: Path) -> None:
    (tmp_path / "listener.toml").write_text(ACME)

    def wrong(*arguments: str) -> Ran:
        ran = listener("erase", *arguments, folder=tmp_path)
        assert "Traceback" not in ran.err
        return ran

    assert [wrong().code, wrong("--id", "a", "--author", "b").code, wrong("--id", "").code] == [2, 2, 2]
    assert wrong("--id", "a", "--platform", "x").code == 2
    says_one_line(wrong("--id", "a"), 1, "no such database", "--kafka")


def a_few(folder: Path, *lines: bytes) -> None:
    """A database with some posts."""
    (folder / "listener.toml").write_text(ACME)
    with Store(folder / "listener.db") as store:
        lane = Embedded(store, plain_scorer())
        lane.configure(configured().settings())
        for line in lines:
            post = from_json(line)
            lane.step([Incoming(post, to_json(post))], None, None)


def test_a_repost_goes_with_its_post_and_a_quotation_is_told(tmp_path: Path) -> None:
    words = "acme, said a secret word that is long enough"
    a_few(
        tmp_path,
        a_post("x:the-post", START, words, author=ANA),
        a_post("x:the-repost", START + 1, words, kind="repost", reposted_id="x:the-post"),
        a_post("x:the-quote", START + 2, f"look: {words}"),
        a_post("x:another", START + 3, "acme, said"),
    )
    figures = erase(tmp_path, "--id", "x:the-post")
    assert figures["ids"] == ["x:the-post", "x:the-repost"]
    assert figures["others"] == ["x:the-quote"]
    assert found(tmp_path, ["x:the-post", "x:the-repost"]) == []


def test_what_lies_in_unused_pages_is_found_and_overwritten(tmp_path: Path) -> None:
    a_few(
        tmp_path, a_post("x:the-post", START, "acme secretword1 and more than that"), a_post("x:other", START, "acme")
    )
    with closing(sqlite3.connect(tmp_path / "listener.db", isolation_level=None)) as db:
        db.execute("PRAGMA secure_delete = OFF")  # as another program may have it
        db.execute("INSERT INTO mentions VALUES (99, ?)", (b"acme secretword1 and more than that" * 1_000,))
        db.execute("DELETE FROM mentions WHERE position = 99")
    assert bytes_of(tmp_path).count(b"secretword1") > 100
    erase(tmp_path, "--id", "x:the-post")
    assert found(tmp_path, ["secretword1", "x:other"]) == ["x:other"]


def test_while_somebody_reads_what_was_it_is_not_proven(tmp_path: Path) -> None:
    a_few(tmp_path, a_post("x:the-post", START, "acme secretword1"), a_post("x:other", START, "acme"))
    with closing(sqlite3.connect(tmp_path / "listener.db", isolation_level=None)) as db:
        db.execute("BEGIN")
        db.execute("SELECT count(*) FROM mentions").fetchone()
        ran = listener("erase", "--id", "x:the-post", folder=tmp_path)
        assert (ran.code, "STILL THERE: the write-ahead log: somebody reads" in ran.out) == (1, True), ran
    erase(tmp_path, "--id", "x:the-post")
    assert found(tmp_path, ["secretword1"]) == []
