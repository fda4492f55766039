"""Where conversations begin, for sources that tell of an answer only what it answers."""

from collections import OrderedDict
from collections.abc import Iterable
from itertools import islice

from msgspec.structs import replace

from schemas.mention import Mention

MOST = 500_000  # answers; 200 bytes each


class Roots:
    """Gives an answer the root of what it answers, if that came by before, and its source did not say.

    So a long conversation stays one thread: by its parent alone, an answer to an answer would lie in another. What was
    told before keeps its root, whatever was learned since: its edit must lie in the same thread. The last `most`
    answers are remembered; `known` are (answer, root), of those before.
    """

    def __init__(self, known: Iterable[tuple[str, str]] = (), most: int = MOST) -> None:
        self._roots = OrderedDict(known)
        self._most = most

    def rooted(self, mention: Mention) -> Mention:
        """The mention; with its root where that is another than its parent."""
        parent, roots = mention.parent_id, self._roots
        if parent is None or mention.root_id is not None:
            return mention
        root = roots.get(mention.id) or roots.get(parent, parent)
        roots[mention.id] = root
        roots.move_to_end(mention.id)
        if len(roots) > self._most:
            roots.popitem(last=False)
        return mention if root == parent else replace(mention, root_id=root)

    def newest(self, count: int) -> list[tuple[str, str]]:
        """The last `count` answers and their roots, the latest last: `known` to the next one of these."""
        return list(islice(reversed(self._roots.items()), count))[::-1]
