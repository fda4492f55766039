"""How a mention feels: masked, and only where its language has a scorer."""

from collections.abc import Callable, Iterable

from listener.sentiment.language import Detect, language_of
from listener.sentiment.masking import masked
from schemas.brand_mention import Sentiment
from schemas.mention import Mention

Compound = Callable[[str], int]  # text -> score * 10,000

UNIT = 10_000


class Scorer:
    """One scorer with its language, and what finds the language out."""

    def __init__(self, name: str, language: str, compound: Compound, detect: Detect) -> None:
        self.name = name
        self.language = language
        self._compound = compound
        self._detect = detect

    def score(
        self, mention: Mention, text_spans: Iterable[tuple[int, int]], title_spans: Iterable[tuple[int, int]]
    ) -> tuple[str | None, Sentiment]:
        """(the language, the sentiment) of a mention, with all names at the spans hidden.

        An unknown language is taken for the scorer's: most of what is too short to tell is names and emoji. What has
        no words, as a repost, is not neutral but not scored.
        """
        if not mention.title and not mention.text.strip():
            return None, Sentiment(scorer=self.name, compound=None, not_scored="no words of its own")
        language = language_of(mention.lang, mention.text, self._detect)
        if language is not None and language != self.language:
            return language, Sentiment(scorer=self.name, compound=None, not_scored=f"no scorer for {language}")
        text = masked(mention.text, text_spans)
        if mention.title:
            text = f"{masked(mention.title, title_spans)}. {text}"
        return language, Sentiment(scorer=self.name, compound=self._compound(text) / UNIT)
