"""The notice "volume-spike": more is said of a brand than on any of its usual days."""

from collections.abc import Iterable

import pytest

from listener.judgement import fires, judge_again
from listener.monitors.monitor import BASE, BaseWindow, Finding
from listener.monitors.volume import RULE, VolumeMonitor, VolumeState
from listener.partition import Partition
from schemas.alert import Alert
from schemas.brand_mention import BrandMention
from schemas.retraction import Retraction
from schemas.times import DAY, HOUR, MINUTE, SECOND, from_ms
from tests.bench._traffic import RATES
from tests.bench._traffic import calm as calm_traffic
from tests.bench._watched import SEED, Watched
from tests.core.building import START, all_alerts, burst, calm, pulse, run, with_pulses

CALM_HOURS = 80
NOW = START + CALM_HOURS * HOUR


def told(mentions: Iterable[BrandMention], until: int = NOW + 4 * HOUR) -> list[Alert]:
    log = with_pulses([*calm(START, CALM_HOURS), *mentions], until, every=5 * MINUTE)
    return [alert for alert in all_alerts(run(log, Partition())) if alert.rule == RULE]


def test_more_than_ever_is_told_once_and_ends_when_the_hour_is_calm() -> None:
    found = told(burst("x:", NOW, 150, 0.0, 2 * SECOND))
    assert [(alert.event, alert.severity) for alert in (found[0], found[-1])] == [
        ("opened", "notice"),
        ("resolved", "notice"),
    ]
    assert sum(alert.event == "opened" for alert in found) == 1
    assert found[0].summary.startswith("Acme: 151 mentions in the 15 min to ")
    assert found[-1].at <= from_ms(NOW + 2 * HOUR)
    assert found[0].evidence is not None
    assert found[0].evidence.steps


def test_as_much_as_on_other_days_is_nothing() -> None:
    assert told(burst("x:", NOW, 6, 0.0, 10 * MINUTE)) == []


def test_of_a_brand_of_which_nobody_speaks_nine_are_not_many() -> None:
    log = with_pulses([*burst("one", START, 1), *burst("x:", NOW, 9, 0.0, 2 * SECOND)], NOW + HOUR, every=5 * MINUTE)
    assert not all_alerts(run(log, Partition()))


def test_it_judges_again_to_the_same() -> None:
    for alert in told(burst("x:", NOW, 150, 0.0, 2 * SECOND)):
        judged = alert.judged
        assert judged is not None
        assert judge_again(judged) == judged
        assert fires(judged) == (alert.event != "resolved")


def test_what_is_deleted_corrects_it() -> None:
    mentions = burst("x:", NOW, 150, 0.0, 2 * SECOND)
    partition = Partition()
    run(with_pulses([*calm(START, CALM_HOURS), *mentions], NOW + 10 * MINUTE, every=5 * MINUTE), partition)
    gone = [
        Retraction(brand="acme", trace=mention, at=from_ms(NOW + 11 * MINUTE), because="deleted")
        for mention in mentions[:149]
    ]
    found = all_alerts(run([*gone, pulse(NOW + 17 * MINUTE)], partition))
    revised = next(alert for alert in found if alert.event == "revised")
    assert revised.reason.startswith("149 mentions were deleted or edited away: 151 becomes 2; ")
    assert revised.judged is not None
    assert (revised.judged.mentions, revised.judged.scored, revised.judged.observed) == (2, 2, 2)
    assert "with these it would be the other way" in revised.reason


def heard(
    state: VolumeState, start: int, mentions: int, deaf: tuple[int, int] = (0, 0), since: int = START
) -> list[Finding]:
    def known(first: int, last: int) -> float:
        return 1.0 - max(0, min(last, deaf[1]) - max(first, deaf[0])) / (last - first)

    counts = {"mentions": mentions} if mentions else {}
    return list(VolumeMonitor().due(state, BaseWindow(start, start + BASE, counts, {}, since, known), start + BASE))


@pytest.mark.parametrize("deaf_days", [0, 3])
def test_days_that_nobody_listened_to_are_not_learned(deaf_days: int) -> None:
    state = VolumeState()
    heard(state, START, 1)
    first, last = START + DAY, START + (1 + deaf_days) * DAY
    heard(state, START + 5 * DAY, 1, (first, last))
    assert state.bursts.baseline.hours_seen == (5 - deaf_days) * 24


def test_what_was_never_heard_of_is_known_from_the_beginning() -> None:
    state = VolumeState()
    heard(state, START + 2 * DAY + 7 * MINUTE // BASE * BASE, 1)
    assert state.bursts.baseline.hours_seen == 48


def test_days_in_which_it_was_switched_off_are_not_learned() -> None:
    state = VolumeState()
    heard(state, START, 1)
    heard(state, START + 5 * DAY, 1, since=START + 3 * DAY)
    assert state.bursts.baseline.hours_seen == 48


def test_in_calm_months_it_keeps_about_to_the_budget() -> None:
    """Twelve brand-months with campaigns and viral praise in them, at a budget of one."""
    opened = 0
    for number, rate in enumerate(RATES[:4]):
        events = Watched(1.0).watch(calm_traffic(SEED + number, rate, 90))
        opened += sum(event.rule == RULE and event.event == "opened" for event in events)
    assert 1 <= opened <= 20
