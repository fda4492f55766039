"""What is deleted or edited later, over all logs: the figures that are left, and what people are told."""

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Literal, NamedTuple
from unittest import mock

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from listener import answering
from listener.answering import deadline_of
from listener.monitors.monitor import BASE
from listener.partition import Partition, TrackRecord
from listener.question import CHANGES_WITHIN
from listener.trace import read_trace, trace_of
from schemas.alert import Alert
from schemas.brand_mention import BrandMention, Sentiment
from schemas.record import to_json
from schemas.retraction import Retraction
from schemas.times import HOUR, MINUTE, SECOND, from_ms, to_ms
from schemas.trend import Trend
from tests.core.admitting import as_counted
from tests.core.building import (
    Told,
    alerts,
    final,
    judged_of,
    latest,
    read_of,
    run,
    take,
)
from tests.core.stories import Burst, Entry, Story, each, late_stories, pulse_times, stories
from tests.core.test_tracker_properties import HORIZONS, note_alerts, rules, shifts

SOON = [0, 1, 30 * SECOND, 4 * MINUTE, 6 * MINUTE, 50 * MINUTE, 5 * HOUR]
LATER = [*SOON, 20 * HOUR, 30 * HOUR]
MOODS: list[float | None] = [-0.6, 0.0, 0.5, None]


CRISIS = Burst("acme", 20 * 3600, 40, 12, (-0.6, -0.3, 0.5), 0, 0, "x", owned=False, tagged=False, backfill=False)


def troubled() -> st.SearchStrategy[Story]:
    """Stories with a crisis, that nearly always fires."""
    return stories(changes=False).map(lambda story: Story([*story.drawn, CRISIS], story.settings, story.gaps))


def caught_up(stories: st.SearchStrategy[Story]) -> st.SearchStrategy[Story]:
    """Stories in which what was read later than it was written comes from sources that catch up."""
    return stories.map(_caught_up)


def _caught_up(story: Story) -> Story:
    for number, entry in enumerate(story.mentions):
        assert isinstance(entry.record, BrandMention)
        mention = entry.record.mention
        late = mention.created_at != mention.ingested_at
        story.mentions[number] = entry._replace(
            record=replace(entry.record, mention=replace(mention, caught_up=late and not mention.backfill))
        )
    return story


def certain(story: Story) -> Story:
    """The story, all certain."""
    for number, entry in enumerate(story.mentions):
        assert isinstance(entry.record, BrandMention)
        story.mentions[number] = entry._replace(record=replace(entry.record, certainty="certain"))
    return story


def all_stories() -> st.SearchStrategy[Story]:
    """Stories in which some comes too late, or is caught up."""
    return late_stories() | caught_up(late_stories())


def all_troubled() -> st.SearchStrategy[Story]:
    """Stories with a crisis, in which some may be caught up."""
    return troubled() | caught_up(troubled())


class Fate(NamedTuple):
    """What happens to every so many-th mention so much later: it is deleted, or edited to feel otherwise."""

    every: int
    first: int
    after: int
    mood: float | Literal["gone", "same"] | None


def fates(
    after: Sequence[int] = LATER, moods: Sequence[float | Literal["gone", "same"] | None] = ("gone",)
) -> st.SearchStrategy[list[Fate]]:
    """One to four of them; about a fifth of the mentions and more."""
    one = st.builds(Fate, st.integers(1, 9), st.integers(0, 8), st.sampled_from(after), st.sampled_from(moods))
    return st.lists(one, min_size=1, max_size=4)


class Fateful(NamedTuple):
    """A mention, what became of it (None: it was deleted) and when, in ms."""

    mention: Entry
    at: int
    edited: BrandMention | None

    @property
    def first(self) -> BrandMention:
        assert isinstance(self.mention.record, BrandMention)
        return self.mention.record


def fateful(story: Story, drawn: list[Fate]) -> list[Fateful]:
    """No mention has two fates, and none one after the story ends."""
    found: dict[int, Fateful] = {}
    for fate in drawn:
        for number in range(fate.first, len(story.mentions), fate.every):
            entry = story.mentions[number]
            at = min(entry.place + fate.after, story.end - 2 * HOUR)
            if number not in found:
                found[number] = Fateful(entry, at, edited(entry.record, at, fate.mood))
    return [found[number] for number in sorted(found)]


def edited(first: TrackRecord, at: int, mood: float | str | None) -> BrandMention | None:
    assert isinstance(first, BrandMention)
    if mood == "gone":
        return None
    sentiment = first.sentiment
    if mood != "same":
        assert mood is None or isinstance(mood, float)
        sentiment = Sentiment(scorer="test", compound=mood, not_scored=None if mood is not None else "no scorer for xx")
    mention = replace(first.mention, version=1, ingested_at=from_ms(at))
    return replace(first, mention=mention, sentiment=sentiment, first_read=from_ms(read_of(first)))


def retraction(mention: BrandMention, at: int, because: Literal["edited", "deleted"] = "deleted") -> Retraction:
    """As detect sends it: without words."""
    first_read = None if mention.first_read is None else to_ms(mention.first_read)
    (trace,) = read_trace(trace_of(mention.mention, read_of(mention), [mention], first_read)).brand_mentions(
        mention.mention.id
    )
    return Retraction(brand=mention.brand, at=from_ms(at), because=because, trace=trace)


Log = list[TrackRecord]


def log_of(story: Story, happened: list[Fateful], pulses: list[int], late: Sequence[int] = (0,)) -> Log:
    """The log; record i of what is said stands `late[i]` ms (in a cycle) later, but no fate before its mention."""
    places = {id(entry.record): entry.place + late[n % len(late)] for n, entry in enumerate(story.mentions)}
    said = [(places[id(entry.record)], 0, 0, entry.record) for entry in story.mentions]
    for number, (entry, at, edit) in enumerate(happened):
        place = max(at + late[number % len(late)], places[id(entry.record)])
        assert isinstance(entry.record, BrandMention)
        said.append((place, 0, 1, retraction(entry.record, at, "edited" if edit else "deleted")))
        if edit:
            said.append((place, 0, 2, edit))
    said += [(entry.place, entry.rank, 0, entry.record) for entry in story.settings]
    said += [(through, 1, 0, story.pulse(through)) for through in {*story.before_end(pulses), story.end}]
    return [record for _, _, _, record in sorted(said, key=lambda one: one[:3])]


def log_without(story: Story, happened: list[Fateful], pulses: list[int], partition: Partition) -> Log:
    """The log as if there had never been anything but what was left in the end.

    What was doubtful is as `partition` has counted it: it stays so when what its author said before is deleted.
    """
    gone = {id(one.mention.record) for one in happened}
    left = [(entry.place, entry.record) for entry in story.mentions if id(entry.record) not in gone]
    left += [(one.at, one.edited) for one in happened if one.edited]
    said: list[tuple[int, int, TrackRecord]] = []
    for place, record in left:
        assert isinstance(record, BrandMention)
        said.append((place, 0, as_counted(record, partition)))
    said += [(entry.place, entry.rank, entry.record) for entry in story.settings]
    said += [(through, 1, story.pulse(through)) for through in {*story.before_end(pulses), story.end}]
    return [record for _, _, record in sorted(said, key=lambda one: one[:2])]


def beyond(happened: list[Fateful]) -> set[tuple[str, str, int]]:
    """The windows that could not be revised any more when something of theirs went: of when it was written, or due."""
    found = set()
    for one in happened:
        written = to_ms(one.first.mention.created_at)
        due = deadline_of(written)
        for window, (length, horizon) in HORIZONS.items():
            for at in (written, due):
                start = at - at % length
                if one.at - start - length > horizon or (at == due and one.at > due + CHANGES_WITHIN):
                    found.add((one.first.brand, window, start))
    return found


def due_before(happened: list[Fateful]) -> set[tuple[str, str, int]]:
    """Windows in which something was due before it was edited: in a log of the edit alone nobody knew of it."""
    found = set()
    for one in happened:
        due = deadline_of(to_ms(one.first.mention.created_at))
        if one.edited and one.at > due:
            found |= {(one.first.brand, window, due - due % length) for window, (length, _) in HORIZONS.items()}
    return found


def all_followed() -> ExitStack:
    """As if each who needs an answer were followed: of a sample, who goes leaves a place to somebody else."""
    stack = ExitStack()
    for name in ("MOST_OF_SLOT", "MOST_OF_OPEN"):
        stack.enter_context(mock.patch.object(answering, name, 10_000))
    return stack


def left_in(outputs: list[Told]) -> dict[tuple[str, str, int], tuple[object, ...]]:
    """What the last revision of each window says; nothing for those in which nothing was said."""
    return {key: figures(trend) for key, trend in latest(outputs).items() if trend.platforms}


def figures(trend: Trend) -> tuple[object, ...]:
    return trend.known, trend.total, trend.platforms


def assert_the_same_is_left(outputs: list[Told], others: list[Told], but: set[tuple[str, str, int]]) -> None:
    found, expected = left_in(outputs), left_in(others)
    keys = (found.keys() | expected.keys()) - but
    assert {key: found.get(key) for key in keys} == {key: expected.get(key) for key in keys}


@rules
@given(all_stories(), pulse_times(), fates())
def test_trends_after_deletions_are_those_of_a_log_without_the_deleted(
    story: Story, pulses: list[int], drawn: list[Fate]
) -> None:
    happened = fateful(story, drawn)
    partition = Partition()
    with all_followed():
        outputs = run(log_of(story, happened, pulses), partition)
        others = run(log_without(story, happened, pulses, partition))
    if not any(entry.place for entry in story.settings):
        assert_the_same_is_left(outputs, others, beyond(happened))
    sums, expected = ({key: trend.platforms for key, trend in latest(told).items()} for told in (outputs, others))
    for key in (sums.keys() | expected.keys()) - beyond(happened):
        assert sums.get(key, {}) == expected.get(key, {})


@rules
@given(late_stories(), pulse_times(), fates(moods=("gone",)))
def test_a_window_that_became_empty_reads_as_a_quiet_one(story: Story, pulses: list[int], drawn: list[Fate]) -> None:
    if any(entry.place for entry in story.settings):
        return
    happened = fateful(story, drawn)
    partition = Partition()
    outputs = latest(run(log_of(story, happened, pulses), partition))
    quiet = latest(run(log_without(story, happened, pulses, partition)))
    for key, trend in outputs.items():
        if not trend.platforms and key in quiet:
            assert figures(trend) == figures(quiet[key])
        elif not trend.platforms and trend.total is not None:
            assert trend.known
            assert trend.total.volume is not None
            assert trend.total.volume.mentions == 0
            assert (trend.total.sentiment, trend.total.severity, trend.total.talk) == (None, None, None)


@rules
@given(late_stories(), pulse_times(), fates(moods=(*MOODS, "gone")))
def test_trends_after_edits_are_those_of_the_last_versions(story: Story, pulses: list[int], drawn: list[Fate]) -> None:
    if any(entry.place for entry in story.settings):
        return
    happened = fateful(story, drawn)
    partition = Partition()
    with all_followed():
        outputs = run(log_of(story, happened, pulses), partition)
        others = run(log_without(story, happened, pulses, partition))
    assert_the_same_is_left(outputs, others, beyond(happened) | due_before(happened))


@rules
@given(all_stories(), pulse_times(), st.integers(1, 5), st.integers(0, 4))
def test_what_is_taken_back_at_once_was_never_there(story: Story, pulses: list[int], every: int, first: int) -> None:
    if any(entry.place for entry in story.settings):
        return
    gone = {id(entry.record) for entry in story.mentions[first::every]}
    log, others = Log(), Log()
    for record in story.log(pulses):
        log.append(record)
        if id(record) in gone:
            assert isinstance(record, BrandMention)
            log.append(retraction(record, read_of(record)))
        else:
            others.append(record)
    partition = Partition()
    with all_followed():  # of a sample, who goes leaves his place to another
        outputs = run(log, partition)
        others = [as_counted(one, partition) if isinstance(one, BrandMention) else one for one in others]
        left = run(others)
    note_alerts(outputs)
    assert [bare(one) for one in outputs if is_final(one)] == [bare(one) for one in left if is_final(one)]


def is_final(told: Told) -> bool:
    return isinstance(told, Trend) or told.stage == "final"


def bare(told: Told) -> bytes:
    """Without the examples, since one that went is not replaced, and the reason: it may say that it came and went."""
    return to_json(replace(told, examples=(), reason="") if isinstance(told, Alert) else told)


@rules
@given(all_troubled(), pulse_times(), fates(moods=("gone", "same", *MOODS)))
def test_pulses_change_nothing_of_what_deletions_and_edits_lead_to(
    story: Story, times: list[int], drawn: list[Fate]
) -> None:
    happened = fateful(story, drawn)
    outputs = run(log_of(story, happened, each(5, story)))
    note_alerts(outputs)
    assert final(run(log_of(story, happened, times))) == final(outputs)


@rules
@given(all_troubled(), pulse_times(), fates(moods=("gone", "same", *MOODS)), shifts)
def test_nor_does_the_order_within_the_lateness(
    story: Story, times: list[int], drawn: list[Fate], late: list[int]
) -> None:
    happened = fateful(story, drawn)
    expected = final(run(log_of(story, happened, times)))
    assert final(run(log_of(story, happened, times, late))) == expected


@rules
@given(all_troubled().map(certain), pulse_times(), fates(moods=("same",)))
def test_edits_that_change_no_figure_change_no_alert(story: Story, times: list[int], drawn: list[Fate]) -> None:
    """So that a wave of edits is no burst, and no crisis begins anew because people mend their spelling."""
    outputs = alerts(run(log_of(story, fateful(story, drawn), times)))
    before = alerts(run(log_of(story, [], times)))
    assert final(outputs) == final(before)


@rules
@given(
    all_stories(),
    pulse_times(),
    fates(moods=("gone", *MOODS)),
    st.lists(st.integers(0, 400), max_size=8),
)
def test_going_on_from_the_encoded_state_is_never_having_stopped(
    story: Story, times: list[int], drawn: list[Fate], stops: list[int]
) -> None:
    log = log_of(story, fateful(story, drawn), [*times, *each(30, story)])
    expected = [to_json(output) for output in run(log)]
    outputs: list[bytes] = []
    partition, kept = Partition(), dict[str, bytes]()
    for place, record in enumerate(log):
        outputs += map(to_json, run([record], partition))
        if place % 401 in stops:
            take(partition, kept)
            partition = Partition.restored(kept)
    assert outputs == expected


@rules
@given(troubled(), pulse_times(), fates(SOON, ("gone", *MOODS)))
def test_the_last_word_of_an_alert_counts_what_is_left(story: Story, times: list[int], drawn: list[Fate]) -> None:
    happened = fateful(story, drawn)
    partition = Partition()
    outputs = run(log_of(story, happened, times), partition)
    left = {id(entry.record): entry.record for entry in story.mentions}
    for one in happened:
        del left[id(one.mention.record)]
    remaining = [record for record in left.values() if isinstance(record, BrandMention)]
    remaining += [one.edited for one in happened if one.edited]
    gone = {(one.first.brand, one.first.mention.id) for one in happened if not one.edited}
    last = {
        alert.brand: alert for alert in alerts(outputs) if alert.stage == "final" and alert.rule == "negative-spike"
    }
    for brand, alert in last.items():
        heard = [
            one
            for one in remaining
            if one.brand == brand
            and not one.mention.backfill
            and not one.owned
            and as_counted(one, partition).certainty != "doubtful"
            and to_ms(judged_of(alert).start) <= heard_in(one) < to_ms(judged_of(alert).end)
        ]
        scored = [one.sentiment.compound for one in heard if one.sentiment.compound is not None]
        judged = (judged_of(alert).mentions, judged_of(alert).scored, judged_of(alert).observed)
        assert judged == (len(heard), len(scored), sum(compound < 0 for compound in scored))
        assert not any((brand, id_) in gone for id_ in alert.examples)


def heard_in(mention: BrandMention) -> int:
    read = to_ms(mention.first_read) if mention.first_read else read_of(mention)
    return read - read % BASE
