"""What a query says, as a tree of small frozen types. `written` is a term as its user wrote it."""

from collections.abc import Iterator
from dataclasses import dataclass

WILD = frozenset("*?")


@dataclass(frozen=True, slots=True)
class Word:
    """One word: "*" in it is any letters, "?" is one. `edits` letters may be wrong. `exact`: capitals count."""

    text: str
    exact: bool = False
    edits: int = 0

    @property
    def wild(self) -> bool:
        """Whether it has wildcards."""
        return not WILD.isdisjoint(self.text)


@dataclass(frozen=True, slots=True)
class Words:
    """One word, or several that follow each other within the title or within the text."""

    written: str
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Tag:
    """A hashtag, cashtag or handle with its sign, in the text or in the platform's own list."""

    written: str
    tag: str


@dataclass(frozen=True, slots=True)
class Condition:
    """A field of the mention compared with a value. Where the field is unknown it does not hold."""

    written: str
    field: str
    relation: str
    value: str


@dataclass(frozen=True, slots=True)
class Not:
    """Holds where its part does not."""

    part: "Node"


@dataclass(frozen=True, slots=True)
class And:
    """Holds where all parts do, wherever they stand: in the title or in the text."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Holds where any part does."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Link:
    """How two neighbours of a chain stand to each other: at most `between` words between them; `ordered`: in order."""

    between: int
    ordered: bool


@dataclass(frozen=True, slots=True)
class Near:
    """A chain of places: each is linked with the one before it. They do not overlap, and lie in one field.

    A part is Words, a Tag in the text, or an Or of these. `a NEAR/1 b NEAR/2 c`: some b is near an a and near a c.
    """

    parts: tuple["Node", ...]
    links: tuple[Link, ...]


Node = Words | Tag | Condition | Not | And | Or | Near


def leaves(node: Node) -> Iterator[Words | Tag | Condition]:
    """The terms of a query, from left to right."""
    if isinstance(node, Words | Tag | Condition):
        yield node
    elif isinstance(node, Not):
        yield from leaves(node.part)
    else:
        for part in node.parts:
            yield from leaves(part)
