"""Settings: who is looked for. One record for all brands (detect), one for each brand (its tracker)."""

from typing import Annotated

from msgspec import Meta

from schemas.record import Part, Record
from schemas.times import Time

USUALLY_MUTED = ("volume-spike", "praise-spike")  # rules: what a campaign is for


class Learned(Part, frozen=True):
    """What `listener teach` learned of the words around a brand's ambiguous names. All weights are logits.

    `words` of each word, `direction` in thousandths of what words mean by the table of meanings `table`, `bias` always.
    `right` and `wrong` are how many places it was learned from. It holds no text, and no word that too few people said.
    """

    bias: float
    words: dict[str, float] = {}
    direction: tuple[int, ...] = ()
    table: str = ""
    right: int = 0
    wrong: int = 0


class Start(Part, frozen=True):
    """The rhythm that a brand began with when it was new: that of the brands `like` it, of whom `hours` were heard.

    `rhythm`: of each hour of a working day, then of a day at the weekend, by the clock of its people, how many
    thousandths of the brand's level are usual. Its own hours differ from that by about 1 / sqrt(`strength`).
    """

    rhythm: Annotated[tuple[Annotated[int, Meta(ge=1, le=100_000)], ...], Meta(min_length=48, max_length=48)]
    strength: Annotated[float, Meta(ge=0.1, le=1_000.0)]
    like: tuple[str, ...]
    hours: int


class Campaign(Part, frozen=True):
    """What is planned in [`start`, `end`): alerts of the rules that it `mutes` are told to nobody meanwhile.

    They stand in the log, and are told when it is over and they are not. A campaign brings many mentions; that they are
    bad, it does not bring.
    """

    name: str
    start: Time
    end: Time
    mutes: tuple[str, ...] = USUALLY_MUTED


class Calendar(Part, frozen=True):
    """The clock and the days off of a brand's people, written out: the core reads no tables of zones and of countries.

    `changes` are (hour since 1970 from which on, minutes east of UTC), in order; before the first it is UTC. `holidays`
    are days since 1970 by that clock, in order.
    """

    zone: str = "UTC"
    changes: tuple[tuple[int, int], ...] = ()
    holidays: tuple[int, ...] = ()


class Mute(Part, frozen=True):
    """What raises no alert: what an `author` writes (a handle or an id, on `platform` or any), or what says a `term`.

    Of the two there is one. It holds for what is read before `until`, None for good. What is muted counts in trends.
    """

    author: str = ""
    term: str = ""
    platform: str = ""
    until: Time | None = None
    comment: str = ""


class Brand(Part, frozen=True):
    """One brand as its user describes it. Handles and owned accounts are by platform, with their "@".

    `query` says in the query language what else is about it (`listener/brands/query`). A brand with a query and no
    `aliases` is looked for by the query and not by its name, which is only hidden from the scorer. `threshold`: what is
    less probable than that is not counted. `ambiguous`: whether its names mean other things too; None: where they are
    ordinary words. `languages` are those of its public (codes such as "ro"): their inflections are known. `misspelled`:
    long names are also found with a letter wrong, `disguised`: with signs and foreign letters in place of letters.
    `transliterations` are its names in other scripts. `severe` are its own words that matter, by category.
    `campaigns` is the calendar of what is planned, `mute` who and what raises none. `budget`: about so many alerts
    a month its people accept for what its own history brings without a crisis. `timezone` is that of its people, whose
    week it goes by; `holidays` are their days off: of countries ("RO", "DE-BY"), and single ones ("2026-12-24").
    While it is new its rhythm is that of the brands it is `like`, by their ids; without them of those of its `owner`,
    or of its `timezone`. `learned` and `start` are not written by people.
    """

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
    query: str = ""
    threshold: float = 0.5
    ambiguous: bool | None = None
    languages: tuple[str, ...] = ()
    misspelled: bool = True
    disguised: bool = False
    transliterations: tuple[str, ...] = ()
    severe: dict[str, tuple[str, ...]] = {}
    campaigns: tuple[Campaign, ...] = ()
    mute: tuple[Mute, ...] = ()
    learned: Learned | None = None
    budget: float = 1.0
    timezone: str = "UTC"
    holidays: tuple[str, ...] = ()
    monitors: dict[str, bool] = {}
    like: tuple[str, ...] = ()
    start: Start | None = None


class Settings(Record, frozen=True, tag="settings/1"):
    """All brands of one version of the settings. `version` is a hash of the content.

    In force from `at` on, or from the beginning where that is None. `zones` and `holidays` write out what brands name:
    the changes of each clock, and the days off of each country, as in a `Calendar`. Once for all brands: a table for
    each were more than one record of Kafka may have.
    """

    version: str
    brands: tuple[Brand, ...]
    zones: dict[str, tuple[tuple[int, int], ...]] = {}
    holidays: dict[str, tuple[int, ...]] = {}
    at: Time | None = None


class BrandSettings(Record, frozen=True, tag="brand_settings/1"):
    """What one brand's tracker has to know. `brand` is None where the brand was taken out.

    `ambiguous`: whether detect found that any of its names means other things too. `calendar`: None for UTC without
    days off.
    """

    version: str
    id: str
    brand: Brand | None
    at: Time | None = None
    ambiguous: bool = False
    calendar: Calendar | None = None
