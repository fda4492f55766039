"""Terms as lexicons write them, and their forms. Braces hold choices, of which one stands there.

"recall{,s,ed}" is "recall", "recalls" and "recalled". A choice that is the name of a set stands for all of that set.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final, NamedTuple

from listener.sentiment.common_words import COMMON_WORDS
from listener.severity.folding import fold
from schemas.brand_mention import Category

MOST_FORMS = 30_000  # of one term
FEW = 12  # words that are looked for one by one


class BadTerm(ValueError):
    """A term that cannot be read."""


class Piece(NamedTuple):
    """A part of a term: what may stand there. An `ending` is shown as its first choice, whichever stands there."""

    choices: tuple[str, ...]
    ending: bool = False


class Form(NamedTuple):
    """One way to write a term, and the term as it is shown: with the first ending of its last word."""

    written: str
    shown: str


class Entry:
    """A term of a category and its weight in [0, 1]; without a category, a phrase that means something else.

    The forms are written out when they are first asked for: of the 80,000 of all lexicons most are never said.
    """

    def __init__(
        self, category: Category | None, weight: float, pieces: Sequence[Piece], article: str | None = None
    ) -> None:
        self.category: Final = category
        self.weight: Final = weight
        self._pieces = pieces
        self._article = article

    @property
    def anchors(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What to look for before the forms: `anchors_of`."""
        return anchors_of(self._pieces, whole=not self._article)

    @cached_property
    def forms(self) -> tuple[Form, ...]:
        """All forms, folded."""
        forms = forms_of(self._pieces)
        return folded([*forms, *_with_article(forms, self._article)])


def pieces_of(term: str, sets: Mapping[str, tuple[str, ...]] | None = None, most: int = MOST_FORMS) -> list[Piece]:
    """The parts of a term. Raise BadTerm, also for one that stands for more than `most` forms."""
    pieces: list[Piece] = []
    rest = term
    many = 1
    while rest:
        plain, brace, rest = rest.partition("{")
        if "}" in plain:
            raise BadTerm(f"{term!r}: a brace is closed that was not opened")
        if plain:
            pieces.append(Piece((plain,)))
        if not brace:
            break
        choices, closed, rest = rest.partition("}")
        if not closed or "{" in choices:
            raise BadTerm(f"{term!r}: a brace is opened and not closed")
        given = tuple(one for choice in choices.split(",") for one in (sets or {}).get(choice, (choice,)))
        many *= len(given)
        if many > most:
            raise BadTerm(f"{term!r}: stands for more than {most} forms")
        first = "".join(piece.choices[0] for piece in pieces)
        pieces.append(Piece(given, ending=not rest and first[-1:].isalpha()))  # written together with the last word
    if not any(all(map(str.strip, piece.choices)) for piece in pieces):
        raise BadTerm(f"{term!r}: one of its forms is empty")
    return pieces


def forms_of(pieces: Iterable[Piece]) -> list[Form]:
    """All forms of a term, in the order of its choices."""
    forms = [("", "")]
    for choices, ending in pieces:
        if len(choices) == 1:
            forms = [(written + choices[0], shown + choices[0]) for written, shown in forms]
        else:
            forms = [
                (written + one, shown + (choices[0] if ending else one)) for written, shown in forms for one in choices
            ]
    return [Form(_spaced(written), _spaced(shown)) for written, shown in forms]


def expand(term: str, sets: Mapping[str, tuple[str, ...]] | None = None, most: int = MOST_FORMS) -> list[Form]:
    """All forms of a term as it is written. Raise BadTerm."""
    return forms_of(pieces_of(term, sets, most))


def folded(forms: Iterable[Form]) -> tuple[Form, ...]:
    """The forms as they are compared."""
    return tuple(Form(fold(written), shown) for written, shown in forms)


def anchors_of(pieces: Sequence[Piece], *, whole: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Two lists of what begins with a word, folded: each form of a term has one of either, at different places.

    The first are those that are said least by accident. The second are few, or none. They are `whole` choices, or the
    longest word of each.
    """
    found = [
        _beginnings(choice if whole else max(choice.split(), key=len) for choice in part) for part in _parts(pieces)
    ]
    first, *others = sorted(found, key=lambda words: (min(map(_rarity, words)), -len(words)), reverse=True)
    return first, next((other for other in others if len(other) <= FEW), ())


def _parts(pieces: Sequence[Piece]) -> list[list[str]]:
    """The choices of the parts of a term that begin and end with a word, where none is empty."""
    joined: list[tuple[str, ...]] = []
    for choices, _ in pieces:
        if joined and _glued(joined[-1], choices):
            joined[-1] = tuple(left + right for left in joined[-1] for right in choices)
        else:
            joined.append(choices)
    parts = [[" ".join(fold(choice).split()) for choice in choices] for choices in joined]
    return [part for part in parts if all(part)]


def _glued(left: Iterable[str], right: Iterable[str]) -> bool:
    """Whether a word may go on from one part into the next."""
    return not all(not one or one[-1] == " " for one in left) and not all(one[:1] == " " for one in right)


def _rarity(word: str) -> tuple[bool, int]:
    return len(word) > 3 and word not in COMMON_WORDS, len(word)


def _beginnings(words: Iterable[str]) -> tuple[str, ...]:
    """The words without those that begin with another."""
    kept: list[str] = []
    for word in sorted(words):
        if not kept or not word.startswith(kept[-1]):
            kept.append(word)
    return tuple(kept)


def _with_article(forms: Iterable[Form], article: str | None) -> Iterable[Form]:
    """The forms of several words with the article before the last, as in Hebrew."""
    for written, shown in forms:
        before, space, last = written.rpartition(" ")
        if article and space and not last.startswith(article):
            yield Form(f"{before} {article}{last}", shown)


def _spaced(words: str) -> str:
    """Words with one space between them: an absent choice leaves two."""
    return " ".join(words.split()) if "  " in words or words[:1].isspace() or words[-1:].isspace() else words
