"""Notify in the embedded service, as a process: from a file with a crisis to a receiver, and through its death."""

import asyncio
import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from agents.clock import now_ms
from agents.notify import Notifier, NotifyState
from agents.runtime.notices import NoticeStore
from agents.runtime.store import Store
from agents.settings_file import read_configuration
from listener.notices.health import Receivers
from listener.notices.notice import Notice, Told
from listener.notices.notices import Notices
from listener.notices.plan import Plan
from schemas.times import DAY, HOUR, MINUTE, SECOND, from_ms
from tests.agents.building import listener, running, says_one_line, write_lines
from tests.bench._notified import DEAD, Towers
from tests.core.noticing import alert

SHOP = '[[brands]]\nid = "fizz"\nname = "Fizz Cola"\nowner = "acme"\n[[sources]]\npath = "posts.jsonl"\n'
WELL = 2  # the number of a receiver that is neither dead nor slow


def crisis(end: int) -> list[bytes]:
    """Three calm days, then 20 minutes of anger up to `end` ms."""
    calm = [(at, "Fizz Cola is fine and nice") for at in range(end - 3 * DAY, end, 15 * MINUTE)]
    angry = [(at, "Fizz Cola is awful, disgusting") for at in range(end - 20 * MINUTE, end, 10 * SECOND)]
    posts = enumerate(sorted(calm + angry))
    return [
        json.dumps(
            {"id": f"x:{n}", "text": text, "created_at": from_ms(at).isoformat(), "url": f"https://x/{n}"}
        ).encode()
        for n, (at, text) in posts
    ]


def shop(folder: Path, port: int, more: str = "") -> Path:
    """Settings of a brand, with one receiver."""
    receiver = (
        f'name = "own"\nkind = "webhook"\nurl = "http://127.0.0.1:{port}/"\nsecret = {{ env = "BENCH_SECRET" }}\n'
    )
    path = folder / "listener.toml"
    path.write_text(f'{SHOP}[[receivers]]\n{receiver}[[routes]]\nreceivers = ["own"]\n{more}')
    return path


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCH_SECRET", "secret")


def test_what_is_open_at_the_end_of_a_file_is_told_before_the_command_ends(tmp_path: Path) -> None:
    write_lines(tmp_path / "posts.jsonl", crisis(now_ms() - MINUTE))
    with Towers(whole=True) as towers:
        ran = listener("run", "-c", shop(tmp_path, towers.ports[WELL]), folder=tmp_path)
        assert (ran.code, ran.err) == (0, "")
        (body,) = towers.bodies
    assert body["title"] == "CRITICAL Fizz Cola: unusually many negative mentions"
    assert body["owner"] == "acme"
    (told,) = body["alerts"]
    assert (told["status"], told["stage"]) == ("firing", "final")
    assert told["judged"]["observed"] > 10
    assert all(link.startswith("https://x/") for link in told["links"])
    assert told["links"]
    assert "“disgusting”" in told["words"]
    assert any("independent voices" in ground for ground in told["grounds"])


def test_what_is_long_over_is_told_to_nobody(tmp_path: Path) -> None:
    write_lines(tmp_path / "posts.jsonl", crisis(now_ms() - 30 * DAY))
    with Towers(whole=True) as towers:
        ran = listener("run", "-c", shop(tmp_path, towers.ports[WELL]), folder=tmp_path)
        assert ran.code == 0
        assert "opened" in ran.out
        assert towers.bodies == []


def test_a_receiver_that_is_down_is_named_and_told_by_the_next_run_though_this_one_is_killed(tmp_path: Path) -> None:
    write_lines(tmp_path / "posts.jsonl", crisis(now_ms() - MINUTE))
    with Towers(whole=True) as towers:
        path = shop(tmp_path, towers.ports[DEAD])
        with running("run", "-c", path, folder=tmp_path) as process:
            assert process.stdout is not None
            said = next(line.decode() for line in process.stdout if b"receiver own" in line)
        assert said.startswith("receiver own: 127.0.0.1: cannot be reached: Connection refused; asked again in ")
        shop(tmp_path, towers.ports[WELL])
        assert listener("run", "-c", path, folder=tmp_path).code == 0
        assert [body["kind"] for body in towers.bodies] == ["firing"]


def test_the_check_says_which_receivers_answer_and_who_is_told_nothing(tmp_path: Path) -> None:
    write_lines(tmp_path / "posts.jsonl", crisis(now_ms()))
    away = 'name = "away"\nkind = "alertmanager"\nurl = "http://127.0.0.1:9"\n'
    ran = listener(
        "check", "-c", shop(tmp_path, 9, f'severities = ["critical"]\n[[receivers]]\n{away}'), folder=tmp_path
    )
    assert ran.code == 1
    assert "ok      receiver own: its secret is there" in ran.out
    assert "wrong   receiver away: 127.0.0.1: cannot be reached" in ran.out
    assert "warning receiver away: no route and no digest names it" in ran.out
    assert "warning routes: none takes all, and there is no [digest]" in ran.out


def test_a_secret_that_is_missing_is_named_and_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BENCH_SECRET")
    write_lines(tmp_path / "posts.jsonl", crisis(now_ms()))
    ran = listener("run", "-c", shop(tmp_path, 9), folder=tmp_path)
    says_one_line(ran, 2, "receivers[0].secret: the environment variable BENCH_SECRET is not set")


def test_notify_has_a_worker_of_its_own_and_needs_somebody_to_tell(tmp_path: Path) -> None:
    says_one_line(listener("worker", "-c", shop(tmp_path, 9), "--agents", "track,notify"), 2, "a process of its own")
    (tmp_path / "none.toml").write_text(SHOP)
    says_one_line(listener("worker", "-c", tmp_path / "none.toml", "--agents", "notify"), 2, "routes: there are none")


def _outbox(store: Store) -> list[Any]:
    return store.connection.execute("SELECT id, sequence FROM outbox ORDER BY number").fetchall()


def test_an_event_waits_in_the_outbox_until_notify_has_it_and_none_comes_twice(tmp_path: Path) -> None:
    configuration = read_configuration(shop(tmp_path, 9))
    with Store(configuration.database()) as store:
        event = alert(now_ms())
        for _ in range(2):
            store.begin()
            store.add_alerts([event])
            store.commit()
        assert _outbox(store) == [("a1", 1)]
        health = Receivers({"own": 0})
        with closing(NoticeStore(configuration.database(), configuration.plan(), health, now_ms())) as notify:
            (notices,) = notify.step(now_ms())
            assert notices.waiting() == 1
        assert _outbox(store) == []
        with closing(NoticeStore(configuration.database(), configuration.plan(), health, now_ms())) as notify:
            assert notify.notices.waiting() == 1


def test_of_a_backlog_all_is_taken_in_before_anything_is_said(tmp_path: Path) -> None:
    configuration = read_configuration(shop(tmp_path, 9))
    began = now_ms() - HOUR
    events = [alert(began, id=f"b{number}", fingerprint=f"f{number}", event="resolved") for number in range(2_500)]
    with Store(configuration.database()) as store:
        store.begin()
        store.add_alerts(
            [alert(began, fingerprint="f"), *events, alert(began, fingerprint="f", sequence=2, event="resolved")]
        )
        store.commit()
        health = Receivers({"own": 0})
        with closing(NoticeStore(configuration.database(), configuration.plan(), health, now_ms())) as notify:
            (notices,) = notify.step(now_ms())
            assert notices.waiting() == 0
        assert _outbox(store) == []


def test_without_routes_nothing_waits_for_ever_and_what_is_open_is_told_once_there_are_some(tmp_path: Path) -> None:
    write_lines(tmp_path / "posts.jsonl", crisis(now_ms() - MINUTE))
    (tmp_path / "listener.toml").write_text(SHOP)
    ran = listener("run", "-c", tmp_path / "listener.toml", folder=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    assert "opened" in ran.out
    with Store(read_configuration(tmp_path / "listener.toml").database()) as store:
        assert _outbox(store) == []
    with Towers(whole=True) as towers:
        assert listener("run", "-c", shop(tmp_path, towers.ports[WELL]), folder=tmp_path).code == 0
        assert [body["kind"] for body in towers.bodies] == ["firing"]


def test_nothing_that_notify_keeps_names_a_post(tmp_path: Path) -> None:
    configuration = read_configuration(shop(tmp_path, 9))
    with Store(configuration.database()) as store:
        store.begin()
        store.add_alerts([alert(now_ms(), examples=("x:a-post",))])
        store.commit()
        with closing(NoticeStore(configuration.database(), configuration.plan(), Receivers({"own": 0}), 0)) as notify:
            notify.step(now_ms())
        kept = store.state("notify/")
    assert kept
    assert b"a-post" not in b"".join(kept.values())


class NothingToDo:
    """Desks with no errand, and nobody who counts."""

    longest_wait = 60.0
    state = NotifyState((), (), 0)

    def step(self, now: int) -> list[Notices]:
        return []

    async def keep(self, notices: Notices) -> None: ...

    def with_posts(self, told: Told) -> Told:
        return told

    def sent(self, receiver: str, notice: Notice, delay: float | None) -> None: ...


class Beating(NothingToDo):
    """A receiver that is to hear a heartbeat each second, and keeps what it hears."""

    name = "own"

    def __init__(self) -> None:
        self.said: list[str] = []
        self.health = Receivers({"own": 0})
        self.notices = Notices(Plan(heartbeats={"own": SECOND}), self.health, {}, now_ms() - MINUTE)

    def step(self, now: int) -> list[Notices]:
        return [self.notices]

    async def tell(self, notice: Notice) -> None:
        self.said.append(notice.kind)

    async def reach(self) -> str:
        return ""


async def test_no_heartbeat_is_sent_once_the_listener_has_not_got_on_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("agents.notify.ALIVE_SECONDS", 0.2)
    own = Beating()
    notifier = Notifier([own], own.health, own, lambda note: None)
    await asyncio.sleep(0.25)
    notifier.look(own)
    await asyncio.sleep(0.01)
    assert own.said == []
    notifier.alive()
    notifier.look(own)
    await asyncio.sleep(0.01)
    assert own.said == ["heartbeat"]


async def test_it_ends_when_it_is_told_to_in_the_moment_in_which_it_is_woken() -> None:
    nothing = NothingToDo()
    notifier = Notifier((), Receivers({}), nothing, lambda note: None)
    notifier.held = False
    running_ = asyncio.create_task(notifier.run(nothing))
    await asyncio.sleep(0.01)
    notifier.wake()
    running_.cancel()
    done, _ = await asyncio.wait([running_], timeout=5)
    running_.cancel()
    assert done
