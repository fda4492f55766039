"""What was said about each brand lately, from the windows that close: minutes of two hours, hours of a day."""

from collections.abc import Iterable
from typing import NamedTuple

from listener.partition import Partition
from listener.trends import Spoken
from listener.windows import Counts, total
from schemas.times import HOUR, MINUTE

KEPT = {MINUTE: 120, HOUR: 24}


class Said(NamedTuple):
    """What was counted in a stretch, and what was too doubtful to be."""

    mentions: int
    scored: int
    negative: int
    doubtful: int


NOTHING = Said(0, 0, 0, 0)


class Lately:
    """The last closed windows of each brand. A window that is not among them was quiet, or nobody listened."""

    def __init__(self) -> None:
        self._windows: dict[int, dict[str, dict[int, Said]]] = {length: {} for length in KEPT}

    def take_up(self, partition: Partition) -> None:
        """The windows that were closed before, as the trackers remember them."""
        now = partition.state.clock.now
        if now is None:
            return
        for brand, tracker in partition.trackers.items():
            for name, length in (("minute", MINUTE), ("hour", HOUR)):
                for start in range(now - now % length - KEPT[length] * length, now, length):
                    window = tracker.state.windows[name].told(start)
                    if window is not None:
                        self._note(brand, length, start, total(window.emitted))

    def note(self, windows: Iterable[Spoken]) -> None:
        """Take in windows as they are told; a later revision replaces an earlier one."""
        for window in windows:
            if window.length.length in KEPT:
                self._note(window.brand, window.length.length, window.start, total(window.sums))

    def _note(self, brand: str, length: int, start: int, counts: Counts) -> None:
        windows = self._windows[length].setdefault(brand, {})
        windows[start] = Said(*(counts.get(name, 0) for name in Said._fields))
        if len(windows) > 2 * KEPT[length]:
            oldest = max(windows) - KEPT[length] * length
            self._windows[length][brand] = {start: said for start, said in windows.items() if start >= oldest}

    def said(self, brand: str, length: int, start: int, end: int) -> Said:
        """What the windows of so many ms in [start, end) come to; both are multiples of `length`."""
        windows = self._windows[length].get(brand)
        if not windows:
            return NOTHING
        found = [windows[at] for at in range(start, end, length) if at in windows]
        return Said(*map(sum, zip(*found, strict=True))) if found else NOTHING
