"""From the settings to receivers; here alone their secrets are read."""

from collections.abc import Sequence

import aiohttp

from agents.notify_settings import ReceiverSettings
from agents.receivers.alertmanager import Alertmanager
from agents.receivers.email import Email, Mailbox
from agents.receivers.receiver import Receiver
from agents.receivers.slack import Slack
from agents.receivers.webhook import Webhook
from agents.secret import read_secret


def receivers_of(settings: Sequence[ReceiverSettings]) -> list[Receiver]:
    """All receivers. Raise WrongSettings where a secret cannot be read."""
    return [_receiver(one, f"receivers[{number}]") for number, one in enumerate(settings)]


def _receiver(settings: ReceiverSettings, where: str) -> Receiver:
    url = settings.url if isinstance(settings.url, str) else read_secret(settings.url, f"{where}.url")
    password = None if settings.password is None else read_secret(settings.password, f"{where}.password")
    if settings.kind == "slack":
        return Slack(settings.name, url)
    if settings.kind == "webhook" and settings.secret is not None:
        return Webhook(settings.name, url, read_secret(settings.secret, f"{where}.secret"))
    if settings.kind == "alertmanager":
        auth = None if password is None else aiohttp.BasicAuth(settings.username, password)
        return Alertmanager(settings.name, url, auth)
    mailbox = Mailbox(settings.server, settings.security, settings.sender, settings.to, settings.username, password)
    return Email(settings.name, mailbox)
