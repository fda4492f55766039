"""The windows of the last day, against the same kept one by one."""

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from listener.last_day import EXAMPLES, KEPT_EXAMPLES, Heard, LastDay
from listener.windows import BASE_WINDOW as BASE
from schemas.times import DAY, HOUR
from tests.core.building import START

ids = st.lists(st.integers(0, 30).map("x:{}".format), max_size=EXAMPLES, unique=True).map(tuple)
heard = st.builds(
    lambda mentions, whole, part, examples: Heard(mentions, min(mentions, whole), min(mentions, whole, part), examples),
    st.integers(0, 9),
    st.integers(0, 9),
    st.integers(0, 9),
    ids,
)
windows = st.lists(st.tuples(st.integers(1, 200), heard), max_size=40)
scales = st.lists(st.integers(1, 400), min_size=1, max_size=6, unique=True).map(sorted)


def taken_in(steps: list[tuple[int, Heard]]) -> tuple[LastDay, dict[int, Heard]]:
    """The last day after windows that are so many apart, and these by their starts."""
    day, start = LastDay(), START
    all_: dict[int, Heard] = {}
    for later, one in steps:
        start += later * BASE
        day.take_in(start, one)
        all_[start] = one
    return day, {at: one for at, one in all_.items() if at >= start + BASE - DAY}


def summed(many: Iterable[Heard]) -> tuple[int, int, int]:
    mentions, whole, part = (sum(column) for column in zip((0, 0, 0), *(one[:3] for one in many), strict=True))
    return mentions, whole, part


@given(windows, scales)
def test_sums_are_those_of_the_windows_since(steps: list[tuple[int, Heard]], back: list[int]) -> None:
    day, kept = taken_in(steps)
    end = max(kept, default=START) + BASE
    starts = [end - windows * BASE for windows in back]
    assert day.sums(starts) == [summed(one for at, one in kept.items() if at >= start) for start in starts]
    assert day.parts == sum(one.part for one in kept.values())


@given(windows, st.integers(1, 400))
def test_thinning_out_takes_no_example_that_is_told(steps: list[tuple[int, Heard]], back: int) -> None:
    day, other = taken_in(steps)[0], LastDay()
    start = START
    for later, one in steps:
        start += later * BASE
        other.take_in(start, one)
        other.thin_out()
    assert other.examples_since(start - back * BASE) == day.examples_since(start - back * BASE)
    assert len(other.examples) <= KEPT_EXAMPLES


@given(windows, st.integers(1, 400))
def test_examples_are_the_weightiest_of_each_window_the_latest_first(steps: list[tuple[int, Heard]], back: int) -> None:
    day, kept = taken_in(steps)
    start = max(kept, default=START) - back * BASE
    ranked = [(rank, -at, id_) for at, one in kept.items() if at >= start for rank, id_ in enumerate(one.examples)]
    assert day.examples_since(start) == tuple(id_ for _, _, id_ in sorted(ranked)[:EXAMPLES])


@given(windows, st.data())
def test_what_it_was_at_a_window_can_be_asked_later(steps: list[tuple[int, Heard]], data: st.DataObject) -> None:
    day, kept = taken_in(steps)
    until = data.draw(st.integers(0, len(day.numbers)))
    assert day.sums([START], until) == [summed([*kept.values()][:until])]


@given(windows, st.integers(0, 100))
def test_hours_are_those_that_have_a_window(steps: list[tuple[int, Heard]], later: int) -> None:
    day, kept = taken_in(steps)
    first = START // HOUR + later
    assert list(day.hours_from(first)) == sorted({at // HOUR for at in kept if at // HOUR >= first})


@given(windows, heard, st.integers(0, 300))
def test_what_was_added_and_is_taken_away_again_leaves_the_sums(
    steps: list[tuple[int, Heard]], more: Heard, back: int
) -> None:
    day, kept = taken_in(steps)
    start = max(kept, default=START) - back * BASE
    before = day.sums([start - DAY])
    if day.amend(start, more._replace(examples=()), ()):
        less = Heard(-more.mentions, -more.whole, -more.part, ())
        day.amend(start, less, ())
    assert day.sums([start - DAY]) == before
    assert len(day.numbers) == len(day.others) == len(day.whole) == len(day.part)


@given(windows)
def test_nothing_is_kept_of_what_is_older_than_a_day(steps: list[tuple[int, Heard]]) -> None:
    day, kept = taken_in(steps)
    assert [*map(day.start, range(len(day.numbers)))] == sorted(kept)
    assert day.examples.keys() <= kept.keys()
