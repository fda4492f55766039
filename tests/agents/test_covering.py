"""What a source has covered, told by what happened to it: gaps open, close where it gives all again, and else stay."""

from itertools import pairwise
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from agents.sources.covering import LATEST, MOST_INTERVALS, Covering
from listener.coverage import Coverage


class Event(NamedTuple):
    what: str
    after: int
    back: int


BACK = st.one_of(st.integers(0, 5), st.integers(0, 60), st.integers(0, 200))
events = st.lists(
    st.builds(Event, st.sampled_from(["listening", "again", "heard", "lost"]), st.integers(1, 50), BACK),
    max_size=40,
)


def lived(covering: Covering, happened: list[Event]) -> set[int]:
    """Play events; return the moments that were truly covered: listened to and heard, or given again and caught up."""
    now, since, again, heard = 1_000, None, None, set[int]()
    end = None
    for what, after, back in happened:
        now += after
        if what == "lost":
            covering.lost()
            since = again = None
        elif what in ("listening", "again"):
            asked = now - back if what == "again" else None
            covering.listening(now, asked)
            since = now
            again = max(asked, end) if asked is not None and end is not None and end < now and asked < now else None
        elif since is not None:
            through = now - back
            covering.heard(through)
            if through >= since:
                heard |= set(range(since if again is None else again, through))
                again, end = None, max(end or 0, through)
                since = min(since, through)
    return heard


@given(events)
def test_what_is_covered_is_what_was_heard_and_nothing_else(happened: list[Event]) -> None:
    covering = Covering()
    heard = lived(covering, happened)
    assert {moment for start, end in covering.covered for moment in range(start, end)} == heard


@given(events)
def test_intervals_are_in_order_and_apart(happened: list[Event]) -> None:
    covering = Covering()
    lived(covering, happened)
    for (_, end), (start, later) in zip(covering.covered, covering.covered[1:], strict=False):
        assert end < start <= later


@given(events, events)
def test_a_restart_is_a_loss_and_nothing_more(before: list[Event], after: list[Event]) -> None:
    one = Covering()
    lived(one, before)
    other = Covering(list(one.covered))
    one.lost()
    for covering in (one, other):
        lived(covering, [event._replace(after=event.after + 5_000) for event in after])
    assert one.covered == other.covered


def test_a_source_that_cannot_go_back_leaves_its_gap_unknown() -> None:
    covering = Covering([(0, 100)])
    covering.listening(200, None)
    covering.heard(250)
    assert covering.covered == [(0, 100), (200, 250)]
    assert [covering.missed(written) for written in (50, 100, 150, 200, 240)] == [False, False, True, False, False]


def test_a_gap_is_covered_once_the_source_has_given_all_of_it_again_and_not_before() -> None:
    covering = Covering([(0, 100)])
    covering.listening(200, since=0)
    covering.heard(150)
    assert (covering.covered, covering.catching_up) == ([(0, 100)], True)
    assert [covering.missed(written) for written in (50, 150, 200)] == [True, True, False]
    covering.heard(210)
    assert (covering.covered, covering.catching_up) == ([(0, 210)], False)
    assert not covering.missed(150)


def test_a_source_that_goes_back_not_far_enough_covers_the_end_of_its_gap() -> None:
    covering = Covering([(0, 100)])
    covering.listening(200, since=170)
    covering.heard(200)
    assert covering.covered == [(0, 100), (170, 200)]


def test_a_source_that_goes_back_in_time_takes_nothing_back() -> None:
    covering = Covering()
    covering.listening(100, None)
    covering.heard(200)
    covering.heard(150)
    assert covering.covered == [(100, 200)]


def test_what_breaks_while_it_catches_up_has_covered_nothing_of_the_gap() -> None:
    covering = Covering([(0, 100)])
    covering.listening(200, since=0)
    covering.heard(180)
    covering.lost()
    covering.listening(300, None)
    covering.heard(310)
    assert covering.covered == [(0, 100), (300, 310)]


@given(events, st.lists(st.integers(0, 40), max_size=6))
def test_what_is_told_comes_to_all_that_is_covered(happened: list[Event], tells: list[int]) -> None:
    covering, known = Covering(), Coverage()
    cuts = [0, *sorted(min(at, len(happened)) for at in tells), len(happened)]
    far = 0
    for low, high in pairwise(cuts):
        lived(covering, [event._replace(after=event.after + far) for event in happened[low:high]])
        far += 5_000
        known.hear("a", covering.tell())
        heard = [(start, end) for start, end in known.by_source.get("a", []) if start < end]
        assert heard == [(start, end) for start, end in covering.covered if start < end]


def test_a_source_that_comes_and_goes_tells_the_latest_and_what_was_not_told() -> None:
    covering = Covering((10 * at, 10 * at + 1) for at in range(100))
    assert len(covering.tell()) == LATEST
    for time in range(1_000, 1_000 + 10 * 2 * LATEST, 10):
        covering.listening(time, None)
        covering.heard(time + 1)
    assert len(covering.tell()) == 2 * LATEST
    assert len(covering.tell()) == LATEST


def test_a_source_that_comes_and_goes_for_ever_keeps_its_latest_intervals() -> None:
    covering = Covering()
    for time in range(0, 10 * MOST_INTERVALS, 10):
        covering.listening(time, None)
        covering.heard(time + 1)
        covering.lost()
    assert len(covering.covered) == MOST_INTERVALS
    assert covering.covered[-1] == (10 * MOST_INTERVALS - 10, 10 * MOST_INTERVALS - 9)
