"""One is told as one: over all that is said of alerts, with numbers in which it stands often."""

import re
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from agents.alerts_shown import event_line, explanation, precision_line
from listener.alerts.standing import Precision, Standing
from listener.alerts.wording import by_few, calm_again, correction, examples_gone, summary
from listener.detection import CAUSES
from listener.notices.notice import Notice, Told
from listener.notices.standing import latest_of
from listener.notices.wording import text
from listener.plural import many
from schemas.alert import Alert, Burst, Judged, Weighed
from schemas.evidence import Coordination, Evidence, LastWeek, Place, Tally, Term, TopPost, Voices
from schemas.forecast import Forecast
from schemas.times import DAY, from_ms
from tests.core.building import START
from tests.core.living import judged
from tests.core.noticing import NOW, alert

NOUNS = "mention post account author follower hour time day alert voice repost word term arrival event page".split()
PLURALS = "|".join(f"{noun}s" for noun in NOUNS)
WRONG = re.compile(
    rf"(?<![\d.,])1 (?!of )(?:\w+ )?(?:{PLURALS})\b|(?<![\d.,])(?:0|[2-9]|\d\d+) (?:{'|'.join(NOUNS)})\b"
)

few = st.integers(0, 3)
forecasts = st.builds(
    Forecast,
    platform=st.just("x"),
    arrivals=few,
    voices=few,
    age_s=st.integers(1, 200),
    logs=st.just((0,) * 30),
    half_life_s=st.integers(60, 120),
    timed=few,
    tail=st.just(1.5),
    sizes=few,
    limit=st.integers(1, 3),
    expected=st.floats(0.6, 3),
    low=few,
    high=few,
    chance=st.floats(0, 1),
    reach=few,
    reach_of=few,
    author_known=st.booleans(),
    expected_reach=st.none() | few,
)


@st.composite
def verdicts(draw: st.DrawFn) -> Judged:
    """Of each kind, with small numbers."""
    scored = draw(few)
    one = replace(
        judged(),
        mentions=scored + draw(few),
        scored=scored,
        observed=draw(st.integers(0, scored)),
        baseline_hours=draw(st.sampled_from([0.0, 0.8, 1.0, 1.2, 2.0])),
        least=draw(st.integers(1, 2)),
        end=from_ms(START + draw(st.integers(1, 2)) * DAY),
    )
    kind = draw(st.sampled_from(["upper", "lower", "burst", "share", "all", "forecast", "grave"]))
    if kind in ("lower", "burst"):
        burst = Burst(deviation=1.0, tails=((1.0, 0.1, 2.0, 1.0),)) if kind == "burst" else None
        return replace(one, counted="mentions", whole="mentions", tail=kind, burst=burst)
    if kind == "grave":
        return replace(one, counted="grave", whole="mentions", repeats=draw(st.integers(0, one.observed)))
    if kind == "forecast":
        return replace(one, forecast=draw(forecasts))
    return replace(one, tail="share") if kind == "share" else one


evidences = st.builds(
    lambda one, other, last: Evidence(
        observed=other,
        looked_at=one,
        compared=other,
        terms=(Term((1,), one, other, 0.1, 2.0, ("x:gone",)),),
        top=(TopPost("x:1", "x", from_ms(START), one, 0.5, 1.0, 0.5),),
        platforms=(Tally("x", one),),
        places=(Place(one, ("x:gone",)),),
        voices=Voices(one, other, one, 5, 3, other, exact=False, capped=one, stands=True),
        coordination=Coordination(other + 2, 2, one, one, other, 1, 0, marked=True),
        last_week=LastWeek(from_ms(START), 1.0, last, last, 0),
    ),
    few, few, few,
)  # fmt: skip  # one figure a line is enough
changes = st.dictionaries(
    st.sampled_from(CAUSES), st.tuples(st.integers(-2, 2), st.integers(-2, 2), st.integers(-2, 2))
)


def said(event: Alert, after: Judged, evidence: Evidence) -> Iterator[str]:
    """All that is said of an event."""
    before = event.judged
    assert before is not None
    yield from (calm_again(before), event_line(event))
    if before.forecast is None and after.forecast is None:
        yield correction(before, after, {})
    yield from explanation(Standing((event,)), replace(event, evidence=evidence), {})
    for is_open in (True, False):
        told = Told("f", latest_of(event, 1, is_open=is_open), "Fizz", "acme", firing=is_open)
        yield text(Notice("firing" if is_open else "resolved", "k", 1, NOW, "acme", (told,)))


@settings(max_examples=300, deadline=None)
@given(before=verdicts(), after=verdicts(), evidence=evidences, changes=changes, one=few, other=few)
def test_nothing_says_1_mentions(
    before: Judged, after: Judged, evidence: Evidence, changes: dict[str, tuple[int, int, int]], one: int, other: int
) -> None:
    weighed = Weighed(observed=other, counted=min(one, other), excess=0.0, lasted_s=60, reach=one, gravity=0.0)
    event = alert(NOW, judged=before, summary=summary("Fizz", before), reason=by_few(weighed), weighed=weighed, level=1)
    told = [*said(event, after, evidence), examples_gone(one)]
    told.append(precision_line(Precision("r", one, max(1, one, other), 0, 0)))
    if before.forecast is None:
        told.append(correction(before, before, changes))  # type: ignore[arg-type]  # the causes are drawn as words
    for line in told:
        assert not WRONG.search(line), line


@pytest.mark.parametrize(
    ("count", "told"), [(0, "0 mentions"), (1, "1 mention"), (2, "2 mentions"), (1_000, "1,000 mentions")]
)
def test_one_is_one_and_none_is_many(count: int, told: str) -> None:
    assert many(count, "mention") == told


def test_what_makes_no_s_says_so() -> None:
    assert [many(count, "person", "people") for count in (1, 2)] == ["1 person", "2 people"]


@pytest.mark.parametrize(
    "wrong", ["1 mentions", "of 1 scored mentions negative", "by 1 accounts", "2 mention", "0 post."]
)
def test_what_is_wrong_is_found(wrong: str) -> None:
    assert WRONG.search(f"Fizz: {wrong}")


@pytest.mark.parametrize("right", ["1 of 5 scored mentions", "21 mentions", "1.1 mentions", "1 mention", "1,001 posts"])
def test_what_is_right_is_not(right: str) -> None:
    assert not WRONG.search(f"Fizz: {right}")
