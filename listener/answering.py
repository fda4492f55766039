"""Who waits for an answer of a brand, until when, and what came of it.

A mention needs an answer if somebody addresses the brand and complains or asks (`asking.py`). It is answered by a
post of the brand's own accounts that replies to it or quotes it, and is due `WITHIN` after the five minutes in which it
was written. Then it has its outcome, answered or not; what is read later, or taken back, changes that as of when it was
read. What has become of a mention is worked out from all that is known of it, as a course over the times of reading;
what is told is how that differs from what was told. So the order in which it came does not matter.
"""

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from listener.outcome import Outcome, Why
from listener.threads import mark_of, read_of
from listener.windows import Counts, add_up
from listener.words import mark32
from schemas.brand_mention import BrandMention
from schemas.mention import Mention
from schemas.retraction import Because, Retraction
from schemas.times import HOUR, MINUTE, to_ms

RULE: Final = "unanswered"
UNIT = 10_000  # compound scores weigh as whole numbers of this fraction
SLOT = 5 * MINUTE  # a detection window: what is due at one time
WITHIN = 4 * HOUR
BOUNDS = (5, 15, 30, 60, 120, 240)  # minutes: how long an answer took, at most; the last with those of the last slot
ANSWERED = tuple(f"answered_{bound}" for bound in BOUNDS)
MOST_OF_SLOT = 5  # mentions of five minutes that are followed, 80 bytes each: 60 an hour
MOST_OF_OPEN = 7  # of which they are taken when their deadline comes: some may have been taken back
# For so long after its deadline an outcome can still change. By time alone: what is read later changes nothing, whether
# it comes before or after the slot is forgotten.
CHANGES_WITHIN = 4 * HOUR
MOST_ANSWERS = 4  # of one mention that are remembered
ASKED_WITHIN = 15 * MINUTE  # so much later than its answer may a mention be read, which is kept for so long
MOST_UNASKED = 1_000  # 30 bytes each; by this number alone it could matter which lane is ahead of which


class Answer(msgspec.Struct, array_like=True, gc=False):
    """An answer of the brand, by a mark of its id: when it was written and read, and taken back, in ms."""

    written: int
    read: int
    mark: bytes
    gone: int | None = None


class Unasked(msgspec.Struct, array_like=True, gc=False):
    """An answer to what is not known (yet), by a mark of its id."""

    target: bytes
    answer: Answer


class Question(msgspec.Struct, array_like=True, gc=False):
    """A mention that needs an answer; as an example it has this `weight`. `gone`: when and why it was taken back.

    The weight comes first and then the id, so that an erasure knows it for a post (`erasing.without`); it is "" once
    that is erased whose outcome is still to be told. By their `rank`, a mark of the id, a few of many are followed. It
    was read so many ms `after` it was `written`.
    """

    weight: tuple[int, int]
    id: str
    rank: int
    platform: str
    written: int
    after: int
    answers: list[Answer] = []
    gone: tuple[int, Because] | None = None


class Slot(msgspec.Struct, omit_defaults=True):
    """What is due at one time. `asked` is how many were read before it, by platform. `heard`: no source was dead.

    `given_up`: nobody counts it, since the monitor was off.
    """

    questions: list[Question] = []
    asked: Counts = {}
    settled: bool = False
    heard: bool = True
    given_up: bool = False


Course = dict[int, tuple[str, Counts]]  # by when it was read: why, and what changes


class Waiting(msgspec.Struct):
    """All that waits, and what has waited lately, by the deadline (ms). `first` is the first that is not settled."""

    slots: dict[int, Slot] = {}
    unasked: list[Unasked] = []
    first: int | None = None

    def ask(self, mention: BrandMention, read: int, passed: int) -> Iterator[Outcome]:
        """Somebody needs an answer. What is read only after its deadline is not followed: nobody could have known.

        An edited mention that still needs one waits as before.
        """
        source = mention.mention
        deadline = deadline_of(to_ms(source.created_at))
        slot = self.slots.get(deadline)
        if slot is not None and slot.given_up:
            return
        before = _find(slot, source.id)
        if slot is not None and before is not None:
            yield from _ask_again(before, mention, read, deadline, slot)
            return
        if deadline < read or deadline <= passed:
            if read <= deadline + CHANGES_WITHIN:
                yield _unfollowed(mention, deadline, read, 1)
            return
        if slot is None:
            slot = self.slots[deadline] = Slot()
            self.first = deadline if self.first is None else min(self.first, deadline)
        add_up(slot.asked, {_platform(source): 1})
        written = to_ms(source.created_at)
        question = Question(
            _weight(mention), source.id, mark32(source.id), _platform(source), written, max(0, read - written)
        )
        question.answers = self._answers_before(mark_of(source.id), read)
        slot.questions.append(question)
        slot.questions.sort(key=_by_rank)
        del slot.questions[MOST_OF_OPEN:]  # those that are gone count too, or it would matter when they went

    def answer(self, mention: BrandMention, read: int, passed: int) -> Iterator[Outcome]:
        """The brand answers what it replies to and what it quotes."""
        source = mention.mention
        answer = Answer(to_ms(source.created_at), read, mark_of(source.id))
        for target in dict.fromkeys((source.parent_id, source.quoted_id)):
            if target is None:
                continue
            answered = [
                (deadline, slot, one)
                for deadline, slot in self._open_at(read)
                if (one := _find(slot, target)) is not None and one.written + one.after - read <= ASKED_WITHIN
            ]
            for deadline, slot, question in answered:
                course = _course(question, deadline, slot)
                _add(question.answers, answer)
                yield from _told(question, deadline, course, _course(question, deadline, slot))
            if not answered:
                self._keep_unasked(Unasked(mark_of(target), answer), passed)

    def take_back(self, retraction: Retraction) -> Iterator[Outcome]:
        """A mention that needed an answer, or an answer, was taken back."""
        source = retraction.trace.mention
        at = max(read_of(source), to_ms(retraction.at))
        if retraction.trace.owned:
            yield from self._take_back_answer(mark_of(source.id), at)
            return
        deadline = deadline_of(to_ms(source.created_at))
        if at > deadline + CHANGES_WITHIN:
            if retraction.because != "edited":  # what it says now may need an answer as well
                yield from self.forget(retraction)
            return
        slot = self.slots.get(deadline)
        if slot is not None and slot.given_up:
            return
        question = _find(slot, source.id)
        if slot is not None and not slot.settled and at <= deadline:
            add_up(slot.asked, {_platform(source): -1})
        elif question is None:
            yield _unfollowed(retraction.trace, deadline, max(at, deadline), -1)
        if slot is None or question is None or question.gone is not None:
            return
        course = _course(question, deadline, slot)
        question.gone = at, retraction.because
        yield from _told(question, deadline, course, _course(question, deadline, slot))
        if retraction.because == "erased":
            question.id = ""

    def forget(self, retraction: Retraction) -> Iterator[Outcome]:
        """Nothing changes for a mention that is gone, but it must not stand as an example any more."""
        source, at = retraction.trace.mention, to_ms(retraction.at)
        deadline = deadline_of(to_ms(source.created_at))
        question = _find(self.slots.get(deadline), source.id)
        if question is not None and retraction.because == "erased":
            question.id = ""
        if at > deadline:
            yield Outcome(deadline, at, _platform(source), {}, "deleted", None, source.id)

    def settle(self, until: int, heard_since: Callable[[int], int]) -> Iterator[Outcome]:
        """The outcomes of what is due.

        Where a source was dead for a quarter of an hour while they waited nobody knows who was answered.
        """
        for deadline in sorted(deadline for deadline, slot in self.slots.items() if not slot.settled):
            if deadline > until:
                break
            slot = self.slots[deadline]
            yield from _cut(slot, deadline)
            followed = Counter(question.platform for question in slot.questions)
            slot.settled, slot.heard = True, heard_since(deadline) <= deadline - WITHIN - SLOT
            for platform, count in sorted(slot.asked.items()):
                if count > followed[platform]:
                    yield Outcome(deadline, deadline, platform, {"unfollowed": count - followed[platform]})
            for question in slot.questions:
                yield from _told(question, deadline, {}, _course(question, deadline, slot))
            self._forget(deadline)
        self._look_for_the_first()

    def give_up(self, until: int) -> None:
        """Forget what waits up to a deadline: nobody counts it, nor what becomes of it."""
        for deadline, slot in self.slots.items():
            if not slot.settled and deadline <= until:
                self.slots[deadline] = Slot(settled=True, given_up=True)
        self._forget(until)
        self._look_for_the_first()

    def _look_for_the_first(self) -> None:
        self.first = min((deadline for deadline, slot in self.slots.items() if not slot.settled), default=None)

    def _open_at(self, read: int) -> Iterator[tuple[int, Slot]]:
        """What an answer may change that was read at a time. Where pulses lag there are thousands of slots."""
        oldest = read - CHANGES_WITHIN
        for deadline in range(oldest + -oldest % SLOT, deadline_of(read + ASKED_WITHIN) + 1, SLOT):
            slot = self.slots.get(deadline)
            if slot is not None:
                yield deadline, slot

    def _forget(self, now: int) -> None:
        for deadline in [deadline for deadline in self.slots if deadline < now - CHANGES_WITHIN]:
            del self.slots[deadline]

    def _answers_before(self, target: bytes, read: int) -> list[Answer]:
        found = [one for one in self.unasked if one.target == target and read - one.answer.read <= ASKED_WITHIN]
        if found:
            self.unasked = [one for one in self.unasked if one.target != target]
        answers: list[Answer] = []
        for one in found:
            _add(answers, one.answer)
        return answers

    def _keep_unasked(self, unasked: Unasked, passed: int) -> None:
        """By the clock and not by what was read last: one lane may be hours ahead of another."""
        insort(self.unasked, unasked, key=_by_reading)
        old = bisect_left(self.unasked, passed - ASKED_WITHIN, key=_read)
        del self.unasked[: max(old, len(self.unasked) - MOST_UNASKED)]

    def _take_back_answer(self, mark: bytes, at: int) -> Iterator[Outcome]:
        self.unasked = [one for one in self.unasked if one.answer.mark != mark]
        for deadline, slot in self._open_at(at):
            for question in slot.questions:
                for place, answer in enumerate(question.answers):
                    if answer.mark != mark or answer.gone is not None:
                        continue
                    course = _course(question, deadline, slot)
                    question.answers[place] = Answer(answer.written, answer.read, mark, at)
                    yield from _told(question, deadline, course, _course(question, deadline, slot))
                    break


def deadline_of(written: int) -> int:
    """When the outcome of a mention is due that was written at a time, both in ms."""
    return written - written % SLOT + SLOT + WITHIN


def _platform(source: Mention) -> str:
    return source.platform or "unknown"


def _unfollowed(mention: BrandMention, deadline: int, read: int, count: int) -> Outcome:
    return Outcome(deadline, read, _platform(mention.mention), {"unfollowed": count})


def _weight(mention: BrandMention) -> tuple[int, int]:
    """The most negative first, then those whose author reaches most."""
    author = mention.mention.author
    felt = round((mention.sentiment.compound or 0.0) * UNIT)
    return min(0, felt), -((author and author.followers) or 0)


def _find(slot: Slot | None, id_: str) -> Question | None:
    if slot is None:
        return None
    return next((question for question in slot.questions if question.id == id_), None)


def _add(answers: list[Answer], answer: Answer) -> None:
    """Add an answer, of which an edited one is the same; of too many those are kept that were written first."""
    for place, before in enumerate(answers):
        if before.mark == answer.mark:
            if before.gone == answer.read:
                answers[place] = Answer(before.written, before.read, before.mark)
            return
    answers.append(answer)
    answers.sort(key=_by_writing)
    del answers[MOST_ANSWERS:]


def _ask_again(question: Question, mention: BrandMention, read: int, deadline: int, slot: Slot) -> Iterator[Outcome]:
    """A later version needs an answer as well: it waits as before, if the one before it has just gone or in time."""
    if question.gone is None:
        return
    in_time = read <= deadline
    if not in_time and question.gone[0] != read:
        return
    if in_time:
        add_up(slot.asked, {question.platform: 1})
    course = _course(question, deadline, slot)
    question.weight, question.gone = _weight(mention), None
    yield from _told(question, deadline, course, _course(question, deadline, slot))


def _cut(slot: Slot, deadline: int) -> Iterator[Outcome]:
    """Follow no more than are to be followed: those whose marks are least, a uniform sample.

    Of the others it is told that they are not followed any more either once they are taken back.
    """
    left = [question for question in slot.questions if question.gone is None or question.gone[0] > deadline]
    slot.questions = left[:MOST_OF_SLOT]
    for question in left[MOST_OF_SLOT:]:
        if question.gone is not None:
            yield Outcome(deadline, question.gone[0], question.platform, {"unfollowed": -1})


def _course(question: Question, deadline: int, slot: Slot) -> Course:
    """What is told of a mention, in the order of reading; nothing before it is settled."""
    if not slot.settled:
        return {}
    gone = None if question.gone is None else question.gone[0]
    times = {deadline, *(answer.read for answer in question.answers)}
    times |= {answer.gone for answer in question.answers if answer.gone is not None}
    if gone is not None:
        times = {time for time in times if time < gone} | {gone}
    course: Course = {}
    before: str | None = None
    for time in sorted(time for time in times if time >= deadline):
        now = None if time == gone else _outcome(question, deadline, time) if slot.heard else "unheard"
        if now != before:
            why = question.gone[1] if question.gone is not None and time == gone else "answered"
            course[time] = why, _difference(before, now)
        before = now
    return course


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


def _told(question: Question, deadline: int, before: Course, after: Course) -> Iterator[Outcome]:
    """How the course of a mention differs from what was told."""
    for time in sorted(before.keys() | after.keys()):
        why = (after.get(time) or before[time])[0]
        sums = after[time][1].copy() if time in after else {}
        if time in before:
            add_up(sums, {name: -count for name, count in before[time][1].items()})
        counts = {name: count for name, count in sums.items() if count}
        if counts:
            cause: Why = "edited" if why == "edited" else "deleted" if why in ("deleted", "erased") else "answered"
            gone = (question.id or None) if question.gone is not None and question.gone[0] == time else None
            unanswered = question.id and counts.get("unanswered", 0) > 0
            example = (RULE, question.weight, question.id) if unanswered else None
            yield Outcome(deadline, time, question.platform, counts, cause, example, gone)


def _by_rank(question: Question) -> tuple[int, str]:
    return question.rank, question.id


def _by_writing(answer: Answer) -> tuple[int, int, bytes]:
    return answer.written, answer.read, answer.mark


def _read(unasked: Unasked) -> int:
    return unasked.answer.read


def _by_reading(unasked: Unasked) -> tuple[int, bytes, bytes]:
    return unasked.answer.read, unasked.target, unasked.answer.mark
