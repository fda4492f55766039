"""What detect remembers of what it has seen."""

from listener.threads import HORIZON, Threads
from schemas.times import DAY, HOUR
from tests.core.building import START


def test_a_mention_is_new_once() -> None:
    threads = Threads()
    assert [threads.meet("x:1", 0, START), threads.meet("x:1", 0, START), threads.meet("x:2", 0, START)] == [
        "new",
        "repeat",
        "new",
    ]


def test_a_higher_version_is_an_edit_and_a_lower_one_a_repeat() -> None:
    threads = Threads()
    threads.meet("x:1", 5, START)
    assert [threads.meet("x:1", version, START) for version in (4, 5, 6)] == ["repeat", "repeat", "edit"]


def test_an_edit_that_is_not_handled_is_not_remembered() -> None:
    threads = Threads()
    threads.meet("x:1", 0, START)
    assert [threads.meet("x:1", 7, START), threads.meet("x:1", 7, START)] == ["edit", "edit"]


def test_ids_are_remembered_for_fourteen_days_and_at_most_an_hour_more() -> None:
    threads = Threads()
    threads.meet("x:1", 0, START + HOUR - 1)
    threads.meet("x:2", 0, START + HOUR - 1 + HORIZON)
    assert threads.meet("x:1", 0, START + HORIZON) == "repeat"
    threads.meet("x:3", 0, START + HOUR + HORIZON)
    assert threads.meet("x:1", 0, START + HOUR + HORIZON) == "new"


def test_what_is_older_than_that_when_it_comes_is_not_remembered() -> None:
    threads = Threads()
    threads.meet("x:1", 0, START + 15 * DAY)
    threads.meet("x:2", 0, START)
    assert threads.oldest() == START + 15 * DAY
    assert threads.meet("x:1", 0, START + 15 * DAY) == "repeat"


def test_what_was_met_is_told_once() -> None:
    threads = Threads()
    threads.meet("x:1", 3, START)
    threads.meet("x:1", 3, START)
    assert threads.take_added() == [("x:1", 3, START)]
    assert threads.take_added() == []


def test_what_was_met_is_known_after_a_restart() -> None:
    threads = Threads()
    threads.meet("x:1", 3, START)
    again = Threads(threads.take_added())
    assert again.meet("x:1", 3, START) == "repeat"
    assert again.take_added() == []
    assert again.oldest() == START


def test_what_the_store_drops_is_what_memory_drops() -> None:
    """Mentions come a little out of order; after a restart the same ones must be known."""
    met = [("a", START + 30), ("b", START), ("c", START + HORIZON + 20)]
    threads, kept = Threads(), list[tuple[str, int, int]]()
    for id_, read in met:
        threads.meet(id_, 0, read)
        kept += threads.take_added()
    oldest = threads.oldest()
    assert oldest is not None
    again = Threads(entry for entry in kept if entry[2] >= oldest)
    for id_, _ in met:
        assert again.meet(id_, 0, START + HORIZON + 20) == threads.meet(id_, 0, START + HORIZON + 20), id_


def test_the_oldest_of_nothing_is_none() -> None:
    assert Threads().oldest() is None


def test_memory_does_not_grow_with_time() -> None:
    threads = Threads()
    for day in range(100):
        threads.meet(f"x:{day}", 0, START + day * DAY)
    assert threads.oldest() == START + 85 * DAY
