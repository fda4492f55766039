"""What the metrics say: honest after a restart, absent where nothing is known, bounded, counted once."""

import gzip
import time
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace

import pytest
from msgspec.structs import replace

from agents.brand_figures import BrandFigures
from agents.configuration import Kafka
from agents.detect import Detector, Logged, LogRecord, detect
from agents.metrics import HISTORY, LaneFigures, Metrics
from agents.reader import standard_reader
from agents.runtime.embedded import Embedded, Incoming, Outcome
from agents.runtime.outbox import Outbox
from agents.runtime.store import Store
from agents.runtime.topics import Topics
from agents.runtime.work import DetectWork, TrackWork
from agents.sources.lines import LONGEST_LINE
from listener.dead_sources import DeadSources
from listener.partition import Partition, TrackRecord
from listener.threads import Threads
from schemas.alert import Alert, Event, Stage
from schemas.command import Command, Kind
from schemas.dead_letter import DeadLetter
from schemas.record import Fault, to_json
from schemas.settings import Brand
from schemas.times import DAY, HOUR, MINUTE, SECOND, from_ms
from tests.agents.building import a_post, letters_of
from tests.core.answers import answered, asked
from tests.core.building import (
    START,
    a_mention,
    about,
    brand_settings,
    burst,
    calm,
    heartbeat,
    judged_of,
    pulse,
    run,
    said,
    settings_of,
    severe,
    talk,
    with_pulses,
)

TOPICS = Topics.of(Kafka())
CRISIS = START + 30 * HOUR

Samples = dict[tuple[str, ...], float]


def samples(figures: BrandFigures) -> Samples:
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in figures.collect()
        for sample in family.samples
    }


def told(log: Iterable[TrackRecord], figures: BrandFigures, partition: Partition) -> None:
    for record in log:
        for output in partition.step(record):
            figures.note(output)


def shown_of(log: Iterable[TrackRecord]) -> Samples:
    figures = BrandFigures()
    told(log, figures, Partition())
    return samples(figures)


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    found: float | None = metrics.registry.get_sample_value(name, labels)
    return found


@pytest.mark.parametrize("minutes", range(-300, 600, 47))
def test_a_restart_forgets_no_open_alert_and_no_closed_hour(minutes: int) -> None:
    tagged = [about("bolt", a_mention(f"b{n}", START + n * HOUR), tagged=True) for n in range(24)]
    mentions = sorted([*calm(START, 30), *burst("bad", CRISIS, 60), *tagged], key=lambda m: m.mention.created_at)
    log = with_pulses(mentions, CRISIS + 12 * HOUR, brands=("acme", "bolt", "never"))
    before = [*log[:3], *(record for record in log[3:] if _time(record) <= CRISIS + minutes * MINUTE)]
    partition, figures, after = Partition(), BrandFigures(), BrandFigures()
    told(before, figures, partition)
    after.take_up(Partition.restored({part: raw for part, raw in partition.take_changes().items() if raw is not None}))
    assert samples(after) == samples(figures)
    assert len(samples(after)) > 3 * 5


def _time(record: TrackRecord) -> int:
    at = record.mention.created_at if hasattr(record, "mention") else getattr(record, "through", None)
    return int(at.timestamp() * 1000) if at else 0


def test_an_alert_is_open_from_its_opening_to_its_end() -> None:
    log = with_pulses([*calm(START, 30), *burst("bad", CRISIS, 60)], CRISIS + 12 * HOUR)
    figures, partition = BrandFigures(), Partition()
    seen = []
    for record in log:
        told([record], figures, partition)
        seen.append(sum(count for name, count in samples(figures).items() if name[0] == "listener_alerts_open"))
    assert (seen[0], max(seen) >= 1, seen[-1]) == (0, True, 0)


def test_what_is_muted_is_open_for_nobody_who_is_called() -> None:
    figures, muted = BrandFigures(), ("listener_alerts_muted", "acme")
    open_ = ("listener_alerts_open", "acme", "critical", "final")
    seen = []
    life: tuple[tuple[Event, str | None], ...] = (
        ("opened", None),
        ("silenced", "by Ana"),
        ("acknowledged", "by Ana"),
        ("updated", None),
    )
    for event, reason in life:
        figures.note(replace(an_alert("final", event, 1), severity="critical", muted=reason))
        found = samples(figures)
        seen.append((found[open_], found[muted]))
    assert seen == [(1, 0), (0, 1), (0, 1), (1, 0)]
    figures.note(replace(an_alert("final", "resolved", 1), severity="critical", muted="by Ana"))
    assert (samples(figures)[open_], samples(figures)[muted]) == (0, 0)


def test_a_restart_does_not_forget_what_is_muted() -> None:
    log = with_pulses([*calm(START, 30), *burst("bad", CRISIS, 60)], CRISIS + 20 * MINUTE)
    silence = Command("c", "acme", "silence", "Ana", from_ms(CRISIS + 20 * MINUTE), until=from_ms(CRISIS + DAY))
    partition, figures, after = Partition(), BrandFigures(), BrandFigures()
    told([*log, silence], figures, partition)
    after.take_up(Partition.restored({part: raw for part, raw in partition.take_changes().items() if raw is not None}))
    assert samples(after)["listener_alerts_muted", "acme"] == 1
    assert samples(after) == samples(figures)


def test_a_source_is_dead_until_it_is_heard_again_also_after_a_restart() -> None:
    log: list[TrackRecord] = [brand_settings(), pulse(START + 2 * HOUR, [(START, START + HOUR)])]
    partition, figures, after = Partition(), BrandFigures(), BrandFigures()
    told(log, figures, partition)
    after.take_up(Partition.restored({part: raw for part, raw in partition.take_changes().items() if raw is not None}))
    assert samples(figures)["listener_source_dead", "test"] == 1
    assert samples(after) == samples(figures)
    told([pulse(START + 3 * HOUR)], figures, partition)
    assert samples(figures)["listener_source_dead", "test"] == 0
    assert not [name for name in samples(figures) if name[0] == "listener_alerts_open" and name[1] == ""]


@pytest.mark.parametrize("kind", ["acknowledge", "silence"])
def test_for_a_dead_source_that_somebody_looks_after_nobody_is_called_also_after_a_restart(kind: Kind) -> None:
    died: list[TrackRecord] = [brand_settings(), pulse(START + 2 * HOUR, [(START, START + HOUR)])]
    partition, figures, after = Partition(), BrandFigures(), BrandFigures()
    told(died, figures, partition)
    dead, muted = ("listener_source_dead", "test"), ("listener_source_dead_muted", "test")
    assert (samples(figures)[dead], samples(figures)[muted]) == (1, 0)
    ((_, outage),) = DeadSources(partition.state.sources, partition.state.said).outages()
    until = from_ms(START + 20 * HOUR) if kind == "silence" else None
    alert_id = outage.id if kind == "acknowledge" else ""
    told([Command("c", "", kind, "Ana", from_ms(START + 2 * HOUR), alert_id=alert_id, until=until)], figures, partition)
    assert (samples(figures)[dead], samples(figures)[muted]) == (1, 1)
    after.take_up(Partition.restored({part: raw for part, raw in partition.take_changes().items() if raw is not None}))
    assert samples(after) == samples(figures)
    told([pulse(START + 3 * HOUR)], figures, partition)
    assert (samples(figures)[dead], samples(figures)[muted]) == (0, 0)


def test_what_nobody_listened_to_is_absent_and_not_zero() -> None:
    deaf: list[TrackRecord] = [brand_settings(), pulse(START + 3 * HOUR + 2 * MINUTE, [(START, START + HOUR)])]
    found = shown_of(deaf)
    assert found["listener_brand_known", "acme"] == 0
    assert not [name for name in found if name[0] in ("listener_brand_mentions", "listener_brand_negative_share")]


def test_without_a_scored_mention_there_is_no_share_and_no_coverage() -> None:
    found = shown_of(with_pulses([], START + 2 * HOUR + 2 * MINUTE))
    assert found["listener_brand_mentions", "acme", "untagged"] == 0
    assert not [name for name in found if name[0] in ("listener_brand_coverage", "listener_brand_negative_share")]


def test_the_share_has_its_interval_and_the_hour_its_end() -> None:
    mentions = burst("good", START, 30, 0.5) + burst("bad", START + 10 * MINUTE, 10)
    found = shown_of(with_pulses(mentions, START + HOUR + 2 * MINUTE))
    share = [found[f"listener_brand_negative_share{end}", "acme"] for end in ("_low", "", "_high")]
    assert share[1] == 0.25
    assert share == sorted(share)
    assert found["listener_brand_scored", "acme"] == 40
    assert found["listener_brand_hour_end_timestamp_seconds", "acme"] == (START + HOUR) / SECOND


def test_what_is_doubtful_grave_or_of_a_kind_is_shown() -> None:
    doubted = [replace(one, certainty="doubtful") for one in burst("doubted", START, 3)]
    likely = [replace(one, certainty="probable") for one in burst("likely", START + MINUTE, 2)]
    grave = [
        replace(one, severity=(severe("safety", 0.9), severe("legal", 0.5)), talk=(talk("complaint"),))
        for one in burst("grave", START + 2 * MINUTE, 4)
    ]
    found = shown_of(with_pulses([*doubted, *likely, *grave], START + HOUR + 2 * MINUTE))
    assert found["listener_brand_mentions", "acme", "untagged"] == 6
    assert found["listener_brand_doubtful_mentions", "acme"] == 3
    assert found["listener_brand_probable_mentions", "acme"] == 2
    assert found["listener_brand_severity", "acme"] == 3.6
    said = {
        name[1:]: count for name, count in found.items() if name[0].endswith(("_severe_mentions", "_talk_mentions"))
    }
    assert said == {("acme", "safety"): 4, ("acme", "legal"): 4, ("acme", "complaint"): 4}


def test_how_many_had_no_answer_is_shown_by_the_hour_in_which_they_were_due() -> None:
    mentions = [asked("q1", START), asked("q2", START + MINUTE), answered("a", START + HOUR, "q1")]
    found = shown_of(with_pulses(mentions, START + 5 * HOUR + 2 * MINUTE))
    assert found["listener_brand_due_mentions", "acme"] == 2
    assert found["listener_brand_unanswered_mentions", "acme"] == 1
    before = shown_of(with_pulses(mentions, START + 4 * HOUR + 2 * MINUTE))
    assert ("listener_brand_due_mentions", "acme") not in before


def test_where_nobody_spoke_nothing_is_said_of_how_grave_it_was() -> None:
    found = shown_of(with_pulses([], START + 2 * HOUR + 2 * MINUTE))
    assert found["listener_brand_doubtful_mentions", "acme"] == 0
    assert not [name for name in found if name[0].startswith(("listener_brand_sever", "listener_brand_talk"))]


def test_a_revision_of_an_earlier_hour_does_not_take_the_place_of_the_last() -> None:
    late = said("late", START + 3 * HOUR + 10 * MINUTE, written=START + MINUTE)
    found = shown_of(with_pulses([late], START + 3 * HOUR + 20 * MINUTE))
    assert found["listener_brand_hour_end_timestamp_seconds", "acme"] == (START + 3 * HOUR) / SECOND
    assert found["listener_brand_mentions", "acme", "untagged"] == 0


def test_a_brand_that_nobody_looks_for_any_more_is_gone_after_a_day() -> None:
    log: list[TrackRecord] = [brand_settings("acme"), brand_settings("bolt"), pulse(START + 2 * HOUR)]
    gone = brand_settings("bolt", START + 2 * HOUR, "2", gone=True)
    there = shown_of([*log, gone, pulse(START + DAY)])
    later = shown_of([*log, gone, pulse(START + DAY), pulse(START + 2 * DAY)])
    assert ("listener_brand_known", "bolt") in there
    assert not [name for name in later if "bolt" in name]
    assert ("listener_brand_known", "acme") in later


def an_alert(stage: Stage, event: Event, at: int) -> Alert:
    (found, *_) = [
        told
        for told in run(with_pulses([*calm(START, 30), *burst("bad", CRISIS, 60)], CRISIS + HOUR))
        if isinstance(told, Alert)
    ]
    judged = replace(judged_of(found), end=from_ms(at))
    return replace(found, stage=stage, event=event, at=from_ms(at + (0 if stage == "early" else MINUTE)), judged=judged)


def test_the_delay_of_an_alert_is_from_its_newest_evidence() -> None:
    metrics, now = Metrics(), int(time.time() * SECOND)
    alerts = [an_alert("early", "opened", now - 3 * SECOND), an_alert("final", "escalated", now - 70 * SECOND)]
    metrics.committed("track", {}, alerts, 0.01)
    early = value(metrics, "listener_alert_delay_seconds_sum", stage="early") or 0
    final = value(metrics, "listener_alert_delay_seconds_sum", stage="final") or 0
    assert 3 <= early < 5
    assert 70 <= final < 72


def test_alerts_that_call_nobody_or_are_about_history_have_no_delay() -> None:
    metrics, now = Metrics(), int(time.time() * SECOND)
    alerts = [an_alert("final", "resolved", now), an_alert("final", "revised", now)]
    alerts += [an_alert("early", "opened", now - (HISTORY + 1) * SECOND)]
    metrics.committed("track", {}, alerts, 0.01)
    assert value(metrics, "listener_alert_delay_seconds_count", stage="early") == 0
    assert value(metrics, "listener_alert_delay_seconds_count", stage="final") == 0


def test_the_delay_of_reading_is_that_of_the_last_mention() -> None:
    metrics = Metrics()
    log = [
        a_mention("a", START + HOUR, START),
        a_mention("b", START + HOUR, START + HOUR - 7 * SECOND),
        heartbeat(START),
    ]
    metrics.read(reversed(log))
    metrics.read([heartbeat(START)])
    assert value(metrics, "listener_read_delay_seconds_sum") == 7
    assert value(metrics, "listener_read_delay_seconds_count") == 1


def test_dead_letters_are_counted_by_class_from_zero_on() -> None:
    metrics = Metrics()
    assert value(metrics, "listener_dead_letters_total", agent="detect", reason="failed") == 0
    letters = [DeadLetter.of(source, 1, "any text", b"", "failed") for source in ("mentions", "track", "posts.jsonl")]
    metrics.committed("both", {}, letters, 0.01)
    metrics.committed("track", {}, [DeadLetter.of("brand-mentions/0", 1, "another text", b"")], 0.01)
    counted = [
        value(metrics, "listener_dead_letters_total", agent=agent, reason="failed")
        for agent in ("detect", "track", "source")
    ]
    assert counted == [1, 1, 1]
    assert value(metrics, "listener_dead_letters_total", agent="track", reason="invalid") == 1


FAULTS: dict[bytes, Fault] = {
    b"\xff": "unreadable",
    b"{": "unreadable",
    b'{"deep":' + b"[" * 100_000: "unreadable",
    b"{}": "invalid",
    to_json(replace(a_mention("", START), ingested_at=None)): "invalid",
    to_json(replace(a_mention("", START), op="delete")): "invalid",
}


@pytest.mark.parametrize("raw", FAULTS, ids=lambda raw: raw[:20])
def test_each_dead_letter_of_a_worker_says_whose_fault_it_is(raw: bytes) -> None:
    outbox = Outbox(1)
    work = DetectWork({}, standard_reader(), TOPICS, 0, 1, Metrics())
    work.take([SimpleNamespace(offset=0, value=raw, timestamp=START)], outbox)
    assert [letter.fault for letter in outbox.told if isinstance(letter, DeadLetter)] == [FAULTS[raw]]


@pytest.mark.parametrize(("raw", "fault"), [(b"\xff", "unreadable"), (b'{"record":"pulse/1"}', "invalid")])
def test_so_does_one_of_track(raw: bytes, fault: Fault) -> None:
    outbox = Outbox(1)
    TrackWork({}, TOPICS, 0, 1, Metrics()).take([SimpleNamespace(offset=0, value=raw, timestamp=START)], outbox)
    assert [letter.fault for letter in outbox.told if isinstance(letter, DeadLetter)] == [fault]


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("posts.jsonl", b"oops\n", "unreadable"),
        ("posts.jsonl", a_post("a") + b'\n{"id":"b"}\n', "invalid"),
        ("posts.jsonl", b'{"op":"delete"}\n', "invalid"),
        ("posts.jsonl", a_post("a") + b"\n" + b"x" * (LONGEST_LINE + 1), "unreadable"),
        ("posts.jsonl.gz", gzip.compress(a_post("a") + b"\n", mtime=0) + b"what is this?", "unreadable"),
        ("posts.csv", b"id,text,created_at\na,b\n", "unreadable"),
        ("posts.csv", b"id,text,created_at\na,b,never\n", "invalid"),
    ],
)
def test_so_does_one_of_a_file(name: str, content: bytes, fault: Fault, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    assert [letter.fault for letter in letters_of(tmp_path / name)] == [fault]


def test_what_breaks_us_is_our_own_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.detect.enrich", lambda *_: 1 // 0)
    outcome = Outcome()
    detect([Logged(1, a_mention("a", START))], Detector(standard_reader(), Threads()), outcome)
    assert [letter.fault for letter in outcome.letters] == ["failed"]


def test_the_state_of_the_embedded_lane_weighs_what_is_stored(tmp_path: Path) -> None:
    with Store(tmp_path / "test.db") as store:
        lane = Embedded(store, standard_reader())
        lane.configure(settings_of(Brand(id="acme", name="Acme")))
        for day in range(12):
            at = START + day * DAY
            batch: list[LogRecord] = [a_mention(f"{day}", at), heartbeat(at + HOUR)]
            lane.step([Incoming(record, to_json(record)) for record in batch], None, None)
            assert lane.state_bytes["track"] == sum(map(len, store.state("track/").values()))
            assert lane.state_bytes["detect"] == len(store.state("lane/")["detect"])
        assert Embedded(store, standard_reader()).state_bytes == lane.state_bytes


def test_lanes_that_nobody_holds_are_seen_and_a_lag_that_nobody_knows_is_absent() -> None:
    metrics = Metrics()
    metrics.lanes(
        {"detect": 4, "track": 4},
        lambda: [LaneFigures("track", 3, None, 10, None), LaneFigures("track", 1, 5, 20, 60_000)],
    )
    assert [value(metrics, "listener_lanes_held", agent=agent) for agent in ("detect", "track")] == [0, 2]
    assert value(metrics, "listener_lanes_expected", agent="detect") == 4
    assert b'listener_lag_records{agent="track",partition="3"}' not in metrics.text()
    assert [value(metrics, "listener_lag_records", agent="track", partition=lane) for lane in "31"] == [None, 5]
    assert [value(metrics, "listener_clock_timestamp_seconds", agent="track", partition=lane) for lane in "31"] == [
        None,
        60,
    ]


def test_every_metric_has_a_sentence() -> None:
    metrics = Metrics()
    metrics.lanes({}, list)
    assert [family.name for family in metrics.registry.collect() if not family.documentation.endswith(".")] == []
