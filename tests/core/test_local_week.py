"""Which hour of the week it is by a brand's clock, and what a baseline makes of it."""

from datetime import UTC, date, datetime
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listener.baseline import Baseline
from listener.local_week import FIRST_DAY, SUNDAY, UTC_WEEK, WEEK_HOURS, LocalWeek, calendar_of, week_of
from schemas.settings import Brand, Calendar, Settings
from schemas.times import HOUR, from_ms, to_ms
from tests.core.clocks import FIRST, changing, fixed

SPRING = to_ms(datetime(2026, 3, 29, 1, tzinfo=UTC)) // HOUR  # clocks of Bucharest go from +2 to +3
AUTUMN = to_ms(datetime(2026, 10, 25, 1, tzinfo=UTC)) // HOUR
NEW_YEAR = date(2026, 1, 1).toordinal() - FIRST_DAY  # a Thursday
calendars = st.builds(
    lambda changes, holidays: Calendar(zone="Somewhere", changes=tuple(sorted(changes.items())), holidays=holidays),
    st.dictionaries(st.integers(FIRST - 400, FIRST + 400), st.integers(-12 * 60, 14 * 60), max_size=4),
    st.lists(st.integers(FIRST // 24 - 10, FIRST // 24 + 10), max_size=5).map(tuple),
)
hours = st.integers(FIRST - 500, FIRST + 500)


@given(hours)
def test_the_week_of_utc_begins_on_monday(hour: int) -> None:
    at = from_ms(hour * HOUR)
    assert UTC_WEEK.slot(hour) == at.weekday() * 24 + at.hour


@settings(deadline=None)
@given(calendars, hours, st.integers(0, 700))
def test_a_stretch_is_its_hours_one_by_one(calendar: Calendar, first: int, length: int) -> None:
    week = LocalWeek(calendar)
    assert list(week.slots(first, first + length)) == [week.slot(hour) for hour in range(first, first + length)]
    assert list(UTC_WEEK.slots(first, first + length)) == [UTC_WEEK.slot(at) for at in range(first, first + length)]


@given(hours, st.integers(-12, 14))
def test_a_fixed_zone_is_utc_shifted(hour: int, east: int) -> None:
    assert LocalWeek(fixed(east)).slot(hour) == UTC_WEEK.slot(hour + east)


@pytest.mark.parametrize(("minutes", "hour"), [(330, 5), (-210, -4), (345, 5)])
def test_hours_of_a_zone_that_is_half_an_hour_off_begin_at_half_past(minutes: int, hour: int) -> None:
    week = LocalWeek(Calendar(zone="Half", changes=((0, minutes),)))
    assert week.slot(FIRST) == UTC_WEEK.slot(FIRST + hour)


def test_in_spring_one_hour_is_skipped() -> None:
    week = LocalWeek(changing(SPRING, 2, 3))
    assert week.slots(SPRING - 2, SPRING + 2) == [SUNDAY + 1, SUNDAY + 2, SUNDAY + 4, SUNDAY + 5]


def test_in_autumn_one_hour_is_there_twice() -> None:
    week = LocalWeek(changing(AUTUMN, 3, 2))
    assert week.slots(AUTUMN - 2, AUTUMN + 2) == [SUNDAY + 2, SUNDAY + 3, SUNDAY + 3, SUNDAY + 4]


def test_a_day_off_has_the_hours_of_a_sunday_by_the_clock_of_its_people() -> None:
    week = LocalWeek(fixed(2, NEW_YEAR))
    midnight = NEW_YEAR * 24 - 2
    assert week.slot(midnight - 1) == 2 * 24 + 23, "Wednesday, 23 h"
    assert [week.slot(midnight), week.slot(midnight + 23)] == [SUNDAY, SUNDAY + 23]
    assert week.slot(midnight + 24) == 4 * 24, "Friday"


@given(calendars, hours)
def test_a_week_before_the_clock_said_the_same(calendar: Calendar, hour: int) -> None:
    week = LocalWeek(calendar)
    before = week.a_week_before(hour)
    if week.east(before) == week.east(hour - WEEK_HOURS):  # else the clock has changed in just that hour
        assert before + week.east(before) == hour + week.east(hour) - WEEK_HOURS


def test_equal_calendars_have_one_week() -> None:
    assert week_of(fixed(3)) is week_of(fixed(3))
    assert week_of(None) is UTC_WEEK


def test_a_calendar_has_the_days_of_its_countries_and_its_own() -> None:
    brand = Brand(id="acme", name="Acme", timezone="Europe/Bucharest", holidays=("RO", "2026-01-03"))
    told = Settings(
        version="1", brands=(brand,), zones={"Europe/Bucharest": ((0, 120),)}, holidays={"RO": (NEW_YEAR, NEW_YEAR + 1)}
    )
    calendar = calendar_of(brand, told)
    assert calendar == Calendar(
        zone="Europe/Bucharest", changes=((0, 120),), holidays=(NEW_YEAR, NEW_YEAR + 1, NEW_YEAR + 2)
    )
    assert calendar_of(Brand(id="plain", name="Plain"), told) is None


# Baselines


def rhythm(slot: int) -> int:
    """Much by day, little at night, less at the weekend."""
    day, hour = divmod(slot, 24)
    return (4 if day > 4 else 30) if 8 <= hour < 20 else 1


def taught(week: LocalWeek, first: int, last: int, truth: LocalWeek) -> Baseline:
    """A baseline that goes by `week`, of people who go by `truth`."""
    baseline = Baseline()
    for hour in range(first, last):
        part = rhythm(truth.slot(hour))
        baseline.learn(hour, part, part * 2, 1.0, week)
    return baseline


def test_after_the_clock_has_changed_the_rhythm_follows_it() -> None:
    week = LocalWeek(changing(SPRING, 2, 3))
    knows, not_so = (taught(one, SPRING - 8 * WEEK_HOURS, SPRING, week) for one in (week, UTC_WEEK))
    monday = SPRING + 23  # 00 UTC
    opening = next(hour for hour in range(monday, monday + 24) if rhythm(week.slot(hour)) == 30)
    assert knows.rate(opening, week)[0] == pytest.approx(30, rel=0.3)
    assert not_so.rate(opening)[0] < 10
    assert knows.rate(opening - 1, week)[0] < 10


@pytest.mark.parametrize("at", [SPRING, AUTUMN])
def test_no_hour_of_the_day_on_which_the_clock_changes_is_unusual(at: int) -> None:
    week = LocalWeek(changing(at, *((2, 3) if at == SPRING else (3, 2))))
    baseline = taught(week, at - 8 * WEEK_HOURS, at - 6, week)
    for hour in range(at - 6, at + 24):
        expected = baseline.expect(hour * HOUR, (hour + 1) * HOUR, 1.0, week)
        assert expected.count == pytest.approx(rhythm(week.slot(hour)), rel=0.5, abs=1)


@settings(deadline=None)
@given(st.integers(-12, 14))
def test_another_clock_changes_nothing_in_what_is_normal_for_an_hour(east: int) -> None:
    """Of the hours of the week, each keeps what it knows."""
    random = Random(east)
    baseline = Baseline()
    for hour in range(FIRST, FIRST + 6 * WEEK_HOURS):
        baseline.learn(hour, random.randrange(40) if hour % 24 > 7 else 2, 50, 1.0)
    following = FIRST + 6 * WEEK_HOURS
    before = [baseline.rate(hour)[0] for hour in range(following, following + WEEK_HOURS)]
    baseline.turn(east)
    week = LocalWeek(fixed(east))
    after = [baseline.rate(hour, week)[0] for hour in range(following, following + WEEK_HOURS)]
    far = [abs(now - then) / then for now, then in zip(after, before, strict=True)]
    assert sum(far) / len(far) < 0.05
    baseline.turn(-east)
    assert [baseline.rate(hour)[0] for hour in range(following, following + WEEK_HOURS)] == before


def test_a_day_off_is_learned_as_a_sunday() -> None:
    one, other = Baseline(), Baseline()
    one.learn(NEW_YEAR * 24 + 12, 7, 9, 1.0, LocalWeek(fixed(0, NEW_YEAR)))
    other.learn(NEW_YEAR * 24 + 3 * 24 + 12, 7, 9, 1.0)
    assert one == other
