"""The detection windows of the last day, of one kind of mention: what the scales of `spikes.py` are summed from."""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

import msgspec

from listener.window_numbers import WindowNumbers
from listener.windows import BASE_WINDOW as BASE
from schemas.times import DAY, HOUR

EXAMPLES = 5
KEPT_EXAMPLES = 2 * EXAMPLES  # windows: of five that have any the weightiest are told, whatever those before them have
A_DAY = DAY // BASE
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
    half the bytes. `others` are the mentions that are not of the `whole`: mostly none, a byte each. `parts` is the sum
    of `part`; `examples` are by start (ms), of the latest windows that have any.
    """

    first: int = 0
    numbers: WindowNumbers = msgspec.field(default_factory=WindowNumbers)
    others: list[int] = []
    whole: list[int] = []
    part: list[int] = []
    parts: int = 0
    examples: dict[int, tuple[str, ...]] = {}

    def take_in(self, start: int, heard: Heard) -> None:
        """Take in the window that began at `start` ms, the latest, and let go what began a day before its end."""
        number = start // BASE - self.first
        if self.numbers and self.numbers[0] <= number - A_DAY:
            self._forget(number - A_DAY + 1)
        if not self.numbers or number > MOST_NUMBER:
            self._count_from(start)
            number = start // BASE - self.first
        self.numbers.append(number)
        self.others.append(heard.mentions - heard.whole)
        self.whole.append(heard.whole)
        self.part.append(heard.part)
        self.parts += heard.part
        if heard.examples:
            self.examples[start] = heard.examples

    def amend(self, start: int, added: Heard, gone: Collection[str]) -> bool:
        """Add to the window that began at `start`, or take away. Whether there was anything to amend."""
        number = self._number(start)
        place = bisect_left(self.numbers, number)
        if place == len(self.numbers) or self.numbers[place] != number:
            if added.mentions <= 0:
                return False
            if not self.numbers:
                self._count_from(start)
            self.numbers.insert(place, self._number(start))
            for column in (self.others, self.whole, self.part):
                column.insert(place, 0)
        before = self.part[place]
        mentions = max(0, self.others[place] + self.whole[place] + added.mentions)
        whole = self.whole[place] = max(0, self.whole[place] + added.whole)
        self.others[place] = mentions - whole
        part = self.part[place] = min(whole, max(0, before + added.part))
        self.parts += part - before
        left = [id_ for id_ in (*self.examples.pop(start, ()), *added.examples) if id_ not in gone]
        if not mentions:
            self._drop(slice(place, place + 1))
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
        others = whole = part = 0
        numbers = self.numbers
        last = len(numbers) if until is None else until
        for start in starts:
            first = bisect_left(numbers, self._number(start), 0, last)
            if first < last:
                others += sum(self.others[first:last])
                whole += sum(self.whole[first:last])
                part += sum(self.part[first:last])
                last = first
            sums.append((others + whole, whole, part))
        return sums

    def within(self, start: int, end: int) -> tuple[int, int]:
        """(whole, part) of the windows that began in [start, end) ms."""
        first, last = (bisect_left(self.numbers, self._number(at)) for at in (start, end))
        return sum(self.whole[first:last]), sum(self.part[first:last])

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
        self.numbers = WindowNumbers(number - later for number in self.numbers)

    def _forget(self, before: int) -> None:
        old = bisect_left(self.numbers, before)
        for start in [start for start in self.examples if start < (self.first + before) * BASE]:
            del self.examples[start]
        self.parts -= sum(self.part[:old])
        self._drop(slice(old))

    def _drop(self, places: slice) -> None:
        for column in (self.numbers, self.others, self.whole, self.part):
            del column[places]
