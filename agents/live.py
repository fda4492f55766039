"""What the embedded service listens to: stamped as it comes, with a clock that moves while nothing does."""

import queue
import threading
import time
from collections.abc import Iterator
from typing import NamedTuple

from msgspec.structs import force_setattr

from agents.clock import now_ms
from agents.configuration import Source, WrongSettings
from agents.runtime.embedded import STEP_RECORDS, Embedded, Incoming
from agents.settings_file import SettingsFile
from agents.sources.reader import Reader
from agents.stop import Stop
from agents.watcher import Watcher
from schemas.dead_letter import DeadLetter
from schemas.deletion import Deletion
from schemas.heartbeat import Heartbeat, Interval
from schemas.mention import Mention
from schemas.record import to_json
from schemas.times import from_ms

STEP_SECONDS = 0.5
HEARTBEAT_SECONDS = 5.0
QUEUED = 10_000


class Ended(NamedTuple):
    """A live source has come to its end, or broken."""

    name: str
    error: Exception | None = None


Arrival = Mention | Deletion | DeadLetter | Ended | str  # a text is a note for people


def run_live(
    lane: Embedded, paths: list[tuple[Source, str]], watcher: Watcher, stop: Stop, file: SettingsFile | None
) -> None:
    """Take in what comes, stamped with the time of its coming; while nothing comes, tell the trackers the time."""
    began = now_ms()
    before = dict(lane.detector.coverage)
    inbox: queue.Queue[Arrival] = queue.Queue(QUEUED)
    listening = [str(source.name) for source, _ in paths]
    for source, path in paths:
        threading.Thread(target=_pump, args=(source, path, inbox, stop), daemon=True, name=source.name).start()
    told = 0.0
    _end(lane, [name for name, one in lane.detector.standings.items() if not one.ended and name not in listening])
    while listening:
        taken = _take(inbox, 0.0 if stop else STEP_SECONDS)
        if taken or time.monotonic() - told >= HEARTBEAT_SECONDS:
            told, through = time.monotonic(), now_ms()
            batch = [_stamped(record) for record in taken if isinstance(record, Mention | Deletion | DeadLetter)]
            covered = {name: (*before.get(name, ()), (from_ms(began), from_ms(through))) for name in listening}
            lane.step([*batch, *_heartbeats(covered, through, ended=False)], None, None)
            watcher.progress("listening", lane.counts["read"], None)
            if file is not None:
                _reload(lane, file, watcher)
        for arrival in taken:
            if isinstance(arrival, str):
                watcher.note(arrival)
            elif isinstance(arrival, Ended):
                if arrival.error is not None:
                    raise arrival.error
                listening.remove(arrival.name)
                _end(lane, [arrival.name])
        if stop and len(taken) < STEP_RECORDS:  # what was waiting is done
            _end(lane, listening)
            return


def _end(lane: Embedded, sources: list[str]) -> None:
    """Nothing is to be expected of them from now on: they ended, are in the settings no more, or are to stop."""
    covered = {source: lane.detector.coverage.get(source, ()) for source in sources}
    lane.step(_heartbeats(covered, max(now_ms(), lane.detector.through), ended=True), None, None)


def _reload(lane: Embedded, file: SettingsFile, watcher: Watcher) -> None:
    """Wrong settings are refused aloud, and the old ones stay."""
    try:
        configuration = file.changed()
    except WrongSettings as error:
        watcher.note(f"{error}; the settings that were in force stay")
        return
    if configuration is not None:
        lane.configure(configuration.settings())
        watcher.note(f"{file.path}: read again; brands as they are there from now on, all else at the next start")


def _pump(source: Source, path: str, inbox: "queue.Queue[Arrival]", stop: Stop) -> None:
    """Read to the end. Already opening may take hours, until the first line comes, and the clock must not wait."""
    try:
        reader = Reader(source, path, now_ms)
        inbox.put(reader.describe())
        with reader.stream:
            for record in reader:
                inbox.put(record)
                if stop:
                    break
    except Exception as error:  # it is raised again where it can be told
        inbox.put(Ended(str(source.name), error))
    else:
        inbox.put(Ended(str(source.name)))


def _take(inbox: "queue.Queue[Arrival]", seconds: float) -> list[Arrival]:
    """What came within so many seconds, at most a step's worth."""
    taken: list[Arrival] = []
    deadline = time.monotonic() + seconds
    while len(taken) < STEP_RECORDS:
        try:
            taken.append(inbox.get(timeout=max(0.0, deadline - time.monotonic())))
        except queue.Empty:
            break
    return taken


def _stamped(record: Mention | Deletion | DeadLetter) -> Incoming:
    if not isinstance(record, DeadLetter):
        force_setattr(record, "ingested_at", from_ms(now_ms()))
    return Incoming(record, to_json(record))


def _heartbeats(covered: dict[str, tuple[Interval, ...]], through: int, *, ended: bool) -> Iterator[Incoming]:
    """What each source has covered; the clock goes on when all have said so."""
    for source, intervals in covered.items():
        record = Heartbeat(source=source, through=from_ms(through), covered=intervals, ended=ended)
        yield Incoming(record, to_json(record))
