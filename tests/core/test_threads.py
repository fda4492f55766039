"""What detect remembers of conversations, and for how long."""

from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from listener import threads as module
from listener.threads import HORIZON, HOURS, Change, Deleted, Post, Threads, Unknown, thread_of
from listener.trace import Trace, read_trace, trace_of
from schemas import brand_mention
from schemas.brand_mention import BrandMention, Category, Certainty
from schemas.mention import Author, Kind, Mention
from schemas.times import DAY, HOUR
from tests.core.building import START, a_mention, about, severe, talk


def post(id_: str, read: int = START, **fields: Any) -> Mention:
    return a_mention(id_, read, **fields)


def remember(threads: Threads, mention: Mention, read: int = START) -> None:
    threads.remember(mention, read, [about("acme", mention, -0.5)], threads.known(mention))


def knows(threads: Threads, id_: str, read: int = START, **fields: Any) -> bool:
    return threads.known(post(id_, read, **fields)) is not None


def deleted(threads: Threads, id_: str, read: int = START, **fields: Any) -> bool:
    return threads.is_deleted(post(id_, read, **fields), read)


@pytest.mark.parametrize(
    ("fields", "thread"),
    [
        ({}, "1"),
        ({"reposted_id": "2"}, "2"),
        ({"parent_id": "3", "reposted_id": "2"}, "3"),
        ({"root_id": "4", "parent_id": "3", "reposted_id": "2"}, "4"),
        ({"quoted_id": "5"}, "1"),
    ],
)
def test_a_thread_is_called_by_its_root_or_what_is_nearest_to_it(fields: dict[str, Any], thread: str) -> None:
    assert thread_of(post("1", **fields)) == thread


def test_a_post_is_known_in_its_own_thread_only() -> None:
    """A lane of Kafka knows no others, and all must find the same."""
    threads = Threads()
    remember(threads, post("2", parent_id="1"))
    assert knows(threads, "2", parent_id="1")
    assert knows(threads, "2", root_id="1", parent_id="7")
    assert not knows(threads, "2")
    assert not knows(threads, "2", parent_id="3")


def test_a_post_that_is_told_of_in_two_threads_is_known_in_both() -> None:
    threads = Threads()
    remember(threads, post("2", parent_id="1"))
    remember(threads, post("2"))
    assert knows(threads, "2")
    assert knows(threads, "2", parent_id="1")
    assert len(threads.delete("2", START)) == 2


def test_posts_are_known_for_fourteen_days_and_at_most_an_hour_more() -> None:
    threads = Threads()
    remember(threads, post("1"), START + HOUR - 1)
    assert knows(threads, "1", START + HORIZON + HOUR - 1)
    assert not knows(threads, "1", START + HORIZON + HOUR), "though nothing else came that made it be forgotten"


def test_what_is_older_than_that_when_it_comes_is_not_remembered() -> None:
    threads = Threads()
    remember(threads, post("1"), START + 15 * DAY)
    remember(threads, post("2"), START - HOUR)
    assert not knows(threads, "2", START - HOUR)


def test_memory_does_not_grow_with_time() -> None:
    threads = Threads()
    for day in range(100):
        remember(threads, post(f"x:{day}", parent_id="root"), START + day * DAY)
        threads.delete(f"x:{day - 1}" if day % 2 else f"nobody:{day}", START + day * DAY)
    assert len(threads.posts) + len(threads.deleted) + len(threads.unknown) < 40
    assert threads.answers["root"] == len(threads.posts)


def test_a_thread_is_full_with_so_many_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ANSWERS", 2)
    threads = Threads()
    full = []
    for id_ in ("root", "0", "1"):
        remember(threads, post(id_, parent_id=None if id_ == "root" else "root"))
        full.append(threads.is_full("root"))
    assert full == [False, False, True]
    remember(threads, post("0", parent_id="root", version=1))
    threads.delete("1", START)
    assert not threads.is_full("root"), "an edit takes no place, a deletion frees one"
    assert not threads.is_full("elsewhere")


def test_deletions_of_what_nobody_knew_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_UNKNOWN", 3)
    threads = Threads()
    for number in range(5):
        threads.delete(f"{number}", START)
    assert [deleted(threads, f"{number}") for number in range(5)] == [False, False, True, True, True]


def test_a_deletion_is_kept_as_long_as_its_post_could_come_again() -> None:
    threads = Threads()
    remember(threads, post("known"))
    threads.delete("known", START + DAY)
    threads.delete("unknown", START)
    assert deleted(threads, "known", START + 15 * DAY)
    assert not deleted(threads, "known", START + 15 * DAY + HOUR)
    assert deleted(threads, "unknown", START + DAY)
    assert not deleted(threads, "unknown", START + DAY + HOUR)


def test_a_deletion_outlives_the_record_of_its_post() -> None:
    threads = Threads()
    remember(threads, post("2", root_id="1"))
    threads.delete("2", START + 2 * DAY)
    again = Threads(change for change in threads.take_added() if not isinstance(change, Post))
    assert deleted(again, "2", START + 15 * DAY, root_id="1")


def test_in_another_thread_a_deletion_is_kept_for_a_day_as_by_a_lane_that_never_knew_the_post() -> None:
    threads = Threads()
    remember(threads, post("2", root_id="1"))
    threads.delete("2", START)
    threads.delete("2", START + HOUR)
    assert deleted(threads, "2", START + DAY, parent_id="3")
    assert not deleted(threads, "2", START + DAY + HOUR, parent_id="3")
    assert deleted(threads, "2", START + DAY + HOUR, root_id="1")


def test_a_deletion_that_is_told_twice_is_remembered_once() -> None:
    threads = Threads()
    remember(threads, post("1"))
    for id_ in ("1", "1", "2", "2"):
        threads.delete(id_, START)
    assert [type(change) for change in threads.take_added()] == [Post, Deleted, Unknown, Unknown]
    assert threads.take_added() == []


def test_an_edit_read_before_what_it_edits_by_the_clock_is_known_as_long() -> None:
    """Else the first version alone would be restored."""
    threads = Threads()
    remember(threads, post("1"), START + 3 * HOUR)
    remember(threads, post("1", version=1), START)
    first, edited = threads.take_added()
    assert edited.until == first.until


def test_a_deletion_read_before_its_post_by_the_clock_outlives_it() -> None:
    """Times of reading come a little out of order; what is restored must not bring the post back."""
    threads = Threads()
    remember(threads, post("1"), START + 3 * HOUR)
    threads.delete("1", START)
    _, known, _ = threads.take_added()
    assert known.until == START // HOUR + 3 + HOURS


finite = st.integers(-10_000, 10_000).map(lambda whole: whole / 10_000)


@given(
    st.sampled_from(["post", "reply", "review"]),
    st.one_of(st.none(), finite),
    st.one_of(st.none(), st.integers(0, 10**9)),
    st.booleans(),
    st.booleans(),
    st.integers(0, 2**42),
    st.integers(-DAY, DAY),
    st.tuples(
        st.sampled_from(get_args(Certainty)),
        st.dictionaries(st.sampled_from(get_args(Category)), st.integers(0, 100), max_size=3),
        st.lists(st.sampled_from(get_args(brand_mention.Kind)), unique=True),
    ),
)
def test_a_trace_is_the_brand_mention_without_its_words(
    kind: Kind,
    compound: float | None,
    followers: int | None,
    owned: bool,
    marked: bool,
    version: int,
    lag: int,
    read_as: tuple[Certainty, dict[Category, int], list[brand_mention.Kind]],
) -> None:
    certainty, severity, talks = read_as
    author = None if followers is None else Author(followers=followers)
    mention = post(
        "1", written=START - lag, kind=kind, version=version, author=author, backfill=marked, caught_up=not marked
    )
    found = [about("acme", mention, compound, owned=owned), about("bolt", mention, compound, tagged=marked)]
    found[0] = replace(
        found[0],
        certainty=certainty,
        severity=tuple(severe(category, weight / 100) for category, weight in severity.items()),
        talk=tuple(talk(kind) for kind in talks),
    )
    threads = Threads()
    threads.remember(mention, START, found)
    (trace,) = threads.delete("1", START)
    without = post("1", written=START - lag, text="", kind=kind, version=version, author=author, backfill=marked)
    assert list(trace.brand_mentions("1")) == [wordless(one, without, caught_up=not marked) for one in found]


def wordless(found: BrandMention, mention: Mention, *, caught_up: bool) -> BrandMention:
    """Of severe words their category and weight, in the order of the categories; of talk the kinds in theirs."""
    words = sorted(found.severity, key=lambda word: get_args(Category).index(word.category))
    talks = sorted(found.talk, key=lambda one: get_args(brand_mention.Kind).index(one.kind))
    return replace(
        found,
        mention=replace(mention, caught_up=caught_up),
        matches=(),
        severity=tuple(replace(word, term="", end=0) for word in words),
        talk=tuple(replace(one, weight=1.0, because=()) for one in talks),
    )


def test_a_trace_keeps_the_gravest_word_of_a_category_alone() -> None:
    words = (severe("safety", 0.25), severe("safety", 0.75), severe("safety", 0.5))
    raw = trace_of(post("1"), START, [replace(about("acme", post("1")), severity=words)], None)
    (found,) = read_trace(raw).brand_mentions("1")
    assert [(word.category, word.weight) for word in found.severity] == [("safety", 0.75)]


def test_what_says_nothing_grave_costs_a_trace_no_byte() -> None:
    found = about("acme", post("1"))
    size = len(trace_of(post("1"), START, [found], None))
    assert len(trace_of(post("1"), START, [replace(found, talk=(talk("complaint"),))], None)) == size
    assert len(trace_of(post("1"), START, [replace(found, severity=(severe("fraud", 1.0),))], None)) == size + 7


def test_a_trace_of_before_is_read() -> None:
    """It has no word of what is grave, nor of what it answers."""
    fields = msgspec.msgpack.decode(trace_of(post("1"), START, [about("acme", post("1"))], None))
    assert len(fields) == len(Trace.__struct_fields__) - 2


ids = st.sampled_from("abcd")
hours = st.integers(0, 3) | st.sampled_from([HOURS - 1, HOURS, HOURS + 1, 2 * HOURS])
Move = tuple[str, str, str, int]
moves = st.tuples(st.sampled_from(["post", "edit", "delete"]), ids, st.sampled_from(["", "r", "s"]), hours)


def play(threads: Threads, what: str, id_: str, thread: str, hour: int, version: int) -> None:
    read = START + hour * HOUR
    if what == "delete":
        threads.delete(id_, read)
        return
    remember(threads, post(id_, read, version=version, parent_id=thread or None), read)


def remembered(threads: Threads) -> dict[str, Any]:
    """All of an index, without the order of things."""
    return {
        "posts": {id_: set(threads.told(id_)) for id_ in threads.posts},
        "answers": threads.answers,
        "deleted": threads.deleted,
        "unknown": threads.unknown,
        "newest": threads.newest,
    }


@given(st.lists(moves, max_size=30), st.integers(0, 30))
def test_an_index_made_of_its_changes_is_the_same_and_goes_on_so(moves: list[Move], cut: int) -> None:
    threads, changes = Threads(), list[Change]()
    for version, move in enumerate(moves[:cut]):
        play(threads, *move, version)
        changes += threads.take_added()
    current = [change for change in changes if change.until >= threads.newest]  # the rest may be dropped from the store
    again = Threads(current)
    assert remembered(again) == remembered(threads)
    for version, move in enumerate(moves[cut:], cut):
        play(threads, *move, version)
        play(again, *move, version)
    assert remembered(again) == remembered(threads)
