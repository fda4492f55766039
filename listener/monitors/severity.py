"""Severity: words that matter whatever the mood, as recall, injured or boycott, and whether many say them now."""

from collections.abc import Iterable
from typing import Final, get_args

import msgspec

from listener.baseline import Baseline
from listener.figures import share_of
from listener.monitors.monitor import BaseWindow, Change, Example, Finding, Monitor
from listener.spikes import Kind, Spikes, amend, awake, early, final
from listener.trace import HUNDRED
from listener.windows import Counts
from schemas.brand_mention import BrandMention, Category
from schemas.trend import Grave, Severity

CATEGORIES: Final[tuple[Category, ...]] = get_args(Category)
NAMES: Final[dict[Category, tuple[str, str]]] = {
    category: (f"severe_{category.replace(' ', '_')}", f"severe_{category.replace(' ', '_')}_weight")
    for category in CATEGORIES
}

# Hundredths: the lexicons give 70 to what is serious, 90 to what is grave; what lowers a word takes half of it. "Do not
# buy this" is serious, and every day's complaint: of calls to boycott only those count that are nothing else.
GRAVE, GRAVE_BOYCOTT = 60, 80
LEAST = 3  # people
# A tenth of the budget: such words are there to be early, not to be many. A brand whose people say them daily, a
# hospital or a game, has shown so within a day.
WORDS = Kind(
    "severity-words",
    part="grave",
    whole="mentions",
    everyone="mentions",
    least=LEAST,
    severe=8,
    hours=24.0,
    budget=0.1,
    early=LEAST,
    people=True,
)
# Before anything is heard: as if 190 mentions had been without such a word, so about one in seventy has one.
FIRST_MENTIONS = 190.0


class SeverityState(msgspec.Struct):
    """What is known of the mentions with grave words."""

    words: Spikes = msgspec.field(default_factory=lambda: Spikes(baseline=Baseline(whole=FIRST_MENTIONS)))


class SeverityMonitor(Monitor[SeverityState]):
    """Counts mentions with severe words, in all and by category, and sums their weights.

    A mention weighs what its gravest word weighs, in a category and in all; a word that is denied so surely that it
    weighs less than 0.005 is none. share = mentions with a severe word / `mentions` (what volume counts), with a 95 %
    interval; those in a language without a lexicon are among the `mentions`. The brand's own posts count too: a recall
    is told by whoever recalls.

    The alarm "severity-words" asks whether so many of all mentions have a grave word (one of at least 0.6 after
    what lowers it), by count and by share (`spikes.py`). Three people are enough: of most brands such a word is never
    said, and one who says "this kills me" is one, though he says it thirty times. It is severe where an hour or more
    fires with at least 8 people, three times what is normal. Three within minutes are told while they come.
    """

    name = "severity"
    wants = frozenset({"severity"})
    rules = (WORDS.rule,)
    early = (WORDS.rule,)
    state = SeverityState

    def count(self, mention: BrandMention) -> Counts:
        """One mention; most have no such word, and add nothing."""
        if not mention.severity:
            return {}
        gravest = _gravest(mention)
        if not gravest:
            return {}
        counts = {"severe": 1, "severe_weight": max(gravest.values())}
        if _is_grave(gravest):
            counts["grave"] = 1
        for category, weight in gravest.items():
            mentions, weights = NAMES[category]
            counts[mentions], counts[weights] = 1, weight
        return counts

    def example(self, mention: BrandMention) -> Example | None:
        """The gravest first, then those whose author reaches most."""
        if not mention.severity or not _is_grave(gravest := _gravest(mention)):
            return None
        author = mention.mention.author
        return Example(WORDS.rule, (-max(gravest.values()), -((author and author.followers) or 0)))

    def observe(self, state: SeverityState, window: BaseWindow, at: int) -> Iterable[Finding]:
        """Fires on the open window alone, by a stricter measure."""
        return early(WORDS, state.words, window, at)

    def due(self, state: SeverityState, window: BaseWindow, at: int) -> Iterable[Finding]:
        """Judges each scale that ends with this window, then learns."""
        return final(WORDS, state.words, window, at)

    def amend(self, state: SeverityState, change: Change) -> bool:
        """Corrects the last day, and so the hour being gathered."""
        return amend(WORDS, state.words, change)

    def learn(self, state: SeverityState, rule: str, since: int, *, mistaken: bool) -> bool:
        """A false alarm is learned with its whole height."""
        return state.words.rarity.judge(since, mistaken=mistaken)

    def turn(self, state: SeverityState, hours: int) -> None:
        """What was learned stays true."""
        state.words.baseline.turn(hours)

    def awake(self, state: SeverityState) -> bool:
        """While an incident is on, or what was caught up is to be judged."""
        return awake(WORDS, state.words)

    def figures(self, counts: Counts, hours: float) -> Severity | None:
        """Counts, the share and the weights; None where nothing was said. No share where not all were counted."""
        of, mentions = counts.get("mentions", 0), counts.get("severe", 0)
        if not mentions:
            return Severity(of=of) if of else None
        return Severity(
            of=of,
            mentions=mentions,
            share=share_of(mentions, of) if mentions <= of else None,
            weight=counts.get("severe_weight", 0) / HUNDRED,
            categories={
                category: Grave(mentions=counts[names[0]], weight=counts.get(names[1], 0) / HUNDRED)
                for category, names in NAMES.items()
                if counts.get(names[0])
            },
        )


def _gravest(mention: BrandMention) -> dict[Category, int]:
    """The weight of its gravest word by category, in hundredths."""
    gravest: dict[Category, int] = {}
    for severe in mention.severity:
        weight = round(severe.weight * HUNDRED)
        if weight > gravest.get(severe.category, 0):
            gravest[severe.category] = weight
    return gravest


def _is_grave(gravest: dict[Category, int]) -> bool:
    return any(weight >= (GRAVE_BOYCOTT if category == "boycott" else GRAVE) for category, weight in gravest.items())
