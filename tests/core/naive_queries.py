"""Queries by their definition: every place is tried, nothing is looked up, filtered or compiled.

Slow and plain. What it shares with the real evaluation is the tree, where links lie, and where words end.
"""

import unicodedata
from collections.abc import Iterator
from itertools import product

from listener.brands.boundaries import is_handle, is_tag, is_word, lower, splits, url_spans
from listener.brands.query.syntax import And, Condition, Near, Node, Not, Or, Tag, Word, Words
from schemas.mention import Mention

ENTITIES = ("&amp;", "&lt;", "&gt;", "&#39;")
Place = tuple[str, str, int, int]  # the term as written; field, start, end
Spot = tuple[str, str, int, int]  # the term as written; field, first and last word


class Said:
    """The words of a field with their places; those that no word of a query stands for are ""."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.places = list(_words(text))
        self.words = ["" if nothing else lower(text)[start:end] for start, end, nothing in self.places]
        self.raw = [text[start:end] for start, end, _ in self.places]


def places(node: Node, mention: Mention) -> set[Place] | None:
    """The places of the terms that satisfy a query, or None where it does not hold."""
    said = {"title": Said(mention.title or ""), "text": Said(mention.text)}
    return _places(node, mention, said)


def _places(node: Node, mention: Mention, said: dict[str, Said]) -> set[Place] | None:
    match node:
        case And(parts):
            found = [_places(part, mention, said) for part in parts]
            return None if None in found else set().union(*(part for part in found if part is not None))
        case Or(parts):
            holding = [part for part in (_places(part, mention, said) for part in parts) if part is not None]
            return set().union(*holding) if holding else None
        case Not(part):
            return set() if _places(part, mention, said) is None else None
        case Condition():
            return _condition(node, mention)
        case Tag(written, tag):
            return {*_tagged(node, said, mention), *_listed(written, tag, mention)} or None
        case Near():
            return _chains(node, mention, said) or None
        case Words():
            return {_place(spot, said) for spot in _spots(node, mention, said)} or None


def _spots(node: Node, mention: Mention, said: dict[str, Said]) -> list[Spot]:
    match node:
        case Or(parts):
            return [spot for part in parts for spot in _spots(part, mention, said)]
        case Words(written, words):
            return [
                (written, field, first, first + len(words) - 1)
                for field, there in said.items()
                for first in range(len(there.words) - len(words) + 1)
                if all(_is(word, there.words[first + at], there.raw[first + at]) for at, word in enumerate(words))
            ]
        case Tag(written):
            return [
                (written, field, *_numbers(said[field], start, end))
                for _, field, start, end in _tagged(node, said, mention)
            ]
    raise AssertionError(node)


def _numbers(said: Said, start: int, end: int) -> tuple[int, int]:
    within = [number for number, (first, _, _) in enumerate(said.places) if start < first < end]
    return within[0], within[-1]


def _chains(near: Near, mention: Mention, said: dict[str, Said]) -> set[Place]:
    found: set[Place] = set()
    for chain in product(*(_spots(part, mention, said) for part in near.parts)):
        pairs = zip(chain, chain[1:], near.links, strict=False)
        if all(_linked(one, other, link.between, link.ordered) for one, other, link in pairs):
            found |= {_place(spot, said) for spot in chain}
    return found


def _linked(one: Spot, other: Spot, between: int, ordered: bool) -> bool:
    if one[1] != other[1]:
        return False
    if one[3] < other[2]:
        return other[2] - one[3] - 1 <= between
    return not ordered and other[3] < one[2] and one[2] - other[3] - 1 <= between


def _place(spot: Spot, said: dict[str, Said]) -> Place:
    written, field, first, last = spot
    return written, field, said[field].places[first][0], said[field].places[last][1]


def _is(word: Word, low: str, raw: str) -> bool:
    if word.text == "*":
        return True
    if low == "":
        return False
    if word.exact:
        return any(_same(form, raw, 0) for form in _forms(word.text))
    return any(_same(lower(form), low, word.edits) for form in _forms(word.text))


def _forms(text: str) -> list[str]:
    ways = [text, *(text.translate(str.maketrans(*pair)) for pair in (("șț", "şţ"), ("şţ", "șț")))]
    return [unicodedata.normalize(form, way) for way in ways for form in ("NFC", "NFD")]


def _same(pattern: str, word: str, edits: int) -> bool:
    return distance(pattern, word) <= edits if edits else glob(pattern, word)


def glob(pattern: str, word: str) -> bool:
    """Whether a word is a pattern with "*" and "?"."""
    if not pattern:
        return not word
    if pattern[0] == "*":
        return any(glob(pattern[1:], word[at:]) for at in range(len(word) + 1))
    return bool(word) and pattern[0] in ("?", word[0]) and glob(pattern[1:], word[1:])


def distance(one: str, other: str) -> int:
    """Damerau's distance without a second change of what was swapped, by its table."""
    table = [[max(row, column) for column in range(len(other) + 1)] for row in range(len(one) + 1)]
    for row, column in product(range(1, len(one) + 1), range(1, len(other) + 1)):
        same = one[row - 1] == other[column - 1]
        ways = [table[row - 1][column] + 1, table[row][column - 1] + 1, table[row - 1][column - 1] + (not same)]
        if row > 1 and column > 1 and one[row - 2 : row] == other[column - 2 : column][::-1]:
            ways.append(table[row - 2][column - 2] + 1)
        table[row][column] = min(ways)
    return table[-1][-1]


def _tagged(tag: Tag, said: dict[str, Said], mention: Mention) -> set[Place]:
    return {
        (tag.written, field, start, start + len(form))
        for field, there in said.items()
        for form in map(lower, _forms(tag.tag))
        for start in range(len(there.text))
        if _without_links(there.text).startswith(form, start)
        and _stands(there.text, start, start + len(form), mention.platform.lower())
    }


def _stands(text: str, start: int, end: int, platform: str) -> bool:
    return is_handle(text, start, end, platform) if text[start] == "@" else is_tag(text, start, end)


def _listed(written: str, tag: str, mention: Mention) -> set[Place]:
    field, entries = {"#": ("hashtags", mention.hashtags), "@": ("mentions", mention.mentions)}.get(tag[0], ("", ()))
    return {(written, field, 0, len(entry)) for entry in entries if tag[0] + lower(entry).lstrip(tag[0]) in _forms(tag)}


def _condition(condition: Condition, mention: Mention) -> set[Place] | None:
    value, written = condition.value.lower(), condition.written
    author = mention.author
    match condition.field:
        case "author":
            handle = (author.handle or "").lower().removeprefix("@") if author else ""
            return {(written, "author", 0, len(handle))} if handle and glob(value.lstrip("@"), handle) else None
        case "lang":
            known = mention.lang or ""
            holds = known.lower() == value or known.lower().startswith(value + "-")
        case "platform":
            holds = mention.platform.lower() == value
        case "site":
            host = (mention.url or "").lower().partition("://")[2].partition("/")[0]
            holds = host == value or host.endswith("." + value)
        case "rating":
            stars = mention.rating.value * 5 / mention.rating.max if mention.rating else None
            holds = stars is not None and _compares(stars, condition.relation, float(value))
        case "followers":
            count = author.followers if author else None
            holds = count is not None and _compares(count, condition.relation, float(value))
        case _:
            raise AssertionError(condition)
    return {(written, "text", 0, 0)} if holds else None


def _compares(one: float, relation: str, other: float) -> bool:
    return {"<": one < other, "<=": one <= other, "=": one == other, ">=": one >= other, ">": one > other}[relation]


def _without_links(text: str) -> str:
    """The text in small letters; a NUL is in place of each letter of a link, a space in place of entities."""
    low = lower(text).replace("\0", " ")
    for entity in ENTITIES:
        low = low.replace(entity, " " * len(entity))
    within = {place for start, end in url_spans(text) for place in range(start, end)}
    return "".join("\0" if place in within else character for place, character in enumerate(low))


def _words(text: str) -> Iterator[tuple[int, int, bool]]:
    """Each word's start and end, and whether no word of a query stands for it."""
    low = _without_links(text)
    at = 0
    while at < len(low):
        end = at + 1
        if low[at] == "\0":
            while end < len(low) and low[end] == "\0":
                end += 1
            yield at, end, True
        elif is_word(low[at]):
            while end < len(low) and is_word(low[end]) and not splits(text, end):
                end += 1
            runs_on = end < len(low) and low[end] == "\0" and not splits(text, end)
            address = low[at - 1 : at] == "@" or (low[end : end + 1] == "@" and text[end + 1 : end + 2].isalnum())
            if not runs_on:
                yield at, end, address
        at = end
