"""Which patterns stand for a brand: its names as people write them, its hashtags, handles, and words to go by."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from listener.brands.boundaries import lower
from listener.brands.frequency import OrdinaryWords
from listener.brands.inflection import WHOLE, inflections
from listener.brands.spelling import APART, RARE_GAPS, SINGULAR, encodings, spellings
from schemas.brand_mention import Why
from schemas.settings import Brand

ANY = ""  # a term that holds on every platform
NO_ENDINGS: frozenset[str] = frozenset()


class Term(NamedTuple):
    """What a pattern means for one brand.

    `role` is how it counts: "name", "squeezed" (a name without its spaces, good in hashtags), "require", "exclude",
    "query" (a literal of the brand's query: the query is to be looked at), "hidden" (no reason by itself, but hidden
    from the scorer: the name of a brand that is looked for by its query).
    `form` is how the pattern departs from the term. It holds only with the capitals of `written`, where that is set,
    and where the word goes on with one of `endings`, where there are any.
    """

    brand: int
    role: str
    why: Why
    term: str
    platform: str = ANY
    form: str = ""
    written: str = ""
    endings: frozenset[str] = NO_ENDINGS


class Place(NamedTuple):
    """A place in a text, and what it means."""

    start: int
    end: int
    term: Term


def terms_of(number: int, brand: Brand, ordinary: OrdinaryWords) -> Iterator[tuple[str, Term]]:
    """The patterns of a brand, which is the `number`th of the settings, each with what it means.

    Names as they are come before other ways to write them: what is one brand's in two ways is so in the first.
    """
    known: set[str] = set()
    for pattern, term in sorted(_all_name_terms(number, brand, ordinary), key=lambda pair: pair[1].form != ""):
        if not term.endings and term.role == "name" and not term.written:
            if pattern in known and term.form:
                continue
            known.add(pattern)
        yield pattern, term
    if brand.query and not brand.aliases:
        for spelling in encodings(brand.name):
            yield spelling, Term(number, "hidden", "alias", brand.name)
    for hashtag in brand.hashtags:
        tag = "#" + hashtag.lstrip("#")
        yield lower(tag), Term(number, "name", "hashtag", tag)
    for handles in (brand.handles, brand.owned):
        for platform, names in handles.items():
            for name in names:
                yield handle_of(name), Term(number, "name", "handle", handle_of(name), platform.lower())
    for role, words in (("require", brand.require), ("exclude", brand.exclude)):
        for word in words:
            for spelling in encodings(word):
                yield spelling, Term(number, role, "alias", word)


def names_of(brand: Brand) -> Iterator[tuple[str, Why, str]]:
    """The names that are looked for as words: each with why it is one, and its form."""
    for alias in brand.aliases or (() if brand.query else (brand.name,)):
        yield alias, "alias", ""
    for product in brand.products:
        yield product, "product", ""
    for name in brand.transliterations:
        yield name, "alias", "transliterated"


def forms_of(brand: Brand, ordinary: OrdinaryWords) -> Counter[str]:
    """In how many forms each name of a brand is looked for, misspellings and disguises apart."""
    forms: Counter[str] = Counter()
    for _, term in _all_name_terms(0, brand, ordinary):
        forms[term.term] += max(1, len(term.endings))
    return forms


def handle_of(name: str) -> str:
    """A handle as patterns have it: with its "@", in small letters."""
    return "@" + lower(name.lstrip("@"))


def _all_name_terms(number: int, brand: Brand, ordinary: OrdinaryWords) -> Iterator[tuple[str, Term]]:
    for name, why, form in names_of(brand):
        if name.startswith("$"):
            yield lower(name), Term(number, "name", "cashtag", name)
            continue
        term = Term(number, "name", why, name, form=form)
        yield from _spelled(term, brand, ordinary)


def _spelled(term: Term, brand: Brand, ordinary: OrdinaryWords) -> Iterator[tuple[str, Term]]:
    """The ways to write a name, their inflected forms, and the name in a hashtag.

    What has lost its spaces is a slip like a wrong letter: without capitals only where misspellings are looked for.
    """
    ways = spellings(term.term, ordinary)
    squeezed = {"".join(character for character in lower(term.term) if character.isalnum())}
    squeezed |= {spelling.small for spelling in ways if spelling.joined}
    for pattern in sorted(squeezed - {"", *encodings(term.term)}):
        yield pattern, term._replace(role="squeezed", form=term.form or "hashtag")
    for spelling in ways:
        capitals = spelling.capitals or (spelling.joined and not brand.misspelled)
        if capitals and spelling.written == spelling.small:
            continue
        form = spelling.form or term.form
        if form == SINGULAR:  # whole: with a plural ending it is the name as it is
            yield spelling.small, term._replace(form=form, endings=WHOLE)
            continue
        yield spelling.small, term._replace(form=form, written=spelling.written if capitals else "")
        if not capitals and spelling.form != APART and not any(gap in spelling.small for gap in RARE_GAPS):
            yield from _inflected(spelling.small, term, brand.languages)


def _inflected(name: str, term: Term, languages: Iterable[str]) -> Iterator[tuple[str, Term]]:
    known = {language: inflections().of(language) for language in languages}
    for language, rules in known.items():
        if rules is None or rules in list(known.values())[: list(known).index(language)]:
            continue
        for stem, endings in rules.stems(name):
            yield stem, term._replace(form=f"inflected {language}", endings=endings)
