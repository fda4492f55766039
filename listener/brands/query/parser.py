"""From the text of a query to its tree, or to an error that points at the place and says what was expected."""

import re

from listener.brands.query.errors import WrongQuery, WrongTerm
from listener.brands.query.syntax import Node, Words, leaves

LONGEST, DEEPEST, MOST_SOUGHT = 10_000, 50, 100
CURLY = str.maketrans("“”„«»", '"""""')
BRACKET = re.compile(r'"[^"]*"|[()"]')


def parse(query: str) -> Node:
    """The tree of a query. Raise WrongQuery."""
    from listener.brands.query.grammar import read  # noqa: PLC0415 - lark takes 0.1 s, also where nobody has a query

    straight = query.translate(CURLY)
    try:
        _check_size(straight)
        node = read(straight)
        _check_cost(node)
    except WrongTerm as wrong:
        raise WrongQuery(query, wrong.at + 1, wrong.message) from None
    return node


def _check_size(query: str) -> None:
    """Length, brackets and quotation marks, before anything looks at it that may be deep."""
    if len(query) > LONGEST:
        raise WrongTerm(LONGEST, f"a query has at most {LONGEST:,} characters, and this one {len(query):,}")
    if not query.strip():
        raise WrongTerm(0, "the query is empty")
    opened: list[int] = []
    for found in BRACKET.finditer(query):
        if found[0] == '"':
            raise WrongTerm(found.start(), "this quotation mark is not closed")
        if found[0] == "(":
            opened.append(found.start())
        elif found[0] == ")":
            if not opened:
                raise WrongTerm(found.start(), "this ) closes nothing")
            opened.pop()
        if len(opened) > DEEPEST:
            raise WrongTerm(found.start(), f"brackets may lie {DEEPEST} deep, and not deeper")
    if opened:
        raise WrongTerm(opened[-1], "this ( is not closed")


def _check_cost(node: Node) -> None:
    words = [word for leaf in leaves(node) if isinstance(leaf, Words) for word in leaf.words]
    sought = sum(word.wild or word.edits > 0 for word in words)
    if sought > MOST_SOUGHT:
        raise WrongTerm(0, f"{sought} words with *, ? or ~ are too many: {MOST_SOUGHT} at most")
