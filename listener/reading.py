"""What a mention says, whoever it is about: its language, how it feels, words that matter, the kind of talk.

Everything is handed in once, when the reader is built: scorers, the language detector, lexicons.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from listener.brands.matcher import Found
from listener.sentiment.language import Detect
from listener.sentiment.masking import masked
from listener.sentiment.routing import NO_WORDS, Router
from listener.sentiment.scoring import UNIT, Scorer
from listener.sentiment.targets import Targets, targets_of
from listener.severity.finder import SeverityFinder
from listener.severity.own import with_own
from listener.wants import EVERYTHING, Wanteds
from schemas.brand_mention import Match, Sentiment, Severe, Talk
from schemas.mention import Mention


class Reading(NamedTuple):
    """How a mention reads. `language` is None where nobody knows it.

    `confidence` is how sure we are of it, and None where the platform or the thread said it. `targets` tells its brands
    apart, where it names several.
    """

    language: str | None
    sentiment: Sentiment
    severity: tuple[Severe, ...] = ()
    talk: tuple[Talk, ...] = ()
    confidence: float | None = None
    targets: Targets | None = None


class TextReader:
    """Reads mentions: one scorer a language, what finds a language out, words that matter, talk by language."""

    def __init__(
        self,
        scorers: Sequence[Scorer],
        detect: Detect,
        severe: SeverityFinder | None = None,
        talks: Mapping[str, Callable[[str], tuple[Talk, ...]]] | None = None,
    ) -> None:
        self._router = Router(scorers, detect)
        self._severe = severe
        self._talks = talks or {}

    def _take_after(self, other: "TextReader", scorers: Sequence[Scorer]) -> None:
        """Become what another reader is, with these scorers for their languages."""
        vars(self).update(vars(other))
        self._router = self._router.with_scorers(scorers)

    def read(
        self,
        mention: Mention,
        found: Found,
        language: str | None = None,
        among: Collection[str] | None = None,
        wanted: Wanteds = EVERYTHING,
    ) -> Reading:
        """How a mention reads, with all names in it hidden from the scorer.

        `language` is that of its thread, `among` are those that its brands' publics speak, `wanted` is what any of
        these brands wants. What has no words, as a repost, is not neutral but not scored.
        """
        if not mention.title and not mention.text.strip():
            return Reading(None, self._not_scored(NO_WORDS))
        text = shown(mention, found)
        told = self._router.route(mention.lang, text, language, among)
        severity: tuple[Severe, ...] = ()
        if "severity" in wanted:
            severity = _severe_in(self._severe, mention, found, None if told.mixed else told.language)
        scorer = told.scorer
        whole = scorer.compound(text) if scorer is not None else 0
        talks = self._talks.get(told.language or (scorer.language if scorer is not None else ""))
        # Next to the score, since English has just heard the text for that; `targets` has it hear the clauses.
        talk = talks(text) if talks is not None and "talk" in wanted else ()
        if scorer is None:
            return Reading(told.language, self._not_scored(told.because), severity, talk, told.confidence)
        sentiment = Sentiment(scorer=scorer.name, compound=whole / UNIT)
        targets = targets_of(mention, found, scorer.compound, whole)
        return Reading(told.language, sentiment, severity, talk, told.confidence, targets)

    def about(self, reading: Reading, mention: Mention, matches: Sequence[Match]) -> Sentiment:
        """How a mention feels about one of the brands that it names, at `matches`."""
        if reading.targets is None or (compound := reading.targets.about(matches)) is None:
            return reading.sentiment
        return Sentiment(scorer=reading.sentiment.scorer, compound=compound / UNIT)

    def severity(
        self, reading: Reading, mention: Mention, found: Found, own: SeverityFinder | None
    ) -> tuple[Severe, ...]:
        """What matters in a mention to one of its brands, which may have words of its `own`."""
        if own is None:
            return reading.severity
        return with_own(reading.severity, _severe_in(own, mention, found, reading.language))

    def _not_scored(self, because: str) -> Sentiment:
        return Sentiment(scorer=self._router.first.name, compound=None, not_scored=because)


def _severe_in(
    finder: SeverityFinder | None, mention: Mention, found: Found, language: str | None
) -> tuple[Severe, ...]:
    """What stands in its text and its title, but for the names of brands."""
    if finder is None:
        return ()
    severe = finder.find("text", mention.text, language, found.text_spans)
    return severe + finder.find("title", mention.title, language, found.title_spans) if mention.title else severe


def shown(mention: Mention, found: Found) -> str:
    """What the scorers are shown of a mention: all names in it are hidden."""
    text = masked(mention.text, found.text_spans)
    return f"{masked(mention.title, found.title_spans)}. {text}" if mention.title else text
