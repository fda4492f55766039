"""Unknown is not zero: what nobody listened to has no total, teaches nothing, and may come to light later."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from listener.partition import Partition, TrackRecord
from schemas.heartbeat import Interval
from schemas.pulse import Pulse
from schemas.times import DAY, HOUR, MINUTE, from_ms, to_ms
from schemas.trend import Trend
from tests.core.building import START, brand_settings, calm, intervals, latest, read_of, run, said, trends

HOURS = 48
slow = settings(max_examples=60, deadline=None)
moments = st.integers(0, HOURS * 12)  # five minutes each
spans = st.lists(st.tuples(moments, moments).map(sorted), min_size=1, max_size=4)


def covered(*sources: list[list[int]]) -> dict[str, tuple[Interval, ...]]:
    """What each source covered, the first one the first moment too, so that listening begins there."""
    coverage = {}
    for number, spans in enumerate(sources):
        begun = [(START, START), *((START + low * 5 * MINUTE, START + high * 5 * MINUTE) for low, high in spans)]
        coverage[f"s{number}"] = intervals(begun)
    return coverage


def at_end(coverage: dict[str, tuple[Interval, ...]]) -> Pulse:
    return Pulse(lane=0, lanes=1, through=from_ms(START + HOURS * HOUR + HOUR), coverage=coverage)


def share(trend: Trend, *sources: list[list[int]]) -> float:
    """How much of a trend's time at least one source covered, counted moment by moment."""
    first, last = ((to_ms(time) - START) // (5 * MINUTE) for time in (trend.start, trend.end))
    heard = sum(any(low <= moment < high for one in sources for low, high in one) for moment in range(first, last))
    return round(heard / (last - first), 6)


@slow
@given(spans, spans)
def test_of_what_nobody_listened_to_there_is_no_total(one: list[list[int]], other: list[list[int]]) -> None:
    found = trends(run([brand_settings(), at_end(covered(one, other))]))
    assert {trend.window for trend in found} == {"hour", "day"}
    for trend in found:
        assert trend.known == share(trend, one, other)
        assert (trend.total is None) == (trend.known == 0.0)
        assert trend.total is None or trend.total.volume is not None
        if trend.total is not None and trend.total.volume is not None:
            assert (trend.total.volume.mentions, trend.total.volume.per_hour) == (0, None)


@slow
@given(spans, st.lists(st.integers(0, HOURS * 60 - 1), max_size=12))
def test_what_was_said_there_is_counted_all_the_same(one: list[list[int]], minutes: list[int]) -> None:
    """Somebody delivered it: how much else there was is what is not known."""
    mentions = [said(f"m{place}", START + minute * MINUTE) for place, minute in enumerate(sorted(minutes))]
    found = latest(run([brand_settings(), *mentions, at_end(covered(one))]))
    for hour in range(HOURS):
        trend = found["acme", "hour", START + hour * HOUR]
        spoken = sum(minute // 60 == hour for minute in minutes)
        assert trend.known == share(trend, one)
        assert (trend.total is None) == (trend.known == 0.0 and not spoken)
        if spoken:
            assert trend.total is not None
            assert trend.total.volume is not None
            assert trend.total.volume.mentions == spoken
            assert (trend.total.volume.per_hour is None) == (trend.known == 0.0)


@slow
@given(spans, st.integers(0, 3))
def test_nothing_is_learned_from_hours_that_nobody_listened_to(one: list[list[int]], an_hour: int) -> None:
    end = START + 8 * DAY
    coverage = covered(one)
    talk = [*calm(START, HOURS, an_hour), *calm(START + HOURS * HOUR, 24 * 6, 2)] if an_hour else calm(START, 24 * 8, 2)
    silent = {START + hour * HOUR for hour in range(HOURS) if not heard_in(one, hour)}
    coverage["s0"] = (*coverage["s0"], (from_ms(START + HOURS * HOUR), from_ms(end)))
    partition = Partition()
    log: list[TrackRecord] = [brand_settings()]
    log += [mention for mention in talk if read_of(mention) // HOUR * HOUR not in silent]
    run([*log, Pulse(lane=0, lanes=1, through=from_ms(end), coverage=coverage)], partition)
    states: dict[str, Any] = partition.trackers["acme"].state.monitors
    known = sum(min(1.0, heard_in(one, hour)) for hour in range(HOURS)) + 24 * 6
    assert states["sentiment"].negative.baseline.hours_seen <= known + 1e-6
    assert states["quiet"].baseline.hours_seen <= known + 1e-6


def heard_in(spans: list[list[int]], hour: int) -> float:
    """The share of an hour that was covered."""
    moments = range(hour * 12, hour * 12 + 12)
    return sum(any(low <= moment < high for low, high in spans) for moment in moments) / 12


def test_coverage_that_comes_to_light_late_is_known_to_the_revisions_after_it() -> None:
    first = Pulse(
        lane=0, lanes=1, through=from_ms(START + 2 * HOUR), coverage={"a": intervals([(START, START + HOUR // 2)])}
    )
    then = Pulse(
        lane=0, lanes=1, through=from_ms(START + 3 * HOUR), coverage={"a": intervals([(START, START + 3 * HOUR)])}
    )
    late = said("late", START + 2 * HOUR + MINUTE, written=START + MINUTE)
    found = [
        (trend.revision, trend.known)
        for trend in trends(run([brand_settings(), said("a", START), first, late, then]))
        if (trend.window, to_ms(trend.start)) == ("hour", START)
    ]
    assert found == [(0, 0.5), (1, 1.0)]
