"""A connection is kept listening: through losses, refusals, silence and a lane that is slow."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import count

import pytest

from agents.sources import backoff, keeping
from agents.sources.connection import Cursor, Ear, Heard, Lost, Refused
from agents.sources.inbox import Began, Ceased, Entry, Inbox, Took
from agents.sources.keeping import Keeper
from agents.sources.lines import CannotRead
from schemas.dead_letter import DeadLetter
from schemas.mention import Mention
from schemas.times import from_ms
from tests.agents.building import START
from tests.agents.listened import until

Act = Callable[[Cursor, Ear], Awaitable[None]]


class Scripted:
    """A connection that does one act after the other, each time it is to listen; the last one for ever."""

    name = "scripted"
    certain = False

    def __init__(self, *acts: Act, patience: float | None = None) -> None:
        self.patience = patience
        self.cursors: list[Cursor] = []
        self._acts = list(acts)

    async def reach(self) -> str:
        return "always"

    async def listen(self, cursor: Cursor, ear: Ear) -> None:
        self.cursors.append(cursor)
        await (self._acts.pop(0) if len(self._acts) > 1 else self._acts[0])(cursor, ear)


def a_mention(number: int = 0, text: str = "acme") -> Mention:
    return Mention(id=f"{number}", text=text, created_at=from_ms(START))


def giving(*records: Heard, cursor: Cursor = None, error: Exception | None = None) -> Act:
    """Listen, hand records over, and break or wait."""

    async def act(before: Cursor, ear: Ear) -> None:
        ear.listening()
        await ear.take(records, cursor, 0)
        if error is not None:
            raise error
        await asyncio.Event().wait()

    return act


def failing(error: Exception) -> Act:
    async def act(before: Cursor, ear: Ear) -> None:
        raise error

    return act


async def ending(cursor: Cursor, ear: Ear) -> None:
    ear.listening()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backoff, "FIRST", 0.01)
    monkeypatch.setattr(backoff, "LONGEST", 0.08)


def counted_waits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """After how many failures in a row each wait came."""
    waits: list[int] = []

    def wait(failures: int, draw: float, after: float | None = None) -> float:
        waits.append(failures)
        return backoff.wait(failures, draw, after)

    monkeypatch.setattr(keeping, "wait", wait)
    return waits


class Kept:
    """A kept connection, and what it has put into its inbox by now."""

    def __init__(self, connection: Scripted, most: int) -> None:
        times = count(START)
        self.inbox = Inbox(lambda: next(times), most)
        self.notes: list[str] = []
        self.keeper = Keeper(connection, "begin", self.inbox, self.notes.append)
        self.entries: list[Entry] = []

    def take(self) -> list[Entry]:
        """Take what is there, and say that it is committed."""
        taken = self.inbox.take(0, 1_000).entries
        self.entries += taken
        self.inbox.done(taken)
        return taken


@asynccontextmanager
async def kept(connection: Scripted, most: int = 1 << 20) -> AsyncIterator[Kept]:
    made = Kept(connection, most)
    task = asyncio.ensure_future(made.keeper.keep())
    try:
        yield made
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_after_a_loss_it_goes_on_with_the_cursor_that_was_handed_over_last() -> None:
    lost = giving(a_mention(1), cursor={"at": 1}, error=Lost("gone"))
    connection = Scripted(failing(OSError("no route")), lost, giving(a_mention(2), cursor={"at": 2}))
    async with kept(connection) as one:
        await until(lambda: one.take() and len([e for e in one.entries if isinstance(e, Took)]) == 2)
    assert connection.cursors == ["begin", "begin", {"at": 1}]
    assert [type(entry) for entry in one.entries] == [Ceased, Began, Took, Ceased, Began, Took]
    assert one.keeper.state().connects == 2
    assert one.notes[0].startswith("scripted: lost: no route; again in ")
    assert one.notes[-1] == "scripted: listening again"


async def test_it_waits_longer_each_time_and_tells_the_same_trouble_once(monkeypatch: pytest.MonkeyPatch) -> None:
    waits = counted_waits(monkeypatch)
    async with kept(Scripted(failing(Lost("gone")))) as one:
        await until(lambda: len(waits) == 6)
        assert one.keeper.state().state.startswith("lost: gone; waiting")
    assert waits == [1, 2, 3, 4, 5, 6]
    assert len(one.notes) == 1


async def test_one_that_answers_and_hangs_up_at_once_is_not_called_again_and_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits = counted_waits(monkeypatch)
    async with kept(Scripted(giving(error=Lost("bye")))):
        await until(lambda: len(waits) == 4)
    assert waits == [1, 2, 3, 4]


async def test_what_the_other_side_asks_to_wait_is_waited() -> None:
    async with kept(Scripted(failing(Lost("HTTP 429", after=30)), giving())) as one:
        await until(lambda: "waiting" in one.keeper.state().state)
        await asyncio.sleep(0.2)
        assert one.keeper.state().state.startswith("lost: HTTP 429; waiting 3")
        assert not one.keeper.state().up


async def test_what_is_refused_is_said_and_asked_seldom() -> None:
    connection = Scripted(failing(Refused("HTTP 401: the token is wrong")))
    async with kept(connection) as one:
        await until(lambda: one.notes)
        await asyncio.sleep(0.2)
    assert len(connection.cursors) == 1
    assert one.notes[0].startswith("scripted: refused: HTTP 401: the token is wrong; again in ")


async def test_silence_is_taken_for_death() -> None:
    connection = Scripted(giving(a_mention(1), cursor=1), patience=0.1)
    async with kept(connection) as one:
        await until(lambda: one.take() and one.keeper.state().connects == 3)
    assert "lost: nothing came for 0 s" in one.notes[0]
    assert connection.cursors[1] == 1


async def test_a_sign_of_life_is_enough() -> None:
    async def humming(cursor: Cursor, ear: Ear) -> None:
        ear.listening()
        for _ in range(40):
            ear.alive()
            await asyncio.sleep(0.01)
        await ear.take([a_mention()], None, 0)
        await asyncio.Event().wait()

    connection = Scripted(humming, patience=0.15)
    async with kept(connection) as one:
        await until(lambda: any(isinstance(entry, Took) for entry in one.take()))
    assert len(connection.cursors) == 1


@pytest.mark.parametrize("heard", [a_mention(0, "x" * 1_000), DeadLetter.of("x", 1, "bad", b"x" * 1_000)])
async def test_a_slow_lane_stops_the_reading_and_is_no_silence(heard: Heard) -> None:
    given = 0

    async def flooding(cursor: Cursor, ear: Ear) -> None:
        nonlocal given
        ear.listening()
        while True:
            given += 1
            await ear.take([heard] * 10, given, 0)

    connection = Scripted(flooding, patience=0.05)
    async with kept(connection, most=100_000) as one:
        await until(lambda: given == 6)
        await asyncio.sleep(0.3)
        assert given == 6, "five batches of 20,000 wait, and the sixth for room"
        assert len(connection.cursors) == 1
        began = time.monotonic()
        taken = one.inbox.take(10, 1_000).entries  # in this loop: nothing can come meanwhile
        assert time.monotonic() - began < 1, "there is no room for what would be waited for"
        one.entries += taken
        one.inbox.done(taken)
        await until(lambda: given == 11)
    assert [entry.cursor for entry in one.entries if isinstance(entry, Took)] == [1, 2, 3, 4, 5]


async def test_a_batch_that_is_larger_than_the_room_gets_in_alone() -> None:
    async with kept(Scripted(giving(a_mention(1, "x" * 5_000))), most=100) as one:
        await until(lambda: any(isinstance(entry, Took) for entry in one.take()))


async def test_what_was_taken_is_kept_only_once_it_is_committed() -> None:
    told: list[str] = []

    async def promising(cursor: Cursor, ear: Ear) -> None:
        ear.listening()
        done = await ear.take([a_mention()], None, 0)
        told.append("taken")
        await done
        told.append("kept")
        await asyncio.Event().wait()

    async with kept(Scripted(promising)) as one:
        await until(lambda: told)
        taken = one.inbox.take(0, 1_000).entries
        await asyncio.sleep(0.1)
        assert told == ["taken"]
        one.inbox.done(taken)
        await until(lambda: told == ["taken", "kept"])


async def test_one_that_breaks_is_told_with_its_traceback_and_begun_again(caplog: pytest.LogCaptureFixture) -> None:
    connection = Scripted(failing(ValueError("a bug")), giving())
    with caplog.at_level(logging.ERROR):
        async with kept(connection) as one:
            await until(lambda: one.keeper.state().up)
    assert "a bug" in one.notes[0]
    assert caplog.records[0].exc_info


async def test_the_end_of_a_source_is_its_end() -> None:
    connection = Scripted(ending)
    async with kept(connection) as one:
        await until(lambda: any(isinstance(entry, Ceased) for entry in one.take()))
    assert one.entries[-1] == Ceased("scripted", one.entries[-1].at, ended=True)
    assert one.keeper.state().state == "ended"


async def test_what_nobody_can_read_is_handed_on_as_the_reason_to_stop() -> None:
    async with kept(Scripted(failing(CannotRead("no such file")))) as one:
        await until(lambda: any(isinstance(entry, Ceased) for entry in one.take()))
    last = one.entries[-1]
    assert isinstance(last, Ceased)
    assert isinstance(last.error, CannotRead)


async def test_time_is_told_only_so_far_as_nothing_waits() -> None:
    times = iter([10, 20, 30, 40, 50])
    inbox = Inbox(lambda: next(times))
    for number in range(3):
        await inbox.take_in("a", [a_mention(number)], number, 0)
    first = inbox.take(0, 2)
    assert ([entry.at for entry in first.entries], first.through) == ([10, 20], 30)
    second = inbox.take(0, 2)
    assert ([entry.at for entry in second.entries], second.through) == ([30], 40)


async def test_nobody_has_heard_more_than_the_clock_says() -> None:
    inbox = Inbox(lambda: 10)
    await inbox.take_in("a", [], None, 10**6)
    (entry,) = inbox.take(0, 2).entries
    assert isinstance(entry, Took)
    assert entry.through == 10
