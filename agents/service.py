"""The embedded service: history first, then what is live, through the lane, until there is no more."""

import gc
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from itertools import islice
from pathlib import Path
from typing import Any

from agents.clock import now_ms
from agents.configuration import Configuration
from agents.live import run_live
from agents.notify import Figures
from agents.notifying import Notifying
from agents.reader import standard_reader
from agents.runtime.embedded import STEP_RECORDS, Embedded, Incoming, Outcome
from agents.runtime.store import Store
from agents.scorers import with_scorers
from agents.settings_file import SettingsFile
from agents.sources.history import History, Item, identity
from agents.sources.kinds import connections
from agents.sources.paths import Paths, resolve
from agents.sources.reader import Reader
from agents.stop import Stop
from agents.watcher import Watcher
from listener.plural import many

HISTORY = "history"
GC_THRESHOLDS = 50_000, 20, 100  # records hold no cycles: to look for them after each 700 objects took 6 % of the time


class HistoryChanged(Exception):
    """The database holds the history of other files."""


class Stopped(Exception):
    """It was to stop before the files were read and sorted."""


def run(
    configuration: Configuration,
    watcher: Watcher,
    stop: Stop,
    file: SettingsFile | None = None,
    *,
    whole: bool = False,
    figures: Figures | None = None,
) -> Embedded:
    """Run all sources to their end, or until stopped. The returned lane's store is closed; its counts are the total.

    While it listens to what is live, brands that change in `file` take effect. History that is `whole` is closed at
    its end, whatever the time. `figures` counts what is told to receivers; without it nobody is told.
    Raise WrongSettings, CannotRead, HistoryChanged, and what the store raises.
    """
    paths = resolve(configuration)
    live = connections(configuration, paths, now_ms)
    reader = with_scorers(standard_reader(calibrated=configuration.sentiment.calibrated), configuration.scorers)
    gc.set_threshold(*GC_THRESHOLDS)
    notifying = None if figures is None else Notifying(configuration, figures, watcher.note)
    with Store(configuration.database()) as store, notifying or nullcontext():
        lane = Embedded(store, reader, _both(watcher, notifying))
        watcher.opened(lane)
        for told in lane.configure(configuration.settings()):
            watcher.note(told)
        lane.obey()
        if paths.history:
            run_history(lane, paths, configuration.database().parent, watcher, stop, whole)
        if notifying is not None:
            notifying.hold(held=False)
        if live and not stop:
            run_live(lane, live, watcher, stop, file)
        if notifying is not None and not stop:
            notifying.finish()
        for tracker in lane.partition.trackers.values():
            lane.counts["late"] += tracker.state.desk.late
            lane.counts["too_old"] += tracker.state.desk.too_old
            lane.counts["unretractable"] += tracker.state.desk.unretractable
    return lane


def _both(watcher: Watcher, notifying: Notifying | None) -> Callable[[Outcome], None]:
    """Who is told of each commit."""
    if notifying is None:
        return watcher.committed

    def committed(outcome: Outcome) -> None:
        notifying.committed(outcome)
        watcher.committed(outcome)
        watcher.notified(notifying.state)

    return committed


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
        watcher.note(f"going on after {many(cursor['done'], 'record')}")

    def progress(what: str, count: int) -> None:
        if stop:
            raise Stopped
        watcher.progress(what, count, None)

    try:
        history = History(readers, folder, progress, None if whole else cursor["read"])
        feed(lane, history, cursor, watcher, stop)
        if history.dropped:
            watcher.note(f"{many(history.dropped, 'post')} left out that a file calls deleted, and does not say when")
    except Stopped:
        watcher.note("stopped while reading")


def feed(lane: Embedded, history: History, cursor: dict[str, Any], watcher: Watcher, stop: Stop) -> None:
    """Feed a history's items into the lane in steps, from where the cursor is."""
    for batch in steps(islice(history.items(), cursor["done"], None)):
        cursor["done"] += len(batch)
        lane.obey()
        lane.step(batch, HISTORY, cursor)
        watcher.progress("listening", lane.counts["read"], history.mentions)
        if stop:
            return
    lane.step((), HISTORY, cursor | {"ended": True})


def steps(items: Iterator[Item]) -> Iterator[list[Incoming]]:
    """Cut items into batches of at most STEP_RECORDS."""
    while batch := [Incoming(record, raw) for record, raw in islice(items, STEP_RECORDS)]:
        yield batch
