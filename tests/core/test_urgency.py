"""What pages people and what can wait: praise and much talk are notices, and wait for the digest."""

import pytest

from listener.alerts.muting import Told, mute_of
from listener.notices.digest import DigestPlan
from listener.notices.routes import Route
from listener.partition import Partition
from schemas.alert import Alert
from schemas.times import DAY, HOUR, MINUTE
from tests.core.building import START, all_alerts, burst, calm, run, with_pulses
from tests.core.living import DESK, Life, finding
from tests.core.noticing import World, alert, told

AT = START + 6 * MINUTE
PRAISED = START + 40 * HOUR


def praised(compound: float = 0.7) -> list[Alert]:
    log = with_pulses([*calm(START, 40), *burst("x:", PRAISED, 40, compound)], PRAISED + 3 * HOUR)
    return [
        alert for alert in all_alerts(run(log, Partition())) if alert.stage == "final" and alert.rule != "volume-spike"
    ]


def test_praise_that_is_unusual_is_a_notice_and_ends() -> None:
    first, *_, last = praised()
    assert (first.rule, first.event, first.severity) == ("praise-spike", "opened", "notice")
    assert (last.event, last.severity) == ("resolved", "notice")
    assert first.examples


def test_praise_is_told_in_its_own_words() -> None:
    for event in praised():
        assert "positive" in event.summary
        assert "negative" not in event.summary + event.reason
        assert event.evidence is None or not any("answer the top posts" in step for step in event.evidence.steps)


def test_praise_has_no_early_warning() -> None:
    log = with_pulses([*calm(START, 40), *burst("x:", PRAISED, 40, 0.7, 1000)], PRAISED + HOUR)
    assert {event.stage for event in all_alerts(run(log, Partition()))} == {"final"}


def test_what_is_bad_is_no_praise() -> None:
    assert {event.rule for event in praised(-0.7)} == {"negative-spike"}


def test_a_notice_pages_nobody_and_is_in_the_digest() -> None:
    world = World(digest=DigestPlan(("mail",), 9 * 60))
    world.take(alert(rule="praise-spike", severity="notice"))
    (digest,) = world.later(2 * HOUR)
    assert digest.notice.kind == "digest"
    assert [entry.why for entry in digest.notice.entries] == ["a notice pages nobody"]


def test_who_asks_for_notices_by_name_is_told() -> None:
    asked = Route("all of it", ("ops",), severities=("notice", "warning", "critical"))
    world = World(asked)
    world.take(alert(rule="praise-spike", severity="notice"))
    (page,) = world.later(2 * HOUR)
    assert told([page]) == [("ops", "firing", ["a1"])]
    assert page.notice.severity == "notice"


def test_nobody_is_reminded_of_a_notice() -> None:
    life = Life()
    list(life.alerts.final([finding(HOUR, AT, rule="praise-spike")], AT, DESK))
    assert life.tended(AT + 5 * DAY) == []


@pytest.mark.parametrize("other", ["negative-spike", "severity-words", "praise-spike"])
def test_much_talk_is_told_by_nobody_beside_what_says_why(other: str) -> None:
    life = Life()
    both = [finding(HOUR, AT, rule="volume-spike"), finding(HOUR, AT, rule=other)]
    first, second = life.alerts.final(both, AT, DESK)
    assert (first.rule, first.muted) == (other, None)
    assert (second.muted or "").startswith(f"inhibited by alert {first.id}")
    later = AT + HOUR
    _, again = life.alerts.final([finding(0, later, rule=other)], later, DESK)
    assert (again.rule, again.event, again.muted) == ("volume-spike", "updated", None)


def test_much_talk_mutes_nothing() -> None:
    life = Life()
    list(life.alerts.final([finding(HOUR, AT, rule="volume-spike")], AT, DESK))
    assert mute_of(Told(("negative-spike", "brand"), "id", "final", "warning"), life.state, AT, DESK) is None
