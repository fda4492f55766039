"""The rhythm that a new brand borrows of like ones, and what it makes of it."""

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from listener.baseline import Baseline
from listener.borrowed import HourHeard, start_of
from listener.first_rhythm import DAY_HOURS, DAY_SHAPE
from listener.local_week import MONDAY, UTC_WEEK, WEEK_HOURS, LocalWeek
from schemas.record import BadRecord, decoder, to_json
from schemas.settings import Brand, BrandSettings, Start
from schemas.times import HOUR
from tests.core.building import START, brand_settings, burst, calm, run, with_pulses
from tests.core.clocks import FIRST, fixed
from tests.core.rhythms import poisson

FLAT_START = Start(rhythm=(1000,) * DAY_HOURS, strength=DAY_SHAPE, like=("acme",), hours=168)
Rhythm = Callable[[int], float]


def by_day(slot: int) -> float:
    """Three times the level by day, a tenth of that by night; half of it at the weekend."""
    day, hour = divmod(slot, 24)
    return (0.5 if day > 4 else 1.0) * (3.0 if 9 <= hour < 17 else 0.3)


def by_night(slot: int) -> float:
    """The contrary."""
    return by_day(slot + 12)


def heard(weeks: int, rhythm: Rhythm, level: float, seed: int, week: LocalWeek = UTC_WEEK) -> list[HourHeard]:
    chance = Random(seed)
    hours = range(FIRST, FIRST + weeks * WEEK_HOURS)
    return [HourHeard(hour, poisson(chance, level * rhythm(week.slot(hour))), 1.0) for hour in hours]


def borrowed(*of: list[HourHeard]) -> Start:
    found = start_of({f"b{n}": hours for n, hours in enumerate(of)}, {f"b{n}": UTC_WEEK for n in range(len(of))})
    assert found is not None
    return found


def times_of(rhythm: Rhythm) -> list[float]:
    """A rhythm in its own level."""
    level = sum(map(rhythm, range(WEEK_HOURS))) / WEEK_HOURS
    return [rhythm(of_day if of_day < 24 else 5 * 24 + of_day % 24) / level for of_day in range(DAY_HOURS)]


def far(start: Start, times: list[float]) -> float:
    """How far a start is off a rhythm, in the mean."""
    return sum(abs(of_level / 1000 - one) for of_level, one in zip(start.rhythm, times, strict=True)) / DAY_HOURS


# What is borrowed


@pytest.mark.parametrize("level", [1.0, 1_000.0])
def test_the_level_is_not_borrowed_and_makes_no_other_rhythm(level: float) -> None:
    hours = [HourHeard(hour, round(200 * by_day(UTC_WEEK.slot(hour))), 1.0) for hour in range(FIRST, FIRST + 1_344)]
    scaled = [replaced._replace(mentions=round(replaced.mentions * level)) for replaced in hours]
    assert borrowed(scaled).rhythm == pytest.approx(borrowed(hours).rhythm, rel=0.05)


def test_a_rhythm_tends_to_that_of_the_brand_as_more_of_it_is_heard_and_to_none_as_less() -> None:
    level = [0.02, 0.3, 3.0, 60.0]  # evidence is mentions: of so many an hour
    off = [far(borrowed(heard(6, by_day, one, 3)), times_of(by_day)) for one in level]
    assert off == sorted(off, reverse=True)
    assert off[-1] < 0.1
    assert far(borrowed(heard(6, by_day, level[0], 3)), [1.0] * DAY_HOURS) < 0.2


def test_of_a_brand_that_was_heard_for_less_than_a_week_nothing_is_borrowed() -> None:
    hours = heard(1, by_day, 30.0, 3)
    assert start_of({"b": hours[:-1]}, {"b": UTC_WEEK}) is None
    assert start_of({"b": hours}, {"b": UTC_WEEK}) is not None
    assert start_of({"b": [hour._replace(known=0.2) for hour in heard(6, by_day, 30.0, 3)]}, {"b": UTC_WEEK}) is None
    assert start_of({}, {}) is None


def test_all_brands_that_are_well_known_weigh_alike_however_large_they_are() -> None:
    large, small = heard(8, by_day, 3_000.0, 1), heard(8, by_night, 30.0, 2)
    both = [(one + other) / 2 for one, other in zip(times_of(by_day), times_of(by_night), strict=True)]
    assert far(borrowed(large, small), both) < 0.15


def test_brands_that_agree_make_a_firm_start_and_one_alone_or_those_that_do_not_make_none() -> None:
    agreeing = [heard(8, by_day, 30.0, seed) for seed in range(6)]
    assert borrowed(*agreeing).strength > 5 * DAY_SHAPE / 2
    assert borrowed(agreeing[0]).strength == DAY_SHAPE
    contrary = [heard(8, by_day if seed % 2 else by_night, 30.0, seed) for seed in range(6)]
    assert borrowed(*contrary).strength < 1.2 * DAY_SHAPE


def test_brands_are_compared_by_the_clocks_of_their_people() -> None:
    weeks = {"east": LocalWeek(fixed(9)), "west": LocalWeek(fixed(-6))}
    hours = {name: heard(8, by_day, 60.0, 3, week) for name, week in weeks.items()}
    found = start_of(hours, weeks)
    assert found is not None
    assert far(found, times_of(by_day)) < 0.1


def test_a_viral_day_of_a_like_brand_is_no_rhythm() -> None:
    calm = heard(8, by_day, 30.0, 3)
    viral = [hour._replace(mentions=hour.mentions * 20) if 900 <= n < 906 else hour for n, hour in enumerate(calm)]
    assert far(borrowed(viral), times_of(by_day)) < 0.15


@settings(deadline=None, max_examples=20)
@given(st.lists(st.lists(st.integers(0, 10**6), min_size=WEEK_HOURS, max_size=WEEK_HOURS), min_size=1, max_size=3))
def test_whatever_was_heard_the_start_is_sound_and_can_be_written_and_read(brands: list[list[int]]) -> None:
    hours = {f"b{n}": [HourHeard(FIRST + at, said, 1.0) for at, said in enumerate(of)] for n, of in enumerate(brands)}
    start = start_of(hours, dict.fromkeys(hours, UTC_WEEK))
    if start is None:
        assert any(not any(of) for of in brands)
        return
    assert DAY_SHAPE <= start.strength <= 20
    assert sum(start.rhythm[:24]) * 5 + sum(start.rhythm[24:]) * 2 == pytest.approx(168_000, rel=0.01)
    told = BrandSettings(version="1", id="acme", brand=Brand(id="acme", name="Acme", start=start))
    assert len(to_json(start)) < 1_000
    assert decoder(BrandSettings)(to_json(told)) == told


@pytest.mark.parametrize(
    "wrong",
    [{"rhythm": (1000,) * 47}, {"rhythm": (0,) + (1000,) * 47}, {"strength": 0.0}],
)
def test_a_start_that_cannot_be_is_refused_where_it_is_read(wrong: dict[str, object]) -> None:
    told = BrandSettings(version="1", id="a", brand=Brand(id="a", name="A", start=replace(FLAT_START, **wrong)))
    with pytest.raises(BadRecord, match="start"):
        decoder(BrandSettings)(to_json(told))


# What is made of it


def test_a_flat_start_changes_no_bit() -> None:
    started, plain = UTC_WEEK.starting(FLAT_START), UTC_WEEK
    one, other = Baseline(), Baseline()
    chance = Random(5)
    for hour in range(FIRST, FIRST + 4 * WEEK_HOURS, 2):
        said = poisson(chance, 20 * by_day(plain.slot(hour)))
        assert one.rate(hour, started) == other.rate(hour, plain)
        one.learn(hour, said, said * 2, 1.0, started)
        other.learn(hour, said, said * 2, 1.0, plain)
        one.learn_quiet(hour + 1, hour + 2, 1.0, started)
        other.learn_quiet(hour + 1, hour + 2, 1.0, plain)
    assert one == other


def verdicts(start: Start | None) -> list[bytes]:
    """All that is told of a calm stretch and a crisis, of a brand that starts so."""
    settings = brand_settings()
    assert settings.brand is not None
    crisis = START + 40 * HOUR
    mentions = [*calm(START, 40), *burst("c", crisis, 60)]
    log = [replace(settings, brand=replace(settings.brand, start=start)), *with_pulses(mentions, crisis + HOUR)[1:]]
    return [to_json(told) for told in run(log)]


def test_a_flat_start_changes_no_byte_of_what_is_told_and_another_one_does() -> None:
    flat = verdicts(None)
    assert any(b'"rule":"negative-spike"' in told for told in flat)
    assert verdicts(FLAT_START) == flat
    assert verdicts(replace(FLAT_START, rhythm=(1500,) * 24 + (200,) * 24)) != flat


def test_a_week_without_a_start_is_the_shared_one() -> None:
    assert UTC_WEEK.starting(None) is UTC_WEEK


def test_a_new_brand_expects_its_first_night_and_morning_to_differ() -> None:
    """Heard for one evening, at a level of its own."""
    week = UTC_WEEK.starting(borrowed(*(heard(8, by_day, 30.0, seed) for seed in range(6))))
    baseline, monday = Baseline(), FIRST + (MONDAY - FIRST) % WEEK_HOURS
    for hour in range(monday, monday + 6):
        baseline.learn(hour, 30, 60, 1.0, week)
    night, noon = (baseline.rate(monday + hour, week)[0] for hour in (6, 12))
    assert noon == pytest.approx(10 * night, rel=0.3)


def test_quiet_hours_are_learned_by_a_start_as_hours_of_none() -> None:
    week = UTC_WEEK.starting(borrowed(*(heard(8, by_day, 30.0, seed) for seed in range(3))))
    one, other = Baseline(), Baseline()
    one.learn_quiet(FIRST, FIRST + 200, 1.0, week)
    for hour in range(FIRST, FIRST + 200):
        other.learn(hour, 0, 0, 1.0, week)
    for field in Baseline.__struct_fields__:
        assert getattr(one, field) == pytest.approx(getattr(other, field), rel=1e-9, abs=1e-12), field


def test_what_a_brand_shows_itself_wins_over_weeks() -> None:
    """It starts with the contrary of its own rhythm."""
    week = UTC_WEEK.starting(borrowed(*(heard(8, by_night, 30.0, seed) for seed in range(6))))
    baseline, chance = Baseline(), Random(3)
    off = []
    for hour in range(FIRST, FIRST + 6 * WEEK_HOURS):
        slot = UTC_WEEK.slot(hour)
        if (hour - FIRST) % WEEK_HOURS == 0:
            rates = [baseline.rate(FIRST + 6 * WEEK_HOURS + ahead, week)[0] for ahead in range(WEEK_HOURS)]
            truth = [10 * by_day(UTC_WEEK.slot(FIRST + 6 * WEEK_HOURS + ahead)) for ahead in range(WEEK_HOURS)]
            off.append(sum(abs(rate - one) for rate, one in zip(rates, truth, strict=True)) / WEEK_HOURS)
        said = poisson(chance, 10 * by_day(slot))
        baseline.learn(hour, said, said, 1.0, week)
    assert off[5] < off[2] < off[1]
    assert off[5] < 2.5
