"""Mail as it is handed in: to whom, how safely, and what becomes of servers that refuse or hang."""

import asyncio
import ssl
import subprocess
from pathlib import Path

import pytest
from msgspec.structs import replace

from agents.notify_settings import MailSecurity
from agents.receivers import email
from agents.receivers.email import Email, Mailbox
from agents.receivers.receiver import NotTaken
from agents.sources.connection import Lost, Refused
from listener.notices.notice import Notice
from listener.notices.notices import AT_ONCE
from tests.agents.hearing_notices import posting

PAGE = Notice(kind="heartbeat", key="k", number=1, at=0)
BOTH = ("oncall@example.org", "archive@example.org")


async def test_whom_a_server_refused_is_named_and_asked_for_again_alone() -> None:
    async with posting() as post:
        mail = Email("mail", Mailbox(post.address, "none", "l@example.org", BOTH))
        post.refused[BOTH[0]] = "451 later"
        with pytest.raises(Lost, match=r"oncall@example\.org: SMTP 451: later; 1 of 2 addresses refused") as told:
            await mail.tell(PAGE)
        assert not isinstance(told.value, NotTaken)  # who took it has to hear of the end
        with pytest.raises(NotTaken):
            await mail.tell(PAGE)
        post.refused.clear()
        await mail.tell(PAGE)
        assert post.asked == [*BOTH, BOTH[0], BOTH[0]]
        await mail.tell(replace(PAGE, number=2))
        assert post.asked[4:] == [*BOTH]


async def test_what_is_new_goes_to_all_again() -> None:
    async with posting() as post:
        mail = Email("mail", Mailbox(post.address, "none", "l@example.org", BOTH))
        post.refused[BOTH[0]] = "550 nobody"
        for number in (1, 2):
            with pytest.raises(Lost, match="nobody"):
                await mail.tell(replace(PAGE, number=number))
        assert post.asked == [*BOTH, *BOTH]


async def test_a_server_that_drips_holds_nobody_longer_than_the_limit_and_no_other_receiver(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(email, "WHOLE_SECONDS", 0.5)
    hung_up = asyncio.Semaphore(0)

    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                writer.write(b"220-wait\r\n")
                await writer.drain()
                await asyncio.sleep(0.05)
        except ConnectionError:
            hung_up.release()
        finally:
            writer.close()

    dripping = await asyncio.start_server(drip, "127.0.0.1", 0)
    async with dripping, posting() as post:
        address = f"127.0.0.1:{dripping.sockets[0].getsockname()[1]}"
        slow = Email("slow", Mailbox(address, "none", "l@example.org", BOTH))
        waiting = [asyncio.create_task(slow.tell(PAGE)) for _ in range(50)]
        await Email("well", Mailbox(post.address, "none", "l@example.org", BOTH)).tell(PAGE)
        assert not any(task.done() for task in waiting)
        outcomes = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 10)
        assert {str(one) for one in outcomes} == {f"{address}: not done within 0 s"}
        monkeypatch.setattr(email, "WHOLE_SECONDS", 60)
        last = asyncio.create_task(slow.tell(PAGE))
        await asyncio.sleep(0.3)
        last.cancel()
        async with asyncio.timeout(10):
            for _ in range(AT_ONCE + 1):  # no thread waits for ever, nor does the end of the process for one
                await hung_up.acquire()


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """That of a server whose certificate, for localhost, is vouched for."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    make = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    subprocess.run([*make.split(), "-keyout", key, "-out", certificate], check=True, capture_output=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificate, key)
    return made


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_a_server_that_drips_while_tls_is_agreed_on_is_hung_up_on(
    security: MailSecurity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(email, "WHOLE_SECONDS", 0.5)
    monkeypatch.setattr(email, "WAIT_SECONDS", 60.0)
    hung_up, heard = asyncio.Event(), bytearray()

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A record of TLS that never ends, a byte each 50 ms."""
        if security == "starttls":
            for answer in (b"220 here\r\n", b"250-me\r\n250 STARTTLS\r\n", b"220 go on\r\n"):
                writer.write(answer)
                heard.extend(await reader.readline() if b"go on" not in answer else b"")
        try:
            await reader.read(1)  # the hello of the other side: what comes before it would be read with an answer
            for byte in b"\x16\x03\x03\x3f\xff" + bytes(10_000):
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0.05)
        except ConnectionError:
            hung_up.set()
        finally:
            writer.close()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    async with server:
        address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        mail = Email("mail", Mailbox(address, security, "l@example.org", BOTH))
        with pytest.raises(Lost, match="not done within"):
            await mail.tell(PAGE)
        await asyncio.wait_for(hung_up.wait(), 10)
        await asyncio.to_thread(mail._threads.shutdown)  # noqa: SLF001 - the thread must have ended, too
    assert (b"STARTTLS" in heard) is (security == "starttls")


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_mail_is_handed_in_by_tls_to_whose_certificate_it_is_and_to_nobody_else(
    security: MailSecurity, context: ssl.SSLContext
) -> None:
    async with posting(context, at_once=security == "tls") as post:
        port = post.address.partition(":")[2]
        await Email("mail", Mailbox(f"localhost:{port}", security, "l@example.org", BOTH)).tell(PAGE)
        assert len(post.mails) == 1
        with pytest.raises(Refused, match="no TLS can be spoken there"):
            await Email("mail", Mailbox(f"127.0.0.1:{port}", security, "l@example.org", BOTH)).tell(PAGE)
        assert len(post.mails) == 1
