"""Brands that are new to a running system: what they start with, from whom, and that they keep it."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.runtime.embedded import Embedded
from agents.runtime.records import Records
from agents.runtime.store import Store
from agents.sources.history import Item
from agents.starts import like_of, with_starts
from listener.borrowed import HourHeard
from listener.first_rhythm import FLAT
from schemas.settings import Brand, Start
from schemas.times import DAY, HOUR, MINUTE
from tests.agents.building import (
    FROM_FILE,
    START,
    a_post,
    configured,
    feed,
    history_of,
    listener,
    plain_scorer,
    shop,
    write_lines,
)

DAYS = 12


def posts(days: int = DAYS) -> Iterator[bytes]:
    """Of two brands, four an hour by day and one at night in three."""
    for hour in range(days * 24):
        by_day = 9 <= hour % 24 < 17
        for number in range(4 if by_day else hour % 3 == 0):
            at = START + hour * HOUR + number * 10 * MINUTE
            yield a_post(f"{hour}-{number}", at, "acme and bolt, and crisp")


@cache
def items() -> list[Item]:
    with TemporaryDirectory() as folder:
        return list(history_of(write_lines(Path(folder) / "posts.jsonl", posts()), folder=Path(folder)).items())


class Service:
    """A lane on a file, that is started anew with each settings."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "test.db"
        self._done = 0

    def run(self, text: str, until: int | None = None) -> tuple[dict[str, Start | None], list[str]]:
        """Start it with settings, feed it up to an item; what its trackers know of starts, and what was told."""
        with Store(self._path) as store:
            lane = Embedded(store, plain_scorer())
            told = lane.configure(configured(text).settings())
            feed(lane, items()[:until], done=self._done)
            self._done = len(items()[:until])
            self.position = lane.position
            self.version = lane.detector.brands.settings.version
            trackers = lane.partition.trackers.values()
            self.first = {tracker.brand: tracker.desks.latest.week.first for tracker in trackers}
            return {brand.id: brand.start for brand in lane.detector.brands.settings.brands}, told


def test_a_brand_that_is_added_starts_with_the_rhythm_of_those_that_are_there(tmp_path: Path) -> None:
    service = Service(tmp_path)
    starts, told = service.run(shop("acme", "bolt"))
    assert (starts, told) == ({"acme": None, "bolt": None}, []), "of the first brands there is nothing to say"
    starts, told = service.run(shop("acme", "bolt", "crisp"))
    start = starts["crisp"]
    assert starts["acme"] is None
    assert start is not None
    assert start.like == ("acme", "bolt")
    assert start.hours == pytest.approx(2 * DAYS * 24, abs=60)
    by_day, by_night = start.rhythm[9:17], start.rhythm[:7]
    assert min(by_day) > 2 * max(by_night)
    assert told == [f"crisp: starts with the rhythm of acme, bolt ({start.hours} hours; give or take 51 %)"]


def test_its_tracker_goes_by_it_also_after_a_restart(tmp_path: Path) -> None:
    service = Service(tmp_path)
    service.run(shop("acme"))
    starts, _ = service.run(shop("acme", "bolt"))
    start = starts["bolt"]
    assert start is not None
    for _ in range(2):
        assert service.first["acme"] == FLAT
        assert service.first["bolt"].times == tuple(one / 1000 for one in start.rhythm)
        service.run(shop("acme", "bolt"))


def test_settings_that_are_put_in_force_again_change_nothing(tmp_path: Path) -> None:
    service = Service(tmp_path)
    service.run(shop("acme"), len(items()) * 3 // 4)
    starts, _ = service.run(shop("acme", "bolt"), len(items()) * 3 // 4)
    position, version = service.position, service.version
    assert service.run(shop("acme", "bolt")) == (starts, [])
    assert service.version == version
    assert service.position == position + len(items()) - len(items()) * 3 // 4, "no settings came into the log"


@pytest.mark.parametrize("between", [shop("acme") + "budget = 4\n", shop("acme", "crisp", "bolt")])
def test_a_brand_keeps_its_start_whatever_else_changes_and_also_if_it_was_taken_out(
    between: str, tmp_path: Path
) -> None:
    service = Service(tmp_path)
    service.run(shop("acme"), len(items()) * 3 // 4)
    starts, _ = service.run(shop("acme", "bolt"))
    service.run(between)
    assert service.run(shop("acme", "bolt"))[0]["bolt"] == starts["bolt"] is not None


def test_a_brand_that_was_there_before_starts_are_borrowed_gets_none_later(tmp_path: Path) -> None:
    service = Service(tmp_path)
    service.run(shop("acme", "bolt"))
    assert service.run(shop("acme", "bolt") + 'like = ["acme"]\n') == ({"acme": None, "bolt": None}, [])


def test_of_brands_that_were_heard_for_less_than_a_week_nothing_is_borrowed(tmp_path: Path) -> None:
    service = Service(tmp_path)
    service.run(shop("acme"), len(items()) // 4)
    starts, told = service.run(shop("acme", "bolt"), len(items()) // 4)
    assert starts["bolt"] is None
    assert told == ["bolt: starts without a rhythm: less than a week was heard of acme"]


def test_hours_are_read_as_they_were_told_last_and_quiet_ones_too(tmp_path: Path) -> None:
    Service(tmp_path).run(shop("acme"))
    with Records(tmp_path / "test.db") as records:
        hours = records.hours(["acme"], START + DAY)["acme"]
        assert records.hours([], 0) == {}
    first = (START + DAY) // HOUR
    assert [hour.hour for hour in hours] == list(range(first, first + len(hours)))
    assert [hour.mentions for hour in hours[:24]] == [4 if 9 <= n < 17 else int(n % 3 == 0) for n in range(24)]
    assert {hour.known for hour in hours[:24]} == {1.0}


# From whom


def a_brand(id: str, **fields: Any) -> Brand:
    return Brand(id=id, name=id, **fields)


@pytest.mark.parametrize(
    ("new", "like"),
    [
        (a_brand("new", like=("b", "z")), ("b",)),
        (a_brand("new", like=("z",)), ()),
        (a_brand("new", owner="one"), ("a", "b")),
        (a_brand("new", owner="nobody else"), ("b", "c")),
        (a_brand("new"), ("b", "c")),
        (a_brand("new", timezone="Asia/Tokyo"), ()),
        (a_brand("new", timezone="Europe/Berlin"), ("a",)),
    ],
)
def test_it_is_like_those_that_it_names_else_its_owners_else_its_clocks(new: Brand, like: tuple[str, ...]) -> None:
    others = [a_brand("a", owner="one", timezone="Europe/Berlin"), a_brand("b", owner="one"), a_brand("c")]
    assert like_of(new, others) == like


def test_what_cannot_be_read_is_told_and_the_brand_starts_without() -> None:
    wanted = configured(shop("acme", "bolt")).settings()
    found, told = with_starts(wanted, {"acme": None}, {}, "the broker is gone")
    assert found == wanted
    assert told == ["bolt: starts without a rhythm: the hours of acme cannot be read: the broker is gone"]


@given(st.lists(st.integers(0, 50), min_size=168, max_size=400))
@settings(deadline=None, max_examples=20)
def test_a_start_is_part_of_the_version_and_comes_of_the_same_hours_to_the_same(said: list[int]) -> None:
    wanted = configured(shop("acme", "bolt")).settings()
    hours = {"acme": [HourHeard(438_300 + n, mentions, 1.0) for n, mentions in enumerate(said)]}
    found, _ = with_starts(wanted, {"acme": None}, hours)
    assert found == with_starts(wanted, {"acme": None}, hours)[0]
    assert (found.version == wanted.version) == (found.brands[1].start is None)
    kept, told = with_starts(wanted, {brand.id: brand.start for brand in found.brands}, {})
    assert (kept, told) == (found, [])


# On the command line


def test_run_tells_what_a_new_brand_starts_with_and_so_does_check(tmp_path: Path) -> None:
    write_lines(tmp_path / "posts.jsonl", posts())
    (tmp_path / "listener.toml").write_text(FROM_FILE)
    assert listener("run", "--until-end", folder=tmp_path).code == 0
    (tmp_path / "listener.toml").write_text(FROM_FILE + shop("bolt") + 'like = ["acme"]\n')
    ran = listener("run", "--until-end", folder=tmp_path)
    assert "bolt: starts with the rhythm of acme (" in ran.out + ran.err
    checked = listener("check", folder=tmp_path)
    assert "starts with the rhythm of acme (" in checked.out
    again = listener("run", "--until-end", folder=tmp_path)
    assert "rhythm" not in again.out + again.err
