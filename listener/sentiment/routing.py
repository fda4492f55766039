"""Which scorer reads a text: that of its language, or for a text in several languages one for each part."""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple

from listener.sentiment.emoji import shows_feeling
from listener.sentiment.language import WORDLESS, Detect, Identified, Identifier
from listener.sentiment.parts import Part, parts_of
from listener.sentiment.scoring import Scorer

NO_WORDS = "no words of its own"
REST = "none"  # stands for a part without a scorer in the name of a scorer of parts


class Routed(NamedTuple):
    """The language of a text and how sure that is (`Identified`); its scorer, or why it has none.

    `mixed`: it is in several languages, and that is the one of most of it.
    """

    language: str | None
    confidence: float | None
    scorer: Scorer | None
    because: str = ""
    mixed: bool = False


class Router:
    """Finds the scorer of a text. A scorer of the language "" reads what has emoji and no words."""

    def __init__(self, scorers: Sequence[Scorer], detect: Detect) -> None:
        self._scorers = {scorer.language: scorer for scorer in scorers}
        self.first = scorers[0]
        self._said = {scorer.language: Routed(scorer.language, None, scorer) for scorer in scorers if scorer.language}
        self._detect = detect
        self._identify = Identifier(detect, {scorer.language: scorer.words for scorer in scorers}).identify

    def with_scorers(self, scorers: Sequence[Scorer]) -> "Router":
        """The same with these scorers for their languages."""
        own = self._scorers | {scorer.language: scorer for scorer in scorers}
        return Router(list(own.values()), self._detect)

    def route(self, said: str | None, text: str, thread: str | None, among: Collection[str] | None) -> Routed:
        """The scorer of a text whose names are masked; the rest as for `Identifier.identify`.

        What has no words and no moods is not neutral but not scored.
        """
        told = self._identify(said, text, thread, among)
        language = told.language
        if language and not told.parts and (known := self._said.get(language)) is not None:
            return known if told.confidence is None else known._replace(confidence=told.confidence)
        if told.parts and not self._scorers.keys().isdisjoint(told.parts):
            parts = parts_of(text, told.parts)
            if len({part.language for part in parts}) > 1:
                return self._mixed(parts, told)
        if told.language == WORDLESS and not shows_feeling(text):
            return Routed(None, None, None, NO_WORDS)
        scorer = self._scorer(told, among)
        because = "" if scorer else f"no scorer for {told.language}" if told.language else "language unknown"
        return Routed(told.language or None, told.confidence, scorer, because)

    def _scorer(self, told: Identified, among: Collection[str] | None) -> Scorer | None:
        """The scorer of a language. What is too short to tell is mostly names: likely in the brand's language."""
        if told.language is not None:
            return self._scorers.get(told.language)
        if not told.short:
            return next((one for code, one in self._scorers.items() if code in told.likely), None)
        return next((one for code, one in self._scorers.items() if among and code in among), self.first)

    def _mixed(self, parts: list[Part], told: Identified) -> Routed:
        """The scorer of a text in several languages, and the language of most of it.

        It scores if half of the words are in languages with a scorer; its name says which, and whether there is a rest.
        """
        spoken = Counter[str]()
        for part in parts:
            spoken[part.language] += part.words
        language = spoken.most_common(1)[0][0]
        names = [scorer.name for code, scorer in self._scorers.items() if code in spoken]
        words = sum(count for code, count in spoken.items() if code in self._scorers)
        if 2 * words < spoken.total():
            return Routed(language, told.confidence, None, f"no scorer for {language}", mixed=True)
        if words < spoken.total():
            names.append(REST)

        def compound(text: str) -> int:
            return self._by_parts(text, told.parts)

        return Routed(language, told.confidence, Scorer("+".join(names), language, compound), mixed=True)

    def _by_parts(self, text: str, languages: Sequence[str]) -> int:
        """The mean compound of the parts that have a scorer, each weighing as many as it has words."""
        total = words = 0
        for part in parts_of(text, languages):
            if (scorer := self._scorers.get(part.language)) is not None:
                total += part.words * scorer.compound(part.text)
                words += part.words
        return round(total / words) if words else 0
