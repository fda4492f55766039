"""A scorer that somebody has plugged in: asked about many texts at once, and never waited for longer than is said.

It runs in a thread of its own, the only one it ever gets: one that has not answered in time is asked nothing more until
it has. What keeps failing is left alone for a while, and asked again.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from math import isfinite
from numbers import Real
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Literal

from listener.sentiment.scoring import UNIT, Scorer

MOST_FAILURES = 3  # in a row, then it is left alone
PAUSE, LONGEST_PAUSE = 30.0, 600.0  # seconds: the first, and after ever more failures the longest

Text = tuple[str, str]  # and its language
Score = Callable[[Sequence[Text]], Iterable[float | None]]
Outcome = Literal["answered", "abstained", "timed out", "failed", "wrong answer", "left alone"]
Answer = int | Outcome  # the score * 10,000, or why there is none
log = logging.getLogger(__name__)


class Unanswered(Exception):
    """A plugged-in scorer has no score for a text."""

    def __init__(self, scorer: str, outcome: Outcome) -> None:
        super().__init__(f"{scorer} {outcome}")
        self.scorer = scorer
        self.outcome = outcome


class Late(Exception):
    """There was no answer in time."""


class Plugged:
    """A scorer of some languages, asked about `batch` texts at a time and given `timeout` seconds for each time.

    `name` is its name and version. `counts` says how many texts had which outcome. Between `gather` and `ask` what it
    would be asked is only noted; a text that was not foreseen is asked about by itself.
    """

    def __init__(
        self, name: str, score: Score, languages: Sequence[str], batch: int, timeout: float, pause: float = PAUSE
    ) -> None:
        self.name = name
        self.languages = tuple(languages)
        self.counts: Counter[Outcome] = Counter()
        self._batch = batch
        self._timeout = timeout
        self._worker = _Worker(name, score)
        self._breaker = _Breaker(pause)
        self._gathered: dict[Text, None] | None = None
        self._answers: dict[Text, Answer] = {}

    def scorers(self) -> list[Scorer]:
        """One for each language. Their `compound` raises Unanswered."""
        return [Scorer(self.name, language, partial(self._compound, language)) for language in self.languages]

    def gather(self) -> None:
        """Note from here on what is to be asked, and forget what was answered."""
        self._gathered, self._answers = {}, {}

    def ask(self) -> None:
        """Ask about all that was noted."""
        texts, self._gathered = list(self._gathered or ()), None
        for begin in range(0, len(texts), self._batch):
            asked = texts[begin : begin + self._batch]
            self._answers.update(zip(asked, self.answers(asked), strict=True))

    def _compound(self, language: str, text: str) -> int:
        asked = text, language
        if self._gathered is not None:
            self._gathered[asked] = None
            return 0
        answer = self._answers.get(asked)
        if answer is None:
            (answer,) = self.answers([asked])
        if isinstance(answer, str):
            raise Unanswered(self.name, answer)
        return answer

    def answers(self, texts: Sequence[Text]) -> list[Answer]:
        """An answer for each text."""
        answers = self._asked(texts)
        self.counts.update(answer if isinstance(answer, str) else "answered" for answer in answers)
        return answers

    def _asked(self, texts: Sequence[Text]) -> list[Answer]:
        if self._worker.busy or not self._breaker.allows(time.monotonic()):
            return ["left alone"] * len(texts)
        try:
            told = self._worker.ask(texts, self._timeout)
        except Late:
            return self._failed("timed out", f"no answer within {self._timeout} s", len(texts))
        except Exception as error:  # whatever somebody else's program raises
            return self._failed("failed", f"{type(error).__name__}: {error}", len(texts))
        if len(told) != len(texts):
            return self._failed("wrong answer", f"{len(told)} scores for {len(texts)} texts", len(texts))
        answers = [_answer(one) for one in told]
        if all(answer == "wrong answer" for answer in answers):
            return self._failed("wrong answer", f"{told[0]!r} is no number from -1 to 1, nor None", len(texts))
        if self._breaker.succeeded():
            log.warning("the scorer %s answers again", self.name)
        return answers

    def _failed(self, outcome: Outcome, told: str, texts: int) -> list[Answer]:
        if self._breaker.failed(time.monotonic()):
            log.warning("the scorer %s: %s; what is built in scores in its place, or nothing", self.name, told)
        return [outcome] * texts


def _answer(told: object) -> Answer:
    if told is None:
        return "abstained"
    if not isinstance(told, Real) or isinstance(told, bool):
        return "wrong answer"
    score = float(told)
    return round(score * UNIT) if isfinite(score) and -1 <= score <= 1 else "wrong answer"


class _Worker:
    """The thread of a scorer. It ends with the process, whatever it is doing."""

    def __init__(self, name: str, score: Score) -> None:
        self._score = score
        self._questions: SimpleQueue[tuple[Sequence[Text], SimpleQueue[list[object] | Exception]]] = SimpleQueue()
        self._late: SimpleQueue[list[object] | Exception] | None = None
        self._thread = Thread(target=self._answer, name=f"scorer {name}", daemon=True)

    @property
    def busy(self) -> bool:
        """Whether it still works on what it has not answered in time."""
        return self._late is not None and self._late.empty()

    def ask(self, texts: Sequence[Text], timeout: float) -> list[object]:
        """What it says. Raise Late, or what it raises."""
        if not self._thread.is_alive():
            self._thread.start()
        answer: SimpleQueue[list[object] | Exception] = SimpleQueue()
        self._questions.put((texts, answer))
        try:
            told = answer.get(timeout=timeout)
        except Empty:
            self._late = answer
            raise Late from None
        if isinstance(told, Exception):
            raise told
        return told

    def _answer(self) -> None:
        while True:
            texts, answer = self._questions.get()
            try:
                answer.put(list(self._score(texts)))
            except BaseException as error:  # also one that would end the thread: nobody would ever answer again
                answer.put(error if isinstance(error, Exception) else RuntimeError(repr(error)))


class _Breaker:
    """Says whether to ask what may have failed before: not for `pause` seconds after MOST_FAILURES in a row.

    Each failure after that makes the pause twice as long, up to LONGEST_PAUSE.
    """

    def __init__(self, pause: float) -> None:
        self._pause = pause
        self._failures = 0
        self._until = 0.0

    def allows(self, now: float) -> bool:
        """Whether to ask."""
        return now >= self._until

    def failed(self, now: float) -> bool:
        """It failed. Whether that is news."""
        self._failures += 1
        if self._failures >= MOST_FAILURES:
            longer: int = 2 ** min(self._failures - MOST_FAILURES, 10)
            self._until = now + min(self._pause * longer, LONGEST_PAUSE)
        return self._failures == 1

    def succeeded(self) -> bool:
        """It answered. Whether that is news."""
        before, self._failures = self._failures, 0
        return before > 0
