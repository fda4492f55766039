"""What a tracker does when a mention is deleted or edited."""

from msgspec.structs import replace

from listener.partition import Partition, TrackRecord
from schemas.alert import Alert
from schemas.brand_mention import BrandMention
from schemas.pulse import Pulse
from schemas.times import DAY, HOUR, MINUTE, SECOND, to_ms
from tests.core.building import (
    START,
    alerts,
    brand_settings,
    burst,
    calm,
    judged_of,
    latest,
    pulse,
    read_of,
    run,
    said,
    trends,
    with_pulses,
)
from tests.core.test_retraction_properties import edited, retraction

CRISIS = START + 30 * HOUR
ANGRY = burst("angry", CRISIS, 20)


def log_with(records: list[tuple[int, TrackRecord]], until: int = CRISIS + 3 * DAY) -> list[TrackRecord]:
    """A calm day, a crisis, and these records at these times; a pulse each minute."""
    heard = with_pulses([*calm(START, 30), *ANGRY], until)
    return [one for _, one in sorted([*((when(one), one) for one in heard), *records], key=lambda entry: entry[0])]


def when(record: TrackRecord) -> int:
    """Its place in the log."""
    if isinstance(record, BrandMention):
        return read_of(record)
    return to_ms(record.through) if isinstance(record, Pulse) else 0


def deleted(mentions: list[BrandMention], at: int) -> list[tuple[int, TrackRecord]]:
    return [(at + number, retraction(mention, at + number)) for number, mention in enumerate(mentions)]


def told(log: list[TrackRecord], stage: str = "final") -> list[Alert]:
    return [alert for alert in alerts(run(log)) if alert.stage == stage]


def test_an_alert_whose_evidence_is_deleted_is_revised_with_the_numbers_that_are_left() -> None:
    opened, revised = told(log_with(deleted(ANGRY[:3], CRISIS + 10 * MINUTE)))[:2]
    assert (opened.event, revised.event, revised.id, revised.sequence) == ("opened", "revised", opened.id, 2)
    assert judged_of(revised).observed == judged_of(opened).observed - 3
    assert judged_of(revised).mentions == judged_of(opened).mentions - 3
    assert revised.reason == "3 mentions were deleted, 3 of them negative: 20 of 20 becomes 17 of 17; it still stands"
    assert to_ms(revised.at) == CRISIS + 16 * MINUTE


def test_what_is_deleted_is_no_example_any_more() -> None:
    before = told(log_with([]))[0]
    gone = [one for one in ANGRY if one.mention.id in before.examples[:2]]
    revised = told(log_with(deleted(gone, CRISIS + 10 * MINUTE)))[1]
    assert revised.examples == before.examples[2:]


def test_an_early_warning_loses_its_examples_too() -> None:
    opened, resolved, revised = told(log_with(deleted(ANGRY[:1], CRISIS + 20 * MINUTE)), "early")
    assert [one.event for one in (opened, resolved, revised)] == ["opened", "resolved", "revised"]
    assert opened.examples == resolved.examples == (ANGRY[0].mention.id, *revised.examples)
    assert revised.judged == opened.judged
    assert revised.reason == "1 of the examples was deleted, or edited and no longer one"


def test_an_open_early_warning_ends_without_what_went_meanwhile() -> None:
    opened, resolved = told(log_with(deleted(ANGRY[:1], CRISIS + 2 * MINUTE)), "early")
    assert (opened.event, resolved.event) == ("opened", "resolved")
    assert opened.examples == (ANGRY[0].mention.id, *resolved.examples)


def test_what_is_deleted_within_its_window_raises_nothing() -> None:
    assert told(log_with(deleted(ANGRY[3:], CRISIS + 4 * MINUTE))) == []


def test_what_is_taken_back_at_once_leaves_the_monitors_as_they_were() -> None:
    one = said("a", CRISIS, -0.6)
    states = []
    came_and_went: list[TrackRecord] = [one, retraction(one, CRISIS)]
    for then in ([], came_and_went):
        partition = Partition()
        run([*with_pulses(calm(START, 30), CRISIS), *then, pulse(CRISIS + HOUR)], partition)
        states.append(partition.trackers["acme"].state.monitors)
    assert states[0] == states[1]


def test_what_is_deleted_within_its_window_is_no_example_of_the_alert() -> None:
    examples = told(log_with([]))[0].examples
    gone = [one for one in ANGRY if one.mention.id in examples[:2]]
    opened = told(log_with(deleted(gone, CRISIS + 4 * MINUTE)))[0]
    assert opened.event == "opened"
    assert judged_of(opened).observed == len(ANGRY) - 2
    assert opened.examples == examples[2:]


def test_what_is_deleted_after_its_window_was_a_crisis_until_then() -> None:
    """Also where nobody told the time before: the window was over when the posts went."""
    went = deleted(ANGRY, CRISIS + 5 * MINUTE)
    events = [alert.event for alert in told(log_with(went))]
    assert events[:2] == ["opened", "revised"]
    untold = sorted([*calm(START, 30), *ANGRY], key=read_of)
    log = [brand_settings(), pulse(START + 1), *untold, *(one for _, one in went), pulse(CRISIS + 3 * DAY)]
    assert told(log) == told(log_with(went))


def test_edits_of_many_old_posts_are_no_burst() -> None:
    angry = burst("old", START, 29 * 12, every=5 * MINUTE)
    log = with_pulses([*calm(START, 30, 20), *angry], CRISIS)
    at = CRISIS + 10 * SECOND
    again: list[TrackRecord] = []
    for one in angry:
        second = edited(one, at, "same")
        assert second is not None
        again += [retraction(one, at, "edited"), second]
    before = alerts(run([*log, pulse(CRISIS + 3 * DAY)]))
    assert alerts(run([*log, *again, pulse(CRISIS + 3 * DAY)])) == before
    now = [replace(one, first_read=None) for one in again if isinstance(one, BrandMention)]
    assert alerts(run([*log, *now, pulse(CRISIS + 3 * DAY)])) != before


def test_an_edited_post_that_still_weighs_stays_an_example() -> None:
    at = CRISIS + 10 * MINUTE
    second = edited(ANGRY[0], at, -0.5)
    assert second is not None
    opened, *others = told(log_with([(at, retraction(ANGRY[0], at, "edited")), (at, second)]))
    assert ANGRY[0].mention.id in opened.examples
    assert "revised" not in [alert.event for alert in others]


def test_an_edit_that_takes_the_anger_out_says_so() -> None:
    at = CRISIS + 10 * MINUTE
    second = edited(ANGRY[9], at, 0.5)
    assert second is not None
    revised = told(log_with([(at, retraction(ANGRY[9], at, "edited")), (at, second)]))[1]
    assert revised.reason == "by edits +0 mentions, -1 negative: 20 of 20 becomes 19 of 20; it still stands"


def test_an_hour_whose_only_mention_is_deleted_reads_as_a_quiet_one() -> None:
    one = said("a", START + 10 * MINUTE)
    log: list[TrackRecord] = [brand_settings(), pulse(START + 1), one, pulse(START + 2 * HOUR)]
    outputs = run([*log, retraction(one, START + 2 * HOUR + 1), pulse(START + DAY)])
    quiet = run([brand_settings(), pulse(START + 1), pulse(START + DAY)])
    found, expected = (latest(many)["acme", "hour", START] for many in (outputs, quiet))
    assert (found.revision, expected.revision) == (1, 0)
    assert replace(found, revision=0, due=expected.due) == expected


def test_a_platform_that_lost_all_of_its_mentions_vanishes() -> None:
    one, other = said("a", START), said("b", START, platform="reddit")
    log: list[TrackRecord] = [
        brand_settings(),
        one,
        other,
        pulse(START + 2 * HOUR),
        retraction(other, START + 2 * HOUR),
    ]
    hours = [trend for trend in trends(run([*log, pulse(START + DAY)])) if trend.window == "hour"][:1]
    last = latest(run([*log, pulse(START + DAY)]))["acme", "hour", START]
    assert list(hours[0].platforms) == ["reddit", "x"]
    assert list(last.platforms) == ["x"]


def test_what_no_trend_can_be_revised_for_any_more_is_counted() -> None:
    partition = Partition()
    one = said("a", START)
    run([brand_settings(), one, pulse(START + 110 * DAY), retraction(one, START + 110 * DAY)], partition)
    assert partition.trackers["acme"].state.desk.unretractable == 1
    assert partition.trackers["acme"].state.desk.too_old == 0


def test_what_was_said_of_a_brand_that_nobody_knows_leaves_nothing_behind() -> None:
    partition = Partition()
    assert run([retraction(said("a", START), START + HOUR)], partition) == []
    assert partition.trackers == {}
