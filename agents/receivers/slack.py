"""Slack: an incoming webhook. It has no threads and no updates, so what is new is a new message."""

from typing import Any

import orjson

from agents.receivers.http import post
from listener.notices.notice import Notice
from listener.notices.wording import paragraphs, title
from schemas.alert import Severity

LONGEST = 2_900  # characters of a section; Slack takes 3,000
SIGNS: dict[Severity, str] = {
    "notice": ":large_blue_circle:",
    "warning": ":large_orange_circle:",
    "critical": ":red_circle:",
}
MOST = 40  # sections; Slack takes 50 blocks


class Slack:
    """A channel. `url` is the secret."""

    def __init__(self, name: str, url: str) -> None:
        self.name = name
        self._url = url

    async def tell(self, notice: Notice) -> None:
        """Post a message. Slack knows no key of a message: one whose answer was lost is posted again."""
        await post(self._url, orjson.dumps(message(notice)), {"Idempotency-Key": f"{notice.key}/{notice.number}"})

    async def reach(self) -> str:
        """Nothing can be tried without a message."""
        return "its address is there; only a message can show whether it is right"


def message(notice: Notice) -> dict[str, Any]:
    """The message: the title in bold, a section an alert, the first line of which is the sentence that matters."""
    sections = [f"{_sign(notice)} *{_plain(title(notice))}*"]
    sections += ["\n".join(map(_plain, lines)) for lines in paragraphs(notice)]
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": _cut(text)}} for text in sections[:MOST]]
    return {"text": _plain(title(notice)), "blocks": blocks, "unfurl_links": False}


def _sign(notice: Notice) -> str:
    if notice.kind == "firing":
        return SIGNS[notice.severity]
    return {"resolved": ":white_check_mark:", "digest": ":newspaper:"}.get(notice.kind, ":green_heart:")


def _plain(text: str) -> str:
    """Slack's three signs of its own: a name like "<!channel>" must call nobody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"
