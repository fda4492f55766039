"""How names change with their place in a sentence: endings by language, and words written onto their front by script.

The rules are the files in `inflections`, one a language.
"""

import tomllib
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from itertools import product
from typing import Any, NamedTuple

from listener.brands.boundaries import lower, splits
from listener.brands.spelling import unaccented

SHORTEST = 3  # letters of a name that is inflected, and of a stem that is looked for
HYPHENS = ("-", "\u2011", "\u2013")
LONGEST_ENDING = 8
WHOLE = frozenset({""})  # the endings of a form that is looked for whole


class Declension(NamedTuple):
    """What names that end in one of `ends` take for their last `drop` letters."""

    ends: tuple[str, ...]
    drop: int
    endings: frozenset[str]


class Agreement(NamedTuple):
    """Of names of two words that end in `first` and `last`, in what both end in the other cases."""

    first: str
    last: str
    forms: tuple[tuple[str, str], ...]

    def stems(self, name: str) -> Iterator[tuple[str, frozenset[str]]]:
        """The forms of a name of two words, as `Endings.stems` has them; none of another name, or of initials."""
        one, space, other = name.partition(" ")
        if len(one) < SHORTEST:
            return
        if " " in other or not one.endswith(self.first) or not other.endswith(self.last) or not other[-1:].isalpha():
            return
        for first, last in self.forms if space else ():
            stem = one.removesuffix(self.first) + first + space + other.removesuffix(self.last)
            yield stem, frozenset((last,))


class Endings(NamedTuple):
    """The rules of a language that inflects at the end, in Latin letters.

    `set_off` are the endings that may follow a hyphen, with it.
    """

    set_off: frozenset[str]
    declensions: tuple[Declension, ...]
    agreements: tuple[Agreement, ...] = ()

    def stems(self, name: str) -> Iterator[tuple[str, frozenset[str]]]:
        """What to look for of a name in small letters, and how it goes on from there in the name's forms.

        A stem too short to look for is told with each of its endings instead. A number only takes a hyphen.
        """
        if len(name) < SHORTEST - 1 or not name[-1].isalnum() or not unaccented(name[-1]).isascii():
            return
        for agreement in self.agreements:
            yield from agreement.stems(name)
        declension = next((one for one in self.declensions if name.endswith(one.ends)), None)
        if declension is None or not name[-1].isalpha() or len(name) < SHORTEST:
            yield name, self.set_off
            return
        if not declension.drop:
            yield name, self.set_off | declension.endings
            return
        yield name, self.set_off
        stem = name[: -declension.drop]
        if len(stem) >= SHORTEST:
            yield stem, declension.endings
            return
        yield from ((stem + ending, WHOLE) for ending in sorted(declension.endings))


class Prefixes(NamedTuple):
    """The rules of a script whose small words are written onto the front. `letters` are its first and its last."""

    language: str
    letters: tuple[str, str]
    prefixes: frozenset[str]
    set_off_by: frozenset[str]
    longest: int

    def begins(self, text: str, start: int, end: int) -> int | None:
        """Where the prefix begins that the name from `start` to `end` has, or None where it has none.

        A short name of the same script needs a sign between: with a letter before it, it is another word.
        """
        first, last = self.letters
        stop = start - 1 if text[start - 1 : start] in self.set_off_by else start
        if stop == start and end - start < SHORTEST and first <= text[start] <= last:
            return None
        begin = stop
        while begin > 0 and stop - begin <= self.longest and first <= text[begin - 1] <= last:
            begin -= 1
        return begin if text[begin:stop] in self.prefixes else None


class Inflections(NamedTuple):
    """The rules of all languages: those of the end by the language's code."""

    endings: dict[str, Endings]
    prefixes: tuple[Prefixes, ...]

    def of(self, language: str) -> Endings | None:
        """The endings of a language (a code such as "ro" or "ro-RO"), None where there is no file of it."""
        return self.endings.get(language.lower().partition("-")[0])

    def prefix(self, text: str, start: int, end: int) -> tuple[int, str] | None:
        """Where the word begins that is a prefix and the name from `start` to `end`, and its language.

        Needs no settings: letters of such a script right before a name are a prefix, or part of another word.
        """
        for rules in self.prefixes:
            begin = rules.begins(text, start, end)
            if begin is not None:
                return begin, rules.language
        return None


def ending_at(text: str, end: int, endings: frozenset[str]) -> int | None:
    """Where the word ends that goes on at `end` with one of `endings`, the longest; None where it does with none."""
    rest = lower(text[end : end + LONGEST_ENDING])
    if rest.startswith(HYPHENS):
        rest = "-" + rest[1:]
    for size in range(len(rest), -1, -1):
        if rest[:size] in endings and splits(text, end + size):
            return end + size
    return None


@lru_cache(maxsize=1)
def inflections() -> Inflections:
    """The rules of the package, read once."""
    endings: dict[str, Endings] = {}
    prefixes = []
    for rules in _files():
        if "declension" in rules:
            endings |= dict.fromkeys(rules["languages"], _endings(rules))
        if "prefixes" in rules:
            prefixes.append(_prefixes(rules))
    return Inflections(endings, tuple(prefixes))


def _files() -> Iterator[dict[str, Any]]:
    for file in sorted(files("listener.brands").joinpath("inflections").iterdir(), key=lambda file: file.name):
        if file.name.endswith(".toml"):
            yield tomllib.loads(file.read_text(encoding="utf-8"))


def _endings(rules: dict[str, Any]) -> Endings:
    return Endings(
        frozenset("-" + ending for ending in rules["set_off"]),
        tuple(Declension(tuple(one["ends"]), one["drop"], frozenset(one["endings"])) for one in rules["declension"]),
        tuple(
            Agreement(one["first"], one["last"], tuple((first, last) for first, last in one["forms"]))
            for one in rules.get("agreement", ())
        ),
    )


def _prefixes(rules: dict[str, Any]) -> Prefixes:
    first, last = rules["letters"]
    made = frozenset("".join(parts) for parts in product(*(["", *slot] for slot in rules["prefixes"]))) - {""}
    return Prefixes(rules["languages"][0], (first, last), made, frozenset(rules["set_off_by"]), max(map(len, made)))
