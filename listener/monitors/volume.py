"""Volume: how much is said about a brand, tagged or not, how far it may reach, and whether it is more than ever."""

from collections.abc import Iterable

import msgspec

from listener.bursts import A_MONTH, Bursts, Excess
from listener.judgement import LEAST_KNOWN, fires, judge_burst
from listener.monitors.monitor import BASE, BaseWindow, Finding, Monitor
from listener.windows import Counts
from schemas.alert import Burst, Judged
from schemas.brand_mention import BrandMention
from schemas.times import HOUR
from schemas.trend import Volume

RULE = "volume-spike"
LEAST = 10  # mentions: of a brand of which nobody speaks three are a burst
LEAST_CALM = HOUR
CALM_CHANCE = 0.5  # half of all days peak as high


class VolumeState(msgspec.Struct):
    """The counts as they are judged, up to `through` (ms), and whether more is said than ever.

    Of an incident, in ms: `scale`, the length that fired but an hour at least, and when that `fired` last.
    """

    bursts: Bursts = msgspec.field(default_factory=lambda: Bursts(BASE))
    through: int | None = None
    incident: bool = False
    scale: int = 0
    fired: int = 0


class VolumeMonitor(Monitor[VolumeState]):
    """Counts mentions, and the followers of their authors.

    tagged + untagged + owned = mentions: a mention is owned if the brand wrote it, else tagged if an owned
    account is addressed. per_hour = mentions / hours listened to.
    reach = sum of followers over the reach_of mentions whose author's followers are known.

    Of a name that means other things too: probable of the mentions are likely about the brand, and counted as all are;
    doubtful are likelier not, and counted as nothing else. So mentions + doubtful name the brand, a share of
    doubtful / (mentions + doubtful) is in doubt, and probable / mentions of what is counted is not certain.

    The notice "volume-spike" asks whether more is said than on any usual day (`bursts.py`, the detector of
    `listener backtest --counts`), in windows as they were when they closed: what is caught up or deleted later corrects
    the alert and changes no verdict. It fires where such a day comes `budget` times a month or less, and at least 10
    mentions were heard; it is over when the last hour is no more than half of all days peak at.
    """

    name = "volume"
    rules = (RULE,)
    state = VolumeState
    counts_doubtful = True

    def count(self, mention: BrandMention) -> Counts:
        """One mention."""
        if mention.certainty == "doubtful":
            return {"doubtful": 1}
        counts = {"mentions": 1}
        if mention.certainty == "probable":
            counts["probable"] = 1
        if mention.owned:
            counts["owned"] = 1
        elif mention.tagged:
            counts["tagged"] = 1
        else:
            counts["untagged"] = 1
        author = mention.mention.author
        if author is not None and author.followers is not None:
            counts["reach_of"] = 1
            if author.followers:
                counts["reach"] = author.followers
        return counts

    def figures(self, counts: Counts, hours: float) -> Volume:
        """The counts and the rate."""
        mentions = counts.get("mentions", 0)
        return Volume(
            mentions=mentions,
            tagged=counts.get("tagged", 0),
            untagged=counts.get("untagged", 0),
            owned=counts.get("owned", 0),
            probable=counts.get("probable", 0),
            doubtful=counts.get("doubtful", 0),
            per_hour=round(mentions / hours, 4) if hours and mentions else None,
            reach=counts.get("reach", 0),
            reach_of=counts.get("reach_of", 0),
        )

    def due(self, state: VolumeState, window: BaseWindow, at: int) -> Iterable[Finding]:
        """Judges the stretches that end with this window."""
        _pass_gap(state, window)
        state.through = window.end
        excess = state.bursts.look(window.start, window.counts.get("mentions", 0), LEAST, window.week)
        if excess is not None:
            judged = _judged(state, excess, window, window.budget / A_MONTH)
            if fires(judged):
                state.incident, state.scale, state.fired = True, max(LEAST_CALM, excess.length), window.end
                return [_finding(at, excess.length, judged)]
        if state.incident and window.end - state.fired >= state.scale:
            judged = _judged(state, state.bursts.calm(state.scale), window, CALM_CHANCE)
            if judged.known >= LEAST_KNOWN and not fires(judged):
                state.incident = False
                return [_finding(at, 0, judged)]
        return []

    def turn(self, state: VolumeState, hours: int) -> None:
        """What was learned stays true."""
        state.bursts.baseline.turn(hours)

    def awake(self, state: VolumeState) -> bool:
        """While an incident is on: silence is how it ends."""
        return state.incident


def _pass_gap(state: VolumeState, window: BaseWindow) -> None:
    """Nothing was said since the last window, or since the monitor listens; hours that nobody heard are left out."""
    first = max(state.through or 0, -(-window.since // BASE) * BASE)
    if first >= window.start:
        return
    if window.known(first, window.start) == 1.0:
        state.bursts.pass_quiet(first, window.start, window.week)
        return
    while first < window.start:
        last = min(window.start, (first // HOUR + 1) * HOUR)
        if window.known(first, last) >= LEAST_KNOWN:
            state.bursts.pass_quiet(first, last, window.week)
        first = last


def _judged(state: VolumeState, excess: Excess, window: BaseWindow, limit: float) -> Judged:
    start = window.end - excess.length
    return judge_burst(
        (start, window.end, window.known(start, window.end)),
        round(excess.observed),
        (excess.expected, state.bursts.baseline.hours_seen),
        Burst(deviation=excess.spread, tails=tuple((*tail,) for tail in excess.tails)),
        (LEAST, limit),
    )


def _finding(at: int, scale: int, judged: Judged) -> Finding:
    return Finding(RULE, "brand", "final", at, scale, severe=False, judged=judged, examples=())
