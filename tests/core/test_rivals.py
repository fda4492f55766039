"""The detectors that ours is measured beside do what is published of them."""

from math import log

import numpy as np
import pytest

from tests.bench._rivals import LOOK, RIVALS, alarms, hourly, looks, seasonal_hybrid_esd, threshold_for
from tests.bench._traffic import BINS_A_DAY

DAYS = 20


def counts(seed: int = 1) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Calm weeks that breathe with the day."""
    hours = np.arange(DAYS * BINS_A_DAY) % BINS_A_DAY
    return np.random.default_rng(seed).poisson(2 + np.sin(2 * np.pi * hours / BINS_A_DAY))


def test_the_last_hour_is_the_sum_of_twelve_bins() -> None:
    assert hourly(np.arange(20))[[0, 11, 19]].tolist() == [0, 66, sum(range(8, 20))]


@pytest.mark.parametrize("name", RIVALS)
def test_a_jump_scores_above_all_that_was_before(name: str) -> None:
    jump = counts()
    jump[-12:] += 25
    scores = RIVALS[name](jump)
    assert scores[-1] > 1.2 * scores[: -12 // LOOK].max()


@pytest.mark.parametrize("name", RIVALS)
def test_nothing_is_said_of_the_first_day(name: str) -> None:
    assert RIVALS[name](counts())[: BINS_A_DAY // LOOK - 4].max() == 0.0


def test_poisson_tells_the_chance_of_so_many() -> None:
    steady = np.zeros(2 * BINS_A_DAY, dtype=np.int64)
    steady[:: BINS_A_DAY // 24] = 1  # one in each hour
    steady[-1] = 3  # so four in the last
    chance = 1 - np.exp(-1) * (1 + 1 + 1 / 2 + 1 / 6)
    assert RIVALS["Poisson on the last day"](steady)[-1] == pytest.approx(-log(chance))


def test_what_comes_each_day_at_its_hour_is_season_and_no_anomaly() -> None:
    daily, once = counts(), counts()
    for day in range(DAYS):
        daily[day * BINS_A_DAY + 276 : day * BINS_A_DAY + 288] += 25
    once[-12:] += 25
    assert seasonal_hybrid_esd(daily)[-1] < seasonal_hybrid_esd(once)[-1] / 2


def test_what_fires_again_within_a_day_is_one_alarm() -> None:
    scores = np.zeros(400)
    scores[[10, 50, 140, 300]] = 5.0
    assert alarms(scores, 5.0).tolist() == [10, 300]


def test_the_threshold_is_the_lowest_with_so_many_alarms() -> None:
    years = [RIVALS["Poisson on the last day"](counts(seed)) for seed in range(3)]
    threshold = threshold_for(years, 4)
    assert sum(len(alarms(scores, threshold)) for scores in years) <= 4
    assert len(looks(counts())) == len(years[0])
