"""The detection windows of the last day, of one kind of mention: what the scales of `spikes.py` are summed from."""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

import msgspec

from listener.windows import BASE_WINDOW as BASE
from schemas.times import DAY, HOUR

EXAMPLES = 5
KEPT_EXAMPLES = 2 * EXAMPLES  # windows: of five that have any the weightiest are told, whatever those before them have
MOST_NUMBER = 0xFFFF  # of two bytes: counted anew each half-year


class Heard(NamedTuple):
    """What was heard in a window, or is to be added to it: `part` of the `whole`, of so many `mentions`."""

    mentions: int
    whole: int
    part: int
    examples: tuple[str, ...]


class LastDay(msgspec.Struct, array_like=True):
    """Windows by their `numbers` from the window `first` on, in order, and of each how much of what was heard in it.

    `first` is numbered from 1970. In columns, since these are summed ten times as fast as windows one by one, and take
    half the bytes. `parts` is the sum of `part`; `examples` are by start (ms), of the latest windows that have any.
    """

    first: int = 0
    numbers: list[int] = []
    mentions: list[int] = []
    whole: list[int] = []
    part: list[int] = []
    parts: int = 0
    examples: dict[int, tuple[str, ...]] = {}

    def take_in(self, start: int, heard: Heard) -> None:
        """Take in the window that began at `start` ms, the latest, and let go what began a day before its end."""
        self._forget(self._number(start + BASE - DAY))
        if not self.numbers or self._number(start) > MOST_NUMBER:
            self._count_from(start)
        self._put(len(self.numbers), self._number(start), heard)

    def amend(self, start: int, added: Heard, gone: Collection[str]) -> bool:
        """Add to the window that began at `start`, or take away. Whether there was anything to amend."""
        number = self._number(start)
        place = bisect_left(self.numbers, number)
        if place == len(self.numbers) or self.numbers[place] != number:
            if added.mentions <= 0:
                return False
            if not self.numbers:
                self._count_from(start)
            self._put(place, self._number(start), Heard(0, 0, 0, ()))
        before = self.part[place]
        self.mentions[place] = max(0, self.mentions[place] + added.mentions)
        whole = self.whole[place] = max(0, self.whole[place] + added.whole)
        part = self.part[place] = min(whole, max(0, before + added.part))
        self.parts += part - before
        left = [id_ for id_ in (*self.examples.pop(start, ()), *added.examples) if id_ not in gone]
        if not self.mentions[place]:
            for column in self._columns():
                del column[place]
        elif left:
            self.examples[start] = tuple(dict.fromkeys(left))[:EXAMPLES]
        return True

    def thin_out(self) -> None:
        """Let go the examples that are told no more; not while windows are still to be judged as of then."""
        if len(self.examples) > KEPT_EXAMPLES:
            for start in sorted(self.examples)[:-KEPT_EXAMPLES]:
                del self.examples[start]

    def sums(self, starts: Iterable[int], until: int | None = None) -> list[tuple[int, int, int]]:
        """(mentions, whole, part) since each of `starts` (ms), which go back in time, of the first `until` windows."""
        sums = []
        mentions = whole = part = 0
        last = len(self.numbers) if until is None else until
        for start in starts:
            first = bisect_left(self.numbers, self._number(start), 0, last)
            mentions += sum(self.mentions[first:last])
            whole += sum(self.whole[first:last])
            part += sum(self.part[first:last])
            sums.append((mentions, whole, part))
            last = first
        return sums

    def places(self, first: int, last: int) -> range:
        """The places of the windows that began in [first, last) ms."""
        return range(*(bisect_left(self.numbers, self._number(at)) for at in (first, last)))

    def start(self, place: int) -> int:
        """When the window at a place began, in ms."""
        return (self.first + self.numbers[place]) * BASE

    def hours_from(self, first: int) -> Sequence[int]:
        """The hours since 1970, from `first` on, that have a window."""
        number = self._number(first * HOUR)
        if not self.numbers or self.numbers[-1] < number:
            return ()
        later = self.numbers[bisect_left(self.numbers, number) :]
        return sorted({(self.first + one) * BASE // HOUR for one in later})

    def examples_since(self, start: int, until: int | None = None) -> tuple[str, ...]:
        """The weightiest of each window since `start` in turn, the latest window first."""
        until = len(self.numbers) if until is None else until
        inside = (self.start(place) for place in range(bisect_left(self.numbers, self._number(start)), until))
        ranked = [(rank, -at, example) for at in inside for rank, example in enumerate(self.examples.get(at, ()))]
        return tuple(example for _, _, example in sorted(ranked)[:EXAMPLES])

    def _number(self, start: int) -> int:
        """The number of the first window that begins at `start` ms or later."""
        return -(-start // BASE) - self.first

    def _count_from(self, start: int) -> None:
        """Count from the first window that is kept, or from `start`."""
        later = self.numbers[0] if self.numbers else self._number(start)
        self.first += later
        self.numbers = [number - later for number in self.numbers]

    def _columns(self) -> tuple[list[int], ...]:
        return self.numbers, self.mentions, self.whole, self.part

    def _put(self, place: int, number: int, heard: Heard) -> None:
        for column, value in zip(self._columns(), (number, *heard[:3]), strict=True):
            column.insert(place, value)
        self.parts += heard.part
        if heard.examples:
            self.examples[(self.first + number) * BASE] = heard.examples

    def _forget(self, before: int) -> None:
        old = bisect_left(self.numbers, before)
        if not old:
            return
        for place in range(old):
            self.examples.pop(self.start(place), None)
        self.parts -= sum(self.part[:old])
        for column in self._columns():
            del column[:old]
