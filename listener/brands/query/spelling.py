"""Whether a word is the one that is looked for: its encodings, wildcards, and a bounded number of wrong letters."""

import re
import unicodedata
from collections.abc import Callable

from listener.brands.boundaries import lower
from listener.brands.edits import within
from listener.brands.query.syntax import Word
from listener.brands.spelling import CEDILLA, COMMA

WILDCARD = re.compile(r"[*?]")


def encodings(text: str) -> list[str]:
    """The ways the same letters are encoded: composed or not, Romanian ș and ț with comma or cedilla."""
    ways = {text, text.translate(CEDILLA), text.translate(COMMA)}
    return sorted({unicodedata.normalize(form, way) for form in ("NFC", "NFD") for way in ways})


def forms_of(word: Word) -> list[str]:
    """The encodings of a word, in small letters."""
    return sorted({lower(form) for form in encodings(lower(word.text))})


def is_spelled(word: Word) -> Callable[[str], bool]:
    """What says of a word in small letters whether it is `word`, but for capitals."""
    forms = forms_of(word)
    if word.edits:
        return lambda other: any(within(form, other, word.edits) is not None for form in forms)
    if word.wild:
        return globs(forms)
    return frozenset(forms).__contains__


def has_capitals(word: Word) -> Callable[[str], bool]:
    """What says of a word as it was written whether it is `word` with its capitals."""
    return globs(encodings(word.text)) if word.wild else frozenset(encodings(word.text)).__contains__


def globs(forms: list[str]) -> Callable[[str], bool]:
    """What says whether a word is any of these, in which "*" stands for any letters and "?" for one.

    What stands between two "*" is taken where it first occurs and not looked for again: linear in the word.
    """
    beginnings = tuple(form.removesuffix("*") for form in forms)
    if all(form.endswith("*") and not WILDCARD.search(form, 0, len(form) - 1) for form in forms):
        return lambda other: other.startswith(beginnings)
    match = re.compile("|".join(map(_expression, forms)), re.DOTALL).fullmatch
    return lambda other: match(other) is not None


def _expression(form: str) -> str:
    first, *others = (piece.replace(r"\?", ".") for piece in re.escape(form).split(r"\*"))
    if not others:
        return first
    middle = "".join(rf"(?>.*?{piece})" for piece in others[:-1] if piece)
    return f"{first}{middle}.*{others[-1]}"
