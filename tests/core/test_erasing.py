"""Who is to be erased, and how ids are known in bytes and in state."""

import pytest

from listener.author_marks import author_of
from listener.erasing import Erasure, Names, holds, without
from listener.threads import Threads, Unknown
from schemas.mention import Author, Mention
from schemas.times import DAY, HOUR, from_ms
from tests.core.building import START


def a_mention(id_: str, **fields: object) -> Mention:
    return Mention(id=id_, text="", created_at=from_ms(0), **fields)  # type: ignore[arg-type]  # any field


@pytest.mark.parametrize("name", ["ana", "@ana", "ANA", "did:plc:1"])
def test_an_author_is_known_by_handle_or_id(name: str) -> None:
    ana = Author(handle="@Ana", id="did:plc:1")
    assert Erasure(author=name).look_at(a_mention("x:1", author=ana))
    assert not Erasure(author=name).look_at(a_mention("x:1", author=Author(handle="@anabel")))
    assert not Erasure(author=name, platform="y").look_at(a_mention("x:1", author=ana, platform="x"))


def test_who_is_answered_or_quoted_stays_who_is_reposted_goes_along() -> None:
    erasure = Erasure(["x:1"])
    assert not erasure.look_at(a_mention("x:2", parent_id="x:1", quoted_id="x:1", root_id="x:1"))
    assert not erasure.look_at(a_mention("x:3", kind="quote", reposted_id="x:1"))
    assert erasure.look_at(a_mention("x:4", kind="repost", reposted_id="x:1"))
    assert list(erasure.ids) == ["x:1", "x:4"]


@pytest.mark.parametrize(
    ("raw", "stands"),
    [
        (b'{"id":"x:1"}', True),
        (b'{"id":"x:12"}', False),
        (b'{"id":"1"}', False),
        (b'{"status":{"id":1234567}}', True),
        (b"1234567,hello", True),
        (b"91234567,hello", False),
        (b'"uri":"at:\\/\\/DID:PLC:abc\\/app.bsky.feed.post\\/3kabcdefgh"', True),
        (b"", False),
    ],
)
def test_ids_are_found_in_raw_bytes_as_words_of_their_own(raw: bytes, stands: bool) -> None:
    ids = ["x:1", "mastodon:1234567", "bluesky:did:plc:abc/3kabcdefgh"]
    assert Erasure(ids).names().stand_in(raw) == stands


def test_no_names_stand_nowhere() -> None:
    assert not Names([]).stand_in(b"anything")


def test_ids_go_from_lists_of_a_state_and_settings_stay() -> None:
    state = {
        "settings": [{"aliases": ["x:1"]}],
        "open": {
            5: {"examples": {"sentiment": [[[1, 2], "x:1"], [[1, 3], "x:2"]]}, "gone": {"x:1": None, "x:3": None}}
        },
        "recent": [[7, 1, 1, ["x:2", "x:1"]]],
    }
    assert holds(state, {"x:1"})
    left = without(state, {"x:1"})
    assert left == {
        "settings": [{"aliases": ["x:1"]}],
        "open": {5: {"examples": {"sentiment": [[[1, 3], "x:2"]]}, "gone": {"x:3": None}}},
        "recent": [[7, 1, 1, ["x:2"]]],
    }
    assert not holds(left, {"x:1"})


def test_marks_of_authors_go_from_a_state() -> None:
    ann, bob = b"ann-mark", b"bob-mark"
    state = {"authors": {ann: 7, bob: 8}, "spoke": {9: {ann: None, bob: None}}, "held": {9: [["x:1", b"", ann, None]]}}
    assert holds(state, {ann})
    left = without(state, {ann})
    assert left == {"authors": {bob: 8}, "spoke": {9: {bob: None}}, "held": state["held"]}
    assert not holds(left, {ann})


def test_what_waits_goes_by_its_id_and_what_is_gone_by_its_author_too() -> None:
    ann, said = b"ann-mark", [[0], "x:1", 7]
    waits, gone = ["x:1", b"trace", ann, None, said], ["x:1", b"trace", ann, [7, "deleted"], said]
    for held, names, goes in (
        (waits, {"x:1"}, True),
        (gone, {"x:1"}, True),
        (waits, {ann}, False),
        (gone, {ann}, True),
    ):
        assert holds({"held": [held]}, names) == goes
        assert without({"held": [held]}, names) == {"held": [] if goes else [held]}


def test_whoever_wrote_what_goes_is_kept_in_mind_no_more() -> None:
    erasure = Erasure(["x:1"])
    erasure.look_at(a_mention("x:1", platform="x", author=Author(id="17", handle="@ana")))
    erasure.look_at(a_mention("x:2", platform="x", author=Author(id="18")))
    assert list(erasure.authors) == [author_of(a_mention("x:3", platform="x", author=Author(id="17")))]


@pytest.mark.parametrize(("because", "days"), [("deleted", 1), ("erased", 14)])
def test_that_an_unknown_post_was_erased_is_kept_for_as_long_as_a_post(because: str, days: int) -> None:
    threads = Threads()
    threads.delete("x:1", START, erased=because == "erased")
    restored = Threads(threads.take_added())
    for index in (threads, restored):
        assert index.is_deleted(a_mention("x:1"), START + days * DAY - HOUR)
        assert not index.is_deleted(a_mention("x:1"), START + (days * 24 + 1) * HOUR)


def test_what_was_deleted_before_is_kept_longer_once_it_is_erased() -> None:
    threads = Threads([])
    threads.delete("x:1", START)
    threads.delete("x:1", START, erased=True)
    added = threads.take_added()
    assert [isinstance(change, Unknown) for change in added] == [True, False]
    assert Threads(added).is_deleted(a_mention("x:1"), START + 10 * DAY)
