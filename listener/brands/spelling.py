"""The ways people write a name that is spelled right: its gaps, dots, apostrophes, accents and ampersands."""

import re
import unicodedata
from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

from listener.brands.boundaries import lower
from listener.brands.frequency import OrdinaryWords

MOST_WAYS = 60  # of one name; what comes later is rarer
SHORT = 7  # letters of a name; shorter ones are only known with their gaps, or without accents
FEWEST = 3  # letters of what is known by other letters than the name's own
ORDINARY = 3.5  # one in 300,000 words: a spelling that is so usual is the word, unless its capitals are the name's
ORDINARY_PHRASE = 2.5  # words that stand so often beside each other by chance
SINGULAR = "singular"
APART = "apart"  # the form of a name of one word that is written as two: each place of it is judged (certainty.py)
HALF, KNOWN = 3, 2.0  # letters of a half of such a name, and how usual it must be for anybody to see a word in it
KINDS = frozenset(  # what firms are, as it ends their names
    "airlines airways hotels resorts motors foods stores systems services industries brands cosmetics "
    "pharmaceuticals laboratories labs technologies electronics solutions products holdings partners enterprises "
    "pictures studios games records supermarkets pharmacies restaurants railways coffees bakeries breweries "
    "cinemas theatres theaters markets gyms instruments semiconductors materials networks communications banks "
    "farms brothers logistics outfitters suppliers rentals trains buses ferries cruises lines tools homes "
    "furnishings shoes toys".split()
)

CEDILLA, COMMA = str.maketrans("\u0219\u021b", "\u015f\u0163"), str.maketrans("\u015f\u0163", "\u0219\u021b")
RARE_APOSTROPHES = "\u2018\u02bc\u00b4`\u2032"
APOSTROPHES = str.maketrans(dict.fromkeys("\u2019" + RARE_APOSTROPHES, "'"))
GAP = re.compile(r"[\s\-\u2010\u2011\u2013_]+")
CAMEL = re.compile(r"(?<=[a-zß-öø-ÿčćšžđșțăâî])(?=[A-ZÀ-ÖØ-ÞČĆŠŽĐȘȚĂÂÎ])")
GAPS = (" ", "-", "")
RARE_GAPS = ("\u00a0", "\u2011", "_")
TITLES = frozenset({"dr", "mr", "mrs", "ms", "st", "sv", "sf"})  # abbreviations that are written with a dot or without

# Letters whose mark is no combining sign, and what keyboards without them have instead.
_PLAIN = str.maketrans({"đ": "d", "ø": "o", "ł": "l", "ı": "i", "ħ": "h", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th"})
_PLAIN |= str.maketrans({"Đ": "D", "Ø": "O", "Ł": "L", "Ħ": "H", "Æ": "AE", "Œ": "OE", "Þ": "Th"})
_PAIRS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "đ": "dj", "ø": "oe"})
_PAIRS |= str.maketrans({"Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "Å": "Aa", "Đ": "Dj", "Ø": "Oe"})


class Spelling(NamedTuple):
    """A way to write a name, in small letters, and how it departs from it ("" where it does not).

    `capitals`: it is only the name where it has those of `written`, the same before it was made small.
    `joined`: it is all letters of the name, without what lay between.
    """

    small: str
    form: str
    written: str
    capitals: bool = False
    joined: bool = False


def encodings(word: str) -> list[str]:
    """The ways the same word is encoded: composed or not, straight or curly apostrophe, "&" as in HTML.

    And Romanian ș and ț with the cedilla of the Turkish letters, which is all that old keyboards have.
    """
    return sorted({lower(way) for way in _encoded(word.strip()) | _encoded(lower(word.strip()))})


def unaccented(text: str) -> str:
    """The letters of a text without their marks."""
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFD", text)
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    return unicodedata.normalize("NFC", bare).translate(_PLAIN)


def words_of(name: str, *, camel: bool = False) -> list[str]:
    """The words of a name, of small letters, digits and apostrophes; on request also those joined in camel case."""
    spaced = CAMEL.sub(" ", name) if camel else name
    return [word for word in GAP.split(spaced) if word]


def spellings(name: str, ordinary: OrdinaryWords) -> list[Spelling]:
    """The ways to write a name, those first that are the name as it is. None of them comes twice."""
    found = {small: Spelling(small, "", name) for small in encodings(name)}
    for way, form in list(_ways(name.strip()).items())[:MOST_WAYS]:
        capitals = _is_ordinary(way, form, name, ordinary)
        if (capitals and way == lower(way)) or not any(map(str.isalnum, way)) or _is_possessive(way, name, ordinary):
            continue
        joined = way.isalnum() and len(words_of(name)) > 1
        for written in sorted(_encoded(way)):
            found.setdefault(lower(written), Spelling(lower(written), form, written, capitals, joined))
    if cut := halves(name.strip(), ordinary):
        for way in (" ".join(cut), "-".join(cut)):
            found.setdefault(lower(way), Spelling(lower(way), APART, way))
    return list(found.values())


def halves(name: str, ordinary: OrdinaryWords) -> tuple[str, str] | None:
    """The two words that one most likely sees in a name of one: face book. None where there are no such."""
    if not name.isalpha() or len(words_of(name, camel=True)) != 1:
        return None
    cuts = [(name[:at], name[at:]) for at in range(HALF, len(name) - HALF + 1)]
    known = [cut for cut in cuts if all(ordinary.usual(half) >= KNOWN for half in cut)]
    return max(known, key=lambda cut: min(map(ordinary.usual, cut)), default=None)


def has_capitals_of(written: str, text: str) -> bool:
    """Whether a text that says the same has a capital letter wherever `written` has one."""
    return len(text) == len(written) and all(
        said.isupper() for said, letter in zip(text, written, strict=True) if letter.isupper()
    )


def _encoded(word: str) -> set[str]:
    if word.isascii() and "'" not in word and "&" not in word:
        return {word}
    ways = {word, word.replace("'", "\u2019"), word.replace("\u2019", "'"), word.replace("&", "&amp;")}
    ways |= {word.translate(CEDILLA), word.translate(COMMA)}
    return {unicodedata.normalize(form, way) for form in ("NFC", "NFD") for way in ways}


def _ways(name: str) -> dict[str, str]:
    """Ways to write a name, with its capitals, and their forms: each habit of writing on all those before it."""
    ways = {name: ""}
    for habit, form in (
        (_ampersands, "punctuated"),
        (_apostrophes, "punctuated"),
        (_dots, "punctuated"),
        (_accents, "unaccented"),
        (_number, SINGULAR),
        (_gaps, "spaced"),
    ):
        for way, before in list(ways.items()):
            for other in habit(way):
                ways.setdefault(other, before or form)
    del ways[name]
    return ways


def _ampersands(name: str) -> Iterator[str]:
    parts = re.split(r"\s*&\s*|\s+and\s+", name, flags=re.IGNORECASE)
    if len(parts) == 1 or not all(parts):
        return
    yield " & ".join(parts)
    yield "&".join(parts)
    if min(map(len, parts)) > 1:  # "H and M" nobody writes
        yield " and ".join(parts)


def _apostrophes(name: str) -> Iterator[str]:
    plain = name.translate(APOSTROPHES)
    if "'" in plain:
        yield plain.replace("'", "")
        yield from (plain.replace("'", sign) for sign in RARE_APOSTROPHES)
    elif len(plain) >= SHORT and plain[-1] in "sS" and plain[-2].isalpha() and plain[-2] not in "sS":
        yield f"{plain[:-1]}'{plain[-1]}"


def _dots(name: str) -> Iterator[str]:
    if "." in name:
        yield name.replace(".", "")
        return
    words = name.split(" ")
    if len(words) > 1 and words[0].lower() in TITLES:
        yield f"{words[0]}. {' '.join(words[1:])}"


def _accents(name: str) -> Iterator[str]:
    composed = unicodedata.normalize("NFC", name)
    for bare in (unaccented(composed), unaccented(composed.translate(_PAIRS))):
        if bare != composed:
            yield bare


def _number(name: str) -> Iterator[str]:
    """One of what a firm says it is several of: American Airline. The plural of a name is found at each place."""
    before, _, last = name.rpartition(" ")
    if before and lower(last) in KINDS:
        yield f"{before} {last[:-3]}y" if lower(last).endswith("ies") else f"{before} {last[:-1]}"


def _gaps(name: str) -> Iterator[str]:
    words, camel = words_of(name), words_of(name, camel=True)
    for parts in (words, camel):
        if len(parts) < 2:
            continue
        if len(parts) <= len(GAPS):  # with more gaps only the same in all of them
            yield from map("".join, _woven(parts))
        else:
            yield from (gap.join(parts) for gap in GAPS)
        yield from (gap.join(parts) for gap in RARE_GAPS)


def _woven(parts: list[str]) -> Iterator[list[str]]:
    for gaps in product(GAPS, repeat=len(parts) - 1):
        yield [piece for pair in zip(parts, (*gaps, ""), strict=True) for piece in pair]


def _is_possessive(way: str, name: str, ordinary: OrdinaryWords) -> bool:
    """Whether it is a name that ends in s as the possessive of an ordinary word: Philip's, window's."""
    added = way[-2:-1] == "'" and "'" not in name.translate(APOSTROPHES)
    return added and ordinary.usual(way[:-2]) >= ORDINARY


def _is_ordinary(way: str, form: str, name: str, ordinary: OrdinaryWords) -> bool:
    """Whether a way to write a name is also what others write who do not mean it.

    Between words that the name itself has apart no gap is stranger than another. What is joined and short, or what has
    a letter split off, is anything.
    """
    words, apart = words_of(way), len(words_of(name))
    if len(way) < FEWEST:
        return True
    if len(words) == apart and GAP.sub(" ", way) == GAP.sub(" ", name):
        return False
    if len(words) == apart and form == SINGULAR:
        return False  # it is judged at each place
    if len(words) < apart and len(way) < SHORT:
        return True
    if len(words) > apart and min(map(len, words)) == 1 and "&" not in way:
        return True
    return ordinary.usual(way) >= (ORDINARY if len(words) == 1 else ORDINARY_PHRASE)
