"""Detect: records of the mentions log become records for the trackers. A plain function over batches."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

import msgspec

from agents.matching import standard_matcher
from agents.plugged_reader import PluggedReader
from agents.ports import DetectPort
from agents.tracker_settings import tracker_settings
from listener.brands.matcher import Matcher
from listener.coverage import DEAD_AFTER, joined, merge
from listener.enrich import enrich, retract
from listener.reading import TextReader
from listener.threads import Threads
from schemas.brand_mention import BrandMention
from schemas.dead_letter import DeadLetter
from schemas.deletion import Deletion
from schemas.heartbeat import Heartbeat, Interval
from schemas.mention import Mention
from schemas.pulse import Pulse
from schemas.record import to_json
from schemas.settings import Settings
from schemas.times import HOUR, from_ms, to_ms

MISSED = 3  # heartbeats of others: one may jump over hours, where a history is read or a backlog caught up

LATEST = 8  # intervals of a source that are kept, and told with each pulse: the trackers know those before

LogRecord = Mention | Deletion | Heartbeat | Settings


class Logged(NamedTuple):
    """A record and its position in the mentions log."""

    position: int
    record: LogRecord


class Standing(msgspec.Struct):
    """How far a source has told the time, in ms, and whether it has ended.

    `missed` counts the heartbeats of others since its last that lay more than DEAD_AFTER beyond that.
    """

    through: int = 0
    ended: bool = False
    missed: int = 0

    @property
    def holds(self) -> bool:
        """Whether the clock waits for it: not for one that has ended, or whose process is gone without a word."""
        return not self.ended and self.missed < MISSED


class SharedMatcher:
    """Matchers for the lanes of one process, whose settings are the same but for a moment: one for all of them.

    Each has all names of all brands: four of them are four times the memory, and push each other out of the caches.
    """

    def __init__(self) -> None:
        self._last = standard_matcher(Settings(version="", brands=()))

    def __call__(self, settings: Settings) -> Matcher:
        if settings != self._last.settings:
            self._last = standard_matcher(settings)
        return self._last


class Detector:
    """The state of detect on one lane: the settings in force, what was seen, what the sources covered of late.

    `matcher` makes the matcher of settings.
    """

    def __init__(
        self,
        reader: TextReader,
        threads: Threads,
        lane: int = 0,
        lanes: int = 1,
        matcher: Callable[[Settings], Matcher] = standard_matcher,
    ) -> None:
        self.reader = reader
        self.threads = threads
        self.lane = lane
        self.lanes = lanes
        self.matcher = matcher
        self.brands = matcher(Settings(version="", brands=()))
        self.coverage: dict[str, tuple[Interval, ...]] = {}
        self.standings: dict[str, Standing] = {}
        self.through = 0
        self.counts: Counter[str] = threads.counts

    def restore(
        self,
        settings: Settings,
        coverage: dict[str, tuple[Interval, ...]],
        standings: dict[str, Standing],
        through: int,
    ) -> None:
        """Take up what was committed; what was seen came with the threads."""
        self.brands = self.matcher(settings)
        self.coverage = coverage
        self.standings = standings
        self.through = through

    def pulse(self, through: int, heartbeat: Heartbeat) -> Pulse:
        """What the trackers are told: time goes on to where all sources have told it that hold the clock."""
        source = heartbeat.source
        standing = self.standings.setdefault(source, Standing())
        standing.through, standing.ended, standing.missed = max(standing.through, through), heartbeat.ended, 0
        for name, other in self.standings.items():
            other.missed += name != source and other.through + DEAD_AFTER < through
        if source:
            covered = merge(heartbeat.covered)
            latest = joined(self.coverage.get(source, ()), covered)[-max(LATEST, len(covered)) :]
            self.coverage[source] = tuple(latest)
        held = [other.through for other in self.standings.values() if other.holds]
        told = min(held) if held else max(other.through for other in self.standings.values())
        self.through = max(self.through, told)
        return self.told()

    def told(self) -> Pulse:
        """The last pulse."""
        return Pulse(
            lane=self.lane,
            lanes=self.lanes,
            through=from_ms(self.through),
            coverage=dict(self.coverage),
            ended=tuple(sorted(name for name, other in self.standings.items() if name and other.ended)),
        )


def detect(records: Iterable[tuple[int, LogRecord]], detector: Detector, port: DetectPort) -> None:
    """Enrich the mentions of a batch, pass on the time and the settings, and set aside what cannot be used."""
    if isinstance(detector.reader, PluggedReader):
        _detect_asking(list(records), detector, port, detector.reader)
    else:
        _detect(records, detector, port)


def _detect_asking(
    records: Sequence[tuple[int, LogRecord]], detector: Detector, port: DetectPort, reader: PluggedReader
) -> None:
    """Each stretch under the same settings: first the plugged-in scorers are asked, once, about what it will ask."""
    for _, stretch in groupby(records, lambda entry: isinstance(entry[1], Settings)):
        entries = list(stretch)
        mentions = (record for _, record in entries if isinstance(record, Mention) and record.op != "delete")
        reader.foresee(mentions, detector.brands, detector.threads)
        _detect(entries, detector, port)
    reader.take_counts(detector.counts)


def _detect(records: Iterable[tuple[int, LogRecord]], detector: Detector, port: DetectPort) -> None:
    for position, record in records:
        if isinstance(record, Mention):
            _detect_mention(position, record, detector, port)
        elif isinstance(record, Heartbeat):
            port.to_track(detector.pulse(to_ms(record.through), record), position)
        elif isinstance(record, Deletion):
            _delete(position, record, detector, port)
        else:
            _apply(position, record, detector, port)


def _detect_mention(position: int, mention: Mention, detector: Detector, port: DetectPort) -> None:
    if mention.op == "delete":
        _delete(position, Deletion(id=mention.id, ingested_at=mention.ingested_at), detector, port)
        return
    try:
        told = enrich(mention, detector.brands, detector.threads, detector.reader)
    except Exception as error:  # a mention that breaks the matcher or the reader must not stop the others
        reason = f"detect failed: {type(error).__name__}: {error}"
        port.dead_letter(DeadLetter.of("mentions", position, reason, to_json(mention), "failed"))
        return
    if told is None:
        return
    detector.counts["mentions"] += 1
    for record in told:
        detector.counts["brand_mentions" if isinstance(record, BrandMention) else "retractions"] += 1
        port.to_track(record, position)


def _delete(position: int, deletion: Deletion, detector: Detector, port: DetectPort) -> None:
    """What nobody stamped is deleted as of the newest that is remembered."""
    read = to_ms(deletion.ingested_at) if deletion.ingested_at is not None else detector.threads.newest * HOUR
    for retraction in retract(deletion, read, detector.threads):
        detector.counts["retractions"] += 1
        port.to_track(retraction, position)


def _apply(position: int, settings: Settings, detector: Detector, port: DetectPort) -> None:
    """Put settings in force from here on, and tell each tracker whose brand is new, changed or gone."""
    try:
        brands = detector.matcher(settings)
    except Exception as error:  # they were not checked by `listener config push`, and must not stop every start
        reason = f"settings that cannot be used: {type(error).__name__}: {error}"
        port.dead_letter(DeadLetter.of("mentions", position, reason, to_json(settings), "failed"))
        return
    before = detector.brands.settings
    detector.brands = brands
    for told in tracker_settings(before, settings, brands.words):
        port.to_track(told, position)
