"""Who waits for an answer of a brand, until when, and what came of it.

A mention needs an answer if somebody addresses the brand and complains or asks (`asking.py`). It is answered by a
post of the brand's own accounts that replies to it or quotes it, and is due `WITHIN` after the five minutes in which it
was written. Then it has its outcome, answered or not (`question.py`). What is read when, and not what comes when,
decides: so neither the order of lanes nor pulses change what is told.
"""

from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Callable, Iterator

import msgspec

from listener.outcome import Outcome
from listener.question import (
    ASKED_WITHIN,
    CHANGES_WITHIN,
    Answer,
    Course,
    Question,
    add_answer,
    delete_answer,
)
from listener.sentiment.scoring import UNIT
from listener.threads import mark_of, read_of
from listener.windows import Counts, add_up
from listener.words import mark32
from schemas.brand_mention import BrandMention
from schemas.mention import Mention
from schemas.retraction import Retraction
from schemas.times import HOUR, MINUTE, to_ms

SLOT = 5 * MINUTE  # a detection window: what is due at one time
WITHIN = 4 * HOUR
MOST_OF_SLOT = 5  # mentions of five minutes that are followed, 80 bytes each: 60 an hour
MOST_OF_OPEN = 7  # of which they are taken when their deadline comes: some may have been taken back
MOST_UNASKED = 50  # posts of which answers are remembered, of those that were read in five minutes; 40 bytes each
UNASKED_WITHIN = SLOT + ASKED_WITHIN  # since the five minutes of an answer: then its question is there, if there is one
AHEAD = HOUR  # so far may the time of writing lie ahead of that of reading: what is further ahead is no mention


class Slot(msgspec.Struct, omit_defaults=True):
    """What is due at one time. `asked` is how many wait for it, by platform. `heard`: no source was dead."""

    questions: list[Question] = []
    asked: Counts = {}
    settled: bool = False
    heard: bool = True


class Answers(msgspec.Struct, array_like=True):
    """Answers that were read in the five minutes from `begin` on, by a mark of what they answer."""

    begin: int
    targets: dict[bytes, list[Answer]] = {}


class Waiting(msgspec.Struct):
    """All that waits, and what has waited lately, by the deadline (ms).

    `due` are the deadlines to come, `told` those of which what was told may change. `unasked` are answers whose
    question may come yet. All are in the order of time, and forgotten by it alone, at times that follow from them: so
    what is kept does not hang on pulses either.
    """

    slots: dict[int, Slot] = {}
    due: list[int] = []
    told: list[int] = []
    unasked: list[Answers] = []

    @property
    def next(self) -> int | None:
        """When something is due, or to be forgotten."""
        times = [self.unasked[0].begin + UNASKED_WITHIN] if self.unasked else []
        if self.due:
            times.append(self.due[0])
        elif self.told:
            times.append(self.told[-1] + CHANGES_WITHIN + SLOT)
        return min(times, default=None)

    def ask(self, mention: BrandMention, read: int, passed: int) -> None:
        """Somebody needs an answer. What is read only after its deadline is not counted: nobody could have known."""
        source = mention.mention
        deadline = deadline_of(to_ms(source.created_at))
        if deadline < read or deadline <= passed:
            return
        slot = self.slots.get(deadline)
        if slot is None:
            slot = self.slots[deadline] = Slot()
            insort(self.due, deadline)
        add_up(slot.asked, {_platform(source): 1})
        weight = _weight(mention)
        question = _find(slot, source.id)
        if question is None:
            written = to_ms(source.created_at)
            question = Question(weight, source.id, mark32(source.id), _platform(source), written, read, read)
            insort(slot.questions, question, key=_by_rank)
            del slot.questions[MOST_OF_OPEN:]  # those that are gone count too, or it would matter when they went
        else:
            question.add_version(weight, read)
        self._find_answers(question, deadline)

    def answer(self, mention: BrandMention, read: int) -> Iterator[Outcome]:
        """The brand answers what it replies to and what it quotes."""
        source = mention.mention
        for target in dict.fromkeys((source.parent_id, source.quoted_id)):
            if target is None:
                continue
            answer = Answer(to_ms(source.created_at), mark_of(source.id), read)
            self._keep(answer, mark_of(target))
            for deadline, slot in self._open_at(read):
                question = _find(slot, target)
                if question is not None and question.may_have(answer, deadline):
                    before = _course(question, deadline, slot)
                    add_answer(question.answers, msgspec.structs.replace(answer))
                    yield from _course(question, deadline, slot).tell(question, deadline, before)

    def take_back(self, retraction: Retraction, *, asked: bool) -> Iterator[Outcome]:
        """A mention is edited or deleted that `asked` for an answer by its words, or another version of it may have."""
        source, deleted = retraction.trace.mention, retraction.because != "edited"
        at = max(read_of(source), to_ms(retraction.at))
        deadline = deadline_of(to_ms(source.created_at))
        slot = self.slots.get(deadline)
        question = _find(slot, source.id)
        if at <= deadline:
            if slot is not None and asked:
                add_up(slot.asked, {_platform(source): -1})
                if question is not None:
                    question.versions -= 1
                    if retraction.because == "erased":
                        question.id = ""
            return
        if not deleted:  # it has asked in time, whatever it says now
            return
        erased = retraction.because == "erased"
        if slot is None or question is None:
            if asked or erased:  # it may stand as an example
                yield Outcome(deadline, at, _platform(source), {}, "deleted", None, source.id)
            return
        before = _course(question, deadline, slot)
        question.delete(at, erased=erased)
        yield from _course(question, deadline, slot).tell(question, deadline, before)
        if at > deadline + CHANGES_WITHIN:
            yield Outcome(deadline, at, _platform(source), {}, "deleted", None, source.id)
        if slot.settled:
            _forget_erased(slot)

    def take_back_answer(self, retraction: Retraction) -> Iterator[Outcome]:
        """An answer is deleted. One that is edited is still one."""
        if retraction.because == "edited":
            return
        source = retraction.trace.mention
        mark, at = mark_of(source.id), max(read_of(source), to_ms(retraction.at))
        for answers in (answers for kept in self.unasked for answers in kept.targets.values()):
            delete_answer(answers, mark, at)
        for deadline, slot in self._open_at(at):
            for question in slot.questions:
                before = _course(question, deadline, slot)
                if delete_answer(question.answers, mark, at):
                    yield from _course(question, deadline, slot).tell(question, deadline, before)

    def settle(self, until: int, heard_since: Callable[[int], int]) -> Iterator[Outcome]:
        """The outcomes of what is due.

        Where a source was dead for a quarter of an hour while they waited nobody knows who was answered.
        """
        count = bisect_right(self.due, until)
        now, self.due = self.due[:count], self.due[count:]
        self.told += now
        for deadline in now:
            slot = self.slots[deadline]
            slot.heard = heard_since(deadline) <= deadline - WITHIN - SLOT
            yield from _settled(slot, deadline)
        self._forget(until)

    def give_up(self, until: int) -> None:
        """Forget what waits up to a deadline: nobody counts it, nor what becomes of it."""
        count = bisect_right(self.due, until)
        for deadline in self.due[:count]:
            del self.slots[deadline]
        del self.due[:count]
        self._forget(until)

    def _open_at(self, read: int) -> Iterator[tuple[int, Slot]]:
        """What an answer may change that was read at a time. Where pulses lag there are thousands of slots."""
        oldest = read - CHANGES_WITHIN
        for deadline in range(oldest + -oldest % SLOT, deadline_of(read + ASKED_WITHIN + AHEAD) + 1, SLOT):
            slot = self.slots.get(deadline)
            if slot is not None:
                yield deadline, slot

    def _forget(self, now: int) -> None:
        count = bisect_left(self.told, now - CHANGES_WITHIN)
        for deadline in self.told[:count]:
            del self.slots[deadline]
        del self.told[:count]
        del self.unasked[: bisect_right(self.unasked, now - UNASKED_WITHIN, key=_begin)]

    def _keep(self, answer: Answer, target: bytes) -> None:
        """Keep an answer until all is there that was read before its question might have been.

        Of too many those whose marks are least: by their number alone it would matter which lane is ahead of which.
        """
        begin = answer.read - answer.read % SLOT
        place = bisect_left(self.unasked, begin, key=_begin)
        if place == len(self.unasked) or self.unasked[place].begin != begin:
            self.unasked.insert(place, Answers(begin))
        targets = self.unasked[place].targets
        add_answer(targets.setdefault(target, []), msgspec.structs.replace(answer))
        if len(targets) > MOST_UNASKED:
            del targets[max(targets)]

    def _find_answers(self, question: Question, deadline: int) -> None:
        """The answers to it that came before it."""
        if not self.unasked:
            return
        target, first = mark_of(question.id), question.read - ASKED_WITHIN
        for kept in self.unasked[bisect_left(self.unasked, first - first % SLOT, key=_begin) :]:
            for answer in kept.targets.get(target, ()):
                if question.may_have(answer, deadline):
                    add_answer(question.answers, msgspec.structs.replace(answer))


def deadline_of(written: int) -> int:
    """When the outcome of a mention is due that was written at a time, both in ms."""
    return written - written % SLOT + SLOT + WITHIN


def _platform(source: Mention) -> str:
    return source.platform or "unknown"


def _weight(mention: BrandMention) -> tuple[int, int]:
    """The most negative first, then those whose author reaches most."""
    author = mention.mention.author
    felt = round((mention.sentiment.compound or 0.0) * UNIT)
    return min(0, felt), -((author and author.followers) or 0)


def _find(slot: Slot | None, id_: str) -> Question | None:
    if slot is None:
        return None
    return next((question for question in slot.questions if question.id == id_), None)


def _course(question: Question, deadline: int, slot: Slot) -> Course:
    """What is told of a mention; nothing before it is settled."""
    return Course.of(question, deadline, heard=slot.heard) if slot.settled else Course()


def _settled(slot: Slot, deadline: int) -> Iterator[Outcome]:
    """Of those that stand by now follow no more than are to be followed: whose marks are least, a uniform sample."""
    slot.questions = [question for question in slot.questions if question.versions > 0][:MOST_OF_SLOT]
    followed: Counter[str] = Counter()
    for question in slot.questions:
        followed[question.platform] += question.versions
    for platform, count in sorted(slot.asked.items()):
        if count > followed[platform]:
            yield Outcome(deadline, deadline, platform, {"unfollowed": count - followed[platform]})
    slot.asked, slot.settled = {}, True
    for question in slot.questions:
        yield from _course(question, deadline, slot).tell(question, deadline, Course())
    _forget_erased(slot)


def _forget_erased(slot: Slot) -> None:
    for question in slot.questions:
        if question.erased:
            question.id = ""


def _begin(kept: Answers) -> int:
    return kept.begin


def _by_rank(question: Question) -> tuple[int, str]:
    return question.rank, question.id
