"""Which stretches of time were listened to: the difference between nothing said and nothing heard."""

from bisect import bisect_right

import msgspec

from schemas.times import MINUTE

DEAD_AFTER = 15 * MINUTE  # a source that covers nothing for so long is dead
Interval = tuple[int, int]


class Coverage(msgspec.Struct):
    """The intervals [from, to] in ms that each source covered, their union, and which sources have ended."""

    by_source: dict[str, list[Interval]] = {}
    union: list[Interval] = []
    ended: list[str] = []

    def hear(self, source: str, intervals: list[Interval], *, ended: bool = False) -> None:
        """`intervals` are all that `source` has covered so far; they replace what was known of it."""
        if ended != (source in self.ended):
            self.ended = sorted({*self.ended, source} if ended else set(self.ended) - {source})
        intervals = merge(intervals)
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

    def heard_since(self, end: int) -> int:
        """Since when all sources were heard without a break up to `end`: `end` itself if one was dead then.

        A gap of DEAD_AFTER is a break; so is the end of a source, after which less is to be heard.
        """
        since = 0
        for source, intervals in self.by_source.items():
            at = bisect_right(intervals, (end, 0)) - 1
            if at < 0:
                continue
            last = intervals[at][1]
            if end - last >= DEAD_AFTER:
                if source not in self.ended or at + 1 < len(intervals):
                    return end
                since = max(since, last)
                continue
            while at and intervals[at][0] > since:
                if intervals[at][0] - intervals[at - 1][1] >= DEAD_AFTER:
                    since = intervals[at][0]
                    break
                at -= 1
        return since

    def lost(self, end: int) -> int:
        """When the last of the sources that have ended was heard last, if that was before `end`; else 0."""
        lasts = (self.by_source[source][-1][1] for source in self.ended if self.by_source[source])
        return max((last for last in lasts if end - last >= DEAD_AFTER), default=0)

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
