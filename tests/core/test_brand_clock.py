"""A brand's own clock and days off, before the product's own desk: what they change in verdicts, and what not."""

from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from listener.coverage import Coverage
from listener.detection import LATENESS, OpenWindow
from listener.local_week import UTC_WEEK, LocalWeek
from listener.monitors.monitor import BASE
from listener.tracker import Tracker
from listener.turn import Turn
from listener.windows import Counts, add_up
from schemas.alert import Alert, Judged
from schemas.settings import Calendar
from schemas.times import DAY, HOUR, WEEK, from_ms, to_ms
from tests.core.building import START, brand_settings
from tests.core.clocks import FIRST, changing, fixed
from tests.core.rhythms import judged, openings, poisson

Windows = dict[int, Counts]
SPRING = to_ms(datetime(2026, 3, 29, 1, tzinfo=UTC)) // HOUR
CHANGES = {"spring": (2, 3), "autumn": (3, 2)}


def rhythm(slot: int) -> float:
    """Mentions an hour of people who talk by day, and half as much at the weekend."""
    day, hour = divmod(slot, 24)
    return (30.0 if day > 4 else 60.0) if 8 <= hour < 22 else 1.0


def traffic(seed: int, days: int, week: LocalWeek, shift: int = 0, crisis: int | None = None) -> Windows:
    """Windows of a brand from START on, `shift` hours later; the eight hours of a crisis have more that is bad."""
    chance, found = Random(seed), Windows()
    for window in range(days * DAY // BASE):
        start = START + window * BASE
        hour = start // HOUR
        mean = rhythm(week.slot(hour)) * BASE / HOUR
        bad = poisson(chance, mean * 0.2) + poisson(
            chance, mean if crisis is not None and 0 <= hour - crisis < 8 else 0
        )
        mentions = bad + poisson(chance, mean * 0.8)
        if mentions:
            counts = {"mentions": mentions, "scorable": mentions, "scored": mentions, "negative": bad}
            found[start + shift * HOUR] = counts
    return found


def watched(windows: Windows, *calendars: tuple[int, Calendar | None]) -> list[Alert]:
    """The final alerts of a desk past which these windows go; each calendar is in force from its time (ms) on."""
    tracker, turn = Tracker("acme"), Turn()
    begin, end = min(windows) - DAY, max(windows) + DAY
    turn.since, turn.coverage = begin, Coverage(union=[(begin, end)])
    for version, (at, calendar) in enumerate(calendars):
        told = replace(brand_settings(version=str(version)), at=from_ms(at) if version else None, calendar=calendar)
        tracker.configure(told, turn)
    for start in sorted(windows):
        for open_window in _waiting(tracker, start):
            _close(tracker, open_window, turn)
        tracker.state.desk.open[start] = OpenWindow(windows[start])
        _close(tracker, start, turn)
    return [output for output in turn.outputs if isinstance(output, Alert) and output.stage == "final"]


def _waiting(tracker: Tracker, until: int) -> Iterator[int]:
    while tracker.state.desk.open and (start := min(tracker.state.desk.open)) < until:
        yield start


def _close(tracker: Tracker, start: int, turn: Turn) -> None:
    turn.now = start + BASE + LATENESS
    tracker.fire(turn.now, "base", start, turn)
    turn.timers.clear()


def told(alerts: list[Alert], shift: int = 0) -> list[tuple[int, str, Judged | None]]:
    """When, what and on which numbers, `shift` hours earlier."""
    found: list[tuple[int, str, Judged | None]] = []
    for alert in alerts:
        verdict = alert.judged
        if verdict is not None:
            start, end = (from_ms(to_ms(at) - shift * HOUR) for at in (verdict.start, verdict.end))
            verdict = replace(verdict, start=start, end=end)
        found.append((to_ms(alert.at) - shift * HOUR, alert.event, verdict))
    return found


@settings(max_examples=8, deadline=None)
@given(st.integers(-11, 13), st.integers(0, 1_000))
def test_a_zone_and_its_people_are_as_utc_and_its_people(east: int, seed: int) -> None:
    """Who lives `east` hours ahead does all so many hours earlier; verdicts are the same to the last digit."""
    crisis = FIRST + 12 * 24 + 11
    by_utc = watched(traffic(seed, 14, UTC_WEEK, crisis=crisis), (START, None))
    moved = watched(traffic(seed, 14, UTC_WEEK, shift=-east, crisis=crisis), (START, fixed(east)))
    assert any(event == "opened" for _, event, _ in told(by_utc))
    assert told(moved, -east) == told(by_utc)


def _changing_after(days: int, name: str) -> LocalWeek:
    return LocalWeek(changing(FIRST + days * 24 + 1, *CHANGES[name]))


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_raised_when_clocks_change(name: str, seed: int) -> None:
    week = _changing_after(40, name)
    alerts = watched(traffic(seed, 50, week), (START, week.calendar))
    assert [alert for alert in alerts if to_ms(alert.at) >= START + 40 * DAY] == []
    said = [poisson(Random(f"{seed} {hour}"), rhythm(week.slot(hour))) for hour in range(FIRST, FIRST + 60 * 24)]
    assert openings(judged(said, week)) == []


@pytest.mark.parametrize("seed", range(3))
def test_to_name_the_zone_in_the_middle_of_history_raises_nothing(seed: int) -> None:
    """Of hours learned by UTC it is known which they are by the new clock."""
    people = LocalWeek(fixed(9))
    changed = START + 30 * DAY + 5 * HOUR
    alerts = watched(traffic(seed, 40, people), (START, None), (changed, people.calendar))
    assert [alert for alert in alerts if to_ms(alert.at) >= changed] == []


def test_a_crisis_after_a_change_of_the_zone_is_found_as_without_it() -> None:
    people, crisis = LocalWeek(fixed(9)), FIRST + 34 * 24 + 3
    windows = traffic(5, 36, people, crisis=crisis)
    changed = opening(watched(windows, (START, None), (START + 30 * DAY, people.calendar)), crisis * HOUR)
    always = opening(watched(windows, (START, people.calendar)), crisis * HOUR)
    assert changed is not None
    assert always is not None
    assert abs(changed - always) <= HOUR


def opening(alerts: list[Alert], since: int) -> int | None:
    """When people are called for the first time after `since`."""
    times = [to_ms(alert.at) for alert in alerts if alert.event in ("opened", "reopened")]
    return min((at for at in times if at >= since), default=None)


def test_the_clock_of_a_tracker_is_kept_and_set_once() -> None:
    tracker, turn = Tracker("acme"), Turn()
    turn.since, turn.coverage = START, Coverage(union=[(START, START + WEEK)])
    tracker.configure(brand_settings(), turn)
    people = fixed(9)
    tracker.configure(replace(brand_settings(version="2"), at=from_ms(START + HOUR), calendar=people), turn)
    baseline = tracker.state.monitors["sentiment"].negative.baseline
    baseline.learn(START // HOUR, 7, 9, 1.0)
    slots = []
    for start in (START, START + HOUR, START + 2 * HOUR):
        tracker.state.desk.open[start] = OpenWindow({"mentions": 1})
        _close(tracker, start, turn)
        slots.append(baseline.week_count.index(max(baseline.week_count)))
    before, after = UTC_WEEK.slot(START // HOUR), LocalWeek(people).slot(START // HOUR)
    assert slots == [before, after, after]
    assert tracker.state.desk.zone == "UTC+9"


# Days off


OFF = FIRST // 24 + 44  # by the order of days a working day
QUIET_BY_WEEKEND = 0.2
ONE = {"mentions": 1, "scorable": 1, "scored": 1}


def office(seed: int, off: int | None, days: int = 50) -> list[int]:
    """Mentions an hour of people who talk at work: 40 by day, and next to nothing at the weekend and on a day off."""
    chance, found = Random(seed), []
    for hour in range(FIRST, FIRST + days * 24):
        day, of_day = divmod(hour, 24)
        works = 8 <= of_day < 20 and UTC_WEEK.slot(hour) < 5 * 24 and day != off
        found.append(poisson(chance, 40.0 if works else QUIET_BY_WEEKEND))
    return found


def test_the_day_off_is_a_working_day_by_the_calendar() -> None:
    assert UTC_WEEK.slot(OFF * 24) < 4 * 24


@pytest.mark.parametrize("seed", range(3))
def test_on_a_day_off_nobody_is_surprised_by_silence(seed: int) -> None:
    said = office(seed, OFF)
    assert openings(judged(said)), "who does not know of it is"
    assert not openings(judged(said, LocalWeek(fixed(0, OFF))))


@pytest.mark.parametrize("seed", range(3))
def test_on_a_day_off_a_crisis_is_measured_by_days_off(seed: int) -> None:
    """As many bad mentions as a working day brings are many for a day on which hardly anybody talks."""
    chance, windows = Random(seed), Windows()
    for place, mentions in enumerate(office(seed, OFF, days=45)):
        for _ in range(mentions):
            start = START + place * HOUR + chance.randrange(12) * BASE
            add_up(windows.setdefault(start, {}), ONE | {"negative": int(chance.random() < 0.2)})
    for hour in range(10, 14):
        for window in range(8):
            counts = windows.setdefault(OFF * DAY + hour * HOUR + window * BASE, {})
            add_up(counts, ONE | {"negative": 1})
    assert opening(watched(windows, (START, fixed(0, OFF))), OFF * DAY) is not None, "who knows of it is called"
    assert opening(watched(windows, (START, None)), OFF * DAY) is None
