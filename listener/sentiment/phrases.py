"""Phrases as a lexicon file writes them, and texts as they are compared with them.

In a phrase (a|b) are alternatives, (a|) may be absent, {name} is a list of the file's [words], and a * at the end lets
the last word go on. A text is compared word by word: in small letters, without apostrophes and accents, each number as
0, each spelling of [same] as its word, and without [filler] words, which mean nothing here.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any, Final

_KEPT: Final = ".!?%"  # marks that phrases may name
_APART: Final = tuple((mark, f" {mark} ") for mark in _KEPT)
_DROPPED: Final = b"'`"
_ASCII: Final = bytes(
    ord("0") if chr(code).isdigit() else ord(chr(code).lower()) if chr(code).isalnum() or chr(code) in _KEPT else 32
    for code in range(128)
) + bytes(range(128, 256))
_MARKS: Final = dict.fromkeys("’‘´ʼ\ufe0f", "") | dict.fromkeys("“”„«»–—", " ") | {"…": "."}
_WORD: Final = re.compile(r"[^()|\s]+")  # of a line with its alternatives
_SIGN: Final = re.compile(f"[\u2190-\u2bff\U0001f000-\U0001faff{''.join(_MARKS)}]")  # emoji and marks
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
        tokens: Iterable[str] = _tokens(text)
        if not self._word.keys().isdisjoint(tokens):
            tokens = list(filter(None, map(self._word.get, tokens, tokens)))  # a loop in C: half the time
        return f" {' '.join(tokens)} "

    def spelled(self, line: str) -> str:
        """A line of a lexicon with each of its words as it stands in a plain text.

        Raise ValueError if it has words that are passed over in texts, or none.
        """
        spelled = _WORD.sub(self._in_line, line)
        if not _WORD.search(spelled):
            raise ValueError(f"{line!r}: has no word")
        return spelled

    def _in_line(self, word: re.Match[str]) -> str:
        tokens = _tokens(word[0])
        if not all(self._word.get(token, token) for token in tokens):
            raise ValueError(f"{word[0]!r} in {word.string!r}: is passed over in texts")
        return self.plain(word[0]).strip() + "*" * word[0].endswith("*")


def pattern_of(phrase: str) -> str:
    """A spelled phrase as it stands in a plain text: whole words, the last of which may go on after a *."""
    return f" {phrase[:-1].rstrip()}" if phrase.endswith("*") else f" {phrase.replace('*', '')} "


def _tokens(text: str) -> list[str]:
    text = text.encode().translate(_ASCII, _DROPPED).decode() if text.isascii() else _folded(text)
    for mark, apart in _APART:
        if mark in text:
            text = text.replace(mark, apart)
    while "00" in text:
        text = text.replace("00", "0")
    return text.split()


def _folded(text: str) -> str:
    """The same for a text beyond ASCII: letters lose their accents, emoji become words. By bytes: in .4 of the time."""
    small = text.lower().encode("utf-8", "surrogatepass").translate(_ASCII, _DROPPED)
    text = _SIGN.sub(_plain_sign, small.decode("utf-8", "surrogatepass"))
    return text if text.isascii() else _ACCENTS.sub("", unicodedata.normalize("NFD", text))


def _plain_sign(sign: re.Match[str]) -> str:
    plain = _MARKS.get(sign[0])
    return f" {sign[0]} " if plain is None else plain


def phrases_of(lines: str, words: Mapping[str, str], spelling: Spelling) -> Iterator[str]:
    """All phrases of a rule, spelled, one line after the other, with their alternatives written out.

    The words are spelled before: there are a fifth as many of them as of phrases.
    """
    lists = {f"{{{name}}}": f"({alternatives})" for name, alternatives in words.items()}
    for line in filter(None, map(str.strip, lines.splitlines())):
        for name, alternatives in lists.items():
            line = line.replace(name, alternatives)  # noqa: PLW2901 - each list is put in place in turn
        spelled = spelling.spelled(line)
        yield from filter(None, (" ".join(phrase.split()) for phrase in alternatives_of(spelled)))


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
        for phrase in phrases_of(rule["phrases"], content.get("words", {}), spelling):
            rules = patterns.setdefault(pattern_of(phrase), [])
            if number not in rules:
                rules.append(number)
        if len(patterns) > MOST_PHRASES:
            raise ValueError(f"rule {rule['name']!r}: the lexicon has more than {MOST_PHRASES} phrases by now")
    return patterns
