"""E-mail by SMTP. All mails on one trouble lie in one thread of the reader's, by their Message-IDs."""

import asyncio
import smtplib
import socket
import ssl
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from email.message import EmailMessage
from email.utils import format_datetime
from typing import NamedTuple

from agents.notify_settings import MailSecurity
from agents.receivers.receiver import WAIT_SECONDS, NotTaken
from agents.sources.connection import Lost, Refused
from listener.notices.notice import Notice
from listener.notices.notices import AT_ONCE
from listener.notices.wording import text, title
from schemas.times import from_ms

PORTS = {"starttls": 587, "tls": 465, "none": 25}
GREETING = 220
WHOLE_SECONDS = 3 * WAIT_SECONDS  # for all of a talk: greeting, TLS, login, mail
MOST_LEFT = 1_000  # mails of which is known who was refused them
Refusals = Mapping[str, tuple[int, bytes]]  # by address: code and words


class Mailbox(NamedTuple):
    """Where mail is handed in, and from whom to whom it goes. `password` is None where nobody logs in."""

    server: str
    security: MailSecurity
    sender: str
    to: tuple[str, ...]
    username: str = ""
    password: str | None = None


class Mail(NamedTuple):
    """A mail, and the addresses it is handed in for."""

    made: EmailMessage
    to: tuple[str, ...]


class Line:
    """The connection of a talk, to be cut by another thread than waits in it, whatever is spoken over it.

    Each wait for a server has a limit, all of them together have none; and while TLS is agreed on, neither smtplib nor
    ssl says which socket that is. So it is held here, a second time.
    """

    def __init__(self) -> None:
        self._held: socket.socket | None = None
        self._is_cut = False
        self._lock = threading.Lock()

    def hold(self, connected: socket.socket) -> None:
        """Raise TimeoutError where it was cut before it was there."""
        with self._lock:
            if self._is_cut:
                connected.close()
                raise TimeoutError("cut before it was connected")
            self._held = connected.dup()

    def cut(self) -> None:
        """End the talk: whoever waits in it gets an error."""
        with self._lock:
            self._is_cut = True
            if self._held is not None:
                with suppress(OSError):
                    self._held.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        """Nobody speaks over it any more."""
        with self._lock:
            if self._held is not None:
                self._held.close()
                self._held = None


class Email:
    """Some addresses. Its mails are handed in by threads of its own: a server that hangs keeps nobody else's."""

    def __init__(self, name: str, mailbox: Mailbox) -> None:
        self.name = name
        self._mailbox = mailbox
        self._context = None if mailbox.security == "none" else ssl.create_default_context()
        self._threads = ThreadPoolExecutor(AT_ONCE, f"mail-{name}")
        self._left: dict[str, tuple[int, tuple[str, ...]]] = {}  # by key: the number, and who was refused its mail

    async def tell(self, notice: Notice) -> None:
        """Hand a mail in; when a server has refused some addresses, it is asked again for these alone."""
        number, left = self._left.get(notice.key, (notice.number, self._mailbox.to))
        to = left if number == notice.number else self._mailbox.to
        refused = await self._talk(Mail(mail(notice, self._mailbox), to))
        self._left.pop(notice.key, None)
        if refused:
            self._left[notice.key] = notice.number, tuple(refused)
            while len(self._left) > MOST_LEFT:
                del self._left[next(iter(self._left))]
            address, (code, said) = next(iter(refused.items()))
            raise Lost(f"{address}: {_said(code, said)}; {len(refused)} of {len(self._mailbox.to)} addresses refused")

    async def reach(self) -> str:
        """Whether the server lets us in."""
        await self._talk(None)
        return f"{self._mailbox.server}: lets us in"

    async def _talk(self, given: Mail | None) -> Refusals:
        """Talk to the server; return which addresses it refused though it took the mail. Raise Lost, Refused."""
        line, loop = Line(), asyncio.get_running_loop()
        talking = loop.run_in_executor(self._threads, _hand_in, line, self._mailbox, given, self._context)
        try:
            return await _limited(line, talking)
        except smtplib.SMTPAuthenticationError as error:
            raise Refused(f"SMTP {error.smtp_code}: it refuses the user or the password") from None
        except smtplib.SMTPResponseException as error:
            raise _trouble(error.smtp_code, error.smtp_error) from None
        except smtplib.SMTPRecipientsRefused as error:
            raise _trouble(*next(iter(error.recipients.values()))) from None
        except smtplib.SMTPNotSupportedError as error:
            raise Refused(f"it cannot do what is asked: {error}; look at security") from None
        except ssl.SSLError as error:
            raise Refused(f"no TLS can be spoken there: {error.reason or error}") from None
        except ConnectionRefusedError as error:
            raise NotTaken(f"{self._mailbox.server}: cannot be reached: {error.strerror}") from None
        except (smtplib.SMTPException, OSError) as error:
            raise Lost(f"{self._mailbox.server}: {error or type(error).__name__}") from None


def mail(notice: Notice, mailbox: Mailbox) -> EmailMessage:
    """The mail. It names the first of its trouble as what it answers, so that readers show them together."""
    made = EmailMessage()
    host = mailbox.sender.rpartition("@")[2]
    made["From"], made["To"] = mailbox.sender, ", ".join(mailbox.to)
    made["Subject"] = " ".join(title(notice).split())
    made["Date"] = format_datetime(from_ms(notice.at))
    made["Message-ID"] = _id(notice.key, notice.number, host)
    if notice.number > 1 and notice.kind != "heartbeat":
        made["In-Reply-To"] = made["References"] = _id(notice.key, 1, host)
    made["Auto-Submitted"] = "auto-generated"
    made["X-Listener-Dedup-Key"] = notice.key
    made.set_content(text(notice))
    return made


def _id(key: str, number: int, host: str) -> str:
    return f"<listener.{key.replace('/', '.')}.{number}@{host}>"


def _hand_in(line: Line, mailbox: Mailbox, given: Mail | None, context: ssl.SSLContext | None) -> Refusals:
    host, _, port = mailbox.server.partition(":")
    server = smtplib.SMTP(timeout=WAIT_SECONDS)
    server._host = host  # type: ignore[attr-defined]  # noqa: SLF001 - whose certificate it must be
    try:
        server.sock = socket.create_connection((host, int(port or PORTS[mailbox.security])), WAIT_SECONDS)
        line.hold(server.sock)
        if mailbox.security == "tls" and context is not None:
            server.sock = context.wrap_socket(server.sock, server_hostname=host)
        code, said = server.getreply()
        if code != GREETING:
            raise smtplib.SMTPConnectError(code, said)
        if mailbox.security == "starttls":
            server.starttls(context=context)
        if mailbox.password is not None:
            server.login(mailbox.username, mailbox.password)
        return {} if given is None else server.send_message(given.made, to_addrs=given.to)
    finally:
        with suppress(smtplib.SMTPException, OSError):  # a mail that was taken stays so, however they part
            server.quit()
        server.close()
        line.end()


async def _limited(line: Line, talking: asyncio.Future[Refusals]) -> Refusals:
    """What comes of a talk. One that takes too long is ended, and so is one for which nobody waits any more."""
    try:
        done, _ = await asyncio.wait([talking], timeout=WHOLE_SECONDS)
    finally:
        if not talking.done():
            talking.cancel()
            line.cut()
    if not done:
        raise smtplib.SMTPServerDisconnected(f"not done within {WHOLE_SECONDS:.0f} s")
    return talking.result()


def _trouble(code: int, said: bytes | str) -> Lost | Refused:
    """What begins with 4 passes, by the rules of SMTP; what begins with 5 stays until somebody changes something."""
    told = _said(code, said)
    return NotTaken(told) if code < 500 else Refused(told)


def _said(code: int, said: bytes | str) -> str:
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"SMTP {code}: {' '.join(words.split())[:200]}"
