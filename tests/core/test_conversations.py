"""What detect makes of conversations: answers that name nobody, edits, deletions, copies."""

from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from agents.detect import LogRecord
from listener import threads
from listener.enrich import Told
from listener.threads import Change, thread_of
from listener.trace import target_of
from schemas.brand_mention import BrandMention, Match
from schemas.deletion import Deletion
from schemas.mention import Author, Mention
from schemas.record import to_json
from schemas.retraction import Retraction
from schemas.settings import Brand
from schemas.times import DAY, MINUTE, from_ms
from tests.core.building import START, a_mention, settings_of
from tests.core.detecting import ACME, BRILL, Port

OWNER = Brand(id="acme", name="Acme", handles={"x": ("@acme",)}, owned={"x": ("@acme",)})
SETTINGS = settings_of(ACME, BRILL)


def listening(*changes: Change) -> Port:
    """Detect with settings, gone on from the changes of an index."""
    port = Port(changes)
    port.detect(SETTINGS)
    return port


def told(port: Port, *records: LogRecord) -> list[Told]:
    return [record for record in port.detect(*records) if isinstance(record, BrandMention | Retraction)]


def short(records: list[Told]) -> list[str]:
    """What records say, in short: brand, id, version; in brackets what is taken back, with the reason."""
    return [
        f"{record.brand} {record.mention.id} {record.mention.version}"
        if isinstance(record, BrandMention)
        else f"({record.brand} {record.trace.mention.id} {record.trace.mention.version} {record.because})"
        for record in records
    ]


def post(id_: str, text: str = "so true", minutes: int = 0, **fields: Any) -> Mention:
    return a_mention(id_, START + minutes * MINUTE, text=text, **fields)


def gone(id_: str, minutes: int = 0) -> Deletion:
    return Deletion(id=id_, ingested_at=from_ms(START + minutes * MINUTE))


# Answers


def test_who_answers_a_post_about_a_brand_and_names_nobody_speaks_of_the_brand() -> None:
    _, answer = told(listening(), post("1", "acme"), post("2", parent_id="1"))
    assert isinstance(answer, BrandMention)
    assert (answer.brand, answer.distance, answer.tagged) == ("acme", 1, False)
    assert answer.matches == (Match(why="thread", term="1", field="thread", start=0, end=0),)


def test_an_answer_to_an_answer_is_farther_away() -> None:
    chain = [post("1", "acme"), *(post(f"{n}", parent_id=f"{n - 1}", root_id="1") for n in range(2, 6))]
    found = told(listening(), *chain)
    assert [one.distance for one in found if isinstance(one, BrandMention)] == [0, 1, 2, 3, 4]


def test_who_names_another_brand_speaks_of_that_one_only() -> None:
    found = told(listening(), post("1", "acme"), post("2", "brill is better", parent_id="1"))
    assert short(found) == ["acme 1 0", "brill 2 0"]
    (alone,) = told(listening(), post("2", "brill is better", parent_id="1"))
    assert found[1] == alone


def test_what_answers_several_brands_is_about_each_in_the_order_of_the_settings() -> None:
    assert short(told(listening(), post("1", "brill, acme"), post("2", parent_id="1")))[2:] == ["acme 2 0", "brill 2 0"]


def test_an_answer_that_was_read_before_what_it_answers_is_about_nobody() -> None:
    assert short(told(listening(), post("2", parent_id="1"), post("1", "acme"))) == ["acme 1 0"]


@pytest.mark.parametrize(
    ("fields", "through"),
    [
        ({"root_id": "1", "parent_id": "2"}, "2"),
        ({"root_id": "1", "parent_id": "unknown"}, "1"),
        ({"root_id": "1", "parent_id": "unknown", "reposted_id": "3"}, "3"),
        ({"root_id": "1", "parent_id": "unknown", "quoted_id": "3"}, "3"),
        ({"parent_id": "unknown", "quoted_id": "3"}, None),
    ],
)
def test_of_its_thread_the_nearest_post_that_is_about_somebody_counts(fields: Any, through: str | None) -> None:
    thread = [post("1", "acme"), *(post(id_, "acme", root_id="1", parent_id="1") for id_ in ("2", "3"))]
    found = told(listening(), *thread, post("9", **fields))[len(thread) :]
    assert [one.matches[0].term for one in found if isinstance(one, BrandMention)] == ([through] if through else [])


def test_who_answers_a_brands_own_post_addresses_the_brand() -> None:
    port = Port()
    port.detect(settings_of(OWNER))
    owned = post("1", "good morning", author=Author(handle="acme"))
    to_others = [post("3", parent_id="2", root_id="1"), post("4", parent_id="unknown", root_id="1")]
    found = told(port, owned, post("2", parent_id="1"), *to_others)
    assert [(one.owned, one.tagged) for one in found if isinstance(one, BrandMention)] == [
        (True, False),
        (False, True),
        (False, False),
        (False, False),
    ]


def test_a_repost_without_words_is_about_whom_the_post_is_about_and_is_not_scored() -> None:
    _, repost = told(listening(), post("1", "acme boo"), post("2", "", kind="repost", reposted_id="1"))
    assert isinstance(repost, BrandMention)
    assert (repost.brand, repost.distance, repost.language) == ("acme", 1, None)
    assert (repost.sentiment.compound, repost.sentiment.not_scored) == (None, "no words of its own")


def test_a_short_answer_is_in_the_language_of_what_it_answers() -> None:
    found = told(listening(), post("1", "acme boo", lang="hr"), post("2", "super", parent_id="1", root_id="1"))
    named = told(listening(), post("1", "acme boo", lang="hr"), post("2", "acme super", parent_id="1", root_id="1"))
    for answer in (found[1], named[1]):
        assert isinstance(answer, BrandMention)
        assert (answer.language, answer.sentiment.not_scored) == ("hr", "no scorer for hr")
        assert answer.language_confidence is None


def test_what_is_taken_back_says_how_sure_its_language_was() -> None:
    port = listening()
    first, retraction = told(port, post("1", "acme is what they said it was"), gone("1", 1))
    assert isinstance(first, BrandMention)
    assert isinstance(retraction, Retraction)
    assert retraction.trace.language_confidence == first.language_confidence
    assert first.language_confidence is not None


def test_a_brand_that_is_looked_for_no_more_is_not_handed_on() -> None:
    port = listening()
    told(port, post("1", "acme, brill"), post("2", "acme", parent_id="1"))
    found = told(port, settings_of(BRILL, version="2"), post("3", parent_id="2", root_id="1"))
    assert short(found) == ["brill 3 0"], "what it answers is about nobody any more, but its root is"


def test_answers_to_what_is_not_known_are_counted() -> None:
    port = listening()
    told(port, post("1", "acme"), post("2", parent_id="1"), post("3", parent_id="7"), post("4", "acme", parent_id="7"))
    assert (port.detector.counts["thread_mentions"], port.detector.counts["thread_misses"]) == (1, 1)


def test_all_that_is_counted_of_a_full_thread_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """So a copy of it counts once, and a deletion takes it back."""
    monkeypatch.setattr(threads, "MOST_ANSWERS", 2)
    port = listening()
    answers = [post(f"{n}", parent_id="1") for n in range(2, 6)]
    named = post("6", "acme", parent_id="1")
    assert short(told(port, post("1", "acme"), *answers, named)) == ["acme 1 0", "acme 2 0", "acme 3 0", "acme 6 0"]
    assert port.detector.counts["thread_full"] == 2
    assert told(port, answers[0], named) == []
    assert short(told(port, gone("6"), gone("4"))) == ["(acme 6 0 deleted)"]
    edit = post("2", parent_id="1", version=1)
    assert short(told(port, edit)) == ["(acme 2 0 edited)", "acme 2 1"]


def test_a_mention_that_breaks_the_scorer_leaves_nothing_behind() -> None:
    port = listening()
    told(port, post("1", "acme"))
    port.detector.threads.take_added()
    counts = dict(port.detector.counts)
    assert told(port, post("2", "boom", parent_id="1"), post("1", "acme boom", version=2)) == []
    assert port.detector.threads.take_added() == []
    assert dict(port.detector.counts) == counts
    assert len(port.letters) == 2


# Edits


def test_an_edit_takes_back_what_was_counted_and_counts_the_new_version_where_the_first_was_read() -> None:
    found = told(listening(), post("1", "acme"), post("1", "brill", 10, version=2), post("1", "acme", 20, version=3))
    assert short(found) == ["acme 1 0", "(acme 1 0 edited)", "brill 1 2", "(brill 1 2 edited)", "acme 1 3"]
    assert [one.first_read for one in found if isinstance(one, BrandMention)] == [None, from_ms(START), from_ms(START)]
    retraction = found[1]
    assert isinstance(retraction, Retraction)
    assert (retraction.at, retraction.trace.mention.ingested_at) == (from_ms(START + 10 * MINUTE), from_ms(START))
    assert retraction.trace.mention.text == ""


def test_an_edit_of_what_was_caught_up_counts_where_that_was_written() -> None:
    late = a_mention("1", START + 90 * MINUTE, START, caught_up=True)
    found = told(listening(), late, a_mention("1", START + 95 * MINUTE, START, text="acme!", version=2))
    assert [one.first_read for one in found if isinstance(one, BrandMention)] == [None, from_ms(START)]


def test_an_older_version_that_comes_late_is_a_repeat() -> None:
    port = listening()
    assert short(told(port, post("1", "acme", version=5), post("1", "brill", version=4), post("1", version=5))) == [
        "acme 1 5"
    ]
    assert port.detector.counts["repeats"] == 2


def test_what_was_edited_to_be_about_nobody_is_known_all_the_same() -> None:
    port = listening()
    edited = told(port, post("1", "acme"), post("1", "never mind", 1, version=2), post("1", "acme", 2))
    assert short(edited) == ["acme 1 0", "(acme 1 0 edited)"]
    assert short(told(port, post("1", "acme", 3, version=3))) == ["acme 1 3"]


def test_an_edit_of_what_was_about_nobody_is_as_new() -> None:
    (found,) = told(listening(), post("1", "hello"), post("1", "acme", op="update", version=2))
    assert isinstance(found, BrandMention)
    assert found.first_read is None


def test_an_edited_answer_stays_with_the_brand_though_what_it_answered_is_deleted() -> None:
    port = listening()
    told(port, post("1", "acme"), post("2", parent_id="1"), gone("1", 1))
    found = told(port, post("2", "so very true", 2, parent_id="1", version=2))
    assert short(found) == ["(acme 2 0 edited)", "acme 2 2"]
    assert isinstance(found[1], BrandMention)
    assert found[1].distance == 1


@pytest.mark.parametrize(("op", "days", "counted"), [("update", 15, 1), ("update", 13, 0), ("create", 15, 0)])
def test_an_edit_of_what_may_have_been_counted_long_ago_is_dropped_and_counted(
    op: Any, days: int, counted: int
) -> None:
    port = listening()
    edit = a_mention("1", START, START - days * DAY, text="acme", op=op, version=2)
    assert len(told(port, edit)) == 1 - counted
    assert port.detector.counts["unretractable"] == counted


# Deletions


def test_a_deletion_takes_back_what_was_counted_of_each_brand() -> None:
    port = listening()
    found = told(port, post("1", "acme, brill"), gone("1", 5))
    assert short(found)[2:] == ["(acme 1 0 deleted)", "(brill 1 0 deleted)"]
    assert found[2].at == from_ms(START + 5 * MINUTE) if isinstance(found[2], Retraction) else False
    assert port.detector.counts["deletions"] == 1
    assert told(port, gone("1", 6)) == []


def test_a_mention_that_says_it_is_deleted_is_a_deletion() -> None:
    assert short(told(listening(), post("1", "acme"), post("1", "acme", op="delete")))[1:] == ["(acme 1 0 deleted)"]


@pytest.mark.parametrize("first", [post("1", "acme"), post("2", "brill")], ids=["known", "unknown"])
def test_a_deletion_beats_copies_and_edits_that_come_late(first: Mention) -> None:
    port = listening()
    found = told(port, first, gone("1", 1))
    assert told(port, post("1", "acme", 2), post("1", "acme", 3, op="update", version=START)) == []
    assert port.detector.counts["deleted_before"] == 2
    assert len(found) == 1 + (first.id == "1")


def test_answers_to_what_is_deleted_stay_and_new_ones_look_farther_up() -> None:
    port = listening()
    told(port, post("1", "acme"), post("2", "acme", parent_id="1"), post("3", parent_id="2", root_id="1"), gone("2", 1))
    (found,) = told(port, post("4", parent_id="2", root_id="1"))
    assert isinstance(found, BrandMention)
    assert (found.matches[0].term, found.distance) == ("1", 1)


# Properties

TEXTS = ("acme", "brill", "acme, brill", "so true", "never mind")


@st.composite
def streams(draw: st.DrawFn, *, strays: bool = False) -> list[LogRecord]:
    """Posts, answers, reposts, edits and deletions of a few threads, each read a little later than the last.

    With strays there are days between, and copies of which a source does not say what they answer.
    """
    happens = ["post", "answer", "answer", "repost", "edit", "delete", *(["stray"] if strays else [])]
    pauses = [0, 1, 30, *([25 * 60] if strays else [])]
    records: list[LogRecord] = []
    roots: dict[str, str] = {}
    minutes = 0
    for number in range(draw(st.integers(1, 25))):
        what = draw(st.sampled_from(happens))
        minutes += draw(st.sampled_from(pauses))
        earlier = draw(st.sampled_from(sorted(roots))) if roots else None
        if earlier is None or what == "post":
            records.append(post(f"{number}", draw(st.sampled_from(TEXTS)), minutes))
            roots[f"{number}"] = f"{number}"
        elif what == "answer":
            root = roots[f"{number}"] = roots[earlier]
            text = draw(st.sampled_from(TEXTS))
            records.append(post(f"{number}", text, minutes, parent_id=earlier, root_id=root))
        elif what == "repost":
            records.append(post(f"{number}", "", minutes, kind="repost", reposted_id=earlier))
        elif what == "stray":
            records.append(post(earlier, draw(st.sampled_from(TEXTS)), minutes))
        elif what == "edit":
            root = roots[earlier]
            fields = {"root_id": root} if root != earlier else {}
            text = draw(st.sampled_from(TEXTS))
            records.append(post(earlier, text, minutes, version=draw(st.integers(0, 30)), op="update", **fields))
        else:
            records.append(gone(earlier, minutes))
    return records


def net(records: list[Told]) -> Counter[bytes]:
    """What is counted in the end. Fails where something is taken back that was not counted, or not so."""
    counted: Counter[bytes] = Counter()
    for record in records:
        if isinstance(record, Retraction):
            counted[to_json(record.trace)] -= 1
            assert counted[to_json(record.trace)] == 0
        else:
            counted[to_json(wordless(record))] += 1
            assert counted[to_json(wordless(record))] == 1
    return +counted


def wordless(found: BrandMention) -> BrandMention:
    """A brand mention with what a trace keeps of it."""
    source = found.mention
    kept = {name: getattr(source, name) for name in ("id", "created_at", "platform", "kind", "version", "ingested_at")}
    return replace(found, mention=Mention(text="", root_id=target_of(source), **kept), matches=())


@given(streams())
def test_what_is_taken_back_is_what_was_counted_once(records: list[LogRecord]) -> None:
    found = told(listening(), *records)
    live = net(found)
    deleted = {record.id for record in records if isinstance(record, Deletion)}
    assert not any(f'"id":"{id_}"'.encode() in one for one in live for id_ in deleted)


@given(streams(), st.lists(st.integers(0, 25), max_size=4))
def test_new_starts_anywhere_change_nothing(records: list[LogRecord], cuts: list[int]) -> None:
    expected = told(listening(), *records)
    changes: list[Change] = []
    found: list[Told] = []
    places = [0, *sorted(cuts), len(records)]
    for start, end in pairwise(places):
        port = listening(*changes)
        found += told(port, *records[start:end])
        changes += port.detector.threads.take_added()
    assert found == expected


@given(streams(strays=True), st.integers(2, 5))
def test_lanes_by_thread_find_what_one_lane_finds(records: list[LogRecord], lanes: int) -> None:
    ports = [listening() for _ in range(lanes)]
    found: list[Told] = []
    for record in records:
        own = sum(thread_of(record).encode()) % lanes if isinstance(record, Mention) else None
        for lane, port in enumerate(ports):
            if own in (lane, None):
                found += told(port, record)
    assert sorted(map(to_json, found)) == sorted(map(to_json, told(listening(), *records)))


@given(streams(), st.data())
def test_copies_change_nothing(records: list[LogRecord], data: st.DataObject) -> None:
    again = [copy for record in records for copy in [record] * data.draw(st.integers(1, 3))]
    assert told(listening(), *again) == told(listening(), *records)


@given(streams(), st.data())
def test_deleting_what_nobody_answered_leaves_what_is_there_without_it(
    records: list[LogRecord], data: st.DataObject
) -> None:
    mentions = [record for record in records if isinstance(record, Mention)]
    answered = {id_ for one in mentions for id_ in (one.parent_id, one.root_id, one.reposted_id)}
    leaves = sorted({one.id for one in mentions} - answered)
    chosen = data.draw(st.sets(st.sampled_from(leaves))) if leaves else set()
    late = [gone(id_, 10_000) for id_ in sorted(chosen)]
    without = [record for record in records if not isinstance(record, Mention | Deletion) or record.id not in chosen]
    assert net(told(listening(), *records, *late)) == net(told(listening(), *without))


@given(streams())
def test_where_edits_end_is_what_counts(records: list[LogRecord]) -> None:
    """Of the versions of a post that came, one is counted: none lower than another that was heard after the first."""
    port = listening()
    versions: dict[str, int] = {}
    for record in records:
        for one in told(port, record):
            if isinstance(one, BrandMention) and one.mention.id in versions:
                assert one.mention.version >= versions[one.mention.id]
            if isinstance(one, BrandMention):
                versions[one.mention.id] = one.mention.version
