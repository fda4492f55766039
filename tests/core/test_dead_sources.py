"""Dead sources: who covered something, does no more, and has not ended, while the clock goes on."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from listener.alerts.incident import AlertState
from listener.coverage import DEAD_AFTER, Coverage
from listener.dead_sources import RULE, DeadSources
from listener.partition import Partition, TrackRecord
from schemas.alert import Alert
from schemas.command import Command, Kind, Matcher
from schemas.pulse import Pulse
from schemas.record import to_json
from schemas.times import HOUR, MINUTE, from_ms, to_ms
from tests.core.building import START, alerts, brand_settings, intervals, receipts, run, take

Minutes = list[tuple[int, int]]


def at(minute: int) -> int:
    return START + minute * MINUTE


def told(minute: int, ended: tuple[str, ...] = (), **sources: Minutes) -> Pulse:
    """A pulse through a minute, with what the sources have covered until then."""
    coverage = {
        source: intervals([(at(low), at(high)) for low, high in covered]) for source, covered in sources.items()
    }
    return Pulse(lane=0, lanes=1, through=from_ms(at(minute)), coverage=coverage, ended=ended)


def dead(records: Sequence[TrackRecord], partition: Partition | None = None) -> list[Alert]:
    return [alert for alert in alerts(run(records, partition)) if alert.rule == RULE]


def events(found: list[Alert]) -> list[tuple[str, str, int]]:
    """(source, what happened, at which minute)."""
    return [(alert.scope, alert.event, (to_ms(alert.at) - START) // MINUTE) for alert in found]


def test_a_source_that_covers_nothing_for_a_quarter_of_an_hour_is_dead() -> None:
    assert events(dead([told(10, a=[(0, 10)]), told(24, a=[(0, 10)])])) == []
    (alert,) = dead([told(10, a=[(0, 10)]), told(60, a=[(0, 10)])])
    assert events([alert]) == [("a", "opened", 25)]
    assert (alert.brand, alert.scope, alert.judged, alert.examples) == ("", "a", None, ())
    assert to_ms(alert.since) == at(10)
    assert "no brand is called quiet" in alert.reason


def test_when_it_covers_again_it_is_resolved_and_the_gap_is_told() -> None:
    opened, resolved = dead([told(60, a=[(0, 10)]), told(90, a=[(0, 10), (70, 90)])])
    assert (resolved.id, resolved.sequence, resolved.event) == (opened.id, 2, "resolved")
    assert to_ms(resolved.at) == at(70)
    assert resolved.reason == ("nothing is known of it from 2026-01-05 00:10 UTC to 2026-01-05 01:10 UTC (60 min)")


def test_dead_again_within_six_hours_is_the_same_alert_and_later_a_new_one() -> None:
    found = dead([told(1200, a=[(0, 10), (70, 90), (600, 1000), (1100, 1200)])])
    assert [alert.event for alert in found] == ["opened", "resolved", "reopened", "resolved", "opened", "resolved"]
    assert len({alert.id for alert in found[:4]}) == 1
    assert len({alert.id for alert in found}) == 2


def test_a_source_that_has_ended_is_not_dead() -> None:
    assert not dead([told(10, a=[(0, 10)]), told(600, ("a",), a=[(0, 10)], b=[(0, 600)])])


def test_one_that_rested_on_purpose_was_not_dead_either() -> None:
    log = [told(10, ("a",), a=[(0, 10)]), told(700, a=[(0, 10), (600, 700)])]
    assert not dead(log)
    assert events(dead([*log, told(800, a=[(0, 10), (600, 700)])])) == [("a", "opened", 715)]


def test_one_that_is_listened_to_again_after_a_rest_has_a_quarter_of_an_hour_to_be_heard() -> None:
    """A service that starts again says its first heartbeat before a network has answered."""
    rested = [told(10, ("a",), a=[(0, 10)]), told(600, a=[(0, 10)])]
    assert not dead([*rested, told(601, a=[(0, 10), (600, 601)])])
    (alert,) = dead([*rested, told(700, a=[(0, 10)])])
    assert events([alert]) == [("a", "opened", 615)]
    assert to_ms(alert.since) == at(600)


def test_one_that_never_comes_back_from_one_rest_after_another_is_told_anew_each_time() -> None:
    minutes = [600, 620], [1200, 1220]
    log = [told(10, ("a",), a=[(0, 10)])]
    for starts, goes_on in minutes:
        log += [told(starts, a=[(0, 10)]), told(goes_on, a=[(0, 10)]), told(goes_on + 1, ("a",), a=[(0, 10)])]
    found = dead(log)
    assert events(found) == [
        ("a", "opened", 615),
        ("a", "resolved", 621),
        ("a", "opened", 1215),
        ("a", "resolved", 1221),
    ]
    assert len({(alert.id, alert.sequence) for alert in found}) == 4


def test_one_that_ends_while_it_is_dead_is_resolved() -> None:
    found = dead([told(60, a=[(0, 10)]), told(80, ("a",), a=[(0, 10)])])
    assert events(found) == [("a", "opened", 25), ("a", "resolved", 80)]


def test_while_the_clock_stands_nobody_is_dead() -> None:
    other = Pulse(lane=1, lanes=2, through=from_ms(at(10)))
    behind = told(600, a=[(0, 10)])
    log = [other, Pulse(lane=0, lanes=2, through=behind.through, coverage=behind.coverage)]
    assert not dead(log)


def test_a_source_that_could_never_connect_is_dead_too() -> None:
    assert events(dead([told(60, a=[(0, 0)])])) == [("a", "opened", 15)]


def test_each_source_is_told_of_by_itself_in_due_order() -> None:
    found = dead([told(60, a=[(0, 20)], b=[(0, 10)], c=[(0, 60)])])
    assert events(found) == [("b", "opened", 25), ("a", "opened", 35)]
    assert len({alert.fingerprint for alert in found}) == 2


def test_of_all_partitions_one_tells_it() -> None:
    log = [told(60, a=[(0, 10)])]
    assert dead(log, Partition(watches_sources=True))
    assert not dead(log, Partition(watches_sources=False))


def test_coverage_that_comes_to_light_late_ends_it() -> None:
    found = dead([told(60, a=[(0, 10)]), told(61, a=[(0, 61)])])
    assert [alert.event for alert in found] == ["opened", "resolved"]


hushes = st.lists(st.tuples(st.sampled_from(["", "a", "b"]), st.integers(1, 500), st.integers(1, 300)), max_size=3)
spans = st.lists(st.tuples(st.integers(1, 60), st.integers(1, 60)), min_size=1, max_size=6)  # (gap, covered) in turn


def laid_out(lengths: list[tuple[int, int]]) -> Minutes:
    covered, minute = [], 0
    for gap, length in lengths:
        covered.append((minute, minute + length))
        minute += length + gap
    return covered


def until(minute: int, covered: Minutes) -> Minutes:
    return [(low, min(high, minute)) for low, high in covered if low <= minute]


@settings(max_examples=200, deadline=None)
@given(spans, spans, st.lists(st.integers(0, 700), max_size=20), st.lists(st.integers(0, 19), max_size=3), hushes)
def test_neither_pulses_nor_restarts_change_what_is_told(
    left: list[tuple[int, int]],
    right: list[tuple[int, int]],
    minutes: list[int],
    stops: list[int],
    silences: list[tuple[str, int, int]],
) -> None:
    """And each gap of a quarter of an hour, and no shorter one, is told once."""
    a, b = laid_out(left), laid_out(right)
    end = max(a[-1][1], b[-1][1]) + 100
    hushed = [
        silence(str(place), since, since + length, matchers=(Matcher("scope", source),) if source else ())
        for place, (source, since, length) in enumerate(silences)
    ]
    expected = dead([*hushed, told(end, a=a, b=b)])
    partition, kept = Partition(), dict[str, bytes]()
    found = dead([*hushed], partition)
    for place, minute in enumerate(sorted({*[minute for minute in minutes if minute < end], end})):
        found += dead([told(minute, a=until(minute, a), b=until(minute, b))], partition)
        if place in stops:
            take(partition, kept)
            partition = Partition.restored(kept)
    assert sorted(map(to_json, found)) == sorted(map(to_json, expected))
    long = sum(gap >= DEAD_AFTER // MINUTE for lengths in (left, right) for gap, _ in lengths[:-1])
    assert sum(alert.event in ("opened", "reopened") for alert in expected) == long + 2
    ids = [(alert.id, alert.sequence) for alert in expected]
    assert len(set(ids)) == len(ids)


def test_nobody_can_wave_it_away() -> None:
    partition = Partition()
    (alert,) = dead([told(60, a=[(0, 10)])], partition)
    command = Command(id="1", brand="", kind="resolve", alert_id=alert.id, actor="Ana", at=alert.at)
    (receipt,) = receipts([command], partition)
    assert (receipt.done, "heard again" in receipt.told) == (False, True)


def test_who_is_dead_is_known_after_a_restart() -> None:
    partition, kept = Partition(), dict[str, bytes]()
    log: list[TrackRecord] = [brand_settings(), told(60, a=[(0, 10)])]
    run(log, partition)
    take(partition, kept)
    ((source, outage),) = DeadSources(Partition.restored(kept).state.sources, AlertState()).outages()
    assert (source, outage.dead) == ("a", True)


# What people want of it.


def order(id: str, kind: Kind, minute: int, **fields: Any) -> Command:
    return Command(id=id, brand="", kind=kind, actor="Ana", at=from_ms(at(minute)), **fields)


def silence(id: str, since: int, until: int, said: int = 0, **fields: Any) -> Command:
    return order(id, "silence", said, since=from_ms(at(since)), until=from_ms(at(until)), **fields)


def muted(found: list[Alert]) -> list[tuple[str, bool]]:
    return [(alert.event, alert.muted is not None) for alert in found]


def test_who_looks_after_a_dead_source_is_told_once() -> None:
    partition = Partition()
    (opened,) = dead([told(60, a=[(0, 10)])], partition)
    command = order("1", "acknowledge", 60, alert_id=opened.id, comment="the vendor knows")
    (event,) = dead([command, command], partition)
    assert (event.id, event.sequence, event.event, event.actor) == (opened.id, 2, "acknowledged", "Ana")
    assert event.reason == "acknowledged by Ana: the vendor knows"
    assert receipts([command], partition) == []
    (receipt,) = receipts([order("2", "acknowledge", 60, alert_id=opened.id)], partition)
    assert (receipt.done, receipt.rule) == (True, RULE)


def test_who_looks_after_a_dead_source_does_so_until_it_dies_again() -> None:
    partition = Partition()
    opened = dead([told(60, a=[(0, 10)])], partition)[0]
    dead([order("1", "acknowledge", 60, alert_id=opened.id)], partition)
    outage = partition.state.sources["a"].outage
    assert outage is not None
    assert outage.acknowledged
    dead([told(100, a=[(0, 10), (70, 72)])], partition)
    assert outage.dead
    assert not outage.acknowledged


def test_a_source_that_is_not_dead_cannot_be_acknowledged() -> None:
    partition = Partition()
    opened, _ = dead([told(60, a=[(0, 10)]), told(90, a=[(0, 10), (70, 90)])], partition)
    (receipt,) = receipts([order("1", "acknowledge", 90, alert_id=opened.id)], partition)
    assert (receipt.done, "no source is dead now" in receipt.told) == (False, True)


def test_a_silence_mutes_a_dead_source_and_it_is_told_when_that_ends() -> None:
    partition = Partition()
    log: list[TrackRecord] = [
        told(60, a=[(0, 10)], b=[(0, 10)]),
        silence("s", 60, 120, 60, matchers=(Matcher("scope", "a"),)),
    ]
    found = dead([*log, told(200, a=[(0, 10)], b=[(0, 10)])], partition)
    assert events(found) == [("a", "opened", 25), ("b", "opened", 25), ("a", "silenced", 60), ("a", "updated", 120)]
    assert [alert.muted is not None for alert in found] == [False, False, True, False]
    assert found[3].reason.startswith("still dead, and no longer muted (silenced until")


def test_what_dies_and_is_heard_again_within_a_silence_is_never_told() -> None:
    found = dead([silence("s", 5, 120), told(200, a=[(0, 10), (70, 200)])])
    assert muted(found) == [("opened", True), ("resolved", True)]


def test_a_silence_that_is_expired_ends_at_once() -> None:
    partition = Partition()
    log: list[TrackRecord] = [told(60, a=[(0, 10)]), silence("s", 60, 300, 60), told(100, a=[(0, 10)])]
    found = dead([*log, order("e", "expire", 100, silence_id="s")], partition)
    assert muted(found) == [("opened", False), ("silenced", True), ("updated", False)]


def test_of_all_partitions_one_takes_commands() -> None:
    partition = Partition(watches_sources=False)
    run([told(60, a=[(0, 10)])], partition)
    (receipt,) = receipts([silence("s", 60, 300)], partition)
    assert not receipt.done


# What the others make of it: since when all sources were heard.


def heard(ended: tuple[str, ...] = (), **sources: Minutes) -> Coverage:
    coverage = Coverage()
    for source, covered in sources.items():
        coverage.hear(source, [(at(low), at(high)) for low, high in covered], ended=source in ended)
    return coverage


def test_while_one_is_dead_nothing_is_heard() -> None:
    coverage = heard(a=[(0, 600)], b=[(0, 100)])
    assert coverage.heard_since(at(114)) < at(0)
    assert coverage.heard_since(at(115)) == at(115)
    assert coverage.heard_since(at(300)) == at(300)


def test_after_a_gap_all_is_heard_from_its_end_on() -> None:
    coverage = heard(a=[(0, 600)], b=[(0, 100), (200, 600)])
    assert coverage.heard_since(at(400)) == at(200)
    assert heard(b=[(0, 100), (110, 600)]).heard_since(at(400)) == 0


def test_after_the_end_of_a_source_less_is_to_be_heard() -> None:
    coverage = heard(("b",), a=[(0, 600)], b=[(0, 100)])
    assert coverage.heard_since(at(400)) == at(100)
    assert (coverage.lost(at(400)), coverage.lost(at(110))) == (at(100), 0)


@settings(max_examples=200, deadline=None)
@given(spans, spans, st.integers(0, 500))
def test_heard_since_is_the_end_of_the_last_break(
    left: list[tuple[int, int]], right: list[tuple[int, int]], minute: int
) -> None:
    a, b = laid_out(left), laid_out(right)
    since = heard(a=a, b=b).heard_since(at(minute))
    breaks = [0]
    for covered in (a, b):
        begun = [(low, high) for low, high in covered if low < minute]
        for (_, high), (low, _) in pairwise(begun):
            if low - high >= 15:
                breaks.append(at(low))
        if begun and minute - begun[-1][1] >= 15:
            breaks.append(at(minute))
    assert since == max(breaks)


def test_the_time_of_a_gap_is_told_in_hours_and_minutes() -> None:
    (opened,) = dead([told(60, a=[(0, 10)])])
    assert opened.summary == "a is dead: not heard since 2026-01-05 00:10 UTC"
    assert opened.scale_s * 1000 == HOUR // 4
