"""Quiet: surprisingly little is said about a brand, by its own rhythm, while we listened."""

from collections.abc import Iterable

import msgspec

from listener.baseline import Baseline, Expected
from listener.judgement import LEAST_KNOWN_FEW, MOST_LEFT, fires, judge_few
from listener.local_week import LocalWeek
from listener.monitors.monitor import Finding, Monitor, Past
from listener.sums import Sums
from schemas.alert import Judged
from schemas.times import DAY, HOUR

RULE = "quiet-brand"
SCALES = (3, 6, 12, 24)  # hours
LONGEST = SCALES[-1]
KEPT = 2 * LONGEST  # hours: what is learned is a day old at least, so that no day is measured by itself

# Of whom little is said nothing is known by silence: at the usual dispersion of .1 a whole day without a word is less
# likely than its limit from 17 expected mentions on.
WAKES, SLEEPS = 24, 12  # mentions a day from which on, and below which no longer, the hours of a brand are learned
BUSY = 10 * LONGEST  # mentions a day from which on each hour is looked at, else each third
LEAST_SEEN = 336.0  # hours: two weeks, so that each hour of the week was there twice
LEAST_EXPECTED = 8
# Each scale gets an equal part of the false alarms, in proportion to its length, as in `sentiment.py`; if the baseline
# were right, one false alarm in thirty brand-years. It must hold at two looks in a row.
LIMIT = 1e-6  # for each hour of a scale
# A burst must not make the hour normal for weeks in which it was: so much of it is learned at most.
MOST_TIMES, MOST_MORE = 2.0, 4
# What a brand does again and again by itself is no surprise: each spell of the last weeks makes the limit stricter.
# AAPL of stocknet_88 lacks whole days each month.
SPELL_LIMIT = 0.03
CALM_CHANCE = 0.1
CALM_EXPECTED = 6.0
NEW_NORMAL = 7 * DAY  # what was normal is forgotten then: this is how it is now
SEVERE_HOURS, SEVERE_LEFT = 12, 0.05


# How far days and hours fall below what was expected is measured on each scale by itself: bursts widen the upper tail
# alone, and a bad day is bad for all its hours, but not so an hour.
FIRST_SPREAD, FIRST_SPREAD_WEIGHT = 0.1, 10.0
SPREAD_MEMORY = 0.5 ** (1 / (6 * 168))  # an hour: it halves in six weeks
LEAST_SPREAD, MOST_SPREAD = 0.05, 2.0
ENOUGH = 20.0  # expected mentions from which on a stretch tells its spread


class Spread(msgspec.Struct):
    """How much more than by chance stretches of one length fall below what is expected, as for `dispersion`."""

    sum: float = 0.0
    of: float = 0.0

    def learn(self, count: int, expected: float, hours: int) -> None:
        """Learn from one stretch. Those that are above say nothing, and the others count for them too."""
        memory = SPREAD_MEMORY**hours
        weight = min(1.0, expected / ENOUGH) ** 2
        below = max(0.0, expected - count)
        self.sum = self.sum * memory + weight * (2.0 * below * below - expected) / (expected * expected)
        self.of = self.of * memory + weight

    def dispersion(self) -> float:
        """The estimate, pulled to a first guess."""
        estimate = (self.sum + FIRST_SPREAD * FIRST_SPREAD_WEIGHT) / (self.of + FIRST_SPREAD_WEIGHT)
        return min(max(estimate, LEAST_SPREAD), MOST_SPREAD)


class QuietState(msgspec.Struct):
    """The baseline, the spread on each scale, and the last two days, which are learned when they are past.

    Of each hour of these, oldest first: how many mentions there were in `counts`, how many were `expected` and the
    variance of that guess in `doubts`, how much of it was `known`, and whether it is to be learned (`whole`).

    `hour` (counted from 1970) is the next to be taken in, `look` up to where to look next (ms), both None while too
    little is said to look at all. `pending`: the last look found too little. `incident` since `began` (ms). `lost` is
    when a source was last heard that has ended since: what was normal with it is no measure any more. `spells`, which
    fade, were found in the last weeks.
    """

    baseline: Baseline = msgspec.field(default_factory=Baseline)
    spreads: list[Spread] = msgspec.field(default_factory=lambda: [Spread() for _ in SCALES])
    counts: list[int] = []
    expected: Sums = msgspec.field(default_factory=Sums)
    doubts: Sums = msgspec.field(default_factory=Sums)
    known: Sums = msgspec.field(default_factory=Sums)
    whole: list[bool] = []
    hour: int | None = None
    look: int | None = None
    pending: bool = False
    incident: bool = False
    began: int = 0
    lost: int = 0
    spells: float = 0.0


class QuietMonitor(Monitor[QuietState]):
    """The alarm "quiet-brand": the last 3, 6, 12 or 24 hours brought a fifth of what is normal for them, or less.

    It fires where that is unlikely (lower tail of the negative binomial over the hours of the week), nine tenths of the
    time were listened to, no source was dead in it, and the same was found at the last look. It is over when the
    shortest scale that could tell brings what is usual. Hours of the last day are learned when past, if nothing
    was wrong in them; after a week it is over too: the new is normal, and learned anew.
    It counts nothing itself: it looks back at the trends of the hours, so it needs the monitor "volume".
    """

    name = "quiet"
    rules = (RULE,)
    state = QuietState

    def wakes(self, state: QuietState, mentions: int, end: int) -> bool:
        """Of a brand that sleeps, a day with enough mentions."""
        if state.look is not None or mentions < WAKES:
            return False
        _clear(state)
        state.look, state.hour = end, end // HOUR - LONGEST
        return True

    def next_look(self, state: QuietState) -> int | None:
        """Each hour of a busy brand and amid an incident, else each third."""
        return state.look

    def turn(self, state: QuietState, hours: int) -> None:
        """What was learned stays true."""
        state.baseline.turn(hours)

    def look(self, state: QuietState, past: Past, at: int) -> Iterable[Finding]:
        """Judges each scale that ends with this hour, then learns."""
        if past.lost > state.lost:
            _forget(state)
            state.lost = past.lost
        _take_in(state, past)
        if state.incident and past.end - state.began > NEW_NORMAL and (settled := _settled(state, past, at)):
            return settled
        findings = _too_few(state, past, at)
        if findings:
            _spoil(state, findings[-1].scale // HOUR)
        again, state.pending = state.pending or state.incident, bool(findings)
        if findings and again:
            if not state.incident:
                state.began, state.spells = at, state.spells + 1.0
            state.incident = True
        elif state.incident:
            findings = _calm(state, past, at)
            state.incident = not findings
        else:
            findings = []
        _arrange_next(state, past)
        return findings


def _take_in(state: QuietState, past: Past) -> None:
    """The hours since the last look; those that are two days old are learned."""
    first, last = -(-past.since // HOUR), past.end // HOUR
    if state.hour is None or first > state.hour:
        _clear(state)
        state.hour = first
    baseline = state.baseline
    for hour in range(max(state.hour, last - LONGEST), last):
        known = past.known(hour * HOUR, (hour + 1) * HOUR)
        rate, doubt = baseline.rate(hour, past.week)
        expected = rate * known
        state.counts.append(past.mentions(hour))
        state.expected.append(expected)
        state.doubts.append(expected * expected * doubt)
        state.known.append(known)
        state.whole.append(known >= LEAST_KNOWN_FEW and past.heard_since((hour + 1) * HOUR) <= hour * HOUR)
    state.hour = last
    old = max(0, len(state.counts) - KEPT)
    for place in range(old):
        _learn(state, last - KEPT - old + place, place, past.week)
    for lasting in (state.counts, state.expected, state.doubts, state.known, state.whole):
        del lasting[:old]


def _learn(state: QuietState, hour: int, place: int, week: LocalWeek) -> None:
    """Learn the hour at a place of those that are kept, and the stretches that begin with it."""
    whole = state.whole
    if not whole[place]:
        return
    for hours, spread in zip(SCALES, state.spreads, strict=True):
        if hour % hours == 0 and all(whole[place : place + hours]):
            spread.learn(sum(state.counts[place : place + hours]), sum(state.expected[place : place + hours]), hours)
    baseline, count, expected = state.baseline, state.counts[place], state.expected[place]
    if baseline.hours_seen < LEAST_SEEN:
        baseline.learn(hour, count, 0, state.known[place], week)
    else:
        most = MOST_TIMES * expected + MOST_MORE
        baseline.learn_count(hour, min(float(count), most), state.known[place], expected, week)
    state.spells *= SPREAD_MEMORY


def _too_few(state: QuietState, past: Past, at: int) -> list[Finding]:
    if state.baseline.hours_seen < LEAST_SEEN:
        return []
    findings = []
    limit = LIMIT * SPELL_LIMIT**state.spells
    for hours in SCALES:
        if sum(state.counts[-hours:]) > MOST_LEFT * sum(state.expected[-hours:]):
            continue
        judged = _judge(state, past, hours, limit * hours)
        if judged is not None and fires(judged):
            findings.append(_finding(at, hours * HOUR, judged))
    return findings


def _judge(state: QuietState, past: Past, hours: int, limit: float) -> Judged | None:
    """The verdict on the last hours; None where they were not all there, or not all sources were heard."""
    start = past.end - hours * HOUR
    expected = sum(state.expected[-hours:])
    if len(state.counts) < hours or not expected or past.heard_since(past.end) > start:
        return None
    first = start // HOUR
    observed = sum(max(count, past.mentions(first + place)) for place, count in enumerate(state.counts[-hours:]))
    dispersion = state.spreads[SCALES.index(hours)].dispersion()
    dispersion += sum(state.doubts[-hours:]) / (expected * expected)
    normal = Expected(expected, dispersion, 1.0, 0.0, state.baseline.hours_seen)
    return judge_few(
        "mentions", (start, past.end, past.known(start, past.end)), observed, normal, (LEAST_EXPECTED, limit)
    )


def _calm(state: QuietState, past: Past, at: int) -> list[Finding]:
    """By the shortest scale on which enough is expected to tell."""
    for hours in SCALES:
        judged = _judge(state, past, hours, CALM_CHANCE)
        if judged is None or judged.expected < CALM_EXPECTED:
            continue
        usual = judged.chance_of_count > CALM_CHANCE and judged.observed * 2 >= judged.expected
        return [_finding(at, 0, judged)] if usual and judged.known >= LEAST_KNOWN_FEW else []
    return []


def _settled(state: QuietState, past: Past, at: int) -> list[Finding]:
    """After so long this is how it is now: it is over, and what is normal is learned anew."""
    judged = _judge(state, past, LONGEST, CALM_CHANCE)
    if judged is None:
        return []
    _forget(state)
    state.incident = False
    _arrange_next(state, past)
    return [_finding(at, 0, judged)]


def _spoil(state: QuietState, hours: int) -> None:
    """The last hours are none to learn from."""
    state.whole[-hours:] = [False] * hours


def _arrange_next(state: QuietState, past: Past) -> None:
    """When to look again. A brand of whom too little is said, or of whom nothing can be heard, is left alone."""
    baseline = state.baseline
    normal = LONGEST * baseline.level_count / baseline.level_hours if baseline.level_hours >= LONGEST else WAKES
    heard = any(state.known) or any(state.counts)
    state.look = past.end + (HOUR if state.incident or state.pending or normal >= BUSY else 3 * HOUR)
    if state.incident or len(state.counts) < LONGEST:
        return
    if normal < SLEEPS:
        _forget(state)
        state.hour = state.look = None
    elif not heard:
        _clear(state)
        state.hour = state.look = None


def _forget(state: QuietState) -> None:
    state.baseline, state.spreads = Baseline(), [Spread() for _ in SCALES]
    _clear(state)


def _clear(state: QuietState) -> None:
    state.counts, state.expected, state.doubts, state.known, state.whole = [], Sums(), Sums(), Sums(), []
    state.pending = False


def _finding(at: int, scale: int, judged: Judged) -> Finding:
    severe = scale >= SEVERE_HOURS * HOUR and judged.observed <= SEVERE_LEFT * judged.expected
    return Finding(RULE, "brand", "final", at, scale, severe, judged, ())
