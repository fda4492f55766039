"""What a mention says, whoever it is about: its language, how it feels, words that matter, the kind of talk.

Everything is handed in once, when the reader is built: scorers, the language detector, lexicons.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from listener.brands.matcher import Found
from listener.sentiment.language import Detect, language_of
from listener.sentiment.masking import masked
from listener.sentiment.scoring import UNIT, Scorer
from listener.severity.finder import SeverityFinder
from listener.severity.own import with_own
from schemas.brand_mention import Match, Sentiment, Severe, Talk
from schemas.mention import Mention


class Reading(NamedTuple):
    """How a mention reads. `language` is None where nobody knows it."""

    language: str | None
    sentiment: Sentiment
    severity: tuple[Severe, ...] = ()
    talk: tuple[Talk, ...] = ()


class TextReader:
    """Reads mentions: one scorer a language, what finds a language out, and the words that matter whatever the mood."""

    def __init__(self, scorers: Sequence[Scorer], detect: Detect, severe: SeverityFinder | None = None) -> None:
        self._scorers = {scorer.language: scorer for scorer in scorers}
        self._first = scorers[0]
        self._detect = detect
        self._severe = severe

    def _take_after(self, other: "TextReader", scorers: Sequence[Scorer]) -> None:
        """Become what another reader is, with these scorers for their languages."""
        vars(self).update(vars(other))
        self._scorers = self._scorers | {scorer.language: scorer for scorer in scorers}
        self._first = self._scorers[self._first.language]

    def read(self, mention: Mention, found: Found, language: str | None = None) -> Reading:
        """How a mention reads, with all names in it hidden from the scorer.

        `language` is that of its thread. An unknown language is taken for the first scorer's: most of what is too short
        to tell is names and emoji. What has no words, as a repost, is not neutral but not scored.
        """
        if not mention.title and not mention.text.strip():
            return Reading(None, self._not_scored("no words of its own"))
        language = language_of(mention.lang, mention.text, self._detect)
        severity = _severe_in(self._severe, mention, found, language)
        scorer = self._first if language is None else self._scorers.get(language)
        if scorer is None:
            return Reading(language, self._not_scored(f"no scorer for {language}"), severity)
        sentiment = Sentiment(scorer=scorer.name, compound=scorer.compound(_shown(mention, found)) / UNIT)
        return Reading(language, sentiment, severity)

    def about(self, reading: Reading, mention: Mention, matches: Iterable[Match]) -> Sentiment:
        """How a mention feels about one of the brands that it names, at `matches`."""
        return reading.sentiment

    def severity(
        self, reading: Reading, mention: Mention, found: Found, own: SeverityFinder | None
    ) -> tuple[Severe, ...]:
        """What matters in a mention to one of its brands, which may have words of its `own`."""
        if own is None:
            return reading.severity
        return with_own(reading.severity, _severe_in(own, mention, found, reading.language))

    def _not_scored(self, because: str) -> Sentiment:
        return Sentiment(scorer=self._first.name, compound=None, not_scored=because)


def _severe_in(
    finder: SeverityFinder | None, mention: Mention, found: Found, language: str | None
) -> tuple[Severe, ...]:
    """What stands in its text and its title, but for the names of brands."""
    if finder is None:
        return ()
    severe = finder.find("text", mention.text, language, found.text_spans)
    return severe + finder.find("title", mention.title, language, found.title_spans) if mention.title else severe


def _shown(mention: Mention, found: Found) -> str:
    text = masked(mention.text, found.text_spans)
    return f"{masked(mention.title, found.title_spans)}. {text}" if mention.title else text
