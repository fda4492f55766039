"""What detect remembers of the conversations it has seen. For now: which mentions, so that repeats are dropped."""

from collections import deque
from collections.abc import Iterable
from typing import Literal

from schemas.times import DAY

HORIZON = 14 * DAY

Novelty = Literal["new", "repeat", "edit"]
Seen = tuple[str, int, int]  # id, version, when it was read in ms


class Threads:
    """The (id, version) pairs of the last fourteen days, by the time of reading."""

    def __init__(self, seen: Iterable[Seen] = ()) -> None:
        self._order = deque(sorted(seen, key=lambda pair: pair[2]))
        self._versions = {id_: version for id_, version, _ in self._order}
        self._added: list[Seen] = []

    def novelty(self, id_: str, version: int) -> Novelty:
        """Whether a mention is new, was seen in this or a later version, or is an edit of one that was seen."""
        known = self._versions.get(id_)
        if known is None:
            return "new"
        return "edit" if version > known else "repeat"

    def meet(self, id_: str, version: int, read: int) -> Novelty:
        """Remember a mention that is new, and say whether it is."""
        novelty = self.novelty(id_, version)
        if novelty != "new":
            return novelty
        self._versions[id_] = version
        self._put((id_, version, read))
        self._added.append((id_, version, read))
        while self._order[0][2] < read - HORIZON:
            del self._versions[self._order.popleft()[0]]
        return novelty

    def _put(self, seen: Seen) -> None:
        """Keep the order by time of reading; what is out of order is so by seconds."""
        place = len(self._order)
        while place and self._order[place - 1][2] > seen[2]:
            place -= 1
        self._order.insert(place, seen)

    def take_added(self) -> list[Seen]:
        """What was met since the last call."""
        added, self._added = self._added, []
        return added

    def oldest(self) -> int | None:
        """When the oldest pair that is still known was read, in ms: older ones may be dropped from the store."""
        return self._order[0][2] if self._order else None
