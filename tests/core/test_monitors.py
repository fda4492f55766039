"""What holds for every monitor, and what for each."""

from collections import Counter
from collections.abc import Callable
from math import exp
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from listener.figures import share_of
from listener.judgement import fires, judge_again
from listener.last_day import LastDay
from listener.monitors import MONITORS
from listener.monitors.monitor import BASE, BaseWindow, Finding, Monitor
from listener.monitors.sentiment import SentimentMonitor, SentimentState
from listener.monitors.severity import SeverityMonitor
from listener.monitors.talk import TalkMonitor
from listener.monitors.volume import VolumeMonitor
from listener.state import pack, unpack
from listener.windows import Counts
from schemas.brand_mention import BrandMention, Category, Kind, Severe
from schemas.mention import Author
from schemas.record import decoder, to_json
from schemas.times import DAY, HOUR, MINUTE
from schemas.trend import Conversation, Figures, Grave, Severity, Share
from tests.core.building import START, a_mention, about, said, severe, talk

each_monitor = pytest.mark.parametrize("monitor", MONITORS, ids=lambda monitor: monitor.name)
each_counter = pytest.mark.parametrize(
    "monitor",
    [monitor for monitor in MONITORS if type(monitor).count is not Monitor.count],
    ids=lambda monitor: monitor.name,
)
quick = settings(max_examples=40, deadline=None)

severes = st.lists(
    st.builds(severe, st.sampled_from(get_args(Category)), st.sampled_from([0.0, 0.004, 0.3, 0.555, 1.0])), max_size=3
).map(tuple)
talks = st.lists(st.sampled_from(get_args(Kind)), max_size=3, unique=True).map(
    lambda kinds: tuple(talk(kind) for kind in kinds)
)
mentions = st.builds(
    lambda number, compound, owned, tagged, followers, certainty, severity, talks: replace(
        about(
            "acme",
            a_mention(f"x:{number}", START + number, author=None if followers is None else Author(followers=followers)),
            compound,
            owned=owned,
            tagged=tagged,
        ),
        certainty=certainty,
        severity=severity,
        talk=talks,
    ),
    st.integers(0, 10**6),
    st.none() | st.integers(-10_000, 10_000).map(lambda score: score / 10_000),
    st.booleans(),
    st.booleans(),
    st.none() | st.integers(0, 10**12),
    st.sampled_from(["certain", "probable"]),
    severes,
    talks,
)


def known(start: int, end: int) -> float:
    return 1.0


def window(
    counts: Counts, start: int = START, since: int = START, share: Callable[[int, int], float] = known
) -> BaseWindow:
    return BaseWindow(start, start + BASE, counts, {"negative-spike": ("x:1",)}, since, share)


def summed(monitor: Monitor[Any], said: list[BrandMention]) -> Counts:
    sums: Counter[str] = Counter()
    for mention in said:
        sums.update(monitor.count(mention))
    return dict(sums)


def windows_of(monitor: Monitor[Any], said: list[list[BrandMention]]) -> list[BaseWindow]:
    return [window(summed(monitor, one), START + place * BASE) for place, one in enumerate(said)]


listened = st.just(0.0) | st.floats(1e-6, 24.0)
stretches = st.lists(st.lists(mentions, max_size=12), max_size=30)


@each_counter
def test_its_name_is_a_field_of_the_figures(monitor: Monitor[Any]) -> None:
    assert monitor.name in Figures.__struct_fields__


def test_names_are_unique() -> None:
    names = [monitor.name for monitor in MONITORS]
    assert len(set(names)) == len(names)


def test_no_two_monitors_count_under_the_same_name() -> None:
    seen: set[str] = set()
    for monitor in MONITORS:
        full = said("x:1", START, -0.5, author=Author(followers=3))
        everything = tuple(severe(category, 0.5) for category in get_args(Category))
        full = replace(full, severity=everything, talk=tuple(talk(kind) for kind in get_args(Kind)))
        names = set(monitor.count(full)) | set(monitor.count(said("x:2", START, 0.5)))
        assert not names & seen
        seen |= names


@each_monitor
@quick
@given(mention=mentions)
def test_counts_are_whole_numbers_and_none_is_zero(monitor: Monitor[Any], mention: BrandMention) -> None:
    for name, count in monitor.count(mention).items():
        assert type(count) is int, name
        assert count != 0, name
        assert count >= 0 or name == "compound", name


@each_monitor
@quick
@given(mention=mentions)
def test_a_mention_always_counts_the_same(monitor: Monitor[Any], mention: BrandMention) -> None:
    counts = monitor.count(mention)
    monitor.count(mention)["extra"] = 1
    assert monitor.count(mention) == counts


@each_monitor
@quick
@given(many=st.lists(mentions, max_size=12), hours=listened)
def test_figures_of_sums_do_not_depend_on_the_order(
    monitor: Monitor[Any], many: list[BrandMention], hours: float
) -> None:
    assert monitor.figures(summed(monitor, many), hours) == monitor.figures(summed(monitor, many[::-1]), hours)


@each_monitor
@pytest.mark.parametrize("hours", [0.0, 1 / 60, 24.0])
def test_figures_of_nothing_do_not_raise(monitor: Monitor[Any], hours: float) -> None:
    to_json(monitor.figures({}, hours))


@each_counter
@quick
@given(many=st.lists(mentions, max_size=12), hours=listened)
def test_figures_survive_encoding(monitor: Monitor[Any], many: list[BrandMention], hours: float) -> None:
    fields: dict[str, Any] = {monitor.name: monitor.figures(summed(monitor, many), hours)}
    assert decoder(Figures)(to_json(Figures(**fields))) == Figures(**fields)


@each_monitor
@quick
@given(stretch=stretches)
def test_observing_leaves_the_state_as_it_is(monitor: Monitor[Any], stretch: list[list[BrandMention]]) -> None:
    state = monitor.state()
    for one in windows_of(monitor, stretch):
        before = pack(1, state)
        list(monitor.observe(state, one, one.start + MINUTE))
        monitor.awake(state)
        assert pack(1, state) == before
        list(monitor.due(state, one, one.end + MINUTE))


@each_monitor
@quick
@given(stretch=stretches)
def test_a_state_that_was_encoded_goes_on_the_same(monitor: Monitor[Any], stretch: list[list[BrandMention]]) -> None:
    state, again = monitor.state(), monitor.state()
    for one in windows_of(monitor, stretch):
        again = unpack(pack(1, again), monitor.state, 1)
        assert list(monitor.due(state, one, one.end)) == list(monitor.due(again, one, one.end))
    assert again == state


@each_monitor
def test_each_state_is_its_own(monitor: Monitor[Any]) -> None:
    one, other = monitor.state(), monitor.state()
    list(monitor.due(one, window({"scorable": 9, "scored": 9, "negative": 9}), START + BASE))
    assert other == monitor.state()


@each_monitor
@quick
@given(mention=mentions)
def test_an_example_is_of_a_rule_and_has_an_order(monitor: Monitor[Any], mention: BrandMention) -> None:
    example = monitor.example(mention)
    if example is not None:
        assert example.rule in monitor.rules
        assert all(type(part) is int for part in example.weight)


@quick
@given(many=st.lists(mentions, max_size=20))
def test_volume_adds_up(many: list[BrandMention]) -> None:
    volume = VolumeMonitor().figures(summed(VolumeMonitor(), many), 2.0)
    assert volume.mentions == len(many) == volume.tagged + volume.untagged + volume.owned
    assert volume.per_hour == (round(len(many) / 2, 4) if many else None)
    assert volume.reach == sum((one.mention.author.followers or 0) for one in many if one.mention.author)
    assert volume.reach_of == sum(one.mention.author is not None for one in many)


def test_volume_has_no_rate_where_nothing_was_listened_to() -> None:
    assert VolumeMonitor().figures({"mentions": 3}, 0.0).per_hour is None


@quick
@given(many=st.lists(mentions, max_size=20))
def test_mood_is_that_of_the_scored_without_own_posts(many: list[BrandMention]) -> None:
    mood = SentimentMonitor().figures(summed(SentimentMonitor(), many), 1.0)
    others = [one for one in many if not one.owned]
    scores = [one.sentiment.compound for one in others if one.sentiment.compound is not None]
    if not others:
        assert mood is None
        return
    assert mood is not None
    assert (mood.scorable, mood.scored) == (len(others), len(scores))
    assert mood.coverage == round(len(scores) / len(others), 4)
    assert mood.negative.part == sum(score <= -0.05 for score in scores)
    assert mood.positive.part == sum(score >= 0.05 for score in scores)
    if not scores:
        assert (mood.negative.value, mood.net.value, mood.compound.value) == (None, None, None)
        return
    assert mood.compound.value == pytest.approx(sum(scores) / len(scores), abs=1e-4)
    assert mood.net.value == pytest.approx((mood.positive.part - mood.negative.part) / len(scores), abs=1e-4)
    if len(scores) > 1:
        assert mood.net.low is not None
        assert mood.net.high is not None
        assert mood.net.value is not None
        assert -1 <= mood.net.low <= mood.net.value <= mood.net.high <= 1


def test_what_was_not_scored_is_no_neutral() -> None:
    mood = SentimentMonitor().figures(summed(SentimentMonitor(), [said("1", START, None), said("2", START, -0.5)]), 1.0)
    assert mood is not None
    assert (mood.scorable, mood.scored, mood.coverage, mood.negative.value) == (2, 1, 0.5, 1.0)


@pytest.mark.parametrize(
    ("compound", "negative", "positive"), [(-0.05, 1, 0), (-0.0499, 0, 0), (0.0499, 0, 0), (0.05, 0, 1)]
)
def test_mood_has_the_limits_of_vader(compound: float, negative: int, positive: int) -> None:
    counts = SentimentMonitor().count(said("1", START, compound))
    assert (counts.get("negative", 0), counts.get("positive", 0)) == (negative, positive)


def severity_of(*many: BrandMention) -> Severity | None:
    monitors: list[Monitor[Any]] = [VolumeMonitor(), SeverityMonitor()]
    return SeverityMonitor().figures({k: n for one in monitors for k, n in summed(one, list(many)).items()}, 1.0)


def talk_of(*many: BrandMention) -> Conversation | None:
    monitors: list[Monitor[Any]] = [VolumeMonitor(), TalkMonitor()]
    return TalkMonitor().figures({k: n for one in monitors for k, n in summed(one, list(many)).items()}, 1.0)


def grave(*words: Severe, **fields: Any) -> BrandMention:
    return replace(said("1", START), severity=words, **fields)


def test_a_mention_weighs_what_its_gravest_word_weighs() -> None:
    found = severity_of(grave(severe("safety", 0.4), severe("safety", 0.9), severe("legal", 0.5)), said("2", START))
    assert found is not None
    assert (found.of, found.mentions, found.weight) == (2, 1, 0.9)
    assert found.categories == {"safety": Grave(mentions=1, weight=0.9), "legal": Grave(mentions=1, weight=0.5)}
    assert found.share == share_of(1, 2)


def test_a_word_that_is_denied_altogether_is_none() -> None:
    assert severity_of(grave(severe("safety", 0.0), severe("legal", 0.004))) == Severity(of=1)


def test_own_posts_are_as_grave_as_others() -> None:
    found = severity_of(grave(severe("safety", 0.9), owned=True))
    assert found is not None
    assert found.mentions == 1


@quick
@given(many=st.lists(mentions, max_size=20))
def test_severity_adds_up(many: list[BrandMention]) -> None:
    found = severity_of(*many)
    weights = [max((round(word.weight * 100) for word in one.severity), default=0) for one in many]
    if not many:
        assert found is None
        return
    assert found is not None
    assert (found.of, found.mentions) == (len(many), sum(weight > 0 for weight in weights))
    assert found.weight == sum(weights) / 100
    for category in get_args(Category):
        said_so = [one for one in many if any(w.category == category and w.weight > 0.005 for w in one.severity)]
        assert (category in found.categories) == bool(said_so)
        if said_so:
            assert found.categories[category].mentions == len(said_so)


@quick
@given(many=st.lists(mentions, max_size=20))
def test_each_kind_of_talk_is_a_share_of_what_others_wrote(many: list[BrandMention]) -> None:
    found = talk_of(*many)
    others = [one for one in many if not one.owned]
    if not others:
        assert found is None
        return
    assert found is not None
    assert found.of == len(others)
    for kind in get_args(Kind):
        said_so = sum(any(part.kind == kind for part in one.talk) for one in others)
        assert getattr(found, kind) == (share_of(said_so, len(others)) if said_so else None)


def test_without_volume_there_is_no_share() -> None:
    counts = {**SeverityMonitor().count(grave(severe("safety", 0.9))), "complaint": 1}
    found, spoken = SeverityMonitor().figures(counts, 1.0), TalkMonitor().figures(counts, 1.0)
    assert found is not None
    assert (found.of, found.mentions, found.share) == (0, 1, None)
    assert spoken is not None
    assert spoken.complaint == Share(part=1, whole=0, value=None, low=None, high=None)


def test_where_volume_counted_only_a_part_there_is_no_share() -> None:
    counts = {"mentions": 1, "severe": 3, "severe_weight": 100, "complaint": 2}
    found, spoken = SeverityMonitor().figures(counts, 1.0), TalkMonitor().figures(counts, 1.0)
    assert found is not None
    assert found.share is None
    assert spoken is not None
    assert spoken.complaint is not None
    assert spoken.complaint.value is None


BAD = {"scorable": 20, "scored": 20, "negative": 20}
FINE = {"scorable": 10, "scored": 10, "negative": 1}


def calm_state(hours: int = 400) -> tuple[SentimentState, int]:
    """A state that knows some weeks with ten mentions an hour, one of them negative; and the next window's start."""
    state, monitor = SentimentState(), SentimentMonitor()
    for hour in range(hours):
        assert not list(monitor.due(state, window(FINE, START + hour * HOUR), START + hour * HOUR + BASE))
    return state, START + hours * HOUR


def scales(findings: Any) -> list[int]:
    return [finding.scale for finding in findings]


def test_a_spike_of_negative_mentions_fires() -> None:
    state, at = calm_state()
    found = list(SentimentMonitor().due(state, window(BAD, at), at))
    assert scales(found)[0] == BASE
    assert state.negative.incident
    assert SentimentMonitor().awake(state)


def test_a_campaign_raises_the_count_and_does_not_fire() -> None:
    state, at = calm_state()
    campaign = {"scorable": 1_000, "scored": 1_000, "negative": 90}
    assert not list(SentimentMonitor().due(state, window(campaign, at), at))


def test_a_quiet_night_raises_the_share_and_does_not_fire() -> None:
    state, at = calm_state()
    assert not list(SentimentMonitor().due(state, window({"scorable": 2, "scored": 2, "negative": 2}, at), at))


def test_nothing_fires_where_too_little_was_listened_to() -> None:
    state, at = calm_state()
    assert not list(SentimentMonitor().due(state, window(BAD, at, share=lambda start, end: 0.4), at))


def test_what_could_not_be_scored_does_not_fire() -> None:
    state, at = calm_state()
    assert not list(SentimentMonitor().due(state, window({"scorable": 500}, at), at))


def run_windows(state: SentimentState, start: int, count: int, counts: Counts) -> list[tuple[int, Finding]]:
    """The findings of `count` windows with the same counts, each with its start."""
    found = []
    for place in range(count):
        at = start + place * BASE
        found += [(at, finding) for finding in SentimentMonitor().due(state, window(counts, at), at + BASE + MINUTE)]
    return found


def test_an_incident_ends_when_an_hour_is_calm_again() -> None:
    state, at = calm_state()
    run_windows(state, at, 2, BAD)
    after = run_windows(state, at + 2 * BASE, 60, {})
    ends = [start for start, finding in after if finding.scale == 0]
    assert len(ends) == 1
    assert HOUR <= ends[0] - at <= 3 * HOUR
    assert not SentimentMonitor().awake(state)


def test_an_incident_does_not_end_while_nothing_is_heard() -> None:
    state, at = calm_state()
    run_windows(state, at, 2, BAD)
    for place in range(2, 300):
        start = at + place * BASE
        deaf = window({}, start, share=lambda start, end: 0.0)
        assert not [finding for finding in SentimentMonitor().due(state, deaf, start) if finding.scale == 0]
    assert state.negative.incident


def test_hours_of_an_incident_are_not_learned() -> None:
    state, at = calm_state()
    before = state.negative.baseline.hours_seen
    run_windows(state, at, 12, BAD)
    run_windows(state, at + HOUR, 1, FINE)
    assert state.negative.baseline.hours_seen == before + 1  # that before the incident


def test_what_lasts_for_weeks_becomes_the_new_normal() -> None:
    state, at = calm_state()
    worse = {"scorable": 10, "scored": 10, "negative": 6}
    ends = []
    for hour in range(6 * 7 * 24):
        start = at + hour * HOUR
        found = SentimentMonitor().due(state, window(worse, start), start + BASE + MINUTE)
        ends += [hour // 24 for finding in found if finding.rule == "negative-spike" and not finding.scale]
    assert 7 <= ends[0] < 35
    assert not state.negative.incident
    assert 0.45 < state.negative.baseline.share() < 0.65


def test_the_end_of_an_incident_makes_nothing_likelier_to_fire() -> None:
    """A stretch that is cut by the last incident is as short as it is, whatever scale it stands for."""
    usual, at = calm_state()
    cut, _ = calm_state()
    cut.negative.fresh = at
    few = {"scorable": 14, "scored": 14, "negative": 5}
    for state in (usual, cut):  # what came before counts in neither
        state.negative.recent = LastDay()
    assert not list(SentimentMonitor().due(usual, window(few, at), at))
    assert not list(SentimentMonitor().due(cut, window(few, at), at))


def test_who_wants_fewer_alerts_gets_a_verdict_with_stricter_limits() -> None:
    limits = []
    for budget in (4.0, 1.0, 0.25):
        state, at = calm_state(24 * 90)
        found = list(SentimentMonitor().due(state, window(BAD, at)._replace(budget=budget), at))
        limits.append((found[0].judged.each_limit, found[0].judged.both_limit))
    assert limits == sorted(limits, reverse=True)
    assert len(set(limits)) == 3


def test_a_verdict_is_given_again_from_its_own_numbers() -> None:
    state, at = calm_state()
    for finding in SentimentMonitor().due(state, window(BAD, at), at):
        assert fires(finding.judged)
        assert judge_again(finding.judged) == finding.judged


def test_within_a_day_it_takes_more_to_fire_again() -> None:
    state, at = calm_state()
    run_windows(state, at, 2, BAD)
    run_windows(state, at + 2 * BASE, 60, {})
    assert not state.negative.incident
    first, later = state.negative.rarity.limit, at + 12 * HOUR
    again = list(SentimentMonitor().due(state, window(BAD, later), later))
    assert again[0].judged.both_limit < exp(-first)


def test_a_crisis_in_the_first_hour_of_a_new_brand_fires() -> None:
    state = SentimentState()
    found = run_windows(state, START, 12, {"scorable": 40, "scored": 40, "negative": 38})
    assert found
    assert found[0][0] < START + HOUR


@pytest.mark.parametrize(("negative", "told"), [(10, True), (9, False)])
def test_in_the_first_hour_of_a_new_brand_five_of_six_are_a_crisis_and_three_of_four_may_be_usual(
    negative: int, told: bool
) -> None:
    found = run_windows(SentimentState(), START, 12, {"scorable": 12, "scored": 12, "negative": negative})
    assert bool(found) == told


def test_a_new_brand_of_which_much_is_said_does_not_fire() -> None:
    state = SentimentState()
    assert not run_windows(state, START, 100, {"scorable": 60, "scored": 60, "negative": 20})


def test_a_scale_is_as_long_as_the_stretch_it_judges() -> None:
    state, at = calm_state()
    state.negative.fresh = at
    findings = list(SentimentMonitor().due(state, window(BAD, at), at))
    assert findings
    for finding in findings:
        length = (finding.judged.end - finding.judged.start).total_seconds() * 1000
        assert finding.scale == length


def test_an_early_finding_is_stricter_than_a_final_one() -> None:
    state, at = calm_state()
    monitor = SentimentMonitor()
    for negative in range(1, 25):
        counts = {"scorable": negative, "scored": negative, "negative": negative}
        early = list(monitor.observe(state, window(counts, at), at))
        final = list(monitor.due(unpack(pack(1, state), SentimentState, 1), window(counts, at), at))
        assert not early or final, negative
        if negative == 24:
            assert early


def test_a_brand_heard_of_for_the_first_time_after_years_learns_from_when_it_was_looked_for() -> None:
    state, at = SentimentState(), START + 3_000 * DAY
    SentimentMonitor().due(state, window(FINE, at, since=at - 2 * DAY), at)
    assert state.negative.baseline.hours_seen == 48


def test_examples_are_the_most_negative_then_those_of_the_widest_reach() -> None:
    monitor = SentimentMonitor()
    some = [
        said("mild", START, -0.2, author=Author(followers=10**6)),
        said("bad", START, -0.9),
        said("bad and loud", START, -0.9, author=Author(followers=500)),
    ]
    found = [(example.weight, one.mention.id) for one in some if (example := monitor.example(one))]
    assert [id_ for _, id_ in sorted(found)] == ["bad and loud", "bad", "mild"]
    assert monitor.example(said("neutral", START, 0.0)) is None
    assert monitor.example(said("unscored", START, None)) is None
    assert monitor.example(about("acme", a_mention("own", START), -0.9, owned=True)) is None
