"""What detect remembers of the conversations it has seen. For now: which mentions, so that repeats are dropped."""

from collections.abc import Iterable
from typing import Literal

from schemas.times import DAY, HOUR

HORIZON = 14 * DAY

Novelty = Literal["new", "repeat", "edit"]
Seen = tuple[str, int, int]  # id, version, when it was read in ms


class Threads:
    """The (id, version) pairs of the last fourteen days, and of up to an hour more, by the time of reading.

    They are kept by the hour: with the time of each, a mention took 244 bytes of a worker's memory.
    """

    def __init__(self, seen: Iterable[Seen] = ()) -> None:
        self._versions: dict[str, int] = {}
        self._hours: dict[int, list[str]] = {}
        self._added: list[Seen] = []
        for pair in seen:
            self._remember(pair)

    def novelty(self, id_: str, version: int) -> Novelty:
        """Whether a mention is new, was seen in this or a later version, or is an edit of one that was seen."""
        known = self._versions.get(id_)
        if known is None:
            return "new"
        return "edit" if version > known else "repeat"

    def meet(self, id_: str, version: int, read: int) -> Novelty:
        """Remember a mention that is new, and say whether it is."""
        novelty = self.novelty(id_, version)
        if novelty == "new":
            seen = (id_, version, read)
            self._remember(seen)
            self._added.append(seen)
        return novelty

    def _remember(self, seen: Seen) -> None:
        id_, version, read = seen
        self._versions[id_] = version
        hour = self._hours.get(read // HOUR)
        if hour is not None:
            hour.append(id_)
            return
        self._hours[read // HOUR] = [id_]
        oldest = max(self._hours) - HORIZON // HOUR
        for old in [hour for hour in self._hours if hour < oldest]:
            for forgotten in self._hours.pop(old):
                del self._versions[forgotten]

    def take_added(self) -> list[Seen]:
        """What was met since the last call."""
        added, self._added = self._added, []
        return added

    def oldest(self) -> int | None:
        """From when on, in ms, all that was read is still known: what is older may be dropped from the store."""
        return min(self._hours) * HOUR if self._hours else None
