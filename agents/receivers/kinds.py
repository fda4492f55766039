"""From the settings to receivers; here alone their secrets are read."""

from collections.abc import Sequence

import aiohttp

from agents.configuration import WrongSettings
from agents.kept_secret import Secret
from agents.notify_settings import ReceiverSettings
from agents.receivers.alertmanager import Alertmanager
from agents.receivers.email import Email, Mailbox
from agents.receivers.receiver import Receiver
from agents.receivers.slack import Slack
from agents.receivers.webhook import Webhook
from agents.secret import read_secret
from agents.source_checks import is_address
from listener.notices.durations import parse_duration


def receivers_of(settings: Sequence[ReceiverSettings]) -> list[Receiver]:
    """All receivers. Raise WrongSettings where a secret cannot be read."""
    return [_receiver(one, f"receivers[{number}]") for number, one in enumerate(settings)]


def _receiver(settings: ReceiverSettings, where: str) -> Receiver:
    url = settings.url if isinstance(settings.url, str) else _secret_address(settings.url, f"{where}.url")
    password = None if settings.password is None else read_secret(settings.password, f"{where}.password")
    if settings.kind == "slack":
        return Slack(settings.name, url)
    if settings.kind == "webhook" and settings.secret is not None:
        return Webhook(settings.name, url, read_secret(settings.secret, f"{where}.secret"))
    if settings.kind == "alertmanager":
        auth = None if password is None else aiohttp.BasicAuth(settings.username, password)
        return Alertmanager(settings.name, url, auth, parse_duration(settings.heartbeat) if settings.heartbeat else 0)
    mailbox = Mailbox(settings.server, settings.security, settings.sender, settings.to, settings.username, password)
    return Email(settings.name, mailbox)


def _secret_address(secret: Secret, key: str) -> str:
    """An address that is a secret: where it is none, only its key is named."""
    url = read_secret(secret, key)
    if not is_address(url, "https", "http"):
        raise WrongSettings(f"{key}: what it holds is no address; write it like https://example.org/...")
    return url
