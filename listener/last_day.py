"""The detection windows of the last day, of one kind of mention: what the scales of `spikes.py` are summed from."""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

import msgspec

from listener.windows import BASE_WINDOW as BASE
from schemas.times import DAY, HOUR

EXAMPLES = 5
AN_HOUR = HOUR // BASE


class Heard(NamedTuple):
    """What was heard in a window, or is to be added to it: `part` of the `whole`, of so many `mentions`."""

    mentions: int
    whole: int
    part: int
    examples: tuple[str, ...]


class LastDay(msgspec.Struct):
    """Windows by their `numbers` since 1970, in order, and of each how much of what was heard in it.

    In columns, since these are summed ten times as fast as windows one by one, and take half the bytes. `parts` is the
    sum of `part`; `examples` are by number, of windows that have any.
    """

    numbers: list[int] = []
    mentions: list[int] = []
    whole: list[int] = []
    part: list[int] = []
    parts: int = 0
    examples: dict[int, tuple[str, ...]] = {}

    def take_in(self, start: int, heard: Heard) -> None:
        """Take in the window that began at `start` ms, the latest, and let go what began a day before its end."""
        self._forget((start + BASE - DAY) // BASE)
        self._put(len(self.numbers), start // BASE, heard)

    def amend(self, start: int, added: Heard, gone: Collection[str]) -> bool:
        """Add to the window that began at `start`, or take away. Whether there was anything to amend."""
        number = start // BASE
        place = bisect_left(self.numbers, number)
        if place == len(self.numbers) or self.numbers[place] != number:
            if added.mentions <= 0:
                return False
            self._put(place, number, Heard(0, 0, 0, ()))
        before = self.part[place]
        self.mentions[place] = max(0, self.mentions[place] + added.mentions)
        whole = self.whole[place] = max(0, self.whole[place] + added.whole)
        part = self.part[place] = min(whole, max(0, before + added.part))
        self.parts += part - before
        left = [id_ for id_ in (*self.examples.pop(number, ()), *added.examples) if id_ not in gone]
        if not self.mentions[place]:
            for column in self._columns():
                del column[place]
        elif left:
            self.examples[number] = tuple(dict.fromkeys(left))[:EXAMPLES]
        return True

    def sums(self, starts: Iterable[int], until: int | None = None) -> list[tuple[int, int, int]]:
        """(mentions, whole, part) since each of `starts` (ms), which go back in time, of the first `until` windows."""
        sums = []
        mentions = whole = part = 0
        last = len(self.numbers) if until is None else until
        for start in starts:
            first = bisect_left(self.numbers, -(-start // BASE), 0, last)
            mentions += sum(self.mentions[first:last])
            whole += sum(self.whole[first:last])
            part += sum(self.part[first:last])
            sums.append((mentions, whole, part))
            last = first
        return sums

    def places(self, first: int, last: int) -> range:
        """The places of the windows that began in [first, last) ms."""
        return range(*(bisect_left(self.numbers, -(-at // BASE)) for at in (first, last)))

    def hours_from(self, first: int) -> Sequence[int]:
        """The hours since 1970, from `first` on, that have a window."""
        numbers = self.numbers
        if not numbers or numbers[-1] < first * AN_HOUR:
            return ()
        return sorted({number // AN_HOUR for number in numbers[bisect_left(numbers, first * AN_HOUR) :]})

    def examples_since(self, start: int, until: int | None = None) -> tuple[str, ...]:
        """The weightiest of each window since `start` in turn, the latest window first."""
        inside = self.numbers[bisect_left(self.numbers, -(-start // BASE)) : until]
        ranked = [
            (rank, -number, example) for number in inside for rank, example in enumerate(self.examples.get(number, ()))
        ]
        return tuple(example for _, _, example in sorted(ranked)[:EXAMPLES])

    def _columns(self) -> tuple[list[int], ...]:
        return self.numbers, self.mentions, self.whole, self.part

    def _put(self, place: int, number: int, heard: Heard) -> None:
        for column, value in zip(self._columns(), (number, *heard[:3]), strict=True):
            column.insert(place, value)
        self.parts += heard.part
        if heard.examples:
            self.examples[number] = heard.examples

    def _forget(self, before: int) -> None:
        old = bisect_left(self.numbers, before)
        if not old:
            return
        for number in self.numbers[:old]:
            self.examples.pop(number, None)
        self.parts -= sum(self.part[:old])
        for column in self._columns():
            del column[:old]
