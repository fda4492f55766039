"""The grammar of queries: how terms are joined. What a term is by itself is in `leaf.py`."""

from functools import lru_cache
from itertools import pairwise
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedInput, v_args

from listener.brands.query.errors import WrongTerm
from listener.brands.query.leaf import bare, condition, quoted
from listener.brands.query.page import FARTHEST
from listener.brands.query.syntax import And, Link, Near, Node, Not, Or, Tag, Words

GRAMMAR = r"""
    start: either
    ?either: both (_OR both)*
    ?both: part (_AND? part)*
    ?part: _NOT part -> negated
         | chain
    ?chain: atom (NEAR atom)*
    ?atom: _LEFT either _RIGHT -> group
         | FIELD -> condition
         | QUOTED -> quoted
         | WORD -> bare
    _LEFT: "("
    _RIGHT: ")"
    _AND.2: /AND(?![^\s()"])/
    _OR.2: /OR(?![^\s()"])/
    _NOT.2: /NOT(?![^\s()"])/
    NEAR.2: /O?NEAR\/\d+(?![^\s()"])/
    FIELD.1: /[A-Za-z_]+:[^\s()"]*/
    QUOTED: /"[^"]*"/
    WORD: /[^\s()"]+/
    %ignore /\s+/
"""
WANTED = "a word, a phrase in quotation marks, a field or ( was expected"


def read(query: str) -> Node:
    """The tree of a query whose brackets and quotation marks are closed. Raise WrongTerm.

    Then only operators, brackets and the end can be unexpected: anywhere a term may begin.
    """
    try:
        node: Node = _parser().parse(query)  # type: ignore[assignment]  # the tree is built while it is read
    except UnexpectedInput as error:
        token = getattr(error, "token", None)
        if token is None or token.type == "$END":
            raise WrongTerm(len(query.rstrip()), f"the query ends too early: {WANTED}") from None
        told = f"{WANTED}, not {str(token)!r}; an operator that is meant as a word stands in quotation marks"
        raise WrongTerm(_at(token), told) from None
    return node


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", lexer="basic", transformer=_Builder(), maybe_placeholders=False)


@v_args(inline=True)
class _Builder(Transformer[Token, Node]):
    """Builds the tree from its leaves on, as the parser finds them: nothing recurses."""

    def start(self, node: Node) -> Node:
        return node

    def group(self, node: Node) -> Node:
        return node

    def either(self, *parts: Node) -> Node:
        return Or(tuple(inner for part in parts for inner in (part.parts if isinstance(part, Or) else (part,))))

    def both(self, *parts: Node) -> Node:
        return And(tuple(inner for part in parts for inner in (part.parts if isinstance(part, And) else (part,))))

    def negated(self, node: Node) -> Node:
        return node.part if isinstance(node, Not) else Not(node)

    def chain(self, *parts: Any) -> Node:
        operands, operators = parts[::2], parts[1::2]
        pairs = zip(operators, pairwise(operands), strict=True)
        return Near(operands, tuple(_link(operator, left, right) for operator, (left, right) in pairs))

    def condition(self, token: Token) -> Node:
        return condition(str(token), _at(token))

    def quoted(self, token: Token) -> Node:
        return quoted(str(token), _at(token))

    def bare(self, token: Token) -> Node:
        return bare(str(token), _at(token))


def _link(operator: Token, left: Node, right: Node) -> Link:
    name, number = str(operator).split("/")
    if not (_has_places(left) and _has_places(right)):
        raise WrongTerm(_at(operator), f"{name} stands between words, phrases, tags, or (these OR those)")
    if len(number) > 3 or int(number) > FARTHEST:
        raise WrongTerm(_at(operator), f"{name} reaches over {FARTHEST} words at most")
    return Link(int(number), name == "ONEAR")


def _has_places(node: Node) -> bool:
    if isinstance(node, Or):
        return all(map(_has_places, node.parts))
    return isinstance(node, Words | Tag)


def _at(token: Token) -> int:
    return token.start_pos or 0
