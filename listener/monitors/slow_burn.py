"""Slow burn: the negative share creeps up for days, each of which alone is nothing to speak of."""

from collections.abc import Iterable, Sequence

import msgspec

from listener.baseline import Expected
from listener.chance import share_tail
from listener.judgement import LEAST_KNOWN, fires, judge_share
from listener.monitors.monitor import Finding, Monitor, Past
from listener.usual_share import WEEK, Day, Usual, usual_share
from schemas.alert import Judged
from schemas.times import DAY

RULE = "slow-burn"
SCALES = (3, 7)  # days
REFERENCE = 8 * WEEK  # days before the last week: so many that may say what is usual
KNOWN_BACK = 14 * WEEK  # days: trends are kept for 100
NEW_NORMAL = 28 * DAY
LEAST_SCORED, LEAST_NEGATIVE = 30, 10
WAKES = 5  # mentions of a day: of a week with LEAST_SCORED, one has as many
LEAST_UP = {3: 3, 7: 5}  # so many days of a scale must be above the usual share
# The chance on each scale: in calm generated years such days come a tenth as often a month as the `budget` says, and
# that often grows by less than the chance, since a share that wanders is up for weeks.
LIMIT, LIMIT_GROWS, MOST_LIMIT = 6e-3, 1.3, 0.1
REST = 0.1  # and the chance without the worst day, which is a spike's business
CALM_CHANCE = 0.2
KEPT_SPELLS = 8  # of the last eight weeks: each takes one at least


class SlowBurnState(msgspec.Struct):
    """Up to where to look next, and what is usual; times in ms.

    `look` is None while too little is said. What is `usual` was `learned` in the last week, or before the incident that
    is on since `began`; `calm` is when the last one was over. What was before `fresh` is usual no more, and the days of
    `spells` never were.
    """

    look: int | None = None
    usual: Usual | None = None
    learned: int = 0
    began: int | None = None
    calm: int = 0
    fresh: int = 0
    spells: list[tuple[int, int]] = []


class SlowBurnMonitor(Monitor[SlowBurnState]):
    """The alarm "slow-burn": the negative share of the last 3 or 7 days is above that of the eight weeks before these.

    Judged once a day on days that are over (UTC, by the time of writing), as they were told. It fires where so large a
    share is unlikely (beta-binomial, `usual_share.py`: days and weeks differ, and shares wander), at least 30 were
    scored and 10 of these negative, 3 of 3 or 5 of 7 days are above what is usual, and all are it without the worst.
    Days not listened to are unknown. What was usual when it began is the measure until it is over: when the last 3 days
    are back, or after four weeks, when this is the new normal. It counts nothing itself: it looks back at the trends of
    the days, so it needs the monitors "volume" and "sentiment".
    """

    name = "slow_burn"
    rules = (RULE,)
    state = SlowBurnState

    def wakes(self, state: SlowBurnState, mentions: int, end: int) -> bool:
        """A day with enough mentions."""
        if state.look is not None or mentions < WAKES:
            return False
        state.look = end
        return True

    def next_look(self, state: SlowBurnState) -> int | None:
        """Each day, while enough is said."""
        return state.look

    def look(self, state: SlowBurnState, past: Past, at: int) -> Iterable[Finding]:
        """Judges both scales, or whether it is over."""
        end = past.end - past.end % DAY
        week = [_day(past, end - back * DAY) for back in range(WEEK, 0, -1)]
        enough = sum(day.scored for day in week if day is not None) >= LEAST_SCORED
        state.look = end + DAY if enough or state.began is not None else None
        usual = _usual(state, past, end)
        if usual is None:
            return []
        over = _over(state, past, end, usual, at) if state.began is not None else []
        findings = over or _firing(state, past, week, usual, at)
        if findings and not over:
            state.began = end if state.began is None else state.began
        return findings


def _day(past: Past, start: int) -> Day | None:
    if past.known(start, start + DAY) < LEAST_KNOWN:
        return None
    counts = past.days(start)
    return Day(counts.get("scored", 0), counts.get("negative", 0))


def _usual(state: SlowBurnState, past: Past, end: int) -> Usual | None:
    """Learned anew each week, since ninety days take longer than all else."""
    if state.began is None and (state.usual is None or end - state.learned >= WEEK * DAY):
        state.usual, state.learned = usual_share(_before(state, past, end)), end
    return state.usual


def _before(state: SlowBurnState, past: Past, end: int) -> list[Day | None]:
    """The days before the last week that may say what is usual, the oldest first."""
    days: list[Day | None] = []
    left = REFERENCE
    for back in range(WEEK + 1, KNOWN_BACK + 1):
        start = end - back * DAY
        if not left or start < state.fresh:
            break
        spoilt = any(first <= start < last for first, last in state.spells)
        days.append(None if spoilt else _day(past, start))
        left -= days[-1] is not None
    return days[::-1]


def _firing(state: SlowBurnState, past: Past, week: Sequence[Day | None], usual: Usual, at: int) -> list[Finding]:
    end, findings = past.end - past.end % DAY, []
    limit = min(MOST_LIMIT, LIMIT * past.budget**LIMIT_GROWS)
    for days in SCALES:
        heard = [day for day in week[-days:] if day is not None and day.scored]
        if end - days * DAY < state.calm or not _persists(heard, usual, days):
            continue
        judged = _judge(past, end, days, usual, limit)
        if judged.scored >= LEAST_SCORED and fires(judged):
            findings.append(_finding(at, days * DAY, judged))
    return findings


def _persists(heard: Sequence[Day], usual: Usual, days: int) -> bool:
    """Whether most days are up, and all together without the worst of them, too."""
    excess = [day.part - day.scored * usual.share for day in heard]
    if sum(more > 0 for more in excess) < LEAST_UP[days]:
        return False
    worst = excess.index(max(excess))
    others = [day for place, day in enumerate(heard) if place != worst]
    scored, negative = (round(sum(of)) for of in zip(*others, strict=True))
    return share_tail(negative, scored, usual.share, usual.strength(days)) <= REST


def _judge(past: Past, end: int, days: int, usual: Usual, limit: float) -> Judged:
    start = end - days * DAY
    sums = [past.days(day) for day in range(start, end, DAY)]
    mentions, scored, negative = (sum(day.get(name, 0) for day in sums) for name in ("scorable", "scored", "negative"))
    expected = Expected(scored * usual.share, 0.0, usual.share, usual.strength(days), usual.days * 24.0)
    stretch = (start, end, past.known(start, end))
    return judge_share("negative", stretch, (mentions, scored, negative), expected, (LEAST_NEGATIVE, limit))


def _over(state: SlowBurnState, past: Past, end: int, usual: Usual, at: int) -> list[Finding]:
    """By the last three days, if they can tell; or because it is the new normal."""
    began = end if state.began is None else state.began
    back = _judge(past, end, SCALES[0], usual, CALM_CHANCE)
    if back.scored >= LEAST_SCORED and back.known >= LEAST_KNOWN and back.chance_of_share > CALM_CHANCE:
        state.spells = [*state.spells[1 - KEPT_SPELLS :], (began - WEEK * DAY, end)]
        state.usual, state.began, state.calm = None, None, end
        return [_finding(at, 0, back)]
    if end - began < NEW_NORMAL:
        return []
    settled = _judge(past, end, SCALES[-1], usual, CALM_CHANCE)
    state.usual, state.began, state.calm, state.fresh = None, None, end, began
    return [_finding(at, 0, settled)]


def _finding(at: int, scale: int, judged: Judged) -> Finding:
    return Finding(RULE, "brand", "final", at, scale, severe=False, judged=judged, examples=())
