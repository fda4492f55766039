"""Alertmanager, its API v2: alerts are put, and put again while they last; an end in the past resolves one.

An Alertmanager forgets what nobody repeats, and ends what has no end by itself after five minutes. So each alert gets
an end ahead, and that is moved on each minute.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

import aiohttp
import orjson

from agents.receivers.http import ask, post
from agents.sources.connection import Lost
from listener.notices.notice import Notice
from listener.notices.silences import Matcher, Silence, alertmanager_labels
from listener.notices.wording import lines_of, title
from schemas.times import HOUR, MINUTE, from_ms, to_ms

LASTS = HOUR  # so long an alert stays there if nobody repeats it: a listener that is restarted must not end it
HEARTBEAT_LASTS = 15 * MINUTE  # at least, and three of its intervals: two may fail before it ends


class Alertmanager:
    """One Alertmanager. `heartbeat` is the interval in ms at which it hears that the listener lives, if it does."""

    def __init__(self, name: str, url: str, auth: aiohttp.BasicAuth | None = None, heartbeat: int = 0) -> None:
        self.name = name
        self._heartbeat = heartbeat
        self._api = urljoin(url.rstrip("/") + "/", "api/v2/")
        self._auth = auth

    async def tell(self, notice: Notice) -> None:
        """Put its alerts. No digest comes here: the settings may not say so."""
        alerts = list(posted(notice, self._heartbeat))
        if alerts:
            await post(self._api + "alerts", orjson.dumps(alerts), {}, self._auth)

    async def reach(self) -> str:
        """Whether it answers."""
        return f"answers; {len(await self.silences())} silences"

    async def silences(self) -> list[Silence]:
        """The silences that are active or to come. Raise Lost, Refused."""
        said = await ask("GET", self._api + "silences", auth=self._auth)
        try:
            return [_silence(one) for one in orjson.loads(said) if one["status"]["state"] != "expired"]
        except (ValueError, TypeError, KeyError):
            raise Lost("its silences are not as an Alertmanager's") from None


def posted(notice: Notice, heartbeat: int = 0) -> Iterator[dict[str, Any]]:
    """The alerts of a notice as Alertmanager takes them."""
    if notice.kind == "heartbeat":
        labels = {"alertname": "ListenerHeartbeat", "severity": "none", "source": "listener"}
        ends = notice.at + max(HEARTBEAT_LASTS, 3 * heartbeat)
        yield _alert(labels, {"summary": title(notice)}, notice.at, ends)
        return
    for told in notice.alerts:
        lines = lines_of(notice, told)
        labels = alertmanager_labels(told.latest, told.owner)
        annotations = {
            "summary": lines[0],
            "description": "\n".join(lines[1:]),
            "stage": told.latest.stage,
            "alert": f"{told.latest.id}/{told.latest.sequence}",
            "dedup_key": notice.key,
        }
        ends = notice.at + LASTS if told.firing else notice.at
        yield _alert(labels, annotations, told.latest.since, ends, told.page)
        if told.before is not None:  # under its severity of before it is another alert there
            yield _alert({**labels, "severity": told.before}, annotations, told.latest.since, notice.at, told.page)


def _alert(
    labels: dict[str, str], annotations: dict[str, str], starts: int, ends: int, page: str = ""
) -> dict[str, Any]:
    return {
        "labels": labels,
        "annotations": annotations,
        "startsAt": from_ms(starts).isoformat(),
        "endsAt": from_ms(ends).isoformat(),
        **({"generatorURL": page} if page else {}),
    }


def _silence(one: Any) -> Silence:
    matchers = tuple(
        Matcher(each["name"], each["value"], each["isRegex"], each.get("isEqual", True)) for each in one["matchers"]
    )
    return Silence(one["createdBy"], one["comment"], _ms(one["startsAt"]), _ms(one["endsAt"]), matchers)


def _ms(time: str) -> int:
    return to_ms(datetime.fromisoformat(time))
