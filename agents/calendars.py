"""The clocks and days off that brands name, written out year by year for a core that reads no tables.

Zones come from the package tzdata and not from the machine, and days off from the package holidays: both are locked, so
that the same settings come to the same on every machine. The years do not depend on when that is done.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from warnings import catch_warnings, simplefilter
from zoneinfo import ZoneInfo

from listener.local_week import FIRST_DAY, is_day
from schemas.settings import Brand
from schemas.times import HOUR, from_ms, to_ms

FIRST_YEAR, LAST_YEAR = 2010, 2040
YEARS = range(FIRST_YEAR, LAST_YEAR + 1)
HOURS = range(*(to_ms(datetime(year, 1, 1, tzinfo=UTC)) // HOUR for year in (FIRST_YEAR, LAST_YEAR + 1)))
Zones = dict[str, tuple[tuple[int, int], ...]]
Holidays = dict[str, tuple[int, ...]]


def written_out(brands: Iterable[Brand]) -> tuple[Zones, Holidays]:
    """What `Settings` have of the zones and countries of brands that were checked."""
    zones, countries = set[str](), set[str]()
    for brand in brands:
        zones.add(brand.timezone)
        countries |= {written for written in brand.holidays if not is_day(written)}
    zones.discard("UTC")
    return {name: _changes(name) for name in sorted(zones)}, {name: _days_off(name) for name in sorted(countries)}


def calendar_problems(brand: Brand) -> Iterator[str]:
    """What is wrong with a brand's zone and holidays, by key."""
    yield from zone_problems(brand.timezone, "timezone")
    for written in brand.holidays:
        problem = _wrong_day(written) if is_day(written) else _wrong_country(written)
        if problem:
            yield f"holidays: {written!r} {problem}"


def zone_problems(name: str, key: str) -> Iterator[str]:
    """What is wrong with the zone that stands under a key."""
    if name not in zone_names():
        near = get_close_matches(name, zone_names(), n=1)
        hint = f"did you mean {near[0]!r}?" if near else "write it like 'Europe/Bucharest'"
        yield f"{key}: {name!r} is not a time zone; {hint}"


def understood(brand: Brand, now: int) -> str:
    """How a brand's clock and days off are read at `now` (ms), in one line."""
    at, zone = from_ms(now), zone_of(brand.timezone)
    told = [f"{brand.timezone}, {_east(at.astimezone(zone))} now"]
    told += [f"next change {from_ms(hour * HOUR).astimezone(zone):%Y-%m-%d}" for hour in _later(brand.timezone, now)]
    own = sum(is_day(written) for written in brand.holidays)
    for written in brand.holidays:
        if not is_day(written):
            days = sum(date.fromordinal(day + FIRST_DAY).year == at.year for day in _days_off(written))
            told.append(f"{days} holidays of {written} in {at.year}")
    if own:
        told.append(f"{own} of its own")
    return "; ".join(told)


def _later(zone: str, now: int) -> list[int]:
    """The hour of the next change, if there is one."""
    return [hour for hour, _ in _changes(zone) if hour * HOUR > now][:1]


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """All zones that there are."""
    return frozenset(resources.files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())


@lru_cache(maxsize=1024)
def zone_of(name: str) -> ZoneInfo:
    """A zone by its name, which must be one of `zone_names`."""
    with resources.files("tzdata.zoneinfo").joinpath(*name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, name)


@lru_cache(maxsize=1024)
def _changes(name: str) -> tuple[tuple[int, int], ...]:
    """(first hour since 1970 from which on, minutes east of UTC) of a zone, in all years."""
    zone = zone_of(name)

    def minutes(hour: int) -> int:
        offset = from_ms(hour * HOUR).astimezone(zone).utcoffset() or timedelta()
        return int(offset.total_seconds() // 60)

    found = [(HOURS.start, minutes(HOURS.start))]
    for day, following in pairwise(range(HOURS.start, HOURS.stop + 1, 24)):
        if minutes(following) != found[-1][1]:
            hour = next(hour for hour in range(day, following + 1) if minutes(hour) != found[-1][1])
            found.append((hour, minutes(hour)))
    return tuple(found)


@lru_cache(maxsize=1024)
def _days_off(country: str) -> tuple[int, ...]:
    """The public holidays of a country, or of a part of it ("DE-BY"), as days since 1970."""
    import holidays  # noqa: PLC0415 - takes .15 s, and few name a country

    code, _, part = country.partition("-")
    with catch_warnings():
        simplefilter("ignore")  # that some countries are known for fewer years
        days = holidays.country_holidays(code, subdiv=part or None, years=YEARS)
    return tuple(sorted(day.toordinal() - FIRST_DAY for day in days))


def _wrong_day(written: str) -> str:
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return "is no day; write it like '2026-12-24'"
    return "" if day.year in YEARS else f"is not between {FIRST_YEAR} and {LAST_YEAR}"


def _wrong_country(written: str) -> str:
    import holidays  # noqa: PLC0415 - takes .15 s, and few name a country

    known = holidays.list_supported_countries(include_aliases=False)
    code, _, part = written.partition("-")
    if code not in known:
        near = [code.upper()] if code.upper() in known else get_close_matches(code.upper(), known, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        return f"is no country whose days off are known; {hint}write a code like 'RO' or 'DE-BY', or days"
    if part and part not in known[code]:
        return f"is no part of {code} with days off of its own; there are {', '.join(known[code]) or 'none'}"
    return ""


def _east(at: datetime) -> str:
    minutes = int((at.utcoffset() or timedelta()).total_seconds() // 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")
