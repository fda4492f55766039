"""The rules of the tracker, over all logs: what may change an output, and what must not."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from agents.detect import Detector, Logged, LogRecord, detect
from agents.track import track
from listener.judgement import fires, judge_again
from listener.partition import Partition, TrackRecord
from listener.reading import TextReader
from listener.sentiment.scoring import Scorer
from listener.threads import Threads
from listener.turn import Output
from schemas.alert import Judged
from schemas.brand_mention import BrandMention
from schemas.dead_letter import DeadLetter
from schemas.heartbeat import Heartbeat
from schemas.mention import Mention
from schemas.pulse import Pulse
from schemas.record import decoder, to_json
from schemas.settings import Brand, BrandSettings
from schemas.times import DAY, HOUR, MINUTE, to_ms
from schemas.trend import Trend
from tests.bench._outcome import in_order
from tests.core.admitting import mentions, nameless, resolved
from tests.core.building import Told, alerts, final, latest, one_by_one, read_of, run, settings_of, take, trends
from tests.core.stories import (
    BRANDS,
    LATENESS,
    Entry,
    Story,
    each,
    lanes_of,
    late_stories,
    pulse_times,
    stories,
)

HORIZONS = {"minute": (MINUTE, 2 * HOUR), "hour": (HOUR, 7 * DAY), "day": (DAY, 100 * DAY)}

rules = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.target, Phase.shrink],  # explaining takes minutes
)
shifts = st.lists(st.integers(0, LATENESS - 1), min_size=1, max_size=7)


@rules
@given(stories(), pulse_times())
def test_pulses_put_in_or_taken_out_change_nothing_final(story: Story, times: list[int]) -> None:
    outputs = run(story.log([*each(5, story), *(entry.place for entry in story.settings if entry.place)]))
    note_alerts(outputs)
    assert final(run(story.log(times))) == final(outputs)


@rules
@given(stories(), pulse_times())
def test_what_is_doubtful_is_admitted_for_what_its_author_said_before(story: Story, times: list[int]) -> None:
    log = story.log(times)
    expected = resolved(log)
    for before, after in zip(mentions(log), mentions(expected), strict=True):
        event(f"{before.certainty} is {after.certainty}")
    assert final(run(log)) == final(run(expected))


@rules
@given(stories(), pulse_times())
def test_without_authors_what_is_doubtful_changes_no_figure_but_its_own(story: Story, times: list[int]) -> None:
    log = [nameless(record) if isinstance(record, BrandMention) else record for record in story.log(times)]
    certain = [one for one in log if not (isinstance(one, BrandMention) and one.certainty == "doubtful")]
    outputs, others = run(log), run(certain)
    assert [to_json(one) for one in alerts(outputs)] == [to_json(one) for one in alerts(others)]
    assert without_doubts(latest(outputs)) == without_doubts(latest(others))


@rules
@given(stories(), shifts, pulse_times())
def test_any_order_within_the_lateness_gives_the_same_final_outputs(
    story: Story, shifts: list[int], times: list[int]
) -> None:
    expected = final(run(story.log(times)))
    assert final(run(story.log(times, shifts))) == expected


@rules
@given(stories(), shifts, pulse_times())
def test_any_order_within_the_lateness_leaves_the_same_state(story: Story, shifts: list[int], times: list[int]) -> None:
    assert kept_after(story.log(times, shifts)) == kept_after(story.log(times))


def kept_after(log: Iterable[TrackRecord]) -> dict[str, bytes]:
    """What trackers keep in the end, in order."""
    partition, kept = Partition(), dict[str, bytes]()
    run(log, partition)
    take(partition, kept)
    return {name: in_order(part) for name, part in kept.items() if name}


@rules
@given(stories(changes=False), st.lists(st.integers(0, 1), min_size=1, max_size=9), pulse_times(), pulse_times())
def test_two_lanes_in_any_interleaving_give_the_final_outputs_of_one(
    story: Story, turns: list[int], left: list[int], right: list[int]
) -> None:
    expected = final(run(story.log([])))
    assert final(run(two_lanes(story, turns, (left, right)))) == expected


@rules
@given(late_stories(), pulse_times(), st.lists(st.integers(0, 400), max_size=8))
def test_going_on_from_the_encoded_state_is_never_having_stopped(
    story: Story, times: list[int], stops: list[int]
) -> None:
    log = story.log([*times, *each(30, story)])
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
@given(late_stories(), pulse_times(), st.lists(st.integers(0, 2), min_size=3, max_size=3))
def test_any_grouping_of_brands_into_partitions_gives_the_same_outputs(
    story: Story, times: list[int], homes: list[int]
) -> None:
    log = story.log(times)
    together = by_brand(run(log))
    home = dict(zip(BRANDS, homes, strict=True))
    apart: dict[str, list[bytes]] = {}
    for number in set(homes):
        mine = [record for record in log if isinstance(record, Pulse) or home[brand_of(record)] == number]
        apart |= by_brand(run(mine, Partition(watches_sources=number == min(homes))))
    assert apart == together


@rules
@given(late_stories(), pulse_times())
def test_alert_events_are_unique_contiguous_and_the_same_again(story: Story, times: list[int]) -> None:
    log = story.log(times)
    outputs = alerts(run(log))
    assert alerts(run(log)) == outputs
    sequences: dict[str, list[int]] = defaultdict(list)
    for alert in outputs:
        sequences[alert.id].append(alert.sequence)
    assert all(found == list(range(1, len(found) + 1)) for found in sequences.values())


@rules
@given(late_stories(), pulse_times())
def test_alerts_live_as_they_should_and_end_resolved(story: Story, times: list[int]) -> None:
    lives: dict[tuple[str, str], list[str]] = defaultdict(list)
    for alert in alerts(run(story.log(times))):
        lives[alert.brand, alert.id].append(alert.event)
    for life in lives.values():
        assert life[0] == "opened"
        open_ = False
        for happened in life:
            if happened in ("opened", "reopened"):
                assert not open_
                open_ = True
            elif happened == "escalated":
                assert open_
            elif happened == "resolved":
                assert open_
                open_ = False
        assert not open_


@rules
@given(late_stories(), pulse_times())
def test_every_mention_counts_once_at_each_length_that_takes_it(story: Story, times: list[int]) -> None:
    sums: Counter[tuple[str, str]] = Counter()
    for (brand, window, _), trend in latest(run(story.log(times))).items():
        for counts in trend.platforms.values():
            sums[brand, window] += counts.get("mentions", 0) + counts.get("doubtful", 0)
    least, most = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for entry in story.mentions:
        assert isinstance(entry.record, BrandMention)
        read, written = read_of(entry.record), to_ms(entry.record.mention.created_at)
        for window, (length, horizon) in HORIZONS.items():
            end = written - written % length + length
            least[entry.record.brand, window] += entry.place - end <= horizon  # the clock was not later than this
            most[entry.record.brand, window] += read - end <= horizon
    for key in most:
        assert least[key] <= sums[key] <= most[key] or key[0] in switched(story)


@rules
@given(late_stories(), pulse_times())
def test_a_trend_is_revised_in_order_and_its_platforms_add_up(story: Story, times: list[int]) -> None:
    revisions: dict[tuple[str, str, object], list[int]] = defaultdict(list)
    for trend in trends(run(story.log(times))):
        revisions[trend.brand, trend.window, trend.start].append(trend.revision)
        whole: Counter[str] = Counter()
        for counts in trend.platforms.values():
            whole.update(counts)
        volume = trend.total.volume if trend.total else None
        mood = trend.total.sentiment if trend.total else None
        if volume:
            assert (volume.mentions, volume.reach) == (whole["mentions"], whole["reach"])
            assert volume.tagged + volume.untagged + volume.owned == volume.mentions
            assert (volume.probable, volume.doubtful) == (whole["probable"], whole["doubtful"])
            assert volume.probable <= volume.mentions
        if mood:
            assert (mood.scorable, mood.scored) == (whole["scorable"], whole["scored"])
            assert mood.negative.part == whole["negative"]
        severity = trend.total.severity if trend.total else None
        if severity:
            assert (severity.mentions, round(severity.weight * 100)) == (whole["severe"], whole["severe_weight"])
            assert severity.mentions <= sum(grave.mentions for grave in severity.categories.values())
            assert all(0 < grave.weight <= grave.mentions for grave in severity.categories.values())
        spoken = trend.total.talk if trend.total else None
        if spoken and spoken.complaint:
            assert spoken.complaint.part == whole["complaint"]
    assert all(found == list(range(len(found))) for found in revisions.values())


@rules
@given(late_stories(), pulse_times())
def test_frozen_evidence_is_judged_the_same_again(story: Story, times: list[int]) -> None:
    judged = decoder(Judged)
    for alert in alerts(run(story.log(times))):
        if alert.judged is None:
            continue
        thawed = judged(to_json(alert.judged))
        assert thawed == alert.judged
        assert judge_again(thawed) == alert.judged
        if alert.event in ("opened", "reopened", "escalated") or alert.stage == "early":
            assert fires(thawed)
        elif alert.event == "resolved" and alert.brand not in switched(story):  # what is switched off ends as it was
            assert not fires(thawed)


@rules
@given(late_stories(), st.lists(st.integers(0, 500), max_size=9), st.lists(st.integers(0, 500), max_size=9))
def test_any_cutting_into_batches_gives_the_same_outputs(story: Story, cuts: list[int], others: list[int]) -> None:
    log = mentions_log(story)
    assert through_agents(log, cuts).everything() == through_agents(log, others).everything()


@rules
@given(stories(), st.lists(st.tuples(st.integers(0, 500), st.integers(1, 500)), max_size=9))
def test_replaying_what_was_seen_changes_only_the_count_of_repeats(story: Story, again: list[tuple[int, int]]) -> None:
    log = mentions_log(story)
    replayed = list(log)
    repeats = 0
    for place, later in again:
        at = place % len(log)
        record = log[at]
        if isinstance(record, Mention):
            first = replayed.index(record)
            replayed.insert(min(len(replayed), first + later), record)
            repeats += 1
    once, twice = through_agents(log, []), through_agents(replayed, [])
    assert twice.everything() == once.everything()
    assert twice.detector.counts["repeats"] == repeats
    assert {**twice.detector.counts, "repeats": 0} == {**once.detector.counts, "repeats": 0}


def without_doubts(found: dict[tuple[str, str, int], Trend]) -> dict[tuple[str, str, int], dict[str, dict[str, int]]]:
    """The sums of windows without what is doubtful, those left out that have no others."""
    sums = {
        key: {
            platform: left
            for platform, counts in trend.platforms.items()
            if (left := {name: count for name, count in counts.items() if name != "doubtful"})
        }
        for key, trend in found.items()
    }
    return {key: platforms for key, platforms in sums.items() if platforms}


def note_alerts(outputs: Sequence[Told]) -> None:
    """Show in the statistics of hypothesis (--hypothesis-show-statistics) what the stories lead to."""
    for what in sorted({f"{alert.stage} {alert.event}" for alert in alerts(outputs)}):
        event(what)


def switched(story: Story) -> set[str]:
    """The brands whose settings change."""
    return {brand_of(entry.record) for entry in story.settings if entry.place}


def brand_of(record: TrackRecord) -> str:
    assert not isinstance(record, Pulse)
    return record.id if isinstance(record, BrandSettings) else record.brand


def by_brand(outputs: Iterable[Told]) -> dict[str, list[bytes]]:
    found: dict[str, list[bytes]] = defaultdict(list)
    for output in outputs:
        found[output.brand].append(to_json(output))
    return dict(found)


def two_lanes(story: Story, turns: list[int], times: tuple[list[int], list[int]]) -> list[TrackRecord]:
    """The log of a story whose mentions come by two lanes, each in its own order, taking turns as drawn."""
    lanes = []
    for lane, said in enumerate(lanes_of(story, 2)):
        pulses = [
            Entry(through, 1, story.pulse(through, lane, 2)) for through in {*story.before_end(times[lane]), story.end}
        ]
        lanes.append(sorted([*said, *pulses], key=lambda entry: entry[:2]))
    log = [entry.record for entry in story.settings]
    turn = 0
    while lanes[0] and lanes[1]:
        log.append(lanes[turns[turn % len(turns)]].pop(0).record)
        turn += 1
    return log + [entry.record for entry in lanes[0] + lanes[1]]


class Ports:
    """Where detect and track put everything; detect's records go through track at the end of each batch."""

    def __init__(self) -> None:
        scorer = TextReader(
            [Scorer("test", "en", lambda text: -6000 if "bad" in text else 4000)], lambda text: [("en", 1.0)]
        )
        self.detector = Detector(scorer, Threads())
        self.partition = Partition()
        self.records: list[TrackRecord] = []
        self.told: list[bytes] = []
        self.passed: list[bytes] = []
        self.letters: list[bytes] = []

    def to_track(self, record: TrackRecord, position: int) -> None:
        self.records.append(record)
        self.passed.append(to_json(record))

    def dead_letter(self, letter: DeadLetter) -> None:
        self.letters.append(to_json(letter))

    def tell(self, output: Output) -> None:
        self.told += map(to_json, one_by_one(output))

    def step(self, batch: list[Logged]) -> None:
        detect(batch, self.detector, self)
        track(self.records, self.partition, self)
        self.records.clear()

    def everything(self) -> tuple[list[bytes], list[bytes], list[bytes]]:
        return self.passed, self.told, self.letters


def mentions_log(story: Story) -> list[LogRecord]:
    """The story as the mentions log has it: raw mentions, heartbeats, the settings of all brands."""
    brands = [Brand(id=brand, name=brand.title()) for brand in BRANDS]
    log: list[LogRecord] = [settings_of(*brands)]
    for record in story.log(each(30, story)):
        if isinstance(record, Pulse):
            covered = record.coverage.get("test", ())
            log.append(Heartbeat(source="test", through=record.through, covered=covered))
        elif isinstance(record, BrandMention):
            mention = record.mention
            bad = (record.sentiment.compound or 0) < 0
            text = f"{record.brand} is bad" if bad else f"{record.brand} and {BRANDS[len(mention.id) % 3]}"
            log.append(
                Mention(id=mention.id, text=text, created_at=mention.created_at, ingested_at=mention.ingested_at)
            )
    return log


def through_agents(log: list[LogRecord], cuts: list[int]) -> Ports:
    ports = Ports()
    batch: list[Logged] = []
    for position, record in enumerate(log):
        if position % 501 in cuts:
            ports.step(batch)
            batch = []
        batch.append(Logged(position if isinstance(record, Mention) else 0, record))
    ports.step(batch)
    return ports
