"""What a tracker is told of the settings of its brand: the same by detect as by `listener config push`."""

from collections.abc import Iterator

from schemas.settings import Brand, BrandSettings, Settings


def tracker_settings(before: Settings, after: Settings) -> Iterator[BrandSettings]:
    """Each brand that is new or changed, in the order of the settings, then those that are gone."""
    known = {brand.id: brand for brand in before.brands}
    for brand in after.brands:
        if known.pop(brand.id, None) != brand:
            yield BrandSettings(
                version=after.version, id=brand.id, brand=brand, at=after.at, ambiguous=_is_ambiguous(brand)
            )
    for gone in known:
        yield BrandSettings(version=after.version, id=gone, brand=None, at=after.at)


def _is_ambiguous(brand: Brand) -> bool:
    """Whether any name of a brand means other things too, as far as its user says so."""
    return brand.ambiguous is True
