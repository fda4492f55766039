"""The embedded service: history first, then what is live, through the lane, until there is no more."""

import gc
import queue
import signal
import threading
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from msgspec.structs import force_setattr

from agents.clock import now_ms
from agents.configuration import Configuration, Source, WrongSettings
from agents.runtime.embedded import Embedded, Incoming, Outcome
from agents.runtime.store import Store
from agents.scorer import english_scorer
from agents.settings_file import SettingsFile
from agents.sources.history import History, Item, identity
from agents.sources.paths import Paths, resolve
from agents.sources.reader import Reader
from schemas.dead_letter import DeadLetter
from schemas.heartbeat import Heartbeat, Interval
from schemas.mention import Mention
from schemas.record import to_json
from schemas.times import from_ms

STEP_RECORDS = 5_000  # half a second of history
STEP_SECONDS = 0.5
HEARTBEAT_SECONDS = 5.0
QUEUED = 10_000

HISTORY = "history"
GARBAGE = 50_000, 20, 100  # records hold no cycles: to look for them after each 700 objects took 6 % of the time


class Watcher(Protocol):
    """Who is shown what happens."""

    def opened(self, lane: Embedded) -> None:
        """The lane is there, as the last run has left it."""

    def note(self, message: str) -> None:
        """Something worth knowing, once."""

    def progress(self, what: str, done: int, total: int | None) -> None:
        """How far a long task is."""

    def committed(self, outcome: Outcome) -> None:
        """A step is true now."""


class HistoryChanged(Exception):
    """The database holds the history of other files."""


class Stopped(Exception):
    """It was to stop before the files were read and sorted."""


class Stop:
    """Set by SIGINT or SIGTERM: the running step ends, then the service does."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def listen(self) -> None:
        """Take over the signals of the process."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self._event.set())

    def __bool__(self) -> bool:
        return self._event.is_set()


class Ended(NamedTuple):
    """A live source has come to its end, or broken."""

    name: str
    error: Exception | None = None


Arrival = Mention | DeadLetter | Ended | str  # a text is a note for people


def run(
    configuration: Configuration,
    watcher: Watcher,
    stop: Stop,
    file: SettingsFile | None = None,
    *,
    whole: bool = False,
) -> Embedded:
    """Run all sources to their end, or until stopped. The returned lane's store is closed; its counts are the total.

    While it listens to what is live, brands that change in `file` take effect. History that is `whole` is closed at
    its end, whatever the time.
    Raise CannotRead, HistoryChanged, and what the store raises.
    """
    paths = resolve(configuration)
    gc.set_threshold(*GARBAGE)
    with Store(configuration.database()) as store:
        lane = Embedded(store, english_scorer(), watcher.committed)
        watcher.opened(lane)
        lane.configure(configuration.settings())
        if paths.history:
            run_history(lane, paths, configuration.database().parent, watcher, stop, whole)
        if paths.live and not stop:
            run_live(lane, paths.live, watcher, stop, file)
        for tracker in lane.partition.trackers.values():
            lane.counts["late"] += tracker.state.late
            lane.counts["too_old"] += tracker.state.too_old
    return lane


def run_history(lane: Embedded, paths: Paths, folder: Path, watcher: Watcher, stop: Stop, whole: bool) -> None:
    """Read files from where the last run stopped, as of the time when the first run began.

    Nothing follows what is `whole`: its last day is closed even if it is today, and all that is read later too late.
    """
    cursor: dict[str, Any] = lane.cursor(HISTORY) or {"files": None, "read": now_ms(), "done": 0, "ended": False}
    files = identity(paths.history)
    if cursor["files"] not in (None, files):
        raise HistoryChanged(
            f"{lane.store.path}: holds the history of other files, or these (or how they are read) have changed since; "
            "give the new ones a database of their own: [storage] path = ..."
        )
    if cursor["ended"]:
        watcher.note("the history was read to its end before")
        return
    cursor["files"] = files
    readers = [Reader(source, path, lambda: int(cursor["read"])) for source, path in paths.history]
    for reader in readers:
        watcher.note(reader.describe())
    if cursor["done"]:
        watcher.note(f"going on after {cursor['done']:,} records")

    def progress(what: str, count: int) -> None:
        if stop:
            raise Stopped
        watcher.progress(what, count, None)

    try:
        feed(lane, History(readers, folder, progress, None if whole else cursor["read"]), cursor, watcher, stop)
    except Stopped:
        watcher.note("stopped while reading")


def feed(lane: Embedded, history: History, cursor: dict[str, Any], watcher: Watcher, stop: Stop) -> None:
    """Feed a history's items into the lane in steps, from where the cursor is."""
    for batch in steps(islice(history.items(), cursor["done"], None)):
        cursor["done"] += len(batch)
        lane.step(batch, HISTORY, cursor)
        watcher.progress("listening", lane.counts["read"], history.mentions)
        if stop:
            return
    lane.step((), HISTORY, cursor | {"ended": True})


def steps(items: Iterator[Item]) -> Iterator[list[Incoming]]:
    """Cut items into batches of at most STEP_RECORDS."""
    while batch := [Incoming(record, raw) for record, raw in islice(items, STEP_RECORDS)]:
        yield batch


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
    told, through = 0.0, began
    while listening:
        taken = _take(inbox, 0.0 if stop else STEP_SECONDS)
        if taken or time.monotonic() - told >= HEARTBEAT_SECONDS:
            told, before_that, through = time.monotonic(), through, now_ms()
            batch = [_stamped(record) for record in taken if isinstance(record, Mention | DeadLetter)]
            covered = {name: (*before.get(name, ()), (from_ms(began), from_ms(through))) for name in listening}
            lane.step([*batch, *_alive(covered, before_that, through)], None, None)
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
        if stop and len(taken) < STEP_RECORDS:  # what was waiting is done
            return


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


def _stamped(record: Mention | DeadLetter) -> Incoming:
    if isinstance(record, Mention):
        force_setattr(record, "ingested_at", from_ms(now_ms()))
    return Incoming(record, to_json(record))


def _alive(covered: dict[str, tuple[Interval, ...]], before: int, through: int) -> Iterator[Incoming]:
    """Only the last moves the clock from `before` to `through` ms: all must have said first what they covered."""
    for place, (source, intervals) in enumerate(covered.items(), 1):
        moved = through if place == len(covered) else before
        record = Heartbeat(source=source, through=from_ms(moved), covered=intervals)
        yield Incoming(record, to_json(record))
