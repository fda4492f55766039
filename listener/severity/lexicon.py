"""What a lexicon of severity says: terms by category with their weights, phrases that mean something else, what lowers.

A file a language, written for people (docs/severity.md); how terms are written: `terms.py`.
"""

import tomllib
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Any, NamedTuple, get_args

from listener.severity.terms import BadTerm, Entry, expand, folded, pieces_of
from schemas.brand_mention import Category

CATEGORIES: tuple[Category, ...] = get_args(Category)
NAMES = ("en", "ro", "hr", "he")


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
    exceptions: tuple[Entry, ...]
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
        tuple(Entry(None, 0.0, pieces_of(phrase, sets)) for phrase in content["exceptions"]["phrases"]),
        Cues(**{name: _forms(terms, sets) for name, terms in content["lowering"].items()}),
    )


def _entries(content: Mapping[str, Any], sets: Mapping[str, tuple[str, ...]]) -> Iterable[Entry]:
    for category in CATEGORIES:
        for weight, terms in content.get(category, {}).items():
            if not 0 <= float(weight) <= 1:
                raise BadTerm(f"{category}: the weight {weight} is not from 0 to 1")
            for term in terms:
                yield Entry(category, float(weight), pieces_of(term, sets), content.get("article"))


def _forms(terms: Iterable[str], sets: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(form.written for term in terms for form in folded(expand(term, sets))))
