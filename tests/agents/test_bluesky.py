"""Bluesky's connection against a server that does what Jetstream's documentation says, and what networks do."""

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from agents.clock import now_ms
from agents.configuration import Source
from agents.sources import bluesky, keeping
from agents.sources.bluesky import REWIND_US, SERVERS, Bluesky
from agents.sources.connection import Lost, Refused
from tests.agents.building import ACME, lines_in, listener, mentions_in, running
from tests.agents.kept import kept
from tests.agents.listened import Notebook, listened, until
from tests.agents.network import Jetstream, event, serving

SHAKES = ["cut", "gone", "garbage", "repeat", "back", "drip", 500, 503, (429, {"Retry-After": "0"})]


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Jetstream]:
    """A server, and no long waits for it."""
    monkeypatch.setattr(keeping, "wait", lambda *_: 0.01)
    monkeypatch.setattr(keeping, "wait_refused", lambda *_: 0.01)
    jetstream = Jetstream()
    async with serving(jetstream):
        yield jetstream


def connection(server: Jetstream, **fields: Any) -> Bluesky:
    return Bluesky("bluesky", Source(kind="bluesky", url=server.url.replace("http", "ws"), **fields), now_ms)


def events(start: int, stop: int, first: int | None = None) -> list[tuple[int, bytes]]:
    """Events with these numbers, one each 10 ms, that end about now."""
    begin = now_ms() * 1000 - 2_000_000 if first is None else first
    return [event(number, begin + number * 10_000) for number in range(start, stop)]


def ids(start: int, stop: int) -> list[str]:
    return [f"bluesky:did:plc:mira/3k{number}" for number in range(start, stop)]


async def test_without_a_cursor_it_begins_now_and_asks_for_posts_and_reposts(server: Jetstream) -> None:
    await server.say(*events(0, 5))
    async with listened(connection(server)) as heard:
        await until(lambda: server.asked)
        await asyncio.sleep(0.1)
        await server.say(*events(5, 10))
        await until(lambda: len(heard.ids) == 5)
    assert heard.ids == ids(5, 10)
    assert heard.began == [None]
    asked = server.asked[0].query
    assert asked.getall("wantedCollections") == ["app.bsky.feed.post", "app.bsky.feed.repost"]
    assert "cursor" not in asked


async def test_it_goes_on_from_a_little_before_its_cursor(server: Jetstream) -> None:
    told = events(0, 1_500, first=now_ms() * 1000 - 20_000_000)
    await server.say(*told)
    cursor = {"time_us": told[1_200][0]}
    async with listened(connection(server), cursor) as heard:
        await until(lambda: heard.cursor == {"time_us": told[-1][0]})
    assert server.asked[0].query["cursor"] == str(told[1_200][0] - REWIND_US)
    assert heard.ids == ids(200, 1_500)
    assert heard.began == [(told[1_200][0] - REWIND_US) // 1000]
    assert heard.through == told[-1][0] // 1000 - bluesky.UNORDERED


async def test_what_the_server_does_not_give_again_stays_unknown(server: Jetstream) -> None:
    told = events(0, 50)
    server.floor = told[30][0]
    await server.say(*told)
    async with listened(connection(server), {"time_us": told[10][0]}) as heard:
        await until(lambda: len(heard.ids) == 20)
    assert heard.began == [told[30][0] // 1000]


@pytest.mark.parametrize("shake", SHAKES, ids=str)
async def test_nothing_is_lost_that_the_source_would_give_again(server: Jetstream, shake: Any) -> None:
    server.troubles.extend([shake, "", shake])
    async with kept(connection(server)) as heard:
        await until(lambda: server.asked)
        await asyncio.sleep(0.1)
        for number in range(0, 60, 3):
            await server.say(*events(number, number + 3))
            await asyncio.sleep(0.01)
        await until(lambda: set(ids(20, 60)) <= set(heard.ids))
        missing = set(ids(0, 60)) - set(heard.ids)
    assert not missing or isinstance(shake, int | tuple), f"{missing} were told before it was listening"


async def test_what_is_no_event_becomes_a_dead_letter_and_the_stream_goes_on(server: Jetstream) -> None:
    server.troubles.append("garbage")
    async with kept(connection(server)) as heard:
        await until(lambda: server.asked)
        await asyncio.sleep(0.1)
        await server.say(*events(0, 20))
        await until(lambda: len(heard.ids) == 20)
        assert [(letter.raw[:8], letter.fault) for letter in heard.letters] == [
            (b"no event", "unreadable"),
            (b"\xff\xfe no te", "unreadable"),
            (b"\x00" * 8, "unreadable"),
        ]
        assert len(server.asked) == 1


async def test_a_stream_of_nothing_but_nonsense_is_left(server: Jetstream) -> None:
    told = now_ms() * 1000
    await server.say(*[(told + number, b"nonsense") for number in range(500)])
    heard = Notebook()
    with pytest.raises(Lost, match="sends what is no event, 101 in a row"):
        await asyncio.wait_for(connection(server).listen({"time_us": told}, heard), 10)
    assert len(heard.letters) == 101


async def test_an_event_that_is_too_large_is_passed_by_and_its_time_stays_unknown(server: Jetstream) -> None:
    server.troubles.append("huge")
    async with kept(connection(server)) as heard:
        await until(lambda: server.asked)
        await asyncio.sleep(0.1)
        await server.say(*events(0, 20))
        await until(lambda: len(server.asked) == 2)
        await asyncio.sleep(0.1)
        await server.say(*events(20, 30))
        await until(lambda: set(ids(20, 30)) <= set(heard.ids))
    assert "cursor" not in server.asked[1].query
    assert any("more than 1,048,576 bytes" in note for note in heard.notes)


async def test_a_server_that_falls_silent_is_left(server: Jetstream) -> None:
    server.troubles.append("stall")
    one = connection(server)
    one.patience = 0.4
    async with kept(one) as heard:
        await until(lambda: server.asked)
        await asyncio.sleep(0.1)
        await server.say(*events(0, 20))
        await until(lambda: len(heard.ids) == 20)
    assert any("nothing came for" in note for note in heard.notes)


async def test_a_time_ahead_of_the_clock_does_not_become_the_cursor(server: Jetstream) -> None:
    async with listened(connection(server)) as heard:
        await until(lambda: server.asked)
        await asyncio.sleep(0.1)
        await server.say(event(1, (now_ms() + 86_400_000) * 1000), *(told := events(2, 3)))
        await until(lambda: heard.ids)
    assert heard.cursor == {"time_us": told[0][0]}
    assert [letter.reason for letter in heard.letters] == ["time_us is ahead of the clock"]


@pytest.mark.parametrize(
    ("trouble", "kind", "told"),
    [
        (401, Refused, "HTTP 401: the token or the secret is wrong, or missing"),
        (404, Refused, "HTTP 404"),
        (500, Lost, "HTTP 500"),
        ((429, {"Retry-After": "7"}), Lost, "HTTP 429"),
    ],
)
async def test_a_refusal_is_told_in_words(server: Jetstream, trouble: Any, kind: type[Exception], told: str) -> None:
    server.troubles.append(trouble)
    with pytest.raises(kind, match=told) as raised:
        async with listened(connection(server)):
            pass
    assert getattr(raised.value, "after", None) == (7 if isinstance(trouble, tuple) else None)


async def test_a_server_that_is_not_there_is_told_by_its_name() -> None:
    source = Source(kind="bluesky", url="ws://127.0.0.1:9")
    with pytest.raises(Lost, match=r"127\.0\.0\.1: cannot be reached"):
        async with listened(Bluesky("bluesky", source, now_ms)):
            pass


async def test_whether_it_can_be_reached_is_said_in_words(server: Jetstream) -> None:
    asking = asyncio.ensure_future(connection(server).reach())
    await until(lambda: server.asked)
    await asyncio.sleep(0.1)
    await server.say(*events(0, 1))
    assert await asking == "127.0.0.1: events come"


def test_without_an_address_the_public_servers_are_tried_in_turn() -> None:
    one = Bluesky("bluesky", Source(kind="bluesky"), now_ms)
    assert [next(one._servers) for _ in range(5)] == [*SERVERS, SERVERS[0]]  # noqa: SLF001 - nobody asks them here


@pytest.mark.slow
async def test_a_service_that_is_killed_loses_nothing_and_doubles_nothing(server: Jetstream, tmp_path: Path) -> None:
    source = f'[[sources]]\nkind = "bluesky"\nurl = "{server.url.replace("http", "ws")}"\n'
    (tmp_path / "listener.toml").write_text(ACME + source)
    told = 0
    for round_ in range(4):
        with running("run", folder=tmp_path) as process:
            await until(lambda: len(server.asked) > round_, 60)  # noqa: B023 - called at once
            await asyncio.sleep(0.2)
            for _ in range(10):
                await server.say(*events(told, told + 5))
                told += 5
                await asyncio.sleep(0.05 * round_)
            if round_ == 0:
                await until(lambda: mentions_in(tmp_path), 60)
            if round_ == 3:
                await until(lambda: {mention.id for mention in mentions_in(tmp_path)} == set(ids(0, 200)), 60)
                process.send_signal(signal.SIGTERM)
                await until(lambda: process.poll() is not None)
            else:
                process.send_signal(signal.SIGKILL)
    ran = listener("export", "--out", "found", folder=tmp_path)
    assert ran.code == 0, ran.err
    found = [line["mention"]["id"] for line in lines_in(tmp_path / "found", "brand-mentions.jsonl")]
    assert sorted(found) == sorted(ids(0, told))
