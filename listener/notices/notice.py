"""Notice: what a receiver is given to say."""

from typing import Literal

import msgspec

from listener.notices.standing import RANK, Latest
from schemas.alert import Severity

Kind = Literal["firing", "resolved", "digest", "heartbeat"]


class Told(msgspec.Struct, frozen=True):
    """One alert in a notice. `before` is the severity that was told last, where it was another one.

    `silenced` says by whom it is silenced in an Alertmanager. `page` is where it can be looked at, `links` lead to
    posts, `words` are what is said now and not usually; empty where there are none.
    """

    fingerprint: str
    latest: Latest
    name: str
    owner: str
    firing: bool
    acknowledged: bool = False
    before: Severity | None = None
    silenced: str = ""
    links: tuple[str, ...] = ()
    page: str = ""
    words: str = ""


class Entry(msgspec.Struct, frozen=True):
    """One line of a digest, and `why` nobody was paged for it."""

    latest: Latest
    why: str


class Notice(msgspec.Struct, frozen=True):
    """What is to be said, as of `at` ms. All that is said of one trouble has one `key`.

    (`key`, `number`) is the same on each try. `reminder`: nothing is new but that it lasts. `refresh`: said before, to
    a receiver that forgets.
    """

    kind: Kind
    key: str
    number: int
    at: int
    owner: str = ""
    alerts: tuple[Told, ...] = ()
    entries: tuple[Entry, ...] = ()
    more: int = 0
    reminder: bool = False
    refresh: bool = False

    @property
    def severity(self) -> Severity:
        """The gravest of what is open; of all, where nothing is."""
        of = [told for told in self.alerts if told.firing] or self.alerts
        return max((told.latest.severity for told in of), key=RANK.__getitem__, default="warning")
