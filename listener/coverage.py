"""Which stretches of time were listened to: the difference between nothing said and nothing heard."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeVar

import msgspec

from schemas.times import DAY, MINUTE, from_ms

DEAD_AFTER = 15 * MINUTE  # a source that covers nothing for so long is dead
MOST_OF_SOURCE = 500  # intervals: who is dead, and since when all were heard, is asked of the latest alone
MOST = 4_000  # of all sources together: 2,880 are two days of a source that is lost each minute
BRIEF = MINUTE  # a gap that is forgotten in the days before yesterday
Interval = tuple[int, int]
Moment = TypeVar("Moment", int, datetime)


class Coverage(msgspec.Struct):
    """The intervals [from, to] in ms that each source covered, their union, and which sources have ended.

    Bounded: of each source the latest MOST_OF_SOURCE, of the union the latest MOST; in the days before yesterday, as
    the union goes, a gap shorter than BRIEF is no gap, so a day that is revised late may be told as known a bit better.
    """

    by_source: dict[str, list[Interval]] = {}
    union: list[Interval] = []
    ended: list[str] = []

    def hear(self, source: str, told: Iterable[Interval], *, ended: bool = False) -> None:
        """`told` is all that `source` covered since the first of them began; what was known of before that stays."""
        if ended != (source in self.ended):
            self.ended = sorted({*self.ended, source} if ended else set(self.ended) - {source})
        told = merge(told)
        known = self.by_source.setdefault(source, [])
        since = _first_news(known, told)
        if since is None:
            return
        if _never_heard(known):
            since = min(since, known[0][0])
        known[:] = joined(known, told)[-MOST_OF_SOURCE:]
        self._renew(since)

    def _renew(self, since: int) -> None:
        """Put the union together again from a moment on. Where a source's intervals were let go, it alone has them."""
        yesterday = _yesterday(self.union[-1][1]) if self.union else 0
        full = [covered[0][0] for covered in self.by_source.values() if len(covered) == MOST_OF_SOURCE]
        news = _from(self.union, since) if full else []
        _cut(news, max(full, default=since))
        for covered in self.by_source.values():
            news += _from(covered, since)
        _cut(self.union, since)
        _join(self.union, merge(news))
        before, yesterday = yesterday, _yesterday(self.union[-1][1])
        if before < yesterday or since < yesterday:
            _forget_brief_gaps(self.union, yesterday)
        del self.union[:-MOST]

    def told(self) -> dict[str, tuple[tuple[datetime, datetime], ...]]:
        """What each source covered, as records say it."""
        return {
            source: tuple((from_ms(start), from_ms(end)) for start, end in covered)
            for source, covered in sorted(self.by_source.items())
        }

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


def merge(intervals: Iterable[tuple[Moment, Moment]]) -> list[tuple[Moment, Moment]]:
    """The union of intervals, sorted; those that touch become one."""
    merged: list[tuple[Moment, Moment]] = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def joined(
    known: Sequence[tuple[Moment, Moment]], told: Sequence[tuple[Moment, Moment]]
) -> list[tuple[Moment, Moment]]:
    """What is known after `told`: what was known of the time before it, and then that alone. Both are merged."""
    result = list(known)
    if told:
        if _never_heard(known):
            return list(told)
        _cut(result, told[0][0])
        _join(result, told)
    return result


def _never_heard(known: Sequence[tuple[Moment, Moment]]) -> bool:
    """Whether all that is known is since when it was to be heard."""
    return len(known) == 1 and known[0][0] == known[0][1]


def _first_news(known: list[Interval], told: list[Interval]) -> int | None:
    """From when on what is told differs from what is known; None if it does not. Most often an end went on."""
    if not told:
        return None
    at = bisect_left(known, (told[0][0],))
    if at and known[at - 1][1] >= told[0][0]:
        return told[0][0]
    for place, interval in enumerate(told, at):
        if place == len(known):
            return interval[0]
        if known[place] != interval:
            return min(known[place][0], interval[0])
    rest = at + len(told)
    return known[rest][0] if rest < len(known) else None


def _cut(intervals: list[tuple[Moment, Moment]], moment: Moment) -> None:
    """Leave only what lies before a moment."""
    del intervals[bisect_left(intervals, (moment,)) :]
    if intervals and intervals[-1][1] > moment:
        intervals[-1] = (intervals[-1][0], moment)


def _join(intervals: list[tuple[Moment, Moment]], later: Sequence[tuple[Moment, Moment]]) -> None:
    """Add intervals of which none begins before the end of those."""
    if intervals and later and later[0][0] == intervals[-1][1]:
        intervals[-1] = (intervals[-1][0], later[0][1])
        later = later[1:]
    intervals += later


def _from(intervals: list[Interval], moment: int) -> list[Interval]:
    """What lies from a moment on."""
    at = bisect_left(intervals, (moment,))
    if at and intervals[at - 1][1] > moment:
        return [(moment, intervals[at - 1][1]), *intervals[at:]]
    return intervals[at:]


def _yesterday(moment: int) -> int:
    return moment - moment % DAY - DAY


def _forget_brief_gaps(intervals: list[Interval], before: int) -> None:
    at = bisect_left(intervals, (before,))
    settled: list[Interval] = []
    for start, end in intervals[:at]:
        if settled and start - settled[-1][1] < BRIEF:
            settled[-1] = (settled[-1][0], end)
        else:
            settled.append((start, end))
    intervals[:at] = settled
