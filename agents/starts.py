"""What brands that are new to a running system start with: computed once, and carried by their settings from then on.

A tracker may look at no other brand, which may lie in another partition. So whoever puts settings in force reads the
hours of like brands from the output, and the log holds what came of it: whoever reads it again comes to the same.
"""

from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from agents.configuration import settings_of
from listener.borrowed import HourHeard, start_of
from listener.local_week import calendar_of, week_of
from schemas.settings import Brand, Settings, Start
from schemas.times import WEEK

LOOKED_BACK = 8 * WEEK  # what hours brought longer ago, a baseline has forgotten but for a quarter
MOST_LIKE = 30  # more brands tell hardly more, and reading their hours takes time

Had = Mapping[str, Start | None]  # what the brands that are not new started with
Hours = Mapping[str, Sequence[HourHeard]]  # closed hours by brand, oldest first


def lenders_of(settings: Settings, had: Had) -> set[str]:
    """The brands whose hours have to be read for those that are new: of none where none is."""
    others = [brand for brand in settings.brands if brand.id in had]
    return {other for brand in settings.brands if brand.id not in had for other in like_of(brand, others)}


def with_starts(settings: Settings, had: Had, hours: Hours, unread: str = "") -> tuple[Settings, list[str]]:
    """The settings with what each brand starts with, and what is to be said of those that are new.

    What is not new keeps what it `had`. `hours` are those of `lenders_of`; `unread` says why they cannot be read.
    """
    told: list[str] = []
    brands = []
    for brand in settings.brands:
        start, remark = (had[brand.id], "") if brand.id in had else _borrowed(brand, settings, had, hours, unread)
        brands.append(replace(brand, start=start))
        if remark:
            told.append(f"{brand.id}: {remark}")
    if tuple(brands) == settings.brands:
        return settings, told
    return replace(settings_of(tuple(brands), settings.zones, settings.holidays), at=settings.at), told


def like_of(brand: Brand, others: Sequence[Brand]) -> tuple[str, ...]:
    """Those of some brands that a brand is taken to be like: those that it names, else its owner's, else its clock's.

    One owner's brands have one public. By the same clock people sleep at the same time; brands by different clocks are
    seldom one market, and of those that say nothing of theirs (UTC) nobody knows when their people sleep.
    """
    if brand.like:
        return tuple(other.id for other in others if other.id in brand.like)[:MOST_LIKE]
    owned = [other.id for other in others if brand.owner and other.owner == brand.owner]
    return tuple(owned or [other.id for other in others if other.timezone == brand.timezone])[:MOST_LIKE]


def starts_told(brands: Sequence[Brand]) -> Iterator[tuple[str, str]]:
    """(brand, with what it started) of those that borrowed a rhythm."""
    for brand in brands:
        if brand.start is not None:
            yield brand.id, _told(brand.start)


def _told(start: Start) -> str:
    off = 100 / start.strength**0.5
    return f"starts with the rhythm of {', '.join(start.like)} ({start.hours:,} hours; give or take {off:.0f} %)"


def _borrowed(brand: Brand, settings: Settings, had: Had, hours: Hours, unread: str) -> tuple[Start | None, str]:
    """Of the first brands of a system there is nothing to say."""
    like = like_of(brand, [other for other in settings.brands if other.id in had])
    if not like:
        return None, "starts without a rhythm: no brand that it is like was there before" if had else ""
    if unread:
        return None, f"starts without a rhythm: the hours of {', '.join(like)} cannot be read: {unread}"
    weeks = {other.id: week_of(calendar_of(other, settings)) for other in settings.brands if other.id in like}
    start = start_of({other: hours[other] for other in like}, weeks)
    if start is None:
        return None, f"starts without a rhythm: less than a week was heard of {', '.join(like)}"
    return start, _told(start)
