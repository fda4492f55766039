"""What the embedded service listens to: all live sources at once, and a clock that moves while nothing comes."""

import time
from collections.abc import Iterable, Iterator, Sequence

from agents.ahead import Ahead
from agents.clock import now_ms
from agents.configuration import WrongSettings
from agents.runtime.embedded import STEP_RECORDS, Embedded, Incoming
from agents.settings_file import SettingsFile
from agents.sources.connection import Connection, Heard
from agents.sources.hearing import Hearing
from agents.sources.inbox import Ceased, Inbox, Taken
from agents.sources.listening import Listening
from agents.stop import Stop
from agents.watcher import Watcher
from schemas.heartbeat import Heartbeat
from schemas.record import to_json
from schemas.times import from_ms

STEP_SECONDS = 0.5
HEARTBEAT_SECONDS = 5.0
STOP_SECONDS = 5.0


def run_live(
    lane: Embedded, connections: Sequence[Connection], watcher: Watcher, stop: Stop, file: SettingsFile | None
) -> None:
    """Take in what comes until all sources have ended, or it is stopped: then what they hand over still is taken in.

    While nothing comes, tell the trackers the time. Raise what no source can be listened to with.
    """
    ahead = Ahead("storage.path")
    _tell_if_ahead(lane, ahead, watcher)
    inbox = Inbox(now_ms)
    hearing = Hearing(connections, lane.partition.state.clock.coverage.told(), now_ms())  # detect keeps the latest only
    _end_others(lane, hearing.sources)
    cursors = {connection.name: lane.cursor(connection.name) for connection in connections}
    with Listening(connections, cursors, inbox, watcher.note) as listening:
        told, stopping = 0.0, 0.0
        while hearing.sources:
            if stop and not stopping:
                listening.stop()
                stopping = time.monotonic()
            taken = inbox.take(STEP_SECONDS / 10 if stopping else STEP_SECONDS, STEP_RECORDS)
            lane.obey()
            if taken.entries or time.monotonic() - told >= HEARTBEAT_SECONDS:
                told = time.monotonic()
                _step(lane, hearing, taken)
                inbox.done(taken.entries)
                _tell_if_ahead(lane, ahead, watcher)
                watcher.progress("listening", lane.counts["read"], None)
                if file is not None:
                    _reload(lane, file, watcher)
            watcher.sources(listening.states())
            for entry in taken.entries:
                if isinstance(entry, Ceased) and entry.error is not None:
                    raise entry.error
            if stopping and ((listening.stopped and not inbox.waiting) or time.monotonic() - stopping > STOP_SECONDS):
                lane.take_in(_incoming(hearing.heartbeats(now_ms(), ended=True)), {})
                return


def _step(lane: Embedded, hearing: Hearing, taken: Taken) -> None:
    records, cursors = hearing.take(taken.entries)
    lane.take_in([*_incoming(records), *_incoming(hearing.heartbeats(taken.through))], cursors)


def _tell_if_ahead(lane: Embedded, ahead: Ahead, watcher: Watcher) -> None:
    told = ahead.of(str(lane.store.path), lane.detector.through, now_ms())
    if told is not None:
        watcher.note(told)


def _incoming(records: Iterable[Heard | Heartbeat]) -> Iterator[Incoming]:
    for record in records:
        yield Incoming(record, to_json(record))


def _end_others(lane: Embedded, sources: Sequence[str]) -> None:
    """Nothing is to be expected of sources that are in the settings no more: else the clock would wait for them."""
    detector = lane.detector
    gone = [name for name, standing in detector.standings.items() if not standing.ended and name not in sources]
    through = from_ms(max(now_ms(), detector.through))
    lane.take_in(
        _incoming(
            Heartbeat(source=name, through=through, covered=detector.coverage.get(name, ()), ended=True)
            for name in gone
        ),
        {},
    )


def _reload(lane: Embedded, file: SettingsFile, watcher: Watcher) -> None:
    """Wrong settings are refused aloud, and the old ones stay."""
    try:
        configuration = file.changed()
    except WrongSettings as error:
        watcher.note(f"{error}; the settings that were in force stay")
        return
    if configuration is not None:
        told = lane.configure(configuration.settings())
        watcher.note(f"{file.path}: read again; brands as they are there from now on, all else at the next start")
        for line in told:
            watcher.note(line)
