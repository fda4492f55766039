"""The life of an alert."""

import msgspec
import pytest
from msgspec.structs import replace

from listener.alerts.correcting import CORRECT_WITHIN
from listener.alerts.fingerprint import alert_id, early_id, fingerprint
from listener.alerts.incident import AlertState
from listener.alerts.lifecycle import REOPEN_WITHIN
from listener.detection import Cause
from listener.judgement import fires, judge_again
from schemas.times import DAY, HOUR, MINUTE, from_ms
from tests.core.building import START, judged_of
from tests.core.living import CALM, DESK, Life, finding, judged, told

AT = START + 6 * MINUTE


def test_a_firing_scale_opens_an_alert() -> None:
    alert = Life().final(AT, 5 * MINUTE)[0]
    assert (alert.event, alert.sequence, alert.stage) == ("opened", 1, "final")
    assert (alert.brand, alert.severity) == ("acme", "warning")
    assert (alert.at, alert.since, alert.scale_s) == (from_ms(AT), from_ms(START), 300)
    assert (alert.settings, alert.examples) == ("7", ("x:1", "x:2"))
    assert alert.summary.startswith("Acme: 20 of 25 scored mentions negative (80%) in the 5 min to")


def test_nothing_firing_says_nothing() -> None:
    assert Life().final(AT) == []


def test_the_same_scale_again_says_nothing() -> None:
    life = Life()
    life.final(AT, 5 * MINUTE)
    assert life.final(AT + 5 * MINUTE, 5 * MINUTE) == []


def test_a_larger_scale_escalates() -> None:
    life = Life()
    life.final(AT, 5 * MINUTE)
    events = life.final(AT + 5 * MINUTE, 5 * MINUTE, 15 * MINUTE)
    assert told(events) == [("escalated", 2)]
    assert (events[0].scale_s, events[0].reason) == (900, "a larger window fires")


def test_a_smaller_scale_does_not() -> None:
    life = Life()
    life.final(AT, HOUR)
    assert life.final(AT + 5 * MINUTE, 5 * MINUTE) == []


def test_turning_severe_escalates() -> None:
    life = Life()
    life.final(AT, 5 * MINUTE)
    events = life.final(AT + 5 * MINUTE, 5 * MINUTE, severe=True)
    assert told(events) == [("escalated", 2)]
    assert events[0].severity == "critical"
    assert life.final(AT + 10 * MINUTE, 5 * MINUTE, severe=True) == []


def test_a_larger_scale_that_is_not_severe_leaves_the_alert_severe() -> None:
    life = Life()
    life.final(AT, 5 * MINUTE, severe=True)
    assert life.final(AT + 5 * MINUTE, HOUR)[0].severity == "critical"


def test_calm_resolves_an_open_alert_only() -> None:
    life = Life()
    assert life.final(AT, CALM) == []
    life.final(AT, 5 * MINUTE)
    assert told(life.final(AT + HOUR, CALM)) == [("resolved", 2)]
    assert life.final(AT + 2 * HOUR, CALM) == []


def test_within_six_hours_it_is_reopened_and_later_it_is_a_new_one() -> None:
    for later, expected in ((REOPEN_WITHIN, [("reopened", 3)]), (REOPEN_WITHIN + 1, [("opened", 1)])):
        life = Life()
        opened = life.final(AT, 5 * MINUTE)[0]
        life.final(AT + HOUR, CALM)
        events = life.final(AT + HOUR + later, 5 * MINUTE)
        assert told(events) == expected
        assert (events[0].id == opened.id) == (events[0].event == "reopened")


def test_a_reopened_alert_escalates_and_resolves_again() -> None:
    life = Life()
    events = [*life.final(AT, 5 * MINUTE), *life.final(AT + HOUR, CALM), *life.final(AT + 2 * HOUR, 5 * MINUTE)]
    events += [*life.final(AT + 3 * HOUR, HOUR), *life.final(AT + 4 * HOUR, CALM)]
    assert told(events) == [("opened", 1), ("resolved", 2), ("reopened", 3), ("escalated", 4), ("resolved", 5)]
    assert len({alert.id for alert in events}) == 1


def test_rules_and_scopes_live_apart() -> None:
    life = Life()
    findings = [finding(5 * MINUTE, rule="spike"), finding(5 * MINUTE, rule="other"), finding(5 * MINUTE, scope="x")]
    events = list(life.alerts.final(findings, AT, DESK))
    assert told(events) == [("opened", 1)] * 3
    assert len({alert.id for alert in events}) == len({alert.fingerprint for alert in events}) == 3


def test_an_early_warning_opens_once_and_is_resolved_when_its_window_closes() -> None:
    life = Life()
    assert told(life.early(AT - 2 * MINUTE)) == [("opened", 1)]
    assert life.early(AT - MINUTE) == []
    events = life.final(AT)
    assert told(events) == [("resolved", 2)]
    assert events[0].reason == "not confirmed by the closed window"
    assert events[0].id.endswith("-early")


def test_an_early_warning_leaves_no_trace_in_when_alerts_were_tended() -> None:
    """Whether there was one hangs on pulses, and commands are done after that time."""
    life = Life()
    life.early(AT - 2 * MINUTE)
    life.final(AT)
    assert life.state.tended == 0
    life.final(AT + HOUR, 5 * MINUTE)
    assert life.state.tended == AT + HOUR - 1


def test_an_early_warning_is_confirmed_by_the_alert_of_its_window() -> None:
    life = Life()
    warning = life.early(AT - 2 * MINUTE)[0]
    opened, resolved = life.final(AT, 5 * MINUTE)
    assert (opened.stage, resolved.stage) == ("final", "early")
    assert resolved.reason == f"confirmed by alert {opened.id}"
    assert resolved.id == warning.id != opened.id


def test_there_is_no_early_warning_while_an_alert_is_open() -> None:
    life = Life()
    life.final(AT, 5 * MINUTE)
    assert life.early(AT + MINUTE) == []


def test_there_is_no_second_early_warning_for_six_hours() -> None:
    life = Life()
    life.early(AT)
    life.final(AT + 10 * MINUTE)
    assert life.early(AT + 5 * HOUR) == []
    assert told(life.early(AT + 7 * HOUR)) == [("opened", 1)]


def test_an_early_warning_that_is_still_open_is_not_replaced() -> None:
    life = Life()
    first = life.early(AT)[0]
    life.early(AT + 7 * HOUR)
    assert first.id in {alert.id for alert in life.final(AT + 8 * HOUR) if alert.event == "resolved"}


def test_final_events_do_not_depend_on_early_ones() -> None:
    with_early, without = Life(), Life()
    with_early.early(AT - MINUTE)
    for at, scale in ((AT, 5 * MINUTE), (AT + HOUR, CALM), (AT + 3 * HOUR, HOUR)):
        final = [alert for alert in with_early.final(at, scale) if alert.stage == "final"]
        assert final == without.final(at, scale)


LATE = {"scorable": 1, "scored": 1, "negative": 1}


def test_late_mentions_revise_an_alert() -> None:
    life = Life()
    opened = life.final(AT, 5 * MINUTE)[0]
    assert life.alerts.correct(START, "late", LATE, AT + MINUTE)
    assert life.alerts.correct(START + MINUTE, "late", {"scorable": 1}, AT + MINUTE)
    revised = next(life.alerts.revise(AT + 10 * MINUTE, DESK))
    assert (revised.event, revised.id, revised.sequence) == ("revised", opened.id, 2)
    before, after = judged_of(opened), judged_of(revised)
    assert (after.mentions, after.scored, after.observed) == (
        before.mentions + 2,
        before.scored + 1,
        before.observed + 1,
    )
    assert (after.start, after.expected, after.least) == (before.start, before.expected, before.least)
    assert judge_again(after) == after
    assert revised.reason == (
        "2 mentions came too late, 1 of them negative: 20 of 25 becomes 21 of 26; it still stands"
    )


@pytest.mark.parametrize(
    ("cause", "sign", "reason"),
    [
        ("caught up", 1, "1 mention was caught up, 1 of them negative: 20 of 25 becomes 21 of 26; it still stands"),
        ("deleted", -1, "1 mention was deleted, 1 of them negative: 20 of 25 becomes 19 of 24; it still stands"),
        ("edited", -1, "by edits -1 mention, -1 negative: 20 of 25 becomes 19 of 24; it still stands"),
    ],
)
def test_a_revision_says_what_happened(cause: Cause, sign: int, reason: str) -> None:
    life = Life()
    life.final(AT, 5 * MINUTE)
    life.alerts.correct(START, cause, {name: sign * count for name, count in LATE.items()}, AT)
    assert [alert.reason for alert in life.alerts.revise(AT, DESK)] == [reason]


def test_what_came_and_went_is_not_told() -> None:
    life = Life()
    life.final(AT, 5 * MINUTE)
    assert life.alerts.correct(START, "late", LATE, AT)
    assert life.alerts.correct(START, "deleted", {name: -count for name, count in LATE.items()}, AT)
    assert list(life.alerts.revise(AT, DESK)) == []


def test_an_example_that_goes_is_told_though_the_numbers_are_too_old_to_change() -> None:
    life = Life()
    opened = life.final(AT, 5 * MINUTE)[0]
    late = AT + 3 * CORRECT_WITHIN
    assert not life.alerts.correct(START, "deleted", {"scorable": -1}, late)
    assert life.alerts.forget(["x:1"])
    (revised,) = life.alerts.revise(late, DESK)
    assert (revised.event, revised.sequence, revised.examples) == ("revised", 2, ("x:2",))
    assert revised.judged == opened.judged
    assert revised.reason == "1 of the examples was deleted, or edited and no longer one"
    assert list(life.alerts.revise(late, DESK)) == []


def test_what_is_no_example_is_not_missed() -> None:
    life = Life()
    life.early(AT - MINUTE)
    life.final(AT, 5 * MINUTE)
    assert not life.alerts.forget(["x:3"])


def test_what_was_told_is_not_told_again() -> None:
    life = Life()
    life.final(AT, 5 * MINUTE)
    life.alerts.correct(START, "late", LATE, AT)
    assert len(list(life.alerts.revise(AT, DESK))) == 1
    assert list(life.alerts.revise(AT, DESK)) == []


@pytest.mark.parametrize(
    ("read", "now"),
    [(START - 1, AT), (START + 5 * MINUTE, AT), (START, AT + CORRECT_WITHIN + 1)],
    ids=["before", "after", "long ago"],
)
def test_what_was_not_judged_or_is_long_ago_revises_nothing(read: int, now: int) -> None:
    life = Life()
    life.final(AT, 5 * MINUTE)
    assert not life.alerts.correct(read, "late", LATE, now)


def test_a_revision_that_turns_the_verdict_says_so() -> None:
    life = Life()
    life.final(AT, 5 * MINUTE)
    for _ in range(2_000):
        life.alerts.correct(START, "late", {"scorable": 1, "scored": 1}, AT)
    revised = next(life.alerts.revise(AT, DESK))
    assert not fires(judged_of(revised))
    assert revised.reason.endswith("with these it would be the other way")


def test_a_correction_is_told_before_the_alert_is_resolved() -> None:
    """What came too late for the opening must not be lost because the end came first."""
    life = Life()
    life.final(AT, 5 * MINUTE)
    assert life.alerts.correct(START, "late", LATE, AT)
    events = [*life.final(AT + MINUTE, CALM), *life.alerts.revise(AT + 5 * MINUTE, DESK)]
    assert "revised" in [alert.event for alert in events]


def test_state_survives_encoding() -> None:
    life = Life()
    life.early(AT - MINUTE)
    life.final(AT, 5 * MINUTE)
    life.alerts.correct(START, "late", LATE, AT)
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(life.state), type=AlertState)
    assert again == life.state


def test_ids_follow_from_brand_rule_scope_and_start() -> None:
    one = alert_id("acme", "spike", "brand", START)
    assert one == alert_id("acme", "spike", "brand", START)
    others = [
        alert_id("brill", "spike", "brand", START),
        alert_id("acmes", "pike", "brand", START),
        alert_id("acme", "spike", "brand", START + 5 * MINUTE),
        alert_id("acme", "spike", "x", START),
        fingerprint("acme", "spike", "brand"),
        early_id(one),
    ]
    assert len({one, *others}) == 7


def test_a_verdict_needs_evidence_a_known_half_and_both_chances() -> None:
    sound = judged()
    assert fires(sound)
    assert not fires(replace(sound, observed=4))
    assert not fires(replace(sound, known=0.49))
    assert fires(replace(sound, known=0.5))
    assert not fires(replace(sound, chance_of_count=2e-3))
    assert not fires(replace(sound, chance_of_share=2e-3))
    assert not fires(replace(sound, chance_of_count=9e-4, chance_of_share=9e-4))


def test_alerts_of_a_day_apart_have_different_ids() -> None:
    life = Life()
    ids = set()
    for day in range(5):
        at = AT + day * DAY
        ids.add(life.final(at, 5 * MINUTE)[0].id)
        life.final(at + HOUR, CALM)
    assert len(ids) == 5


def test_an_alert_is_acknowledged_by_a_person_and_stays_open() -> None:
    life = Life()
    (opened,) = life.final(AT, 5 * MINUTE)
    (event,) = life.obey("acknowledge", opened, AT + MINUTE)
    assert (event.event, event.sequence, event.actor, event.reason) == (
        "acknowledged",
        2,
        "Ana",
        "acknowledged by Ana: seen",
    )
    assert (event.at, event.judged) == (from_ms(AT + MINUTE), opened.judged)
    assert told(life.final(AT + 5 * MINUTE, HOUR)) == [("escalated", 3)]


def test_the_same_command_again_changes_nothing() -> None:
    life = Life()
    (opened,) = life.final(AT, 5 * MINUTE)
    life.obey("acknowledge", opened, AT + MINUTE)
    assert life.order("acknowledge", opened, AT + MINUTE) == []
    assert told(life.obey("acknowledge", opened, AT + MINUTE, "c2")) == [("acknowledged", 3)]


def test_what_a_person_closed_stays_closed_while_the_same_trouble_lasts() -> None:
    life = Life()
    (opened,) = life.final(AT, HOUR)
    (event,) = life.obey("resolve", opened, AT + MINUTE)
    assert (event.event, event.actor) == ("resolved", "Ana")
    assert life.final(AT + 5 * MINUTE, HOUR) == []
    assert life.final(AT + 7 * HOUR, HOUR) == []


def test_what_a_person_closed_is_open_again_when_it_grows() -> None:
    life = Life()
    (opened,) = life.final(AT, 5 * MINUTE)
    life.obey("resolve", opened, AT + MINUTE)
    assert told(life.final(AT + 5 * MINUTE, HOUR)) == [("reopened", 3)]
    assert told(life.final(AT + HOUR, DAY)) == [("escalated", 4)]


def test_new_trouble_after_calm_is_told_whatever_a_person_closed_before() -> None:
    life = Life()
    (opened,) = life.final(AT, HOUR)
    life.obey("resolve", opened, AT + MINUTE)
    assert life.final(AT + HOUR, CALM) == []
    assert told(life.final(AT + 2 * HOUR, HOUR)) == [("reopened", 3)]


def test_switching_a_rule_off_and_on_forgets_what_a_person_closed() -> None:
    life = Life()
    (opened,) = life.final(AT, HOUR)
    life.obey("resolve", opened, AT + MINUTE)
    assert list(life.alerts.abandon([], AT + HOUR, DESK)) == []
    assert told(life.final(AT + 2 * HOUR, HOUR)) == [("reopened", 3)]


def test_a_command_for_what_is_closed_early_or_unknown_is_refused() -> None:
    life = Life()
    (early,) = life.early(AT)
    opened = life.final(AT, HOUR)[0]
    assert "early warning" in life.refused("acknowledge", early, AT)
    assert "has no alert 5" in life.refused("acknowledge", replace(opened, id="5"), AT, "c2")
    assert "names no alert" in life.refused("acknowledge", None, AT, "c3")
    life.obey("resolve", opened, AT, "c4")
    assert "closed already" in life.refused("resolve", opened, AT, "c5")
    assert "closed already" in life.refused("acknowledge", opened, AT, "c6")


def test_no_early_warning_comes_of_what_a_person_closed_while_it_lasts() -> None:
    life = Life()
    (opened,) = life.final(AT, HOUR)
    life.obey("resolve", opened, AT + MINUTE)
    assert life.early(AT + 7 * HOUR) == []
    life.final(AT + 8 * HOUR, CALM)
    assert told(life.early(AT + 15 * HOUR)) == [("opened", 1)]
