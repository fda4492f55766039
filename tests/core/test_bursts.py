"""How strong the evidence is that more is said of a brand than its own history lets one expect."""

from collections.abc import Sequence
from math import log
from random import Random

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from listener.bursts import KEPT_PEAKS, SCALES, Bursts
from listener.state import pack, unpack
from schemas.times import DAY, HOUR, MINUTE
from tests.bench._traffic import calm

STEP = 5 * MINUTE
A_DAY = DAY // STEP
START = 1_767_571_200_000  # Monday, 2026-01-05 00:00 UTC
COUNTS = st.integers(0, 10_000)


def usual(days: int, mean: float = 4.0, seed: int = 1) -> list[int]:
    """Counts of five minutes without anything in them, twice as many by day as by night."""
    draw = Random(seed)
    return [
        sum(draw.random() < mean / 40 * (1.3 if bin_ % A_DAY > A_DAY / 3 else 0.6) for _ in range(40))
        for bin_ in range(days * A_DAY)
    ]


def scored(counts: Sequence[float], bursts: Bursts | None = None, first: int = 0) -> list[float]:
    """The scores of bins that follow each other; the first one is bin number `first`."""
    bursts = bursts or Bursts(STEP)
    return [bursts.judge(START + (first + place) * STEP, count) for place, count in enumerate(counts)]


def taught(days: int = 10) -> Bursts:
    """A brand of which so many usual days are known."""
    bursts = Bursts(STEP)
    scored(usual(days), bursts)
    return bursts


def copied(bursts: Bursts) -> Bursts:
    return unpack(pack(1, bursts), Bursts, 1)


TAUGHT = taught()
SELDOM = Bursts(STEP)
scored([bin_ % 7 == 0 for bin_ in range(6 * A_DAY)], SELDOM)
NEXT = 10 * A_DAY


@given(st.lists(st.tuples(st.integers(1, 400), COUNTS), max_size=200), st.sampled_from([MINUTE, STEP, HOUR]))
@example([(1, 0)] * 100 + [(1, 10_000)] * 100, HOUR)
def test_scores_lie_between_0_and_1(bins: list[tuple[int, int]], step: int) -> None:
    bursts, start = Bursts(step), START
    for later, count in bins:
        start += later * step
        assert 0.0 <= bursts.judge(start, count) <= 1.0


@given(COUNTS, COUNTS, st.lists(st.integers(0, 60), max_size=20))
def test_a_larger_count_never_scores_less(count: int, more: int, before: list[int]) -> None:
    bursts = copied(TAUGHT)
    scored(before, bursts, NEXT)
    other = copied(bursts)
    (less,) = scored([count], bursts, NEXT + len(before))
    (larger,) = scored([count + more], other, NEXT + len(before))
    assert larger >= less


@settings(max_examples=25)
@given(st.lists(st.integers(0, 200), min_size=1, max_size=80), st.data())
def test_a_restart_changes_nothing(counts: list[int], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(counts)))
    bursts = copied(TAUGHT)
    first = scored(counts[:cut], bursts, NEXT)
    again = scored(counts[cut:], copied(bursts), NEXT + cut)
    assert first + again == scored(counts, copied(TAUGHT), NEXT)


@given(st.lists(COUNTS, min_size=2, max_size=40), COUNTS)
def test_what_comes_later_changes_no_score(counts: list[int], other: int) -> None:
    assume(other != counts[-1])
    assert scored(counts, copied(TAUGHT), NEXT)[:-1] == scored([*counts[:-1], other], copied(TAUGHT), NEXT)[:-1]


def test_ten_times_the_usual_is_rarer_than_once_a_month() -> None:
    assert max(scored([40] * 3, copied(TAUGHT), NEXT + 150)) > 0.5


@settings(max_examples=50)
@given(st.randoms(use_true_random=False))
def test_ten_mentions_are_ten(draw: Random) -> None:
    """A sum of floats may be a hair less, and would be told a mention later."""
    ten, nearly = copied(SELDOM), copied(SELDOM)
    for place in range(36):
        start, count = START + (6 * A_DAY + place) * STEP, draw.choice([0, 0, 1, 1, 2])
        assert ten.look(start, count, 10.0) == nearly.look(start, count, 9.5)


def test_the_usual_is_not_told() -> None:
    assert max(scored(usual(30, seed=2), copied(TAUGHT), NEXT)) < 0.5


def test_as_many_are_less_unusual_where_bursts_are_common() -> None:
    bursts = Bursts(STEP)
    counts = usual(20)
    for day in range(1, 20):
        counts[day * A_DAY + 150] = 40
    scored(counts, bursts)
    assert max(scored([40], bursts, 20 * A_DAY + 150)) < max(scored([40], copied(TAUGHT), NEXT + 150))


def test_an_episode_is_told_once_unless_it_grows() -> None:
    scores = scored([40] + [4] * 5 + [38] + [4] * 40 + [400], copied(TAUGHT), NEXT + 150)
    assert scores[0] > 0.0
    assert scores[6] == 0.0
    assert scores[-1] > scores[0]


def test_a_day_later_it_is_told_again() -> None:
    bursts = copied(TAUGHT)
    scored([60], bursts, NEXT + 150)
    scored([4] * (A_DAY + 40), bursts, NEXT + 151)
    assert max(scored([60] * 6, bursts, NEXT + 151 + A_DAY + 40)) > 0.0


def test_a_brand_of_which_nobody_speaks_is_known_as_such() -> None:
    bursts = Bursts(STEP)
    assert set(scored([0] * 40 * A_DAY, bursts)) == {0.0}
    assert max(scored([0, 30], bursts, 40 * A_DAY)) > 0.5


@pytest.mark.parametrize("rate", [2.0, 120.0])
def test_calm_years_keep_a_budget_of_one_page_a_month(rate: float) -> None:
    """With campaigns and what goes viral in them. A single year may have twice as many: nobody knows what comes."""
    assert sum(score >= 0.5 for score in scored(calm(3, rate).mentions.tolist())) <= 24


def test_nothing_is_told_on_the_first_day() -> None:
    assert set(scored([1] * 100 + [10_000] * 100 + [1] * 80)) == {0.0}


def test_a_gap_is_not_a_silence() -> None:
    """After two days of which nothing is known, the normal and the peaks are what they were."""
    gone_on, after_gap = copied(TAUGHT), copied(TAUGHT)
    scored([4], gone_on, NEXT)
    scored([4], after_gap, NEXT + 2 * A_DAY)
    assert after_gap.baseline == gone_on.baseline
    assert [scale.peaks for scale in after_gap.scales] == [scale.peaks for scale in TAUGHT.scales]


def test_what_was_before_a_gap_is_not_added_to_what_comes_after_it() -> None:
    after = NEXT + SCALES[-1] // STEP
    burst, usual_ = copied(TAUGHT), copied(TAUGHT)
    scored([30], burst, NEXT)
    scored([4], usual_, NEXT)
    learned = [scale.deviation for scale in burst.scales], [scale.deviation for scale in usual_.scales]
    scored([4], burst, after)
    scored([4], usual_, after)
    for one, other, was, had in zip(burst.scales, usual_.scales, *learned, strict=True):
        assert abs((one.deviation - was) - (other.deviation - had)) < 0.01 * (was + had)


def test_an_hour_heard_for_five_minutes_is_not_learned() -> None:
    bursts = Bursts(STEP)
    for hour in range(100):
        bursts.judge(START + hour * HOUR, 5)
    assert bursts.baseline.hours_seen == 0.0


def test_two_years_take_no_more_room_than_one() -> None:
    bursts = Bursts(HOUR)
    sizes: list[int] = []
    for _ in range(2):
        for hour in range(365 * 24):
            bursts.judge(START + (len(sizes) * 365 * 24 + hour) * HOUR, 3 + hour % 24)
        sizes.append(len(pack(1, bursts)))
    assert all(len(scale.peaks) == KEPT_PEAKS for scale in bursts.scales)
    assert sizes[1] <= sizes[0] + 100 < 16_384
    assert len(bursts.recent) <= SCALES[-1] // HOUR + 1


# Quiet stretches


def test_what_is_passed_over_is_learned_nearly_as_if_each_bin_had_been_judged() -> None:
    """A brand of which something is said in one bin in twelve: the same hours, and deviations within a fifth."""
    counts = [count if place % 12 == 0 or count > 2 else 0 for place, count in enumerate(usual(40, 1.0, 3))]
    each, passed, through = Bursts(STEP), Bursts(STEP), START
    for place, count in enumerate(counts):
        at = START + place * STEP
        each.look(at, count)
        if count:
            passed.pass_quiet(through, at)
            passed.look(at, count)
            through = at + STEP
    passed.pass_quiet(through, START + len(counts) * STEP)
    for bursts in (each, passed):
        bursts.look(START + len(counts) * STEP, 0)
    assert passed.baseline.hours_seen == each.baseline.hours_seen
    for hour in range(START // HOUR, START // HOUR + 168):
        assert passed.baseline.rate(hour) == pytest.approx(each.baseline.rate(hour))
    for one, other in zip(each.scales, passed.scales, strict=True):
        assert other.weight == pytest.approx(one.weight)
        assert other.spread(0.0) == pytest.approx(one.spread(0.0), rel=0.2)
        assert abs(len(one.peaks) - len(other.peaks)) <= len(one.peaks) / 10


@pytest.mark.parametrize("quiet", [1, 5, 11, 12, 30, 36, 37, 100, 3000])
def test_after_a_quiet_stretch_a_burst_is_as_unlikely_as_if_each_bin_had_been_judged(quiet: int) -> None:
    each, passed = copied(TAUGHT), copied(TAUGHT)
    at = START + NEXT * STEP
    for place in range(quiet):
        each.look(at + place * STEP, 0)
    passed.pass_quiet(at, at + quiet * STEP)
    one, other = each.look(at + quiet * STEP, 60), passed.look(at + quiet * STEP, 60)
    assert one is not None
    assert other is not None
    assert other.observed == pytest.approx(one.observed)
    assert other.expected == pytest.approx(one.expected, rel=0.02)
    assert abs(log(other.chance / one.chance)) < 0.35  # of an evidence of 4 to 5


def test_a_quiet_stretch_may_be_cut_anywhere() -> None:
    whole, cut = copied(TAUGHT), copied(TAUGHT)
    first, last = START + NEXT * STEP, START + (NEXT + 700) * STEP
    whole.pass_quiet(first, last)
    for start in range(first, last, 50 * STEP):
        cut.pass_quiet(start, start + 50 * STEP)
    assert cut.baseline.hours_seen == whole.baseline.hours_seen
    assert [len(scale.peaks) for scale in cut.scales] == [len(scale.peaks) for scale in whole.scales]
    one, other = cut.look(last, 60), whole.look(last, 60)
    assert one is not None
    assert other is not None
    assert abs(log(other.chance / one.chance)) < 0.35


def test_nothing_of_at_least_so_many_is_found_where_fewer_were_heard() -> None:
    bursts = copied(TAUGHT)
    assert bursts.look(START + NEXT * STEP, 60, 1000) is None


def test_the_last_hour_is_calm_when_a_burst_is_over() -> None:
    bursts = copied(TAUGHT)
    excess = bursts.look(START + NEXT * STEP, 300)
    assert excess is not None
    assert bursts.calm(HOUR).chance < 0.1
    bursts.pass_quiet(START + (NEXT + 1) * STEP, START + (NEXT + 13) * STEP)
    assert bursts.calm(HOUR).chance == 1.0
