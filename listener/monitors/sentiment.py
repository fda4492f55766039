"""Sentiment: how people feel about a brand, and whether that is suddenly worse, or better, than ever at this hour."""

from collections.abc import Iterable

import msgspec

from listener.figures import mean_of, share_of
from listener.monitors.monitor import BaseWindow, Change, Example, Finding, Monitor
from listener.sentiment.scoring import POLAR, UNIT
from listener.spikes import Kind, Spikes, amend, awake, early, final
from listener.windows import Counts
from schemas.brand_mention import BrandMention
from schemas.trend import Mood

# Severe is what is large as well as unlikely: six angry people are as unlikely for a small brand as a hundred.
# Of the brand's budget four fifths: grave words, slow burns and single posts that spread page, too.
MOODS = Kind("", part="", whole="scored", everyone="scorable", least=5, severe=20, by_share=True)
NEGATIVE = MOODS._replace(rule="negative-spike", part="negative", budget=0.8)
POSITIVE = MOODS._replace(rule="praise-spike", part="positive")


class SentimentState(msgspec.Struct):
    """What is known of the negative mentions, and of the positive ones."""

    negative: Spikes = msgspec.field(default_factory=Spikes)
    positive: Spikes = msgspec.field(default_factory=Spikes)

    def kinds(self) -> tuple[tuple[Kind, Spikes], ...]:
        """Both."""
        return (NEGATIVE, self.negative), (POSITIVE, self.positive)


class SentimentMonitor(Monitor[SentimentState]):
    """Net sentiment and negative share, the alarm "negative-spike" and the notice "praise-spike".

    Of the mentions that the brand did not write itself (scorable), those in a language with a scorer are scored.
    negative share = negative / scored, net = (positive - negative) / scored, with 95 % intervals;
    coverage = scored / scorable.

    Both ask whether so many negative (positive) mentions, and so large a share of the scored, are unusual
    (`spikes.py`): at least 5 of them. A negative spike is severe where an hour or more fires with at least 20, three
    times what is normal. It has four fifths of the brand's budget, praise all of it: that pages nobody.
    """

    name = "sentiment"
    rules = (NEGATIVE.rule, POSITIVE.rule)
    early = (NEGATIVE.rule,)
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

    def example(self, mention: BrandMention) -> Example | None:
        """The most negative, or positive, first; then those whose author reaches most."""
        compound = mention.sentiment.compound
        if mention.owned or compound is None or abs(compound) * UNIT < POLAR:
            return None
        author = mention.mention.author
        rule = (NEGATIVE if compound < 0 else POSITIVE).rule
        return Example(rule, (-abs(round(compound * UNIT)), -((author and author.followers) or 0)))

    def observe(self, state: SentimentState, window: BaseWindow, at: int) -> Iterable[Finding]:
        """Fires on the open window alone, by a stricter measure. Praise can wait."""
        return early(NEGATIVE, state.negative, window, at)

    def due(self, state: SentimentState, window: BaseWindow, at: int) -> Iterable[Finding]:
        """Judges each scale that ends with this window, then learns."""
        heard = any(window.counts.values())
        judged = [final(kind, spikes, window, at) for kind, spikes in state.kinds() if heard or awake(kind, spikes)]
        return [finding for findings in judged for finding in findings]

    def amend(self, state: SentimentState, change: Change) -> bool:
        """Corrects the last day, and so the hour being gathered."""
        changed = [amend(kind, spikes, change) for kind, spikes in state.kinds()]
        return any(changed)

    def learn(self, state: SentimentState, rule: str, since: int, *, mistaken: bool) -> bool:
        """A false alarm is learned with its whole height."""
        spikes = next(spikes for kind, spikes in state.kinds() if kind.rule == rule)
        return spikes.rarity.judge(since, mistaken=mistaken)

    def turn(self, state: SentimentState, hours: int) -> None:
        """What was learned stays true."""
        for _, spikes in state.kinds():
            spikes.baseline.turn(hours)

    def awake(self, state: SentimentState) -> bool:
        """While an incident is on, or what was caught up is to be judged."""
        return any(awake(kind, spikes) for kind, spikes in state.kinds())
