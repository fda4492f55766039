"""Which patterns stand for a brand: its names as they are spelled, its hashtags, handles, and words to go by."""

import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from listener.brands.boundaries import lower
from schemas.brand_mention import Why
from schemas.settings import Brand

ANY = ""  # a term that holds on every platform
CEDILLA, COMMA = str.maketrans("\u0219\u021b", "\u015f\u0163"), str.maketrans("\u015f\u0163", "\u0219\u021b")


class Term(NamedTuple):
    """What a pattern means for one brand.

    `role` is how it counts: "name", "squeezed" (a name without its spaces, good in hashtags), "require", "exclude".
    """

    brand: int
    role: str
    why: Why
    term: str
    platform: str = ANY


def terms_of(number: int, brand: Brand) -> Iterator[tuple[str, Term]]:
    """The patterns of a brand, which is the `number`th of the settings, each with what it means."""
    for alias in brand.aliases or (brand.name,):
        yield from _name_terms(number, alias, "alias")
    for product in brand.products:
        yield from _name_terms(number, product, "product")
    for hashtag in brand.hashtags:
        tag = "#" + hashtag.lstrip("#")
        yield lower(tag), Term(number, "name", "hashtag", tag)
    for handles in (brand.handles, brand.owned):
        for platform, names in handles.items():
            for name in names:
                yield handle_of(name), Term(number, "name", "handle", handle_of(name), platform.lower())
    for role, words in (("require", brand.require), ("exclude", brand.exclude)):
        for word in words:
            for spelling in _spellings(word):
                yield spelling, Term(number, role, "alias", word)


def _name_terms(number: int, name: str, why: Why) -> Iterator[tuple[str, Term]]:
    if name.startswith("$"):
        yield lower(name), Term(number, "name", "cashtag", name)
        return
    spellings = _spellings(name)
    for spelling in spellings:
        yield spelling, Term(number, "name", why, name)
    squeezed = "".join(character for character in lower(name) if character.isalnum())
    if squeezed and squeezed not in spellings:
        yield squeezed, Term(number, "squeezed", why, name)


def _spellings(word: str) -> list[str]:
    """The ways the same word is encoded: composed or not, straight or curly apostrophe, "&" as in HTML.

    And Romanian ș and ț with the cedilla of the Turkish letters, which is all that old keyboards have.
    """
    low = lower(word.strip())
    ways = {low, low.replace("'", "\u2019"), low.replace("\u2019", "'"), low.replace("&", "&amp;")}
    ways |= {low.translate(CEDILLA), low.translate(COMMA)}
    return sorted({lower(unicodedata.normalize(form, way)) for form in ("NFC", "NFD") for way in ways})


def handle_of(name: str) -> str:
    """A handle as patterns have it: with its "@", in small letters."""
    return "@" + name.lstrip("@").lower()
