"""The traffic that detectors are judged by is what it says."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.bench._traffic import BIN, BINS_A_DAY, START, When, calm, character, creeping, planted


def test_the_same_seed_gives_the_same_traffic() -> None:
    one, again = calm(7, 30.0, 60), calm(7, 30.0, 60)
    assert one.events == again.events
    assert (one.mentions == again.mentions).all()
    assert (one.negative == again.negative).all()


def test_another_seed_gives_another_brand() -> None:
    assert character(7, 30.0) != character(8, 30.0)
    assert (calm(7, 30.0, 60).mentions != calm(8, 30.0, 60).mentions).any()


@pytest.mark.parametrize("rate", [0.5, 30.0, 500.0])
def test_a_year_has_about_its_rate(rate: float) -> None:
    an_hour = [traffic.mentions.mean() * 12 for traffic in (calm(seed, rate) for seed in range(8))]
    assert 0.9 * rate < np.median(an_hour) < 1.8 * rate  # what goes viral comes on top


def test_negative_and_positive_are_parts_of_all() -> None:
    traffic = calm(1, 120.0, 30)
    assert (traffic.negative + traffic.positive <= traffic.mentions).all()
    assert (traffic.severe <= traffic.mentions).all()


def test_counts_vary_more_than_by_chance() -> None:
    of_days = calm(3, 120.0).mentions.reshape(-1, BINS_A_DAY).sum(axis=1)
    assert of_days.var() > 20 * of_days.mean()


@pytest.mark.parametrize("when", ["day", "night", "weekend"])
@pytest.mark.parametrize("factor", [1.5, 3.0])
def test_a_crisis_raises_the_share_by_its_factor(when: When, factor: float) -> None:
    found = [planted(seed, 500.0, factor, when, 12.0) for seed in range(20)]
    times = [one.share / one.usual_share for one in found if one.usual_share * factor < 0.9]
    assert factor * 0.85 < np.median(times) < factor * 1.1


def test_a_crisis_adds_nothing_before_it_and_nothing_after() -> None:
    one = planted(5, 120.0, 3.0, "day", 6.0)
    other = planted(5, 120.0, 1.0, "day", 6.0)
    differs = np.flatnonzero(one.traffic.mentions != other.traffic.mentions)
    assert differs.size
    assert START + differs[0] * BIN >= one.crisis.start
    assert START + differs[-1] * BIN < one.crisis.end


def test_what_a_crisis_adds_is_negative() -> None:
    one, other = planted(5, 120.0, 3.0, "night", 6.0), planted(5, 120.0, 1.0, "night", 6.0)
    added = one.traffic.mentions - other.traffic.mentions
    assert (one.traffic.negative - other.traffic.negative == added).all()
    assert added.sum() == one.added
    assert other.added == 0


def shares_by_day(seed: int, factor: float) -> NDArray[np.float64]:
    """Negative shares of the 24 days of a creep over ten days."""
    traffic = creeping(seed, 500.0, factor, over=10, stays=14, days=60).traffic
    negative, mentions = (counts.reshape(-1, BINS_A_DAY).sum(axis=1) for counts in (traffic.negative, traffic.mentions))
    shares: NDArray[np.float64] = (negative / mentions)[-24:]
    return shares


def test_a_creep_rises_day_by_day_and_stays() -> None:
    times = np.median([shares_by_day(seed, 1.5) / shares_by_day(seed, 1.0) for seed in range(8)], axis=0)
    assert times[0] < 1.06
    assert 1.2 < times[5] < 1.35
    assert (abs(times[11:] - 1.5) < 0.1).all()
    assert (np.diff(times[:10]) > 0).all()


def test_a_creep_adds_nothing_before_it() -> None:
    one, other = (creeping(5, 120.0, factor, over=10, stays=5, days=60) for factor in (1.5, 1.0))
    differs = np.flatnonzero(one.traffic.mentions != other.traffic.mentions)
    assert START + differs[0] * BIN >= one.crisis.start == START + 45 * BINS_A_DAY * BIN
    assert (one.traffic.negative - other.traffic.negative == one.traffic.mentions - other.traffic.mentions).all()
