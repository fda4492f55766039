"""Questions, complaints and answers of a brand's people, for the tests of who waits for an answer."""

from random import Random
from typing import Any

from msgspec.structs import replace

from listener.trace import read_trace, trace_of
from schemas.brand_mention import BrandMention
from schemas.retraction import Because, Retraction
from schemas.times import DAY, HOUR, MINUTE, from_ms, to_ms
from schemas.trend import Response
from tests.core.building import START, Told, a_mention, about, latest, read_of


def asked(id: str, at: int, compound: float | None = -0.6, **fields: Any) -> BrandMention:
    """Somebody addresses acme at `at` ms, and is not content."""
    return about("acme", a_mention(id, at, **fields), compound, tagged=True)


def answered(id: str, at: int, to: str, written: int | None = None, **fields: Any) -> BrandMention:
    """Acme replies to a post, and names nobody."""
    fields = {"parent_id": to, "root_id": to, "text": "We are sorry", **fields}
    return about("acme", a_mention(id, at, written, **fields), 0.1, owned=True)


def taken_back(mention: BrandMention, at: int, because: Because = "deleted") -> Retraction:
    """As detect sends it: without words, and without what it answered."""
    first = None if mention.first_read is None else to_ms(mention.first_read)
    trace = read_trace(trace_of(mention.mention, read_of(mention), [mention], first))
    (wordless,) = trace.brand_mentions(mention.mention.id)
    return Retraction(brand=mention.brand, at=from_ms(at), because=because, trace=wordless)


def edited(mention: BrandMention, at: int, compound: float | None = -0.6) -> tuple[Retraction, BrandMention]:
    """What detect sends of an edit."""
    later = replace(mention.mention, version=mention.mention.version + 1, ingested_at=from_ms(at))
    felt = replace(mention.sentiment, compound=compound)
    again = replace(mention, mention=later, sentiment=felt, first_read=from_ms(read_of(mention)))
    return taken_back(mention, at, "edited"), again


def responses(outputs: list[Told], window: str = "day") -> dict[int, Response]:
    """What the last revision of each window of acme says of answers, by its start in ms."""
    return {
        start: trend.total.response
        for (brand, name, start), trend in latest(outputs).items()
        if (brand, name) == ("acme", window) and trend.total is not None and trend.total.response is not None
    }


def served(
    days: int,
    an_hour: float,
    share: float,
    *,
    seed: int = 1,
    away: tuple[int, int] = (0, 0),
    minutes: float = 25.0,
    wanders: float = 0.0,
    office: bool = False,
) -> list[BrandMention]:
    """Complaints by day and few by night, of which acme's people answer a share, but none while they are `away`.

    The share differs from day to day by about `wanders`. In an `office` nobody answers before nine, after five or at
    the weekend; what has come meanwhile is answered first.
    """
    random, told, number = Random(seed), list[BrandMention](), 0
    for hour in range(days * 24):
        if hour % 24 == 0:
            today = min(1.0, max(0.0, random.gauss(share, wanders)))
        rate = an_hour * (1.6 if 8 <= hour % 24 < 22 else 0.2) * (0.6 if hour // 24 % 7 >= 5 else 1.0)
        for _ in range(sum(random.random() < rate / 60 for _ in range(60))):
            number += 1
            at = START + hour * HOUR + random.randrange(HOUR)
            told.append(asked(f"q{number}", at))
            back = at + round(random.expovariate(1 / minutes) * MINUTE)
            if office:
                back = _opened(back) + round(random.expovariate(1 / minutes) * MINUTE)
            if random.random() < today and not away[0] <= back < away[1]:
                told.append(answered(f"a{number}", back, f"q{number}"))
    return told


def _opened(at: int) -> int:
    """When an office is open again, or still."""
    while not (at // DAY - START // DAY) % 7 < 5 or not 9 * HOUR <= at % DAY < 17 * HOUR:
        at = at - at % HOUR + HOUR
    return at


def ended(days: int) -> int:
    """When `served` days are over and all is due."""
    return START + days * DAY + 5 * HOUR
