"""What the sentiment monitor keeps of the last day is corrected when something comes too late, or goes."""

from listener.detection import example_ids
from listener.monitors.monitor import BASE, BaseWindow, Change
from listener.monitors.sentiment import NEGATIVE, SentimentMonitor, SentimentState
from listener.windows import Counts
from schemas.times import HOUR
from tests.core.building import START

ONE = {"scorable": 1, "scored": 1, "negative": 1}
LESS = {name: -count for name, count in ONE.items()}


def heard(state: SentimentState, start: int, counts: Counts) -> None:
    window = BaseWindow(start, start + BASE, counts, {NEGATIVE.rule: ("x:1", "x:2")}, START, lambda start, end: 1.0)
    list(SentimentMonitor().due(state, window, start + BASE))


def amend(state: SentimentState, start: int, counts: Counts, *, came: tuple[str, ...] = (), gone: str = "") -> bool:
    return SentimentMonitor().amend(state, Change(start, counts, {NEGATIVE.rule: came}, [gone], caught_up=False))


def kept(state: SentimentState) -> list[tuple[int, int, tuple[str, ...]]]:
    recent = state.negative.recent
    starts = map(recent.start, range(len(recent.part)))
    return [
        ((at - START) // BASE, part, recent.examples.get(at, ())) for at, part in zip(starts, recent.part, strict=True)
    ]


def test_a_window_gets_what_came_and_loses_what_went() -> None:
    state = SentimentState()
    heard(state, START, {"scorable": 2, "scored": 2, "negative": 2})
    assert amend(state, START, ONE, came=("x:3",), gone="x:1")
    assert kept(state) == [(0, 3, ("x:2", "x:3"))]
    assert amend(state, START - BASE, ONE, came=("x:0",))
    assert kept(state) == [(-1, 1, ("x:0",)), (0, 3, ("x:2", "x:3"))]
    assert state.negative.recent.parts == 4


def test_a_window_that_lost_all_is_as_if_nothing_had_been_said() -> None:
    state = SentimentState()
    assert amend(state, START, ONE)
    assert amend(state, START, LESS)
    assert (state.negative.recent.part, state.negative.recent.parts) == ([], 0)


def test_what_goes_from_a_window_that_is_not_known_changes_nothing() -> None:
    state = SentimentState()
    assert not amend(state, START, LESS)
    assert state == SentimentState()


def test_an_hour_of_which_something_came_too_late_is_not_learned_as_quiet() -> None:
    state, other = SentimentState(), SentimentState()
    for one in (state, other):
        heard(one, START, ONE)
    amend(state, START + 2 * HOUR, ONE)
    for one in (state, other):
        heard(one, START + 5 * HOUR, ONE)
    assert (state.negative.baseline.hours_seen, other.negative.baseline.hours_seen) == (4, 5)


def test_an_hour_is_learned_without_what_came_later_of_the_next() -> None:
    state = SentimentState()
    heard(state, START, ONE)
    amend(state, START + HOUR, {"scorable": 3, "scored": 3, "negative": 3})
    heard(state, START + 2 * HOUR, ONE)
    assert state.negative.baseline.whole == 1.0


def test_an_edited_post_is_one_example() -> None:
    assert example_ids({"m": [((-6, 0), "a"), ((-5, 0), "b"), ((-4, 0), "a")]}, {}) == {"m": ("a", "b")}
