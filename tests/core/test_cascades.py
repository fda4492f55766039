"""The simulated cascades are what they say they are: whatever is judged by them stands on that."""

from random import Random

import pytest

from schemas.times import MINUTE
from tests.core.cascades import HORIZON, WORLDS

HALF_LIFE = 24 * MINUTE


@pytest.mark.parametrize("world", WORLDS)
def test_half_of_it_comes_within_the_half_life_and_sizes_have_a_heavy_tail(world: str) -> None:
    chance = Random(1)
    drawn = [WORLDS[world](chance, 3.0, HALF_LIFE) for _ in range(2_000)]
    sizes = sorted(len(one.ages) for one in drawn)
    assert 4 <= sizes[1_000] <= 8
    assert sizes[-1] > 50 * sizes[1_000]
    middles = sorted(one.ages[len(one.ages) // 2] for one in drawn if len(one.ages) >= 20)
    assert 0.7 * HALF_LIFE < middles[len(middles) // 2] < 1.4 * HALF_LIFE
    assert all(list(one.ages) == sorted(one.ages) and one.ages[0] > 0 for one in drawn if one.ages)
    assert all(one.ages[-1] <= HORIZON for one in drawn if one.ages)


@pytest.mark.parametrize("world", WORLDS)
def test_the_same_seed_gives_the_same_cascade(world: str) -> None:
    assert WORLDS[world](Random(7), 30.0, HALF_LIFE) == WORLDS[world](Random(7), 30.0, HALF_LIFE)
