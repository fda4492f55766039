"""From a query's tree to a function of a page: the places of the terms that satisfy it, or None where it does not hold.

Every function here takes time in proportion to the page's words (times a logarithm) for each term of the query.
"""

from collections.abc import Callable, Sequence

from listener.brands.boundaries import lower
from listener.brands.query.conditions import author_of, holds
from listener.brands.query.near import Spot, chain
from listener.brands.query.page import Page, Place
from listener.brands.query.spelling import encodings, forms_of, has_capitals, is_spelled
from listener.brands.query.syntax import And, Condition, Near, Node, Not, Or, Tag, Word, Words
from schemas.brand_mention import Field

MOST_PLACES = 10  # of one term in one mention
ANY_WORD = "*"

Evidence = list[Spot | Place]  # what satisfies a query; words are turned into places only where it holds as a whole
Test = Callable[[Page], Evidence | None]
Spots = Callable[[Page], list[Spot]]


def test_of(node: Node) -> Test:
    """What says by what a query is satisfied."""
    if isinstance(node, And):
        return _all([test_of(part) for part in node.parts])
    if isinstance(node, Or):
        return _any(node)
    if isinstance(node, Not):
        inner = test_of(node.part)
        return lambda page: [] if inner(page) is None else None
    if isinstance(node, Near):
        return _near(node)
    if isinstance(node, Tag):
        return _tagged(node)
    if isinstance(node, Condition):
        return _condition(node)
    spots = spots_of(node)
    return lambda page: [*spots(page)[:MOST_PLACES]] or None


def places_of(page: Page, evidence: Evidence) -> set[Place]:
    """The places that satisfied a query, each once."""
    return {page.place(found) if isinstance(found, Spot) else found for found in evidence}


def spots_of(node: Node) -> Spots:
    """What finds the places of what may stand in a chain."""
    if isinstance(node, Words):
        return _word(node.written, node.words[0]) if len(node.words) == 1 else _phrase(node)
    if isinstance(node, Tag):
        forms, written = encodings(node.tag), node.written
        return lambda page: [spot for form in forms for _, spot in page.signed(form, written)]
    if isinstance(node, Or):
        return _spots_of_any(node)
    raise TypeError(f"{type(node).__name__} has no place")


def _all(tests: Sequence[Test]) -> Test:
    def test(page: Page) -> Evidence | None:
        evidence: Evidence = []
        for part in tests:
            found = part(page)
            if found is None:
                return None
            evidence += found
        return evidence

    return test


def _any(node: Or) -> Test:
    plain, others = _plain_and_others(node)
    tests = [test_of(part) for part in others]

    def test(page: Page) -> Evidence | None:
        evidence: Evidence = list(_looked_up(page, plain, MOST_PLACES))
        none = not evidence
        for part in tests:
            found = part(page)
            if found is not None:
                none = False
                evidence += found
        return None if none else evidence

    return test


def _spots_of_any(node: Or) -> Spots:
    plain, others = _plain_and_others(node)
    parts = [spots_of(part) for part in others]
    return lambda page: [*_looked_up(page, plain), *(spot for part in parts for spot in part(page))]


def _plain_and_others(node: Or) -> tuple[dict[str, str], list[Node]]:
    """The plain words by their forms, to be looked up together: a thousand cost what the page's words cost."""
    plain: dict[str, str] = {}
    others = []
    for part in node.parts:
        if isinstance(part, Words) and len(part.words) == 1 and _is_plain(part.words[0]):
            for form in forms_of(part.words[0]):
                plain.setdefault(form, part.written)
        else:
            others.append(part)
    return plain, others


def _looked_up(page: Page, plain: dict[str, str], most: int | None = None) -> list[Spot]:
    numbers = page.numbers
    return [
        Spot(number, number, plain[word]) for word in numbers.keys() & plain.keys() for number in numbers[word][:most]
    ]


def _near(node: Near) -> Test:
    operands, links = [spots_of(part) for part in node.parts], node.links

    def test(page: Page) -> Evidence | None:
        found = []
        for operand in operands:
            spots = operand(page)
            if not spots:
                return None
            found.append(spots)
        kept = chain(found, links)
        return [spot for spots in kept for spot in sorted(spots)[:MOST_PLACES]] if kept[0] else None

    return test


def _condition(condition: Condition) -> Test:
    meets, written = holds(condition), condition.written

    def test(page: Page) -> Evidence | None:
        if not meets(page.mention):
            return None
        if condition.field == "author":
            return [(written, "author", 0, len(author_of(page.mention)))]
        return [(written, "text", 0, 0)]

    return test


def _is_plain(word: Word) -> bool:
    return not (word.exact or word.edits or word.wild)


def _word(written: str, word: Word) -> Spots:
    numbers = _numbers(word)
    return lambda page: [Spot(number, number, written) for number in numbers(page)]


def _numbers(word: Word) -> Callable[[Page], Sequence[int]]:
    """What finds a word's numbers in a page, in order."""
    forms = forms_of(word)
    if _is_plain(word) and len(forms) == 1:
        form = forms[0]
        return lambda page: page.numbers.get(form, ())
    is_word, is_same = is_spelled(word), has_capitals(word)

    def sought(page: Page) -> Sequence[int]:
        spelled = [page.numbers[form] for form in filter(is_word, page.numbers)]
        return spelled[0] if len(spelled) == 1 else sorted(number for numbers in spelled for number in numbers)

    if not word.exact:
        return sought
    return lambda page: [number for number in sought(page) if is_same(page.raw(number))]


def _phrase(phrase: Words) -> Spots:
    """Where the words stand one after the other. A "*" alone is any word, a link or a handle too."""
    words = [(place, _numbers(word)) for place, word in enumerate(phrase.words) if word.text != ANY_WORD]
    (_, first), *others = words
    length, written = len(phrase.words), phrase.written

    def spots(page: Page) -> list[Spot]:
        starts = set(first(page))
        for place, numbers in others:
            if not starts:
                return []
            starts.intersection_update([number - place for number in numbers(page)])
        return [Spot(start, start + length - 1, written) for start in sorted(starts)]

    return spots


def _tagged(tag: Tag) -> Test:
    forms, written, sign = encodings(tag.tag), tag.written, tag.tag[0]
    field: Field = "hashtags" if sign == "#" else "mentions"

    def test(page: Page) -> Evidence | None:
        places: Evidence = []
        places += [place for form in forms for place, _ in page.signed(form, written)][:MOST_PLACES]
        for entry in page.listed(sign):
            if sign + lower(entry).lstrip(sign) in forms:
                places.append((written, field, 0, len(entry)))
        return places or None

    return test
