"""How an alert stands by its last events: early warning and final alert of one fingerprint are one thing to tell."""

from typing import Literal

import msgspec
from msgspec.structs import replace

from listener.alerts.evidence_wording import grounds
from schemas.alert import Alert, Event, Judged, Severity, Stage
from schemas.times import to_ms

NEWS = ("opened", "escalated", "reopened")
OF_EITHER = ("revised", "judged")  # such an event comes of what is open and of what is over
RANK: dict[Severity, int] = {"notice": 0, "warning": 1, "critical": 2}
Status = Literal["firing", "resolved"]


class Latest(msgspec.Struct, frozen=True):
    """An alert by its last event. Times in ms; `news` is the sequence of the last event that is worth a page.

    `reminded` is that of the last reminder since, 0 where there was none, or somebody looks after it since then.
    `grounds` and `steps` are of when it last opened or grew: what that rested on, and what to do next. It holds no id
    of a post and no word of one, so that an erasure has nothing to look for here.
    """

    id: str
    sequence: int
    stage: Stage
    event: Event
    brand: str
    rule: str
    scope: str
    severity: Severity
    at: int
    since: int
    summary: str
    reason: str
    judged: Judged | None
    muted: str | None
    news: int
    reminded: int
    open: bool
    score: float | None = None
    level: int | None = None
    grounds: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()


class Standing(msgspec.Struct):
    """Both stages of what one fingerprint is about. `acknowledged`: somebody looks after it since the last news."""

    early: Latest | None = None
    final: Latest | None = None
    acknowledged: bool = False

    @property
    def shown(self) -> Latest | None:
        """The stage that is told: the final one where it is open, else what is open, else what came last."""
        early, final = self.early, self.final
        if final is None or early is None:
            return final or early
        if final.open or (not early.open and final.at >= early.at):
            return final
        return early

    @property
    def firing(self) -> bool:
        """Whether it is open."""
        shown = self.shown
        return shown is not None and shown.open

    def take(self, alert: Alert) -> bool:
        """Take in an event; whether it is worth a page.

        What came before changes nothing, nor what is said of an alert that is unknown or was followed by another one.
        """
        before = self.early if alert.stage == "early" else self.final
        same = before if before is not None and before.id == alert.id else None
        if alert.sequence <= same.sequence if same else alert.event in OF_EITHER:
            return False
        told_again = alert.event == "updated" and alert.muted is None and not self.acknowledged
        news = alert.event in NEWS or told_again
        last_news = alert.sequence if news else same.news if same else 0
        latest = latest_of(alert, last_news, is_open=_is_open(alert, same), reminded=_reminded(alert, same, news=news))
        if alert.evidence is None and same is not None:
            latest = replace(latest, grounds=same.grounds, steps=same.steps)
        if alert.stage == "early":
            self.early = latest
        else:
            self.final = latest
        if news:
            self.acknowledged = False
        elif alert.event == "acknowledged":
            self.acknowledged = True
        return news


def _is_open(alert: Alert, before: Latest | None) -> bool:
    if before is not None and alert.event in OF_EITHER:
        return before.open
    return alert.event != "resolved"


def _reminded(alert: Alert, before: Latest | None, *, news: bool) -> int:
    if alert.event == "reminded":
        return alert.sequence
    return 0 if before is None or news or alert.event == "acknowledged" else before.reminded


def latest_of(alert: Alert, news: int, *, is_open: bool, reminded: int = 0) -> Latest:
    """What is kept of an event."""
    return Latest(
        id=alert.id,
        sequence=alert.sequence,
        stage=alert.stage,
        event=alert.event,
        brand=alert.brand,
        rule=alert.rule,
        scope=alert.scope,
        severity=alert.severity,
        at=to_ms(alert.at),
        since=to_ms(alert.since),
        summary=alert.summary,
        reason=alert.reason,
        judged=alert.judged,
        muted=alert.muted,
        news=news,
        reminded=reminded,
        open=is_open,
        score=alert.score,
        level=alert.level,
        grounds=tuple(grounds(alert)),
        steps=() if alert.evidence is None else alert.evidence.steps,
    )
