"""What is normal at this hour of the week, and how fast that is learned."""

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listener.baseline import Baseline
from listener.local_week import MONDAY, WEEK_HOURS
from listener.monitors.severity import SeverityState
from schemas.times import HOUR

FIRST = 490_992  # the hour that begins Monday, 2026-01-05 00:00 UTC


def taught(weeks: int, count: Callable[[int], int], whole: Callable[[int, int], int] | None = None) -> Baseline:
    """A baseline that learned so many weeks; `count` and `whole` are by the hour of the week."""
    baseline = Baseline()
    for hour in range(FIRST, FIRST + weeks * WEEK_HOURS):
        of_week = (hour - MONDAY) % WEEK_HOURS
        part = count(of_week)
        baseline.learn(hour, part, whole(of_week, part) if whole else part * 2, 1.0)
    return baseline


def negative_binomial(random: Random, mean: float, dispersion: float) -> int:
    return poisson(random, random.gammavariate(1 / dispersion, mean * dispersion))


def poisson(random: Random, mean: float) -> int:
    count, at = 0, random.expovariate(1.0)
    while at < mean:
        count += 1
        at += random.expovariate(1.0)
    return count


def test_the_week_begins_on_monday() -> None:
    assert (FIRST - MONDAY) % WEEK_HOURS == 0


def test_a_new_brand_has_a_wide_guess() -> None:
    expected = Baseline().expect(FIRST * HOUR, (FIRST + 1) * HOUR, 1.0)
    assert 0 < expected.count < 2
    assert expected.dispersion > 0.4
    assert expected.hours_seen == 0
    assert expected.chance_of_count(3) > 0.01


def test_the_weekly_rhythm_is_learned() -> None:
    def rhythm(of_week: int) -> int:
        day, hour = divmod(of_week, 24)
        return 1 if day > 4 else 30 if 9 <= hour < 17 else 4

    baseline = taught(8, rhythm)
    following = FIRST + 8 * WEEK_HOURS
    for of_week in (3, 12, 24 + 12, 5 * 24 + 12, 6 * 24 + 3):
        assert baseline.rate(following + of_week)[0] == pytest.approx(rhythm(of_week), rel=0.35)


def test_a_rhythm_by_day_is_guessed_for_an_hour_of_the_week_never_seen() -> None:
    baseline = Baseline()
    for hour in range(FIRST, FIRST + 3 * 24):
        baseline.learn(hour, 40 if hour % 24 == 12 else 2, 100, 1.0)
    noon, night = (baseline.rate(FIRST + 3 * 24 + hour)[0] for hour in (12, 3))
    assert noon > 5 * night


def test_a_spike_is_clipped() -> None:
    usual, spiked = taught(4, lambda _: 5), taught(4, lambda _: 5)
    hour = FIRST + 4 * WEEK_HOURS
    usual.learn(hour, 5, 10, 1.0)
    spiked.learn(hour, 5_000, 5_000, 1.0)
    assert spiked.rate(hour)[0] < 2 * usual.rate(hour)[0]
    assert spiked.share() < 1.1 * usual.share()


def test_a_new_level_is_learned_all_the_same() -> None:
    baseline = taught(4, lambda _: 5)
    for hour in range(FIRST + 4 * WEEK_HOURS, FIRST + 12 * WEEK_HOURS):
        baseline.learn(hour, 50, 100, 1.0)
    assert baseline.rate(FIRST + 12 * WEEK_HOURS)[0] == pytest.approx(50, rel=0.35)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 40), max_size=200), st.integers(0, 400), st.sampled_from([1.0, 0.6]))
def test_a_quiet_hour_is_learned_as_zero_of_zero(before: list[int], quiet: int, known: float) -> None:
    one, other = Baseline(), Baseline()
    for hour, part in enumerate(before, FIRST):
        one.learn(hour, part, part * 3, 1.0)
        other.learn(hour, part, part * 3, 1.0)
    first = FIRST + len(before)
    one.learn_quiet(first, first + quiet, known)
    for hour in range(first, first + quiet):
        other.learn(hour, 0, 0, known)
    for field in Baseline.__struct_fields__:
        assert getattr(one, field) == pytest.approx(getattr(other, field), rel=1e-9, abs=1e-12), field


def test_quiet_hours_learned_together_or_one_by_one_are_the_same() -> None:
    together, apart = taught(1, lambda hour: hour % 7), taught(1, lambda hour: hour % 7)
    first = FIRST + WEEK_HOURS
    together.learn_quiet(first, first + 300, 1.0)
    for hour in range(first, first + 300):
        apart.learn_quiet(hour, hour + 1, 1.0)
    for field in Baseline.__struct_fields__:
        assert getattr(together, field) == pytest.approx(getattr(apart, field), rel=1e-9), field


def test_an_hour_listened_to_in_part_is_an_hour_at_the_same_rate() -> None:
    whole, half = taught(6, lambda _: 20), Baseline()
    for hour in range(FIRST, FIRST + 6 * WEEK_HOURS):
        half.learn(hour, 10, 20, 0.5)
    following = FIRST + 6 * WEEK_HOURS
    assert half.rate(following)[0] == pytest.approx(whole.rate(following)[0], rel=0.1)


def test_what_is_expected_grows_with_the_stretch_and_with_what_is_known() -> None:
    baseline = taught(6, lambda _: 12)
    start = (FIRST + 6 * WEEK_HOURS) * HOUR
    hour = baseline.expect(start, start + HOUR, 1.0).count
    assert baseline.expect(start, start + HOUR // 12, 1.0).count == pytest.approx(hour / 12)
    assert baseline.expect(start, start + HOUR, 0.5).count == pytest.approx(hour / 2)
    assert baseline.expect(start + HOUR // 2, start + 6 * HOUR + HOUR // 2, 1.0).count == pytest.approx(
        6 * hour, rel=0.1
    )


@pytest.mark.parametrize("dispersion", [0.1, 0.5, 2.0])
@pytest.mark.parametrize("mean", [3.0, 30.0])
def test_the_dispersion_is_recovered(mean: float, dispersion: float) -> None:
    random = Random(7)
    found = taught(10, lambda _: negative_binomial(random, mean, dispersion)).dispersion()
    assert dispersion / 2 < found < dispersion * 2


@pytest.mark.parametrize("correlation", [0.02, 0.1, 0.3])
def test_the_correlation_is_recovered(correlation: float) -> None:
    random, strength = Random(7), 1 / correlation - 1

    def half_bad(_: int) -> tuple[int, int]:
        chance = random.betavariate(0.4 * strength, 0.6 * strength)
        return sum(random.random() < chance for _ in range(40)), 40

    baseline = Baseline()
    for hour in range(FIRST, FIRST + 6 * WEEK_HOURS):
        baseline.learn(hour, *half_bad(hour), 1.0)
    assert correlation / 2 < baseline.correlation() < correlation * 2
    assert baseline.share() == pytest.approx(0.4, abs=0.06)


def test_the_share_is_that_of_the_scored() -> None:
    assert taught(6, lambda _: 3, lambda _, part: 30).share() == pytest.approx(0.1, abs=0.02)


def test_false_alarms_are_as_rare_as_the_chance_says() -> None:
    """Counts drawn from what the baseline models fall below a chance of 1 % in about 1 % of the hours."""
    random, baseline = Random(11), taught(0, lambda _: 0)
    unlikely = hours = 0
    for hour in range(FIRST, FIRST + 20 * WEEK_HOURS):
        count = negative_binomial(random, 8.0 if hour % 24 > 8 else 1.0, 0.3)
        if hour > FIRST + 4 * WEEK_HOURS:
            hours += 1
            unlikely += baseline.expect(hour * HOUR, (hour + 1) * HOUR, 1.0).chance_of_count(count) < 0.01
        baseline.learn(hour, count, count * 4, 1.0)
    assert 0.001 < unlikely / hours < 0.02


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6), st.floats(0.5, 1.0)), max_size=60))
@settings(deadline=None, max_examples=60)
def test_whatever_is_learned_makes_a_sound_guess(hours: list[tuple[int, int, float]]) -> None:
    baseline = Baseline()
    for hour, (part, rest, known) in enumerate(hours, FIRST):
        baseline.learn(hour, part, part + rest, known)
    expected = baseline.expect(FIRST * HOUR, (FIRST + 200) * HOUR, 1.0)
    assert expected.count > 0
    assert expected.dispersion > 0
    assert 0 < expected.share < 1
    assert expected.strength >= 2
    assert expected.hours_seen == pytest.approx(sum(known for _, _, known in hours))


@pytest.mark.parametrize("count", [1, 10**15, 10**18])
def test_where_all_is_of_the_part_the_correlation_is_still_one(count: int) -> None:
    baseline = taught(1, lambda _: count, lambda _hour, _part: count)
    assert 0.0 < baseline.correlation() < 1.0


def test_hours_of_a_rare_share_are_not_expected_to_stray_further_than_they_do() -> None:
    """Nine of 3,000 each hour; what the first guess leaves of them is learned for weeks."""
    baseline = SeverityState().words.baseline
    for hour in range(FIRST, FIRST + 6 * WEEK_HOURS):
        baseline.learn(hour, 9, 3_000, 1.0)
    share = baseline.share()
    assert (baseline.correlation() * (1 - share) / share) ** 0.5 < 0.45
