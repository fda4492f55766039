"""Where conversations begin, for sources that tell of an answer only what it answers."""

from msgspec.structs import replace

from schemas.mention import Mention

MOST = 500_000  # answers; 120 bytes each


class Roots:
    """Gives an answer the root of what it answers, if that came by before, and its source did not say.

    So a long conversation stays one thread: by its parent alone, an answer to an answer would lie in another.
    """

    def __init__(self) -> None:
        self._roots: dict[str, str] = {}

    def rooted(self, mention: Mention) -> Mention:
        """The mention; with its root where that is another than its parent."""
        parent = mention.parent_id
        if parent is None or mention.root_id is not None:
            return mention
        root = self._roots.get(parent, parent)
        self._roots[mention.id] = root
        if len(self._roots) > MOST:
            del self._roots[next(iter(self._roots))]
        return mention if root == parent else replace(mention, root_id=root)
