"""What detect tells the trackers: brand mentions, settings, the time, and what could not be used."""

from schemas.brand_mention import BrandMention
from schemas.dead_letter import DeadLetter
from schemas.heartbeat import Heartbeat
from schemas.pulse import Pulse
from schemas.record import decoder, to_json
from schemas.settings import Brand, BrandSettings
from schemas.times import HOUR, MINUTE, from_ms, to_ms
from tests.core.building import START, a_mention, heartbeat, intervals, settings_of
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
        BrandSettings(version="1", id="brill", brand=BRILL),
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


def test_the_last_pulse_of_a_batch_tells_what_all_sources_covered() -> None:
    one = Heartbeat(source="a", through=from_ms(START + HOUR), covered=intervals([(START, START + HOUR)]))
    other = Heartbeat(source="b", through=from_ms(START + HOUR), covered=intervals([(START, START + MINUTE)]))
    pulse = Port().detect(one, other)[-1]
    assert isinstance(pulse, Pulse)
    assert set(pulse.coverage) == {"a", "b"}
