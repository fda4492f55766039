"""What people do about alerts: silences, campaigns, what mutes what, reminders, verdicts."""

from typing import Any

import pytest

from listener.alerts.incident import AlertState
from listener.alerts.lifecycle import KEPT_REPLACED
from listener.alerts.muting import KEPT_SILENCES, Told, matches, mute_of
from listener.alerts.obeying import KEPT_COMMANDS
from schemas.alert import Alert
from schemas.command import Matcher
from schemas.receipt import Receipt
from schemas.settings import Campaign
from schemas.times import DAY, HOUR, MINUTE, from_ms, to_ms
from tests.core.building import START
from tests.core.living import CALM, DESK, Life, finding, told

AT = START + 6 * MINUTE


def until(ms: int) -> dict[str, Any]:
    return {"until": from_ms(ms)}


def muted(events: list[Alert]) -> list[tuple[str, bool]]:
    return [(alert.event, alert.muted is not None) for alert in events]


# Silences


def test_a_silence_mutes_what_opens_meanwhile_and_it_is_told_when_that_ends() -> None:
    life = Life()
    life.obey("silence", None, AT, **until(AT + 2 * HOUR))
    (opened,) = life.final(AT + MINUTE, HOUR)
    assert opened.muted == "silenced until 2026-01-05 02:06 UTC by Ana: seen (silence c1)"
    assert life.tended(AT + 2 * HOUR - 1) == []
    (updated,) = life.tended(AT + 2 * HOUR)
    assert (updated.event, updated.sequence, updated.muted, updated.at) == ("updated", 2, None, from_ms(AT + 2 * HOUR))
    assert updated.reason.startswith("still open, and no longer muted (silenced until")


def test_a_silence_is_told_of_what_is_open_with_who_made_it() -> None:
    life = Life()
    life.final(AT, HOUR)
    (silenced,) = life.obey("silence", None, AT + MINUTE, **until(AT + 2 * HOUR))
    assert (silenced.event, silenced.actor, silenced.sequence) == ("silenced", "Ana", 2)
    assert muted(life.final(AT + HOUR, 3 * HOUR)) == [("escalated", True)]
    assert muted(life.final(AT + 90 * MINUTE, CALM)) == [("resolved", True)]
    assert life.tended(AT + DAY) == []


def test_what_is_resolved_before_its_silence_ends_is_never_told() -> None:
    life = Life()
    life.obey("silence", None, AT, **until(AT + 2 * HOUR))
    events = [*life.final(AT + MINUTE, HOUR), *life.final(AT + HOUR, CALM), *life.tended(AT + DAY)]
    assert muted(events) == [("opened", True), ("resolved", True)]


def test_a_correction_at_the_end_of_a_silence_does_not_take_the_place_of_telling() -> None:
    life = Life()
    life.final(AT, HOUR)
    life.obey("silence", None, AT + MINUTE, **until(AT + HOUR))
    life.alerts.correct(AT - MINUTE - HOUR, "late", {"scorable": 1, "scored": 1, "negative": 1}, AT + HOUR)
    revised = list(life.alerts.revise(AT + HOUR, DESK))
    assert muted([*revised, *life.tended(AT + HOUR)]) == [("revised", True), ("updated", False)]


def test_a_silence_may_begin_later() -> None:
    life = Life()
    life.final(AT, HOUR)
    assert life.obey("silence", None, AT, since=from_ms(AT + 10 * MINUTE), **until(AT + HOUR)) == []
    assert [(e.event, to_ms(e.at)) for e in life.tended(AT + HOUR)] == [
        ("silenced", AT + 10 * MINUTE),
        ("updated", AT + HOUR),
    ]


def test_a_silence_that_is_expired_ends_at_once() -> None:
    life = Life()
    life.final(AT, HOUR)
    life.obey("silence", None, AT + MINUTE, "s", **until(AT + DAY))
    (updated,) = life.obey("expire", None, AT + 2 * MINUTE, "e", silence_id="s")
    assert (updated.event, updated.muted, updated.actor) == ("updated", None, "Ana")
    assert "is over" in life.refused("expire", None, AT + 3 * MINUTE, "e2", silence_id="s")


def test_early_warnings_are_muted_too() -> None:
    life = Life()
    life.obey("silence", None, AT, **until(AT + HOUR))
    (warning,) = life.early(AT + MINUTE)
    assert warning.muted is not None


@pytest.mark.parametrize(
    ("matchers", "expected"),
    [
        ((), True),
        ((Matcher(name="rule", value="spike"),), True),
        ((Matcher(name="rule", value="spike"), Matcher(name="scope", value="theme")), False),
        ((Matcher(name="severity", value="critical", is_equal=False),), True),
        ((Matcher(name="stage", value="early"),), False),
        ((Matcher(name="alert", value="id"),), True),
    ],
)
def test_all_matchers_must_hold(matchers: tuple[Matcher, ...], expected: bool) -> None:
    assert matches(matchers, Told(("spike", "brand"), "id", "final", "warning")) is expected


def test_a_silence_without_an_end_or_that_is_over_is_refused_and_too_many_are() -> None:
    life = Life()
    assert "needs an end" in life.refused("silence", None, AT, "c0")
    assert "before it begins" in life.refused("silence", None, AT, "c1", **until(AT))
    for number in range(KEPT_SILENCES):
        life.obey("silence", None, AT, f"s{number}", **until(AT + HOUR))
    assert "has 50 silences already" in life.refused("silence", None, AT, "c2", **until(AT + HOUR))
    life.obey("silence", None, AT + HOUR, "c9", **until(AT + 2 * HOUR))  # is done, since the others are over
    life.obey("silence", None, AT + 2 * DAY, "c3", **until(AT + 3 * DAY))
    assert len(life.state.silences) == 1, "those that have been over for a day are forgotten"


# Campaigns and what inhibits


SALE = Campaign(name="Sale", start=from_ms(AT - HOUR), end=from_ms(AT + 2 * HOUR), mutes=("spike",))


def test_a_campaign_mutes_its_rules_until_it_ends() -> None:
    life = Life(SALE)
    (opened,) = life.final(AT, HOUR)
    assert opened.muted == "planned campaign 'Sale' until 2026-01-05 02:06 UTC"
    assert muted(life.tended(AT + 2 * HOUR)) == [("updated", False)]


def test_a_campaign_that_is_taken_out_of_the_settings_mutes_no_more_from_then_on() -> None:
    life = Life(SALE)
    life.final(AT, HOUR)
    life.desk.campaigns, life.desk.at = (), AT + 10 * MINUTE
    (updated,) = life.tended(AT + 20 * MINUTE)
    assert (updated.event, to_ms(updated.at)) == ("updated", AT + 10 * MINUTE + 1)


def test_a_campaign_mutes_no_other_rule() -> None:
    assert muted(Life(Campaign(name="Sale", start=SALE.start, end=SALE.end)).final(AT, HOUR)) == [("opened", False)]


def test_an_alert_about_the_whole_brand_mutes_those_about_its_parts_while_it_is_open() -> None:
    life = Life()
    theme = finding(HOUR, AT, rule="spike", scope="theme:glass")
    whole = finding(HOUR, AT, rule="spike")
    events = list(life.alerts.final([theme, whole], AT, DESK))
    assert [(alert.scope, alert.muted is not None) for alert in events] == [("brand", False), ("theme:glass", True)]
    assert (events[1].muted or "").startswith(f"inhibited by alert {events[0].id}")
    after = list(life.alerts.final([finding(CALM, AT + HOUR)], AT + HOUR, DESK))
    assert [(alert.event, alert.scope) for alert in after] == [("resolved", "brand"), ("updated", "theme:glass")]


def test_a_theme_that_is_open_is_inhibited_when_the_brand_follows() -> None:
    life = Life()
    list(life.alerts.final([finding(HOUR, AT, scope="theme:glass")], AT, DESK))
    events = life.final(AT + HOUR, HOUR)
    assert [(alert.event, alert.scope) for alert in events] == [("opened", "brand"), ("inhibited", "theme:glass")]


def test_what_is_no_crisis_inhibits_only_its_own_rule() -> None:
    life = Life()
    life.final(AT, HOUR)
    other = Told(("other", "theme:glass"), "id", "final", "warning")
    assert mute_of(other, life.state, AT, DESK) is None


# Reminders


def test_reminders_of_what_nobody_takes_widen_to_a_day() -> None:
    life = Life()
    life.final(AT, HOUR)
    reminded = life.tended(AT + 5 * DAY)
    assert {alert.event for alert in reminded} == {"reminded"}
    hours = [(to_ms(alert.at) - AT) // HOUR for alert in reminded]
    assert hours == [1, 3, 7, 15, 31, 55, 79, 103]
    assert reminded[0].reason == "still open, 2 h 01 min after it began; nobody has acknowledged it"
    assert reminded[-1].reason.startswith("still open, 4 days after it began")


def test_of_what_somebody_has_taken_people_are_reminded_once_a_day() -> None:
    life = Life()
    (opened,) = life.final(AT, HOUR)
    life.obey("acknowledge", opened, AT + 30 * MINUTE)
    reminded = life.tended(AT + 3 * DAY)
    assert [(to_ms(alert.at) - AT - 30 * MINUTE) // DAY for alert in reminded] == [1, 2]
    assert reminded[0].reason.endswith("taken by Ana")


def test_what_grows_is_nobodys_again() -> None:
    life = Life()
    (opened,) = life.final(AT, HOUR)
    life.obey("acknowledge", opened, AT + MINUTE)
    life.final(AT + 30 * MINUTE, DAY)
    assert [to_ms(alert.at) for alert in life.tended(AT + 2 * HOUR)] == [AT + 90 * MINUTE]


def test_what_is_closed_or_muted_reminds_nobody() -> None:
    life = Life()
    (opened,) = life.final(AT, HOUR)
    life.obey("silence", None, AT + MINUTE, "s", **until(AT + 5 * HOUR))
    assert [(alert.event, to_ms(alert.at)) for alert in life.tended(AT + 6 * HOUR)] == [
        ("updated", AT + 5 * HOUR),
        ("reminded", AT + 6 * HOUR),
    ]
    life.obey("resolve", opened, AT + 6 * HOUR, "r")
    assert life.alerts.next_due(life.desk) is None


def test_nobody_is_reminded_of_a_quiet_brand_while_a_source_is_dead() -> None:
    life = Life()
    list(life.alerts.final([finding(3 * HOUR, AT, rule="quiet-brand")], AT, DESK))
    assert life.tend(AT + HOUR, deaf=True) == []
    assert [alert.event for alert in life.tend(AT + 3 * HOUR, deaf=False)] == ["reminded"]


# Verdicts


def test_a_verdict_is_told_with_the_end_and_may_be_changed_later() -> None:
    life = Life()
    (opened,) = life.final(AT, HOUR)
    (closed,) = life.obey("resolve", opened, AT + MINUTE, "a", verdict="false alarm")
    (judged,) = life.obey("resolve", opened, AT + 2 * MINUTE, "b", verdict="right")
    assert [(one.event, one.verdict, one.actor) for one in (closed, judged)] == [
        ("resolved", "false alarm", "Ana"),
        ("judged", "right", "Ana"),
    ]
    assert closed.reason == "resolved as 'false alarm' by Ana: seen"


def test_an_alert_that_ended_by_itself_can_be_judged_and_so_can_one_that_was_replaced() -> None:
    life = Life()
    (first,) = life.final(AT, HOUR)
    life.final(AT + HOUR, CALM)
    assert told(life.obey("resolve", first, AT + 2 * HOUR, "a", verdict="not about us")) == [("judged", 3)]
    life.final(AT + DAY, HOUR)
    (again,) = life.obey("resolve", first, AT + DAY, "b", verdict="right")
    assert (again.event, again.id, again.sequence, again.judged) == ("judged", first.id, 4, None)
    assert again.summary == life.state.replaced[0].summary
    assert "later ones have taken its place" in life.refused("resolve", first, AT + DAY, "c")


def test_only_the_latest_replaced_alerts_can_be_judged() -> None:
    life = Life()
    first = life.final(AT, HOUR)[0]
    for day in range(1, KEPT_REPLACED + 2):
        life.final(AT + day * DAY - 10 * HOUR, CALM)
        life.final(AT + day * DAY, HOUR)
    assert len(life.state.replaced) == KEPT_REPLACED
    assert "no alert" in life.refused("resolve", first, AT + 30 * DAY, verdict="right")


def test_a_verdict_goes_with_resolve_alone() -> None:
    life = Life()
    (opened,) = life.final(AT, HOUR)
    assert "a verdict goes with" in life.refused("acknowledge", opened, AT, verdict="right")


# Receipts


def test_each_command_has_one_receipt_with_the_rule_that_it_was_about() -> None:
    life = Life()
    (opened,) = life.final(AT, HOUR)
    said = life.order("resolve", opened, AT + MINUTE, "a", verdict="right")
    (receipt,) = [one for one in said if isinstance(one, Receipt)]
    assert (receipt.done, receipt.rule, receipt.command.id) == (True, "spike", "a")
    assert receipt.told == "resolved as 'right' by Ana: seen"
    assert life.order("resolve", opened, AT + MINUTE, "a", verdict="right") == []


def test_what_was_refused_is_refused_for_good() -> None:
    life = Life()
    (opened,) = Life().final(AT, HOUR)
    life.refused("acknowledge", opened, AT, "a")
    life.final(AT, HOUR)
    assert life.order("acknowledge", opened, AT + MINUTE, "a") == []


def test_the_latest_commands_are_known() -> None:
    life = Life()
    (opened,) = life.final(AT, HOUR)
    for number in range(KEPT_COMMANDS):
        life.obey("acknowledge", opened, AT + MINUTE, f"c{number}")
    assert life.order("acknowledge", opened, AT + MINUTE, "c0") == []
    life.obey("acknowledge", opened, AT + MINUTE, "one more")
    assert told(life.obey("acknowledge", opened, AT + MINUTE, "c0")) == [("acknowledged", KEPT_COMMANDS + 3)]


def test_nothing_is_told_before_what_was_told() -> None:
    life = Life()
    (opened,) = life.final(AT, HOUR)
    (event,) = life.obey("acknowledge", opened, AT - HOUR)
    assert event.at == opened.at


def test_a_command_from_a_clock_ahead_of_a_log_without_time_stops_no_reminder() -> None:
    life = Life()
    life.obey("silence", None, AT + 900 * DAY, **until(AT + 901 * DAY))
    life.final(AT, HOUR)
    assert [to_ms(alert.at) for alert in life.tended(AT + HOUR)] == [AT + HOUR]


def test_a_new_state_has_nothing_due() -> None:
    life = Life(SALE)
    assert life.state == AlertState()
    assert life.alerts.next_due(life.desk) is None
