"""The detectors that ours is measured beside do what is published of them."""

import csv
import io
import tarfile
from math import log
from pathlib import Path

import numpy as np
import pytest

from tests.bench._rivals import LOOK, RIVALS, alarms, anomalies, hourly, looks, seasonal_hybrid_esd, threshold_for
from tests.bench._traffic import BINS_A_DAY

DAYS = 20
SCORE = "anomaly_score"


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


def test_advec_reports_what_stands_out_of_a_whole_series_and_nothing_of_noise() -> None:
    noise = np.random.default_rng(1).normal(100.0, 10.0, 3_000) + 50 * (np.arange(3_000) % 24 == 0)
    assert anomalies(noise, 24, 0.02) == []
    noise[[500, 501, 2_000]] += 80
    assert anomalies(noise, 24, 0.02) == [500, 501, 2_000]


@pytest.mark.data
def test_advec_reports_what_the_published_one_reports_of_the_tweets_of_nab(shared_data: Path) -> None:
    """154 of 155 rows are the same: its season is robust, ours a mean."""
    same = 0
    with (
        tarfile.open(shared_data / "nab_realtweets" / "data_realTweets.tar.xz") as tweets,
        tarfile.open(shared_data / "nab_realtweets" / "published_results_realTweets.tar.xz") as results,
    ):
        for brand in ("AAPL", "CRM", "FB", "IBM", "PFE"):
            counts = column(tweets, f"data/realTweets/Twitter_volume_{brand}.csv", "value")
            told = column(results, f"results/twitterADVec/realTweets/twitterADVec_Twitter_volume_{brand}.csv", SCORE)
            published = np.flatnonzero(told).tolist()
            found = anomalies(counts, 150, 0.002)
            assert len(found) == len(published) == 31
            same += len(set(found) & set(published))
    assert same == 154


def column(packed: tarfile.TarFile, name: str, of: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """A column of numbers of a packed CSV."""
    member = next(one for one in packed if one.name.removeprefix("./") == name)
    file = packed.extractfile(member)
    assert file is not None
    rows = csv.DictReader(io.TextIOWrapper(file, encoding="utf-8"))
    return np.array([float(row[of]) for row in rows])


def test_what_fires_again_within_a_day_is_one_alarm() -> None:
    scores = np.zeros(400)
    scores[[10, 50, 140, 300]] = 5.0
    assert alarms(scores, 5.0).tolist() == [10, 300]


def test_the_threshold_is_the_lowest_with_so_many_alarms() -> None:
    years = [RIVALS["Poisson on the last day"](counts(seed)) for seed in range(3)]
    threshold = threshold_for(years, 4)
    assert sum(len(alarms(scores, threshold)) for scores in years) <= 4
    assert len(looks(counts())) == len(years[0])
