"""What a lexicon of severity says: terms by category with their weights, phrases that mean something else, what lowers.

A file a language, written for people (docs/severity.md). Braces hold choices, of which one stands there:
"recall{,s,ed}" is "recall", "recalls" and "recalled". A choice that is the name of one of the file's `sets` stands for
all of that set.
"""

import tomllib
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Any, NamedTuple, get_args

from listener.severity.folding import fold
from schemas.brand_mention import Category

CATEGORIES: tuple[Category, ...] = get_args(Category)
MOST_FORMS = 30_000  # of one term
NAMES = ("en", "ro", "hr", "he")


class BadTerm(ValueError):
    """A term that cannot be read."""


class Form(NamedTuple):
    """One way to write a term, and the term as it is shown: with the first ending of its last word."""

    written: str
    shown: str


class Entry(NamedTuple):
    """A term of a category, its weight in [0, 1], and all its forms, folded."""

    category: Category
    weight: float
    forms: tuple[Form, ...]


class Cues(NamedTuple):
    """Words that lower a term beside them, folded. What each list means: `listener/severity/lowering.py`."""

    negated: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
    hypothetical: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    stands: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()


class Language(NamedTuple):
    """What a lexicon is written in: its `codes`. Without codes it holds in every language.

    `prefixes` are letters that are written together with the word after them, as in Hebrew. In a text of which nobody
    knows the language a term of fewer than `least_letters` is not taken for one of its own.
    """

    codes: tuple[str, ...] = ()
    prefixes: str = ""
    least_letters: int = 0


class Lexicon(NamedTuple):
    """The terms of a language, phrases in which they mean something else, and what lowers them."""

    language: Language
    entries: tuple[Entry, ...]
    exceptions: tuple[str, ...]
    cues: Cues


def load_lexicons() -> tuple[Lexicon, ...]:
    """The lexicons that come with listener."""
    folder = files("listener.severity").joinpath("lexicons")
    return tuple(parse_lexicon(folder.joinpath(f"{name}.toml").read_text(encoding="utf-8")) for name in NAMES)


def parse_lexicon(text: str) -> Lexicon:
    """The lexicon in a TOML text. Raise BadTerm."""
    content = tomllib.loads(text)
    sets = {name: tuple(choices.split(",")) for name, choices in content.get("sets", {}).items()}
    return Lexicon(
        Language(tuple(content["languages"]), content.get("prefixes", ""), content.get("least_letters", 0)),
        tuple(_entries(content, sets)),
        _forms(content["exceptions"]["phrases"], sets),
        Cues(**{name: _forms(terms, sets) for name, terms in content["lowering"].items()}),
    )


def _entries(content: Mapping[str, Any], sets: Mapping[str, tuple[str, ...]]) -> Iterable[Entry]:
    for category in CATEGORIES:
        for weight, terms in content.get(category, {}).items():
            if not 0 <= float(weight) <= 1:
                raise BadTerm(f"{category}: the weight {weight} is not from 0 to 1")
            for term in terms:
                forms = expand(term, sets)
                yield Entry(category, float(weight), folded([*forms, *_with_article(forms, content.get("article"))]))


def _with_article(forms: Iterable[Form], article: str | None) -> Iterable[Form]:
    """The forms of several words with the article before the last, as in Hebrew."""
    for written, shown in forms:
        before, space, last = written.rpartition(" ")
        if article and space and not last.startswith(article):
            yield Form(f"{before} {article}{last}", shown)


def _forms(terms: Iterable[str], sets: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(form.written for term in terms for form in folded(expand(term, sets))))


def folded(forms: Iterable[Form]) -> tuple[Form, ...]:
    """The forms as they are compared."""
    return tuple(Form(fold(written), shown) for written, shown in forms)


def expand(term: str, sets: Mapping[str, tuple[str, ...]] | None = None, most: int = MOST_FORMS) -> list[Form]:
    """All forms of a term, in the order of its choices. Raise BadTerm."""
    forms = [("", "")]
    rest = term
    while rest:
        plain, brace, rest = rest.partition("{")
        if plain:
            forms = [(written + plain, shown + plain) for written, shown in forms]
        if "}" in plain:
            raise BadTerm(f"{term!r}: a brace is closed that was not opened")
        if not brace:
            break
        choices, closed, rest = rest.partition("}")
        if not closed or "{" in choices:
            raise BadTerm(f"{term!r}: a brace is opened and not closed")
        given = tuple(one for choice in choices.split(",") for one in (sets or {}).get(choice, (choice,)))
        if len(forms) * len(given) > most:
            raise BadTerm(f"{term!r}: stands for more than {most} forms")
        ending = not rest and forms[0][0][-1:].isalpha()  # written together with the word that ends the term
        forms = [(written + one, shown + (given[0] if ending else one)) for written, shown in forms for one in given]
    found = [Form(_spaced(written), _spaced(shown)) for written, shown in forms]
    if not all(form.written for form in found):
        raise BadTerm(f"{term!r}: one of its forms is empty")
    return found


def _spaced(words: str) -> str:
    """Words with one space between them: an absent choice leaves two."""
    return " ".join(words.split()) if "  " in words or words[:1].isspace() or words[-1:].isspace() else words
