"""What the trackers of a partition do with given logs."""

from itertools import groupby
from typing import Any
from unittest import mock

import pytest
from msgspec.structs import replace

from listener.detection import LATENESS
from listener.monitors.sentiment import SentimentState
from listener.partition import Partition, TrackRecord
from listener.tracker import Tracker
from schemas.alert import Alert
from schemas.command import Command, Kind
from schemas.pulse import Pulse
from schemas.settings import BrandSettings
from schemas.times import DAY, HOUR, MINUTE, SECOND, from_ms, to_ms
from schemas.trend import Trend
from tests.core.building import (
    START,
    a_mention,
    about,
    alerts,
    brand_settings,
    burst,
    calm,
    events,
    final,
    intervals,
    judged_of,
    latest,
    pulse,
    receipts,
    run,
    said,
    take,
    trends,
    with_pulses,
)

CRISIS = START + 30 * HOUR


def crisis(*later: int) -> list[TrackRecord]:
    """Two calm days, a crisis that begins small and grows, and further bursts so long after its beginning."""
    mentions = [
        *calm(START, 60),
        *burst("small", CRISIS, 5, every=10 * SECOND),
        *burst("large", CRISIS + 10 * MINUTE, 40, every=30 * SECOND),
    ]
    for number, after in enumerate(later):
        mentions += burst(f"again{number}-", CRISIS + after, 30, every=20 * SECOND)
    return with_pulses(mentions, START + 3 * DAY)


def only(found: list[Any]) -> Any:
    """The one there is."""
    assert len(found) == 1
    return found[0]


def hour_of(outputs: list[Trend | Alert], hours: int) -> list[Trend]:
    """All revisions of the hour that begins so many hours after START."""
    return [trend for trend in trends(outputs) if trend.window == "hour" and to_ms(trend.start) == START + hours * HOUR]


def life(found: list[Alert]) -> list[str]:
    """What happens one after the other but reminders; several escalations in a row are one."""
    told = (alert.event for alert in found if alert.stage == "final" and alert.event != "reminded")
    return [event for event, _ in groupby(told)]


def test_a_crisis_opens_an_alert_that_escalates_and_is_resolved() -> None:
    assert life(alerts(run(crisis()))) == ["opened", "escalated", "resolved"]


def test_an_alert_that_fires_again_within_six_hours_is_reopened() -> None:
    found = [alert for alert in alerts(run(crisis(4 * HOUR))) if alert.stage == "final"]
    assert life(found) == ["opened", "escalated", "resolved", "reopened", "escalated", "resolved"]
    assert len({alert.id for alert in found}) == 1


def test_an_alert_that_fires_again_later_is_a_new_one() -> None:
    found = [alert for alert in alerts(run(crisis(14 * HOUR))) if alert.stage == "final"]
    assert life(found) == ["opened", "escalated", "resolved", "opened", "escalated", "resolved"]
    assert len({alert.id for alert in found}) == 2
    assert len({alert.fingerprint for alert in found}) == 1


def test_a_window_that_is_dropped_in_a_crisis_does_not_leave_its_alert_open() -> None:
    partition = Partition()
    quiet = CRISIS + 2 * HOUR
    partition.leave_out = {(quiet + 5 * MINUTE + LATENESS, 0, "acme", "base", quiet)}
    with mock.patch.object(Tracker, "drop", autospec=True, side_effect=Tracker.drop) as dropped:
        found = run(crisis(), partition)
    assert dropped.call_count == 1
    assert life(alerts(found))[-1] == "resolved"


def test_few_negatives_are_a_warning_and_many_critical() -> None:
    few = with_pulses([*calm(START, 30), *burst("a", CRISIS, 6)], CRISIS + 2 * HOUR)
    many = with_pulses([*calm(START, 30), *burst("a", CRISIS, 100, every=SECOND)], CRISIS + 2 * HOUR)
    opened = [next(a for a in alerts(run(log)) if a.stage == "final") for log in (few, many)]
    assert [alert.severity for alert in opened] == ["warning", "critical"]


def test_an_early_warning_comes_before_the_window_is_closed_and_ends_with_it() -> None:
    opened, resolved = [alert for alert in alerts(run(crisis(14 * HOUR))) if alert.stage == "early"][:2]
    assert opened.event == "opened"
    assert opened.at < judged_of(opened).end < resolved.at
    assert resolved.reason.startswith("confirmed by alert")


def test_an_early_warning_that_the_closed_window_does_not_confirm_says_so() -> None:
    heard = [*calm(START, 30), *burst("a", CRISIS, 20)]
    log = with_pulses(heard, CRISIS)
    deaf = [(START, CRISIS - DAY)]  # the source says that it was not listening, so that nothing is proved
    found = [alert for alert in alerts(run([*log, pulse(CRISIS + HOUR, deaf)])) if alert.brand]
    assert [(alert.stage, alert.event) for alert in found] == [("early", "opened"), ("early", "resolved")]
    assert found[-1].reason == "not confirmed by the closed window"


def test_two_early_warnings_are_both_settled_however_late_the_clock() -> None:
    log = with_pulses(calm(START, 30), CRISIS)
    log += [*burst("a", CRISIS, 20), *burst("b", CRISIS + 7 * HOUR, 20)]
    found = alerts(run([*log, pulse(CRISIS + DAY)]))
    early = [alert for alert in found if alert.stage == "early"]
    assert {alert.id for alert in early if alert.event == "opened"} == {
        alert.id for alert in early if alert.event == "resolved"
    }


def test_mentions_that_come_too_late_revise_the_alert_they_belong_to() -> None:
    log = crisis()
    closed = after_pulse_at(log, CRISIS + 6 * MINUTE)
    late = [said(f"late{number}", CRISIS + number * SECOND, 0.5) for number in range(7)]
    found = [alert for alert in alerts(run([*log[:closed], *late, *log[closed:]])) if alert.stage == "final"]
    opened, revised = found[:2]
    assert (opened.event, revised.event) == ("opened", "revised")
    assert (revised.id, revised.sequence) == (opened.id, 2)
    assert judged_of(revised).scored == judged_of(opened).scored + 7
    assert judged_of(revised).observed == judged_of(opened).observed
    assert revised.reason.startswith("7 mentions came too late, 0 of them negative")


def test_what_comes_too_late_opens_no_alert() -> None:
    log = with_pulses(calm(START, 30), CRISIS + 10 * MINUTE)
    late = burst("late", CRISIS, 20, every=SECOND)
    partition = Partition()
    assert alerts(run([*log, *late, pulse(START + 3 * DAY)], partition)) == []
    assert partition.trackers["acme"].state.desk.late == 20


def test_what_is_too_old_for_any_trend_is_counted() -> None:
    partition = Partition()
    old = [said(f"old{number}", START, 0.0, START - 110 * DAY, backfill=number > 2) for number in range(5)]
    assert trends(run([brand_settings(), *old, pulse(START + 2 * DAY)], partition))[0].platforms == {}
    assert partition.trackers["acme"].state.desk.too_old == 5


def test_what_comes_too_late_is_in_the_trends_all_the_same() -> None:
    log = with_pulses([], START + 4 * HOUR)
    outputs = run([*log, said("late", START + 10 * MINUTE), pulse(START + DAY)])
    assert [trend.revision for trend in hour_of(outputs, 0)] == [0, 1]
    total = hour_of(outputs, 0)[1].total
    assert total is not None
    assert total.volume is not None
    assert total.volume.mentions == 1


def test_what_comes_too_late_for_a_window_that_is_forgotten_does_not_begin_it_anew() -> None:
    log = with_pulses([said("first", START)], START + 9 * HOUR)
    outputs = run([*log, said("late", START + 20 * SECOND), pulse(START + DAY)])
    minutes = [trend.revision for trend in trends(outputs) if trend.window == "minute"]
    assert minutes == [0]


def test_backfill_counts_and_never_alarms() -> None:
    old = [said(f"a{number}", CRISIS + number * SECOND, -0.6, backfill=True) for number in range(200)]
    outputs = run(with_pulses([*calm(START, 30), *old], START + 2 * DAY))
    assert alerts(outputs) == []
    figures = latest(outputs)["acme", "hour", CRISIS].total
    assert figures is not None
    assert figures.sentiment is not None
    assert figures.sentiment.negative.part == 200


def test_nothing_closes_without_a_pulse() -> None:
    assert [alert for alert in run([brand_settings(), *calm(START, 100)]) if isinstance(alert, Trend)] == []


def test_now_is_the_least_through_of_the_lanes() -> None:
    log: list[TrackRecord] = [brand_settings(), said("a", START), pulse(START + DAY, lane=0, lanes=2)]
    assert run([*log, pulse(START + 2 * MINUTE - 1, lane=1, lanes=2)]) == []
    minute = only(run([*log, pulse(START + 2 * MINUTE, lane=1, lanes=2)]))
    assert (minute.window, minute.due) == ("minute", from_ms(START + 2 * MINUTE))


def test_a_lane_that_never_pulsed_stops_the_clock() -> None:
    log: list[TrackRecord] = [brand_settings(), *burst("a", START, 50)]
    pulses = [pulse(START + number * HOUR, lane=lane, lanes=3) for number in range(100) for lane in (0, 2)]
    assert trends(run([*log, *pulses])) == []


def test_a_covered_hour_with_nothing_said_is_zero() -> None:
    trend = only(hour_of(run(with_pulses([], START + 3 * HOUR)), 1))
    assert trend.known == 1.0
    assert trend.total.volume.mentions == 0
    assert trend.total.sentiment is None
    assert trend.platforms == {}


def test_an_uncovered_hour_with_nothing_said_is_unknown() -> None:
    covered = [(START, START + HOUR), (START + 2 * HOUR, START + 3 * HOUR)]
    outputs = run([brand_settings(), pulse(START + 10 * MINUTE), pulse(START + 4 * HOUR, covered)])
    assert [(trend.known, trend.total is None) for trend in (only(hour_of(outputs, hour)) for hour in range(3))] == [
        (1.0, False),
        (0.0, True),
        (1.0, False),
    ]


def test_an_hour_that_is_covered_in_part_says_so() -> None:
    outputs = run([brand_settings(), pulse(START + 2 * HOUR, [(START, START + 15 * MINUTE)])])
    trend = only(hour_of(outputs, 0))
    assert (trend.known, trend.total.volume.mentions) == (0.25, 0)


def test_a_mention_in_an_uncovered_hour_counts_and_has_no_rate() -> None:
    covered = [(START, START + HOUR), (START + 2 * HOUR, START + 3 * HOUR)]
    log: list[TrackRecord] = [brand_settings(), pulse(START + 10 * MINUTE), said("a", START + 90 * MINUTE)]
    trend = only(hour_of(run([*log, pulse(START + 4 * HOUR, covered)]), 1))
    assert (trend.known, trend.total.volume.mentions, trend.total.volume.per_hour) == (0.0, 1, None)


def test_the_rate_is_for_an_hour_that_was_listened_to() -> None:
    log: list[TrackRecord] = [brand_settings(), *burst("a", START, 6, 0.0)]
    trend = only(hour_of(run([*log, pulse(START + 2 * HOUR, [(START, START + 30 * MINUTE)])]), 0))
    assert trend.total.volume.per_hour == 12.0


def test_minutes_with_nothing_said_are_left_out() -> None:
    outputs = run(with_pulses([said("a", START + 5 * MINUTE)], START + DAY))
    assert [to_ms(trend.start) for trend in trends(outputs) if trend.window == "minute"] == [START + 5 * MINUTE]


def test_hours_and_days_begin_with_the_listening_and_leave_none_out() -> None:
    outputs = run(
        [
            brand_settings(),
            *(pulse(START + hour * HOUR, [(START + 90 * MINUTE, START + hour * HOUR)]) for hour in (2, 9, 50)),
        ]
    )
    hours = [to_ms(trend.start) for trend in trends(outputs) if trend.window == "hour"]
    assert hours == [START + hour * HOUR for hour in range(1, 49)]
    assert [to_ms(trend.start) for trend in trends(outputs) if trend.window == "day"] == [START, START + DAY]


def test_hours_of_a_brand_begin_when_it_is_looked_for() -> None:
    log: list[TrackRecord] = [
        brand_settings(),
        pulse(START + 150 * MINUTE),
        brand_settings("brill", START + 150 * MINUTE),
    ]
    outputs = run([*log, pulse(START + 6 * HOUR)])
    hours = [to_ms(trend.start) for trend in trends(outputs) if (trend.brand, trend.window) == ("brill", "hour")]
    assert hours == [START + hour * HOUR for hour in (2, 3, 4)]


def test_hours_of_a_brand_end_when_it_is_taken_out() -> None:
    log: list[TrackRecord] = [brand_settings(), pulse(START + 150 * MINUTE)]
    log += [brand_settings(at=START + 150 * MINUTE, gone=True)]
    outputs = run([*log, pulse(START + 6 * HOUR)])
    assert [to_ms(trend.start) for trend in trends(outputs)] == [START, START + HOUR]


def test_revisions_begin_at_zero_before_anything_was_listened_to() -> None:
    early = said("a", START + MINUTE, 0.0, START - MINUTE)
    log: list[TrackRecord] = [brand_settings(), early, pulse(START + 20 * MINUTE, [])]
    assert [trend.revision for trend in hour_of(run(log), -1)] == [0]


def test_a_window_is_told_once_where_the_coverage_comes_to_light_late() -> None:
    log: list[TrackRecord] = [brand_settings(), said("a", START + MINUTE), pulse(START + 3 * HOUR, [])]
    outputs = run([*log, pulse(START + 4 * HOUR)])
    assert [trend.revision for trend in hour_of(outputs, 0)] == [0]


def test_a_monitor_that_is_off_is_left_out_of_quiet_hours_too() -> None:
    outputs = run([brand_settings(volume=False), pulse(START + 2 * HOUR)])
    total = only(hour_of(outputs, 0)).total
    assert total.volume is None


def test_revisions_count_on_where_a_quiet_window_was_told_before_the_brand_was_taken_out() -> None:
    log: list[TrackRecord] = [brand_settings(), pulse(START + 2 * HOUR), said("a", START + 2 * HOUR, 0.0, START)]
    log += [brand_settings(at=START + 2 * HOUR, gone=True), pulse(START + 4 * HOUR)]
    assert [trend.revision for trend in hour_of(run(log), 0)] == [0, 1]


def test_revisions_begin_at_zero_where_no_quiet_window_was_told_while_the_brand_was_out() -> None:
    log: list[TrackRecord] = [brand_settings(), pulse(START + 2 * HOUR), brand_settings(at=START + 2 * HOUR, gone=True)]
    log += [pulse(START + 6 * HOUR), brand_settings(at=START + 6 * HOUR)]
    log += [said("a", START + 6 * HOUR + MINUTE, 0.0, START + 3 * HOUR), pulse(START + 9 * HOUR)]
    assert [trend.revision for trend in hour_of(run(log), 3)] == [0]


def test_an_alert_names_the_settings_in_force_when_it_was_due() -> None:
    changed = CRISIS + 40 * MINUTE
    log = crisis()
    log.insert(after_pulse_at(log, changed), brand_settings(at=changed, version="2"))
    found = alerts(run(log))
    assert {alert.settings for alert in found if to_ms(alert.at) <= changed} == {"1"}
    assert {alert.settings for alert in found if to_ms(alert.at) > changed} == {"2"}


@pytest.mark.parametrize("change", [{"gone": True}, {"sentiment": False}])
def test_an_alert_does_not_stay_open_when_nobody_watches_any_more(change: dict[str, bool]) -> None:
    log = crisis()
    changed = CRISIS + 20 * MINUTE
    log.insert(after_pulse_at(log, changed), brand_settings("acme", changed, "2", **change))
    assert events(run(log))[-1] == "resolved"


def test_what_an_alert_is_judged_on_does_not_depend_on_settings_that_came_later() -> None:
    """The window was due before the monitor was switched off, whenever a pulse says so."""
    mentions = [said("a", START), *burst("b", START + 10 * HOUR, 20)]
    off = brand_settings(at=START + 12 * HOUR, version="2", sentiment=False)
    log: list[TrackRecord] = [brand_settings(), *mentions]
    told = run([*log, pulse(START + 12 * HOUR), off, pulse(START + DAY)])
    assert "opened" in events(told)
    assert final(run([*log, off, pulse(START + DAY)])) == final(told)


def test_hours_in_which_a_monitor_was_off_are_not_learned_as_quiet() -> None:
    heard = with_pulses(calm(START, 24), START + DAY)
    off: list[TrackRecord] = [brand_settings(at=START + DAY, version="2", sentiment=False), pulse(START + 8 * DAY)]
    on: list[TrackRecord] = [brand_settings(at=START + 8 * DAY, version="3"), said("a", START + 8 * DAY + HOUR)]
    on += [pulse(START + 9 * DAY)]
    partition = Partition()
    run([*heard, *off, *on], partition)
    assert sentiment_of(partition).negative.baseline.hours_seen < 30


def test_hours_before_a_brand_was_looked_for_are_not_learned_as_quiet() -> None:
    partition = Partition()
    log: list[TrackRecord] = [brand_settings("other"), pulse(START + 9 * DAY), brand_settings(at=START + 9 * DAY)]
    run([*log, *with_pulses([said("a", START + 10 * DAY)], START + 11 * DAY)[1:]], partition)
    assert sentiment_of(partition).negative.baseline.hours_seen < 30


def test_hours_without_coverage_are_not_learned() -> None:
    partition = Partition()
    deaf = [(START, START + HOUR), (START + DAY, START + 2 * DAY)]
    run(
        [
            brand_settings(),
            pulse(START + 1),
            said("a", START),
            said("b", START + 2 * DAY),
            pulse(START + 3 * DAY, deaf),
        ],
        partition,
    )
    assert sentiment_of(partition).negative.baseline.hours_seen == 25


def final_raised(outputs: list[Trend | Alert]) -> list[Alert]:
    """The events that opened, reopened or escalated an alert on closed windows."""
    events = ("opened", "reopened", "escalated")
    return [alert for alert in alerts(outputs) if alert.stage == "final" and alert.event in events]


def test_an_alert_is_as_long_as_the_stretch_it_was_judged_on() -> None:
    """Right after an incident no stretch is longer than the calm, so no scale of hours can fire."""
    raised = final_raised(run(crisis(4 * HOUR)))
    assert raised
    for alert in raised:
        assert alert.scale_s * SECOND == to_ms(judged_of(alert).end) - to_ms(judged_of(alert).start), alert.event


def test_every_stretch_that_opens_or_reopens_an_alert_ends_where_its_window_does() -> None:
    raised = final_raised(run(crisis(4 * HOUR, 14 * HOUR)))
    assert {alert.event for alert in raised} >= {"opened", "reopened"}
    for alert in raised:
        assert alert.at == from_ms(to_ms(judged_of(alert).end) + MINUTE)


def test_an_alert_stays_open_while_nothing_is_heard() -> None:
    heard = [(START, CRISIS + 30 * MINUTE)]
    log = crisis()
    log = log[: after_pulse_at(log, CRISIS + 30 * MINUTE)]
    deaf = [pulse(CRISIS + hour * HOUR, heard) for hour in range(1, 40)]
    assert life([alert for alert in alerts(run([*log, *deaf])) if alert.brand]) == ["opened", "escalated"]
    assert events(run([*log, *deaf, pulse(CRISIS + 50 * HOUR)]))[-1] == "resolved"


def test_going_on_after_a_stop_before_all_lanes_pulsed_is_never_having_stopped() -> None:
    log: list[TrackRecord] = [brand_settings(), pulse(START + HOUR, lane=0, lanes=2)]
    longer = {"other": intervals([(START - 3 * HOUR, START + 3 * HOUR)])}
    rest: list[TrackRecord] = [
        Pulse(lane=1, lanes=2, through=from_ms(START + 3 * HOUR), coverage=longer),
        pulse(START + 3 * HOUR, lane=0, lanes=2),
    ]
    partition, kept = Partition(), dict[str, bytes]()
    run(log, partition)
    take(partition, kept)
    expected = run([*log, *rest])
    assert len(expected) > 3
    assert run(rest, Partition.restored(kept)) == expected


def test_brands_in_the_same_trouble_have_alerts_of_their_own() -> None:
    mentions = [
        about(brand, a_mention(f"{brand}{number}", START + number * SECOND), -0.6)
        for number in range(30)
        for brand in ("acme", "brill")
    ]
    found = alerts(run(with_pulses(mentions, START + DAY, brands=["acme", "brill"])))
    opened = [alert for alert in found if alert.event == "opened" and alert.stage == "final"]
    assert [alert.brand for alert in opened] == ["acme", "brill"]
    assert len({alert.id for alert in opened}) == len({alert.fingerprint for alert in opened}) == 2


def test_state_is_kept_in_parts_that_change_apart() -> None:
    partition = Partition()
    run([brand_settings("acme"), brand_settings("brill"), pulse(START + HOUR)], partition)
    partition.take_changes()
    run([said("a", START + HOUR)], partition)
    assert sorted(partition.take_changes()) == ["acme/day/681", "acme/desk", "acme/hour/20458", "acme/minute/490993"]
    assert partition.take_changes() == {}


def test_parts_of_state_that_nothing_can_revise_any_more_are_dropped() -> None:
    partition, kept = Partition(), dict[str, bytes]()
    for record in with_pulses(calm(START, 72), START + 5 * DAY, every=HOUR):
        run([record], partition)
        take(partition, kept)
    assert len([name for name in kept if "minute" in name]) <= 5


def test_outputs_come_in_the_order_in_which_they_were_due() -> None:
    mentions = [
        about(brand, a_mention(f"{brand}{n}", START + n * MINUTE), -0.6)
        for n in range(50)
        for brand in ("acme", "brill")
    ]
    outputs = run(
        [brand_settings("acme"), brand_settings("brill"), pulse(START + 1), *mentions, pulse(START + 3 * DAY)]
    )
    dues = [
        output.due if isinstance(output, Trend) else output.at
        for output in outputs
        if not (isinstance(output, Alert) and output.stage == "early")
    ]
    assert len(set(dues)) > 50
    assert dues == sorted(dues)


def test_a_mention_read_at_the_very_end_of_its_window_is_in_its_first_revision() -> None:
    log: list[TrackRecord] = [brand_settings(), said("a", START + MINUTE, 0.0, START), pulse(START + DAY)]
    assert [trend.revision for trend in trends(run(log)) if trend.window == "minute"] == [0]


def test_one_read_a_moment_later_is_in_the_next_revision() -> None:
    log: list[TrackRecord] = [
        brand_settings(),
        said("a", START),
        said("b", START + MINUTE + 1, 0.0, START),
        pulse(START + DAY),
    ]
    minutes = [trend for trend in trends(run(log)) if trend.window == "minute"]
    assert [(trend.revision, to_ms(trend.due) - START) for trend in minutes] == [(0, 2 * MINUTE), (1, 3 * MINUTE)]


def test_a_stale_lane_does_not_take_back_what_another_covered() -> None:
    both = [pulse(START + 3 * HOUR, lane=0, lanes=2), pulse(START + 2 * HOUR, lane=1, lanes=2)]
    trend = only(hour_of(run([brand_settings(), *both]), 0))
    assert trend.known == 1.0


def test_two_sources_cover_together() -> None:
    coverage = {
        "a": intervals([(START, START + 20 * MINUTE)]),
        "b": intervals([(START + 10 * MINUTE, START + 30 * MINUTE), (START + 50 * MINUTE, START + HOUR)]),
    }
    record = Pulse(lane=0, lanes=1, through=from_ms(START + 2 * HOUR), coverage=coverage)
    assert only(hour_of(run([brand_settings(), record]), 0)).known == pytest.approx(40 / 60, abs=1e-6)


def sentiment_of(partition: Partition) -> SentimentState:
    state = partition.trackers["acme"].state.monitors["sentiment"]
    assert isinstance(state, SentimentState)
    return state


def after_pulse_at(log: list[TrackRecord], through: int) -> int:
    """The place in a log that follows a pulse."""
    return 1 + next(
        place for place, record in enumerate(log) if isinstance(record, Pulse) and to_ms(record.through) == through
    )


def test_settings_come_into_force_for_what_is_read_after_their_time() -> None:
    change: BrandSettings = brand_settings(at=START + MINUTE, version="2", volume=False)
    log: list[TrackRecord] = [brand_settings(), change, said("a", START + MINUTE), said("b", START + MINUTE + 1)]
    platforms = latest(run([*log, pulse(START + DAY)]))["acme", "minute", START + MINUTE].platforms
    assert platforms["x"]["mentions"] == 1
    assert platforms["x"]["scorable"] == 2


def amid_crisis() -> list[TrackRecord]:
    """The log of a crisis as far as its first quarter of an hour, when its alert is open."""
    log = crisis()
    place = next(
        place
        for place, record in enumerate(log)
        if isinstance(record, Pulse) and to_ms(record.through) > CRISIS + 15 * MINUTE
    )
    return log[:place]


def a_command(log: list[TrackRecord], kind: Kind = "resolve") -> Command:
    (opened,) = [alert for alert in alerts(run(log)) if alert.event == "opened" and alert.stage == "final"]
    return Command(id="c1", brand="acme", kind=kind, alert_id=opened.id, actor="Ana", at=from_ms(CRISIS + 20 * MINUTE))


def test_a_command_is_a_record_of_the_log_and_its_effect_outlives_a_restart() -> None:
    log = amid_crisis()
    partition, kept = Partition(), dict[str, bytes]()
    before = events(run(log, partition))
    assert before == ["opened"]
    assert events(run([a_command(log)], partition)) == ["resolved"]
    take(partition, kept)
    (receipt,) = receipts([replace(a_command(log), id="c2")], Partition.restored(kept))
    assert (receipt.done, receipt.told.partition(" is ")[2]) == (
        False,
        "closed already; with a verdict it can be judged",
    )


def test_a_command_for_an_unknown_brand_is_refused_and_leaves_nothing_behind() -> None:
    partition = Partition()
    (receipt,) = receipts([replace(a_command(crisis()), brand="nobody")], partition)
    assert (receipt.done, receipt.told) == (False, "there is no brand 'nobody'")
    assert partition.trackers == {}


def test_a_command_from_a_clock_ahead_of_the_logs_is_done_at_the_logs_time() -> None:
    log = amid_crisis()
    partition = Partition()
    run(log, partition)
    now = partition.state.clock.now
    assert now is not None
    command = replace(a_command(log), at=from_ms(now + 300 * DAY))
    assert [to_ms(alert.at) for alert in alerts(run([command], partition))] == [now]


def test_a_brand_with_a_slash_in_its_id_is_restored() -> None:
    partition, kept = Partition(), dict[str, bytes]()
    run([brand_settings("a/b"), pulse(START)], partition)
    take(partition, kept)
    assert list(Partition.restored(kept).trackers) == ["a/b"]
