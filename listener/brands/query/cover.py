"""Which literals of a query must be in a mention: where none is, it need not be looked at.

Of parts that must all hold those of one are enough: the rarest. A word that many of the queries have is taken for a
frequent one ("outage", where "sky" is one brand's alone); of those that as many have the longest is the rarest. Two
words of a phrase are rarer than either.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, pairwise, product
from typing import NamedTuple, TypeVar

from listener.brands.boundaries import lower
from listener.brands.query.spelling import encodings, forms_of
from listener.brands.query.syntax import Condition, Node, Not, Or, Tag, Word, Words, leaves

SHORTEST = 3  # letters of a piece

Key = TypeVar("Key")
Pair = tuple[str, str]
Literal = str | Pair


class Cover(NamedTuple):
    """A mention that satisfies the query has one of these.

    Whole `words`, `pairs` of words that follow each other, `tags` with their sign, `pieces` anywhere within a word. And
    it has one of the words `beside`, if there are any.
    """

    words: tuple[str, ...] = ()
    pairs: tuple[Pair, ...] = ()
    tags: tuple[str, ...] = ()
    pieces: tuple[str, ...] = ()
    beside: frozenset[str] = frozenset()

    def literals(self) -> tuple[Literal, ...]:
        """All of them."""
        return self.words + self.pairs + self.tags + self.pieces


class Uncovered(NamedTuple):
    """There are no such literals, because of this."""

    because: str


Shared = Mapping[Literal, int]  # how many queries have a literal


def shared_by(nodes: Sequence[Node]) -> Shared:
    """How many of the queries have each literal, where that is more than one."""
    found: Counter[Literal] = Counter()
    for node in nodes:
        found.update({literal for cover in _covers_of_terms(node) for literal in cover.literals()})
    return {literal: count for literal, count in found.items() if count > 1}


def cover_of(node: Node, shared: Shared) -> Cover | Uncovered:
    """The literals of a query."""
    if isinstance(node, Words):
        return _rarest(_covers_of_words(node), shared)
    if isinstance(node, Tag):
        return Cover(tags=tuple(encodings(node.tag)))
    if isinstance(node, Condition):
        return Uncovered(f"{node.written} is a field")
    if isinstance(node, Not):
        return Uncovered(f"NOT {next(leaves(node.part)).written} holds where words are missing")
    covers = [cover_of(part, shared) for part in node.parts]
    return _all_of(covers) if isinstance(node, Or) else _rarest(covers, shared)


def _covers_of_terms(node: Node) -> Iterator[Cover]:
    for leaf in leaves(node):
        covers = _covers_of_words(leaf) if isinstance(leaf, Words) else [cover_of(leaf, {})]
        yield from (cover for cover in covers if isinstance(cover, Cover))


def _rarest(covers: Sequence[Cover | Uncovered], shared: Shared) -> Cover | Uncovered:
    known = sorted((cover for cover in covers if isinstance(cover, Cover)), key=lambda cover: _frequency(cover, shared))
    if not known:
        return covers[0]
    beside = (frozenset(cover.words) for cover in known[1:] if cover.literals() == cover.words)
    return known[0]._replace(beside=known[0].beside or next(beside, frozenset()))


def _frequency(cover: Cover, shared: Shared) -> tuple[int, int, int]:
    """How often its literals are in queries; how short the shortest is, pieces a letter less; how many there are."""
    lengths = [len(word) for word in cover.words + cover.tags] + [len(piece) - 1 for piece in cover.pieces]
    lengths += [len(one) + len(other) for one, other in cover.pairs]
    return sum(shared.get(literal, 1) for literal in cover.literals()), -min(lengths), len(lengths)


def _all_of(covers: Sequence[Cover | Uncovered]) -> Cover | Uncovered:
    known = []
    for cover in covers:
        if isinstance(cover, Uncovered):
            return cover
        known.append(cover)
    return Cover(
        _joined(cover.words for cover in known),
        _joined(cover.pairs for cover in known),
        _joined(cover.tags for cover in known),
        _joined(cover.pieces for cover in known),
    )


def _joined(literals: Iterable[tuple[Key, ...]]) -> tuple[Key, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(literals)))


def _covers_of_words(phrase: Words) -> list[Cover | Uncovered]:
    """The literals of each word, and of each two that follow each other."""
    covers = [_cover_of_word(word, phrase.written) for word in phrase.words]
    for one, other in pairwise(phrase.words):
        if not (one.wild or other.wild):
            covers.append(Cover(pairs=tuple(product(forms_of(one), forms_of(other)))))
    return covers


def _cover_of_word(word: Word, written: str) -> Cover | Uncovered:
    if word.edits:
        return _cover_of_fuzzy(word, written)
    if not word.wild:
        return Cover(words=tuple(forms_of(word)))
    longest = max(lower(word.text).replace("?", "*").split("*"), key=len)
    if len(longest) < SHORTEST:
        return Uncovered(f"{written} has no {SHORTEST} letters in a row")
    return Cover(pieces=tuple(sorted(map(lower, encodings(longest)))))


def _cover_of_fuzzy(word: Word, written: str) -> Cover | Uncovered:
    """So many pieces, with a letter between them, that no `edits` reach all: two letters swapped touch one of them."""
    pieces: list[str] = []
    for form in forms_of(word):
        length = (len(form) - word.edits) // (word.edits + 1)
        if length < SHORTEST:
            return Uncovered(f"{written} is too short for {word.edits} wrong letters")
        pieces += [form[at : at + length] for at in range(0, (length + 1) * (word.edits + 1), length + 1)]
    return Cover(pieces=tuple(dict.fromkeys(pieces)))
