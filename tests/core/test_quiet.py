"""A quiet brand: found where it should be, told of in the right words, and never where nobody listened."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listener.alerts.wording import calm_again
from listener.judgement import LEAST_KNOWN_FEW, MOST_LEFT, fires, judge_again
from listener.monitors.monitor import Finding
from listener.monitors.quiet import LONGEST, RULE, QuietMonitor, QuietState
from listener.partition import Partition, TrackRecord
from listener.state import pack, unpack
from schemas.alert import Alert
from schemas.brand_mention import BrandMention
from schemas.record import to_json
from schemas.times import DAY, HOUR, MINUTE, to_ms
from tests.core.building import START, alerts, brand_settings, burst, judged_of, pulse, read_of, run, said, take
from tests.core.rhythms import Spell, counts, judged, openings, past

MONTHS = 6
LEVELS = (5, 15, 40, 150, 600)  # mentions a day
slow = settings(max_examples=20, deadline=None)


def test_no_false_alarm_in_240_brand_months() -> None:
    wrong = []
    for seed in range(8):
        for a_day in LEVELS:
            wrong += [(seed, a_day, hour) for hour in openings(judged(counts(seed, a_day, MONTHS * 30, holiday=1.0)))]
    months = 8 * len(LEVELS) * MONTHS
    assert months >= 240
    assert not wrong


@pytest.mark.parametrize(
    ("a_day", "hours", "left", "least"),
    [(40, 24, 0.0, 17), (150, 24, 0.0, 19), (600, 12, 0.0, 18), (2000, 6, 0.0, 17), (2000, 24, 0.1, 18)],
)
def test_planted_silences_are_found(a_day: float, hours: int, left: float, least: int) -> None:
    found = 0
    for seed in range(20):
        spell = Spell(40 * 24 + Random(seed).randrange(240), hours, left)
        opened = [
            hour
            for hour in openings(judged(counts(seed, a_day, 60, spell, holiday=1.0)))
            if spell.first < hour <= spell.first + hours + 6
        ]
        found += bool(opened)
    assert found >= least


def test_a_brand_with_three_mentions_a_week_never_fires() -> None:
    said = counts(3, 3 / 7, 100)[: 60 * 24] + [0] * 40 * 24
    assert not list(judged(said))


def test_a_silence_opens_grows_and_is_over_when_people_speak_again() -> None:
    spell = Spell(40 * 24 + 12, 30, 0.0)
    found = list(judged(counts(1, 150, 60, spell)))
    scales = [finding.scale // HOUR for _, finding in found]
    assert scales[0] <= 12
    assert max(scales) == 24
    assert scales[-1] == 0
    hour, last = found[-1]
    assert spell.first + spell.hours < hour <= spell.first + spell.hours + 12
    assert last.judged.chance_of_count > 0.1


def test_it_does_not_fire_at_the_first_look() -> None:
    """One look may be a bad hour."""
    monitor, state = QuietMonitor(), QuietState()
    said = [20] * 24 * 30 + [0] * 24
    fired = []
    for end in range(24, len(said) + 1):
        monitor.wakes(state, 480, START + end * HOUR)
        found = list(monitor.look(state, past(end, said), START + end * HOUR))
        if state.pending:
            fired.append((end, bool(found)))
    assert [found for _, found in fired[:2]] == [False, True]


def test_amid_an_outage_nothing_fires_and_what_is_open_stays_as_it_is() -> None:
    spell = Spell(40 * 24, 72, 0.0)
    said = counts(2, 600, 50, spell)
    monitor, state = QuietMonitor(), QuietState()
    found: list[tuple[int, Finding]] = []
    for end in range(24, len(said) + 1):
        monitor.wakes(state, 600, START + end * HOUR)
        broken = end if spell.first + 8 <= end < spell.first + 60 else 0
        found += [(end, one) for one in monitor.look(state, past(end, said, broken=broken), START + end * HOUR)]
    dead = [end for end, _ in found if spell.first + 8 <= end < spell.first + 60]
    assert found[0][0] < spell.first + 8
    assert not dead


def test_hours_of_a_quiet_spell_are_not_learned() -> None:
    said = counts(4, 300, 45)
    silent = [0 if 40 * 24 <= hour < 42 * 24 else count for hour, count in enumerate(said)]
    calm, quiet = state_after(said).baseline, state_after(silent).baseline
    assert quiet.hours_seen <= calm.hours_seen - 24
    week = range(START // HOUR, START // HOUR + 168)
    assert sum(quiet.rate(hour)[0] for hour in week) > 0.97 * sum(calm.rate(hour)[0] for hour in week)


def test_a_burst_does_not_make_the_same_hours_quiet_a_week_later() -> None:
    said = counts(5, 150, 60, holiday=1.0)
    for hour in range(40 * 24, 40 * 24 + 12):
        said[hour] *= 30
    assert not list(judged(said))


@pytest.mark.parametrize("left", [2, 0])
def test_a_new_level_is_normal_after_a_week(left: int) -> None:
    found = list(judged([20] * 24 * 40 + [left] * 24 * 80))
    assert found[0][1].scale
    *_, (hour, last) = found
    assert not last.scale
    assert 47 * 24 < hour < 49 * 24
    assert calm_again(last.judged).startswith("after a week it is the new normal: ")


def test_it_is_not_over_before_it_is_as_usual() -> None:
    *_, (hour, last) = judged([20] * 24 * 40 + [0] * 12 + [8] * 24 + [20] * 24)
    assert not last.scale
    assert hour > 41 * 24 + 12


def test_what_comes_to_light_later_counts() -> None:
    """A connector that catches up delivers the hours that seemed silent."""
    monitor, state = QuietMonitor(), QuietState()
    said = [20] * 24 * 40 + [0] * 24
    caught_up = [20] * 24 * 41
    for end in range(24, len(said) + 1):
        monitor.wakes(state, 480, START + end * HOUR)
        if monitor.next_look(state) == START + end * HOUR:
            shown = said[:end] if state.pending is False else [*caught_up[: end - 1], 0]
            assert not list(monitor.look(state, past(end, shown), START + end * HOUR))


def test_without_the_source_that_has_ended_it_learns_anew() -> None:
    said = counts(7, 300, 60, Spell(40 * 24, 20 * 24, 0.05))
    monitor, state = QuietMonitor(), QuietState()
    for end in range(24, len(said) + 1):
        monitor.wakes(state, 300, START + end * HOUR)
        if monitor.next_look(state) == START + end * HOUR:
            lost = 40 * 24 if end > 40 * 24 else 0
            assert not list(monitor.look(state, past(end, said, lost=lost), START + end * HOUR))


@slow
@given(st.integers(0, 99), st.integers(0, 60 * 24), st.integers(1, 96))
def test_it_never_fires_where_not_known(seed: int, first: int, hours: int) -> None:
    said = counts(seed, 300, 60, Spell(first, hours, 0.0), holiday=1.0)
    monitor, state = QuietMonitor(), QuietState()
    for end in range(24, len(said) + 1):
        monitor.wakes(state, 300, START + end * HOUR)
        if monitor.next_look(state) == START + end * HOUR:
            deaf = (first, min(first + hours, end))
            for finding in monitor.look(state, past(end, said, deaf), START + end * HOUR):
                low, high = ((to_ms(time) - START) / HOUR for time in (finding.judged.start, finding.judged.end))
                unheard = max(0.0, min(high, deaf[1]) - max(low, deaf[0])) / (high - low)
                assert unheard <= 1.0 - LEAST_KNOWN_FEW + 1e-9


@slow
@given(st.integers(0, 99), st.sampled_from([40, 300]), st.integers(30 * 24, 50 * 24), st.integers(3, 96))
def test_what_fires_is_few_and_judged_the_same_again(seed: int, a_day: int, first: int, hours: int) -> None:
    for _, finding in judged(counts(seed, a_day, 60, Spell(first, hours, 0.0))):
        one = finding.judged
        assert judge_again(one) == one
        assert fires(one) == bool(finding.scale) or not finding.scale
        if finding.scale:
            assert one.observed <= MOST_LEFT * one.expected
            assert to_ms(one.end) - to_ms(one.start) == finding.scale


@slow
@given(st.integers(0, 99), st.integers(30 * 24, 40 * 24), st.integers(0, 60 * 24))
def test_a_state_that_was_encoded_goes_on_the_same(seed: int, first: int, stop: int) -> None:
    said = counts(seed, 150, 60, Spell(first, 30, 0.0))
    monitor, state = QuietMonitor(), QuietState()
    found = []
    for end in range(24, len(said) + 1):
        monitor.wakes(state, 150, START + end * HOUR)
        if monitor.next_look(state) == START + end * HOUR:
            found += [(end, finding) for finding in monitor.look(state, past(end, said), START + end * HOUR)]
        if end == stop:
            state = unpack(pack(1, state), QuietState, 1)
    monitor, again = QuietMonitor(), QuietState()
    expected = []
    for end in range(24, len(said) + 1):
        monitor.wakes(again, 150, START + end * HOUR)
        if monitor.next_look(again) == START + end * HOUR:
            expected += [(end, finding) for finding in monitor.look(again, past(end, said), START + end * HOUR)]
    assert found == expected
    assert len(state.counts) <= 2 * LONGEST


def state_after(said: list[int]) -> QuietState:
    monitor, state = QuietMonitor(), QuietState()
    for end in range(24, len(said) + 1):
        monitor.wakes(state, 10_000, START + end * HOUR)
        if monitor.next_look(state) == START + end * HOUR:
            list(monitor.look(state, past(end, said), START + end * HOUR))
    return state


# The same on the whole road: through a partition, with pulses.

DAYS = 19
SILENT = START + 17 * DAY + 9 * HOUR


def talk(until: int = SILENT, an_hour: int = 12) -> list[BrandMention]:
    """A brand of whom `an_hour` is said each hour until it is silent."""
    return [said(f"t{at}", at) for at in range(START, until, HOUR // an_hour)]


def log(mentions: list[BrandMention], pulses: list[int], end: int = START + DAYS * DAY) -> list[TrackRecord]:
    """Settings, mentions and pulses in their order, one pulse at the end."""
    entries: list[tuple[int, int, TrackRecord]] = [(read_of(mention), 0, mention) for mention in mentions]
    entries += [(at, 1, pulse(at)) for at in {*pulses, end}]
    entries.sort(key=lambda entry: entry[:2])
    return [brand_settings(), *(record for _, _, record in entries)]


def quiet(found: list[Alert]) -> list[Alert]:
    return [alert for alert in found if alert.rule == RULE]


def test_a_brand_of_whom_nothing_at_all_is_said_is_called_quiet() -> None:
    found = quiet(alerts(run(log(talk(), []))))
    assert [alert.event for alert in found if alert.event != "reminded"][:2] == ["opened", "escalated"]
    opened = found[0]
    assert SILENT + 3 * HOUR < to_ms(opened.at) <= SILENT + 6 * HOUR
    assert opened.summary.startswith("Acme: 0 mentions in the ")
    assert "normal at these hours: " in opened.summary
    assert opened.examples == ()
    assert judged_of(opened).tail == "lower"


def test_when_people_speak_again_it_is_over() -> None:
    again = [said(f"a{at}", at) for at in range(SILENT + DAY, START + DAYS * DAY, 5 * MINUTE)]
    found = quiet(alerts(run(log([*talk(), *again], []))))
    assert found[-1].event == "resolved"
    assert found[-1].reason.startswith("back to normal: ")


def test_mentions_that_come_too_late_revise_it() -> None:
    """They were written amid the silence, read then, and stand later in the log."""
    records = log(talk(), list(range(SILENT, SILENT + 6 * HOUR, HOUR)), SILENT + 6 * HOUR)
    records += [*burst("late", SILENT + HOUR, 20, 0.0), pulse(SILENT + 7 * HOUR)]
    revised = [alert for alert in quiet(alerts(run(records))) if alert.event == "revised"]
    assert revised
    assert revised[0].reason == "20 mentions came too late: 0 becomes 20; with these it would be the other way"


def test_a_monitor_that_is_switched_off_says_no_more() -> None:
    off: list[TrackRecord] = [brand_settings(at=SILENT + 8 * HOUR, version="2", quiet=False)]
    found = quiet(alerts(run([*log(talk(), [], SILENT + 8 * HOUR), *off, pulse(START + DAYS * DAY)])))
    assert [alert.event for alert in found][-1] == "resolved"
    assert "switched off" in found[-1].reason


def test_without_the_monitor_volume_nothing_is_judged() -> None:
    records = [brand_settings(volume=False), *log(talk(), [])[1:]]
    assert not quiet(alerts(run(records)))


@slow
@given(st.lists(st.integers(0, DAYS * 24 * 12), max_size=30), st.lists(st.integers(0, 4000), max_size=4))
def test_pulses_and_restarts_change_nothing(minutes: list[int], stops: list[int]) -> None:
    pulses = [START + five * 5 * MINUTE for five in minutes]
    expected = sorted(to_json(alert) for alert in alerts(run(log(talk(an_hour=8), []))))
    found: list[bytes] = []
    partition, kept = Partition(), dict[str, bytes]()
    for place, record in enumerate(log(talk(an_hour=8), pulses)):
        found += [to_json(alert) for alert in alerts(run([record], partition))]
        if place in stops:
            take(partition, kept)
            partition = Partition.restored(kept)
    assert sorted(found) == expected
    assert any(b'"opened"' in alert for alert in found)
