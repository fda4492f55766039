"""The embedded runtime: detect and track in one process on one SQLite file, one lane, one transaction a step.

A step takes a batch from the sources, runs detect and track over it, and commits the outputs, the mentions that are
about a brand and the commands (the log keeps nothing else), the state and the sources' cursors together. Whatever stops
the process, the next start goes on after the last step that was committed. Of heartbeats the state keeps what they
come to: as records, with all that was covered in each, those of one source that comes and goes would be four gigabytes
a day.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import orjson

from agents.detect import Detector, Logged, LogRecord, Standing, detect
from agents.runtime.records import Records
from agents.runtime.store import Store
from agents.starts import LOOKED_BACK, lenders_of, with_starts
from agents.track import StepFailed, track
from listener.partition import Partition, TrackRecord
from listener.reading import TextReader
from listener.state import Parts, pack, unpack
from listener.threads import Threads
from listener.trends import Quiet, Spoken
from listener.turn import Output
from schemas.alert import Alert
from schemas.brand_mention import BrandMention
from schemas.command import Command
from schemas.dead_letter import DeadLetter
from schemas.deletion import Deletion
from schemas.heartbeat import Interval
from schemas.mention import Mention
from schemas.receipt import Receipt
from schemas.record import BadRecord, Record, decoder, to_json
from schemas.retraction import Retraction
from schemas.settings import Settings, Start
from schemas.times import from_ms

LANE_VERSION = 3
STEP_RECORDS = 5_000  # half a second of history
log = logging.getLogger(__name__)
_command = decoder(Command)


class LaneState(msgspec.Struct):
    """What the lane keeps beside the trackers: its position in the log, and the state of detect but what was seen.

    `tracked` counts the records that the trackers were given; `through`, in ms, is how far their time has been told.
    """

    position: int = 0
    tracked: int = 0
    settings: Settings | None = None
    coverage: dict[str, tuple[Interval, ...]] = {}
    counts: dict[str, int] = {}
    through: int = 0
    standings: dict[str, Standing] = {}


class Incoming(NamedTuple):
    """A record for the log and its bytes; dead letters come from sources and do not enter the log.

    Commands go by detect: of one step they are the last that the trackers are given.
    """

    record: LogRecord | DeadLetter | Command
    raw: bytes


class Outcome:
    """What one step put out: the ports of detect and of track."""

    def __init__(self) -> None:
        self.logged: list[Logged] = []
        self.records: list[TrackRecord] = []
        self.found: list[tuple[int, BrandMention]] = []
        self.retracted: list[Retraction] = []
        self.read = 0
        self.letters: list[DeadLetter] = []
        self.spoken: list[Spoken] = []
        self.quiet: list[Quiet] = []
        self.alerts: list[Alert] = []
        self.receipts: list[Receipt] = []
        self.examples: dict[tuple[str, int], list[BrandMention]] = {}  # of alerts that open, by (id, sequence)
        self.posts: dict[tuple[str, int], dict[str, BrandMention]] = {}  # of the evidence of alerts, likewise

        self.detected: dict[str, int] = {}  # what detect has noticed, by its own names
        self.seconds: dict[str, float] = {}  # that detect, track and the commit took

    @property
    def trends(self) -> int:
        """How many trends the windows are."""
        return len(self.spoken) + sum(len(window.brands) for window in self.quiet)

    def to_track(self, record: TrackRecord, position: int) -> None:
        """A record for the trackers."""
        self.records.append(record)
        if isinstance(record, BrandMention):
            self.found.append((position, record))
        elif isinstance(record, Retraction):
            self.retracted.append(record)

    def dead_letter(self, letter: DeadLetter) -> None:
        """What could not be used."""
        self.letters.append(letter)

    def tell(self, output: Output) -> None:
        """A trend, an alert or a receipt."""
        if isinstance(output, Spoken):
            self.spoken.append(output)
        elif isinstance(output, Quiet):
            self.quiet.append(output)
        elif isinstance(output, Receipt):
            self.receipts.append(output)
        else:
            self.alerts.append(output)


class Embedded:
    """The lane: the state of detect and of the trackers, and the file they live in."""

    def __init__(
        self, store: Store, reader: TextReader, on_commit: Callable[[Outcome], None] = lambda outcome: None
    ) -> None:
        self.store = store
        self._reader = reader
        self._on_commit = on_commit
        self.counts: Counter[str] = Counter()
        self._unknown: Sequence[Retraction] = ()
        self._scrub: Callable[[], None] = lambda: None
        self._ordered = 0  # up to which number of the inbox commands are in this step
        self._load()

    def _load(self) -> None:
        """Take up the state as it was committed last."""
        raw = self.store.state("lane/").get("detect")
        lane = _lane(raw)
        self.position = lane.position
        self.tracked = lane.tracked
        self.detector = Detector(self._reader, Threads(self.store.seen()))
        if lane.settings is not None:
            self.detector.restore(lane.settings, lane.coverage, lane.standings, lane.through)
        self.counts = Counter(lane.counts)
        trackers = self.store.state("track/")
        self.partition = Partition.restored(trackers)
        self._sizes = {part: len(content) for part, content in trackers.items()}
        self.state_bytes = {"detect": len(raw or b""), "track": sum(self._sizes.values())}

    def cursor(self, source: str) -> Any:
        """Where a source was at the last commit."""
        raw = self.store.state("cursor/").get(source)
        return orjson.loads(raw) if raw else None

    def configure(self, settings: Settings) -> list[str]:
        """Put settings in force from here on, if they are not already; return what is to be said of new brands."""
        had = self._starts()
        hours = self.store.hours(lenders_of(settings, had), self.detector.through - LOOKED_BACK)
        settings, told = with_starts(settings, had, hours)
        if self.detector.brands.settings.version == settings.version:
            return []
        if self.detector.through:
            settings = msgspec.structs.replace(settings, at=from_ms(self.detector.through))
        self.step([Incoming(settings, to_json(settings))], None, None)
        return told

    def _starts(self) -> dict[str, Start | None]:
        """What the brands that are not new started with, also those that were taken out since."""
        found = {}
        for brand, tracker in self.partition.trackers.items():
            known = [settings.brand for settings in tracker.state.desk.settings if settings.brand is not None]
            found[brand] = known[-1].start if known else None
        return found

    def step(self, batch: Iterable[Incoming], source: str | None, cursor: object) -> None:
        """Take a batch in from one source, or none that has a cursor. See `take_in`."""
        self.take_in(batch, {} if source is None else {source: cursor})

    def take_in(self, batch: Iterable[Incoming], cursors: Mapping[str, object]) -> None:
        """Take a batch in, whole or not at all, with the cursors of the sources that it came from.

        A record that breaks its tracker becomes a dead letter.
        """
        batch = list(batch)
        broken: list[StepFailed] = []
        while True:
            try:
                self._try(batch, cursors, broken)
                return
            except StepFailed as failure:
                log.exception("a record or a timer broke its tracker and is set aside")
                self.store.rollback()
                self._load()
                broken.append(failure)
            except BaseException:
                self.store.rollback()
                raise

    def obey(self) -> int:
        """Do in one step what other processes want done with alerts; return how many commands there were.

        What is no command is a dead letter.
        """
        waiting = self.store.commands.waiting()
        if waiting:
            self._ordered = waiting[-1].number
            try:
                self.take_in([_ordered(*entry) for entry in waiting], {})
            finally:
                self._ordered = 0
        return len(waiting)

    def erase(self, deletions: Sequence[Deletion], unknown: Sequence[Retraction], scrub: Callable[[], None]) -> None:
        """Forget posts in one step; `unknown` takes back what was kept longer than detect remembers.

        `scrub` takes from the file, in the same transaction, what no step does. This lane is behind the file then, and
        is to take in nothing more.
        """
        self._unknown, self._scrub = unknown, scrub
        self.take_in([Incoming(deletion, b"") for deletion in deletions], {})

    def _try(self, batch: list[Incoming], cursors: Mapping[str, object], broken: list[StepFailed]) -> None:
        outcome = Outcome()
        entries: list[tuple[int, bytes]] = []
        commands: list[tuple[int, Command]] = []
        for record, raw in batch:
            if isinstance(record, DeadLetter):
                outcome.dead_letter(record)
                continue
            self.position += 1
            entries.append((self.position, raw))
            if isinstance(record, Command):
                commands.append((self.position, record))
                continue
            outcome.logged.append(Logged(self.position, record))
        began = time.perf_counter()
        detect(outcome.logged, self.detector, outcome)
        for retraction in self._unknown:
            outcome.to_track(retraction, self.position)
        for position, command in commands:
            outcome.to_track(command, position)
        detected = time.perf_counter()
        for failure in broken:
            outcome.dead_letter(_broken(failure, self.tracked))
        self.partition.leave_out = {failure.timer for failure in broken if failure.timer}
        track(outcome.records, self.partition, outcome, {failure.place for failure in broken if not failure.timer})
        self.tracked += len(outcome.records)
        tracked = time.perf_counter()
        self._count(outcome)
        self._commit(entries, outcome, cursors, [position for position, _ in commands])
        outcome.seconds = {
            "detect": detected - began,
            "track": tracked - detected,
            "commit": time.perf_counter() - tracked,
        }
        for alert in outcome.alerts:
            if alert.evidence is not None:
                outcome.posts[alert.id, alert.sequence] = posts = self.store.posts(alert)
                if alert.event != "escalated":
                    outcome.examples[alert.id, alert.sequence] = [posts[id_] for id_ in alert.examples if id_ in posts]
        self._on_commit(outcome)

    def _count(self, outcome: Outcome) -> None:
        outcome.read = sum(isinstance(record, Mention) for _, record in outcome.logged)
        self.counts["read"] += outcome.read
        self.counts["dead_letters"] += len(outcome.letters)
        self.counts["trends"] += outcome.trends
        self.counts["alerts"] += len(outcome.alerts)
        self.counts.update(self.detector.counts)
        outcome.detected = dict(self.detector.counts)
        self.detector.counts.clear()

    def _commit(
        self,
        entries: list[tuple[int, bytes]],
        outcome: Outcome,
        cursors: Mapping[str, object],
        commands: Sequence[int],
    ) -> None:
        store, detector = self.store, self.detector
        said = {position for position, _ in outcome.found} | set(commands)
        said |= {position for position, record in outcome.logged if isinstance(record, Settings)}
        store.begin()
        store.add_mentions(entry for entry in entries if entry[0] in said)
        store.add_brand_mentions(outcome.found)
        store.retract(outcome.retracted)
        contradicted = store.add_spoken(outcome.spoken) + store.add_quiet(outcome.quiet)
        contradicted += store.add_alerts(outcome.alerts)
        store.add_dead_letters(outcome.letters)
        store.commands.add_receipts(outcome.receipts)
        store.commands.taken(self._ordered)
        if contradicted:
            self.counts["contradicted"] += contradicted
        store.add_seen(detector.threads.take_added(), detector.threads.newest)
        lane = LaneState(
            position=self.position,
            tracked=self.tracked,
            settings=detector.brands.settings,
            coverage=detector.coverage,
            counts=dict(self.counts),
            through=detector.through,
            standings=detector.standings,
        )
        head, changes = pack(LANE_VERSION, lane), self.partition.take_changes()
        store.put_state({"lane/detect": head})
        store.put_state({f"track/{part}": content for part, content in changes.items()})
        store.put_state({f"cursor/{source}": to_json(cursor) for source, cursor in cursors.items()})
        self._scrub()
        store.commit()
        self._weigh(head, changes)

    def _weigh(self, head: bytes, changes: Parts) -> None:
        for part, content in changes.items():
            self.state_bytes["track"] += len(content or b"") - self._sizes.pop(part, 0)
            if content is not None:
                self._sizes[part] = len(content)
        self.state_bytes["detect"] = len(head)


def settings_in(records: Records) -> Settings | None:
    """The settings that were in force at the last commit. Raise OtherState."""
    return _lane(records.state("lane/").get("detect")).settings


def _lane(raw: bytes | None) -> LaneState:
    return unpack(raw, LaneState, LANE_VERSION) if raw else LaneState()


def _ordered(number: int, raw: bytes) -> Incoming:
    try:
        return Incoming(_command(raw), raw)
    except BadRecord as error:
        return Incoming(DeadLetter.of("inbox", number, str(error), raw, error.fault), raw)


def _broken(failure: StepFailed, before: int) -> DeadLetter:
    """Its position counts all records that the trackers were given: that of its step depends on how steps are cut."""
    record: Record = failure.record
    return DeadLetter.of("track", before + failure.place + 1, f"track failed: {failure}", to_json(record), "failed")
