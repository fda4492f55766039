"""Erasing from the cluster: found, taken back by the workers, and when retention will have removed the words.

Nothing in a topic can be overwritten: what was said is gone when its segments are.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer

from agents.clock import now_ms
from agents.configuration import Kafka
from agents.runtime import topics as cluster
from agents.runtime.connection import connecting
from agents.runtime.outbox import LARGEST_BATCH, Outbox, send
from agents.runtime.reading import ends_of, read_to_end
from agents.runtime.topics import TopicPartition, Topics, WrongTopics
from agents.runtime.work import HEAD, VERSION, DetectHead, TrackHead
from listener.erasing import Erasure, Names
from listener.formats.canonical import FAR_AHEAD
from listener.plural import many
from listener.state import unpack
from listener.threads import HORIZON, read_of
from schemas.brand_mention import BrandMention
from schemas.dead_letter import DeadLetter
from schemas.deletion import Deletion
from schemas.heartbeat import Heartbeat
from schemas.mention import Mention
from schemas.pulse import Pulse
from schemas.record import BadRecord, decoder, to_json
from schemas.retraction import Retraction
from schemas.settings import BrandSettings, Settings
from schemas.times import DAY, MINUTE, from_ms

DEADLINE = 30.0  # seconds for the writing
LOOK_SECONDS = 0.5
TOLD_EACH = 5_000
REMOVAL = 10 * MINUTE  # the broker looks each 5 minutes by default, and deletes a minute later
WITHOUT_TEXT = {
    "trends": "figures: neither words nor ids",
    "detect_state": "no words; ids of posts for 14 days, then compacted away",
    "track_state": "no words; ids of posts for a day, as examples until others come; marks of authors for 14 days",
    "settings": "nothing of posts",
    "sources": "no words; where each source goes on",
}

_log_record = decoder(Mention, Deletion, Heartbeat, Settings)
_track_record = decoder(BrandMention, Retraction, BrandSettings, Pulse)
_dead_letter = decoder(DeadLetter)


class Retention(NamedTuple):
    """What becomes of a topic. `records` is how many hold words of what was erased, `words_gone` when none does."""

    name: str
    records: int
    words_gone: datetime | None
    ids_gone: datetime | None
    told: str


class ErasedInKafka(NamedTuple):
    """What was erased. `ids` are all that were to go, `unknown` those of which no post was found.

    `brand_mentions` are those that had not been taken back before, `retracted` those that are since, `unretractable`
    those that detect remembers no more: their figures stay. `left` says what is not done yet, and what to do.
    """

    ids: tuple[str, ...]
    unknown: tuple[str, ...]
    brand_mentions: int
    retracted: int
    unretractable: int
    topics: tuple[Retention, ...]
    left: tuple[str, ...]

    @property
    def proven(self) -> bool:
        """Whether all is taken back, and retention will do the rest."""
        return not self.left


async def erase_in_kafka(
    kafka: Kafka, erasure: Erasure, patience: float, progress: Callable[[int], None]
) -> ErasedInKafka:
    """Find what is to be erased, tell all partitions, and wait until the workers have taken it.

    Raise WrongTopics, and what the broker answers.
    """
    problems = [problem.text for problem in await cluster.check(kafka) if problem.fatal]
    if problems:
        raise WrongTopics("; ".join(problems))
    return await _Erasing(kafka, erasure, progress).run(patience)


class _Held:
    """The records of a topic that hold words of what is to be erased."""

    def __init__(self) -> None:
        self.records = 0
        self.last = 0  # ms, by Kafka's own time
        self.newest = 0  # of all in the topic: a time ahead of the clock keeps its segment

    def note(self, record: Any, *, holds: bool) -> None:
        self.newest = max(self.newest, record.timestamp)
        if holds:
            self.records += 1
            self.last = max(self.last, record.timestamp)


class _Erasing:
    def __init__(self, kafka: Kafka, erasure: Erasure, progress: Callable[[int], None]) -> None:
        self._kafka = kafka
        self._names = Topics.of(kafka)
        self._erasure = erasure
        self._given = tuple(erasure.ids)
        self._progress = progress
        self._read = 0
        self._newest = 0  # when the newest mention was read, in ms: a history's log is not of now
        self._found: set[str] = set()
        self._counted: dict[tuple[str, str], int] = {}  # (brand, id) that is not taken back: when it was read
        self._held = {topic: _Held() for topic in (self._names.mentions, self._names.brand_mentions)}
        self._held[self._names.dead_letters] = _Held()

    async def run(self, patience: float) -> ErasedInKafka:
        await self._find()
        counted = len(self._counted)
        left = await self._tell(asyncio.get_running_loop().time() + patience) if self._erasure.ids else []
        old = [key for key, read in self._counted.items() if read < self._newest - HORIZON]
        missing = len(self._counted) - len(old)
        if missing and not left:
            left.append(f"{missing:,} brand mentions were not taken back: does a worker's detect know their posts?")
        retention = await self._retention()
        left += [f"{topic.name}: {topic.told}" for topic in retention if topic.records and topic.words_gone is None]
        return ErasedInKafka(
            ids=tuple(self._erasure.ids),
            unknown=tuple(id_ for id_ in self._given if id_ not in self._found),
            brand_mentions=counted,
            retracted=counted - len(self._counted),
            unretractable=len(old),
            topics=tuple(retention),
            left=tuple(left),
        )

    async def _find(self) -> None:
        """Read what holds words. Mentions first: they say which posts are an author's."""
        given = self._erasure.names()
        async for record in self._records(self._names.mentions):
            self._note(record, self._is_mention_of_theirs(record, given))
        async for record in self._records(self._names.brand_mentions):
            self._note(record, self._is_brand_mention_of_theirs(record, given))
        names = self._erasure.names()
        async for record in self._records(self._names.dead_letters):
            self._note(record, _is_letter_with(record, names))

    def _note(self, record: Any, holds: bool) -> None:
        self._held[record.topic].note(record, holds=holds)

    async def _records(self, topic: str, since: Mapping[TopicPartition, int] | None = None) -> AsyncIterator[Any]:
        async for record in read_to_end(self._kafka, self._partitions(topic), since, long=True):
            self._read += 1
            if self._read % TOLD_EACH == 0:
                self._progress(self._read)
            yield record

    def _partitions(self, topic: str) -> list[TopicPartition]:
        count = 1 if topic == self._names.dead_letters else self._kafka.partitions
        return [(topic, number) for number in range(count)]

    def _is_mention_of_theirs(self, record: Any, given: Names) -> bool:
        try:
            read = _log_record(record.value or b"")
        except BadRecord:
            return given.stand_in(record.value or b"")
        if not isinstance(read, Mention):
            return False
        at = read_of(read) if read.ingested_at is not None else record.timestamp
        if at <= record.timestamp + FAR_AHEAD:
            self._newest = max(self._newest, at)
        return self._look_at(read)

    def _is_brand_mention_of_theirs(self, record: Any, given: Names) -> bool:
        try:
            read = _track_record(record.value or b"")
        except BadRecord:  # commands are among them
            return given.stand_in(record.value or b"")
        if isinstance(read, BrandMention) and self._look_at(read.mention):
            self._counted[read.brand, read.mention.id] = read_of(read.mention)
            return True
        if isinstance(read, Retraction):
            self._counted.pop((read.brand, read.trace.mention.id), None)
        return False

    def _look_at(self, mention: Mention) -> bool:
        theirs = self._erasure.look_at(mention)
        if theirs:
            self._found.add(mention.id)
        return theirs

    async def _tell(self, deadline: float) -> list[str]:
        """Write the deletions, and wait for detect, then for track; return what has not come by then."""
        names, kafka = self._names, self._kafka
        watched = (names.mentions, names.brand_mentions, names.detect_state, names.track_state)
        since = await ends_of(kafka, [tp for topic in watched for tp in self._partitions(topic)])
        await self._write()
        written = {record.partition: record.offset + 1 async for record in self._records(names.mentions, since)}
        late = await self._wait_for(names.detect_state, DetectHead, written, since, deadline)
        taken_back: dict[int, int] = {}
        async for record in self._records(names.brand_mentions, since):
            read = _retraction(record)
            if read is not None and read.trace.mention.id in self._erasure.ids:
                self._counted.pop((read.brand, read.trace.mention.id), None)
                taken_back[record.partition] = record.offset + 1
        if late:
            return [_not_taken(names.mentions, "detect", late)]
        late = await self._wait_for(names.track_state, TrackHead, taken_back, since, deadline)
        return [_not_taken(names.brand_mentions, "track", late)] if late else []

    async def _write(self) -> None:
        """All partitions get them, or none does."""
        at = from_ms(self._newest) if self._newest else None
        outbox = Outbox(self._kafka.partitions)
        for id_ in self._erasure.ids:
            outbox.put_everywhere(self._names.mentions, to_json(Deletion(id=id_, ingested_at=at, because="erased")))
        producer = AIOKafkaProducer(
            **connecting(self._kafka),
            transactional_id=f"{self._kafka.prefix}.erase",
            linger_ms=0,
            max_batch_size=LARGEST_BATCH,
        )
        async with asyncio.timeout(DEADLINE), producer, producer.transaction():
            await send(producer, outbox, now_ms())

    async def _wait_for(
        self,
        topic: str,
        kind: type[DetectHead | TrackHead],
        wanted: Mapping[int, int],
        since: Mapping[TopicPartition, int],
        deadline: float,
    ) -> list[int]:
        """Wait until the lanes' committed positions are what is wanted; return the partitions where they are not."""
        late = dict(wanted)
        while late:
            async for record in read_to_end(self._kafka, [(topic, number) for number in late], since):
                if record.key == HEAD.encode() and record.value is not None:
                    position = unpack(record.value, kind, VERSION).position
                    if position >= late.get(record.partition, position + 1):
                        del late[record.partition]
            if not late or asyncio.get_running_loop().time() >= deadline:
                break
            await asyncio.sleep(LOOK_SECONDS)
        return sorted(late)

    async def _retention(self) -> list[Retention]:
        """When each topic will have lost what it holds, by its settings in the cluster."""
        configs = await cluster.configs(self._kafka, list(self._names))
        told = []
        for field, topic in zip(self._names._fields, self._names, strict=True):
            if field in WITHOUT_TEXT:
                told.append(Retention(topic, 0, None, None, WITHOUT_TEXT[field]))
            else:
                told.append(_retention(topic, self._held.get(topic), configs[topic]))
        return told


def _retraction(record: Any) -> Retraction | None:
    try:
        read = _track_record(record.value or b"")
    except BadRecord:
        return None
    return read if isinstance(read, Retraction) else None


def _is_letter_with(record: Any, names: Names) -> bool:
    try:
        letter = _dead_letter(record.value or b"")
    except BadRecord:
        return names.stand_in(record.value or b"")
    return names.stand_in(letter.raw) or names.stand_in(letter.reason.encode())


def _not_taken(topic: str, agent: str, partitions: Iterable[int]) -> str:
    numbers = ", ".join(map(str, partitions))
    return f"{topic}/{numbers}: no worker's {agent} has taken it by now; start one, and erase again to see it done"


def _retention(topic: str, held: _Held | None, config: dict[str, str]) -> Retention:
    """A segment is closed `segment.ms` after its first record at the latest, and goes `retention.ms` after its last."""
    retention, segment = int(config["retention.ms"]), int(config["segment.ms"])
    records = 0 if held is None else held.records
    if retention < 0:
        told = "kept for ever: its retention.ms is -1; `listener topics check` says how to mend it"
        return Retention(topic, records, None, None, told)
    now = now_ms()
    latest = now if held is None or held.newest <= now else held.newest
    ids = from_ms(latest + segment + retention + REMOVAL)
    rule = f"kept for {retention / DAY:.3g} days, in segments of up to {segment / DAY:.3g}"
    if not records or held is None:
        return Retention(topic, 0, None, ids, f"no words of them; the last id is gone by {_time(ids)} ({rule})")
    last = held.last if held.newest <= now else held.newest
    words = min(from_ms(last + segment + retention + REMOVAL), ids)
    spoken = f"{many(records, 'record')} with their words"
    told = f"{spoken}, the last gone by {_time(words)}, the last id by {_time(ids)} ({rule})"
    return Retention(topic, records, words, ids, told)


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
