"""A webhook of one's own: JSON, signed as `agents/sources/signed.py` checks it."""

from typing import Any

import orjson

from agents.clock import now_ms
from agents.receivers.http import post
from agents.sources.signed import SIGNATURE, TIMESTAMP, sign
from listener.harmless import harmless
from listener.notices.notice import Entry, Notice, Told
from listener.notices.standing import Latest
from listener.notices.wording import text, title
from schemas.record import to_json
from schemas.times import SECOND, from_ms

VERSION = 1


class Webhook:
    """An address that takes signed POSTs."""

    def __init__(self, name: str, url: str, secret: str) -> None:
        self.name = name
        self._url = url
        self._secret = secret.encode()

    async def tell(self, notice: Notice) -> None:
        """Post it; signed at each try anew, since a signature grows old. (dedup_key, number) is the same on each."""
        body = orjson.dumps(content(notice))
        timestamp = str(now_ms() // SECOND)
        headers = {
            TIMESTAMP: timestamp,
            SIGNATURE: sign(self._secret, timestamp, body),
            "Idempotency-Key": f"{notice.key}/{notice.number}",
        }
        await post(self._url, body, headers)

    async def reach(self) -> str:
        """Nothing can be tried without a POST."""
        return "its secret is there; only a notice can show whether it is taken"


def content(notice: Notice) -> dict[str, Any]:
    """What is sent, as docs/receivers.md describes it."""
    return {
        "version": VERSION,
        "kind": notice.kind,
        "dedup_key": notice.key,
        "number": notice.number,
        "reminder": notice.reminder,
        "at": from_ms(notice.at).isoformat(),
        "severity": notice.severity if notice.alerts else None,
        "owner": notice.owner,
        "title": title(notice),
        "text": text(notice),
        "alerts": [_told(told) for told in notice.alerts],
        "digest": [_entry(entry) for entry in notice.entries],
    }


def _told(told: Told) -> dict[str, Any]:
    return {
        **_latest(told.latest),
        "fingerprint": told.fingerprint,
        "status": "firing" if told.firing else "resolved",
        "name": told.name,
        "owner": told.owner,
        "acknowledged": told.acknowledged,
        "silenced": harmless(told.silenced) or None,
        "page": told.page or None,
        "links": list(told.links),
        "words": harmless(told.words) or None,
    }


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        **_latest(entry.latest),
        "status": "firing" if entry.latest.open else "resolved",
        "why": harmless(entry.why),
    }


def _latest(latest: Latest) -> dict[str, Any]:
    return {
        "id": latest.id,
        "sequence": latest.sequence,
        "stage": latest.stage,
        "event": latest.event,
        "brand": latest.brand,
        "rule": latest.rule,
        "scope": latest.scope,
        "severity": latest.severity,
        "level": latest.level,
        "score": latest.score,
        "at": from_ms(latest.at).isoformat(),
        "since": from_ms(latest.since).isoformat(),
        "summary": harmless(latest.summary),
        "reason": harmless(latest.reason),
        "judged": None if latest.judged is None else orjson.Fragment(to_json(latest.judged)),
        "grounds": list(latest.grounds) if latest.open else [],
        "steps": list(latest.steps) if latest.open else [],
    }
