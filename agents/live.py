"""What the embedded service listens to: all live sources at once, and a clock that moves while nothing comes."""

import time
from collections.abc import Sequence

from agents.clock import now_ms
from agents.configuration import WrongSettings
from agents.runtime.embedded import STEP_RECORDS, Embedded, Incoming
from agents.settings_file import SettingsFile
from agents.sources.connection import Connection
from agents.sources.hearing import Hearing
from agents.sources.inbox import Ceased, Inbox, Taken
from agents.sources.listening import Listening
from agents.stop import Stop
from agents.watcher import Watcher
from schemas.record import to_json

STEP_SECONDS = 0.5
HEARTBEAT_SECONDS = 5.0
STOP_SECONDS = 5.0


def run_live(
    lane: Embedded, connections: Sequence[Connection], watcher: Watcher, stop: Stop, file: SettingsFile | None
) -> None:
    """Take in what comes until all sources have ended, or it is stopped: then what they hand over still is taken in.

    While nothing comes, tell the trackers the time. Raise what no source can be listened to with.
    """
    inbox = Inbox(now_ms)
    hearing = Hearing(connections, lane.detector.coverage, now_ms())
    cursors = {connection.name: lane.cursor(connection.name) for connection in connections}
    with Listening(connections, cursors, inbox, watcher.note) as listening:
        told, stopping = 0.0, 0.0
        while hearing.sources:
            if stop and not stopping:
                listening.stop()
                stopping = time.monotonic()
            taken = inbox.take(STEP_SECONDS / 10 if stopping else STEP_SECONDS, STEP_RECORDS)
            if taken.entries or time.monotonic() - told >= HEARTBEAT_SECONDS:
                told = time.monotonic()
                _step(lane, hearing, taken)
                inbox.done(taken.entries)
                watcher.progress("listening", lane.counts["read"], None)
                if file is not None:
                    _reload(lane, file, watcher)
            watcher.sources(listening.states())
            for entry in taken.entries:
                if isinstance(entry, Ceased) and entry.error is not None:
                    raise entry.error
            if stopping and ((listening.stopped and not inbox.waiting) or time.monotonic() - stopping > STOP_SECONDS):
                return


def _step(lane: Embedded, hearing: Hearing, taken: Taken) -> None:
    records, cursors = hearing.take(taken.entries)
    batch = [Incoming(record, to_json(record)) for record in records]
    batch += [Incoming(heartbeat, to_json(heartbeat)) for heartbeat in hearing.heartbeats(taken.through)]
    lane.take_in(batch, cursors)


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
