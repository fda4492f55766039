"""An alert explained to people, from a real database: with the words of posts that are there, and of no others."""

from collections.abc import Sequence
from io import StringIO
from pathlib import Path

from rich.console import Console

from agents.console import TerminalWatcher
from agents.explanation import facts
from agents.report.alerts import episode_item
from agents.report.episodes import episodes_of
from agents.runtime.embedded import Embedded, Incoming, Outcome
from agents.runtime.records import Records
from agents.runtime.store import Store
from listener.words import mark32
from schemas.alert import Alert
from schemas.deletion import Deletion
from schemas.heartbeat import Heartbeat
from schemas.record import to_json
from schemas.times import DAY, HOUR, MINUTE, from_ms
from tests.agents.building import (
    ACME,
    START,
    a_post,
    configured,
    export_of,
    feed,
    history_of,
    listener,
    plain_scorer,
    write_lines,
)

CALM_HOURS = 30
CRISIS = START + CALM_HOURS * HOUR
SAYERS = 12


def posts(hostile: str = "") -> list[bytes]:
    """A calm day, then a crisis in which twelve people say a word of their own."""
    calm = [
        a_post(f"x:calm{n}", START + n * 10 * MINUTE, "acme as ever" if n % 6 else "acme delivery was awful")
        for n in range(CALM_HOURS * 6)
    ]
    own = ["kitchen", "garden", "office", "school", "train", "hotel"]
    crowd = [
        a_post(
            f"x:crowd{n}",
            CRISIS + n * 2_000,
            f"acme is awful in my {own[n % 6]} {own[n // 6 % 6]}",
            author={"handle": f"c{n}"},
        )
        for n in range(50)
    ]
    sayers = [
        a_post(
            f"x:says{n}",
            CRISIS + n * 1_000,
            f"acme is awful: zanzibarglass{hostile}",
            author={"handle": f"says{n}"},
            place="Tallinn",
        )
        for n in range(SAYERS)
    ]
    return [*calm, *crowd, *sayers, a_post("x:after", CRISIS + 11 * MINUTE, "acme as ever")]


def lane_of(store: Store, folder: Path, hostile: str = "", told: list[Outcome] | None = None) -> Embedded:
    """A lane that has read it all, minutes after the crisis began."""
    items = list(history_of(write_lines(folder / "posts.jsonl", posts(hostile)), folder=folder).items())
    (folder / "posts.jsonl").unlink()
    until = from_ms(CRISIS + 12 * MINUTE)
    lane = Embedded(store, plain_scorer(), (lambda outcome: None) if told is None else told.append)
    lane.configure(configured().settings())
    feed(lane, [item for item in items if not isinstance(item.record, Heartbeat) or item.record.through <= until], 50)
    return lane


def the_alert(store: Store) -> Alert:
    told = ("final", "opened", "negative-spike")
    return next(alert for alert in store.alerts() if (alert.stage, alert.event, alert.rule) == told)


def the_lines(store: Store) -> list[str]:
    alert = the_alert(store)
    return [f"{name}: {told}" for name, told in facts(alert, store.posts(alert))]


def step(lane: Embedded, records: Sequence[Deletion | Heartbeat]) -> None:
    lane.step([Incoming(record, to_json(record)) for record in records], None, None)


def bytes_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("listener.db*"))


def test_an_alert_is_explained_line_by_line(tmp_path: Path) -> None:
    with Store(tmp_path / "listener.db") as store:
        lane_of(store, tmp_path)
        lines = the_lines(store)
    told = dict(line.split(": ", 1) for line in lines)
    assert "“zanzibarglass” " in told["words"]
    assert "posts looked at" in told["words"]
    assert "authors" in told["who"]
    assert "Tallinn" in told["where"]
    assert "alias Acme" in told["named by"]
    assert told["last week"] == "nobody listened in the same hour last week"
    assert sum(line.startswith("top post: “acme is awful") for line in lines) > 0
    assert sum(line.startswith("next: ") for line in lines) >= 3


def test_what_was_deleted_is_told_by_nobody(tmp_path: Path) -> None:
    with Store(tmp_path / "listener.db") as store:
        lane = lane_of(store, tmp_path)
        before = the_lines(store)
        assert b"zanzibarglass" in bytes_in(tmp_path)
        at = from_ms(CRISIS + 13 * MINUTE)
        gone = [Deletion(id=f"x:says{n}", ingested_at=at) for n in range(SAYERS)]
        step(lane, [*gone, Heartbeat(source="posts", through=from_ms(CRISIS + DAY), covered=(), ended=True)])
        lines = the_lines(store)
    assert b"zanzibarglass" not in bytes_in(tmp_path)
    assert not any("zanzibarglass" in line or "Tallinn" in line for line in lines)
    assert any("term whose posts are not there any more" in line or "terms whose" in line for line in lines)
    assert any("zanzibarglass" in line for line in before)


def test_what_was_erased_has_no_mark_in_any_alert(tmp_path: Path) -> None:
    (tmp_path / "listener.toml").write_text(ACME)
    mark = mark32("zanzibarglass")

    def marks() -> list[int]:
        with Records(tmp_path / "listener.db") as store:
            evidence = [alert.evidence for alert in store.alerts() if alert.evidence is not None]
        return [mark for one in evidence for term in one.terms for mark in term.marks]

    with Store(tmp_path / "listener.db") as store:
        lane_of(store, tmp_path)
    assert mark in marks()
    ids = [part for n in range(SAYERS) for part in ("--id", f"x:says{n}")]
    ran = listener("erase", *ids, folder=tmp_path)
    assert ran.code == 0, ran
    content = bytes_in(tmp_path)
    assert not any(word in content for word in (b"zanzibarglass", b"x:says", b"Tallinn"))
    assert mark not in marks()
    assert mark32("kitchen") in marks(), "what others say stays"


def test_a_terminal_shows_words_and_who_below_the_alert(tmp_path: Path) -> None:
    told: list[Outcome] = []
    with Store(tmp_path / "listener.db") as store:
        lane_of(store, tmp_path, hostile="\x1b[2J", told=told)
    shown = StringIO()
    watcher = TerminalWatcher(Console(file=shown, width=400, soft_wrap=True))
    for outcome in told:
        watcher.committed(outcome)
    lines = shown.getvalue().splitlines()
    place = next(place for place, line in enumerate(lines) if " opened" in line and "early" not in line)
    assert lines[place + 1].startswith("    words: ")
    assert "zanzibarglass" in lines[place + 1]
    assert lines[place + 2].startswith("    who: ")
    assert "\x1b" not in shown.getvalue()


def test_the_report_has_the_evidence_and_no_markup_of_anybody(tmp_path: Path) -> None:
    with Store(tmp_path / "listener.db") as store:
        lane_of(store, tmp_path, hostile=" <script>alert(1)</script>")
        (episode,) = [one for one in episodes_of(store)["acme"] if one.opened.id == the_alert(store).id]
    item = episode_item(1, episode, "Acme")
    assert "<dt>words</dt><dd><bdi>“" in item
    assert "zanzibarglass" in item
    assert "<dt>next</dt>" in item
    assert "<script" not in item


def test_two_replays_give_the_same_evidence_without_a_word_of_a_post(tmp_path: Path) -> None:
    found = []
    for run in range(2):
        (tmp_path / str(run)).mkdir()
        with Store(tmp_path / str(run) / "listener.db") as store:
            lane_of(store, tmp_path / str(run))
            found.append(export_of(store, tmp_path / str(run))["alerts.jsonl"])
    assert found[0] == found[1]
    assert b'"evidence":' in found[0]
    assert b"zanzibarglass" not in found[0]


def test_where_no_post_is_there_the_figures_are_told_all_the_same(tmp_path: Path) -> None:
    with Store(tmp_path / "listener.db") as store:
        lane_of(store, tmp_path)
        told = dict(facts(the_alert(store), {}))
    assert "whose posts are not there any more; by authors, of" in told["words"]
    assert "a place that is not known any more" in told["where"]
