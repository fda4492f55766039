"""How a text that names several brands feels about each of them.

Each sentence is either a comparison ("X is better than Y", "switched from X to Y", "unlike X, Y …") or is cut into
clauses. A comparison speaks for one of the two brands and as much against the other. A clause counts fully for the
brands that it names, a good part for those named last before it if it names none, and little for all others. What
counts is the sum of valences that a scorer's compound stands for; in no clause is a name seen by the scorer.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise
from typing import Final, NamedTuple

from ahocorasick_rs import AhoCorasick, MatchKind

from listener.brands.matcher import Found
from listener.sentiment.masking import masked
from listener.sentiment.scoring import UNIT, Compound, compound_of, sum_of
from schemas.brand_mention import Match
from schemas.mention import Mention

COMPARED: Final = 2.5  # valence for the one and against the other: between VADER's "better" and "best"
CARRIED, ELSEWHERE = 0.6, 0.2  # what a clause counts for the brands named before it, and for all others
MOST_CLAUSES: Final = 60  # of a text, or of a sentence: what follows is one
MOST_PAIRS, LONGEST = 4, 120  # pairs of names looked at in a sentence; characters between and around them

Span = tuple[int, int]

# Where a part ends: each begins with a set of signs, which is what a search is fast for.
_SENTENCE: Final = re.compile(r"[.!?\n](?:[.!?\n]*(?=\s|$)|(?<=\n))")
_CLAUSE: Final = re.compile(
    r"[,;:\s](?:(?<=[,;:])\s|(?<=\s)(?:[-–—]\s|(?=(?:but|while|whereas|although|though|however|yet|and)\s)))",
    re.IGNORECASE,
)

_A, _B = "\ue000a\ue001", "\ue000b\ue001"
_FEW = r"[^\ue000]{0,40}?"  # between the parts of a comparison; no name lies there
_MANNER = "reliable|helpful|comfortable|professional|friendly|honest|affordable|responsive|useful|convenient"
_BETTER = (
    rf"\b(?:better|cheaper|faster|nicer|superior|friendlier|safer|easier|smoother|cleaner|kinder|more (?:{_MANNER}))\b"
)
_WORSE = rf"\b(?:worse|slower|ruder|inferior|pricier|dearer|dirtier|more (?:expensive|annoying)|less (?:{_MANNER}))\b"
_NOT = r"(?:\bnot\b|\bnever\b|\bhardly\b|\bno\b|n[’']t\b|\bnowhere near\b)"
_WITH = r"\b(?:with|at|on|from|off)\b"
_SHOULD = r"\b(?:should|could|needs? to|was|were)\b"
_MOVED = r"\b(?:switch|mov|chang|go|went|gone|migrat|jump)\w*"
_LEFT = r"\b(?:leav|left|ditch|dump|quit|drop|cancel)\w*"
_TOOK = (
    r"\b(?:prefer|choos|chose|pick|recommend|trust|rather|tak|took|buy|bought|us(?:e|ing)|fly|flew|lov|lik|go|went|stick)"
    r"\w*"
)


class Comparison(NamedTuple):
    """A form of comparing the brand named first, a, with that named second, b: 1 speaks for a, -1 against it.

    One of `words` stands in whatever the form finds: those of all forms are found in one pass, to try all forms takes
    10 µs for each two names. `by_mood`: the sentence says by its mood whether it speaks so or the other way round.
    """

    name: str
    form: re.Pattern[str]
    sign: int
    words: frozenset[str]
    by_mood: bool = False


def _form(name: str, sign: int, words: str, *parts: str, by_mood: bool = False) -> Comparison:
    """A comparison that has these parts in this order, with few words between them; a and b are the names."""
    form = _FEW.join({"a": _A, "b": _B}.get(part, part) for part in parts)
    return Comparison(name, re.compile(form, re.IGNORECASE), sign, frozenset(words.split("|")), by_mood)


_BEATS: Final = "beat|outperform|trumps|crushes|destroys|>"
_LEAVES: Final = "leav|left|ditch|dump|quit|drop|cancel"
_COMPARISONS: Final = (
    _form("is not better than", -1, "than", "a", _NOT, _BETTER, r"\bthan\b", "b"),
    _form("is not worse than", 1, "than", "a", _NOT, _WORSE, r"\bthan\b", "b"),
    _form("is not as good as", -1, "as ", "a", _NOT, rf"\bas (?:good|fast|nice|cheap|{_MANNER})\b", r"\bas\b", "b"),
    _form("is better than", 1, "than", "a", _BETTER, r"\bthan\b", "b"),
    _form("is worse than", -1, "than", "a", _WORSE, r"\bthan\b", "b"),
    _form("better with … than", 1, "than", _BETTER, _WITH, "a", r"\bthan\b", "b"),
    _form("worse with … than", -1, "than", _WORSE, _WITH, "a", r"\bthan\b", "b"),
    _form("beats", 1, _BEATS, rf"{_A}\s+(?:\w+\s+)?(?:beats?|beating|outperforms?|trumps|crushes|destroys|>+)\s", "b"),
    _form("loses to", -1, "los|beat|<", rf"{_A}\s+(?:\w+\s+)?(?:loses to|lost to|is beaten by|<+)\s", "b"),
    _form("from … to", -1, "from", _MOVED, r"\bfrom\b", "a", r"\bto\b", "b"),
    _form("to … from", 1, "from", _MOVED, r"\bto\b", "a", r"\bfrom\b", "b"),
    _form("left … for", -1, _LEAVES, _LEFT, "a", r"\bfor\b", "b"),
    _form("rather than", 1, "over|instead|than", _TOOK, "a", r"\b(?:over|instead of|rather than|than)\b", "b"),
    _form("prefer … to", 1, "prefer", r"\bprefer\w*", rf"{_A}\s+to\s+{_B}"),
    _form("should be like", -1, "like|learn|lessons", "a", _SHOULD, r"\b(?:like|learn from|lessons from)\b", "b"),
    _form(
        "makes … look good", -1, "look",
        "a", r"\bmakes?\b", "b", r"\blook\s+(?:so\s+)?(?:good|great|amazing|like a dream)",
    ),
    _form(
        "makes … look bad", 1, "look",
        "a", r"\bmakes?\b", "b", r"\blook\s+(?:so\s+)?(?:bad|terrible|awful|like amateurs)",
    ),
    _form("unlike", -1, "unlike", r"\bunlike\b", "a", "b", by_mood=True),
    _form("unlike", 1, "unlike", "a", r"\bunlike\b", "b", by_mood=True),
)  # fmt: skip  # a form reads best in few lines
_COMPARE: Final = sorted(frozenset().union(*(comparison.words for comparison in _COMPARISONS)))
_FIND: Final = AhoCorasick(_COMPARE, matchkind=MatchKind.Standard)


class Clause(NamedTuple):
    """A part of a text: what it says as a sum of valences, the spans of names in it, and of those it speaks on of.

    `against` are the spans that it speaks against with the same weight; `form` how it compares, if it does.
    """

    valence: float
    named: frozenset[Span]
    carried: frozenset[Span]
    against: frozenset[Span] = frozenset()
    form: str = ""


class Targets(NamedTuple):
    """The clauses of a text that names several brands."""

    clauses: tuple[Clause, ...]

    def about(self, matches: Sequence[Match]) -> int | None:
        """The compound × 10⁴ for the brand that is named at `matches`; None if the text does not name it."""
        spans = spans_of(matches)
        if not any(clause.named & spans or clause.against & spans for clause in self.clauses):
            return None
        return compound_of(sum(_share(clause, spans) * clause.valence for clause in self.clauses))

    def because(self, matches: Sequence[Match]) -> str:
        """How that came about, for people: the comparisons, and what the clauses of the brand say."""
        spans = spans_of(matches)
        told = [
            f"{'against it' if (clause.valence < 0) == bool(clause.named & spans) else 'for it'}: “{clause.form}”"
            for clause in self.clauses
            if clause.form and (clause.named | clause.against) & spans
        ]
        own = sum(clause.valence for clause in self.clauses if not clause.form and clause.named & spans)
        return ", ".join([*told, f"its clauses {compound_of(own) / UNIT:+.2f}"])


def spans_of(matches: Sequence[Match]) -> frozenset[Span]:
    """Where a brand is named in the text."""
    return frozenset((match.start, match.end) for match in matches if match.field == "text")


def _share(clause: Clause, spans: frozenset[Span]) -> float:
    """How much a clause says of a brand, -1 to 1."""
    if clause.against & spans:
        return 0.0 if clause.named & spans else -1.0
    if clause.named & spans:
        return 1.0
    if clause.form:
        return 0.0
    return CARRIED if clause.carried & spans else ELSEWHERE


def targets_of(mention: Mention, found: Found, compound: Compound, whole: int) -> Targets | None:
    """The clauses of a mention whose text says different things of several brands; else None, and nothing is scored.

    `compound` scores a text of the mention's language, × 10⁴; the whole text came to `whole`. Where that is nothing,
    only a comparison can say something of one of them.
    """
    if len(found.matches) < 2:
        return None
    owner = {
        (match.start, match.end): brand
        for brand, matches in found.matches.items()
        for match in matches
        if match.field == "text"
    }
    if len(set(owner.values())) < 2:
        return None
    forms = _forms(mention.text)
    if not (whole or forms):
        return None
    reader = _Reader(mention.text, owner, sorted(found.text_spans), compound)
    stretches = reader.stretches(forms)
    if not whole and not any(one.form for one in stretches):
        return None
    if len(stretches) == 1 and not stretches[0].form:
        return None
    return Targets(tuple(reader.clauses(stretches)))


def _forms(text: str) -> list[Comparison]:
    """The comparisons that a text may make, as it has one of their words."""
    said = {_COMPARE[word] for word, _, _ in _FIND.find_matches_as_indexes(text.lower(), overlapping=True)}
    return [one for one in _COMPARISONS if not one.words.isdisjoint(said)] if said else []


class _Stretch(NamedTuple):
    """A clause before it is scored: where it is, whom it names, and if it compares, whom with whom and how."""

    start: int
    end: int
    named: frozenset[Span]
    against: frozenset[Span] = frozenset()
    form: Comparison | None = None


class _Reader:
    """Reads one text clause by clause."""

    def __init__(self, text: str, owner: dict[Span, int], hidden: list[Span], compound: Compound) -> None:
        self._text, self._owner, self._names = text, owner, sorted(owner)
        self._hidden, self._compound = hidden, compound
        self._ends = [end for _, end in self._names]

    def stretches(self, forms: Sequence[Comparison]) -> list[_Stretch]:
        """The comparisons, which may be of these forms, and clauses of the text, in their order."""
        stretches: list[_Stretch] = []
        for start, end in self._cut(_SENTENCE, 0, len(self._text)):
            if len(stretches) >= MOST_CLAUSES:
                stretches.append(_Stretch(start, len(self._text), frozenset(self._named(start, len(self._text)))))
                break
            if forms and (compared := self._comparison(start, end, forms)) is not None:
                stretches.append(compared)
                continue
            for left, right in self._joined(self._cut(_CLAUSE, start, end)):
                stretches.append(_Stretch(left, right, frozenset(self._named(left, right))))
        return stretches

    def clauses(self, stretches: Sequence[_Stretch]) -> Iterator[Clause]:
        """The same with what they say. What names nobody at the beginning is about the first that are named."""
        last = next((one.named | one.against for one in stretches if one.named), frozenset())
        for one in stretches:
            valence = self._valence(one.start, one.end) if one.form is None or one.form.by_mood else COMPARED
            if one.form is not None:
                yield Clause(one.form.sign * valence, one.named, frozenset(), one.against, one.form.name)
            else:
                yield Clause(valence, one.named, frozenset() if one.named else last)
            last = one.named | one.against or last

    def _cut(self, at: re.Pattern[str], start: int, end: int) -> list[Span]:
        """The parts of a stretch of the text, never cut within a name; without those that are empty."""
        cuts = [start]
        cuts += [cut for found in at.finditer(self._text, start, end) if not self._within(cut := found.end())]
        cuts.append(end)
        parts = [(left, right) for left, right in pairwise(cuts) if self._text[left:right].strip()]
        if len(parts) > MOST_CLAUSES:
            parts[MOST_CLAUSES:] = [(parts[MOST_CLAUSES][0], end)]
        return parts

    def _joined(self, parts: list[Span]) -> list[Span]:
        """The same with each part that is hardly more than names joined to the next: "X and Y both …"."""
        if len(parts) < 2:
            return parts
        joined: list[Span] = []
        for start, end in parts:
            begun = bool(joined) and self._words(*joined[-1]) < 2
            joined[-1:] = [(joined[-1][0], end)] if begun else [*joined[-1:], (start, end)]
        return joined

    def _words(self, start: int, end: int) -> int:
        """How many words a stretch has beside names."""
        names = sum(len(self._text[left:right].split()) for left, right in self._named(start, end))
        return len(self._text[start:end].split()) - names

    def _within(self, place: int) -> bool:
        at = bisect_left(self._ends, place)
        return at < len(self._names) and self._names[at][0] < place < self._names[at][1]

    def _named(self, start: int, end: int) -> list[Span]:
        named = []
        for span in self._names[bisect_left(self._ends, start + 1) :]:
            if span[0] >= end:
                break
            named.append(span)
        return named

    def _valence(self, start: int, end: int) -> float:
        spans = []
        for left, right in self._hidden[bisect_left(self._hidden, (start, start)) :]:
            if left >= end:
                break
            spans.append((left - start, min(right, end) - start))
        return sum_of(self._compound(masked(self._text[start:end], spans)))

    def _comparison(self, start: int, end: int, forms: Sequence[Comparison]) -> _Stretch | None:
        """A sentence that compares two brands whose names are neighbours in it, or None."""
        named = self._named(start, end)
        for one, other in islice(pairwise(named), MOST_PAIRS):
            if self._owner[one] == self._owner[other] or other[0] - one[1] > LONGEST:
                continue
            before, after = self._text[max(start, one[0] - LONGEST) : one[0]], self._text[other[1] : other[1] + LONGEST]
            spoken = f"{before}{_A}{self._text[one[1] : other[0]]}{_B}{after}"
            form = next((comparison for comparison in forms if comparison.form.search(spoken)), None)
            if form is not None:
                first, second = (
                    frozenset(span for span in named if self._owner[span] == brand)
                    for brand in (self._owner[one], self._owner[other])
                )
                return _Stretch(start, end, first, second, form)
        return None
