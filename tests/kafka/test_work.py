"""What a lane does with records, without a broker."""

from collections import Counter
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from agents.configuration import Kafka
from agents.metrics import Metrics
from agents.reader import standard_reader
from agents.runtime.fail_stop import Refused
from agents.runtime.ingest import place
from agents.runtime.outbox import Outbox
from agents.runtime.topics import Topics
from agents.runtime.work import DetectWork, TrackWork
from agents.sources.history import Item
from listener.clock import Clock
from listener.state import Parts
from schemas.brand_mention import BrandMention
from schemas.command import Command
from schemas.dead_letter import DeadLetter
from schemas.deletion import Deletion
from schemas.heartbeat import Heartbeat
from schemas.pulse import Pulse
from schemas.receipt import Receipt
from schemas.record import decoder, to_json
from schemas.retraction import Retraction
from schemas.settings import Brand
from schemas.times import DAY, HOUR, MINUTE, from_ms
from tests.core.building import START, a_mention, brand_settings, burst, calm, heartbeat, settings_of, with_pulses

TOPICS = Topics.of(Kafka())
CRISIS = START + 30 * HOUR
LATER = START + 100 * DAY  # when the records were written


def records(values: Sequence[object], first: int = 0, at: int = LATER) -> list[Any]:
    raw = [value if isinstance(value, bytes) else to_json(value) for value in values]
    return [SimpleNamespace(offset=first + place, value=value, timestamp=at) for place, value in enumerate(raw)]


def sent(outbox: Outbox, topic: str) -> list[bytes]:
    return [value for (name, _), entries in outbox for _, value in entries if name == topic and value is not None]


def a_tracker(parts: dict[str, bytes] | None = None) -> TrackWork:
    return TrackWork(parts or {}, TOPICS, 0, 4, Metrics())


def a_detector(parts: dict[str, bytes] | None = None, *, topic_is_clock: bool = False) -> DetectWork:
    return DetectWork(parts or {}, standard_reader(), TOPICS, 0, 4, Metrics(), topic_is_clock=topic_is_clock)


def pulse_of(work: DetectWork) -> Pulse | None:
    """What it says of the time at a commit."""
    outbox = Outbox(1)
    work.finish(outbox)
    pulses = sent(outbox, TOPICS.brand_mentions)
    return decoder(Pulse)(pulses[-1]) if pulses else None


def kept(work: DetectWork | TrackWork) -> dict[str, bytes]:
    """What it leaves to whoever comes next."""
    return {name: part for name, part in work.take_changes().items() if part is not None}


def test_a_state_of_another_count_of_partitions_is_refused() -> None:
    """A brand's key lies elsewhere then: it would begin anew beside what is remembered of it."""
    with pytest.raises(Refused, match="4 partitions, and now there are 6"):
        DetectWork(kept(a_detector()), standard_reader(), TOPICS, 0, 6, Metrics())
    with pytest.raises(Refused, match="4 partitions, and now there are 6"):
        TrackWork(kept(a_tracker()), TOPICS, 0, 6, Metrics())


def test_an_early_alert_is_urgent_and_calm_is_not() -> None:
    work, outbox = a_tracker(), Outbox(4)
    work.take(records([*with_pulses(calm(START, 30), CRISIS)]), outbox)
    assert not work.urgent
    work.take(records(list(burst("a", CRISIS, 20)), first=10_000), outbox)
    assert work.urgent
    assert b'"stage":"early"' in sent(outbox, TOPICS.alerts)[-1]


def test_of_many_pulses_of_a_commit_the_last_goes_to_every_partition_after_the_mentions() -> None:
    work, outbox = a_detector(), Outbox(4)
    settings = settings_of(Brand(id="acme", name="Acme"))
    log = [settings, a_mention("1", START), heartbeat(START + MINUTE), a_mention("2", START), heartbeat(START + HOUR)]
    work.take(records(log), outbox)
    work.finish(outbox)
    decode = decoder(BrandMention, Pulse)
    pulses = 0
    for (topic, _), entries in outbox:
        told = [decode(value or b"") for _, value in entries if topic == TOPICS.brand_mentions]
        assert [type(record) for record in told[:-1]] == [BrandMention] * (len(told) - 1)
        pulses += sum(isinstance(record, Pulse) for record in told)
    assert pulses == 4


def beat(minutes: int, *covered: tuple[int, int], ended: bool = False) -> Heartbeat:
    spans = tuple((from_ms(START + low * MINUTE), from_ms(START + high * MINUTE)) for low, high in covered)
    return Heartbeat("a", from_ms(START + minutes * MINUTE), spans, ended)


@pytest.mark.parametrize("cut", range(7))
def test_no_pulse_is_left_out_that_says_what_was_not_known_later_wherever_commits_and_starts_are(cut: int) -> None:
    log = [
        beat(10, (0, 10)),
        beat(20, (0, 20)),
        beat(40, (0, 20)),
        beat(60, (0, 60)),
        beat(80, (0, 80)),
        beat(90, (0, 80), ended=True),
    ]
    work, outbox = a_detector(), Outbox(1)
    work.take(records(log[:cut]), outbox) if cut else None
    work.finish(outbox)
    work = a_detector(kept(work))
    work.take(records(log[cut:], first=cut), outbox) if log[cut:] else None
    work.finish(outbox)
    through = [decoder(Pulse)(raw).through for raw in sent(outbox, TOPICS.brand_mentions)]
    minutes = [round((time - from_ms(START)).total_seconds() / 60) for time in through]
    assert sorted({*minutes, 40, 60, 80, 90}) == minutes
    assert len(minutes) <= 5, "of many in a row one is enough"


def test_a_mention_that_nobody_stamped_is_stamped_with_kafkas_time() -> None:
    work, outbox = a_detector(), Outbox(1)
    raw = b'{"record":"mention/1","id":"x:1","text":"acme","created_at":"2026-01-04T23:00:00Z"}'
    work.take(records([settings_of(Brand(id="acme", name="Acme")), raw], at=START), outbox)
    (found,) = sent(outbox, TOPICS.brand_mentions)
    assert b'"ingested_at":"2026-01-05T00:00:00Z"' in found


def test_work_goes_on_from_its_parts_as_if_it_had_never_stopped() -> None:
    log: list[object] = [*with_pulses([*calm(START, 30), *burst("a", CRISIS, 20)], CRISIS + 3 * HOUR)]
    whole, halves = Outbox(4), Outbox(4)
    a_tracker().take(records(log), whole)
    first = a_tracker()
    first.take(records(log[: len(log) // 2]), halves)
    parts = {name: part for name, part in first.take_changes().items() if part is not None}
    second = a_tracker(parts)
    assert second.position == len(log) // 2
    second.take(records(log[len(log) // 2 :], first=len(log) // 2), halves)
    for topic in (TOPICS.trends, TOPICS.alerts):
        assert sent(halves, topic) == sent(whole, topic) != []


def test_what_was_seen_is_a_repeat_after_a_restart() -> None:
    work, outbox = a_detector(), Outbox(1)
    settings = settings_of(Brand(id="acme", name="Acme"))
    work.take(records([settings, a_mention("1", START)]), outbox)
    again = a_detector(kept(work))
    again.take(records([a_mention("1", START), a_mention("2", START)], first=2), outbox)
    assert len(sent(outbox, TOPICS.brand_mentions)) == 2


def test_the_same_settings_again_change_nothing() -> None:
    once, twice = Outbox(1), Outbox(1)
    log: list[object] = [*with_pulses(calm(START, 3), START + 4 * HOUR)]
    a_tracker().take(records(log), once)
    a_tracker().take(records([log[0], brand_settings(), *log[1:]]), twice)
    assert sent(twice, TOPICS.trends) == sent(once, TOPICS.trends) != []


def test_the_count_of_bad_records_in_a_row_outlives_the_worker() -> None:
    work = a_detector()
    work.take(records([settings_of(Brand(id="acme", name="Acme")), b"bad", a_mention("1", START), b"bad"]), Outbox(4))
    again = a_detector(kept(work))
    assert again.bad_in_a_row == 1
    again.take(records([b"bad", b"bad"], first=4), Outbox(4))
    assert again.bad_in_a_row == 3
    again.take(records([a_mention("2", START)], first=6), Outbox(4))
    assert again.bad_in_a_row == 0


def test_a_tracker_counts_bad_records_in_a_row_too() -> None:
    work = a_tracker()
    work.take(records([b"bad", b"bad"]), Outbox(4))
    again = a_tracker(kept(work))
    assert again.bad_in_a_row == 2


def test_mentions_that_break_detect_one_after_the_other_are_counted_as_bad() -> None:
    work = a_detector()
    work.take(records([settings_of(Brand(id="acme", name="Acme"))]), Outbox(4))
    work.detector.brands = None  # type: ignore[assignment]  # so that every mention breaks it
    work.take(records([a_mention("1", START), a_mention("2", START)], first=1), Outbox(4))
    assert work.bad_in_a_row == 2


def test_what_came_of_a_command_is_told_at_once_and_kept_under_its_name() -> None:
    work, outbox = a_tracker(), Outbox(4)
    at = from_ms(START)
    command = Command(id="1", brand="nobody", kind="resolve", alert_id="2", actor="Ana", at=at)
    work.take(records([command, brand_settings()], first=7), outbox)
    ((key, value),) = dict(outbox)[TOPICS.receipts, 0]
    receipt = decoder(Receipt)(value or b"")
    assert (key, receipt.command, receipt.done) == (b"nobody/1", command, False)
    assert receipt.told == "there is no brand 'nobody'"
    assert (work.position, work.urgent) == (9, True)
    assert sent(outbox, TOPICS.dead_letters) == []


def test_without_heartbeats_the_clock_stands_unless_the_topic_is_the_clock() -> None:
    log = records([settings_of(Brand(id="acme", name="Acme")), a_mention("1", START), a_mention("2", START + HOUR)])
    work = a_detector()
    work.take(log, Outbox(1))
    assert pulse_of(work) is None
    work = a_detector(topic_is_clock=True)
    work.take(log, Outbox(1))
    pulse = pulse_of(work)
    assert pulse is not None
    assert pulse.through == from_ms(START + HOUR)
    assert pulse.coverage == {f"{TOPICS.mentions}/0": ((from_ms(START), from_ms(START + HOUR)),)}


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(1, 20), st.booleans()), min_size=1, max_size=30), st.data())
def test_however_commits_are_cut_and_workers_change_all_is_known_of_a_source_that_comes_and_goes(
    told: list[tuple[int, int, bool]], data: st.DataObject
) -> None:
    """Though each heartbeat tells only what is new, and a pulse is left out where the next says all."""
    spans: list[tuple[int, int]] = [(0, 1)]
    beats = []
    for new, length, goes_on in told:
        first, at = len(spans) - 1, spans[-1][1]
        spans[-1] = (spans[-1][0], at + goes_on)
        spans += [(at + 2 + gap * (length + 1), at + 2 + gap * (length + 1) + length) for gap in range(new)]
        beats.append(beat(spans[-1][1] + 1, *spans[first:]))
    work, clock = a_detector(), Clock()
    while beats:
        cut = data.draw(st.integers(1, len(beats)))
        chunk, beats = beats[:cut], beats[cut:]
        outbox = Outbox(1)
        work.take(records(chunk, first=work.position), outbox)
        work.finish(outbox)
        for raw in sent(outbox, TOPICS.brand_mentions):
            clock.hear(replace(decoder(Pulse)(raw), lane=0, lanes=1))
        work = a_detector(kept(work))
        clock = msgspec.msgpack.decode(msgspec.msgpack.encode(clock), type=Clock)
    known = [(START + low * MINUTE, START + high * MINUTE) for low, high in spans]
    assert clock.coverage.by_source == {"a": known}


def test_a_topic_that_is_the_clock_is_covered_without_a_gap_through_restarts() -> None:
    work = a_detector(topic_is_clock=True)
    work.listen(START)
    again = a_detector(kept(work), topic_is_clock=True)
    again.listen(START + DAY)
    pulse = pulse_of(again)
    assert pulse is not None
    assert pulse.coverage == {f"{TOPICS.mentions}/0": ((from_ms(START), from_ms(START + DAY)),)}


def test_the_clock_of_a_topic_never_goes_back() -> None:
    work = a_detector(topic_is_clock=True)
    work.listen(START + HOUR)
    work.take(records([a_mention("1", START)]), Outbox(1))
    pulse = pulse_of(work)
    assert pulse is not None
    assert pulse.through == from_ms(START + HOUR)


def test_settings_are_written_when_they_are_new_and_outlive_the_worker() -> None:
    work, parts = a_detector(), dict[str, bytes]()
    work.take(records([settings_of(Brand(id="acme", name="Acme"))]), Outbox(4))
    parts |= kept(work)
    work.take(records([a_mention("1", START)], first=1), Outbox(4))
    later = kept(work)
    assert "settings" in parts
    assert "settings" not in later, "ten thousand brands would be written four times a second"
    again, outbox = a_detector(parts | later), Outbox(4)
    again.take(records([a_mention("2", START)], first=2), outbox)
    assert len(sent(outbox, TOPICS.brand_mentions)) == 1
    assert "settings" not in kept(again)


@pytest.mark.parametrize(
    "ahead", [a_mention("2", LATER + 2 * HOUR), heartbeat(LATER + 2 * HOUR)], ids=["mention", "heartbeat"]
)
def test_who_is_ahead_of_kafkas_time_makes_no_lane_forget_or_deaf(ahead: object) -> None:
    work, outbox = a_detector(), Outbox(4)
    work.take(records([settings_of(Brand(id="acme", name="Acme")), a_mention("1", START), ahead]), outbox)
    work.take(records([a_mention("1", START)], first=3), outbox)
    work.finish(outbox)
    assert len(sent(outbox, TOPICS.brand_mentions)) == 1, "the repeat is known, and no time was told"
    (raw,) = sent(outbox, TOPICS.dead_letters)
    assert decoder(DeadLetter)(raw).position == 2
    assert b"is ahead of the clock" in raw


def test_a_mention_that_somebody_else_stamped_is_checked_all_the_same() -> None:
    work, outbox = a_detector(), Outbox(4)
    work.take(records([replace(a_mention("1", START), id="")]), outbox)
    assert b"id is empty" in sent(outbox, TOPICS.dead_letters)[0]


def test_what_tells_the_time_does_not_hide_how_many_records_in_a_row_are_bad() -> None:
    work = a_detector()
    work.take(records([settings_of(Brand(id="acme", name="Acme")), b"bad", heartbeat(START), b"bad"]), Outbox(4))
    assert work.bad_in_a_row == 2


def test_what_was_seen_is_kept_in_few_parts_and_all_of_it_outlives_the_worker() -> None:
    work, parts = a_detector(), dict[str, bytes]()
    work.take(records([settings_of(Brand(id="acme", name="Acme"))]), Outbox(4))
    for number in range(100):
        work.take(records([a_mention(str(number), START + number)], first=number + 1), Outbox(4))
        parts |= kept(work)
    assert len([name for name in parts if name.startswith("seen/")]) == 1
    again, outbox = a_detector(parts), Outbox(4)
    again.take(records([a_mention(str(number), START + number) for number in range(101)], first=200), outbox)
    assert len(sent(outbox, TOPICS.brand_mentions)) == 1, "only the last is new"


def test_a_part_of_what_was_seen_is_full_at_some_time_and_another_one_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.runtime.seen.TOGETHER", 3)
    work, parts, written = a_detector(), dict[str, bytes](), Counter[str]()
    work.take(records([settings_of(Brand(id="acme", name="Acme"))]), Outbox(4))
    for number in range(7):
        work.take(records([a_mention(str(number), START)], first=number + 1), Outbox(4))
        changed = kept(work)
        written.update(list(changed))
        parts |= changed
    assert {name: count for name, count in written.items() if name.startswith("seen/")} == {
        "seen/0": 3,
        "seen/1": 3,
        "seen/2": 1,
    }
    assert a_detector(parts).detector.threads.posts == work.detector.threads.posts


def test_many_at_once_fill_several_parts_and_each_is_written_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.runtime.seen.TOGETHER", 3)
    work = a_detector()
    settings = settings_of(Brand(id="acme", name="Acme"))
    work.take(records([settings, *(a_mention(str(number), START) for number in range(7))]), Outbox(4))
    assert sorted(name for name in kept(work) if name.startswith("seen/")) == ["seen/0", "seen/1", "seen/2"]
    assert [name for name in kept(work) if name.startswith("seen/")] == []


def test_parts_of_which_nothing_is_known_any_more_are_gone() -> None:
    """Deletions of what nobody knew after a day, all else after two weeks."""
    parts = Parts()
    settings = settings_of(Brand(id="acme", name="Acme"))
    log: list[object] = [settings, a_mention("1", START), Deletion(id="2", ingested_at=from_ms(START))]
    later = [a_mention(f"at {days}", START + days * DAY) for days in (1, 2, 14, 17)]
    gone: list[list[str]] = []
    for number, record in enumerate([*log, *later]):
        again = a_detector({name: part for name, part in parts.items() if part is not None})
        again.take(records([record], first=number), Outbox(4))
        parts |= again.take_changes()
        gone.append(sorted(name for name, part in parts.items() if part is None))
    assert gone[-4:] == [[], ["gone/0"], ["gone/0"], ["gone/0", "seen/0", "seen/1", "seen/2"]]


def test_a_lane_goes_on_with_all_that_it_knew_of_conversations() -> None:
    work, outbox, parts = a_detector(), Outbox(4), dict[str, bytes]()
    settings = settings_of(Brand(id="acme", name="Acme"))
    log: list[object] = [
        settings,
        a_mention("1", START),
        a_mention("2", START, text="so true", parent_id="1"),
        Deletion(id="1", ingested_at=from_ms(START)),
        a_mention("2", START, text="never mind", parent_id="1", version=1),
        a_mention("1", START),
        a_mention("3", START, text="so true", parent_id="2", root_id="1"),
    ]
    for number, record in enumerate(log):
        again = a_detector(parts)
        again.take(records([record], first=number), outbox)
        parts |= kept(again)
    decode: Callable[[bytes], BrandMention | Retraction] = decoder(BrandMention, Retraction)
    told = [decode(value) for value in sent(outbox, TOPICS.brand_mentions)]
    assert [(type(one), one.trace.mention.id if isinstance(one, Retraction) else one.mention.id) for one in told] == [
        (BrandMention, "1"),
        (BrandMention, "2"),
        (Retraction, "1"),
        (Retraction, "2"),
        (BrandMention, "2"),
        (BrandMention, "3"),
    ]
    work.take(records(log), Outbox(4))
    assert again.detector.threads.posts == work.detector.threads.posts


def test_a_mention_that_says_it_is_deleted_is_a_deletion_whatever_it_lacks() -> None:
    work, outbox = a_detector(), Outbox(4)
    settings = settings_of(Brand(id="acme", name="Acme"))
    delete = b'{"record":"mention/1","op":"delete","id":"1","created_at":"2020-01-01T00:00:00Z"}'
    work.take(records([settings, a_mention("1", LATER), a_mention("1", LATER, op="delete"), delete]), outbox)
    retraction = decoder(Retraction)(sent(outbox, TOPICS.brand_mentions)[-1])
    assert (retraction.brand, retraction.because, retraction.at) == ("acme", "deleted", from_ms(LATER))
    assert not sent(outbox, TOPICS.dead_letters)


@pytest.mark.parametrize("op", ["deletion", "mention"])
def test_a_deletion_goes_to_every_lane_however_it_is_told(op: str) -> None:
    outbox = Outbox(4)
    told = Deletion(id="1") if op == "deletion" else a_mention("1", START, op="delete")
    place([Item(told, to_json(told))], TOPICS, outbox)
    assert len(sent(outbox, TOPICS.mentions)) == 4


def test_a_deletion_that_nobody_stamped_is_stamped_with_kafkas_time() -> None:
    work, outbox = a_detector(), Outbox(4)
    settings = settings_of(Brand(id="acme", name="Acme"))
    work.take(records([settings, a_mention("1", START), Deletion(id="1")], at=START + HOUR), outbox)
    assert decoder(Retraction)(sent(outbox, TOPICS.brand_mentions)[-1]).at == from_ms(START + HOUR)


def test_what_detect_notices_is_counted_once_a_chunk() -> None:
    metrics = Metrics()
    work = DetectWork({}, standard_reader(), TOPICS, 0, 4, metrics)
    settings = settings_of(Brand(id="acme", name="Acme"))
    answer = a_mention("2", START, text="so true", parent_id="1")
    gone = Deletion(id="1", ingested_at=from_ms(START))
    for first, chunk in enumerate([[settings, a_mention("1", START), answer], [answer, gone]]):
        work.take(records(chunk, first=10 * first), Outbox(4))
    text = metrics.text().decode()
    for what in ("thread_mentions", "repeats", "deletions"):
        assert f'\nlistener_noticed_total{{what="{what}"}} 1.0\n' in text


def test_settings_that_cannot_be_used_are_a_dead_letter_and_the_old_ones_stay() -> None:
    work, outbox = a_detector(), Outbox(4)
    good, wrong = settings_of(Brand(id="acme", name="Acme")), settings_of(Brand(id="a", name=" "), version="2")
    work.take(records([good, wrong, a_mention("1", START)]), outbox)
    (letter,) = [decoder(DeadLetter)(raw) for raw in sent(outbox, TOPICS.dead_letters)]
    assert (letter.position, letter.fault) == (1, "failed")
    assert len(sent(outbox, TOPICS.brand_mentions)) == 1
