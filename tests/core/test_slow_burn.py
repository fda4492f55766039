"""A share that creeps up for days: found, told of, over; and what is none."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from listener.alerts.wording import calm_again, summary
from listener.judgement import fires, judge_again, score_of
from listener.monitors.monitor import Finding
from listener.monitors.slow_burn import RULE, SlowBurnMonitor, SlowBurnState
from listener.partition import Partition
from listener.state import pack, unpack
from listener.usual_share import LEAST_DAYS, Day, usual_share
from schemas.alert import Alert
from schemas.record import to_json
from schemas.times import DAY, HOUR, to_ms
from tests.core.building import START, alerts, brand_settings, pulse, run, said
from tests.core.daily import Told, creep, drawn, judged_days

CALM = 70  # days


def firings(found: list[tuple[int, Finding]]) -> list[int]:
    return [day for day, finding in found if finding.scale]


@pytest.mark.parametrize(("a_day", "least"), [(30, 12), (200, 18), (2_000, 19)])
def test_a_creep_to_twice_the_share_is_found_within_two_weeks(a_day: int, least: int) -> None:
    found = 0
    for seed in range(20):
        days = drawn(seed, a_day, creep(CALM, 10, 0.2, 2.0, 4))
        found += any(CALM < day <= CALM + 14 for day in firings(list(judged_days(days))))
    assert found >= least


def test_a_calm_brand_is_left_alone() -> None:
    days = [day for seed in range(20) for day in firings(list(judged_days(drawn(seed, 200, [0.2] * 180))))]
    assert len(days) <= 20 * 6 * 0.1, "a tenth of an alert a month"


def test_one_bad_day_is_no_slow_burn() -> None:
    days = drawn(1, 200, [0.2] * 100)
    days[80] = Told(2_000, 1_600)
    assert not firings(list(judged_days(days)))


def test_a_campaign_is_not_what_is_usual() -> None:
    """Ten days of ten times the talk, hardly any of it bad, hide nothing of a rise that comes after."""
    days = drawn(2, 200, creep(CALM, 10, 0.2, 2.0, 10))
    days[40:50] = [Told(2_000, 20)] * 10
    usual = usual_share([Day(*day) for day in days[:56]])
    assert usual is not None
    assert 0.14 < usual.share < 0.22
    assert firings(list(judged_days(days)))


def test_too_few_are_never_judged() -> None:
    assert not list(judged_days([Told(4, 0)] * CALM + [Told(4, 4)] * 20))
    assert not firings(list(judged_days([Told(5, 0)] * CALM + [Told(5, 1)] * 20))), "fewer than ten negative in a week"


def test_days_not_listened_to_are_unknown() -> None:
    """Neither are they calm days, nor do they end anything."""
    days: list[Told | None] = [*drawn(3, 200, creep(CALM, 10, 0.2, 2.0, 10))]
    gap: list[Told | None] = [None] * 6
    assert not list(judged_days([None] * 60 + days[CALM:])), "nobody knows what is usual"
    found = list(judged_days(days + gap))
    assert firings(found)
    assert [day for day, finding in found if not finding.scale] == []
    heard = list(judged_days(days[:30] + gap * 2 + days[30:]))
    assert firings(heard), "half of the weeks before are enough"


def test_it_is_over_when_the_last_three_days_are_back() -> None:
    shares = [*creep(CALM, 10, 0.2, 2.0, 5), *[0.2] * 20]
    found = list(judged_days(drawn(4, 300, shares)))
    over = [(day, finding) for day, finding in found if not finding.scale]
    assert len(over) == 1
    day, finding = over[0]
    assert CALM + 15 + 2 <= day <= CALM + 15 + 6
    assert not fires(finding.judged)
    assert "back to what is usual" in calm_again(finding.judged)
    assert not [later for later in firings(found) if later > day], "the bad week that has just been is told once"


def test_after_four_weeks_it_is_the_new_normal() -> None:
    found = list(judged_days(drawn(5, 300, creep(CALM, 10, 0.2, 2.0, 100))))
    (first, *_), over = firings(found), [(day, finding) for day, finding in found if not finding.scale]
    assert [day for day, _ in over] == [first + 28]
    assert "after four weeks it is the new normal" in calm_again(over[0][1].judged)
    assert not [day for day in firings(found) if day > first + 28], "and it is not told again"


def test_a_spell_is_not_what_is_usual_afterwards() -> None:
    shares = [*creep(CALM, 5, 0.2, 2.0, 10), *[0.2] * 20, *creep(0, 5, 0.2, 2.0, 10)]
    found = firings(list(judged_days(drawn(6, 300, shares))))
    assert [day for day in found if day <= CALM + 15]
    assert [day for day in found if day > CALM + 35], "the second is as large as the first"


def test_after_a_long_spell_what_was_before_it_is_still_known() -> None:
    shares = [*creep(40, 5, 0.2, 2.0, 20), *[0.2] * 14, *creep(0, 5, 0.2, 2.0, 10)]
    found = firings(list(judged_days(drawn(10, 300, shares))))
    assert [day for day in found if day <= 65]
    assert [day for day in found if day > 80]


@pytest.mark.parametrize("budget", [0.25, 4.0])
def test_who_wants_more_alerts_hears_of_less(budget: float) -> None:
    found = list(judged_days(drawn(7, 200, creep(CALM, 10, 0.2, 1.6, 20)), budget))
    usual = list(judged_days(drawn(7, 200, creep(CALM, 10, 0.2, 1.6, 20))))
    first, normal = (min(firings(one), default=10**6) for one in (found, usual))
    assert first >= normal if budget < 1 else first <= normal
    assert all(finding.judged.each_limit < usual[0][1].judged.each_limit for _, finding in found) == (budget < 1)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 500), st.floats(0, 1)), min_size=60, max_size=110), st.floats(0.05, 30))
def test_whatever_is_said_a_verdict_is_judged_again_to_the_same(days: list[tuple[int, float]], budget: float) -> None:
    told = [Told(scored, round(scored * share)) for scored, share in days]
    for _, finding in judged_days(told, budget):
        assert to_json(judge_again(finding.judged)) == to_json(finding.judged)
        assert fires(finding.judged) or not finding.scale
        assert score_of(finding.judged) >= 0.5 or not finding.scale
        assert summary("Acme", finding.judged)


def test_a_correction_is_judged_on_the_share_alone() -> None:
    days = drawn(8, 200, creep(CALM, 10, 0.2, 2.0, 4))
    judged = next(finding.judged for _, finding in judged_days(days) if finding.scale)
    corrected = judge_again(judged, 300, 300, 0)
    assert corrected.scored == judged.scored + 300
    assert corrected.expected == pytest.approx(corrected.scored * judged.share)
    assert corrected.chance_of_share > judged.chance_of_share
    assert corrected.chance_of_count == 1.0


def test_its_state_goes_on_after_a_restart() -> None:
    days = drawn(9, 200, creep(CALM, 10, 0.2, 2.0, 30))
    whole = list(judged_days(days))
    state = SlowBurnState()
    first = list(judged_days(days[:85], state=state))
    raw = pack(1, state)
    kept = unpack(raw, SlowBurnState, 1)
    assert pack(1, kept) == raw, "an int is no float there"
    assert whole[: len(first)] == first
    assert kept.usual is not None


def test_of_less_than_four_weeks_nothing_is_known() -> None:
    days = [Day(10, 2)] * LEAST_DAYS
    assert usual_share(days) is not None
    assert usual_share(days[1:]) is None
    assert usual_share([*days[1:], None]) is None


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1_000), st.floats(0, 1)), min_size=28, max_size=56))
def test_what_is_usual_is_a_share(days: list[tuple[int, float]]) -> None:
    usual = usual_share([Day(scored, round(scored * share)) for scored, share in days])
    if usual is not None:
        assert 0 < usual.share < 1
        assert usual.strength(3) >= 2
        assert usual.strength(7) >= usual.strength(3)


def test_how_alike_weeks_are_is_recovered() -> None:
    """A brand whose weeks differ takes more to fire than one whose do not."""
    steady = usual_share([Day(300, 60)] * 56)
    differs = usual_share([Day(300, 60 + (30 if week % 2 else -30)) for week in range(8) for _ in range(7)])
    assert steady is not None
    assert differs is not None
    assert differs.weekly > 3 * steady.weekly
    assert differs.strength(7) < steady.strength(7) / 2


# Through the tracker


def story() -> list[Alert]:
    """Ten mentions a day for ten weeks, one bad; then half of them."""
    log = []
    for day in range(CALM + 14):
        for number in range(10):
            bad = number < (1 if day < CALM else 5)
            at = START + day * DAY + number * HOUR
            log.append(said(f"{day}-{number}", at, -0.6 if bad else 0.2))
    return [*alerts(run([brand_settings(), *log, pulse(START + (CALM + 15) * DAY)]))]


def test_a_tracker_tells_of_it_once_a_day_is_over() -> None:
    found = [alert for alert in story() if alert.rule == RULE]
    assert [alert.event for alert in found][:1] == ["opened"]
    opened = found[0]
    assert to_ms(opened.at) % DAY == 60_000, "a lateness after the end of a day"
    assert opened.severity == "warning"
    assert opened.judged is not None
    assert opened.judged.tail == "share"
    assert opened.summary.startswith("Acme: ")
    assert "scored mentions negative" in opened.summary
    assert "usual in the weeks before: 1" in opened.summary
    assert opened.evidence is not None
    assert opened.evidence.steps
    assert fires(opened.judged)
    assert replace(opened.judged) == judge_again(opened.judged)


def test_where_moods_are_not_counted_it_sleeps() -> None:
    partition = Partition()
    log = [said(f"{number}", START + number * HOUR, 0.2) for number in range(24 * 10)]
    run([brand_settings(sentiment=False), *log, pulse(START + 12 * DAY)], partition)
    assert SlowBurnMonitor().next_look(partition.trackers["acme"].state.monitors["slow_burn"]) is None
