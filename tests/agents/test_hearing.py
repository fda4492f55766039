"""What live sources bring becomes records of the log: stamped, marked where it was missed, with heartbeats."""

import asyncio
from collections.abc import Iterator
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from agents.sources.hearing import Hearing
from agents.sources.inbox import Began, Ceased, Entry, Took
from schemas.dead_letter import DeadLetter
from schemas.deletion import Deletion
from schemas.heartbeat import Heartbeat
from schemas.mention import Mention
from schemas.times import SECOND, from_ms, to_ms
from tests.agents.building import START

LOOP = asyncio.new_event_loop()
LOOP.close()  # only to make futures


class Named(NamedTuple):
    """As much of a connection as hearing asks for."""

    name: str
    certain: bool = False
    patience: float | None = None

    async def listen(self, cursor: object, ear: object) -> None: ...

    async def reach(self) -> str:
        return ""


def a_mention(at: int, id: str = "m") -> Mention:
    return Mention(id=id, text="acme", created_at=from_ms(at))


def took(at: int, *records: Mention | Deletion | DeadLetter, cursor: object = None, through: int = 0) -> Took:
    return Took("a", at, records, cursor, through, LOOP.create_future())


def covered(beat: Heartbeat) -> list[tuple[int, int]]:
    return [(to_ms(start) - START, to_ms(end) - START) for start, end in beat.covered]


def heard(*names: Named, coverage: tuple[tuple[int, int], ...] = ()) -> Hearing:
    known = {"a": [(from_ms(START + start), from_ms(START + end)) for start, end in coverage]}
    return Hearing(names or (Named("a"),), known, START)


@given(st.lists(st.integers(-(10**6), 10**6), max_size=30))
def test_stamps_never_go_back(arrivals: list[int]) -> None:
    hearing = heard()
    records, _ = hearing.take([took(START + at, a_mention(START), Deletion(id="d")) for at in arrivals])
    stamps = [record.ingested_at for record in records if not isinstance(record, DeadLetter)]
    assert None not in stamps
    assert stamps == sorted(stamps)  # type: ignore[type-var]  # none is None
    (beat,) = hearing.heartbeats(START)
    assert all(beat.through >= stamp for stamp in stamps if stamp)


def test_the_cursor_is_that_of_the_last_batch() -> None:
    _, cursors = heard().take([took(START, cursor=1), took(START, cursor=2), took(START)])
    assert cursors == {"a": 2}


def test_what_was_written_in_a_gap_and_comes_after_it_is_marked() -> None:
    hearing = heard(coverage=((0, 100 * SECOND),))
    entries: list[Entry] = [
        Began("a", START + 300 * SECOND, since=0),
        took(START + 301 * SECOND, a_mention(START + 200 * SECOND), a_mention(START + 301 * SECOND)),
        took(START + 302 * SECOND, through=START + 302 * SECOND),
        took(START + 303 * SECOND, a_mention(START + 200 * SECOND)),
    ]
    records, _ = hearing.take(entries)
    assert [record.caught_up for record in records if isinstance(record, Mention)] == [True, False, False]
    (beat,) = hearing.heartbeats(START + 303 * SECOND)
    assert covered(beat) == [(0, 302 * SECOND)]


def test_while_a_source_is_down_its_coverage_stands_still_and_the_clock_does_not() -> None:
    hearing = heard(coverage=((0, 100),))
    hearing.take(
        [Began("a", START + 200, None), took(START + 300, through=START + 300), Ceased("a", START + 400, ended=False)]
    )
    beats = [next(iter(hearing.heartbeats(START + at))) for at in (1_000, 2_000)]
    assert [covered(beat) for beat in beats] == [[(0, 100), (200, 300)]] * 2
    assert [to_ms(beat.through) - START for beat in beats] == [1_000, 2_000]


def test_a_source_with_no_network_between_has_heard_all_while_it_listens() -> None:
    hearing = heard(Named("a", certain=True))
    hearing.take([Began("a", START + 100, None)])
    (beat,) = hearing.heartbeats(START + 1_000)
    assert covered(beat)[-1][1] == 1_000
    hearing.take([Ceased("a", START + 1_500, ended=False)])
    (beat,) = hearing.heartbeats(START + 3_000)
    assert covered(beat)[-1][1] == 1_500


def test_a_source_that_has_ended_says_its_last_and_then_no_more() -> None:
    hearing = heard(Named("a", certain=True), Named("b", certain=True))
    hearing.take([Began("a", START, None), Began("b", START, None), Ceased("a", START + 500, ended=True)])
    assert said(hearing.heartbeats(START + 1_000)) == [("a", True), ("b", False)]
    assert said(hearing.heartbeats(START + 2_000)) == [("b", False)]
    assert hearing.sources == ["b"]
    assert said(hearing.heartbeats(START + 3_000, ended=True)) == [("b", True)]


def said(beats: Iterator[Heartbeat]) -> list[tuple[str, bool]]:
    return [(beat.source, beat.ended) for beat in beats]


def test_a_source_that_was_never_heard_covers_no_time_since_it_was_to_listen() -> None:
    hearing = heard()
    hearing.take([Ceased("a", START + 500, ended=False)])
    (beat,) = hearing.heartbeats(START + 1_000)
    assert covered(beat) == [(0, 0)]
