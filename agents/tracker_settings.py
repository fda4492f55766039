"""What a tracker is told of the settings of its brand: the same by detect as by `listener config push`."""

from collections.abc import Iterator

from listener.brands.ordinary import Words, ambiguous_names
from listener.local_week import calendar_of
from schemas.settings import BrandSettings, Settings


def tracker_settings(before: Settings, after: Settings, words: Words) -> Iterator[BrandSettings]:
    """Each brand that is new or changed, in the order of the settings, then those that are gone.

    A tracker has to know whether any name of its brand means other things too, and the clock of the brand's people.
    """
    known = {brand.id: (brand, calendar_of(brand, before)) for brand in before.brands}
    for brand in after.brands:
        calendar = calendar_of(brand, after)
        if known.pop(brand.id, None) != (brand, calendar):
            yield BrandSettings(
                version=after.version,
                id=brand.id,
                brand=brand,
                at=after.at,
                ambiguous=bool(ambiguous_names(brand, words)),
                calendar=calendar,
            )
    for gone in known:
        yield BrandSettings(version=after.version, id=gone, brand=None, at=after.at)
