"""Windows over the time of writing, and their revisions."""

import pytest

from listener.windows import LENGTHS, Length, Window, Windows, add_counts, total
from schemas.times import DAY, HOUR, MINUTE, SECOND
from tests.core.building import START

LATENESS = 60 * SECOND
MINUTES, HOURS, DAYS = LENGTHS


def windows(length: Length) -> Windows:
    return Windows(length, LATENESS)


def add(to: Windows, written: int, read: int | None = None, now: int | None = None) -> tuple[int, int, bool]:
    place = to.add(written, written if read is None else read, "x", {"mentions": 1}, now)
    assert place is not None
    return place


def close(of: Windows, due: int, *, zero_was_emitted: bool = False) -> Window:
    window = of.close(START, due, zero_was_emitted=zero_was_emitted)
    assert window is not None
    return window


@pytest.mark.parametrize("length", LENGTHS, ids=lambda length: length.name)
def test_a_mention_belongs_to_the_window_in_which_it_was_written(length: Length) -> None:
    for written in (START, START + length.length - 1):
        assert add(windows(length), written)[1] == START
    assert add(windows(length), START + length.length)[1] == START + length.length


@pytest.mark.parametrize("length", LENGTHS, ids=lambda length: length.name)
def test_what_was_read_in_time_is_due_when_the_window_closes(length: Length) -> None:
    for read in (START, START + length.length):
        assert add(windows(length), START, read)[0] == START + length.length + LATENESS


@pytest.mark.parametrize("length", LENGTHS, ids=lambda length: length.name)
def test_what_was_read_later_is_due_at_the_end_of_its_step(length: Length) -> None:
    end = START + length.length
    for read in (end + 1, end + length.step):
        assert add(windows(length), START, read)[0] == end + length.step + LATENESS


def test_what_comes_after_its_revision_was_due_waits_for_the_next_step_of_the_clock() -> None:
    due, _, _ = add(windows(HOURS), START, START + MINUTE, now=START + 3 * HOUR + MINUTE)
    assert due == START + 3 * HOUR + 5 * MINUTE + LATENESS


def test_only_the_first_of_a_revision_asks_for_a_timer() -> None:
    hours = windows(HOURS)
    assert [add(hours, START + number)[2] for number in range(3)] == [True, False, False]
    assert add(hours, START, START + 2 * HOUR)[2]


@pytest.mark.parametrize("length", LENGTHS, ids=lambda length: length.name)
def test_a_window_takes_mentions_up_to_its_horizon(length: Length) -> None:
    last = START + length.length + length.horizon
    assert windows(length).add(START, last, "x", {}, None) is not None
    assert windows(length).add(START, last + 1, "x", {}, None) is None


def test_what_comes_too_late_is_taken_for_read_just_now() -> None:
    last = START + MINUTE + 2 * HOUR + LATENESS
    assert windows(MINUTES).add(START, START, "x", {}, last) is not None
    assert windows(MINUTES).add(START, START, "x", {}, last + 1) is None


def test_horizons_are_those_of_the_design() -> None:
    assert [(length.name, length.horizon) for length in LENGTHS] == [
        ("minute", 2 * HOUR),
        ("hour", 7 * DAY),
        ("day", 100 * DAY),
    ]


def test_a_revision_holds_all_up_to_it() -> None:
    hours = windows(HOURS)
    first = add(hours, START)[0]
    second = add(hours, START, START + 2 * HOUR)[0]
    assert close(hours, first).emitted == {"x": {"mentions": 1}}
    window = close(hours, second)
    assert (window.revision, window.emitted) == (1, {"x": {"mentions": 2}})


def test_after_a_zero_the_next_revision_is_1() -> None:
    hours = windows(HOURS)
    due = add(hours, START, START + 2 * HOUR)[0]
    assert close(hours, due, zero_was_emitted=True).revision == 1


def test_what_was_taken_back_before_it_was_told_is_not_told() -> None:
    hours = windows(HOURS)
    due = add(hours, START)[0]
    assert hours.add(START, START, "x", {"mentions": -1}, None) == (due, START, False)
    assert hours.close(START, due, zero_was_emitted=False) is None
    assert hours.told(START) is None


def test_a_sum_that_became_zero_vanishes_and_a_platform_without_any_too() -> None:
    hours = windows(HOURS)
    hours.add(START, START, "x", {"mentions": 1, "negative": 1}, None)
    hours.add(START, START, "y", {"mentions": 1, "negative": 1}, None)
    first = add(hours, START)[0]
    later = START + 2 * HOUR
    second = hours.add(START, later, "y", {"mentions": -1, "negative": -1}, None)
    hours.add(START, later, "x", {"mentions": -1, "negative": -1}, None)
    assert second is not None
    assert close(hours, first).emitted == {"x": {"mentions": 2, "negative": 1}, "y": {"mentions": 1, "negative": 1}}
    window = close(hours, second[0])
    assert (window.revision, window.emitted) == (1, {"x": {"mentions": 1}})


def emit(in_: Windows, written: int) -> None:
    in_.close(written - written % in_.length.length, add(in_, written)[0], zero_was_emitted=False)


@pytest.mark.parametrize("length", LENGTHS, ids=lambda length: length.name)
def test_a_part_is_forgotten_when_nothing_can_revise_it_any_more(length: Length) -> None:
    kept = windows(length)
    emit(kept, START)
    emit(kept, START + length.horizon)
    kept.take_changes()
    assert START // length.chunk in kept.chunks
    emit(kept, START + length.horizon + 2 * length.chunk + 2 * length.length + LATENESS)
    kept.take_changes()
    assert START // length.chunk not in kept.chunks


def test_a_part_in_which_something_waits_is_not_forgotten() -> None:
    minutes = windows(MINUTES)
    add(minutes, START)
    emit(minutes, START + 9 * HOUR)
    assert START // HOUR in minutes.chunks


def test_changes_are_told_once_and_what_is_gone_as_gone() -> None:
    minutes = windows(MINUTES)
    due = add(minutes, START)[0]
    assert list(minutes.take_changes()) == [START // HOUR]
    assert minutes.take_changes() == {}
    minutes.close(START, due, zero_was_emitted=False)
    minutes.take_changes()
    emit(minutes, START + 9 * HOUR)
    assert minutes.take_changes() == {START // HOUR: None, START // HOUR + 9: minutes.chunks[START // HOUR + 9]}


def test_all_that_waits_is_known_after_a_restart() -> None:
    hours = windows(HOURS)
    expected = [add(hours, START)[:2], add(hours, START, START + 3 * HOUR)[:2], add(hours, START + DAY)[:2]]
    again = windows(HOURS)
    for chunk, content in hours.take_changes().items():
        assert content is not None
        again.restore(chunk, content)
    assert sorted(again.waiting()) == sorted(expected)


def test_sums_add_up_by_platform_and_over_all() -> None:
    sums: dict[str, dict[str, int]] = {}
    for platform, counts in (("x", {"a": 1}), ("x", {"a": 2, "b": 5}), ("y", {"b": 7})):
        add_counts(sums, platform, counts)
    assert sums == {"x": {"a": 3, "b": 5}, "y": {"b": 7}}
    assert total(sums) == {"a": 3, "b": 12}


def test_counts_that_were_handed_in_are_left_alone() -> None:
    first, second, sums = {"a": 1}, {"a": 1}, dict[str, dict[str, int]]()
    add_counts(sums, "x", first)
    add_counts(sums, "x", second)
    add_counts(sums, "y", first)
    total(sums)
    assert (first, second) == ({"a": 1}, {"a": 1})
