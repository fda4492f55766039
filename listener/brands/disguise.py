"""Names in disguise: signs and foreign letters in place of letters, letters said again and again, signs nobody sees.

A text is reduced to its skeleton, in which what looks alike is the same and is said once; names are looked for there by
theirs. What is found is then compared sign by sign: each is the letter itself or a known disguise of it.
"""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from listener.brands.boundaries import is_name, is_word, lower
from listener.brands.spelling import unaccented
from listener.brands.terms import Place, Term, names_of
from schemas.settings import Brand

LEAST = 3  # letters of a name that may be disguised
ELONGATED = 3  # times that a letter is said to be no slip

# What stands for a letter: signs like it, and letters of other scripts that look the same.
DISGUISES = {
    "a": "4@аα",
    "b": "86вβ",
    "c": "(сϲ",
    "d": "ԁ",
    "e": "3€еє",
    "g": "96ɡ",
    "h": "нһ",
    "i": "1!|іιl",
    "j": "јϳ",
    "k": "кκ",
    "l": "1!|ӏ",
    "m": "мμ",
    "n": "пη",
    "o": "0оοσօ",
    "p": "рρ",
    "q": "9ԛ",
    "r": "гя",
    "s": "5$ѕ",
    "t": "7+тτ",
    "u": "υս",
    "v": "ѵν",
    "w": "ѡω",
    "x": "хχ",
    "y": "уγү",
    "z": "2",
}
AT_AN_END = frozenset("!|(+€@")  # there they are punctuation, money, an address
_LOOKS = {"": frozenset[str]()} | {letter: frozenset(signs) for letter, signs in DISGUISES.items()}
_SAME = {"l": "i", "b": "g", "q": "g"}  # letters that share a disguise have one skeleton
_BONES = {sign: _SAME.get(letter, letter) for letter, signs in DISGUISES.items() for sign in letter + signs}
_ASCII = {number: _BONES.get(chr(number).lower(), chr(number).lower()) for number in range(128)}


class _Run(NamedTuple):
    """Characters of one bone beside each other, but for what nobody sees, and the places of the first and the last."""

    letters: str
    first: int
    last: int


class Disguises:
    """The names of all brands that are to be found in disguise."""

    def __init__(self, brands: Iterable[Brand]) -> None:
        names: dict[str, dict[Term, list[_Run]]] = {}
        for number, brand in enumerate(brands):
            for name, why, _ in names_of(brand) if brand.disguised else ():
                if sum(map(str.isalpha, name)) >= LEAST and not name.startswith("$"):
                    term = Term(number, "name", why, name, form="disguised")
                    runs = _runs(unaccented(lower(name.strip())))
                    names.setdefault("".join(_bone(run.letters[0]) for run in runs), {})[term] = runs
        self._names = [list(terms.items()) for terms in names.values()]
        self._automaton = AhoCorasick(
            list(names), matchkind=MatchKind.Standard, implementation=Implementation.ContiguousNFA
        )

    def find(self, text: str) -> list[Place]:
        """Where names stand in disguise in a text, in the order of their ends. None where they stand as they are."""
        if not self._names:
            return []
        skeleton = text.translate(_ASCII) if text.isascii() else "".join(map(_bone, text))
        found = self._automaton.find_matches_as_indexes(
            "".join(bone for bone, _ in groupby(skeleton)), overlapping=True
        )
        runs = _runs(text) if found else []
        return [
            place
            for number, start, end in found
            for term, name in self._names[number]
            if (place := _compared(text, runs[start:end], name, term))
        ]


@lru_cache(maxsize=4096)
def _bone(character: str) -> str:
    """What a character looks like; "" if nobody sees it."""
    if unicodedata.category(character) in {"Cf", "Mn", "Me"}:
        return ""
    plain = _plain(character)
    return _BONES.get(plain, plain) if len(plain) == 1 else character


def _plain(character: str) -> str:
    """A character without accents, in small letters, of the usual width and style."""
    return unaccented(unicodedata.normalize("NFKC", character)).lower()


def _runs(text: str) -> list[_Run]:
    seen = [(bone, place) for place, character in enumerate(text) if (bone := _bone(character))]
    runs = []
    for _, group in groupby(seen, key=lambda one: one[0]):
        places = [place for _, place in group]
        runs.append(_Run("".join(text[place] for place in places), places[0], places[-1]))
    return runs


def _compared(text: str, said: list[_Run], name: list[_Run], term: Term) -> Place | None:
    """The place if it is the name and disguised, else None. A third of the letters at least must be the name's own."""
    start, end = said[0].first, said[-1].last + 1
    capitals = text[start:end].isupper()
    same = 0
    for here, there in zip(said, name, strict=True):
        letters = there.letters
        if len(here.letters) >= max(ELONGATED, len(letters) + 1):
            letters = (letters + letters[-1] * len(here.letters))[: len(here.letters)]
        if len(here.letters) != len(letters):
            return None
        if not all(_stands_for(sign, letter, capitals) for sign, letter in zip(here.letters, letters, strict=True)):
            return None
        same += sum(map(_is, here.letters, letters))
    whole = sum(len(run.letters) for run in said)
    if lower(text[start:end]) == lower(term.term) or 3 * same < whole or not _stands_free(text, start, end):
        return None
    return Place(start, end, term)


def _is(sign: str, letter: str) -> bool:
    return sign.lower() == letter or _plain(sign) == letter


def _stands_for(sign: str, letter: str, capitals: bool) -> bool:
    """Whether a sign is a letter or looks like it; a capital I looks like a small l among small letters only."""
    if _is(sign, letter) or (sign == "I" and letter == "l" and not capitals):
        return True
    return _plain(sign) in _LOOKS.get(letter, _LOOKS[""])


def _stands_free(text: str, start: int, end: int) -> bool:
    if text[start] in AT_AN_END or text[end - 1] in AT_AN_END or not is_name(text, start, end):
        return False
    if "@" in text[start:end] and text[end : end + 1] == "." and text[end + 1 : end + 2].isalnum():
        return False  # an e-mail address
    return start == 0 or is_word(text[start]) or not is_word(text[start - 1])
