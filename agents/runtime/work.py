"""What a lane of the Kafka runtime does with its input: detect, or track. Nothing here waits."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from agents.detect import Detector, LogRecord, Standing, detect
from agents.matching import standard_matcher
from agents.metrics import Metrics
from agents.runtime.fail_stop import Refused
from agents.runtime.lane import Broken
from agents.runtime.outbox import Outbox, partition_of
from agents.runtime.seen import SeenParts
from agents.runtime.topics import Topics
from agents.track import StepFailed, track
from listener.brands.matcher import Matcher
from listener.clock import says_all
from listener.formats.canonical import FAR_AHEAD, check, deletion_of, from_json, is_delete
from listener.partition import Partition, TrackRecord
from listener.reading import TextReader
from listener.state import Parts, pack, unpack
from listener.threads import Threads
from listener.turn import Output
from schemas.alert import Alert
from schemas.brand_mention import BrandMention
from schemas.command import Command
from schemas.dead_letter import DeadLetter
from schemas.deletion import Deletion
from schemas.heartbeat import Heartbeat, Interval
from schemas.mention import Mention
from schemas.pulse import Pulse
from schemas.receipt import Receipt
from schemas.record import BadRecord, decoder, to_json
from schemas.retraction import Retraction
from schemas.settings import BrandSettings, Settings
from schemas.times import from_ms, to_ms

VERSION = 5
HEAD = "head"  # the part with the position
SETTINGS = "settings"  # a part of its own: ten thousand brands are a megabyte, and the head is written at each commit
TRACKERS = "trackers/"
POSTS = (Mention, Deletion)  # a union made anew for each record would cost more than to ask
ABOUT_BRANDS = (BrandMention, Retraction)

_log_record: Callable[[bytes], LogRecord] = decoder(Mention, Deletion, Heartbeat, Settings)
_track_record: Callable[[bytes], TrackRecord] = decoder(BrandMention, Retraction, BrandSettings, Pulse, Command)


class DetectHead(msgspec.Struct):
    """The state of detect on one lane but its settings and what was seen. `position` is the next offset.

    `lanes` is how many there were when it was written.
    """

    position: int = 0
    coverage: dict[str, tuple[Interval, ...]] = {}
    through: int = 0
    bad_in_a_row: int = 0
    lanes: int = 0
    standings: dict[str, Standing] = {}


class DetectWork:
    """Mentions, deletions, heartbeats and settings become brand mentions, retractions and pulses."""

    may_break = False  # a mention that breaks detect is set aside there and then, and has changed nothing

    def __init__(
        self,
        parts: dict[str, bytes],
        reader: TextReader,
        topics: Topics,
        lane: int,
        lanes: int,
        metrics: Metrics,
        *,
        topic_is_clock: bool = False,
        matcher: Callable[[Settings], Matcher] = standard_matcher,
    ) -> None:
        head = unpack(parts[HEAD], DetectHead, VERSION) if HEAD in parts else DetectHead(lanes=lanes)
        _refuse_another_count(head.lanes, lanes, topics)
        self.position = head.position
        self.bad_in_a_row = head.bad_in_a_row
        self.urgent = False
        self._metrics = metrics
        self._topics = topics
        self._source = f"{topics.mentions}/{lane}"
        self._pulse: Pulse | None = None
        self._topic_is_clock = topic_is_clock
        self._seen = SeenParts(parts, VERSION)
        self.detector = Detector(reader, Threads(self._seen.take_restored()), lane, lanes, matcher)
        settings = unpack(parts[SETTINGS], Settings, VERSION) if SETTINGS in parts else self.detector.brands.settings
        self.detector.restore(settings, head.coverage, head.standings, head.through)
        self._stored_settings = settings
        self._told = self.detector.told()

    def take(self, records: Sequence[Any], outbox: Outbox) -> None:
        """Detect. What cannot be read is a dead letter."""
        port = DetectOutputs(outbox, self._topics, self._source, self._told, self._pulse)
        logged: list[tuple[int, LogRecord]] = []  # no Logged: a tuple is made in a tenth of its time
        for record in records:
            try:
                logged.append((record.offset, _read(record)))
            except BadRecord as error:
                port.dead_letter(
                    DeadLetter.of(self._source, record.offset, str(error), record.value or b"", error.fault)
                )
        detect(logged, self.detector, port)
        self._metrics.read(record for _, record in reversed(logged))
        self._metrics.detected(self.detector.counts)
        self.detector.counts.clear()
        self._told, self._pulse = port.told, port.pulse
        if self._topic_is_clock:
            self._hear(logged)
        self.position = records[-1].offset + 1
        used = (offset for offset, record in reversed(logged) if isinstance(record, POSTS) and offset not in port.bad)
        self.bad_in_a_row = in_a_row(self.bad_in_a_row, port.bad, next(used, None))

    def _hear(self, logged: Sequence[tuple[int, LogRecord]]) -> None:
        """Time goes on with the mentions, also while there are too many for it ever to be level."""
        stamps = [record.ingested_at for _, record in logged if isinstance(record, Mention) and record.ingested_at]
        if stamps:
            self._covered(stamps[0], max(stamps))

    def listen(self, now: int) -> None:
        """Where the topic is the clock, nobody else says that nothing is said."""
        self._covered(from_ms(now), from_ms(now))

    def _covered(self, since: datetime, through: datetime) -> None:
        """The lane speaks as a source would, of all the time since it first did."""
        through = max(through, from_ms(self.detector.through))
        before = self.detector.coverage.get(self._source)
        covered = ((before[0][0] if before else since, through),)
        heartbeat = Heartbeat(source=self._source, through=through, covered=covered)
        self._told = self._pulse = self.detector.pulse(to_ms(through), heartbeat)

    @property
    def through(self) -> int | None:
        """How far it was told the time."""
        return self.detector.through or None

    def finish(self, outbox: Outbox) -> None:
        """The last pulse of all that was taken: it says all that those said which were left out."""
        if self._pulse is not None:
            outbox.put_everywhere(self._topics.brand_mentions, to_json(self._pulse))
            self._pulse = None

    def take_changes(self) -> Parts:
        """The head, new settings, and what was seen since the last time; what is beyond the horizon is gone."""
        detector = self.detector
        settings = detector.brands.settings
        head = DetectHead(
            self.position,
            detector.coverage,
            detector.through,
            self.bad_in_a_row,
            detector.lanes,
            detector.standings,
        )
        parts: Parts = {HEAD: pack(VERSION, head)}
        if settings is not self._stored_settings:
            parts[SETTINGS] = pack(VERSION, settings)
            self._stored_settings = settings
        parts |= self._seen.take_changes(detector.threads.take_added(), detector.threads.newest)
        return parts


def _refuse_another_count(before: int, now: int, topics: Topics) -> None:
    """A key lies in another partition when there are more: its brand would begin anew beside what is remembered."""
    if before != now:
        raise Refused(
            f"{topics.mentions} was read in {before} partitions, and now there are {now}: set kafka.partitions and the "
            "topics back, or take another kafka.prefix and replay"
        )


def in_a_row(before: int, bad: set[int], last_used: int | None) -> int:
    """How many records up to the end of a chunk are bad, if `before` were before it. What tells time is left out.

    `bad` and `last_used` are offsets in the chunk: of what could not be used, and of the last record that could.
    """
    return before + len(bad) if last_used is None else sum(offset > last_used for offset in bad)


def _read(record: Any) -> LogRecord:
    """A record of the mentions topic, checked: anybody may have written it. What nobody stamped gets Kafka's time.

    A time ahead of Kafka's own would make the lane forget what it has seen, or deaf until then. A mention whose op is
    "delete" is a deletion, and may lack what a mention has.
    """
    raw = record.value or b""
    try:
        read = _log_record(raw)
    except BadRecord:
        if not is_delete(raw):
            raise
        read = from_json(raw)
    if isinstance(read, Mention) and read.op == "delete":
        read = deletion_of(read)
    if isinstance(read, POSTS):
        at = record.timestamp if read.ingested_at is None else to_ms(read.ingested_at)
        if at > record.timestamp + FAR_AHEAD:
            raise _ahead("ingested_at", at)
        if isinstance(read, Mention):
            read = check(read, at)
        return read if read.ingested_at is not None else msgspec.structs.replace(read, ingested_at=from_ms(at))
    if isinstance(read, Heartbeat) and (through := to_ms(read.through)) > record.timestamp + FAR_AHEAD:
        raise _ahead("through", through)
    return read


def _ahead(field: str, at: int) -> BadRecord:
    return BadRecord(f"{field} {from_ms(at):%Y-%m-%d %H:%M} is ahead of the clock: a wrong zone or unit?")


class DetectOutputs:
    """The port of detect: brand mentions by their brand, dead letters, and pulses; the last was `told` before.

    Of many pulses in a row the last says all, and is kept as `pulse`. None is left out that says something else of the
    time before it, nor the one before that: what was known when is the same however commits are cut.
    """

    def __init__(self, outbox: Outbox, topics: Topics, source: str, told: Pulse, pulse: Pulse | None) -> None:
        self._outbox = outbox
        self._topics = topics
        self._source = source
        self.told, self.pulse = told, pulse
        self.bad: set[int] = set()  # the offsets of what could not be used

    def to_track(self, record: TrackRecord, position: int) -> None:
        """Settings of brands are not passed on: `listener config push` writes them to the trackers itself."""
        if isinstance(record, ABOUT_BRANDS):
            self._outbox.put(self._topics.brand_mentions, record.brand.encode(), to_json(record))
        elif isinstance(record, Pulse):
            self._tell_time(record)

    def _tell_time(self, pulse: Pulse) -> None:
        plain = says_all(pulse, self.told)
        for said in () if plain else (self.pulse, pulse):
            if said is not None:
                self._outbox.put_everywhere(self._topics.brand_mentions, to_json(said))
        self.told, self.pulse = pulse, pulse if plain else None

    def dead_letter(self, letter: DeadLetter) -> None:
        """What could not be used, with its place in the topic."""
        self.bad.add(letter.position)
        letter = msgspec.structs.replace(letter, source=self._source) if letter.source == "mentions" else letter
        self._outbox.put_letter(self._topics.dead_letters, letter)


class TrackHead(msgspec.Struct):
    """The next offset, how many records up to it could not be used, and how many lanes there were."""

    position: int = 0
    bad_in_a_row: int = 0
    lanes: int = 0


class TrackWork:
    """Brand mentions, settings and pulses become trends and alerts."""

    may_break = True

    def __init__(
        self,
        parts: dict[str, bytes],
        topics: Topics,
        lane: int,
        lanes: int,
        metrics: Metrics,
        broken: Sequence[Broken] = (),
    ) -> None:
        self.urgent = False
        head = unpack(parts[HEAD], TrackHead, VERSION) if HEAD in parts else TrackHead(lanes=lanes)
        _refuse_another_count(head.lanes, lanes, topics)
        self._lanes = lanes
        self.position, self.bad_in_a_row = head.position, head.bad_in_a_row
        self._topics = topics
        self._source = f"{topics.brand_mentions}/{lane}"
        trackers = {name.removeprefix(TRACKERS): raw for name, raw in parts.items() if name.startswith(TRACKERS)}
        self.partition = Partition.restored(
            trackers, watches_sources=lane == partition_of(b"", lanes)
        )  # where brand "" lives
        metrics.brands.take_up(self.partition)
        self._left_out = {failure.leave_out: str(failure) for failure in broken}
        self.partition.leave_out = {place for place in self._left_out if isinstance(place, tuple)}
        self._timers_told = not self.partition.leave_out

    def take(self, records: Sequence[Any], outbox: Outbox) -> None:
        """Track. What cannot be read, or broke a tracker in an earlier try, is a dead letter."""
        port = TrackOutputs(outbox, self._topics, self._owner_of)
        if not self._timers_told:
            self._timers_told = True
            for timer in sorted(self.partition.leave_out):
                port.dead_letter(DeadLetter.of(self._source, records[0].offset, self._left_out[timer], b"", "failed"))
        offsets: list[int] = []
        decoded: list[TrackRecord] = []
        for record in records:
            if record.offset in self._left_out:
                port.dead_letter(
                    DeadLetter.of(self._source, record.offset, self._left_out[record.offset], record.value, "failed")
                )
                continue
            try:
                decoded.append(_track_record(record.value or b""))
                offsets.append(record.offset)
            except BadRecord as error:
                port.dead_letter(
                    DeadLetter.of(self._source, record.offset, str(error), record.value or b"", error.fault)
                )
        try:
            track(decoded, self.partition, port)
        except StepFailed as failure:
            raise Broken(failure.timer or offsets[failure.place], failure) from failure
        self.urgent = self.urgent or port.hurries
        self.position = records[-1].offset + 1
        used = (offsets[place] for place in reversed(range(len(decoded))) if isinstance(decoded[place], ABOUT_BRANDS))
        self.bad_in_a_row = in_a_row(self.bad_in_a_row, port.bad, next(used, None))

    @property
    def through(self) -> int | None:
        """How far it was told the time."""
        return self.partition.state.clock.now

    def _owner_of(self, brand: str) -> str:
        """Who owns a brand, by the last settings that have it; the brand itself where nobody is named."""
        tracker = self.partition.trackers.get(brand)
        settings = tracker.state.desk.settings if tracker is not None else []
        owners = (one.brand.owner for one in reversed(settings) if one.brand is not None)
        return next(owners, "") or brand

    def finish(self, outbox: Outbox) -> None:
        """Nothing more."""

    def listen(self, now: int) -> None:
        """Its time comes with pulses."""

    def take_changes(self) -> Parts:
        """The head and the trackers' own parts."""
        parts: Parts = {HEAD: pack(VERSION, TrackHead(self.position, self.bad_in_a_row, self._lanes))}
        for name, part in self.partition.take_changes().items():
            parts[TRACKERS + name] = part
        return parts


class TrackOutputs:
    """The port of track: trends by their brand, receipts by their command, alerts by the brand's owner.

    Notify groups the brands of an owner.
    """

    def __init__(self, outbox: Outbox, topics: Topics, owner_of: Callable[[str], str]) -> None:
        self._outbox = outbox
        self._owner_of = owner_of
        self._topics = topics
        self.bad: set[int] = set()  # the offsets of what could not be used
        self.hurries = False  # an early alert is told at once, or it would not be early; no person is kept waiting

    def tell(self, output: Output) -> None:
        """A window, as one trend for each brand, an alert, or what came of a command."""
        if isinstance(output, Receipt):
            key = f"{output.command.brand}/{output.command.id}".encode()
            self._outbox.put_into((self._topics.receipts, 0), key, to_json(output))
            self.hurries = True
            return
        self._outbox.told.append(output)
        if isinstance(output, Alert):
            self.hurries = self.hurries or output.stage == "early"
            self._outbox.put(self._topics.alerts, self._owner_of(output.brand).encode(), to_json(output))
            return
        for trend in output.trends():
            self._outbox.put(self._topics.trends, trend.brand.encode(), to_json(trend))

    def dead_letter(self, letter: DeadLetter) -> None:
        """What could not be used."""
        self.bad.add(letter.position)
        self._outbox.put_letter(self._topics.dead_letters, letter)
