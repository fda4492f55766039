"""What lowers a word that matters: it is denied, or only imagined.

After NegEx (Chapman et al. 2001): cues within the clause, at most a few words before the term, some also after it;
phrases that look like a cue and are none; words that end the clause.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from listener.brands.boundaries import splits
from listener.severity.lexicon import Cues
from schemas.brand_mention import Lowered

BEFORE, AFTER = 8, 6  # words that a cue may be away
LONGEST = 20  # characters of a word that ends a clause
REACH = 80  # characters in which they are looked for: the cost of a term is bounded
NEGATED, HYPOTHETICAL = 0.25, 0.5  # what is left of the weight
CLAUSE_END = re.compile(r"[.!?…]+(?=\s|$)|[;:,\n()\"“”„«»—–|•]|\s-+\s")


class Lowering(NamedTuple):
    """How a term is lowered, and the word that does it."""

    how: Lowered
    cue: str


class Found(NamedTuple):
    """A cue at a place of a stretch of text."""

    start: int
    end: int
    kind: str
    cue: str


class Scope:
    """The cues of one language.

    `negated` ("no") and `denied` ("without") stand before the term: one of them negates it, one of each cancel out,
    since what is denied and not is said. Two of one kind are one: Romanian, Croatian and Hebrew negate twice.
    `hypothetical` ("if") stands before it, `after` ("was denied") behind. `stands` ("not only") are no cues though they
    contain one. What is before the last of `ends` ("but") belongs to another clause.
    """

    def __init__(self, cues: Cues) -> None:
        kinds: dict[str, str] = {}
        for kind, words in cues._asdict().items():
            if kind != "after":
                kinds |= dict.fromkeys(words, kind)
        self._before = _Words(kinds)
        self._after = _Words(dict.fromkeys(cues.after, "after") | dict.fromkeys(cues.ends, "ends"))

    def lowering(self, text: str, folded: str, start: int, end: int) -> Lowering | None:
        """What lowers the term at [start, end); `folded` is `text` as lexicons compare it."""
        found = self._found_before(text, folded, start)
        hypothetical = next((one.cue for one in reversed(found) if one.kind == "hypothetical"), None)
        negating = {one.kind: one.cue for one in found if one.kind in ("negated", "denied")}
        if behind := self._found_behind(text, folded, end):
            negating.setdefault("denied", behind)
        if len(negating) == 1:
            return Lowering("negated", *negating.values())
        return Lowering("hypothetical", hypothetical) if hypothetical is not None else None

    def _found_before(self, text: str, folded: str, start: int) -> list[Found]:
        least = max(0, start - REACH)
        for mark in CLAUSE_END.finditer(text, least, start):
            least = mark.end()
        while least < start and not splits(folded, least):  # the reach may begin within a word
            least += 1
        clause = " ".join(folded[least:start].split()[-BEFORE:]) + " "
        found: list[Found] = []
        for one in self._before.find(clause + folded[start : start + LONGEST]):
            if one.start > len(clause):
                break
            if one.kind == "ends":  # the term itself may begin with one: "because of my race"
                found = []
            elif one.start < len(clause):
                found.append(one)
        return found

    def _found_behind(self, text: str, folded: str, end: int) -> str | None:
        most = min(len(text), end + REACH)
        mark = CLAUSE_END.search(text, end, most)
        clause = " ".join(folded[end : mark.start() if mark else most].split()[:AFTER])
        first = next(self._after.find(clause), None)
        return first.cue if first is not None and first.kind == "after" else None


class _Words:
    """Cues by their kind, found as whole words; the longest where they overlap."""

    def __init__(self, kinds: dict[str, str]) -> None:
        self._cues = list(kinds)
        self._kinds = list(kinds.values())
        self._automaton = AhoCorasick(
            self._cues, matchkind=MatchKind.Standard, implementation=Implementation.ContiguousNFA
        )

    def find(self, clause: str) -> Iterator[Found]:
        places = [
            (start, -end, number)
            for number, start, end in self._automaton.find_matches_as_indexes(clause, overlapping=True)
            if splits(clause, start) and splits(clause, end)
        ]
        at = 0
        for start, minus_end, number in sorted(places):
            if start >= at:
                at = -minus_end
                yield Found(start, at, self._kinds[number], self._cues[number])
