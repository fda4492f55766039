"""The hours of routes and of digests: what they hold, and what happens when they begin."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from listener.notices.digest import BrandDigest, DigestPlan, digest_due
from listener.notices.hours import parse_hours
from listener.notices.routes import Route
from schemas.times import HOUR, MINUTE, SECOND, from_ms, to_ms
from tests.core.noticing import NOW, World, alert, told

DAYTIME = Route("day", ("ops",), hours=(parse_hours("08:30-18:00"),))


@pytest.mark.parametrize("restarted", [False, True])
def test_what_was_told_by_night_stays_with_who_was_told_when_the_day_begins(restarted: bool) -> None:
    world = World(DAYTIME, Route("night", ("mail",)))
    world.take(alert())
    assert told(world.later(MINUTE)) == [("mail", "firing", ["a1"])]
    world.later(HOUR)
    world.keep()
    if restarted:
        world.die()
    assert world.later(HOUR) == []
    world.take(alert(world.now, sequence=2, event="resolved"))
    assert told(world.later(HOUR)) == [("mail", "resolved", ["a1"])]


@pytest.mark.parametrize("restarted", [False, True])
def test_what_is_open_and_was_told_to_nobody_is_told_when_the_hours_of_a_route_begin(restarted: bool) -> None:
    world = World(DAYTIME, digest=DigestPlan(("mail",), 9 * 60))
    other = alert(id="a2", fingerprint="f2")
    world.take(alert(), other, replace(other, sequence=2, event="resolved"))
    assert world.later(29 * MINUTE) == []
    world.keep()
    if restarted:
        world.die()
    page, digest = world.later(HOUR)
    assert told([page]) == [("ops", "firing", ["a1"])]
    assert page.notice.at <= NOW + 30 * MINUTE + 2 * SECOND
    assert [entry.latest.id for entry in digest.notice.entries] == ["a2"]


def test_hours_begin_once_a_day_also_when_the_clock_changes() -> None:
    zone = ZoneInfo("Europe/Bucharest")
    at = datetime(2026, 3, 27, 12, tzinfo=zone)
    begins: list[datetime] = []
    while len(begins) < 3:
        at = parse_hours("sat-mon 03:30-04:30").begin_after(at)
        begins.append(from_ms(to_ms(at)))
    night = datetime(2026, 3, 28, 1, 30, tzinfo=UTC)  # at 03:30 of the next one the clock shows 04:30
    assert begins == [night, night + timedelta(days=1), night + timedelta(days=2, hours=-1)]


def test_hours_go_over_midnight_and_over_sunday() -> None:
    night = parse_hours("fri-mon 22:00-06:00")
    friday = datetime(2026, 1, 9, tzinfo=UTC)
    held = [hours for hours in range(7 * 24) if night.hold(friday + timedelta(hours=hours))]
    nights = [day * 24 + hour for day in range(4) for hour in range(22, 30)]
    assert held == nights


@pytest.mark.parametrize("text", ["", "mon-", "25:00-26:00", "08:00-08:00", "mo", "mon 8-18", "08:60-09:00"])
def test_what_are_no_hours_is_refused_with_how_to_write_them(text: str) -> None:
    with pytest.raises(ValueError, match="write them like mon-fri 08:00-18:00"):
        parse_hours(text)


def test_a_digest_is_due_at_its_hour_of_the_zone_also_when_the_clock_changes() -> None:
    plan = DigestPlan(("mail",), 8 * 60, ZoneInfo("Europe/Bucharest"))
    before = to_ms(datetime(2026, 3, 28, 12, tzinfo=UTC))  # the day before summer time
    assert from_ms(digest_due(BrandDigest(before), plan)) == datetime(2026, 3, 29, 5, tzinfo=UTC)
