"""What detect tells the trackers: brand mentions, settings, the time, and what could not be used."""

from hypothesis import given
from hypothesis import strategies as st

from agents.detect import LATEST
from schemas.brand_mention import BrandMention
from schemas.dead_letter import DeadLetter
from schemas.heartbeat import Heartbeat
from schemas.pulse import Pulse
from schemas.record import decoder, to_json
from schemas.settings import Brand, BrandSettings
from schemas.times import HOUR, MINUTE, from_ms, to_ms
from tests.core.building import START, a_mention, heartbeat, intervals, latest, run, settings_of
from tests.core.detecting import ACME, BRILL, Port


def test_a_mention_becomes_a_record_for_each_brand() -> None:
    port = Port()
    port.detect(settings_of(ACME, BRILL))
    found = port.detect(a_mention("1", START, text="acme, brill"), a_mention("2", START, text="nobody"))
    assert [record.brand for record in found if isinstance(record, BrandMention)] == ["acme", "brill"]
    assert (port.detector.counts["mentions"], port.detector.counts["brand_mentions"]) == (2, 2)


def test_repeats_are_dropped_and_counted() -> None:
    port = Port()
    port.detect(settings_of(ACME))
    mention = a_mention("1", START, text="acme")
    assert len(port.detect(mention, mention, mention)) == 1
    assert port.detector.counts["repeats"] == 2


def test_what_cannot_be_used_is_set_aside_with_position_and_reason_and_the_rest_goes_on() -> None:
    port = Port()
    port.detect(settings_of(ACME))
    bad = a_mention("1", START, text="acme boom")
    found = port.detect(bad, a_mention("3", START, text="acme"))
    assert [record.mention.id for record in found if isinstance(record, BrandMention)] == ["3"]
    assert [(letter.source, letter.position, letter.reason) for letter in port.letters] == [
        ("mentions", 1, "detect failed: ValueError: boom")
    ]
    assert decoder(DeadLetter)(to_json(port.letters[0])).raw == to_json(bad)


def test_each_tracker_is_told_of_its_own_settings_when_they_change() -> None:
    port = Port()
    assert port.detect(settings_of(ACME, BRILL, version="1")) == [
        BrandSettings(version="1", id="acme", brand=ACME),
        BrandSettings(version="1", id="brill", brand=BRILL, ambiguous=True),  # it is a fish, too
    ]
    changed = Brand(id="brill", name="Brill", aliases=("Brill Beer",))
    assert port.detect(settings_of(ACME, changed, version="2")) == [
        BrandSettings(version="2", id="brill", brand=changed)
    ]
    assert port.detect(settings_of(ACME, version="3")) == [BrandSettings(version="3", id="brill", brand=None)]
    assert port.detect(settings_of(ACME, version="4")) == []


def test_a_heartbeat_becomes_a_pulse_of_the_lane() -> None:
    port = Port()
    port.detector.lane, port.detector.lanes = 2, 5
    pulse = port.detect(heartbeat(START + HOUR))[-1]
    assert isinstance(pulse, Pulse)
    assert (pulse.lane, pulse.lanes, to_ms(pulse.through)) == (2, 5, START + HOUR)
    assert pulse.coverage == {"test": intervals([(START, START + HOUR)])}


def beat(source: str, through: int, *covered: tuple[int, int], ended: bool = False) -> Heartbeat:
    """A heartbeat, in minutes since START."""
    spans = intervals([(START + low * MINUTE, START + high * MINUTE) for low, high in covered])
    return Heartbeat(source=source, through=from_ms(START + through * MINUTE), covered=spans, ended=ended)


def times(*beats: Heartbeat) -> list[int]:
    """How far each pulse goes, in minutes since START."""
    pulses = [record for record in Port().detect(*beats) if isinstance(record, Pulse)]
    return [(to_ms(pulse.through) - START) // MINUTE for pulse in pulses]


def test_no_window_closes_before_all_sources_said_what_they_covered() -> None:
    port = Port()
    beats = [beat("b", 120, (0, 120)), beat("a", 300, (122, 300)), beat("b", 300, (0, 300))]
    found = latest(run(port.detect(settings_of(ACME), *beats)))
    hours = [found["acme", "hour", START + hour * HOUR].known for hour in range(3)]
    assert hours == [1.0, 1.0, 1.0]


def test_time_goes_on_to_where_all_sources_have_told_it() -> None:
    assert times(beat("a", 10), beat("b", 5), beat("b", 9), beat("a", 20), beat("b", 12)) == [10, 10, 10, 10, 12]


def test_a_source_that_has_ended_holds_no_clock_until_it_speaks_again() -> None:
    assert times(beat("a", 1), beat("b", 2), beat("a", 3, ended=True), beat("b", 50), beat("a", 60), beat("b", 70)) == [
        *(1, 1, 2, 50, 50, 60)
    ]


def test_when_all_have_ended_the_last_word_counts() -> None:
    assert times(beat("a", 5, ended=True), beat("b", 9, ended=True), beat("a", 7, ended=True)) == [5, 9, 9]


def test_a_source_whose_process_is_gone_holds_it_for_three_heartbeats_of_others_a_quarter_of_an_hour_later() -> None:
    beats = [beat("a", 0), *(beat("b", minute) for minute in (0, 10, 15, 16, 17, 18, 19))]
    assert times(*beats) == [0, 0, 0, 0, 0, 0, 18, 19]
    assert times(*beats, beat("a", 20), beat("b", 25)) == [0, 0, 0, 0, 0, 0, 18, 19, 19, 20]


def test_a_pulse_tells_the_latest_intervals_of_a_source_and_all_that_its_heartbeat_did() -> None:
    port = Port()
    spans = [(10 * at, 10 * at + 5) for at in range(100)]
    pulses = port.detect(*(beat("a", 10 * at + 5, *spans[max(0, at - 1) : at + 1]) for at in range(100)))
    assert [len(pulse.coverage["a"]) for pulse in pulses if isinstance(pulse, Pulse)] == [
        min(at + 1, LATEST) for at in range(100)
    ]
    pulses = port.detect(beat("a", 1_000, *spans), beat("b", 1_000), beat("a", 1_000, spans[-1]))
    assert [len(pulse.coverage["a"]) for pulse in pulses if isinstance(pulse, Pulse)] == [100, 100, LATEST]


def test_who_runs_the_sources_may_tell_the_time_and_covers_nothing() -> None:
    port = Port()
    *_, last = port.detect(beat("a", 5, (0, 5)), beat("", 9), beat("a", 9, (0, 5)))
    assert isinstance(last, Pulse)
    assert (set(last.coverage), to_ms(last.through)) == ({"a"}, START + 9 * MINUTE)


def test_pulses_say_who_has_ended() -> None:
    port = Port()
    *_, last = port.detect(beat("b", 5, ended=True), beat("a", 5, ended=True), beat("", 5, ended=True), beat("c", 5))
    assert isinstance(last, Pulse)
    assert last.ended == ("a", "b")


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 400), st.booleans()), min_size=1, max_size=30))
def test_the_time_never_goes_back_nor_ahead_of_what_was_said(said: list[tuple[str, int, bool]]) -> None:
    found = times(*(beat(source, through, ended=ended) for source, through, ended in said))
    assert found == sorted(found)
    assert all(minute <= max(through for _, through, _ in said[: place + 1]) for place, minute in enumerate(found))


def test_the_last_pulse_of_a_batch_tells_what_all_sources_covered() -> None:
    one = Heartbeat(source="a", through=from_ms(START + HOUR), covered=intervals([(START, START + HOUR)]))
    other = Heartbeat(source="b", through=from_ms(START + HOUR), covered=intervals([(START, START + MINUTE)]))
    pulse = Port().detect(one, other)[-1]
    assert isinstance(pulse, Pulse)
    assert set(pulse.coverage) == {"a", "b"}
