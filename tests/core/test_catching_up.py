"""A source that comes back brings at once what it had missed: that is no burst, and a crisis in it is found."""

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from listener.partition import TrackRecord
from schemas.alert import Alert
from schemas.brand_mention import BrandMention
from schemas.times import DAY, HOUR, MINUTE, SECOND, from_ms, to_ms
from tests.core.building import (
    START,
    Told,
    alerts,
    brand_settings,
    burst,
    events,
    judged_of,
    latest,
    pulse,
    read_of,
    run,
    said,
)
from tests.core.test_retraction_properties import retraction

GONE = START + 2 * DAY  # when the source falls silent
END = START + 4 * DAY
MOODS = (0.4, -0.6, 0.0, 0.5)


def talk(an_hour: int) -> list[BrandMention]:
    """Evenly spaced mentions until the end, a quarter of them negative."""
    return [
        said(f"calm{number}", START + number * HOUR // an_hour, MOODS[number % len(MOODS)])
        for number in range(4 * 24 * an_hour)
    ]


def missed(mentions: Iterable[BrandMention], hours: int, every: int = SECOND) -> list[BrandMention]:
    """What was written within so many hours from GONE on is brought after them, one each `every` ms."""
    heard, brought = [], 0
    back = GONE + hours * HOUR
    for one in sorted(mentions, key=read_of):
        if not GONE <= read_of(one) < back:
            heard.append(one)
            continue
        read = from_ms(back + brought * every)
        brought += 1
        heard.append(replace(one, mention=replace(one.mention, ingested_at=read, caught_up=True)))
    return sorted(heard, key=read_of)


def log_of(mentions: list[BrandMention], hours: int, *, again: bool = True) -> list[TrackRecord]:
    """The log with a pulse a minute. The gap is covered as soon as all was brought, if the source gives it `again`."""
    back = GONE + hours * HOUR
    done = max((read_of(mention) for mention in mentions if mention.mention.caught_up), default=back)

    def covered(through: int) -> list[tuple[int, int]]:
        if through <= GONE or (again and through > done):
            return [(START, through)]
        return [(START, GONE), *([(back, through)] if through > back else [])]

    entries: list[tuple[int, int, TrackRecord]] = [(read_of(mention), 0, mention) for mention in mentions]
    entries += [(at, 1, pulse(at, covered(at))) for at in range(START + MINUTE, END, MINUTE)]
    return [brand_settings(), *(record for *_, record in sorted(entries, key=lambda entry: entry[:2]))]


def raised(log: list[TrackRecord]) -> list[Alert]:
    """The alerts of the brand; that its source is dead is told beside them."""
    return [alert for alert in alerts(run(log)) if alert.brand]


def opened(log: list[TrackRecord]) -> list[Alert]:
    return [alert for alert in raised(log) if alert.event in ("opened", "reopened") and alert.stage == "final"]


@pytest.mark.parametrize("again", [True, False])
@given(an_hour=st.sampled_from([2, 12, 60]), hours=st.integers(1, 20), every=st.sampled_from([1, SECOND, 20 * SECOND]))
@settings(max_examples=8, deadline=None)
def test_a_source_that_catches_up_raises_nothing_by_its_flood(
    an_hour: int, hours: int, every: int, *, again: bool
) -> None:
    assert raised(log_of(missed(talk(an_hour), hours, every), hours, again=again)) == []


def test_the_same_flood_said_now_would_be_an_alarm() -> None:
    """Three hours in which people are a little unhappier than usual, as happens: no five minutes of them stand out."""
    unhappy = [said(f"sad{number}", GONE + number * 3 * MINUTE, -0.6) for number in range(60)]
    flood = missed([*talk(20), *unhappy], 3)
    said_now = [replace(one, mention=replace(one.mention, caught_up=False)) for one in flood]
    now = opened(log_of(said_now, 3))
    assert {to_ms(alert.since) for alert in now if alert.scale_s == 300} == {GONE + 3 * HOUR}
    assert all(to_ms(judged_of(alert).end) <= GONE + 3 * HOUR for alert in opened(log_of(flood, 3)))


def test_what_is_caught_up_counts_in_the_trends_of_its_time() -> None:
    flood = missed(talk(12), 3)
    found, undisturbed = run(log_of(flood, 3)), run(log_of(talk(12), 0))
    assert hours_and_days(found) == hours_and_days(undisturbed)


def hours_and_days(outputs: list[Told]) -> dict[tuple[str, str, int], tuple[object, ...]]:
    """What is left in the end; minutes can be revised for two hours only."""
    return {
        key: (trend.known, trend.total, trend.platforms)
        for key, trend in latest(outputs).items()
        if trend.window != "minute"
    }


def crisis(start: int) -> list[BrandMention]:
    return burst("crisis", start, 60, every=10 * SECOND)


@pytest.mark.parametrize("after", [20 * MINUTE, HOUR, 150 * MINUTE])
def test_a_crisis_that_was_missed_is_found_and_dated_when_it_was(after: int) -> None:
    everything = [*talk(12), *crisis(GONE + after)]
    late, in_time = opened(log_of(missed(everything, 3), 3)), opened(log_of(everything, 0))
    assert len(late) == len(in_time) == 1
    assert (late[0].id, late[0].since, judged_of(late[0]).observed) == (
        in_time[0].id,
        in_time[0].since,
        judged_of(in_time[0]).observed,
    )
    assert to_ms(late[0].at) >= GONE + 3 * HOUR
    assert set(late[0].examples) <= {mention.mention.id for mention in everything}
    assert late[0].examples


def test_its_alert_ends_when_it_is_calm() -> None:
    found = run(log_of(missed([*talk(12), *crisis(GONE + HOUR)], 3), 3))
    assert events(found)[0] == "opened"
    assert events(found)[-1] == "resolved"


def test_a_crisis_in_a_gap_that_stays_unknown_is_seen_in_what_is_looked_back_on() -> None:
    """Its windows are not judged one by one, since nobody knows what is missing of them."""
    found = opened(log_of(missed([*talk(12), *crisis(GONE + HOUR)], 3), 3, again=False))
    assert [to_ms(judged_of(alert).end) > GONE + 3 * HOUR for alert in found] == [True]


def test_what_another_source_heard_meanwhile_is_corrected() -> None:
    """Then the time was known all along, and its alert is told what the one that was away has brought."""
    loud = [*talk(12), *crisis(GONE + HOUR)]
    back = GONE + 90 * MINUTE
    brought = [
        said(f"more{number}", back + number * SECOND, -0.6, GONE + HOUR + number * SECOND, caught_up=True)
        for number in range(7)
    ]
    found = [alert for alert in alerts(run(log_of([*loud, *brought], 0))) if alert.stage == "final"]
    revised = [alert for alert in found if alert.event == "revised"]
    assert len(revised) == 1
    assert revised[0].reason.startswith("7 mentions were caught up, 7 of them negative: ")


def test_what_was_caught_up_and_is_deleted_leaves_nothing() -> None:
    everything = missed([*talk(12), *crisis(GONE + HOUR)], 3)
    log = list[TrackRecord]()
    for record in log_of(everything, 3):
        log.append(record)
        if isinstance(record, BrandMention) and record.mention.id.startswith("crisis"):
            log.append(retraction(record, read_of(record)))
    found, without = run(log), run(log_of(missed(talk(12), 3), 3))
    assert [alert for alert in alerts(found) if alert.brand] == []
    assert hours_and_days(found) == hours_and_days(without)
