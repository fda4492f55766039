"""What is doubtful is kept apart; whoever has spoken certainly of a brand lately is believed."""

from collections.abc import Iterable
from typing import Any

import pytest
from msgspec.structs import replace

from agents.tracker_settings import tracker_settings
from listener import authors
from listener.authors import LATELY, REMEMBERED, SLOT
from listener.brands.ordinary import UNKNOWN_WORDS
from listener.partition import Partition, TrackRecord
from listener.words import mark32
from schemas.brand_mention import BrandMention, Certainty
from schemas.mention import Author
from schemas.retraction import Because, Retraction
from schemas.settings import Brand, BrandSettings
from schemas.times import DAY, HOUR, MINUTE, SECOND, to_ms
from schemas.trend import Volume
from tests.core.building import (
    START,
    alerts,
    brand_settings,
    burst,
    latest,
    pulse,
    run,
    said,
    settings_of,
    take,
    with_pulses,
)
from tests.core.test_retraction_properties import retraction

ANN = Author(id="ann", followers=10)
AMBIGUOUS = brand_settings(ambiguous=True)


def certain(id: str, at: int, author: Author | None = ANN, **fields: Any) -> BrandMention:
    return said(id, at, -0.6, author=author, **fields)


def doubtful(id: str, at: int, author: Author | None = ANN, **fields: Any) -> BrandMention:
    return replace(certain(id, at, author, **fields), certainty="doubtful")


def days(log: Iterable[TrackRecord], until: int, partition: Partition | None = None, every: int = HOUR) -> list[Volume]:
    """The volume of each day that ended before `until`, with a pulse each hour."""
    entries: list[tuple[int, int, TrackRecord]] = [(time_of(record), 0, record) for record in log]
    entries += [(at, 1, pulse(at)) for at in range(START + every, until + 1, every)]
    records = [record for _, _, record in sorted(entries, key=lambda entry: entry[:2])]
    told = sorted(latest(run(records, partition)).items())
    volumes = [one.total.volume for (_, window, _), one in told if window == "day" and one.total]
    return [volume for volume in volumes if volume]


def time_of(record: TrackRecord) -> int:
    if isinstance(record, BrandMention):
        return to_ms(record.mention.ingested_at or record.mention.created_at)
    if isinstance(record, Retraction):
        return to_ms(record.at)
    return 0


def day(*log: TrackRecord, settings: BrandSettings = AMBIGUOUS, partition: Partition | None = None) -> Volume:
    """The volume of the first day."""
    return days([settings, *log], START + DAY + HOUR, partition)[0]


def counted(volume: Volume) -> tuple[int, int, int]:
    return volume.mentions, volume.probable, volume.doubtful


def test_a_doubtful_mention_is_counted_apart() -> None:
    volume = day(doubtful("1", START + HOUR), certain("2", START + HOUR))
    assert counted(volume) == (1, 0, 1)
    assert (volume.untagged, volume.reach) == (1, 10)


def test_a_probable_mention_is_counted_and_counted_as_such() -> None:
    volume = day(replace(certain("1", START + HOUR), certainty="probable"))
    assert counted(volume) == (1, 1, 0)


def test_doubtful_mentions_feel_like_nothing_and_alarm_nobody() -> None:
    crowd = [replace(one, certainty="doubtful") for one in burst("awful", START + 30 * HOUR, 60)]
    outputs = run(with_pulses([*burst("calm", START, 180, 0.0, 10 * MINUTE), *crowd], START + 3 * DAY))
    assert alerts(outputs) == []
    trend = latest(outputs)["acme", "hour", START + 30 * HOUR]
    assert trend.platforms == {"x": {"doubtful": 60}}
    assert trend.total is not None
    assert trend.total.sentiment is None
    assert trend.total.volume == Volume(mentions=0, doubtful=60)


def test_a_doubtful_mention_is_no_example_of_what_alarms() -> None:
    crisis = START + 30 * HOUR
    awful = [replace(one, certainty="doubtful") for one in burst("doubted", crisis, 20, -0.99)]
    log = with_pulses(
        [*burst("calm", START, 180, 0.0, 10 * MINUTE), *burst("bad", crisis, 60), *awful], START + 3 * DAY
    )
    told = alerts(run(log))
    assert told
    assert not [id_ for alert in told for id_ in alert.examples if id_.startswith("doubted")]


def test_who_has_spoken_certainly_of_the_brand_is_believed() -> None:
    volume = day(certain("1", START + HOUR), doubtful("2", START + 2 * HOUR))
    assert counted(volume) == (2, 1, 0)


@pytest.mark.parametrize(
    "other",
    [
        Author(id="bob"),
        Author(followers=3),
        None,
        Author(id="ann ", handle="@ann"),
    ],
)
def test_nobody_else_is(other: Author | None) -> None:
    assert counted(day(certain("1", START + HOUR), doubtful("2", START + 2 * HOUR, other))) == (1, 0, 1)


def test_who_has_no_id_is_known_by_the_handle() -> None:
    before = certain("1", START + HOUR, Author(handle="@Ann"))
    assert counted(day(before, doubtful("2", START + 2 * HOUR, Author(handle="ann")))) == (2, 1, 0)


def test_authors_of_two_platforms_are_two() -> None:
    assert counted(day(certain("1", START + HOUR, platform="y"), doubtful("2", START + 2 * HOUR))) == (1, 0, 1)


@pytest.mark.parametrize(
    "before",
    [
        replace(certain("1", START + HOUR), certainty="probable"),
        replace(certain("1", START + HOUR), owned=True),
        replace(certain("1", START + HOUR), distance=1),
        replace(certain("1", START + HOUR, written=START - 15 * DAY)),
        certain("1", START + 2 * HOUR + SECOND),
    ],
    ids=["probable", "the brand's own", "an answer that names nobody", "written long ago", "after it"],
)
def test_only_who_has_named_the_brand_certainly_and_lately_is(before: BrandMention) -> None:
    assert day(before, doubtful("2", START + 2 * HOUR)).probable == (before.certainty == "probable")


def test_what_is_admitted_admits_nothing() -> None:
    log = [certain("1", START + HOUR), doubtful("2", START + LATELY * SLOT), doubtful("3", START + 15 * DAY)]
    assert [volume.probable for volume in days([AMBIGUOUS, *log], START + 17 * DAY)][12:16] == [0, 0, 1, 0]


def test_a_crowd_of_the_believed_alarms() -> None:
    names = [Author(id=f"a{number}") for number in range(40)]
    before = [certain(f"c{n}", START + n * 30 * MINUTE, name) for n, name in enumerate(names)]
    before = [replace(one, sentiment=replace(one.sentiment, compound=0.4)) for one in before]
    crowd = [doubtful(f"d{n}", START + 30 * HOUR + n * SECOND, name) for n, name in enumerate(names)]
    log = [
        AMBIGUOUS,
        *with_pulses([*before, *burst("calm", START, 180, 0.0, 10 * MINUTE), *crowd], START + 2 * DAY)[1:],
    ]
    assert {alert.event for alert in alerts(run(log))} >= {"opened"}


@pytest.mark.parametrize("certainty", ["doubtful", "probable"])
def test_a_crowd_is_explained_by_what_it_said_whether_it_had_to_wait_or_not(certainty: Certainty) -> None:
    names = [Author(id=f"a{number}") for number in range(40)]
    before = [certain(f"c{n}", START + n * 30 * MINUTE, name, text="acme is fine") for n, name in enumerate(names)]
    before = [replace(one, sentiment=replace(one.sentiment, compound=0.4)) for one in before]
    text = "glass shards in my acme bottle"
    crowd = [doubtful(f"d{n}", START + 30 * HOUR + n * SECOND, name, text=text) for n, name in enumerate(names)]
    crowd = [replace(one, certainty=certainty) for one in crowd]
    calm = burst("calm", START, 180, 0.0, 10 * MINUTE)
    told = alerts(run([AMBIGUOUS, *with_pulses([*before, *calm, *crowd], START + 2 * DAY)[1:]]))
    evidence = next(alert.evidence for alert in told if alert.stage == "final" and alert.event == "opened")
    assert evidence is not None
    assert mark32("shards") in evidence.terms[0].marks
    assert [(one.name, one.posts) for one in evidence.named] == [("alias acme", 40)]


def test_it_waits_until_nothing_is_missing_and_is_in_time_for_its_minute() -> None:
    """Another lane is behind: what its author said comes after it, but was read before."""
    at = START + 2 * HOUR
    log: list[TrackRecord] = [AMBIGUOUS, doubtful("2", at), certain("1", at - 1), pulse(at + 59 * SECOND)]
    partition = Partition()
    assert run(log, partition)[-1:] != []
    assert list(partition.trackers["acme"].state.authors.waiting())
    told = latest(run([pulse(at + 3 * MINUTE)], partition))
    assert not list(partition.trackers["acme"].state.authors.waiting())
    trend = told["acme", "minute", at]
    assert (trend.revision, trend.platforms["x"]["probable"]) == (0, 1)


def test_what_waits_holds_no_words() -> None:
    partition = Partition()
    run([AMBIGUOUS, doubtful("2", START + HOUR, text="acme says secretword")], partition)
    state = partition.take_changes()
    assert state[f"acme/authors/{(START + HOUR) // SLOT}"] is not None
    assert not any(b"secretword" in (raw or b"") for raw in state.values())


@pytest.mark.parametrize("because", ["deleted", "edited", "erased"])
@pytest.mark.parametrize("later", [1, HOUR, 13 * DAY])
@pytest.mark.parametrize("known", [True, False])
def test_what_is_taken_back_takes_back_what_it_had_added(because: Because, later: int, known: bool) -> None:
    second = doubtful("2", START + 2 * HOUR)
    gone = replace(retraction(second, START + 2 * HOUR + later), because=because)
    partition = Partition()
    volume = days([AMBIGUOUS, *[certain("1", START + HOUR)][: int(known)], second, gone], START + 15 * DAY, partition)[
        0
    ]
    assert counted(volume) == (int(known), 0, 0)


def test_what_its_author_said_may_go_and_it_stays() -> None:
    first = certain("1", START + HOUR)
    assert counted(day(first, doubtful("2", START + 2 * HOUR), retraction(first, START + 3 * HOUR))) == (1, 1, 0)


def test_what_is_too_old_to_know_how_it_was_counted_stays_as_it_was_told() -> None:
    second = doubtful("2", START + 2 * HOUR)
    gone = retraction(second, START + 2 * HOUR + REMEMBERED * SLOT + 1)
    log: list[TrackRecord] = [AMBIGUOUS, certain("1", START + HOUR), second, gone]
    assert counted(days(log, START + 18 * DAY)[0]) == (2, 1, 0)


def test_a_brand_that_nobody_calls_ambiguous_learns_its_authors_from_its_first_doubtful_mention_on() -> None:
    log = [
        certain("1", START + HOUR),
        doubtful("2", START + 2 * HOUR),
        certain("3", START + 2 * HOUR + 11 * MINUTE),
        doubtful("4", START + 3 * HOUR),
    ]
    assert counted(day(*log, settings=brand_settings())) == (3, 1, 1)


def test_a_brand_without_doubts_keeps_no_authors() -> None:
    partition = Partition()
    day(
        certain("1", START + HOUR),
        replace(certain("2", START + HOUR), certainty="probable"),
        settings=brand_settings(),
        partition=partition,
    )
    assert not [part for part in partition.take_changes() if "authors" in part]


def test_the_user_may_say_that_a_brand_is_ambiguous() -> None:
    said_so = settings_of(Brand(id="acme", name="Acme", ambiguous=True), Brand(id="bolt", name="Bolt"))
    settings, other = tracker_settings(settings_of(version=""), said_so, UNKNOWN_WORDS)
    assert not other.ambiguous
    assert counted(day(certain("1", START + HOUR), doubtful("2", START + 2 * HOUR), settings=settings)) == (2, 1, 0)


def crowd(size: int, at: int, certainty: Certainty = "certain") -> list[BrandMention]:
    """So many authors, each with a mention, 50 ms apart."""
    made = [certain(f"{certainty}{at}-{n}", at + n * 50, Author(id=f"{at}-{n}")) for n in range(size)]
    return [replace(one, certainty=certainty) for one in made]


def test_of_too_many_authors_those_go_that_spoke_last_longest_ago() -> None:
    partition = Partition()
    hours = [one for hour in range(30) for one in crowd(100, START + hour * HOUR)]
    days([AMBIGUOUS, *hours, doubtful("d", START + 30 * HOUR)], START + 2 * DAY, partition)
    kept = partition.trackers["acme"].state.authors.state.authors
    assert authors.LEFT_AUTHORS - 100 <= len(kept) <= authors.MOST_AUTHORS
    assert min(kept.values()) > (START + 10 * HOUR) // SLOT
    assert max(kept.values()) == (START + 29 * HOUR) // SLOT


def test_the_state_stays_small() -> None:
    partition, stored = Partition(), dict[str, bytes]()
    believed = crowd(1_400, START)
    again = [
        replace(one, mention=replace(one.mention, id=f"d{n}"), certainty="doubtful")
        for n, one in enumerate(crowd(1_400, START))
    ]
    later = [certain_at(one, START + 2 * HOUR + n * 50) for n, one in enumerate(again)]
    days([AMBIGUOUS, *believed, *later, doubtful("last", START + 4 * HOUR)], START + 5 * HOUR, partition, 10 * SECOND)
    take(partition, stored)
    state = partition.trackers["acme"].state.authors.state
    assert (len(state.authors), len(state.admitted)) == (1_400, 1_400)
    assert len(stored["acme/authors"]) < 48 * 1024
    assert sum(len(raw) for part, raw in stored.items() if "/authors/" in part) < 1_000


def certain_at(mention: BrandMention, at: int) -> BrandMention:
    moved = certain(mention.mention.id, at, mention.mention.author)
    return replace(moved, certainty=mention.certainty)


def test_what_could_not_be_taken_back_is_not_admitted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authors, "MOST_ADMITTED", 2)
    log = [certain("1", START + HOUR), *(doubtful(f"d{n}", START + (2 + n) * HOUR) for n in range(5))]
    assert counted(day(*log)) == (3, 2, 3)


def test_more_than_may_wait_are_judged_by_what_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authors, "MOST_HELD", 3)
    log = [certain("1", START + 2 * HOUR - 1), *(doubtful(f"d{n}", START + 2 * HOUR + n) for n in range(5))]
    assert counted(day(*log)) == (4, 3, 2)


def test_who_spoke_a_fortnight_ago_is_forgotten() -> None:
    partition = Partition()
    log = [
        certain("1", START + HOUR),
        certain("2", START + 20 * DAY, Author(id="bob")),
        doubtful("3", START + 21 * DAY),
    ]
    days([AMBIGUOUS, *log], START + 22 * DAY, partition)
    assert list(partition.trackers["acme"].state.authors.state.authors.values()) == [(START + 20 * DAY) // SLOT]
