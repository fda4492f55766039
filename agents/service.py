"""The embedded service: history first, then what is live, through the lane, until there is no more."""

import glob
import queue
import signal
import threading
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple, Protocol

from msgspec.structs import force_setattr

from agents.configuration import Configuration, Source
from agents.runtime.embedded import Embedded, Incoming, Outcome
from agents.runtime.store import Store
from agents.scorer import english_scorer
from agents.sources.history import History, Item, identity
from agents.sources.lines import CannotRead
from agents.sources.reader import Reader
from schemas.dead_letter import DeadLetter
from schemas.heartbeat import Heartbeat
from schemas.mention import Mention
from schemas.record import to_json
from schemas.times import from_ms

STEP_RECORDS = 2_000
STEP_SECONDS = 0.5
HEARTBEAT_SECONDS = 5.0
QUEUED = 10_000

HISTORY = "history"


class Watcher(Protocol):
    """Who is shown what happens."""

    def note(self, message: str) -> None:
        """Something worth knowing, once."""

    def progress(self, what: str, done: int, total: int | None) -> None:
        """How far a long task is."""

    def committed(self, outcome: Outcome) -> None:
        """A step is true now."""


class HistoryChanged(Exception):
    """The database holds the history of other files."""


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


class Paths(NamedTuple):
    """What the sources of a configuration come to: files to be read as history, and what is read as it comes."""

    history: list[tuple[Source, str]]
    live: list[tuple[Source, str]]


def resolve(configuration: Configuration) -> Paths:
    """The paths of all sources, patterns expanded. Raise CannotRead where there is none."""
    paths = Paths([], [])
    for source in configuration.sources:
        if source.path == "-":
            found = ["-"]
        else:
            pattern = str(Path(configuration.folder) / source.path)
            found = sorted(glob.glob(pattern)) or [pattern]  # noqa: PTH207 - a pattern may be absolute
        live = source.time == "ingested" if source.time else source.path == "-"
        if not live and source.path == "-":
            raise CannotRead(
                'standard input cannot be sorted as history: use time = "ingested", or `listener replay -`'
            )
        (paths.live if live else paths.history).extend((source, path) for path in found)
    return paths


def run(configuration: Configuration, watcher: Watcher, stop: Stop) -> Embedded:
    """Run all sources to their end, or until stopped. The returned lane's store is closed; its counts are the total.

    Raise CannotRead, HistoryChanged, and what the store raises.
    """
    paths = resolve(configuration)
    with Store(configuration.database()) as store:
        lane = Embedded(store, english_scorer(), watcher.committed)
        lane.configure(configuration.settings())
        if paths.history:
            run_history(lane, paths.history, configuration.database().parent, watcher, stop)
        if paths.live and not stop:
            run_live(lane, paths.live, watcher, stop)
    return lane


def run_history(lane: Embedded, paths: list[tuple[Source, str]], folder: Path, watcher: Watcher, stop: Stop) -> None:
    """Read files from where the last run stopped."""
    readers = [Reader(source, path, now_ms()) for source, path in paths]
    files = identity(path for _, path in paths)
    cursor = lane.cursor(HISTORY) or {"files": files, "done": 0, "ended": False}
    if cursor["files"] != files:
        raise HistoryChanged(
            f"{lane.store.path}: holds the history of other files, or these have changed since; "
            "give the new ones a database of their own: [storage] path = ..."
        )
    if cursor["ended"]:
        watcher.note("the history was read to its end before")
        return
    for reader in readers:
        watcher.note(reader.describe())
    history = History(readers, folder, lambda what, count: watcher.progress(what, count, None))
    done = int(str(cursor["done"]))
    if done:
        watcher.note(f"going on after {done:,} records")
    feed(lane, history, done, files, watcher, stop)


def feed(
    lane: Embedded, history: History, done: int, files: list[list[str | int]], watcher: Watcher, stop: Stop
) -> None:
    """Feed a history's items into the lane in steps, from the item number `done` on."""
    items = islice(history.items(), done, None)
    for batch in steps(items):
        done += len(batch)
        lane.step(batch, HISTORY, {"files": files, "done": done, "ended": False})
        watcher.progress("listening", lane.counts["read"], history.mentions)
        if stop:
            return
    lane.step((), HISTORY, {"files": files, "done": done, "ended": True})


def steps(items: Iterator[Item]) -> Iterator[list[Incoming]]:
    """Cut items into batches of at most STEP_RECORDS."""
    while batch := [Incoming(record, raw) for record, raw in islice(items, STEP_RECORDS)]:
        yield batch


def run_live(lane: Embedded, paths: list[tuple[Source, str]], watcher: Watcher, stop: Stop) -> None:
    """Take in what comes, stamped with the time of its coming; while nothing comes, tell the trackers the time."""
    began = now_ms()
    inbox: queue.Queue[Mention | DeadLetter | None] = queue.Queue(QUEUED)
    readers = [Reader(source, path, now_ms()) for source, path in paths]
    for reader in readers:
        watcher.note(reader.describe())
        threading.Thread(target=_pump, args=(reader, inbox), daemon=True, name=reader.name).start()
    open_readers = len(readers)
    told = 0.0
    while open_readers and not stop:
        taken = _take(inbox)
        open_readers -= taken.count(None)
        batch = [_stamped(record) for record in taken if record is not None]
        if batch or time.monotonic() - told >= HEARTBEAT_SECONDS:
            told = time.monotonic()
            through = now_ms()
            lane.step([*batch, *(_alive(reader.name, began, through) for reader in readers)], None, None)
            watcher.progress("listening", lane.counts["read"], None)


def _pump(reader: Reader, inbox: "queue.Queue[Mention | DeadLetter | None]") -> None:
    try:
        for record in reader:
            inbox.put(record)
    finally:
        inbox.put(None)


def _take(inbox: "queue.Queue[Mention | DeadLetter | None]") -> list[Mention | DeadLetter | None]:
    """What came within half a second, at most a step's worth."""
    taken: list[Mention | DeadLetter | None] = []
    deadline = time.monotonic() + STEP_SECONDS
    while len(taken) < STEP_RECORDS and (left := deadline - time.monotonic()) > 0:
        try:
            taken.append(inbox.get(timeout=left))
        except queue.Empty:
            break
    return taken


def _stamped(record: Mention | DeadLetter) -> Incoming:
    if isinstance(record, Mention):
        force_setattr(record, "ingested_at", from_ms(now_ms()))
    return Incoming(record, to_json(record))


def _alive(source: str, began: int, through: int) -> Incoming:
    record = Heartbeat(source=source, through=from_ms(through), covered=((from_ms(began), from_ms(through)),))
    return Incoming(record, to_json(record))


def now_ms() -> int:
    """The wall clock: the one place where it enters."""
    return time.time_ns() // 1_000_000
