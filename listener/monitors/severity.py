"""Severity: words that matter whatever the mood, as recall, injured, lawsuit or boycott."""

from typing import Final, get_args

from listener.figures import share_of
from listener.monitors.monitor import Monitor, NoState
from listener.windows import Counts
from schemas.brand_mention import BrandMention, Category
from schemas.trend import Grave, Severity

UNIT = 100  # weights are summed as whole numbers of this fraction
CATEGORIES: Final[tuple[Category, ...]] = get_args(Category)
NAMES: Final[dict[Category, tuple[str, str]]] = {
    category: (f"severe_{category.replace(' ', '_')}", f"severe_{category.replace(' ', '_')}_weight")
    for category in CATEGORIES
}


class SeverityMonitor(Monitor[NoState]):
    """Counts mentions with severe words, in all and by category, and sums their weights.

    A mention weighs what its gravest word weighs, in a category and in all; a word that is denied so surely that it
    weighs less than 0.005 is none. share = mentions with a severe word / `mentions` (what volume counts), with a 95 %
    interval; those in a language without a lexicon are among the `mentions`. The brand's own posts count too: a recall
    is told by whoever recalls. It gives no alarm yet.
    """

    name = "severity"
    wants = frozenset({"severity"})
    state = NoState

    def count(self, mention: BrandMention) -> Counts:
        """One mention; most have no such word, and add nothing."""
        if not mention.severity:
            return {}
        gravest: dict[Category, int] = {}
        for severe in mention.severity:
            weight = round(severe.weight * UNIT)
            if weight > gravest.get(severe.category, 0):
                gravest[severe.category] = weight
        if not gravest:
            return {}
        counts = {"severe": 1, "severe_weight": max(gravest.values())}
        for category, weight in gravest.items():
            mentions, weights = NAMES[category]
            counts[mentions], counts[weights] = 1, weight
        return counts

    def figures(self, counts: Counts, hours: float) -> Severity | None:
        """Counts, the share and the weights; None where nothing was said. No share where not all were counted."""
        of, mentions = counts.get("mentions", 0), counts.get("severe", 0)
        if not mentions:
            return Severity(of=of) if of else None
        return Severity(
            of=of,
            mentions=mentions,
            share=share_of(mentions, of) if mentions <= of else None,
            weight=counts.get("severe_weight", 0) / UNIT,
            categories={
                category: Grave(mentions=counts[names[0]], weight=counts.get(names[1], 0) / UNIT)
                for category, names in NAMES.items()
                if counts.get(names[0])
            },
        )
