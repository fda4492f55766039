"""A brand's own words that matter, from its settings: they count for it alone, beside those of the lexicons."""

from collections.abc import Iterable, Mapping

from listener.severity.finder import SeverityFinder, load_finder
from listener.severity.lexicon import CATEGORIES, Cues, Language, Lexicon
from listener.severity.terms import Entry, Piece, pieces_of
from schemas.brand_mention import Severe

WEIGHT = 1.0  # whoever writes them down says that they matter
MOST_FORMS = 100
ENDINGS = Piece(("", "s", "es"), ending=True)  # the plural of names, too


def own_words(severe: Mapping[str, Iterable[str]]) -> SeverityFinder | None:
    """The finder of a brand's words by category, None without any. They hold in every language. Raise BadTerm."""
    entries = tuple(
        Entry(category, WEIGHT, [*own_pieces(term), ENDINGS])
        for category in CATEGORIES
        for term in severe.get(category, ())
    )
    return SeverityFinder([Lexicon(Language(), entries, (), Cues())], load_finder().scopes) if entries else None


def own_pieces(term: str) -> list[Piece]:
    """The parts of a word as a brand's settings have it. Raise BadTerm."""
    return pieces_of(term, most=MOST_FORMS)


def with_own(found: tuple[Severe, ...], own: tuple[Severe, ...]) -> tuple[Severe, ...]:
    """What the lexicons and the brand's own words found; once where both found the same for the same category."""
    known = {(one.category, one.field, one.start, one.end) for one in found}
    return found + tuple(one for one in own if (one.category, one.field, one.start, one.end) not in known)
