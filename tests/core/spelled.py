"""What the tests of spellings share: a matcher of some names that knows a few ordinary words, and what it finds."""

from typing import Any

from listener.brands.matcher import Matcher
from schemas.brand_mention import Match
from schemas.settings import Brand
from tests.core.building import START, a_mention, settings_of

ORDINARY = {
    ("glue", "en"): 4.0,
    ("linked", "en"): 4.8,
    ("in", "en"): 7.3,
    ("lays", "en"): 3.7,
    ("lay", "en"): 4.9,
    ("discovery", "en"): 4.5,
    ("continents", "en"): 3.8,
    ("american", "en"): 5.6,
    ("nowhere", "en"): 4.5,
    ("window", "en"): 4.8,
    ("samo", "hr"): 6.4,
    ("dacă", "ro"): 6.3,
    ("leda", "hr"): 3.9,
    ("כיסא", "he"): 4.2,
    ("dacian", "ro"): 4.0,
}


def frequency(word: str, language: str) -> float:
    return ORDINARY.get((word, language), 0.0)


def matcher_of(*brands: Brand) -> Matcher:
    return Matcher(settings_of(*brands), frequency)


def brand(*names: str, id: str = "one", **fields: Any) -> Brand:
    return Brand(id=id, name=names[0], aliases=names, **fields)


def matched(text: str, *brands: Brand) -> list[Match]:
    """What a text names of the first brand."""
    return matcher_of(*brands).find(a_mention("1", START, text=text)).matches.get(0, [])


def forms(text: str, *brands: Brand) -> list[tuple[str, str]]:
    """What a text says of the first brand, and how that departs from its name."""
    return [(text[match.start : match.end], match.form) for match in matched(text, *brands)]


def said(text: str, *brands: Brand) -> list[str]:
    return [place for place, _ in forms(text, *brands)]
