"""The closed hours of brands read from the topic of trends, for what a new brand starts with."""

from collections.abc import Callable, Collection, Sequence

from aiokafka.errors import KafkaError

from agents.configuration import Kafka
from agents.runtime.outbox import partition_of
from agents.runtime.reading import read_to_end
from agents.runtime.topics import Topics
from agents.starts import LOOKED_BACK, lenders_of, with_starts
from listener.borrowed import HourHeard
from schemas.record import BadRecord, decoder
from schemas.settings import Settings
from schemas.times import HOUR, to_ms
from schemas.trend import Trend

OF_AN_HOUR = b'"window":"hour"'  # nine in ten records are of minutes and days, or of other brands: not decoded

_trend: Callable[[bytes], Trend] = decoder(Trend)


async def started(kafka: Kafka, settings: Settings, before: Sequence[Settings]) -> tuple[Settings, list[str]]:
    """The settings with what each brand starts with, and what is to be said of those that are new.

    Not new is who was in any settings that were pushed `before`, the latest last.
    """
    had = {brand.id: brand.start for pushed in before for brand in pushed.brands}
    lenders = lenders_of(settings, had)
    try:
        return with_starts(settings, had, await closed_hours(kafka, lenders))
    except (KafkaError, TimeoutError, BadRecord) as error:
        return with_starts(settings, had, {}, str(error) or type(error).__name__)


async def closed_hours(kafka: Kafka, brands: Collection[str]) -> dict[str, list[HourHeard]]:
    """The hours of brands, oldest first, of the last LOOKED_BACK before the newest that is there of any of them.

    As they were told last. The topic keeps two weeks of what was written (`topics.KEPT`), of history that was written
    in them all.
    """
    topic = Topics.of(kafka).trends
    partitions = sorted({(topic, partition_of(brand.encode(), kafka.partitions)) for brand in brands})
    found: dict[str, dict[int, tuple[int, HourHeard]]] = {brand: {} for brand in brands}
    async for record in read_to_end(kafka, partitions, long=True):
        if record.key is None or record.key.decode() not in found or OF_AN_HOUR not in record.value:
            continue
        trend = _trend(record.value)
        volume = trend.total.volume if trend.total else None
        if volume is None:
            continue
        hour, last = to_ms(trend.start) // HOUR, found[trend.brand]
        if hour not in last or last[hour][0] < trend.revision:
            last[hour] = trend.revision, HourHeard(hour, volume.mentions, trend.known)
    newest = max((max(hours, default=0) for hours in found.values()), default=0)
    return {
        brand: [hours[hour][1] for hour in sorted(hours) if hour >= newest - LOOKED_BACK // HOUR]
        for brand, hours in found.items()
    }
