"""Mastodon's connection against a server that does what its documentation says, and what networks do."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from agents.clock import now_ms
from agents.configuration import Source, WrongSettings
from agents.kept_secret import Secret
from agents.sources import keeping, mastodon
from agents.sources.connection import Lost, Refused
from agents.sources.mastodon import Mastodon as Connection
from schemas.mention import Mention
from schemas.times import from_ms
from tests.agents.building import ACME, configured
from tests.agents.kept import kept
from tests.agents.listened import Notebook, listened, until
from tests.agents.network import Mastodon, serving, status

SHAKES = ["cut", "gone", "garbage", "repeat", "huge", 500, 503, (429, {"Retry-After": "0"})]


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Mastodon]:
    """A server, and no long waits for it."""
    monkeypatch.setattr(keeping, "wait", lambda *_: 0.01)
    monkeypatch.setattr(keeping, "wait_refused", lambda *_: 0.01)
    one = Mastodon()
    async with serving(one):
        yield one


def connection(server: Mastodon, **fields: Any) -> Connection:
    return Connection("fediverse", Source(kind="mastodon", url=server.url, **fields), now_ms)


def snowflake(number: int) -> int:
    """An id of now, as servers make them."""
    return (now_ms() << 16) + number


def statuses(count: int, **fields: Any) -> list[dict[str, Any]]:
    return [status(snowflake(number), from_ms(now_ms()).isoformat(), **fields) for number in range(count)]


def names(told: list[dict[str, Any]]) -> set[str]:
    return {f"mastodon:127.0.0.1/{one['id']}" for one in told}


async def test_the_stream_is_read_as_it_comes_with_edits_and_deletions(server: Mastodon) -> None:
    async with listened(connection(server)) as heard:
        told = statuses(3)
        await server.say(*told)
        await server.say({**told[0], "edited_at": from_ms(now_ms()).isoformat()}, event="status.update")
        await server.take_back(told[1]["id"])
        await server.say({"id": "1"}, event="notification")
        await until(lambda: len(heard.ids) == 5)
    assert heard.began == [None]
    assert set(heard.ids) == names(told)
    assert [record.op for record in heard.records if isinstance(record, Mention)] == ["create"] * 3 + ["update"]


async def test_what_was_missed_is_read_from_the_timeline_page_by_page(server: Mastodon) -> None:
    missed = [status(snowflake(number) - (30_000 << 16), "2026-01-05T08:00:00Z") for number in range(100)]
    await server.say(*missed)
    covered = now_ms() - 60_000
    cursor = {"newest": missed[9]["id"], "covered": covered, "roots": []}
    async with listened(connection(server), cursor) as heard:
        await until(lambda: heard.through > covered)
        assert heard.began == [covered]
        assert heard.cursor["newest"] == missed[-1]["id"]
        live = statuses(2)
        await server.say(*live)
        await until(lambda: names(live) <= set(heard.ids))
    assert set(heard.ids) == names(missed) | names(live)
    assert server.pages == 4


async def test_a_gap_that_cannot_be_read_stays_unknown_and_is_told(server: Mastodon) -> None:
    server.timeline = 401
    cursor = {"newest": str(snowflake(0)), "covered": now_ms() - 60_000, "roots": []}
    async with listened(connection(server), cursor) as heard:
        await until(lambda: heard.notes)
    assert heard.began == [None]
    assert len(heard.notes) == 1
    assert heard.notes[0].startswith("fediverse: what was missed cannot be read (HTTP 401: ")


async def test_a_gap_that_is_too_long_to_read_stays_unknown(server: Mastodon, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mastodon, "MOST_PAGES", 2)
    missed = statuses(100)
    await server.say(*missed)
    cursor = {"newest": missed[0]["id"], "covered": now_ms() - 60_000, "roots": []}
    async with listened(connection(server), cursor) as heard:
        await until(lambda: heard.notes)
        live = statuses(1)
        await server.say(*live)
        await until(lambda: names(live) <= set(heard.ids))
    assert heard.began == [cursor["covered"], None]


@pytest.mark.parametrize("shake", SHAKES, ids=str)
async def test_nothing_is_lost_that_the_source_would_give_again(server: Mastodon, shake: Any) -> None:
    server.troubles.extend(["", shake, "", shake] if isinstance(shake, int | tuple) else [shake, "", shake])
    if isinstance(shake, int | tuple):
        server.troubles[0] = "cut"
    told = []
    async with kept(connection(server)) as heard:
        await until(lambda: heard.keeper.state().up)
        for _ in range(20):
            told += (some := statuses(3))
            await server.say(*some)
            await asyncio.sleep(0.02)
        await until(lambda: names(told) <= set(heard.ids))
        assert set(heard.ids) == names(told)


async def test_replies_carry_the_root_of_their_thread_across_restarts(server: Mastodon) -> None:
    first, second, third = (snowflake(number) for number in range(3))
    async with listened(connection(server)) as heard:
        await server.say(status(second, "2026-01-05T08:00:00Z", in_reply_to_id=str(first)))
        await until(lambda: heard.ids)
    async with listened(connection(server), heard.cursor) as later:
        await server.say(status(third, "2026-01-05T08:00:01Z", in_reply_to_id=str(second)))
        await until(lambda: f"mastodon:127.0.0.1/{third}" in later.ids)
    roots = {record.id: record.root_id for record in later.records if isinstance(record, Mention)}
    assert roots[f"mastodon:127.0.0.1/{third}"] == f"mastodon:127.0.0.1/{first}"


def heard_so_many(heard: Notebook, count: int) -> bool:
    return len(heard.ids) == count


async def test_cursors_of_one_second_share_their_roots(server: Mastodon) -> None:
    """A thousand of them each: what waits for a slow lane would be a gigabyte of cursors."""
    time = now_ms()
    one = Connection("fediverse", Source(kind="mastodon", url=server.url), lambda: time)
    async with listened(one) as heard:
        for number in range(1, 6):
            time += 1_000 if number == 5 else 0
            await server.say(status(snowflake(number), "2026-01-05T08:00:00Z", in_reply_to_id=str(snowflake(0))))
            await until(partial(heard_so_many, heard, number))
    roots = [cursor["roots"] for _, cursor in heard.batches]
    assert len({id(one) for one in roots}) < len(roots)
    assert len(roots[-1]) == 5, "a second later they are taken anew"


async def test_the_token_is_sent_and_never_told(server: Mastodon, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "hunter2")
    server.troubles.append(403)
    with pytest.raises(Refused) as raised:
        async with listened(connection(server, token=Secret(env="TOKEN"))):
            pass
    assert server.asked[0].headers["Authorization"] == "Bearer hunter2"
    assert "hunter2" not in str(raised.value)


async def test_a_token_that_is_not_there_is_told_before_anything_begins(server: Mastodon, tmp_path: Path) -> None:
    """One that is taken away later is a refusal, not a fault of ours."""
    secret = Secret(file=str(tmp_path / "token"))
    with pytest.raises(WrongSettings, match=r"sources\.fediverse\.token: .*No such file"):
        connection(server, token=secret)
    (tmp_path / "token").write_text("hunter2")
    one = connection(server, token=secret)
    (tmp_path / "token").unlink()
    with pytest.raises(Refused, match=r"sources\.fediverse\.token"):
        await one.reach()


async def test_the_stream_is_where_the_server_says_that_it_is(server: Mastodon) -> None:
    other = Mastodon()
    async with serving(other):
        server.streams_at = other.url.replace("http", "ws")
        async with listened(connection(server)) as heard:
            told = statuses(1)
            await other.say(*told)
            await until(lambda: set(heard.ids) == names(told))
    assert not server.asked


@pytest.mark.parametrize("nonsense", [7, "", "wss://", "file:///etc/passwd", "https://[", {"a": 1}])
async def test_a_server_that_says_nonsense_of_its_stream_is_taken_for_its_place(
    server: Mastodon, nonsense: Any
) -> None:
    server.streams_at = nonsense
    assert await connection(server).reach() == "127.0.0.1: the stream is open"
    assert len(server.asked) == 1


@pytest.mark.parametrize(("trouble", "kind"), [(401, Refused), (404, Refused), (500, Lost), (429, Lost)])
async def test_a_refusal_is_told(server: Mastodon, trouble: int, kind: type[Exception]) -> None:
    server.troubles.append(trouble)
    with pytest.raises(kind, match=f"HTTP {trouble}"):
        async with listened(connection(server)):
            pass


async def test_what_is_no_answer_of_http_is_a_loss_and_no_refusal() -> None:
    """What was refused is asked again after minutes only, and all that time stays unknown."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1") as listening:
        port = listening.sockets[0].getsockname()[1]
        one = Connection("fediverse", Source(kind="mastodon", url=f"http://127.0.0.1:{port}"), now_ms)
        with pytest.raises(Lost, match="no answer of HTTP"):
            await one.reach()


async def test_a_server_that_falls_silent_is_left(server: Mastodon) -> None:
    server.troubles.append("stall")
    one = connection(server)
    one.patience = 0.4
    async with kept(one) as heard:
        await until(lambda: heard.keeper.state().up)
        told = statuses(10)
        await server.say(*told)
        await until(lambda: set(heard.ids) == names(told))
    assert any("nothing came for" in note for note in heard.notes)


async def test_whether_it_can_be_reached_is_said_in_words(server: Mastodon) -> None:
    assert await connection(server).reach() == "127.0.0.1: the stream is open"


@pytest.mark.parametrize("second", ['stream = "public"', 'stream = "hashtag"\ntag = "acme"'])
def test_two_servers_that_tell_the_same_posts_are_refused(second: str) -> None:
    one = '[[sources]]\nkind = "mastodon"\nname = "one"\nurl = "https://one.example"\nstream = "public:local"\n'
    two = '[[sources]]\nkind = "mastodon"\nname = "two"\nurl = "https://two.example"\n'
    configured(ACME + one + two + 'stream = "public:local"\n')
    with pytest.raises(
        WrongSettings, match=r"sources\[1\]\.stream: two servers tell .* with 'one' they would count twice"
    ):
        configured(ACME + one + two + second)
