"""Settings: who is looked for. One record for all brands (detect), one for each brand (its tracker)."""

from schemas.record import Part, Record
from schemas.times import Time


class Brand(Part, frozen=True):
    """One brand as its user describes it. Handles and owned accounts are by platform, with their "@"."""

    id: str
    name: str
    about: str = ""
    owner: str = ""
    aliases: tuple[str, ...] = ()
    handles: dict[str, tuple[str, ...]] = {}
    owned: dict[str, tuple[str, ...]] = {}
    hashtags: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    require: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    monitors: dict[str, bool] = {}


class Settings(Record, frozen=True, tag="settings/1"):
    """All brands of one version of the settings. `version` is a hash of the content.

    In force from `at` on, or from the beginning where that is None.
    """

    version: str
    brands: tuple[Brand, ...]
    at: Time | None = None


class BrandSettings(Record, frozen=True, tag="brand_settings/1"):
    """What one brand's tracker has to know. `brand` is None where the brand was taken out."""

    version: str
    id: str
    brand: Brand | None
    at: Time | None = None
