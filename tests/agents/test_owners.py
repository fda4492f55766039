"""On Kafka: all events of an alert go to the lane of notify that knows it."""

from types import SimpleNamespace

from msgspec.structs import replace

from agents.configuration import Kafka
from agents.metrics import Metrics
from agents.runtime.outbox import Outbox
from agents.runtime.topics import Topics
from agents.runtime.work import TrackWork
from schemas.pulse import Pulse
from schemas.record import to_json
from schemas.settings import Brand
from schemas.times import DAY, HOUR, to_ms
from tests.core.building import START, brand_settings, burst, calm, with_pulses

TOPICS = Topics.of(Kafka())
CRISIS = START + 30 * HOUR


def test_the_end_of_an_alert_goes_where_it_began_though_its_brand_is_gone_by_then() -> None:
    work, outbox = TrackWork({}, TOPICS, 0, 4, Metrics()), Outbox(4)
    owned = replace(brand_settings(), brand=Brand(id="acme", name="Acme", owner="ana"))
    gone = brand_settings(at=CRISIS + HOUR, version="2", gone=True)
    talk = with_pulses([*calm(START, 30), *burst("a", CRISIS, 40)], CRISIS + DAY, brands=())
    cut = next(place for place, one in enumerate(talk) if isinstance(one, Pulse) and to_ms(one.through) > CRISIS + HOUR)
    log = [owned, *talk[:cut], gone, *talk[cut:]]
    work.take([SimpleNamespace(offset=n, value=to_json(one), timestamp=0) for n, one in enumerate(log)], outbox)
    told = [entry for (topic, _), entries in outbox for entry in entries if topic == TOPICS.alerts]
    assert b'"event":"resolved"' in (told[-1][1] or b"")
    assert {key for key, _ in told} == {b"ana"}
