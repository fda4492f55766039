"""E-mail by SMTP. All mails on one trouble lie in one thread of the reader's, by their Message-IDs."""

import asyncio
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime
from typing import NamedTuple

from agents.receivers.receiver import WAIT_SECONDS, NotTaken
from agents.sources.connection import Lost, Refused
from listener.notices.notice import Notice
from listener.notices.wording import text, title
from schemas.times import from_ms

PORTS = {"starttls": 587, "tls": 465, "none": 25}


class Mailbox(NamedTuple):
    """Where mail is handed in, and from whom to whom it goes. `password` is None where nobody logs in."""

    server: str
    security: str
    sender: str
    to: tuple[str, ...]
    username: str = ""
    password: str | None = None


class Email:
    """Some addresses."""

    def __init__(self, name: str, mailbox: Mailbox) -> None:
        self.name = name
        self._mailbox = mailbox

    async def tell(self, notice: Notice) -> None:
        """Hand a mail in."""
        await self._talk(mail(notice, self._mailbox))

    async def reach(self) -> str:
        """Whether the server lets us in."""
        await self._talk(None)
        return f"{self._mailbox.server}: lets us in"

    async def _talk(self, made: EmailMessage | None) -> None:
        """In a thread of its own: the standard library waits there. Raise Lost, Refused."""
        try:
            await asyncio.to_thread(_hand_in, self._mailbox, made)
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


def _hand_in(mailbox: Mailbox, made: EmailMessage | None) -> None:
    host, _, port = mailbox.server.partition(":")
    number = int(port or PORTS[mailbox.security])
    context = ssl.create_default_context()
    if mailbox.security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, number, timeout=WAIT_SECONDS, context=context)
    else:
        server = smtplib.SMTP(host, number, timeout=WAIT_SECONDS)
    with server:
        if mailbox.security == "starttls":
            server.starttls(context=context)
        if mailbox.password is not None:
            server.login(mailbox.username, mailbox.password)
        if made is not None:
            server.send_message(made)


def _trouble(code: int, said: bytes | str) -> Lost | Refused:
    """What begins with 4 passes, by the rules of SMTP; what begins with 5 stays until somebody changes something."""
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    told = f"SMTP {code}: {' '.join(words.split())[:200]}"
    return NotTaken(told) if code < 500 else Refused(told)
