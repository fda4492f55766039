"""How sure it is that a mention is about a brand: names that mean other things too are judged, all others are certain.

Only what needs it is judged: a brand whose handle, hashtag or unmistakable name stands in a mention costs nothing.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from listener.brands.context import ALSO, IN_THREAD, Context, score_of
from listener.brands.ordinary import UNKNOWN_WORDS, Words, ambiguous_names
from listener.brands.spelling import APART, SINGULAR
from listener.brands.writing import Evidence
from schemas.brand_mention import Certainty, Match
from schemas.mention import Mention
from schemas.settings import Brand

CERTAIN = 0.9  # from this score on
JUDGED = frozenset({APART, SINGULAR})  # forms of an unmistakable name that may be other words
NAMES = frozenset({"alias", "product"})  # all else is certain: handles, hashtags, cashtags, the author, a query


class Judged(NamedTuple):
    """Matches with their scores, and how sure the surest of them is."""

    matches: tuple[Match, ...]
    certainty: Certainty


class Certainties:
    """The ambiguous names of all brands of one version of the settings."""

    def __init__(self, brands: Sequence[Brand], words: Words = UNKNOWN_WORDS) -> None:
        self._brands = brands
        self._words = words
        self._of_forms: dict[tuple[int, str, str], Context] = {}
        self._contexts = {
            number: {name: Context(brand, name, words) for name in names}
            for number, brand in enumerate(brands)
            if (names := ambiguous_names(brand, words))
        }

    def names(self, number: int) -> tuple[str, ...]:
        """The names of the brand of that number that are judged."""
        return tuple(self._contexts.get(number, ()))

    def judge(
        self, number: int, mention: Mention, matches: tuple[Match, ...], language: str | None, *, known: bool
    ) -> Judged:
        """Matches of the brand of that number, with scores. `known`: a post of the thread is certainly about it."""
        if not self.is_doubtful(number, matches):
            return Judged(matches, "certain")
        scored = tuple(
            replace(match, score=score_of(self.evidence(number, mention, match, matches, language, known=known)))
            for match in matches
        )
        return Judged(scored, certainty_of(max(match.score for match in scored), self._brands[number].threshold))

    def is_doubtful(self, number: int, matches: Iterable[Match]) -> bool:
        """Whether all that names a brand are names that mean other things too."""
        contexts = self._contexts.get(number, {})
        found = list(matches)
        return bool(found) and all(
            match.why in NAMES and (match.term in contexts or match.form in JUDGED) for match in found
        )

    def evidence(
        self,
        number: int,
        mention: Mention,
        match: Match,
        matches: Iterable[Match],
        language: str | None,
        *,
        known: bool,
    ) -> list[Evidence]:
        """Each reason for or against one match; none of a brand that needs no judging."""
        context = self.context(number, match)
        if context is None:
            return []
        text, title = self.texts(mention, match)
        told = context.evidence(text, match.start, match.end, title, language)
        if other := next((other.term for other in matches if other.term != match.term), None):
            told.append(Evidence(f"beside another of its names: {other}", ALSO))
        if known:
            told.append(Evidence("its thread is certainly about it", IN_THREAD))
        return told

    def context(self, number: int, match: Match) -> Context | None:
        """What judges a match; of an unmistakable name, what judges the brand's first; None if none is judged."""
        contexts = self._contexts.get(number, {})
        if match.form in JUDGED and match.term not in contexts:
            return self._of_form(number, match)
        return contexts.get(match.term) or next(iter(contexts.values()), None)

    def _of_form(self, number: int, match: Match) -> Context:
        """What judges a name in a form that means other things; made when it is first met."""
        key = (number, match.term, match.form)
        if key not in self._of_forms:
            self._of_forms[key] = Context(self._brands[number], match.term, self._words, form=match.form)
        return self._of_forms[key]

    @staticmethod
    def texts(mention: Mention, match: Match) -> tuple[str, str]:
        """The text of a match, and the title that may tell more of it."""
        return (mention.text, mention.title or "") if match.field == "text" else (mention.title or "", "")


def certainty_of(score: float, threshold: float) -> Certainty:
    """What a score means to a brand that counts what reaches its threshold."""
    if score >= CERTAIN:
        return "certain"
    return "probable" if score >= threshold else "doubtful"
