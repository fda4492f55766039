"""How alerts stand by the events of their lives, and how often rules were right by the verdicts of people."""

from typing import Any

from msgspec.structs import replace

from listener.alerts.standing import Standing, precisions, silences, standings
from schemas.alert import Alert, Verdict
from schemas.command import Command
from schemas.receipt import Receipt
from schemas.times import DAY, HOUR, MINUTE, from_ms
from tests.core.building import START
from tests.core.living import CALM, Life

AT = START + 6 * MINUTE


def standing(*events: Alert) -> Standing:
    (found,) = standings(events)
    return found


def test_an_alert_stands_as_its_last_events_say() -> None:
    life = Life()
    told = life.final(AT, HOUR)
    assert standing(*told).state == "open"
    told += life.obey("acknowledge", told[0], AT + MINUTE, "a")
    assert (standing(*told).state, standing(*told).acknowledged_by) == ("acknowledged", "Ana")
    told += life.final(AT + HOUR, DAY)
    assert (standing(*told).state, standing(*told).acknowledged_by) == ("open", None)
    told += life.final(AT + 2 * HOUR, CALM)
    assert standing(*told).state == "resolved"
    told += life.obey("resolve", told[0], AT + 2 * HOUR, "b", verdict="right")
    assert (standing(*told).state, standing(*told).verdict) == ("resolved", "right")
    told += life.final(AT + 3 * HOUR, HOUR)
    assert (told[-1].event, standing(*told).state, standing(*told).verdict) == ("reopened", "open", "right")


def test_an_alert_is_muted_while_it_is_open_and_its_last_event_is() -> None:
    life = Life()
    told = [*life.final(AT, HOUR), *life.obey("silence", None, AT, "s", until=from_ms(AT + HOUR))]
    assert (standing(*told).muted or "").startswith("silenced until")
    told += life.tended(AT + HOUR)
    assert standing(*told).muted is None


def test_events_in_any_order_and_told_twice_give_the_same() -> None:
    life = Life()
    told = [*life.final(AT, HOUR), *life.final(AT + HOUR, CALM), *life.final(AT + 2 * HOUR, HOUR)]
    assert standings([*reversed(told), told[1]]) == standings(told)


def test_what_is_known_by_now_is_of_the_stretch_that_was_judged() -> None:
    life = Life()
    told = [*life.final(AT, HOUR), *life.final(AT + HOUR, CALM)]
    alert = standings(told)[0]
    opened, over = told[0], told[1]
    assert over.judged != opened.judged
    assert alert.known_by_now(opened) == opened.judged
    assert opened.judged is not None
    revised = replace(opened, sequence=9, event="revised", judged=replace(opened.judged, observed=3))
    assert standings([*told, revised])[0].known_by_now(opened) == revised.judged
    assert alert.known_by_now(replace(opened, judged=None)) is None


def test_corrections_of_a_stretch_are_followed_until_another_one_is_judged() -> None:
    life = Life()
    (opened,) = life.final(AT, HOUR)
    told = [opened, *life.obey("acknowledge", opened, AT, "a")]
    assert standing(*told).followed_until(opened) is None
    over = [*told, *life.final(AT + HOUR, CALM)]
    assert standing(*over).followed_until(opened) == from_ms(AT + HOUR)
    assert standing(*over).followed_until(over[-1]) is None


def receipt(id_: str, verdict: Verdict | None, alert: str = "1", **more: Any) -> Receipt:
    command = Command(
        id=id_, brand="acme", kind="resolve", alert_id=alert, actor="Ana", at=from_ms(AT), verdict=verdict
    )
    return Receipt(command=command, at=from_ms(AT), told="resolved", **{"done": True, "rule": "spike", **more})


def test_precision_counts_the_last_verdict_on_each_alert_and_no_refused_one() -> None:
    told = [
        receipt("a", "false alarm", "1"),
        receipt("b", "right", "1"),
        receipt("c", "not about us", "2"),
        receipt("d", "right", "3", done=False, rule=""),
        receipt("e", None, "4"),
        receipt("f", "false alarm", "5", rule="other"),
    ]
    other, spike = precisions(told)
    assert (spike.rule, spike.right, spike.judged, spike.false_alarms, spike.not_about_us) == ("spike", 1, 2, 0, 1)
    assert (spike.share, spike.interval) == (0.5, (0.0945, 0.9055))
    assert (other.rule, other.share) == ("other", 0.0)


def test_a_silence_lasts_until_its_end_or_until_it_was_expired() -> None:
    life = Life()
    told = life.order("silence", None, AT, "s", until=from_ms(AT + DAY))
    (silence,) = silences(one for one in told if isinstance(one, Receipt))
    assert (silence.id, silence.since, silence.until) == ("s", from_ms(AT), from_ms(AT + DAY))
    told += life.order("expire", None, AT + HOUR, "e", silence_id="s")
    (ended,) = silences(one for one in told if isinstance(one, Receipt))
    assert ended.until == from_ms(AT + HOUR)
