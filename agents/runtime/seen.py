"""What detect has seen, as parts of a lane's state that are added to and never written again once they are full."""

from collections.abc import Iterator, Mapping

from listener.state import Parts, pack, unpack
from listener.threads import Change, Unknown

TOGETHER = 500  # changes, some 50 KB: the last part is written at each commit
KEPT = "seen/"
BRIEFLY = "gone/"  # deletions of what nobody knew: a firehose brings many, and they are kept for a day


class SeenParts:
    """The parts of one lane. What is remembered for a day does not lie among what is kept for two weeks."""

    def __init__(self, parts: Mapping[str, bytes], version: int) -> None:
        self._series = [_Series(prefix, parts, version) for prefix in (KEPT, BRIEFLY)]

    def take_restored(self) -> Iterator[Change]:
        """All that the parts held, in its order; once."""
        for series in self._series:
            restored, series.restored = series.restored, []
            yield from restored

    def take_changes(self, added: list[Change], newest: int) -> Parts:
        """The parts to be written after `added` was seen; those that are out of date in the hour `newest` are gone."""
        kept: list[Change] = [change for change in added if not isinstance(change, Unknown)]
        briefly: list[Change] = (
            [change for change in added if isinstance(change, Unknown)] if len(kept) < len(added) else []
        )
        parts: Parts = {}
        for series, changes in zip(self._series, (kept, briefly), strict=True):
            parts |= series.append(changes)
            parts |= series.forget(newest)
        return parts


class _Series:
    """Parts of one name, numbered. A new start begins a new one."""

    def __init__(self, prefix: str, parts: Mapping[str, bytes], version: int) -> None:
        self._prefix, self._version = prefix, version
        numbers = sorted(int(name.removeprefix(prefix)) for name in parts if name.startswith(prefix))
        found = {number: unpack(parts[f"{prefix}{number}"], list[Change], version) for number in numbers}
        self.restored = [change for changes in found.values() for change in changes]
        self._until = {number: max(change.until for change in changes) for number, changes in found.items()}
        self._number = numbers[-1] + 1 if numbers else 0
        self._tail: list[Change] = []
        self._looked_at = 0

    def append(self, changes: list[Change]) -> Parts:
        """The parts that these changes go into."""
        parts: Parts = {}
        while changes:
            space = TOGETHER - len(self._tail)
            self._tail += changes[:space]
            changes = changes[space:]
            self._until[self._number] = max(change.until for change in self._tail)
            parts[f"{self._prefix}{self._number}"] = pack(self._version, self._tail)
            if len(self._tail) == TOGETHER:
                self._number += 1
                self._tail = []
        return parts

    def forget(self, newest: int) -> Parts:
        """The parts of which nothing is known any more; looked for once an hour."""
        if newest == self._looked_at:
            return {}
        self._looked_at = newest
        old = [number for number, until in self._until.items() if until < newest]
        for number in old:
            del self._until[number]
            if number == self._number:
                self._number += 1
                self._tail = []
        return {f"{self._prefix}{number}": None for number in old}
