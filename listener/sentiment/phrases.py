"""Phrases as a lexicon file writes them, and texts as they are compared with them.

In a phrase (a|b) are alternatives, (a|) may be absent, {name} is a list of the file's [words], and a * at the end lets
the last word go on. A text is compared word by word: in small letters, without apostrophes and accents, each number as
0, each spelling of [same] as its word, and without [filler] words, which mean nothing here.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, Final

_KEPT: Final = ".!?%"  # marks that phrases may name
_APART: Final = tuple((mark, f" {mark} ") for mark in _KEPT)
_DROPPED: Final = b"'`"
_ASCII: Final = bytes(
    ord("0") if chr(code).isdigit() else ord(chr(code).lower()) if chr(code).isalnum() or chr(code) in _KEPT else 32
    for code in range(128)
) + bytes(range(128, 256))
_MARKS: Final = str.maketrans(
    {code: chr(plain) for code, plain in enumerate(_ASCII[:128]) if code != plain}
    | dict.fromkeys(map(ord, f"{_DROPPED.decode()}’‘´ʼ\ufe0f"))
    | dict.fromkeys(map(ord, "“”„«»–—"), " ")
    | {ord("…"): "."}
)
_EMOJI: Final = re.compile("[\u2190-\u2bff\U0001f000-\U0001faff]")
_ACCENTS: Final = re.compile("[\u0300-\u036f]+")

MOST_PHRASES = 60_000  # of one file: more would take seconds to build and hundreds of megabytes


class Spelling:
    """How the words of one lexicon are spelled: `same` maps a word to all its other spellings."""

    def __init__(self, same: Mapping[str, str], filler: str) -> None:
        self._word = {other: word for word, others in same.items() for other in others.split()}
        self._word |= {f"0{way}": f"0 {self._word.get(way, way)}" for way in (*same, *self._word) if way.isalpha()}
        self._word |= dict.fromkeys(filler.split(), "")

    def plain(self, text: str) -> str:
        """A text as phrases are compared with it: words with one space before, between and after them."""
        tokens = _tokens(text)
        return f" {' '.join(filter(None, map(self._word.get, tokens, tokens)))} "  # a loop in C: half the time

    def pattern(self, phrase: str) -> str:
        """A phrase as it stands in a plain text. Raise ValueError if it has words that are passed over, or none."""
        if any(not self._word.get(token, token) for token in _tokens(phrase)):
            raise ValueError(f"{phrase!r}: has a word that is passed over in texts")
        plain = self.plain(phrase)
        if not plain.strip():
            raise ValueError(f"{phrase!r}: has no word")
        return plain.rstrip() if phrase.endswith("*") else plain


def _tokens(text: str) -> list[str]:
    text = text.encode().translate(_ASCII, _DROPPED).decode() if text.isascii() else _folded(text)
    for mark, apart in _APART:
        if mark in text:
            text = text.replace(mark, apart)
    while "00" in text:
        text = text.replace("00", "0")
    return text.split()


def _folded(text: str) -> str:
    """The same for a text beyond ASCII: letters lose their accents, emoji become words."""
    text = _EMOJI.sub(lambda found: f" {found[0]} ", text.lower().translate(_MARKS))
    return text if text.isascii() else _ACCENTS.sub("", unicodedata.normalize("NFD", text))


def phrases_of(lines: str, words: Mapping[str, str]) -> Iterator[str]:
    """All phrases of a rule, one line after the other, with their alternatives written out."""
    lists = {f"{{{name}}}": f"({alternatives})" for name, alternatives in words.items()}
    for line in filter(None, map(str.strip, lines.splitlines())):
        for name, alternatives in lists.items():
            line = line.replace(name, alternatives)  # noqa: PLW2901 - each list is put in place in turn
        yield from filter(None, (" ".join(phrase.split()) for phrase in alternatives_of(line)))


def alternatives_of(line: str) -> Iterator[str]:
    """A line with its first (a|b) written out, and so on. Raise ValueError where a bracket is not closed."""
    start = line.find("(")
    if start < 0:
        yield line
        return
    cuts, depth = [start], 0
    for at in range(start, len(line)):
        mark = line[at]
        depth += (mark == "(") - (mark == ")")
        if mark in "|)" and depth == (mark == "|"):
            cuts.append(at)
        if not depth:
            break
    if depth:
        raise ValueError(f"{line!r}: a bracket is not closed")
    tails = list(alternatives_of(line[cuts[-1] + 1 :]))
    for left, right in pairwise(cuts):
        for head in alternatives_of(line[left + 1 : right]):
            for tail in tails:
                yield line[:start] + head + tail


def patterns_of(content: Mapping[str, Any], spelling: Spelling) -> dict[str, list[int]]:
    """The patterns of a lexicon, and for each the places of its rules in the file. Raise ValueError for too many."""
    patterns: dict[str, list[int]] = {}
    for number, rule in enumerate(content["rules"]):
        for phrase in phrases_of(rule["phrases"], content.get("words", {})):
            rules = patterns.setdefault(spelling.pattern(phrase), [])
            if number not in rules:
                rules.append(number)
        if len(patterns) > MOST_PHRASES:
            raise ValueError(f"rule {rule['name']!r}: the lexicon has more than {MOST_PHRASES} phrases by now")
    return patterns
