"""Builders for the tests of the core: records with only the fields that matter, and logs of them."""

from collections.abc import Iterable, Iterator
from typing import Any

from listener.partition import Partition, TrackRecord
from listener.state import Parts
from listener.turn import Output
from schemas.alert import Alert, Judged
from schemas.brand_mention import BrandMention, Category, Kind, Match, Sentiment, Severe, Talk
from schemas.heartbeat import Heartbeat, Interval
from schemas.mention import Mention
from schemas.pulse import Pulse
from schemas.receipt import Receipt
from schemas.record import to_json
from schemas.settings import Brand, BrandSettings, Settings
from schemas.times import HOUR, MINUTE, SECOND, from_ms, to_ms
from schemas.trend import Trend

START = 1_767_571_200_000  # Monday, 2026-01-05 00:00 UTC
SOURCE = "test"

Told = Trend | Alert


def a_mention(id: str, read: int, written: int | None = None, text: str = "acme", **fields: Any) -> Mention:
    """A mention read at `read` ms, written at `written` or then too."""
    fields = {"platform": "x", "ingested_at": from_ms(read), **fields}
    return Mention(id=id, text=text, created_at=from_ms(read if written is None else written), **fields)


def about(
    brand: str, mention: Mention, compound: float | None = 0.0, *, owned: bool = False, tagged: bool = False
) -> BrandMention:
    """`mention` as one about `brand` that feels like `compound`."""
    not_scored = None if compound is not None else "no scorer for xx"
    return BrandMention(
        brand=brand,
        mention=mention,
        matches=(Match(why="alias", term=brand, field="text", start=0, end=len(brand)),),
        tagged=tagged,
        owned=owned,
        language="en" if compound is not None else "xx",
        sentiment=Sentiment(scorer="test", compound=compound, not_scored=not_scored),
        settings="1",
    )


def said(id: str, read: int, compound: float | None = 0.0, written: int | None = None, **fields: Any) -> BrandMention:
    """A mention of acme."""
    return about("acme", a_mention(id, read, written, **fields), compound)


def severe(category: Category, weight: float) -> Severe:
    """A word that matters so much."""
    return Severe(category=category, term=category, field="text", start=0, end=4, weight=weight)


def talk(kind: Kind) -> Talk:
    """Talk of a kind."""
    return Talk(kind=kind, weight=0.7, because=("a rule",))


def burst(first: str, start: int, size: int, compound: float = -0.6, every: int = 10 * SECOND) -> list[BrandMention]:
    """`size` mentions of acme from `start` ms on, one `every` ms; their ids begin with `first`."""
    return [said(f"{first}{number}", start + number * every, compound) for number in range(size)]


def calm(start: int, hours: int, an_hour: int = 6) -> list[BrandMention]:
    """Neutral mentions of acme, evenly spaced."""
    return burst(f"calm{start}-", start, hours * an_hour, 0.0, HOUR // an_hour)


def pulse(through: int, covered: Iterable[tuple[int, int]] | None = None, lane: int = 0, lanes: int = 1) -> Pulse:
    """A pulse; its one source has covered everything since START, unless `covered` says otherwise."""
    return Pulse(
        lane=lane,
        lanes=lanes,
        through=from_ms(through),
        coverage={SOURCE: intervals([(START, through)] if covered is None else covered)},
    )


def heartbeat(through: int) -> Heartbeat:
    """A heartbeat of the one source, which has covered everything since START."""
    return Heartbeat(source=SOURCE, through=from_ms(through), covered=intervals([(START, through)]))


def intervals(covered: Iterable[tuple[int, int]]) -> tuple[Interval, ...]:
    """Intervals in ms as records have them."""
    return tuple((from_ms(low), from_ms(high)) for low, high in covered)


def brand_settings(
    brand: str = "acme",
    at: int | None = None,
    version: str = "1",
    *,
    gone: bool = False,
    ambiguous: bool = False,
    **monitors: bool,
) -> BrandSettings:
    """What the tracker of a brand is told, with monitors switched on or off."""
    content = None if gone else Brand(id=brand, name=brand.title(), monitors=monitors)
    when = None if at is None else from_ms(at)
    return BrandSettings(version=version, id=brand, brand=content, at=when, ambiguous=ambiguous)


def settings_of(*brands: Brand, version: str = "1") -> Settings:
    """Settings for detect, in force from the beginning."""
    return Settings(version=version, brands=brands)


def with_pulses(
    mentions: Iterable[BrandMention], until: int, every: int = MINUTE, brands: Iterable[str] = ("acme",)
) -> list[TrackRecord]:
    """A log: the settings, the mentions in the order of reading, a pulse each `every` ms and one at `until`."""
    entries: list[tuple[int, int, TrackRecord]] = [(read_of(mention), 0, mention) for mention in mentions]
    entries += [(through, 1, pulse(through)) for through in [*range(START + every, until, every), until]]
    entries.sort(key=lambda entry: entry[:2])
    return [*(brand_settings(brand) for brand in brands), *(record for _, _, record in entries)]


def read_of(mention: BrandMention) -> int:
    """When it was read, in ms."""
    return to_ms(mention.mention.ingested_at or mention.mention.created_at)


def run(records: Iterable[TrackRecord], partition: Partition | None = None) -> list[Told]:
    """What a partition puts out."""
    partition = partition or Partition()
    return [told for record in records for output in partition.step(record) for told in one_by_one(output)]


def one_by_one(output: Output) -> Iterator[Told]:
    """A trend or an alert as records: a window is one trend for each of its brands. Receipts are left out."""
    if isinstance(output, Alert):
        yield output
    elif not isinstance(output, Receipt):
        yield from output.trends()


def receipts(records: Iterable[TrackRecord], partition: Partition) -> list[Receipt]:
    """What a partition says of commands."""
    return [output for record in records for output in partition.step(record) if isinstance(output, Receipt)]


def take(partition: Partition, kept: dict[str, bytes]) -> None:
    """Write the changes of a partition's state into `kept`, as a runtime does."""
    changes: Parts = partition.take_changes()
    for name, part in changes.items():
        if part is None:
            kept.pop(name, None)
        else:
            kept[name] = part


def trends(outputs: Iterable[Told]) -> list[Trend]:
    """The trends."""
    return [output for output in outputs if isinstance(output, Trend)]


def all_alerts(outputs: Iterable[Told]) -> list[Alert]:
    """The alerts, early ones and notices too."""
    return [output for output in outputs if isinstance(output, Alert)]


def alerts(outputs: Iterable[Told]) -> list[Alert]:
    """The alerts that page people, early ones too."""
    return [alert for alert in all_alerts(outputs) if alert.severity != "notice"]


def final(outputs: Iterable[Told]) -> list[bytes]:
    """The final outputs as sorted bytes."""
    return sorted(to_json(output) for output in outputs if isinstance(output, Trend) or output.stage == "final")


def latest(outputs: Iterable[Told]) -> dict[tuple[str, str, int], Trend]:
    """The latest revision of each trend by (brand, window, start ms)."""
    found: dict[tuple[str, str, int], Trend] = {}
    for trend in trends(outputs):
        key = (trend.brand, trend.window, to_ms(trend.start))
        if key not in found or found[key].revision < trend.revision:
            found[key] = trend
    return found


def judged_of(alert: Alert) -> Judged:
    """What an alert about a brand was judged on."""
    assert alert.judged is not None
    return alert.judged


def events(outputs: Iterable[Told], stage: str = "final") -> list[str]:
    """What happened to the alerts of a stage, in order."""
    return [alert.event for alert in alerts(outputs) if alert.stage == stage]
