"""Who waits for the brand's answer, what becomes of them, and the alarm "unanswered"."""

from collections.abc import Sequence
from random import Random
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from agents.detect import Logged, LogRecord
from listener.answering import MOST_OF_SLOT, deadline_of
from listener.asking import needs_answer
from listener.deadlines import TIMER
from listener.detection import LATENESS
from listener.monitors.monitor import BASE
from listener.monitors.response import ResponseMonitor
from listener.partition import Partition, TrackRecord
from listener.question import BOUNDS, CHANGES_WITHIN
from listener.words import mark32
from schemas.brand_mention import BrandMention
from schemas.mention import Author
from schemas.pulse import Pulse
from schemas.record import decoder
from schemas.retraction import Retraction
from schemas.settings import Brand, BrandSettings
from schemas.times import DAY, HOUR, MINUTE, SECOND, to_ms
from schemas.trend import Response, Share, Trend
from tests.core.answers import answered, asked, edited, ended, responses, served, taken_back
from tests.core.building import (
    START,
    Told,
    a_mention,
    about,
    alerts,
    all_alerts,
    brand_settings,
    final,
    heartbeat,
    judged_of,
    latest,
    pulse,
    read_of,
    run,
    settings_of,
    severe,
    take,
    talk,
    trends,
    with_pulses,
)
from tests.core.test_tracker_properties import Ports, rules

AT = START + 2 * HOUR
DUE = deadline_of(AT)


def told(*records: BrandMention | Retraction, until: int = START + DAY, every: int = MINUTE) -> Response:
    """What the first day says in the end."""
    found = responses(run(log_of(records, until, every)))
    return found[START]


def log_of(
    records: Sequence[BrandMention | Retraction], until: int = START + DAY, every: int = MINUTE
) -> list[TrackRecord]:
    """A log in the order of reading; what is read at one time stays as it stands."""
    entries: list[tuple[int, int, TrackRecord]] = [(when(record), 0, record) for record in records]
    last = until + LATENESS
    entries += [(through, 1, pulse(through)) for through in [*range(START + every, last, every), last]]
    return [brand_settings(), *(record for _, _, record in sorted(entries, key=lambda entry: entry[:2]))]


def when(record: BrandMention | Retraction) -> int:
    return to_ms(record.at) if isinstance(record, Retraction) else read_of(record)


# Who needs an answer


@pytest.mark.parametrize(
    ("mention", "needs"),
    [
        (asked("1", AT, -0.05), True),
        (asked("1", AT, -0.04), False),
        (asked("1", AT, None), False),
        (about("acme", a_mention("1", AT), -0.9), False),
        (replace(asked("1", AT, 0.5), talk=(talk("question"),)), True),
        (replace(asked("1", AT, None), talk=(talk("complaint"),)), True),
        (replace(asked("1", AT, 0.0), talk=(talk("wish"), talk("praise"))), False),
        (replace(asked("1", AT, 0.0), severity=(severe("safety", 0.5),)), True),
        (replace(asked("1", AT, 0.0), severity=(severe("safety", 0.4),)), False),
        (replace(asked("1", AT), owned=True), False),
        (replace(asked("1", AT), muted=True), False),
        (replace(asked("1", AT), certainty="probable"), False),
        (asked("1", AT, backfill=True), False),
        (asked("1", AT, kind="repost"), False),
    ],
)
def test_who_addresses_the_brand_and_complains_or_asks_needs_an_answer(mention: BrandMention, needs: bool) -> None:
    assert needs_answer(mention) is needs
    assert ResponseMonitor().count(mention) == ({"asking": 1} if needs else {})
    assert needs_answer(taken_back(mention, AT).trace) is needs


# What becomes of them


def test_an_outcome_counts_four_hours_after_the_five_minutes_in_which_was_asked() -> None:
    found = responses(run(log_of([asked("q", AT + MINUTE)])), "minute")
    assert found == {
        AT + MINUTE: Response(asking=1),
        DUE: Response(asking=0, due=1, unanswered=share(1, 1)),
    }
    assert DUE == AT + BASE + 4 * HOUR


def share(part: int, whole: int) -> Share:
    figures = ResponseMonitor().figures({"due": whole, "unanswered": part}, 1.0)
    assert figures is not None
    assert figures.unanswered is not None
    return figures.unanswered


@pytest.mark.parametrize(
    ("after", "bound"), [(0, 5), (5 * MINUTE, 5), (5 * MINUTE + 1, 15), (2 * HOUR, 120), (4 * HOUR, 240)]
)
def test_an_answer_counts_by_the_minutes_that_it_took(after: int, bound: int) -> None:
    found = told(asked("q", AT), answered("a", AT + after, "q"))
    assert (found.due, found.answered) == (1, {str(bound): 1})


def test_what_comes_after_the_deadline_is_no_answer_in_time() -> None:
    assert told(asked("q", AT), answered("a", DUE, "q")).answered == {}


def test_the_first_answer_counts() -> None:
    found = told(asked("q", AT), answered("b", AT + 2 * HOUR, "q"), answered("a", AT + 10 * MINUTE, "q"))
    assert found.answered == {"15": 1}


def test_who_quotes_answers_and_who_is_not_the_brand_does_not() -> None:
    quoting = answered("a", AT + MINUTE, "q", parent_id=None, root_id=None, quoted_id="q")
    assert told(asked("q", AT), quoting).answered == {"5": 1}
    friend = replace(answered("a", AT + MINUTE, "q"), owned=False)
    assert told(asked("q", AT), friend).answered == {}


def test_a_reply_to_another_post_of_the_thread_is_no_answer() -> None:
    assert told(asked("q", AT), answered("a", AT + MINUTE, "other", root_id="q")).answered == {}


def test_an_answer_that_is_read_before_its_question_counts() -> None:
    question = asked("q", AT)
    late = replace(question, mention=a_mention("q", AT + 30 * MINUTE, AT))
    assert told(answered("a", AT + 20 * MINUTE, "q"), late).answered == {"30": 1}


def test_an_answer_that_is_read_too_late_is_found_afterwards() -> None:
    late = answered("a", DUE + 3 * HOUR, "q", written=AT + 20 * MINUTE)
    outputs = run(log_of([asked("q", AT), late]))
    (hour,) = [trend for trend in trends(outputs) if (trend.window, to_ms(trend.start)) == ("hour", DUE - DUE % HOUR)][
        -1:
    ]
    assert hour.revision >= 1
    assert responses(outputs)[START].answered == {"30": 1}
    assert responses(outputs)[START].unanswered == share(0, 1)


def test_what_is_read_after_its_deadline_is_not_followed() -> None:
    found = told(replace(asked("q", AT), mention=a_mention("q", DUE + 1, AT)))
    assert (found.asking, found.due) == (1, 0)


def test_answers_to_brands_without_the_monitor_are_nothing() -> None:
    log = [brand_settings(response=False), *log_of([asked("q", AT), answered("a", AT + MINUTE, "q")])[1:]]
    assert responses(run(log)) == {}


def test_what_waits_when_the_monitor_is_switched_off_has_no_outcome() -> None:
    log = log_of([asked("q", AT)])
    off = brand_settings(at=AT + HOUR, version="2", response=False)
    place = next(n for n, one in enumerate(log) if not isinstance(one, BrandSettings) and when_told(one) > AT + HOUR)
    partition = Partition()
    outputs = run([*log[:place], off, *log[place:]], partition)
    assert sum(counts.get("due", 0) for trend in trends(outputs) for counts in trend.platforms.values()) == 0
    slots = partition.trackers["acme"].state.monitors["response"].waiting.slots
    assert not any(slot.questions for slot in slots.values())


def with_settings(log: list[TrackRecord], *settings: BrandSettings) -> list[TrackRecord]:
    """The log with settings that come into force at their time."""
    for one in settings:
        assert one.at is not None
        at = to_ms(one.at)
        place = next(n for n, rec in enumerate(log) if not isinstance(rec, BrandSettings) and when_told(rec) > at)
        log = [*log[:place], one, *log[place:]]
    return log


def test_where_the_monitor_was_off_meanwhile_nobody_knows_who_was_answered() -> None:
    log = log_of([asked("q", AT), answered("a", AT + 90 * MINUTE, "q")])
    off = brand_settings(at=AT + HOUR, version="2", response=False)
    on = brand_settings(at=AT + 2 * HOUR, version="3")
    found = responses(run(with_settings(log, off, on)))[START]
    assert (found.due, found.unheard) == (0, 1)


def test_what_nobody_counts_any_more_takes_nothing_back() -> None:
    question = asked("q", AT)
    log = log_of([question, taken_back(question, DUE + 2 * HOUR)])
    off = brand_settings(at=AT + HOUR, version="2", response=False)
    on = brand_settings(at=DUE + HOUR, version="3")
    outputs = run(with_settings(log, off, on))
    assert not any("unfollowed" in counts for trend in trends(outputs) for counts in trend.platforms.values())


def when_told(record: TrackRecord) -> int:
    if isinstance(record, Pulse):
        return to_ms(record.through)
    assert isinstance(record, BrandMention | Retraction)
    return when(record)


def test_through_detect_a_reply_of_the_brand_that_names_nobody_is_its_answer() -> None:
    acme = Brand(id="acme", name="Acme", handles={"x": ("@acme",)}, owned={"x": ("@AcmeCares",)})
    ann, cares = Author(handle="ann"), Author(handle="acmecares")
    said = [
        a_mention("q1", AT, text="@AcmeCares this is bad", author=ann),
        a_mention("q2", AT, text="@AcmeCares so bad", author=ann),
        a_mention("a1", AT + 7 * MINUTE, text="@ann sorry!", author=cares, parent_id="q1", root_id="q1"),
        a_mention("q3", AT + 9 * MINUTE, text="still bad", author=ann, parent_id="a1", root_id="q1"),
        a_mention(
            "f3", AT + 9 * MINUTE, text="bad for me too", author=Author(handle="bob"), parent_id="q1", root_id="q1"
        ),
    ]
    ports = Ports()
    log: list[LogRecord] = [settings_of(acme), *said]
    log += [heartbeat(through) for through in (START, START + DAY + LATENESS)]
    ports.step([Logged(place, record) for place, record in enumerate(log)])
    days = [one for one in map(decoder(Trend), (raw for raw in ports.told if b"trend/1" in raw)) if one.window == "day"]
    (total,) = [day.total for day in days]
    assert total is not None
    assert total.response == Response(
        asking=3, due=3, unanswered=share(2, 3), answered={"15": 1}, median=10.0, p90=14.0
    )


def test_a_deadline_that_breaks_its_tracker_is_left_out_and_the_next_one_is_settled() -> None:
    partition = Partition()
    partition.leave_out = {(DUE + LATENESS, 0, "acme", TIMER, DUE)}
    outputs = run(log_of([asked("q1", AT), asked("q2", AT + HOUR)]), partition)
    assert responses(outputs)[START].due == 1
    assert not partition.trackers["acme"].state.monitors["response"].waiting.slots


# What is taken back


@pytest.mark.parametrize("at", [AT + HOUR, DUE - 1, DUE, DUE + 30 * SECOND, DUE + HOUR, DUE + CHANGES_WITHIN])
def test_a_question_that_is_deleted_is_not_due(at: int) -> None:
    question = asked("q", AT)
    outputs = run(log_of([question, taken_back(question, at)]))
    assert not any(counts.get("due") or counts.get("unanswered") for counts in sums(outputs))


def test_what_is_deleted_too_late_stays_counted() -> None:
    question = asked("q", AT)
    late = DUE + CHANGES_WITHIN + MINUTE
    assert told(question, taken_back(question, late)).unanswered == share(1, 1)


def sums(outputs: list[Told]) -> list[dict[str, int]]:
    """The sums by platform of the last revision of each hour and day: minutes are revised for two hours alone."""
    found = latest(outputs).values()
    return [counts for trend in found if trend.window != "minute" for counts in trend.platforms.values()]


@pytest.mark.parametrize("at", [AT + HOUR, DUE - 1, DUE, DUE + 30 * SECOND, DUE + HOUR, DUE + CHANGES_WITHIN])
def test_an_answer_that_is_deleted_leaves_the_question_unanswered(at: int) -> None:
    answer = answered("a", AT + MINUTE, "q")
    found = told(asked("q", AT), answer, taken_back(answer, at))
    assert (found.answered, found.unanswered) == ({}, share(1, 1))


@pytest.mark.parametrize("at", [AT + HOUR, DUE, DUE + HOUR])
def test_an_edited_question_waits_as_before_and_keeps_its_answer(at: int) -> None:
    question = asked("q", AT)
    found = told(question, answered("a", AT + MINUTE, "q"), *edited(question, at))
    assert (found.asking, found.due, found.answered) == (1, 1, {"5": 1})


@pytest.mark.parametrize("at", [AT + HOUR, DUE])
def test_a_question_that_is_edited_to_praise_in_time_needs_no_answer(at: int) -> None:
    question = asked("q", AT)
    assert not any(counts.get("due") for counts in sums(run(log_of([question, *edited(question, at, 0.6)]))))


def test_what_a_question_says_after_its_deadline_changes_nothing() -> None:
    question = asked("q", AT)
    assert told(question, *edited(question, DUE + 1, 0.6)).unanswered == share(1, 1)
    praise = asked("q", AT, 0.6)
    assert told(praise, *edited(praise, DUE + 1)).due == 0


def test_a_question_that_was_praise_for_a_while_is_due_until_it_is_deleted() -> None:
    question = asked("q", AT)
    off, praise = edited(question, AT + HOUR, 0.6)
    on, again = edited(praise, AT + 2 * HOUR)
    assert told(question, off, praise, on, again).unanswered == share(1, 1)
    last, praise_again = edited(again, DUE + HOUR, 0.6)
    deleted = taken_back(praise_again, DUE + 2 * HOUR)
    everything: list[BrandMention | Retraction] = [question, off, praise, on, again, last, praise_again, deleted]
    assert not any(counts.get("due") for counts in sums(run(log_of(everything))))


@pytest.mark.parametrize("at", [AT + HOUR, DUE, DUE + HOUR])
def test_an_edited_answer_is_an_answer_from_when_it_was_first_written(at: int) -> None:
    answer = answered("a", AT + MINUTE, "q")
    assert told(asked("q", AT), answer, *edited(answer, at, 0.1)).answered == {"5": 1}


@pytest.mark.parametrize("at", [AT + HOUR, DUE + HOUR, DUE + 5 * HOUR])
@pytest.mark.parametrize("which", ["q", "a"])
def test_of_what_was_erased_nothing_is_kept(at: int, which: str) -> None:
    question, answer = asked("question:1", AT), answered("answer:1", AT + MINUTE, "question:1")
    erased = taken_back(question if which == "q" else answer, at, "erased")
    partition, kept = Partition(), dict[str, bytes]()
    run(log_of([question, answer, erased], at + 15 * MINUTE), partition)
    take(partition, kept)
    gone = {"q": b"question:1", "a": b"answer:1"}[which]
    assert not any(gone in part for part in kept.values())
    assert (b"question:1" in kept["acme/response"]) is (which == "a" and at < DUE + CHANGES_WITHIN)


# Bounds


def test_of_too_many_a_sample_is_followed_and_the_rest_is_counted() -> None:
    many = [asked(f"q{number}", AT + number * SECOND) for number in range(100)]
    quick = [answered(f"a{number}", AT + 5 * MINUTE, f"q{number}") for number in range(100)]
    found = told(*many, *quick)
    assert (found.asking, found.due, found.unfollowed) == (100, MOST_OF_SLOT, 100 - MOST_OF_SLOT)


def test_who_is_followed_does_not_depend_on_when_others_are_deleted() -> None:
    many = [asked(f"q{number}", AT + number) for number in range(20)]
    least = min(many, key=lambda one: mark32(one.mention.id))
    gone = taken_back(least, AT + 30 * SECOND)
    at_once: list[TrackRecord] = [least, gone, *(one for one in many if one is not least)]
    last: list[TrackRecord] = [*many, gone]
    found = [responses(run([brand_settings(), *records, pulse(START + DAY)]), "hour") for records in (at_once, last)]
    assert found[0] == found[1]
    assert sum(one.due for one in found[0].values()) == MOST_OF_SLOT


def test_an_answer_before_its_question_is_found_though_another_lane_is_ahead() -> None:
    answer, question = answered("a", AT, "q"), asked("q", AT + 10 * SECOND)
    ahead = answered("b", AT + 3 * HOUR, "somebody")
    found = [
        responses(run([brand_settings(), *records, pulse(START + DAY)]), "hour")
        for records in ([answer, question, ahead], [answer, ahead, question])
    ]
    assert found[0] == found[1]
    assert sum(sum(one.answered.values()) for one in found[0].values()) == 1


def test_a_busy_brand_keeps_little() -> None:
    many = [asked(f"x:17000000000000{number:05}", START + number * 4 * SECOND) for number in range(9 * 900)]
    answers = [
        answered(f"x:18000000000000{n:05}", START + n * 4 * SECOND + 9 * MINUTE, many[n].mention.id)
        for n in range(0, 9 * 900, 2)
    ]
    partition, most = Partition(), 0
    for record in log_of([*many, *answers], START + 9 * HOUR):
        run([record], partition)
        if part := partition.take_changes().get("acme/response"):
            most = max(most, len(part))
    assert 20_000 < most < 64_000


def test_where_a_source_was_dead_nobody_knows_who_was_answered() -> None:
    log: list[TrackRecord] = [brand_settings(), asked("q", AT)]
    gap = AT + HOUR, AT + 2 * HOUR
    for through in range(START + MINUTE, START + DAY, 5 * MINUTE):
        covered = [(START, min(through, gap[0])), *([(gap[1], through)] if through > gap[1] else [])]
        log.append(pulse(through, covered))
    log.sort(key=lambda one: when_told(one) if not isinstance(one, BrandSettings) else 0)
    found = responses(run([*log, pulse(START + DAY + LATENESS, [(START, gap[0]), (gap[1], START + DAY + LATENESS)])]))
    assert (found[START].unheard, found[START].due) == (1, 0)


# How long it takes


def test_half_and_nine_tenths_of_the_minutes_are_read_off_evenly_between_bounds() -> None:
    figures = ResponseMonitor().figures({"due": 12, "unanswered": 2, "answered_15": 5, "answered_60": 5}, 1.0)
    assert figures is not None
    assert (figures.median, figures.p90) == (15.0, 54.0)


@given(st.lists(st.integers(0, 50), min_size=len(BOUNDS), max_size=len(BOUNDS)))
def test_nine_tenths_take_as_long_as_half_or_longer(counts: list[int]) -> None:
    named = {f"answered_{bound}": count for bound, count in zip(BOUNDS, counts, strict=True)}
    figures = ResponseMonitor().figures({"due": sum(counts), "asking": 1, **named}, 1.0)
    assert figures is not None
    if not sum(counts):
        assert (figures.median, figures.p90) == (None, None)
        return
    assert figures.median is not None
    assert figures.p90 is not None
    assert 0 < figures.median <= figures.p90 <= BOUNDS[-1]


# In whatever order


class Fate(NamedTuple):
    """What becomes of a post so many minutes after what was before."""

    after: int
    what: str


class Asked(NamedTuple):
    """Asked in a minute; answered so many minutes later, which is read some minutes after; what becomes of both."""

    minute: int
    after: int | None
    read_after: int
    fates: list[Fate]
    answer_fates: list[Fate]
    quotes: bool
    negative: int


Stream = list[tuple[int, BrandMention | Retraction]]  # each with the time at which it was read


class Case(NamedTuple):
    """What was read of a question, and of its answer, which may come by another lane; what must come of it at last."""

    question: Stream
    answer: Stream
    outcome: str | None


def fates(*what: str) -> st.SearchStrategy[list[Fate]]:
    after = st.sampled_from([0, 1, 60, 239, 240, 241, 245, 246, 500])
    return st.lists(st.builds(Fate, after, st.sampled_from(what)), max_size=3)


questions = st.builds(
    Asked,
    minute=st.sampled_from([0, 1, 2, 3, 4, 5, 9, 61, 125, 300]),
    after=st.sampled_from([None, 0, 3, 20, 100, 239, 240, 243, 250, 400]),
    read_after=st.sampled_from([0, 0, 0, 1, 30, 239, 300, 500]),
    fates=fates("deleted", "edited", "praise"),
    answer_fates=fates("deleted", "edited"),
    quotes=st.booleans(),
    negative=st.integers(1, 9),
)


def lived(first: BrandMention, fates: list[Fate]) -> Stream:
    """A post and what becomes of it, each with its time."""
    at, now = read_of(first), first
    found: Stream = [(at, first)]
    for number, fate in enumerate(fates):
        at += fate.after * MINUTE
        if fate.what == "deleted":
            return [*found, (at, taken_back(now, at))]
        felt = 0.6 if fate.what == "praise" else now.sentiment.compound if now.owned else -0.1 * (number + 1)
        gone, now = edited(now, at, felt)
        found += [(at, gone), (at, now)]
    return found


def case(number: int, drawn: Asked) -> Case:
    at = START + drawn.minute * MINUTE
    question = lived(asked(f"q{number}", at, -0.1 * drawn.negative), drawn.fates)
    answer: Stream = []
    if drawn.after is not None:
        written = at + drawn.after * MINUTE
        how = {"parent_id": None, "root_id": None, "quoted_id": f"q{number}"} if drawn.quotes else {}
        first = answered(f"a{number}", written + drawn.read_after * MINUTE, f"q{number}", written=written, **how)
        answer = lived(first, drawn.answer_fates)
    return Case(question, answer, outcome(question, answer))


def outcome(question: Stream, answer: Stream) -> str | None:
    """What comes of a question in the end, told by the last version of its time and what was deleted."""
    asked_at = question[0][0]
    due = deadline_of(asked_at)
    end = due + CHANGES_WITHIN
    versions = [one for at, one in question if isinstance(one, BrandMention) and at <= due]
    if not needs_answer(versions[-1]) or any(is_deletion(one) and at <= end for at, one in question):
        return None
    if not answer or answer[0][0] > end or any(is_deletion(one) and at <= end for at, one in answer):
        return "unanswered"
    first = answer[0][1]
    assert isinstance(first, BrandMention)
    written = to_ms(first.mention.created_at)
    if written >= due:
        return "unanswered"
    return next(f"answered_{bound}" for bound in BOUNDS if written - asked_at <= bound * MINUTE or bound == BOUNDS[-1])


def is_deletion(record: BrandMention | Retraction) -> bool:
    return isinstance(record, Retraction) and record.because == "deleted"


END = START + 22 * HOUR


def in_log(streams: Sequence[Stream], pulses: Sequence[int], shifts: Sequence[int] = (0,)) -> list[TrackRecord]:
    """All streams in the order of reading, each record up to a shift later; what is of one stays in its order."""
    entries: list[tuple[int, int, TrackRecord]] = []
    turn = 0
    for stream in streams:
        least = 0
        for place, record in stream:
            least = max(least, place + shifts[turn % len(shifts)])
            entries.append((least, 0, record))
            turn += 1
    entries += [(through, 1, pulse(through)) for through in {*pulses, END}]
    return [brand_settings(), *(record for _, _, record in sorted(entries, key=lambda entry: entry[:2]))]


def left_by(log: list[TrackRecord]) -> tuple[list[bytes], object]:
    """What is told of a log, and what is kept of who waits, but for the order in which it came."""
    partition = Partition()
    told = final(run(log, partition))
    return told, msgspec.to_builtins(partition.trackers["acme"].state.monitors["response"].waiting)


def streams_of(cases: list[Case]) -> list[Stream]:
    return [stream for one in cases for stream in (one.question, one.answer)]


def cases_of(most: int) -> st.SearchStrategy[list[Case]]:
    drawn = st.lists(questions, min_size=1, max_size=most)
    return drawn.map(lambda drawn: [case(number, one) for number, one in enumerate(drawn)])


few, many_cases = cases_of(MOST_OF_SLOT), cases_of(14)
shifts = st.lists(st.integers(0, 60 * SECOND - 1), min_size=1, max_size=7)
dense = range(START + MINUTE, END, 5 * MINUTE)
some = st.lists(st.integers(0, 22 * 60), max_size=30).map(lambda times: [START + time * MINUTE for time in times])


@rules
@given(few, some)
def test_each_question_has_one_outcome_in_the_end(drawn: list[Case], pulses: list[int]) -> None:
    found: dict[str, int] = {}
    for (_, window, _), trend in latest(run(in_log(streams_of(drawn), pulses))).items():
        for counts in trend.platforms.values() if window == "hour" else ():
            for name, count in counts.items():
                if name == "due" or "answered" in name:
                    found[name] = found.get(name, 0) + count
    expected = [one.outcome for one in drawn if one.outcome is not None]
    assert found == {
        **{name: expected.count(name) for name in expected},
        **({"due": len(expected)} if expected else {}),
    }


@rules
@given(many_cases, some, shifts)
def test_neither_pulses_nor_the_order_within_the_lateness_change_what_is_told(
    drawn: list[Case], pulses: list[int], later: list[int]
) -> None:
    streams = streams_of(drawn)
    expected = left_by(in_log(streams, dense))
    assert left_by(in_log(streams, pulses)) == expected
    assert left_by(in_log(streams, pulses, later)) == expected


@rules
@given(many_cases, some, st.lists(st.integers(0, 60), max_size=6))
def test_going_on_from_the_encoded_state_is_never_having_stopped(
    drawn: list[Case], pulses: list[int], stops: list[int]
) -> None:
    log = in_log(streams_of(drawn), [*dense[::6], *pulses])
    expected = run(log)
    partition, kept = Partition(), dict[str, bytes]()
    outputs = []
    for place, record in enumerate(log):
        outputs += run([record], partition)
        if place in stops:
            take(partition, kept)
            partition = Partition.restored(kept)
    assert outputs == expected


@rules
@given(
    many_cases,
    st.lists(st.integers(0, 1), min_size=1, max_size=9),
    st.lists(st.tuples(st.integers(0, 1), st.integers(1, 200)), min_size=1, max_size=9),
)
def test_two_lanes_tell_what_one_does(drawn: list[Case], dealt: list[int], turns: list[tuple[int, int]]) -> None:
    """A question and its answer may come by one lane or by two, of which one may be hours ahead."""
    streams = streams_of(drawn)
    lanes: list[list[TrackRecord]] = []
    for lane in (0, 1):
        own = [stream for place, stream in enumerate(streams) if dealt[place % len(dealt)] == lane]
        log = in_log(own, dense[lane :: 3 + lane])[1:]
        lanes.append([pulse(when_told(one), None, lane, 2) if isinstance(one, Pulse) else one for one in log])
    mixed: list[TrackRecord] = [brand_settings()]
    for turn in range(10_000):
        lane, count = turns[turn % len(turns)]
        mixed += lanes[lane][:count]
        del lanes[lane][:count]
        if not (lanes[0] and lanes[1]):
            break
    assert left_by([*mixed, *lanes[0], *lanes[1]]) == left_by(in_log(streams, dense))


# The alarm


AWAY = START + 16 * DAY + 12 * HOUR, START + 16 * DAY + 20 * HOUR


def test_who_stops_answering_for_an_afternoon_is_told_once() -> None:
    log = with_pulses(served(21, 10, 0.8, away=AWAY), ended(21), every=5 * MINUTE)
    events = [alert for alert in alerts(run(log)) if alert.event not in ("reminded", "revised")]
    assert {(alert.rule, alert.stage, alert.severity) for alert in events} == {("unanswered", "final", "warning")}
    opened = events[0]
    assert [event.event for event in events if event.event != "escalated"] == ["opened", "resolved"]
    assert AWAY[0] + 4 * HOUR < to_ms(opened.at) < AWAY[0] + 6 * HOUR
    judged = judged_of(opened)
    assert judged.observed > 2 * judged.expected
    assert "mentions that needed an answer had none after 4 h" in opened.summary
    assert opened.examples
    asked_at = {one.mention.id: to_ms(one.mention.created_at) for one in served(21, 10, 0.8, away=AWAY)}
    for id_ in opened.examples:
        assert to_ms(judged.start) <= deadline_of(asked_at[id_]) < to_ms(judged.end)
    assert opened.evidence is not None
    assert 0 < opened.evidence.looked_at <= opened.evidence.observed
    assert {post.id for post in opened.evidence.top} <= asked_at.keys()
    assert "who answers" in opened.evidence.steps[0]


def test_the_alarm_is_the_same_in_another_order_and_with_other_pulses() -> None:
    said = served(17, 10, 0.8, away=AWAY)
    random = Random(7)
    late = sorted(said, key=lambda one: read_of(one) + random.randrange(60 * SECOND))
    end = AWAY[1] + 9 * HOUR
    shifted: list[TrackRecord] = [
        brand_settings(),
        *late[: len(late) // 2],
        pulse(read_of(late[len(late) // 2]) - LATENESS),
    ]
    shifted += [*late[len(late) // 2 :], pulse(end)]
    expected = [one for one in final(run(with_pulses(said, end, every=5 * MINUTE))) if b'"alert/1"' in one]
    assert expected
    assert [one for one in final(run(shifted)) if b'"alert/1"' in one] == expected


def test_an_example_that_is_deleted_is_one_no_more() -> None:
    said = served(17, 10, 0.8, away=AWAY)
    log = with_pulses(said, AWAY[0] + 6 * HOUR, every=5 * MINUTE)
    partition = Partition()
    opened = next(alert for alert in alerts(run(log, partition)) if alert.rule == "unanswered")
    gone = next(one for one in said if one.mention.id == opened.examples[0])
    at = AWAY[0] + 6 * HOUR + MINUTE
    outputs = run([taken_back(gone, at), *(pulse(at + step * MINUTE) for step in range(0, 15, 5))], partition)
    revised = [alert for alert in alerts(outputs) if alert.event == "revised"]
    assert revised
    assert gone.mention.id not in revised[-1].examples
    assert "1 mention was deleted, 1 of them unanswered" in revised[-1].reason


def test_an_example_that_is_edited_and_still_asks_stays_one() -> None:
    said = [
        replace(one, talk=(talk("question"),), sentiment=replace(one.sentiment, compound=0.0)) if not one.owned else one
        for one in served(17, 10, 0.8, away=AWAY)
    ]
    partition = Partition()
    log = with_pulses(said, AWAY[0] + 6 * HOUR, every=5 * MINUTE)
    opened = next(alert for alert in alerts(run(log, partition)) if alert.rule == "unanswered")
    changed = next(one for one in said if one.mention.id == opened.examples[0])
    at = AWAY[0] + 6 * HOUR + MINUTE
    outputs = run([*edited(changed, at, 0.0), *(pulse(at + step * MINUTE) for step in range(0, 15, 5))], partition)
    assert all(changed.mention.id in alert.examples for alert in alerts(outputs) if alert.rule == "unanswered")


def test_an_answer_that_is_found_later_corrects_the_alert() -> None:
    said = served(17, 10, 0.8, away=AWAY)
    log = with_pulses(said, AWAY[0] + 6 * HOUR, every=5 * MINUTE)
    partition = Partition()
    opened = next(alert for alert in alerts(run(log, partition)) if alert.rule == "unanswered")
    at = AWAY[0] + 6 * HOUR + MINUTE
    late = answered("late", at, opened.examples[0], written=AWAY[0] + HOUR)
    outputs = run([late, *(pulse(at + step * MINUTE) for step in range(0, 15, 5))], partition)
    (revised,) = [alert for alert in alerts(outputs) if alert.event == "revised"]
    assert "1 was answered in time after all" in revised.reason


def test_a_brand_that_never_answers_is_never_told() -> None:
    said = served(40, 6, 0.0)
    crisis = [asked(f"c{number}", START + 30 * DAY + 11 * HOUR + number * 20 * SECOND) for number in range(300)]
    log = with_pulses([*said, *crisis], ended(40), every=10 * MINUTE)
    assert not [alert for alert in all_alerts(run(log)) if alert.rule == "unanswered"]


def test_a_brand_that_is_addressed_by_nobody_has_no_such_figures() -> None:
    said = [about("acme", a_mention(f"m{number}", START + number * MINUTE), -0.6) for number in range(300)]
    assert responses(run(with_pulses(said, ended(1), every=5 * MINUTE))) == {}


def test_more_complaints_that_are_answered_as_usual_are_not_told() -> None:
    """A crisis whose people keep up: the count is up and the share is not."""
    more = served(1, 60, 0.8, seed=2)
    moved = [
        replace(one, mention=a_mention(f"c{one.mention.id}", read_of(one) + 16 * DAY, **links(one))) for one in more
    ]
    log = with_pulses([*served(21, 10, 0.8), *moved], ended(21), every=5 * MINUTE)
    assert not [alert for alert in all_alerts(run(log)) if alert.rule == "unanswered"]


def test_an_office_that_is_closed_at_night_and_at_the_weekend_is_as_usual() -> None:
    said = served(60, 8, 0.8, office=True, wanders=0.05)
    outputs = run(with_pulses(said, ended(60), every=20 * MINUTE))
    assert len({alert.id for alert in all_alerts(outputs) if alert.rule == "unanswered"}) <= 1


def links(one: BrandMention) -> dict[str, Any]:
    parent = one.mention.parent_id
    return {} if parent is None else {"parent_id": f"c{parent}", "root_id": f"c{parent}"}


@pytest.mark.parametrize(("an_hour", "share", "minutes"), [(3, 0.7, 25), (10, 0.5, 60), (25, 0.9, 15)])
def test_calm_months_are_calm(an_hour: float, share: float, minutes: float) -> None:
    said = served(60, an_hour, share, minutes=minutes, wanders=0.05)
    outputs = run(with_pulses(said, ended(60), every=20 * MINUTE))
    assert len({alert.id for alert in all_alerts(outputs) if alert.rule == "unanswered"}) <= 1
