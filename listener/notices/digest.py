"""The daily digest of a brand: what deserved no page, told once a day at an hour of a zone."""

from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple

import msgspec

from listener.notices.notice import Entry
from listener.notices.standing import Latest
from schemas.times import from_ms, to_ms

MOST = 50  # entries that are told one by one


class DigestPlan(NamedTuple):
    """To whom it goes, and at which minute of the day in a zone."""

    receivers: tuple[str, ...]
    minute: int = 8 * 60
    zone: tzinfo | None = None


class BrandDigest(msgspec.Struct):
    """What is kept for a brand's next digest: entries by fingerprint, and how many there were beyond them."""

    since: int
    entries: dict[str, Entry] = {}
    more: int = 0

    def add(self, fingerprint: str, entry: Entry) -> None:
        """Note one; a later entry of the same fingerprint takes its place."""
        if fingerprint in self.entries or len(self.entries) < MOST:
            self.entries[fingerprint] = entry
        else:
            self.more += 1


def unpaged(latest: Latest) -> str:
    """Why nobody was paged for what is not muted."""
    return "a notice pages nobody" if latest.severity == "notice" else "no route pages it"


def digest_due(digest: BrandDigest, plan: DigestPlan) -> int:
    """When it is to be told, in ms: the first time after its first entry that the clock shows the hour."""
    since = from_ms(digest.since).astimezone(plan.zone)
    day = since.date()
    while True:
        hour, minute = divmod(plan.minute, 60)
        at = datetime(day.year, day.month, day.day, hour, minute, tzinfo=plan.zone or since.tzinfo)
        if at > since:
            return to_ms(at)
        day += timedelta(days=1)
