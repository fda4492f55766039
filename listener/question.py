"""A mention that needs an answer, the answers to it, and the course of its outcome over the times of reading.

By its deadline it stands or not: what was read up to then counts, its versions and what took them back. From then on
only that it is deleted, and answers, change what is told. All of it is worked out from what is known, whichever came
first; the outcome of each time is told as of that time.
"""

from bisect import insort
from collections.abc import Iterator
from typing import Final

import msgspec

from listener.outcome import Outcome
from listener.windows import Counts, add_up
from schemas.times import HOUR, MINUTE

RULE: Final = "unanswered"
BOUNDS = (5, 15, 30, 60, 120, 240)  # minutes: how long an answer took, at most; the last with those of the last slot
ANSWERED = tuple(f"answered_{bound}" for bound in BOUNDS)
# For so long after its deadline an outcome can still change. By time alone: what is read later changes nothing, whether
# it comes before or after all that is forgotten.
CHANGES_WITHIN = 4 * HOUR
ASKED_WITHIN = 15 * MINUTE  # so much later than its answer may a mention be read
MOST_ANSWERS = 4  # of one mention that are remembered: those that were written first


class Answer(msgspec.Struct, array_like=True, gc=False):
    """An answer of the brand, by a mark of its id: when it was written, first read, and deleted, in ms."""

    written: int
    mark: bytes
    read: int
    gone: int | None = None


class Question(msgspec.Struct, array_like=True, gc=False):
    """A mention that needs an answer; as an example it has this `weight`, of the version that was read at `weighed`.

    The weight comes first and then the id, so that an erasure knows it for a post (`erasing.without`); it is "" once
    that is erased. By their `rank`, a mark of the id, a few of many are followed. It was `read` first at a time;
    `versions` are those that stand by its deadline. `gone` is when it was deleted after that.
    """

    weight: tuple[int, int]
    id: str
    rank: int
    platform: str
    written: int
    read: int
    weighed: int
    versions: int = 1
    answers: list[Answer] = []
    gone: int | None = None
    erased: bool = False

    def add_version(self, weight: tuple[int, int], read: int) -> None:
        """One more is read in time: an edit, or a copy that came in another thread."""
        self.versions += 1
        self.read = min(self.read, read)
        self.weighed, self.weight = max((self.weighed, self.weight), (read, weight))

    def delete(self, at: int, *, erased: bool) -> None:
        """It is deleted after its deadline."""
        self.gone = at if self.gone is None else min(self.gone, at)
        self.erased |= erased

    def may_have(self, answer: Answer, deadline: int) -> bool:
        """Whether an answer was read neither so early nor so late that nobody remembers both."""
        return self.read - ASKED_WITHIN <= answer.read <= deadline + CHANGES_WITHIN


def add_answer(answers: list[Answer], answer: Answer) -> None:
    """Add an answer; an edit or a copy of one is the same."""
    for known in answers:
        if known.mark == answer.mark:
            known.read = min(known.read, answer.read)
            return
    insort(answers, answer, key=_by_writing)
    del answers[MOST_ANSWERS:]


def delete_answer(answers: list[Answer], mark: bytes, at: int) -> bool:
    """One of them is deleted; whether it is among them."""
    for known in answers:
        if known.mark == mark:
            known.gone = at if known.gone is None else min(known.gone, at)
            return True
    return False


class Course(dict[int, Counts]):
    """What changes, by the time at which it was read."""

    deleted: int | None = None  # the last time, if the mention was deleted then

    @classmethod
    def of(cls, question: Question, deadline: int, *, heard: bool) -> "Course":
        """The course of a mention whose deadline has passed. Where a source was dead meanwhile nobody knows it."""
        course = cls()
        if question.versions <= 0:
            return course
        last = deadline + CHANGES_WITHIN
        times = {deadline}
        if question.gone is not None and question.gone <= last:
            course.deleted = last = question.gone
            times.add(last)
        for answer in question.answers:
            times |= {time for time in (answer.read, answer.gone) if time is not None and deadline < time <= last}
        before: str | None = None
        for time in sorted(times):
            now = None if time == course.deleted else _outcome(question, deadline, time) if heard else "unheard"
            if now != before:
                course[time] = _difference(before, now)
            before = now
        return course

    def tell(self, question: Question, deadline: int, before: "Course") -> Iterator[Outcome]:
        """How it differs from what was told."""
        for time in sorted(self.keys() | before.keys()):
            counts = dict(self.get(time, {}))
            add_up(counts, {name: -count for name, count in before.get(time, {}).items()})
            counts = {name: count for name, count in counts.items() if count}
            if not counts:
                continue
            deleted = time == self.deleted
            unanswered = question.id and counts.get("unanswered", 0) > 0 and self.get(time, {}).get("unanswered", 0) > 0
            yield Outcome(
                deadline,
                time,
                question.platform,
                counts,
                "deleted" if deleted else "answered",
                (RULE, question.weight, question.id) if unanswered else None,
                (question.id or None) if deleted else None,
            )


def _outcome(question: Question, deadline: int, time: int) -> str:
    """The outcome by what was read up to a time."""
    written = [
        answer.written
        for answer in question.answers
        if answer.read <= time and (answer.gone is None or answer.gone > time) and answer.written < deadline
    ]
    if not written:
        return "unanswered"
    minutes = (min(written) - question.written) / MINUTE
    place = next((place for place, bound in enumerate(BOUNDS) if minutes <= bound), len(BOUNDS) - 1)
    return ANSWERED[place]


def _difference(before: str | None, now: str | None) -> Counts:
    counts: Counts = {}
    for outcome, sign in ((before, -1), (now, 1)):
        if outcome is not None:
            add_up(counts, {outcome: sign} if outcome == "unheard" else {outcome: sign, "due": sign})
    return {name: count for name, count in counts.items() if count}


def _by_writing(answer: Answer) -> tuple[int, bytes]:
    return answer.written, answer.mark
