"""One input partition of one agent: its state, its position and a transactional producer of its own.

A commit writes outputs, changed state and position in one transaction, and fences whoever held the partition before.
The position in the state is the truth; the group's offset is a hint.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from aiokafka import AIOKafkaProducer

from agents.clock import now_ms
from agents.runtime.outbox import Entry, Outbox, send
from agents.runtime.topics import TopicPartition
from listener.state import Parts

LARGEST_PART = 512 * 1024  # the broker takes about 1 MiB, and send_batch asks nobody
SPLIT = b"\x00split"
MOST_BROKEN = 100  # in one stretch between commits: each costs a replay of the stretch
DEADLINE = 12.0  # of whatever is asked of the broker, in seconds: below the transaction's and the group's own
SLOW = 2.0  # seconds that a commit may take beside other work
log = logging.getLogger(__name__)


class Work(Protocol):
    """What a lane does with its input: detect or track. It waits for nothing and writes to nobody but its outbox.

    `position` is the next offset; `urgent`, that what it has put out since the last commit should not wait; `through`,
    how far it was told the time, in ms, None while nobody told; `bad_in_a_row`, how many records up to the last one
    could not be used, a part of the state. Work that never raises Broken `may_break` not: what it committed need not be
    kept beside what it is.
    """

    may_break: bool

    position: int
    urgent: bool
    bad_in_a_row: int

    @property
    def through(self) -> int | None: ...

    def take(self, records: Sequence[Any], outbox: Outbox) -> None:
        """Work through records. Raise Broken for one that broke the state, which is then half changed."""

    def finish(self, outbox: Outbox) -> None:
        """What is to be said once before each commit."""

    def listen(self, now: int) -> None:
        """All there was up to `now`, ms of the wall clock, was taken."""

    def take_changes(self) -> Parts:
        """The parts of the state that changed since the last call."""


class Broken(Exception):
    """A record broke the state. `leave_out` says what to leave out in the next try, in words of the work."""

    def __init__(self, leave_out: object, error: Exception) -> None:
        super().__init__(str(error))
        self.leave_out = leave_out


class Lane:
    """The lane. `work(parts, broken)` makes its work anew from what was committed, leaving out what broke it.

    `on_commit` is told what was committed, and how many seconds it took. `moved_at` is when it last committed, or got
    something to commit, on the monotonic clock. It pauses after `most_bad` bad records in a row (0: never): then not
    the data are wrong but the settings, or the program, and what would be set aside is everything.
    """

    def __init__(
        self,
        name: str,
        state: TopicPartition,
        parts: dict[str, bytes],
        work: Callable[[dict[str, bytes], Sequence[Broken]], Work],
        producer: AIOKafkaProducer,
        partitions: int,
        on_commit: Callable[[Outbox, float], None],
        most_bad: int = 0,
    ) -> None:
        self.name = name
        self._on_commit = on_commit
        self.moved_at = self.level_at = time.monotonic()
        self._sizes = {name: len(part) for name, part in parts.items()}
        self._state = state
        self._make = work
        self._producer = producer
        self.work = work(parts, ())
        self.committed = parts if self.work.may_break else {}  # to go back to
        self.outbox = Outbox(partitions)
        self._chunks: list[Sequence[Any]] = []  # taken since the last commit, where they may have to come again
        self._taken_any = self._listened = False
        self._commit: asyncio.Task[None] | None = None
        self._commit_began = 0.0
        self._half_changed = False  # by a record that broke the state: such a state must not be committed
        self._splits = {name: _piece_count(part) for name, part in parts.items() if _piece_count(part)}
        self._most_bad = most_bad
        self.paused = ""  # why it takes nothing any more
        self._pause_if_all_is_bad()

    @property
    def waiting(self) -> bool:
        """Whether there is something to commit."""
        return self._taken_any or self._listened

    async def take(self, chunk: Sequence[Any]) -> None:
        """Work through a chunk. A record that breaks the state becomes a dead letter; nothing else of its lane does."""
        records = [record for record in chunk if record.offset >= self.work.position]
        if not records or self.paused:
            return
        if not self.waiting:
            self.moved_at = time.monotonic()
        self._taken_any = True
        if self.work.may_break:
            self._chunks.append(records)
        try:
            self.work.take(records, self.outbox)
        except Broken as broken:
            self._half_changed = True
            await self._take_again([broken])
            self._half_changed = False
        self._pause_if_all_is_bad()

    async def _take_again(self, broken: list[Broken]) -> None:
        """Go back to the last commit, and come again without what broke."""
        await self.settled()
        while True:
            self.outbox.take()
            if self._most_bad and len(broken) > min(MOST_BROKEN, self._most_bad):
                self._chunks, self._taken_any = [], False
                self.work = self._make(self.committed, ())
                self._pause(f"{len(broken)} records break their trackers, the last one so: {broken[-1]}")
                return
            log.warning("%s: a record broke its tracker and is set aside: %s", self.name, broken[-1])
            self.work = self._make(self.committed, broken)
            await asyncio.sleep(0)  # other lanes must not stand while this one comes again and again
            try:
                for records in self._chunks:
                    self.work.take(records, self.outbox)
            except Broken as another:
                broken.append(another)
            else:
                return

    def pass_to(self, offset: int, *, commit: bool = False) -> None:
        """Nothing is to be read any more before an offset: markers of transactions lie there, or what was deleted.

        By itself that is no reason to `commit`.
        """
        self.work.position = max(self.work.position, offset)
        self._listened = self._listened or commit

    def listen(self, now: int) -> None:
        """Nothing waits, and it is `now`: to be committed though nothing was taken."""
        self.work.listen(now)
        self._listened = True

    def _pause_if_all_is_bad(self) -> None:
        bad = self.work.bad_in_a_row
        if self._most_bad and bad >= self._most_bad:
            self._pause(f"{bad} records in a row could not be used; the last dead letters say why")

    def _pause(self, reason: str) -> None:
        self.paused = reason
        log.critical(
            "%s is paused: %s. Mend what writes them, or the settings; or start a worker with --go-on, "
            "which sets aside whatever is bad",
            self.name,
            reason,
        )

    @property
    def commits_slowly(self) -> bool:
        """Whether a commit has been on its way for so long that other work should wait for it."""
        on_its_way = self._commit is not None and not self._commit.done()
        return on_its_way and time.monotonic() - self._commit_began > SLOW

    async def settled(self) -> None:
        """Wait until no commit is on its way."""
        while (commit := self._commit) is not None:
            await asyncio.shield(commit)
            if commit is self._commit:  # else somebody who waited too was quicker
                return

    async def commit(self) -> int | None:
        """Commit all that was taken; return the next offset, None if there was nothing. What it raises is fatal."""
        await self.settled()
        if self._half_changed or not self.waiting:
            return None
        position = self.work.position
        outbox, changes = self._taken()
        self._commit_began = time.monotonic()
        self._commit = asyncio.create_task(self._transaction(outbox, changes))
        await asyncio.shield(self._commit)
        return position

    def _taken(self) -> tuple[Outbox, Parts]:
        """What is to be committed, taken at once: until the task begins a record may have broken the state."""
        self.work.finish(self.outbox)
        self.work.urgent = False
        changes = self.work.take_changes()
        outbox = self.outbox.take()
        self._chunks, self._taken_any, self._listened = [], False, False
        for name, part in changes.items():
            self._put_part(outbox, name, part)
        return outbox, changes

    async def _transaction(self, outbox: Outbox, changes: Parts) -> None:
        began = time.monotonic()
        async with asyncio.timeout(DEADLINE):
            await self._producer.begin_transaction()
            await send(self._producer, outbox, now_ms())
            await self._producer.commit_transaction()
        for name, part in changes.items():
            self._keep(name, part)
        self.moved_at = time.monotonic()
        self._on_commit(outbox, self.moved_at - began)

    def _keep(self, name: str, part: bytes | None) -> None:
        self._sizes[name] = len(part or b"")
        if part is None:
            del self._sizes[name]
            self.committed.pop(name, None)
        elif self.work.may_break:
            self.committed[name] = part

    @property
    def state_bytes(self) -> int:
        """The size of what is committed."""
        return sum(self._sizes.copy().values())  # read from another thread

    def _put_part(self, outbox: Outbox, name: str, part: bytes | None) -> None:
        before = self._splits.pop(name, 0)
        pieces = _piece_count(part)
        if pieces:
            self._splits[name] = pieces
        for key, value in split(name, part, before):
            outbox.put_into(self._state, key, value)

    async def close(self) -> None:
        """Let the commit that is on its way end, then give the producer up."""
        await self.settled()
        async with asyncio.timeout(DEADLINE):
            await self._producer.stop()


def split(name: str, part: bytes | None, before: int) -> Iterator[Entry]:
    """A part as records: in pieces if it is too large for one; pieces of the `before` that it had and lost are gone.

    Raise ValueError for a part that begins as only a split one does.
    """
    if part is not None and part.startswith(SPLIT):
        raise ValueError(f"the part {name} looks like one that is split")
    pieces = _piece_count(part)
    for number in range(pieces, before):
        yield _piece_key(name, number), None
    if part is None or not pieces:
        yield name.encode(), part
        return
    for number in range(pieces):
        yield _piece_key(name, number), part[number * LARGEST_PART : (number + 1) * LARGEST_PART]
    yield name.encode(), SPLIT + str(pieces).encode()


def _piece_count(part: bytes | None) -> int:
    return 0 if part is None or len(part) <= LARGEST_PART else -(-len(part) // LARGEST_PART)


def _piece_key(name: str, number: int) -> bytes:
    return f"{name}\x00{number}".encode()


def joined(records: dict[bytes, bytes]) -> dict[str, bytes]:
    """The parts of a state as it was read from its topic."""
    parts: dict[str, bytes] = {}
    for key, value in records.items():
        if b"\x00" not in key:
            pieces = [_piece_key(key.decode(), number) for number in range(_split_into(value))]
            parts[key.decode()] = b"".join(records[piece] for piece in pieces) if pieces else value
    return parts


def _split_into(value: bytes) -> int:
    return int(value.removeprefix(SPLIT)) if value.startswith(SPLIT) else 0
