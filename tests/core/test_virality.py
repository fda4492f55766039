"""Single posts: what will spread is told before it has, what dies by itself is not, who shouts fifty times is one."""

from collections.abc import Iterable, Sequence
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from listener.amplification import LEAST_LIMIT, again
from listener.author_marks import author_of
from listener.erasing import holds, without
from listener.judgement import fires, judge_again
from listener.monitors.virality import MOST_POSTS, RULE, ViralityState, scope_of
from listener.partition import Partition, TrackRecord
from listener.passed_on import MOST_ARRIVALS, PassedOn
from listener.state import pack
from listener.trace import read_trace, trace_of
from schemas.alert import Alert
from schemas.brand_mention import BrandMention, Sentiment
from schemas.forecast import Forecast
from schemas.mention import Author
from schemas.record import to_json
from schemas.retraction import Because, Retraction
from schemas.times import DAY, HOUR, MINUTE, SECOND, from_ms, to_ms
from tests.core.building import (
    START,
    alerts,
    all_alerts,
    brand_settings,
    burst,
    pulse,
    read_of,
    run,
    said,
    severe,
    take,
    with_pulses,
)
from tests.core.cascades import WORLDS
from tests.core.test_tracker_properties import rules

POST = "x:complaint"
BEGIN = START + 9 * HOUR
# The ages of 160 arrivals as they come where half have come after 24 minutes: 23 in the first four.
QUICK = [round(24 * MINUTE * (place + 0.5) / (160 - place - 0.5)) for place in range(160)]
DEADLY = [2 * MINUTE, 9 * MINUTE, 31 * MINUTE]


def complaint(**fields: Any) -> BrandMention:
    """The post that is passed on."""
    return said(POST, BEGIN, -0.6, **{"author": Author(id="ann", followers=90), **fields})


def passed_on(ages: Iterable[int], of: str = POST, **fields: Any) -> list[BrandMention]:
    """Reposts and answers, each by somebody else; the repost of a complaint is one."""
    kinds = ({"kind": "repost", "reposted_id": of}, {"kind": "reply", "parent_id": of, "root_id": of})
    return [
        said(
            f"x:{of}-{number}",
            BEGIN + age,
            0.0,
            **{"author": Author(id=f"who{number}", followers=100), **kinds[number % 2], **fields},
        )
        for number, age in enumerate(ages)
    ]


PAGED = ("opened", "escalated")  # at once, or after it was a notice for the digest


def viral(outputs: Sequence[Alert], stage: str = "final") -> list[Alert]:
    """The alerts about posts."""
    return [alert for alert in outputs if alert.rule == RULE and alert.stage == stage]


def told(mentions: Iterable[BrandMention], until: int = BEGIN + 3 * HOUR, every: int = MINUTE) -> list[Alert]:
    """What is told of posts, with a pulse each minute."""
    return [one for one in alerts(run(with_pulses(mentions, until, every))) if one.rule == RULE]


def forecast_of(alert: Alert) -> Forecast:
    """What was foretold."""
    assert alert.judged is not None
    assert alert.judged.forecast is not None
    return alert.judged.forecast


def test_a_post_that_will_spread_is_told_before_it_has() -> None:
    opened = viral(told([complaint(), *passed_on(QUICK)]))[0]
    made = forecast_of(opened)
    assert opened.event in PAGED
    assert opened.scope == scope_of(POST)
    assert opened.examples == (POST,)
    assert to_ms(opened.since) == BEGIN
    assert made.voices < made.limit <= made.low < made.expected < made.high
    assert made.reach == 90 + 100 * made.reach_of
    assert f"passed on or answered {made.arrivals} times by {made.voices} accounts in " in opened.summary


def test_an_early_warning_comes_while_the_window_is_still_open_and_is_confirmed() -> None:
    outputs = told([complaint(), *passed_on([6 * MINUTE + age // 4 for age in QUICK])])
    opened, closed = viral(outputs, "early")
    (final, *_) = viral(outputs)
    assert opened.id == f"{final.id}-early"
    assert opened.at < final.at
    assert closed.reason == f"confirmed by alert {final.id}"


def test_a_post_with_three_answers_is_not_told() -> None:
    assert not told([complaint(), *passed_on(DEADLY)])


def test_praise_that_spreads_is_nobodys_trouble() -> None:
    assert not told([said(POST, BEGIN, 0.6), *passed_on(QUICK)])


def test_what_the_brand_wrote_itself_is_not_followed() -> None:
    own = replace(complaint(), owned=True)
    assert not told([own, *passed_on(QUICK)])


def test_the_brands_own_answers_are_no_sign_that_it_spreads() -> None:
    assert not told([complaint(), *[replace(one, owned=True) for one in passed_on(QUICK)]])


def test_a_post_without_a_mood_but_with_a_word_that_matters_is_followed_and_critical() -> None:
    grave = replace(said(POST, BEGIN, 0.2), severity=(severe("safety", 0.9),))
    opened = viral(told([grave, *passed_on(QUICK)]))[0]
    assert opened.severity == "critical"


def test_an_account_that_answers_fifty_times_is_one_voice() -> None:
    assert not told([complaint(), *passed_on(QUICK, author=Author(id="bob"))])


def test_bots_and_the_author_count_for_no_voice() -> None:
    assert not told([complaint(), *passed_on(QUICK, author=Author(id="bot", bot=True))])
    assert not told([complaint(), *passed_on(QUICK, author=Author(id="ann"))])


@pytest.mark.parametrize("author", [Author(id="bob", followers=7), Author(id="bot", bot=True), Author(handle="@Bob")])
def test_what_waited_for_its_author_is_the_same_voice_as_what_did_not(author: Author) -> None:
    waited, did_not = PassedOn(), PassedOn()
    for mention in (complaint(author=author), *passed_on(DEADLY, author=author)):
        (held,) = read_trace(trace_of(mention.mention, read_of(mention), [mention], None)).brand_mentions(
            mention.mention.id
        )
        did_not.note(mention)
        waited.note(held, author_of(mention.mention))
    assert waited == did_not


@pytest.mark.parametrize(("accounts", "alarms"), [(160, True), (1, False)])
def test_whoever_had_to_wait_for_being_known_is_counted_once(accounts: int, *, alarms: bool) -> None:
    names = [Author(id=f"who{number}", followers=100) for number in range(accounts)]
    before = [said(f"x:before{n}", START + HOUR + n * SECOND, 0.0, author=name) for n, name in enumerate(names)]
    spread = [replace(by(one, names[n % accounts]), certainty="doubtful") for n, one in enumerate(passed_on(QUICK))]
    log = [*with_pulses([*before, complaint(), *spread], BEGIN + 3 * HOUR, 20 * MINUTE)]
    log[0] = brand_settings(ambiguous=True)
    assert bool(viral(alerts(run(log)))) == alarms


def by(mention: BrandMention, author: Author) -> BrandMention:
    return replace(mention, mention=replace(mention.mention, author=author))


def test_a_flood_of_bots_does_not_make_a_few_people_many() -> None:
    people = passed_on(QUICK[::10])
    bots = [
        replace(one, mention=replace(one.mention, id=f"bot{number}", author=Author(id=f"bot{number}", bot=True)))
        for number, one in enumerate(passed_on(age // 10 for age in QUICK * 5))
    ]
    assert not told([complaint(), *people, *bots])


def test_what_a_history_brings_of_before_is_no_alarm() -> None:
    assert not told([complaint(backfill=True), *passed_on(QUICK, backfill=True)])


def test_it_is_over_when_nine_tenths_have_come() -> None:
    events = viral(told([complaint(), *passed_on(QUICK)], BEGIN + 12 * HOUR))
    assert [one.event for one in events] == ["escalated", "reminded", "reminded", "resolved"]
    assert events[-1].reason.startswith("it spreads no further: nine tenths of it have come (1")


def test_what_too_few_will_pass_on_for_a_page_is_a_notice_for_the_digest() -> None:
    log = [complaint(), *passed_on(QUICK)]
    told = [one for one in all_alerts(run(with_pulses(log, BEGIN + 3 * HOUR, MINUTE))) if one.rule == RULE]
    first, *_ = [one for one in told if one.stage == "final"]
    made = forecast_of(first)
    assert (first.event, first.severity, made.page) == ("opened", "notice", False)
    page = next(one for one in told if one.stage == "final" and one.severity != "notice")
    assert page.id == first.id
    assert page.reason == "it was for the digest, and more will come of it than that"
    assert made.limit < forecast_of(page).limit
    assert not [one for one in told if one.event == "reminded" and one.severity == "notice"]


def test_it_is_over_when_the_post_is_deleted() -> None:
    log = [complaint(), *passed_on(QUICK)]
    gone = taken_back(log[0], BEGIN + HOUR)
    outputs = alerts(run(in_order([*log, gone], BEGIN + 3 * HOUR)))
    life = [one.event for one in viral(outputs) if one.event not in ("reminded", "revised")]
    assert life == ["escalated", "resolved"]
    assert viral(outputs)[-1].at <= from_ms(BEGIN + HOUR + 6 * MINUTE)


def test_an_erasure_leaves_no_id_of_the_post_and_its_alert_ends() -> None:
    partition = Partition()
    early = run(in_order([complaint(), *passed_on(QUICK[:80])], BEGIN + 12 * MINUTE), partition)
    assert viral(alerts(early))[-1].event in PAGED
    states = partition.trackers["acme"].state.monitors
    plain = msgspec.msgpack.decode(msgspec.msgpack.encode(states["virality"]))
    assert holds(plain, {POST})
    assert not holds(without(plain, {POST}), {POST})
    states["virality"] = msgspec.convert(without(plain, {POST}), ViralityState)
    assert viral(alerts(run([pulse(BEGIN + HOUR)], partition)))[-1].event == "resolved"


def test_what_is_taken_back_before_the_window_closes_leaves_no_alert() -> None:
    log = [complaint(), *passed_on(age // 4 for age in QUICK)]
    gone = [taken_back(one, BEGIN + 4 * MINUTE + place) for place, one in enumerate(log[1:])]
    outputs = alerts(run([*in_order(log, BEGIN + 3 * MINUTE), *gone, pulse(BEGIN + HOUR)]))
    assert not viral(outputs)


def test_when_all_that_came_is_taken_back_it_is_over() -> None:
    log = [complaint(), *passed_on(QUICK)]
    gone = [taken_back(one, BEGIN + HOUR + place) for place, one in enumerate(log[1:])]
    outputs = viral(alerts(run(in_order([*log, *gone], BEGIN + 2 * HOUR))))
    assert [one.event for one in outputs] == ["escalated", "resolved"]
    assert outputs[-1].reason.startswith("taken back: ")
    assert forecast_of(outputs[-1]).arrivals == forecast_of(outputs[-1]).voices == 0


def test_an_edited_post_is_followed_on_and_one_that_is_made_kind_is_not() -> None:
    log: list[BrandMention | Retraction] = [complaint(), *passed_on(QUICK)]
    edit = BEGIN + 90 * SECOND
    still = replace(edited(complaint(), edit), sentiment=complaint().sentiment)
    kind = replace(still, sentiment=Sentiment(scorer="test", compound=0.5))
    back = taken_back(complaint(), edit, because="edited")
    assert viral(alerts(run(in_order([*log, back, still], BEGIN + HOUR))))
    assert not viral(alerts(run(in_order([*log, back, kind], BEGIN + HOUR))))


def test_each_alert_is_judged_again_to_the_same_bytes() -> None:
    for alert in told([complaint(), *passed_on(QUICK)], BEGIN + 12 * HOUR):
        assert alert.judged is not None
        assert to_json(judge_again(alert.judged)) == to_json(alert.judged)
        assert again(forecast_of(alert)) == forecast_of(alert)
        assert fires(alert.judged) or alert.event == "resolved"


def test_switched_off_nothing_is_told_and_nothing_is_kept() -> None:
    partition = Partition()
    records = with_pulses([complaint(), *passed_on(QUICK)], BEGIN + HOUR)
    records[0] = brand_settings(virality=False)
    assert not viral(alerts(run(records, partition)))
    assert partition.trackers["acme"].state.monitors["virality"] == ViralityState()


def test_evidence_is_of_the_post_and_those_that_pass_it_on_alone() -> None:
    others = burst("other", BEGIN - 2 * MINUTE, 40, -0.4)
    opened = viral(told([complaint(), *passed_on(QUICK), *others]))[0]
    assert opened.evidence is not None
    assert {post.id for post in opened.evidence.top} <= {POST}
    assert opened.evidence.last_week is None
    assert opened.evidence.observed == forecast_of(opened).arrivals
    assert opened.evidence.steps[-1] == "agree on one answer before anybody writes a second one"


@rules
@given(st.permutations(range(24)), st.sampled_from([12, 40, 70]), st.lists(st.integers(1, 23), max_size=3))
def test_any_order_within_the_lateness_gives_the_same_final_alerts(
    order: list[int], every: int, deleted: list[int]
) -> None:
    """Arrivals come shuffled among those up to 24 * every s later; all windows are closed at the end."""
    log = [complaint(), *passed_on(number * every * SECOND // 3 for number in range(23))]
    gone = [taken_back(log[place], BEGIN + 5 * MINUTE) for place in deleted]
    shuffled = [log[place] for place in order]
    end = [pulse(BEGIN + 2 * DAY)]
    first = run([brand_settings(), *log, *gone, *end])
    second = run([brand_settings(), *shuffled, *gone, *end])
    assert [to_json(one) for one in viral(alerts(first))] == [to_json(one) for one in viral(alerts(second))]


@rules
@given(st.sampled_from(sorted(WORLDS)), st.integers(0, 10_000), st.lists(st.integers(0, 400), max_size=6))
def test_going_on_from_the_encoded_state_is_never_having_stopped(world: str, seed: int, stops: list[int]) -> None:
    ages = WORLDS[world](Random(seed), 25.0, 24 * MINUTE).until(5 * HOUR)[:150]
    log = with_pulses([complaint(), *passed_on(ages)], BEGIN + 7 * HOUR, 5 * MINUTE)
    expected = [to_json(output) for output in run(log)]
    outputs: list[bytes] = []
    partition, kept = Partition(), dict[str, bytes]()
    for place, record in enumerate(log):
        outputs += map(to_json, run([record], partition))
        if place in stops:
            take(partition, kept)
            partition = Partition.restored(kept)
    assert outputs == expected


def test_of_too_many_arrivals_a_sample_stands_for_all_whatever_their_order() -> None:
    log = passed_on(range(0, 3 * MOST_ARRIVALS * 10, 10))
    one, other = PassedOn(), PassedOn()
    for mention in log:
        one.note(mention)
    for mention in reversed(log):
        other.note(mention)
    for kept in (one, other):
        kept.settle()
    assert sorted(map(to_json, one.arrivals)) == sorted(map(to_json, other.arrivals))
    assert len(one.arrivals) == MOST_ARRIVALS
    assert len(one.arrivals) * one.weight == pytest.approx(len(log), rel=0.1)


def test_state_is_small_and_what_is_least_likely_to_spread_is_let_go() -> None:
    """Three times as many complaints as are followed, of which one in ten is answered a few times."""
    log: list[BrandMention] = []
    for number in range(3 * MOST_POSTS):
        at = BEGIN + number * 20 * SECOND
        log.append(said(f"x:17{number:017}", at, -0.6, author=Author(id=f"a{number}", followers=number)))
        if number % 10 == 0:
            log += [
                said(f"r{number}-{each}", at + each * MINUTE, 0.0, parent_id=f"x:17{number:017}", kind="reply")
                for each in range(1, 8)
            ]
    partition = Partition()
    run(with_pulses(log, BEGIN + 2 * HOUR), partition)
    state = partition.trackers["acme"].state.monitors["virality"]
    assert len(state.posts) == MOST_POSTS
    answered = [post for post in state.posts if post.moved and post.moved.arrivals >= 7]
    assert len(answered) == 3 * MOST_POSTS // 10
    assert len(pack(1, state)) <= 8 * 1024


def test_the_limit_follows_from_what_the_brands_posts_have_moved_and_the_half_life_from_when() -> None:
    """Thirty posts of 40 accounts each, within minutes, on a platform of which nothing is known."""
    log: list[BrandMention] = []
    for number in range(30):
        start = START + number * 12 * HOUR
        post = f"forum:{number}"
        log.append(said(post, start, -0.6, platform="forum"))
        log += [
            said(f"{post}-{each}", start + each * 20 * SECOND, 0.0, parent_id=post, kind="reply", platform="forum")
            for each in range(1, 41)
        ]
    partition = Partition()
    run(with_pulses(log, START + 20 * DAY, 10 * MINUTE), partition)
    state = partition.trackers["acme"].state.monitors["virality"]
    late = [complaint(), *passed_on(QUICK)]
    moved = [
        replace(one, mention=replace(one.mention, ingested_at=at, created_at=at))
        for one in late
        for at in [from_ms(read_of(one) + 21 * DAY)]
    ]
    outputs = run([*moved, pulse(BEGIN + 22 * DAY)], partition)
    assert state.sizes >= 25
    assert state.platforms["forum"].count > 1_000
    learned = state.platforms["forum"].logs / 1_000 / state.platforms["forum"].count
    assert 4 * MINUTE < 2.718281828**learned < 8 * MINUTE
    found = [forecast_of(one) for one in viral(alerts(outputs))]
    assert all(made.limit > 2 * LEAST_LIMIT for made in found)


def taken_back(mention: BrandMention, at: int, because: Because = "deleted") -> Retraction:
    """As detect takes it back: without words, author and parents, but for what it answered."""
    source = mention.mention
    author = None if source.author is None else Author(followers=source.author.followers)
    root = source.root_id or source.parent_id or source.reposted_id
    trace = replace(
        source, text="", author=author, root_id=root, parent_id=None, reposted_id=None, hashtags=(), mentions=()
    )
    record = replace(mention, mention=trace, matches=())
    return Retraction(brand="acme", at=from_ms(at), because=because, trace=record)


def edited(mention: BrandMention, at: int) -> BrandMention:
    """A later version that was read at `at`."""
    source = replace(mention.mention, version=1, ingested_at=from_ms(at), edited_at=from_ms(at))
    return replace(mention, mention=source, first_read=mention.mention.ingested_at)


def in_order(records: Sequence[BrandMention | Retraction], until: int) -> list[TrackRecord]:
    """A log with a pulse each minute; of those of one time the order stays."""
    timed: list[tuple[int, TrackRecord]] = [
        (to_ms(record.at) if isinstance(record, Retraction) else read_of(record), record) for record in records
    ]
    timed += [(at, pulse(at)) for at in range(START + MINUTE, until + 1, MINUTE)]
    return [brand_settings(), *(record for _, record in sorted(timed, key=lambda entry: entry[0]))]
