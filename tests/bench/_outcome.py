"""All that workers have put out and kept, read by a consumer of committed records, and how two such readings differ."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec

from agents.configuration import Kafka
from agents.runtime.lane import LARGEST_PART, SPLIT, joined
from agents.runtime.reading import read_to_end
from agents.runtime.seen import SeenParts
from agents.runtime.topics import Topics
from agents.runtime.work import HEAD, SETTINGS, TRACKERS, VERSION, DetectHead
from listener.state import unpack
from listener.threads import Change, Post
from schemas.alert import Alert
from schemas.dead_letter import DeadLetter
from schemas.record import decoder
from schemas.settings import Settings
from tests.kafka.building import BRAND_MENTION, RETRACTION, is_final

BROKEN = b'"id":"boom:'  # of mentions that are made to break their tracker

_alert = decoder(Alert)
_dead_letter = decoder(DeadLetter)


class Outcome(NamedTuple):
    """What came out, as digests; `broken` are brand mentions that are to end as dead letters.

    `events` are all events of alerts, early ones too; `letters` what was set aside, and `places` where it lay.
    `state` is what trackers and detect remember, without what depends on where commits were cut. `largest_part` is
    the size of the largest part of a state that was ever written, if it was split.
    """

    brand_mentions: Counter[bytes]
    retractions: Counter[bytes]
    broken: Counter[bytes]
    trends: Counter[bytes]
    alerts: Counter[bytes]
    events: Counter[tuple[str, int, bytes]]
    letters: Counter[bytes]
    places: Counter[tuple[str, int]]
    state: dict[str, bytes]
    largest_part: int

    @property
    def mismatched(self) -> int:
        """How many (id, sequence) of alerts came with more than one content."""
        contents = Counter((id_, sequence) for id_, sequence, _ in self.events)
        return sum(count > 1 for count in contents.values())

    @property
    def repeated(self) -> int:
        """How many events of alerts came again, word for word, and records were set aside again."""
        return sum(count - 1 for counts in (self.events, self.places) for count in counts.values())


class Difference(NamedTuple):
    """How a reading differs from what it should be. All of it must be 0."""

    lost: int
    doubled: int
    trends: int
    alerts: int
    state: int
    mismatched: int


def digest(record: bytes) -> bytes:
    """What stands for a record: the same for the same bytes."""
    return blake2b(record, digest_size=12).digest()


def difference(found: Outcome, wanted: Mapping[str, Counter[bytes]], state: Mapping[str, bytes]) -> Difference:
    """What is different. Retractions and dead letters count as mentions: a missing one is lost, one more doubled."""
    pairs = [
        (found.brand_mentions, wanted["brand_mentions"]),
        (found.retractions, wanted["retractions"]),
        (found.letters, wanted["letters"] + found.broken),
    ]
    kept = found.state.keys() | state.keys()
    return Difference(
        lost=sum((wished - given).total() for given, wished in pairs),
        doubled=sum((given - wished).total() for given, wished in pairs) + found.repeated,
        trends=_apart(found.trends, wanted["trends"]),
        alerts=_apart(found.alerts, wanted["alerts"]),
        state=sum(found.state.get(name) != state.get(name) for name in kept) if state else 0,
        mismatched=found.mismatched,
    )


def state_differences(found: Mapping[str, bytes], wanted: Mapping[str, bytes]) -> Iterator[str]:
    """The parts of a state that differ, each with the first place in it, for whoever has to find out why."""
    for name in sorted(found.keys() | wanted.keys()):
        one, other = found.get(name), wanted.get(name)
        if one is None or other is None:
            yield f"{name}: {'missing' if one is None else 'not wanted'}"
        elif one != other:
            yield f"{name}{_first_apart(msgspec.msgpack.decode(one), msgspec.msgpack.decode(other))}"


def _first_apart(one: Any, other: Any) -> str:
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for place, (left, right) in enumerate(zip(one, other, strict=True)):
            if left != right:
                named = left[0] if isinstance(left, list) and left and isinstance(left[0], str) else place
                return f"/{named}{_first_apart(left, right)}"
    return f": {_shortened(one)} instead of {_shortened(other)}"


def _shortened(value: Any) -> str:
    return f"{value!r:.1000}"


def _apart(one: Counter[bytes], other: Counter[bytes]) -> int:
    return max((one - other).total(), (other - one).total())


async def read_outcome(kafka: Kafka) -> Outcome:
    """Read all of it."""
    topics = Topics.of(kafka)
    mentions, retractions, broken = Counter[bytes](), Counter[bytes](), Counter[bytes]()
    async for value in _values(kafka, topics.brand_mentions):
        if value.startswith(BRAND_MENTION):
            (broken if BROKEN in value else mentions)[digest(value)] += 1
        elif value.startswith(RETRACTION):
            retractions[digest(value)] += 1
    trends = Counter([digest(value) async for value in _values(kafka, topics.trends)])
    alerts = [value async for value in _values(kafka, topics.alerts)]
    named = [(_alert(value), value) for value in alerts]
    letters = [_dead_letter(value) async for value in _values(kafka, topics.dead_letters, 1)]
    state, largest = await _state(kafka, topics)
    return Outcome(
        mentions,
        retractions,
        broken,
        trends,
        Counter(map(digest, filter(is_final, alerts))),
        Counter((name.id, name.sequence, digest(value)) for name, value in named),
        Counter(digest(letter.raw) for letter in letters),
        Counter((letter.source, letter.position) for letter in letters),
        state,
        largest,
    )


async def _values(kafka: Kafka, topic: str, partitions: int | None = None) -> AsyncIterator[bytes]:
    wanted = [(topic, number) for number in range(partitions or kafka.partitions)]
    async for record in read_to_end(kafka, wanted):
        yield record.value or b""


async def _state(kafka: Kafka, topics: Topics) -> tuple[dict[str, bytes], int]:
    kept: dict[str, bytes] = {}
    largest = 0
    for topic in (topics.detect_state, topics.track_state):
        for lane in range(kafka.partitions):
            records: dict[bytes, bytes] = {}
            async for record in read_to_end(kafka, [(topic, lane)]):
                largest = max(largest, _pieces(record.value) * LARGEST_PART)
                if record.value is None:
                    records.pop(record.key, None)
                else:
                    records[record.key] = record.value
            parts = joined(records)
            kept |= _of_detect(parts, lane) if topic == topics.detect_state else _of_track(parts, lane)
    return kept, largest


def _pieces(value: bytes | None) -> int:
    return int(value.removeprefix(SPLIT)) if value and value.startswith(SPLIT) else 0


def _of_track(parts: dict[str, bytes], lane: int) -> dict[str, bytes]:
    return {
        f"track {lane} {name.removeprefix(TRACKERS)}": in_order(part)
        for name, part in parts.items()
        if name.startswith(TRACKERS)
    }


def in_order(part: bytes) -> bytes:
    """A part of a tracker's state without what nobody promises: the order of keys is that of arrival."""
    return msgspec.msgpack.encode(_promised(msgspec.msgpack.decode(part, strict=False)))


def _promised(value: Any) -> Any:
    """Of the last early warnings only whether they are still open: when they were raised follows from pulses.

    What was sampled of an open window lies as it came; of a closed one it is in order.
    """
    if isinstance(value, dict):
        if "sample" in value:
            posts, *others = value["sample"]
            value = value | {"sample": [sorted(posts), *others]}
        if "early" in value:
            value = value | {"early": [scope for scope, told in value["early"].items() if told["open"]]}
        return [(key, _promised(value[key])) for key in sorted(value)]
    return [_promised(entry) for entry in value] if isinstance(value, list) else value


def _of_detect(parts: dict[str, bytes], lane: int) -> dict[str, bytes]:
    """Without positions, and without what is beyond the horizon: that goes with the part that it lies in."""
    head = unpack(parts[HEAD], DetectHead, VERSION) if HEAD in parts else DetectHead()
    seen = list(SeenParts(parts, VERSION).take_restored())
    newest = max((change.hour for change in seen), default=0)
    kept = sorted(
        msgspec.msgpack.encode(change) for change in seen if change.until >= newest and not _is_broken(change)
    )
    settings = unpack(parts[SETTINGS], Settings, VERSION).version if SETTINGS in parts else None
    told = {"settings": settings, "coverage": head.coverage, "through": head.through}
    return {
        f"detect {lane} head": msgspec.msgpack.encode(msgspec.json.encode(told, order="deterministic")),
        f"detect {lane} seen": msgspec.msgpack.encode(kept),
    }


def _is_broken(change: Change) -> bool:
    return isinstance(change, Post) and change.id.startswith("boom:")
