"""Which stretches of time were listened to: the difference between nothing said and nothing heard."""

from bisect import bisect_right

import msgspec

Interval = tuple[int, int]


class Coverage(msgspec.Struct):
    """The intervals [from, to] in ms that each source covered, and their union."""

    by_source: dict[str, list[Interval]] = {}
    union: list[Interval] = []

    def hear(self, source: str, intervals: list[Interval]) -> None:
        """`intervals` are all that `source` has covered so far; they replace what was known of it."""
        if self.by_source.get(source) == intervals:
            return
        self.by_source[source] = intervals
        self.union = merge([interval for covered in self.by_source.values() for interval in covered])

    def known(self, start: int, end: int) -> float:
        """The share of [start, end) that at least one source covered, in [0, 1], six decimals."""
        if len(self.union) == 1 and self.union[0][0] <= start and end <= self.union[0][1]:
            return 1.0
        covered = 0
        at = max(0, bisect_right(self.union, (start, start)) - 1)
        while at < len(self.union) and self.union[at][0] < end:
            covered += max(0, min(end, self.union[at][1]) - max(start, self.union[at][0]))
            at += 1
        return round(covered / (end - start), 6)

    def first(self) -> int | None:
        """The first moment that any source covered."""
        return self.union[0][0] if self.union else None


def merge(intervals: list[Interval]) -> list[Interval]:
    """The union of intervals, sorted; those that touch become one."""
    merged: list[Interval] = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged
