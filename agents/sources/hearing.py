"""What the live sources bring becomes records for the log: stamped, marked where it was missed, with heartbeats.

It runs beside the lane, on what the connections have put into the inbox, in the order of that.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec.structs import force_setattr

from agents.sources.connection import Connection, Cursor, Heard
from agents.sources.covering import Covering
from agents.sources.inbox import Began, Ceased, Entry, Took
from schemas.dead_letter import DeadLetter
from schemas.heartbeat import Heartbeat, Interval
from schemas.mention import Mention
from schemas.times import from_ms, to_ms


class Hearing:
    """How far each source has been heard. `coverage` is what was known when it was heard last."""

    def __init__(self, connections: Iterable[Connection], coverage: Mapping[str, Sequence[Interval]], now: int) -> None:
        self._certain = {connection.name: connection.certain for connection in connections}
        self._coverings = {
            name: Covering((to_ms(start), to_ms(end)) for start, end in coverage.get(name, ()))
            for name in self._certain
        }
        self._stamped = self._told = self._began = now
        self._ended: list[str] = []

    @property
    def sources(self) -> list[str]:
        """Those that have not ended."""
        return list(self._coverings)

    def take(self, entries: Sequence[Entry]) -> tuple[list[Heard], dict[str, Cursor]]:
        """The records of what has come, stamped, and the cursor of each source after them."""
        records: list[Heard] = []
        cursors: dict[str, Cursor] = {}
        for entry in entries:
            covering = self._coverings[entry.source]
            if isinstance(entry, Took):
                self._stamp(entry, covering)
                records += entry.records
                if entry.cursor is not None:
                    cursors[entry.source] = entry.cursor
                covering.heard(entry.through)
            elif isinstance(entry, Began):
                covering.listening(entry.at, entry.since)
            elif isinstance(entry, Ceased):
                self._cease(entry, covering)
        return records, cursors

    def _stamp(self, entry: Took, covering: Covering) -> None:
        """With the time of its coming, that never goes back; whoever wrote it another has no say in that."""
        self._stamped = max(self._stamped, entry.at)
        at = from_ms(self._stamped)
        gaps = covering.has_gaps
        for record in entry.records:
            if isinstance(record, DeadLetter):
                continue
            force_setattr(record, "ingested_at", at)
            if gaps and isinstance(record, Mention) and covering.missed(to_ms(record.created_at)):
                force_setattr(record, "caught_up", True)  # noqa: FBT003 - its value

    def _cease(self, entry: Ceased, covering: Covering) -> None:
        if self._certain[entry.source] and not covering.catching_up:
            covering.heard(entry.at)
        covering.lost()
        if entry.ended:
            self._ended.append(entry.source)

    def heartbeats(self, through: int, *, ended: bool = False) -> Iterator[Heartbeat]:
        """What each source covered of late, all having been taken that came until `through`, in ms.

        All have `ended` if it stops now; one that has ended says so once, and then no more.
        """
        self._told = max(self._told, self._stamped, through)
        for name, covering in self._coverings.items():
            if self._certain[name] and not covering.catching_up:
                covering.heard(self._told)
            intervals = covering.tell() or [(self._began, self._began)]  # never heard: since then not
            covered = tuple((from_ms(start), from_ms(end)) for start, end in intervals)
            gone = ended or name in self._ended
            yield Heartbeat(source=name, through=from_ms(self._told), covered=covered, ended=gone)
        for name in self._ended:
            del self._coverings[name]
        self._ended = []
