"""What people do about alerts, over all logs: what it may change, and what must not change it."""

from collections import defaultdict
from typing import NamedTuple

from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from listener.partition import Partition, TrackRecord
from schemas.alert import Alert
from schemas.command import Command, Matcher
from schemas.pulse import Pulse
from schemas.receipt import Receipt
from schemas.record import to_json
from schemas.settings import Brand, BrandSettings, Campaign
from schemas.times import DAY, HOUR, MINUTE, from_ms, to_ms
from tests.core.building import START, alerts, brand_settings, final, run, take
from tests.core.stories import BRANDS, Burst, Entry, Story, each, late_stories, pulse_times
from tests.core.test_tracker_properties import shifts

rules = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.target, Phase.shrink],
)
LAST = 5  # a command's place among those of one moment: after mentions, pulses and settings
OF_MUTES = ("silenced", "inhibited", "updated", "reminded")


class Wish(NamedTuple):
    """A command before it is known which alerts there are: about the `alert`-th, given `minute` minutes into the story.

    It comes once more `again` minutes later.
    """

    kind: str
    alert: int
    minute: int
    length: int
    verdict: str | None
    again: int


wishes = st.lists(
    st.builds(
        Wish,
        st.sampled_from(["acknowledge", "resolve", "silence", "silence", "expire"]),
        st.integers(0, 5),
        st.one_of(st.integers(9 * 60 + 6, 9 * 60 + 40), st.integers(9 * 60, 40 * 60)),
        st.sampled_from([1, 5, 30, 90, 600]),
        st.sampled_from([None, None, "right", "false alarm", "not about us"]),
        st.sampled_from([0, 1, 7, 300]),
    ),
    min_size=1,
    max_size=8,
)
calendars = st.lists(
    st.builds(
        lambda first, length, rule, minute: (
            first,
            Campaign(
                name="Sale",
                start=from_ms(START + first * MINUTE),
                end=from_ms(START + (first + length) * MINUTE),
                mutes=(rule,),
            ),
            minute,
        ),
        st.one_of(st.integers(9 * 60, 10 * 60), st.integers(8 * 60, 20 * 60)),
        st.sampled_from([3, 60, 400, 3000]),
        st.sampled_from(["negative-spike", "quiet-brand"]),
        st.sampled_from([0, 9 * 60 + 3, 11 * 60 + 10, 13 * 60]),
    ),
    max_size=2,
)


@st.composite
def troubled(draw: st.DrawFn) -> Story:
    """A story in which acme is in trouble at nine, and may be so in many other ways."""
    story = draw(late_stories())
    trouble = Burst("acme", 9 * 3600, 40, 30, (-0.6, -0.3), 0, 0, "x", owned=False, tagged=False, backfill=False)
    calm = Burst("acme", 0, 120, 24 * 60, (0.0, 0.4), 0, 0, "x", owned=False, tagged=False, backfill=False)
    return Story([*story.drawn, calm, trouble], story.settings, story.gaps)


def on_time(story: Story) -> Story:
    """The same, and nothing comes too late."""
    return Story([one._replace(behind=0) for one in story.drawn], story.settings, story.gaps)


def with_calendar(story: Story, calendar: list[tuple[int, Campaign, int]]) -> Story:
    """Each campaign comes with settings of its own, at some minute: from the beginning on, or amid the trouble."""
    told = []
    for number, (_, campaign, minute) in enumerate(calendar):
        place = START + minute * MINUTE
        record = brand_settings("acme", place, f"c{number}")
        content = Brand(id="acme", name="Acme", campaigns=(campaign,))
        told.append(Entry(place, 3, replace(record, brand=content)))
    return Story(story.drawn, [*story.settings, *told], story.gaps)


def commands(story: Story, wished: list[Wish], times: list[int], *, again: bool) -> list[Entry]:
    """What people want, by the ids that the alerts have without them; some of it `again` later."""
    known = [alert for alert in alerts(run(story.log(times))) if alert.event == "opened" and alert.brand]
    entries: list[Entry] = []
    for number, wish in enumerate(wished):
        at = START + wish.minute * MINUTE
        about = known[wish.alert % len(known)] if known else None
        command = Command(
            id=f"c{number}",
            brand=about.brand if about else "acme",
            kind=wish.kind,  # type: ignore[arg-type]  # drawn from the kinds
            actor="Ana",
            at=from_ms(at),
            alert_id=about.id if about and wish.kind in ("acknowledge", "resolve") else "",
            verdict=wish.verdict if wish.kind == "resolve" else None,  # type: ignore[arg-type]  # drawn from the verdicts
            matchers=(Matcher(name="rule", value="negative-spike"),) if wish.alert % 2 else (),
            until=from_ms(at + wish.length * MINUTE) if wish.kind == "silence" else None,
            silence_id=f"c{number - 1}" if wish.kind == "expire" else "",
        )
        entries.append(Entry(at, LAST, command))
        if again and wish.again:
            entries.append(Entry(at + wish.again * MINUTE, LAST, command))
    return entries


def managed(story: Story, wished: list[Wish], times: list[int], *, again: bool = False) -> list[TrackRecord]:
    """The log of a story with what people want."""
    ordered = commands(story, wished, times, again=again)
    return Story(story.drawn, [*story.settings, *ordered], story.gaps).log(times)


def everything(log: list[TrackRecord], partition: Partition) -> list[bytes]:
    """All that is put out but windows: alerts and receipts."""
    outputs = [output for record in log for output in partition.step(record)]
    for what in sorted({output.event for output in outputs if isinstance(output, Alert)}):
        event(what)
    return [to_json(output) for output in outputs if isinstance(output, Alert | Receipt)]


def minutely(story: Story) -> list[int]:
    return each(7, story)


@rules
@given(troubled(), calendars, wishes)
def test_a_command_that_comes_again_changes_nothing(
    story: Story, calendar: list[tuple[int, Campaign, int]], wished: list[Wish]
) -> None:
    story = with_calendar(story, calendar)
    once = everything(managed(story, wished, minutely(story)), Partition())
    assert everything(managed(story, wished, minutely(story), again=True), Partition()) == once


@rules
@given(troubled(), calendars, wishes, st.lists(st.integers(0, 300), max_size=12))
def test_going_on_from_the_encoded_state_is_never_having_stopped(
    story: Story, calendar: list[tuple[int, Campaign, int]], wished: list[Wish], stops: list[int]
) -> None:
    story = with_calendar(story, calendar)
    log = managed(story, wished, minutely(story))
    expected = everything(log, Partition())
    found: list[bytes] = []
    partition, kept = Partition(), dict[str, bytes]()
    for place, record in enumerate(log):
        found += everything([record], partition)
        if place % 301 in stops:
            take(partition, kept)
            partition = Partition.restored(kept)
    assert found == expected


@rules
@given(troubled(), calendars, wishes, st.lists(st.integers(0, 2), min_size=3, max_size=3))
def test_any_grouping_of_brands_into_partitions_gives_the_same(
    story: Story, calendar: list[tuple[int, Campaign, int]], wished: list[Wish], homes: list[int]
) -> None:
    story = with_calendar(story, calendar)
    log = managed(story, wished, minutely(story))
    home = dict(zip(BRANDS, homes, strict=True))
    apart: list[bytes] = []
    for number in sorted(set(homes)):
        mine = [record for record in log if isinstance(record, Pulse) or home[brand_of(record)] == number]
        apart += everything(mine, Partition(watches_sources=number == min(homes)))
    assert sorted(apart) == sorted(everything(log, Partition()))


@rules
@given(troubled(), calendars, pulse_times())
def test_pulses_put_in_or_taken_out_change_nothing_of_what_a_calendar_mutes(
    story: Story, calendar: list[tuple[int, Campaign, int]], times: list[int]
) -> None:
    story = with_calendar(on_time(story), calendar)
    places = [entry.place for entry in story.settings if entry.place]
    expected = final(run(story.log([*each(5, story), *places])))
    assert final(run(story.log([*times, *places]))) == expected


@rules
@given(troubled(), calendars, shifts)
def test_any_order_within_the_lateness_mutes_the_same(
    story: Story, calendar: list[tuple[int, Campaign, int]], late: list[int]
) -> None:
    story = with_calendar(on_time(story), calendar)
    assert final(run(story.log([], late))) == final(run(story.log([])))


@rules
@given(troubled(), calendars, wishes)
def test_what_is_muted_changes_no_verdict(
    story: Story, calendar: list[tuple[int, Campaign, int]], wished: list[Wish]
) -> None:
    """Nobody is told, and that is all: what fires and ends is what fires and ends without silences and campaigns."""
    of_mutes = [wish for wish in wished if wish.kind in ("silence", "expire")]
    found = run(managed(with_calendar(story, calendar), of_mutes, minutely(story)))
    plain = with_calendar(story, [(first, replace(one, mutes=()), minute) for first, one, minute in calendar])
    assert [bare(alert) for alert in alerts(found) if alert.event not in OF_MUTES] == [
        bare(alert) for alert in alerts(run(plain.log(minutely(story)))) if alert.event not in OF_MUTES
    ]


@rules
@given(troubled(), calendars, wishes)
def test_lives_of_alerts_are_as_they_should_be_whatever_people_do(
    story: Story, calendar: list[tuple[int, Campaign, int]], wished: list[Wish]
) -> None:
    story = with_calendar(story, calendar)
    lives: dict[str, list[Alert]] = defaultdict(list)
    for alert in alerts(run(managed(story, wished, minutely(story)))):
        if alert.brand and alert.stage == "final":
            lives[alert.id].append(alert)
    for life in lives.values():
        assert [alert.sequence for alert in life] == list(range(1, len(life) + 1))
        live_through(life)


def live_through(life: list[Alert]) -> None:
    """Each event is possible after the one before."""
    open_ = muted = False
    for place, alert in enumerate(life):
        happened = alert.event
        if happened in ("opened", "reopened"):
            assert not open_
            assert (happened == "opened") == (place == 0)
            open_ = True
        elif happened == "judged":
            assert not open_
            assert alert.verdict
        elif happened != "revised":
            assert open_, happened
        if happened in ("silenced", "inhibited"):
            assert alert.muted
            assert not muted
        if happened == "updated":
            assert muted
        if happened in ("updated", "reminded"):
            assert alert.muted is None
        if happened == "resolved":
            open_ = False
        muted = alert.muted is not None
        assert (alert.actor is not None) >= (happened in ("acknowledged", "judged"))


@rules
@given(troubled(), wishes)
def test_each_command_has_one_receipt(story: Story, wished: list[Wish]) -> None:
    log = managed(story, wished, minutely(story), again=True)
    partition = Partition()
    told = [output for record in log for output in partition.step(record) if isinstance(output, Receipt)]
    given_ = {record.id for record in log if isinstance(record, Command)}
    assert sorted(receipt.command.id for receipt in told) == sorted(given_)
    for receipt in told:
        assert receipt.told
        assert to_ms(receipt.at) <= story.end + DAY + HOUR


def brand_of(record: TrackRecord) -> str:
    assert not isinstance(record, Pulse)
    return record.id if isinstance(record, BrandSettings) else record.brand


def bare(alert: Alert) -> Alert:
    """Without what mutes and their events change: the number, and whether anybody is told."""
    return replace(alert, sequence=0, muted=None)
