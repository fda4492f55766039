"""Spikes: whether so many of some kind, and so large a share of them, are unusual for a brand at these hours.

The measure behind "negative-spike" and its like; a `Kind` says what is counted. It looks at scales (the last 5 or 15
minutes, 1, 3, 6 or 24 hours) with enough of the kind: how unlikely is their *count* for these hours of the week
(negative binomial), and how unlikely their *share* (beta-binomial; `judgement.py` has the formulas)? A campaign or a
joke raises the count and not the share, a quiet night the share and not the count. With c and s, -log of the chances of
count and share, the evidence of a scale is

    min(c + s, c / part of c, s / part of s) + log(scale / BASE)

as a day is looked at anew 288 times less often than five minutes are; the parts are how much of it each must bring
(`judgement.py`). It fires where that reaches the limit: what the history of the brand brings about `budget` times a
month (`rarity.py`), and within a day of the last time more. As limits of the chances, with
rest = limit - log(scale / BASE): each at most exp(-part * rest), their product exp(-rest). It is over when on the
shortest scale that fired (an hour at least; `calm`) not both are unusual any more. Hours of an incident are not
learned, but for what lasts longer than a week.
"""

from collections.abc import Iterable
from math import exp, log
from typing import NamedTuple

import msgspec

from listener.baseline import Baseline
from listener.chance import is_high_count, is_high_share
from listener.judgement import BY_SHARE, EITHER, LEAST_KNOWN, SMALLEST, fires, judge
from listener.last_day import Heard, LastDay
from listener.monitors.monitor import BASE, BaseWindow, Change, Finding
from listener.rarity import Rarity
from schemas.alert import Judged, Stage
from schemas.times import DAY, HOUR, MINUTE

SCALES = (BASE, 15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, DAY)
EARLY_LEAST, EARLY_BOTH = 8, 2e-3  # an open window is looked at after every mention: both must be so much less likely
SEVERE_TIMES = 3.0
AGAIN = 3.0  # within a day it takes so much more evidence to call people again
NEW_NORMAL = 7 * DAY  # of an incident that lasts longer the hours are learned: then this is how it is now
CALM_CHANCE = 0.05


class Kind(NamedTuple):
    """What a rule counts: the names of the counts of the `part`, of the `whole` it is a share of, and of all.

    It takes `least` of them to fire, `early` in an open window, and so many `hours` heard before. Severe is what is
    large as well as unlikely: at least `severe` of them and SEVERE_TIMES what is normal in an hour or more. `budget` is
    its part of the brand's. Of `people` each counts once in a stretch, however often one says it. What has been learned
    must have at least so many `others` in it, that are of the whole and not of the part. An incident is over by a
    stretch of `calm` ms at least. `by_share`: the share carries the alarm, the count has to agree.
    """

    rule: str
    part: str
    whole: str
    everyone: str
    least: int
    severe: float
    hours: float = 0.0
    budget: float = 1.0
    early: int = EARLY_LEAST
    people: bool = False
    others: float = 0.0
    calm: int = HOUR
    by_share: bool = False


class Spikes(msgspec.Struct, array_like=True):
    """The baseline, the last day, the hour being gathered, and whether an incident is on.

    `recent` are the windows of the last day. `hour` (counted from 1970) is being gathered; it is `spoilt` for the
    baseline if an incident touched it. In ms: `began`, when the incident did; `scale`, the shortest that fired in it
    but `Kind.calm` at least; `fired`, when that one last did; `fresh`, when the last incident was over; `caught_up`,
    from where to where a source has brought what it had missed, and that is not judged anew yet.
    """

    baseline: Baseline = msgspec.field(default_factory=Baseline)
    recent: LastDay = msgspec.field(default_factory=LastDay)
    hour: int | None = None
    spoilt: bool = False
    incident: bool = False
    began: int = 0
    scale: int = DAY
    fired: int = 0
    fresh: int = 0
    caught_up: tuple[int, int] | None = None
    rarity: Rarity = msgspec.field(default_factory=Rarity)


def early(kind: Kind, state: Spikes, window: BaseWindow, at: int) -> Iterable[Finding]:
    """Fires on the open window alone, by a stricter measure. Leaves the state as it is."""
    if state.incident or window.counts.get(kind.part, 0) < kind.early or state.baseline.hours_seen < kind.hours:
        return
    recent = _heard(kind, window)
    repeats = _repeats(kind, window, recent.part, window.start)
    if recent.part - repeats < kind.early:
        return
    expected = state.baseline.expect(window.start, window.end, 1.0, window.week)
    counts = (recent.mentions, recent.whole, recent.part)
    by_count, by_share, both = _limits(kind, _limit(state, window), BASE)
    limits = (kind.early, by_count, by_share, both * EARLY_BOTH)
    judged = judge((kind.part, kind.whole), (window.start, window.end, 1.0), counts, expected, limits, repeats)
    if fires(judged):
        yield _finding(kind, "early", at, BASE, judged, recent.examples)


def final(kind: Kind, state: Spikes, window: BaseWindow, at: int) -> list[Finding]:
    """Judges each scale that ends with this closed window, then learns."""
    _learn_until(state, window)
    state.recent.take_in(window.start, _heard(kind, window))
    state.rarity.turn(window.end, window.budget * kind.budget, window.known, lasts=state.incident)
    past = _fired_meanwhile(kind, state, window, at)
    if state.caught_up is None:
        state.recent.thin_out()
    findings = _firing(kind, state, len(state.recent.numbers), window, at)
    if findings:
        _note_incident(kind, state, findings[0].scale, window.end)
    if past:
        return past + findings
    if state.incident and window.end - state.fired >= state.scale:
        return _calm(kind, state, window, at) or findings
    return findings


def amend(kind: Kind, state: Spikes, change: Change) -> bool:
    """Corrects the last day, and so the hour being gathered. Whether anything was."""
    added = _counted(kind, change)
    if not state.recent.amend(change.start, added, change.gone):
        return False
    if change.caught_up and added.mentions > 0:
        first, last = state.caught_up or (change.start, change.start)
        state.caught_up = min(first, change.start), max(last, change.start + BASE)
    return True


def awake(kind: Kind, state: Spikes) -> bool:
    """While an incident is on: silence is how it ends. And until what was caught up is judged, if it may fire."""
    return state.incident or (state.caught_up is not None and state.recent.parts >= kind.least)


def _heard(kind: Kind, window: BaseWindow) -> Heard:
    """A window; whoever counts the whole may have been switched on in it later than who counts the part."""
    heard = _counted(kind, window)
    return heard if heard.part <= heard.whole else heard._replace(part=heard.whole)


def _counted(kind: Kind, window: BaseWindow | Change) -> Heard:
    counts = window.counts
    return Heard(
        counts.get(kind.everyone, 0),
        counts.get(kind.whole, 0),
        counts.get(kind.part, 0),
        window.examples.get(kind.rule, ()),
    )


def _learn_until(state: Spikes, window: BaseWindow) -> None:
    """Learn all hours before that of `window`: the one gathered, then those in which nothing was said."""
    hour = window.start // HOUR
    if state.hour is None:
        state.hour = min(window.since // HOUR, hour)
    if state.hour == hour:
        return
    known = window.known(state.hour * HOUR, (state.hour + 1) * HOUR)
    if not state.spoilt and known >= LEAST_KNOWN:
        whole, part = state.recent.within(state.hour * HOUR, (state.hour + 1) * HOUR)
        state.baseline.learn(state.hour, part, whole, known, window.week)
    first = max(state.hour + 1, -(-window.since // HOUR))
    for later in state.recent.hours_from(first):  # not quiet: it was heard too late, and is not learned
        _learn_quiet(state.baseline, first, later, window)
        first = later + 1
    _learn_quiet(state.baseline, first, hour, window)
    state.hour, state.spoilt = hour, state.incident and window.start - state.began < NEW_NORMAL


def _learn_quiet(baseline: Baseline, first: int, last: int, window: BaseWindow) -> None:
    if first < last and window.known(first * HOUR, last * HOUR) == 1.0:
        baseline.learn_quiet(first, last, 1.0, window.week)
        return
    for hour in range(first, last):
        known = window.known(hour * HOUR, (hour + 1) * HOUR)
        if known >= LEAST_KNOWN:
            baseline.learn_quiet(hour, hour + 1, known, window.week)


def _note_incident(kind: Kind, state: Spikes, shortest: int, end: int) -> None:
    scale = max(kind.calm, shortest)
    if not state.incident:
        state.scale, state.began = scale, end
    state.scale = min(state.scale, scale)
    state.incident, state.spoilt = True, end - state.began < NEW_NORMAL
    if scale <= state.scale:
        state.fired = max(state.fired, end)


def _fired_meanwhile(kind: Kind, state: Spikes, window: BaseWindow, at: int) -> list[Finding]:
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
    for place in state.recent.places(first, min(last, window.start)):
        start = state.recent.start(place)
        then = window._replace(start=start, end=start + BASE)
        found = _firing(kind, state, place + 1, then, at)
        if found:
            _note_incident(kind, state, found[0].scale, then.end)
        findings += found
    return findings


def _firing(kind: Kind, state: Spikes, windows: int, window: BaseWindow, at: int) -> list[Finding]:
    """The scales that fire by so many of the windows, of which `window` is the last.

    They are looked at when that brought some of the kind.
    """
    findings: list[Finding] = []
    recent = state.recent
    if not recent.part[windows - 1] or recent.parts < kind.least or state.baseline.hours_seen < kind.hours:
        return findings
    if state.baseline.whole - state.baseline.part < kind.others:
        return findings
    baseline, limit, most = state.baseline, _limit(state, window), 0.0
    normal = baseline.share()
    scales = [scale for scale in SCALES if window.end - scale >= state.fresh]
    starts = [window.end - scale for scale in scales]
    for scale, start, counts in zip(scales, starts, recent.sums(starts, windows), strict=True):
        _, whole, part = counts
        if part < kind.least or not is_high_share(part, whole, normal, baseline.strength(scale / HOUR)):
            continue
        stretch = (start, window.end, _known(state, window, start))
        expected = baseline.expect(*stretch, window.week)
        if not is_high_count(part, expected.count, expected.dispersion):
            continue
        limits, repeats = (kind.least, *_limits(kind, limit, scale)), _repeats(kind, window, part, start)
        judged = judge((kind.part, kind.whole), stretch, counts, expected, limits, repeats)
        if judged.known >= LEAST_KNOWN:
            most = max(most, _evidence(kind, judged, scale))
        if fires(judged):
            findings.append(_finding(kind, "final", at, scale, judged, recent.examples_since(start, windows)))
    state.rarity.note(window.end, most)
    return findings


def _repeats(kind: Kind, window: BaseWindow, part: int, start: int) -> int:
    return window.repeats(kind.part, part, start, window.end) if kind.people and part else 0


def _limit(state: Spikes, window: BaseWindow) -> float:
    limit = state.rarity.limit
    return limit + AGAIN if not state.incident and window.end - state.fired < DAY else limit


def _limits(kind: Kind, limit: float, scale: int) -> tuple[float, float | None, float]:
    """The limits of the two chances and of their product: an evidence of `limit` for each five minutes of a scale."""
    left = limit - log(scale / BASE)
    if not kind.by_share:
        return exp(-EITHER[0] * left), None, exp(-left)
    return exp(-BY_SHARE[0] * left), exp(-BY_SHARE[1] * left), exp(-left)


def _evidence(kind: Kind, judged: Judged, scale: int) -> float:
    """The largest limit under which it fires."""
    by_count, by_share = (-log(max(SMALLEST, c)) for c in (judged.chance_of_count, judged.chance_of_share))
    of_count, of_share = BY_SHARE if kind.by_share else EITHER
    return min(by_count + by_share, by_count / of_count, by_share / of_share) + log(scale / BASE)


def _known(state: Spikes, window: BaseWindow, start: int) -> float:
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


def _calm(kind: Kind, state: Spikes, window: BaseWindow, at: int) -> list[Finding]:
    start = window.end - state.scale
    counts = state.recent.sums([start])[0]
    stretch = (start, window.end, window.known(start, window.end))
    judged = judge(
        (kind.part, kind.whole),
        stretch,
        counts,
        state.baseline.expect(*stretch, window.week),
        (kind.least, CALM_CHANCE, None, 1.0),
        _repeats(kind, window, counts[2], start),
    )
    if judged.known < LEAST_KNOWN or fires(judged):
        return []
    state.incident, state.fresh = False, window.end
    return [_finding(kind, "final", at, 0, judged, state.recent.examples_since(start))]


def _finding(kind: Kind, stage: Stage, at: int, scale: int, judged: Judged, examples: tuple[str, ...]) -> Finding:
    large = judged.counts >= max(kind.severe, SEVERE_TIMES * judged.expected)
    severe = large and scale >= HOUR
    return Finding(kind.rule, "brand", stage, at, scale, severe, judged, examples)
