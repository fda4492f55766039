"""Sentiment: how people feel about a brand, and whether that is suddenly worse than it ever is at this hour."""

from bisect import bisect_left
from collections.abc import Iterable
from math import exp, log

import msgspec

from listener.baseline import Baseline
from listener.chance import is_high_count, is_high_share
from listener.figures import mean_of, share_of
from listener.judgement import LEAST_KNOWN, fires, judge
from listener.monitors.monitor import BASE, BaseWindow, Change, Finding, Monitor
from listener.rarity import Rarity
from listener.windows import Counts
from schemas.alert import Judged, Stage
from schemas.brand_mention import BrandMention
from schemas.times import DAY, HOUR, MINUTE
from schemas.trend import Mood

RULE = "negative-spike"
SCALES = (BASE, 15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, DAY)

UNIT = 10_000  # compound scores are summed as whole numbers of this fraction
POLAR = 500  # |compound| >= 0.05 is positive or negative, as VADER's authors advise

LEAST_NEGATIVE = 5
# Each chance has to bring so much of the evidence: while a campaign or a joke makes any count unlikely the share must
# carry the alarm alone, and in a quiet night the count.
EACH = 0.4
EARLY_LEAST, EARLY_BOTH = 8, 2e-3  # an open window is looked at after every mention: both must be so much less likely
AGAIN = 3.0  # within a day it takes so much more evidence to call people again
SMALLEST = 1e-300
# Severe is what is large as well as unlikely: six angry people are as unlikely for a small brand as a hundred.
SEVERE_NEGATIVE, SEVERE_TIMES = 20, 3.0
LEAST_CALM = HOUR
CALM_CHANCE = 0.05
EXAMPLES = 5


class Recent(msgspec.Struct, array_like=True, gc=False):
    """One detection window of the last day."""

    start: int
    mentions: int
    scored: int
    negative: int
    examples: tuple[str, ...]


class SentimentState(msgspec.Struct):
    """The baseline, the last day, the hour being gathered, and whether an incident is on.

    `recent` are the windows of the last day, `recent_negative` how many of their mentions were negative.
    `hour` (counted from 1970) is being gathered; it is `spoilt` for the baseline if an incident touched it. In ms:
    `scale`, the shortest that fired in this incident but an hour at least; `fired`, when that one last did; `fresh`,
    when the last incident was over; `caught_up`, from where to where a source has brought what it had missed, and that
    is not judged anew yet.
    """

    baseline: Baseline = msgspec.field(default_factory=Baseline)
    recent: list[Recent] = []
    recent_negative: int = 0
    hour: int | None = None
    spoilt: bool = False
    incident: bool = False
    scale: int = DAY
    fired: int = 0
    fresh: int = 0
    caught_up: tuple[int, int] | None = None
    rarity: Rarity = msgspec.field(default_factory=Rarity)


class SentimentMonitor(Monitor[SentimentState]):
    """Net sentiment and negative share, and the alarm "negative-spike".

    Of the mentions that the brand did not write itself (scorable), those in a language with a scorer are scored.
    negative share = negative / scored, net = (positive - negative) / scored, with 95 % intervals;
    coverage = scored / scorable.

    The alarm looks at scales (the last 5 or 15 minutes, 1, 3, 6 or 24 hours) with enough negative mentions: how
    unlikely is their *count* for these hours of the week (negative binomial), and how unlikely their *share*
    (beta-binomial; `judgement.py` has the formulas)? A campaign or a joke raises the count and not the share, a quiet
    night the share and not the count. With c and s, -log of the chances of count and share, the evidence of a scale is

        min(c + s, c / EACH, s / EACH) + log(scale / BASE)

    as a day is looked at anew 288 times less often than five minutes are. It fires where that reaches the limit: what
    the brand's own history brings about `budget` times a month (`rarity.py`), and within a day of the last time more.
    As limits of the chances, with rest = limit - log(scale / BASE): each at most exp(-EACH * rest), both exp(-rest).
    It is over when on the shortest scale that fired (an hour at least) not both are unusual any more.
    Hours of an incident are not learned. It is severe where an hour or more fires with at least 20 negative mentions,
    three times what is normal.
    """

    name = "sentiment"
    rules = (RULE,)
    state = SentimentState

    def count(self, mention: BrandMention) -> Counts:
        """One mention; the brand's own posts add nothing."""
        if mention.owned:
            return {}
        compound = mention.sentiment.compound
        if compound is None:
            return {"scorable": 1}
        score = round(compound * UNIT)
        counts = {"scorable": 1, "scored": 1}
        if score:
            counts["compound"], counts["compound_squared"] = score, score * score
        if score <= -POLAR:
            counts["negative"] = 1
        elif score >= POLAR:
            counts["positive"] = 1
        return counts

    def figures(self, counts: Counts, hours: float) -> Mood | None:
        """Shares and means with their intervals; None where there was nothing to score."""
        scorable, scored = counts.get("scorable", 0), counts.get("scored", 0)
        if not scorable:
            return None
        positive, negative = counts.get("positive", 0), counts.get("negative", 0)
        return Mood(
            scorable=scorable,
            scored=scored,
            coverage=round(scored / scorable, 4),
            negative=share_of(negative, scored),
            positive=share_of(positive, scored),
            net=mean_of(positive - negative, positive + negative, scored, 1),
            compound=mean_of(counts.get("compound", 0), counts.get("compound_squared", 0), scored, UNIT),
        )

    def weight(self, mention: BrandMention) -> tuple[int, int] | None:
        """The most negative first, then those whose author reaches most."""
        compound = mention.sentiment.compound
        if mention.owned or compound is None or compound * UNIT > -POLAR:
            return None
        author = mention.mention.author
        return round(compound * UNIT), -((author and author.followers) or 0)

    def observe(self, state: SentimentState, window: BaseWindow, at: int) -> Iterable[Finding]:
        """Fires on the open window alone, by a stricter measure."""
        if state.incident or window.counts.get("negative", 0) < EARLY_LEAST:
            return
        recent = _recent(window)
        expected = state.baseline.expect(window.start, window.end, 1.0, window.week)
        counts = (recent.mentions, recent.scored, recent.negative)
        each, both = _limits(_limit(state, window), BASE)
        limits = (EARLY_LEAST, each, both * EARLY_BOTH)
        judged = judge("negative", (window.start, window.end, 1.0), counts, expected, limits)
        if fires(judged):
            yield _finding("early", at, BASE, judged, window.examples)

    def due(self, state: SentimentState, window: BaseWindow, at: int) -> Iterable[Finding]:
        """Judges each scale that ends with this window, then learns."""
        _learn_until(state, window)
        recent = _recent(window)
        while state.recent and state.recent[0].start < window.end - DAY:
            state.recent_negative -= state.recent.pop(0).negative
        state.recent.append(recent)
        state.recent_negative += recent.negative
        state.rarity.turn(window.end, window.budget, window.known)
        past = _fired_meanwhile(state, window, at)
        findings = _firing(state, state.recent, window, at)
        if findings:
            _note_incident(state, findings[0].scale, window.end)
        if past:
            return past + findings
        if state.incident and window.end - state.fired >= state.scale:
            return _calm(state, window, at) or findings
        return findings

    def amend(self, state: SentimentState, change: Change) -> bool:
        """Corrects the last day, and so the hour being gathered."""
        added = _recent(change)
        place = bisect_left(state.recent, change.start, key=lambda window: window.start)
        if place == len(state.recent) or state.recent[place].start != change.start:
            if added.mentions <= 0:
                return False
            state.recent.insert(place, Recent(change.start, 0, 0, 0, ()))
        window = state.recent[place]
        before = window.negative
        window.mentions = max(0, window.mentions + added.mentions)
        window.scored = max(0, window.scored + added.scored)
        window.negative = min(window.scored, max(0, window.negative + added.negative))
        left = [id_ for id_ in (*window.examples, *change.examples) if id_ not in change.gone]
        window.examples = tuple(dict.fromkeys(left))[:EXAMPLES]
        state.recent_negative += window.negative - before
        if not window.mentions:
            del state.recent[place]
        if change.caught_up and added.mentions > 0:
            first, last = state.caught_up or (change.start, change.start)
            state.caught_up = min(first, change.start), max(last, change.start + BASE)
        return True

    def turn(self, state: SentimentState, hours: int) -> None:
        """What was learned stays true."""
        state.baseline.turn(hours)

    def awake(self, state: SentimentState) -> bool:
        """While an incident is on: silence is how it ends. And until what was caught up is judged, if it may fire."""
        return state.incident or (state.caught_up is not None and state.recent_negative >= LEAST_NEGATIVE)


def _recent(window: BaseWindow | Change) -> Recent:
    counts = window.counts
    return Recent(
        start=window.start,
        mentions=counts.get("scorable", 0),
        scored=counts.get("scored", 0),
        negative=counts.get("negative", 0),
        examples=window.examples,
    )


def _learn_until(state: SentimentState, window: BaseWindow) -> None:
    """Learn all hours before that of `window`: the one gathered, then those in which nothing was said."""
    hour = window.start // HOUR
    if state.hour is None:
        state.hour = min(window.since // HOUR, hour)
    if state.hour == hour:
        return
    known = window.known(state.hour * HOUR, (state.hour + 1) * HOUR)
    if not state.spoilt and known >= LEAST_KNOWN:
        (_, scored_since, negative_since), (_, scored, negative) = _sums_from(
            state.recent, [(state.hour + 1) * HOUR, state.hour * HOUR]
        )
        state.baseline.learn(state.hour, negative - negative_since, scored - scored_since, known, window.week)
    first = max(state.hour + 1, -(-window.since // HOUR))
    for later in _hours_from(state.recent, first):
        _learn_quiet(state.baseline, first, later, window)
        first = later + 1
    _learn_quiet(state.baseline, first, hour, window)
    state.hour, state.spoilt = hour, state.incident


def _hours_from(windows: list[Recent], first: int) -> list[int]:
    """The hours from `first` on that were not quiet: something was heard of them too late, and is not learned."""
    if not windows or windows[-1].start < first * HOUR:
        return []
    return sorted({window.start // HOUR for window in windows if window.start >= first * HOUR})


def _learn_quiet(baseline: Baseline, first: int, last: int, window: BaseWindow) -> None:
    if first < last and window.known(first * HOUR, last * HOUR) == 1.0:
        baseline.learn_quiet(first, last, 1.0, window.week)
        return
    for hour in range(first, last):
        known = window.known(hour * HOUR, (hour + 1) * HOUR)
        if known >= LEAST_KNOWN:
            baseline.learn_quiet(hour, hour + 1, known, window.week)


def _note_incident(state: SentimentState, shortest: int, end: int) -> None:
    scale = max(LEAST_CALM, shortest)
    state.scale = min(state.scale, scale) if state.incident else scale
    state.incident = state.spoilt = True
    if scale <= state.scale:
        state.fired = max(state.fired, end)


def _fired_meanwhile(state: SentimentState, window: BaseWindow, at: int) -> list[Finding]:
    """Judge the windows that were caught up, each as of its own end, once it is known that nothing of them is missing.

    More may come of them after that; then they are judged once more.
    """
    findings: list[Finding] = []
    if state.caught_up is None:
        return findings
    first, last = state.caught_up
    if last > window.end - DAY and window.known(first, last) < LEAST_KNOWN:
        return findings
    state.caught_up = None
    for place, recent in enumerate(state.recent[:-1]):
        if first <= recent.start < last:
            then = window._replace(start=recent.start, end=recent.start + BASE)
            found = _firing(state, state.recent[: place + 1], then, at)
            if found:
                _note_incident(state, found[0].scale, then.end)
            findings += found
    return findings


def _firing(state: SentimentState, recent: list[Recent], window: BaseWindow, at: int) -> list[Finding]:
    """The scales that fire. They are looked at when the window that ends them brought something negative."""
    findings: list[Finding] = []
    if not recent[-1].negative or state.recent_negative < LEAST_NEGATIVE:
        return findings
    baseline, limit, most = state.baseline, _limit(state, window), 0.0
    normal = baseline.share()
    scales = [scale for scale in SCALES if window.end - scale >= state.fresh]
    starts = [window.end - scale for scale in scales]
    for scale, start, counts in zip(scales, starts, _sums_from(recent, starts), strict=True):
        _, scored, negative = counts
        if negative < LEAST_NEGATIVE or not is_high_share(negative, scored, normal, baseline.strength(scale / HOUR)):
            continue
        stretch = (start, window.end, _known(state, window, start))
        expected = baseline.expect(*stretch, window.week)
        if not is_high_count(negative, expected.count, expected.dispersion):
            continue
        judged = judge("negative", stretch, counts, expected, (LEAST_NEGATIVE, *_limits(limit, scale)))
        if judged.known >= LEAST_KNOWN:
            most = max(most, _evidence(judged, scale))
        if fires(judged):
            findings.append(_finding("final", at, scale, judged, _examples(recent, start)))
    state.rarity.note(window.end, most)
    return findings


def _limit(state: SentimentState, window: BaseWindow) -> float:
    limit = state.rarity.limit
    return limit + AGAIN if not state.incident and window.end - state.fired < DAY else limit


def _limits(limit: float, scale: int) -> tuple[float, float]:
    """The limits of each chance and of their product: an evidence of `limit` for each five minutes of a scale."""
    left = limit - log(scale / BASE)
    return exp(-EACH * left), exp(-left)


def _evidence(judged: Judged, scale: int) -> float:
    """The largest limit under which it fires."""
    by_count, by_share = (-log(max(SMALLEST, c)) for c in (judged.chance_of_count, judged.chance_of_share))
    return min(by_count + by_share, by_count / EACH, by_share / EACH) + log(scale / BASE)


def _known(state: SentimentState, window: BaseWindow, start: int) -> float:
    """The share of the stretch from `start` on that was listened to, with what is being caught up just now.

    As long as a source catches up what it brings lies in hours that are not known yet: nothing would be normal there.
    """
    known = window.known(start, window.end)
    if state.caught_up is None or known == 1.0:
        return known
    first, last = max(start, state.caught_up[0]), min(window.end, state.caught_up[1])
    if first >= last:
        return known
    return min(1.0, known + (1.0 - window.known(first, last)) * (last - first) / (window.end - start))


def _calm(state: SentimentState, window: BaseWindow, at: int) -> list[Finding]:
    start = window.end - state.scale
    counts = _sums_from(state.recent, [start])[0]
    stretch = (start, window.end, window.known(start, window.end))
    expected = state.baseline.expect(*stretch, window.week)
    judged = judge("negative", stretch, counts, expected, (LEAST_NEGATIVE, CALM_CHANCE, 1.0))
    if judged.known < LEAST_KNOWN or fires(judged):
        return []
    state.incident, state.fresh = False, window.end
    return [_finding("final", at, 0, judged, _examples(state.recent, start))]


def _sums_from(windows: list[Recent], starts: list[int]) -> list[tuple[int, int, int]]:
    """(mentions, scored, negative) since each of `starts`, which go back in time, in one pass from the end."""
    sums = []
    mentions = scored = negative = 0
    at = len(windows) - 1
    for start in starts:
        while at >= 0 and windows[at].start >= start:
            window = windows[at]
            mentions += window.mentions
            scored += window.scored
            negative += window.negative
            at -= 1
        sums.append((mentions, scored, negative))
    return sums


def _finding(stage: Stage, at: int, scale: int, judged: Judged, examples: tuple[str, ...]) -> Finding:
    large = judged.observed >= max(SEVERE_NEGATIVE, SEVERE_TIMES * judged.expected)
    severe = large and scale >= HOUR
    return Finding(RULE, "brand", stage, at, scale, severe, judged, examples)


def _examples(windows: list[Recent], start: int) -> tuple[str, ...]:
    """The weightiest of each window since `start` in turn, the latest window first."""
    inside = (window for window in windows if window.start >= start)
    ranked = [(rank, -window.start, example) for window in inside for rank, example in enumerate(window.examples)]
    return tuple(example for _, _, example in sorted(ranked)[:EXAMPLES])
