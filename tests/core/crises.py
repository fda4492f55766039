"""Crises with texts and authors, for the tests of evidence."""

from collections.abc import Iterable
from typing import Any

from listener.partition import Partition
from listener.words import spoken
from schemas.alert import Alert
from schemas.brand_mention import BrandMention, Match, Sentiment
from schemas.evidence import Evidence
from schemas.mention import Author
from schemas.times import DAY, HOUR, MINUTE, SECOND, from_ms
from tests.core.building import START, a_mention, alerts, run, with_pulses

CALM_HOURS = 40
CRISIS = START + CALM_HOURS * HOUR
OLD = from_ms(START - 900 * DAY)
NEW = from_ms(START - 3 * DAY)


def post(
    id: str,
    read: int,
    text: str,
    author: str | None = None,
    compound: float | None = -0.6,
    *,
    followers: int | None = None,
    born: Any = OLD,
    language: str = "en",
    **fields: Any,
) -> BrandMention:
    """A post about acme; its author has an account since `born`."""
    who = None if author is None else Author(handle=author, followers=followers, created_at=born)
    at = text.lower().find("acme")
    return BrandMention(
        brand="acme",
        mention=a_mention(id, read, text=text, author=who, **fields),
        matches=(Match(why="alias", term="Acme", field="text", start=at, end=at + 4),) if at >= 0 else (),
        tagged=False,
        owned=False,
        language=language,
        sentiment=Sentiment(scorer="test", compound=compound),
        settings="1",
    )


def usual_talk(hours: int = CALM_HOURS) -> list[BrandMention]:
    """Six posts an hour, of which one complains about the delivery."""
    return [
        post(
            f"x:calm{hour}-{number}",
            START + hour * HOUR + number * 10 * MINUTE,
            "acme delivery was late again" if number == 0 else "acme is fine",
            f"calm{number}-{hour}",
            -0.3 if number == 0 else 0.4,
        )
        for hour in range(hours)
        for number in range(6)
    ]


def people(
    count: int, text: str = "glass shards in my acme bottle, lot {n}", every: int = 6 * SECOND
) -> list[BrandMention]:
    """So many people complain, each in own words, one `every` ms."""
    own = ["kitchen", "garden", "office", "school", "train", "hotel", "beach", "market", "church", "airport"]
    return [
        post(
            f"x:crisis{n}",
            CRISIS + n * every,
            f"{own[n % 10]} {own[n // 10 % 10]}{n % 7 * 'x'}: {text.format(n=n)}",
            f"person{n}",
            followers=n,
        )
        for n in range(count)
    ]


def alerts_of(mentions: Iterable[BrandMention], until: int = CRISIS + 2 * HOUR, calm: int = CALM_HOURS) -> list[Alert]:
    """The alerts after the usual talk and these."""
    log = with_pulses([*usual_talk(calm), *mentions], until, every=5 * MINUTE)
    return alerts(run(log, Partition()))


def opened(mentions: Iterable[BrandMention], **more: Any) -> Alert:
    """The final alert that these open."""
    return next(alert for alert in alerts_of(mentions, **more) if (alert.stage, alert.event) == ("final", "opened"))


def evidence_of(alert: Alert) -> Evidence:
    """The evidence of an alert that has some."""
    assert alert.evidence is not None
    return alert.evidence


def words_of(alert: Alert, mentions: Iterable[BrandMention]) -> list[str | None]:
    """Its terms as the posts write them."""
    posts = {mention.mention.id: mention for mention in mentions}
    return [spoken(posts[term.said_in[0]], term.marks) for term in evidence_of(alert).terms]
