"""The webhook on a real socket: signed requests in, answers as its documentation says them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import ClientSession
from hypothesis import given
from hypothesis import strategies as st

from agents.configuration import Source
from agents.kept_secret import Secret
from agents.sources import webhook
from agents.sources.signed import (
    MOST_REMEMBERED,
    SIGNATURE,
    TIMESTAMP,
    WINDOW_SECONDS,
    Allowance,
    BadSignature,
    Remembered,
    sign,
    verify,
)
from agents.sources.webhook import Webhook
from schemas.mention import Mention
from tests.agents.building import NOW, START, a_post
from tests.agents.listened import Notebook, listened, until
from tests.ports import free_port

SECRET = b"hunter2"
AT = str(NOW // 1_000)


class Sender:
    """Somebody who posts to a webhook, and what it has heard."""

    def __init__(self, session: ClientSession, url: str, heard: Notebook) -> None:
        self._session = session
        self.url = url
        self.heard = heard

    async def post(self, body: bytes, at: str = AT, secret: bytes = SECRET, **headers: str) -> tuple[int, Any]:
        """Post a body, signed unless the headers say otherwise; return the status and what was answered."""
        others = {name.replace("_", "-"): value for name, value in headers.items()}
        signed = {TIMESTAMP: at, SIGNATURE: sign(secret, at, body), **others}
        async with self._session.post(self.url, data=BytesIO(body), headers=signed) as answer:
            return answer.status, await answer.json(content_type=None)


@asynccontextmanager
async def serving(folder: Path, **source: Any) -> AsyncIterator[Sender]:
    (folder / "secret").write_bytes(SECRET + b"\n")
    listen = f"127.0.0.1:{free_port()}"
    told = Source(kind="webhook", listen=listen, secret=Secret(file=str(folder / "secret")), **source)
    async with listened(Webhook("forum", told, lambda: NOW)) as heard, ClientSession() as session:
        yield Sender(session, f"http://{listen}/forum", heard)


async def test_a_post_that_is_signed_is_taken(tmp_path: Path) -> None:
    async with serving(tmp_path) as sender:
        assert await sender.post(a_post("a")) == (200, {"mentions": 1, "dead_letters": 0, "repeated": False})
        assert sender.heard.ids == ["a"]


async def test_a_list_is_taken_item_by_item_and_bad_ones_are_dead_letters(tmp_path: Path) -> None:
    async with serving(tmp_path) as sender:
        body = b"[" + b",".join([a_post("a"), b"5", a_post("b"), b'{"id":"c"}', b"[" * 300 + b"]" * 300]) + b"]"
        assert await sender.post(body) == (200, {"mentions": 2, "dead_letters": 3, "repeated": False})
        assert sender.heard.ids == ["a", "b"]
        assert [letter.source for letter in sender.heard.letters] == ["forum"] * 3


async def test_fields_are_mapped_from_json_of_any_shape(tmp_path: Path) -> None:
    columns = {"id": "key", "text": "body.plain", "created_at": "when", "author": {"handle": "by.0"}}
    async with serving(tmp_path, columns=columns, items="data.posts", platform="forum") as sender:
        post = {"key": 7, "body": {"plain": "acme"}, "when": START // 1_000, "by": ["me"]}
        assert (await sender.post(orjson.dumps({"data": {"posts": [post]}})))[0] == 200
        (mention,) = sender.heard.records
        assert isinstance(mention, Mention)
        assert (mention.id, mention.text, mention.author and mention.author.handle) == ("forum:7", "acme", "me")
        status, told = await sender.post(b'{"data": {"posts": {}}}')
        assert (status, told) == (400, {"error": "there is no list at 'data.posts'"})


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({SIGNATURE.replace("-", "_"): "sha256=" + "0" * 64}, "the signature is wrong"),
        ({SIGNATURE.replace("-", "_"): ""}, "must be sha256="),
        ({TIMESTAMP.replace("-", "_"): "now"}, "must hold the seconds"),
        ({"at": str(int(AT) - WINDOW_SECONDS - 1)}, "signed more than"),
        ({"at": str(int(AT) + WINDOW_SECONDS + 1)}, "signed more than"),
        ({"secret": b"other"}, "the signature is wrong"),
    ],
)
async def test_what_is_not_signed_lately_with_the_secret_is_refused(
    headers: dict[str, Any], why: str, tmp_path: Path
) -> None:
    async with serving(tmp_path) as sender:
        status, told = await sender.post(a_post("a"), **headers)
        assert status == 401
        assert why in told["error"]
        assert sign(SECRET, AT, a_post("a"))[7:] not in told["error"]
        assert sender.heard.records == []


async def test_the_same_request_again_is_answered_and_not_taken(tmp_path: Path) -> None:
    async with serving(tmp_path) as sender:
        await sender.post(b"[5]")
        assert await sender.post(b"[5]") == (200, {"mentions": 0, "dead_letters": 0, "repeated": True})
        assert len(sender.heard.letters) == 1


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{", {}, 400),
        (b"\xff", {}, 400),
        (b"", {}, 400),
        (b'"' + b"x" * webhook.LARGEST_BODY + b'"', {}, 413),
        (b"x", {"Content_Encoding": "gzip"}, 415),
    ],
)
async def test_what_cannot_be_read_is_refused(
    body: bytes, headers: dict[str, Any], status: int, tmp_path: Path
) -> None:
    async with serving(tmp_path) as sender:
        assert (await sender.post(body, **headers))[0] == status
        assert sender.heard.records == []
        assert (await sender.post(a_post("a")))[0] == 200, "it goes on"


async def test_another_path_or_method_is_refused(tmp_path: Path) -> None:
    async with serving(tmp_path) as sender, ClientSession() as session:
        async with session.get(sender.url) as answer:
            assert answer.status == 405
        async with session.post(sender.url + "/other") as answer:
            assert answer.status == 404


async def test_more_than_the_rate_is_told_to_wait(tmp_path: Path) -> None:
    async with serving(tmp_path, rate=3) as sender:
        statuses = [(await sender.post(a_post(f"{n}")))[0] for n in range(6)]
        assert statuses[:3] == [200, 200, 200]
        assert 429 in statuses


async def test_what_is_not_signed_uses_up_no_rate(tmp_path: Path) -> None:
    async with serving(tmp_path, rate=1) as sender:
        for secret in (b"other", b"another"):
            assert (await sender.post(a_post("a"), secret=secret))[0] == 401
        assert (await sender.post(a_post("a")))[0] == 200


async def test_nothing_is_promised_before_it_is_committed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "COMMIT_SECONDS", 0.2)
    async with serving(tmp_path) as sender:
        sender.heard.waits = True
        assert (await sender.post(a_post("a")))[0] == 503
        sender.heard.waits = False
        assert await sender.post(a_post("a")) == (200, {"mentions": 1, "dead_letters": 0, "repeated": False})


async def slow(sender: Sender, *headers: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A request whose body does not come."""
    port = int(sender.url.split(":")[2].split("/")[0])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = ["POST /forum HTTP/1.1", "Host: x", "Content-Length: 9", *headers, "", "x"]
    writer.write("\r\n".join(head).encode())
    return reader, writer


LOOKS_SIGNED = (f"{TIMESTAMP}: {AT}", f"{SIGNATURE}: sha256={'0' * 64}")


async def test_a_body_that_does_not_come_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "BODY_SECONDS", 0.2)
    async with serving(tmp_path) as sender:
        reader, writer = await slow(sender, *LOOKS_SIGNED)
        assert b" 408 " in await asyncio.wait_for(reader.readline(), 5)
        writer.close()


async def test_what_is_not_signed_is_refused_before_its_body_comes(tmp_path: Path) -> None:
    async with serving(tmp_path) as sender:
        reader, writer = await slow(sender)
        assert b" 401 " in await asyncio.wait_for(reader.readline(), 1)
        writer.close()


async def test_slow_bodies_of_anybody_take_no_place_of_those_who_sign(tmp_path: Path) -> None:
    async with serving(tmp_path) as sender:
        slowly = [await slow(sender, *LOOKS_SIGNED) for _ in range(webhook.MOST_AT_ONCE + webhook.MOST_READ)]
        oldest = slowly[0][0]
        assert b" 408 " in await asyncio.wait_for(oldest.readline(), 1)
        async with asyncio.timeout(1):
            assert (await sender.post(a_post("a")))[0] == 200
        for _, writer in slowly:
            writer.close()


async def test_no_more_than_so_many_are_under_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "MOST_AT_ONCE", 2)
    async with serving(tmp_path) as sender:
        sender.heard.waits = True
        waiting = [asyncio.ensure_future(sender.post(a_post(f"{n}"))) for n in range(2)]
        await until(lambda: len(sender.heard.ids) == 2)
        assert (await sender.post(a_post("c")))[0] == 503
        for task in waiting:
            task.cancel()


@given(st.binary(), st.binary(min_size=1), st.integers(0, 10**11))
def test_only_the_same_body_secret_and_time_have_the_same_signature(body: bytes, secret: bytes, at: int) -> None:
    signature = sign(secret, str(at), body)
    verify(secret, str(at), signature, body)
    for wrong in (
        (secret + b"x", str(at), signature, body),
        (secret, str(at + 1), signature, body),
        (secret, str(at), signature, body + b"x"),
    ):
        with pytest.raises(BadSignature):
            verify(*wrong)


def test_what_is_remembered_is_bounded_by_time_and_number() -> None:
    remembered = Remembered()
    for number in range(MOST_REMEMBERED + 1):
        remembered.add(f"{number}", 0)
    assert "0" not in remembered
    assert f"{MOST_REMEMBERED}" in remembered
    remembered.add("new", 2 * WINDOW_SECONDS + 1)
    assert f"{MOST_REMEMBERED}" not in remembered


@given(st.lists(st.floats(0, 0.5), max_size=200), st.integers(1, 20))
def test_no_more_than_the_rate_is_allowed_in_the_long_run(pauses: list[float], rate: int) -> None:
    allowance, now, taken = Allowance(rate), 100.0, 0
    for pause in pauses:
        now += pause
        taken += allowance.take(now)
    assert taken <= rate + rate * (now - 100.0) + 1e-6
