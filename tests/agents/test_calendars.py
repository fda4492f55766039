"""Clocks and days off: what brands name is written out, the same on every machine."""

import zoneinfo
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.calendars import FIRST_YEAR, HOURS, LAST_YEAR, understood, written_out, zone_names, zone_of
from agents.configuration import Configuration, Source, WrongSettings
from agents.notify_settings import DigestSettings, NotifySettings, RouteSettings, plan_of
from agents.settings_file import parse_configuration
from agents.sources.objects import ObjectReader
from agents.sources.reader import Reader
from agents.tracker_settings import tracker_settings
from listener.brands.ordinary import UNKNOWN_WORDS
from listener.local_week import FIRST_DAY, LocalWeek
from schemas.mention import Mention
from schemas.settings import Brand, Calendar, Settings
from schemas.times import HOUR, from_ms, to_ms
from tests.agents.building import listener

ACME = '[[brands]]\nid = "acme"\nname = "Acme"\n'
OWN = '[[receivers]]\nname = "own"\nkind = "webhook"\nurl = "https://a.example"\nsecret = { env = "S" }\n[[routes]]\n'
OWN += 'receivers = ["own"]\n'
NOW = to_ms(datetime(2026, 11, 29, 12, tzinfo=UTC))


def configured(*lines: str) -> Configuration:
    return parse_configuration(ACME + "\n".join(lines), "listener.toml", Path())


def calendar(*lines: str) -> Calendar | None:
    """What Acme's tracker is told."""
    (told,) = tracker_settings(Settings(version="", brands=()), configured(*lines).settings(), UNKNOWN_WORDS)
    return told.calendar


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(sorted(zone_names())), st.lists(st.integers(HOURS.start, HOURS.stop - 1), min_size=50))
def test_each_zone_is_written_out_as_it_is(name: str, hours: list[int]) -> None:
    zones, _ = written_out([Brand(id="acme", name="Acme", timezone=name)])
    week, zone = LocalWeek(Calendar(zone=name, changes=zones.get(name, ()))), zone_of(name)
    for hour in hours:
        offset = from_ms(hour * HOUR).astimezone(zone).utcoffset()
        assert offset is not None
        assert week.east(hour) == offset.total_seconds() // 3600, from_ms(hour * HOUR)


@pytest.fixture
def wrong_machine(tmp_path: Path) -> Iterator[None]:
    """A machine whose own files say that Bucharest has the time of Greenwich, and that know a zone more."""
    (tmp_path / "Europe").mkdir()
    utc = resources.files("tzdata.zoneinfo").joinpath("UTC").read_bytes()
    for name in ("Europe/Bucharest", "Ours"):
        (tmp_path / name).write_bytes(utc)
    zoneinfo.reset_tzpath(to=[str(tmp_path)])
    zoneinfo.ZoneInfo.clear_cache()
    yield
    zoneinfo.reset_tzpath()
    zoneinfo.ZoneInfo.clear_cache()


@pytest.mark.usefixtures("wrong_machine")
def test_routes_and_digests_go_by_the_same_clock_on_every_machine() -> None:
    digest = DigestSettings(("mail",), zone="Europe/Bucharest")
    plan = plan_of([], [RouteSettings(("mail",), zone="Europe/Bucharest")], digest, [], NotifySettings())
    at = datetime(2026, 1, 5, tzinfo=UTC)
    assert plan.digest is not None
    assert [at.astimezone(zone).hour for zone in (plan.routes[0].zone, plan.digest.zone)] == [2, 2]


@pytest.mark.usefixtures("wrong_machine")
def test_sources_read_their_times_by_the_same_clock_on_every_machine(tmp_path: Path) -> None:
    columns = {"id": "n", "text": "said", "created_at": "when"}
    source = Source(path=str(tmp_path / "posts.csv"), columns=columns, zone="Europe/Bucharest", id_prefix="x:")
    line = b'{"n": "1", "said": "acme", "when": "2026-01-05 02:00"}'
    read = ObjectReader(source)(line, NOW)
    assert isinstance(read, Mention)
    (tmp_path / "posts.csv").write_text("n,said,when\n1,acme,2026-01-05 02:00\n")
    reader = Reader(source, source.path, lambda: NOW)
    with closing(reader.stream):
        (row,) = reader
    assert isinstance(row, Mention)
    assert row.created_at == read.created_at == datetime(2026, 1, 5, tzinfo=UTC)


@pytest.mark.usefixtures("wrong_machine")
@pytest.mark.parametrize(
    "place",
    ['[[sources]]\npath = "a.csv"\n', "[[routes]]\nreceivers = []\n", f'{OWN}[digest]\nreceivers = ["own"]\n'],
)
def test_a_zone_that_only_this_machine_knows_is_refused(place: str) -> None:
    with pytest.raises(WrongSettings, match="zone: 'Ours' is not a time zone"):
        parse_configuration(f'{ACME}{place}zone = "Ours"\n', "listener.toml", Path())


def test_the_changes_of_a_clock_are_found_to_the_hour() -> None:
    zones, _ = written_out([Brand(id="acme", name="Acme", timezone="Europe/Bucharest")])
    told = {from_ms(hour * HOUR): minutes for hour, minutes in zones["Europe/Bucharest"]}
    assert told[datetime(2027, 3, 28, 1, tzinfo=UTC)] == 180
    assert told[datetime(2026, 10, 25, 1, tzinfo=UTC)] == 120
    assert len(told) == 1 + 2 * (LAST_YEAR - FIRST_YEAR + 1)


def test_the_days_off_of_a_country_and_of_a_part_of_it_are_known() -> None:
    _, days = written_out([Brand(id="acme", name="Acme", holidays=("RO", "DE", "DE-BY", "2026-12-24"))])
    assert date(2026, 12, 1).toordinal() - FIRST_DAY in days["RO"], "the national day of Romania"
    assert date(2026, 1, 6).toordinal() - FIRST_DAY in set(days["DE-BY"]) - set(days["DE"])
    assert sorted(days) == ["DE", "DE-BY", "RO"]


def test_brands_of_one_zone_share_its_table() -> None:
    brands = [Brand(id=name, name=name, timezone="Europe/Bucharest", holidays=("RO",)) for name in ("acme", "brill")]
    assert written_out(brands) == written_out(brands[:1])


def test_brands_by_utc_cost_nothing() -> None:
    assert written_out([Brand(id="acme", name="Acme")]) == ({}, {})
    assert calendar() is None


def test_one_country_needs_no_brackets_and_a_day_no_quotes() -> None:
    assert configured('holidays = "RO"').brands[0].holidays == ("RO",)
    assert configured('holidays = ["RO", 2026-12-24]').brands[0].holidays == ("RO", "2026-12-24")


def test_the_version_follows_from_what_is_written_and_from_what_it_comes_to(monkeypatch: pytest.MonkeyPatch) -> None:
    plain, zoned = configured(), configured('timezone = "Europe/Bucharest"')
    assert zoned.settings() == configured('timezone = "Europe/Bucharest"').settings()
    assert zoned.settings().version != plain.settings().version
    before = zoned.settings().version
    monkeypatch.setattr("agents.calendars._changes", lambda _: ((0, 180),))
    assert zoned.settings().version != before, "a zone that a government has changed is another one"


def test_a_tracker_is_told_its_clock_and_of_a_change_in_it() -> None:
    told = calendar('timezone = "Europe/Bucharest"', 'holidays = ["RO", "2026-12-24"]')
    assert told is not None
    assert told.zone == "Europe/Bucharest"
    assert date(2026, 12, 24).toordinal() - FIRST_DAY in told.holidays
    before = configured('timezone = "Europe/Bucharest"').settings()
    after = Settings(version="other", brands=before.brands, zones={"Europe/Bucharest": ((0, 180),)})
    assert len(list(tracker_settings(before, after, UNKNOWN_WORDS))) == 1
    assert not list(tracker_settings(before, before, UNKNOWN_WORDS))


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (
            ['timezone = "Europe/Bucharest"', 'holidays = "RO"'],
            "Europe/Bucharest, UTC+2 now; next change 2027-03-28; 16 holidays of RO in 2026",
        ),
        (['timezone = "Asia/Kolkata"'], "Asia/Kolkata, UTC+5:30 now"),
        (['timezone = "America/St_Johns"'], "America/St_Johns, UTC-3:30 now; next change 2027-03-14"),
        (['holidays = ["2026-12-24", "2026-12-31"]'], "UTC, UTC+0 now; 2 of its own"),
    ],
)
def test_what_was_understood_is_told(lines: list[str], told: str) -> None:
    assert understood(configured(*lines).brands[0], NOW) == told


def test_a_check_tells_it(tmp_path: Path) -> None:
    (tmp_path / "listener.toml").write_text(ACME + 'timezone = "Asia/Kolkata"\n')
    ran = listener("check", folder=tmp_path)
    assert "Asia/Kolkata, UTC+5:30 now" in ran.out
