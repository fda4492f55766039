"""Response: who waits for the brand's answer and gets none, and whether that are more than usual."""

from collections.abc import Callable, Iterable
from itertools import pairwise

import msgspec

from listener.answering import WITHIN, Waiting
from listener.asking import needs_answer
from listener.baseline import Baseline
from listener.figures import share_of
from listener.monitors.monitor import BASE, BaseWindow, Change, Finding, Monitor
from listener.outcome import Outcome
from listener.question import ANSWERED, BOUNDS, RULE
from listener.spikes import Kind, Spikes, amend, awake, final
from listener.trace import target_of
from listener.windows import Counts
from schemas.brand_mention import BrandMention
from schemas.retraction import Retraction
from schemas.times import DAY, HOUR
from schemas.trend import Response

FIRST_UNANSWERED, FIRST_DUE = 27.0, 30.0  # before anything is heard: as if nine in ten had had no answer
# A tenth of the budget: whoever reads this has been called for what people complain of. A week has to be heard, for a
# team has its days off. Nobody is hurt by waiting, so it is never severe. Of a brand that has not answered seven lately
# (the first guess brings three) nobody waits for an answer.
UNANSWERED = Kind(
    RULE,
    part="unanswered",
    whole="due",
    everyone="due",
    least=5,
    severe=float("inf"),
    hours=7 * DAY / HOUR,
    budget=0.1,
    others=10.0,
    calm=3 * HOUR,
)


class ResponseState(msgspec.Struct):
    """Who waits, and what is known of those who had no answer."""

    waiting: Waiting = msgspec.field(default_factory=Waiting)
    spikes: Spikes = msgspec.field(
        default_factory=lambda: Spikes(baseline=Baseline(part=FIRST_UNANSWERED, whole=FIRST_DUE))
    )


class ResponseMonitor(Monitor[ResponseState]):
    """Counts mentions that need an answer, and what came of them; the alarm "unanswered".

    Who needs one is said in `asking.py`, what is an answer in `answering.py`. A mention counts twice: as asking when it
    was written, and four hours (and up to five minutes) later when it is due, as unanswered, or answered in so many
    minutes at most. So a share has all of its whole in the same window, and only what is found or taken back later
    revises it; counted when the answer came, the quick ones would stand without the slow ones that still wait.
    unanswered share = unanswered / due, with a 95 % interval. median and p90 are of the minutes until the first answer,
    of those that were answered in time, taken evenly between bounds of 5, 15, 30, 60, 120 and 240.

    The alarm asks whether so many are unanswered, and so large a share of those due, are unusual (`spikes.py`) by the
    brand's own hours of the week: at least 5. Brands that never answer have none; those without accounts of their own
    have no such counts. Who is followed of a busy brand is a sample of 5 in five minutes: the share is that of all.
    """

    name = "response"
    wants = frozenset({"severity", "talk"})
    rules = (RULE,)
    state = ResponseState

    def count(self, mention: BrandMention) -> Counts:
        """One mention; most need no answer, and add nothing."""
        return {"asking": 1} if needs_answer(mention) else {}

    def figures(self, counts: Counts, hours: float) -> Response | None:
        """None where nobody asked and nothing was due. No share where not all were counted."""
        asking, due, unanswered = (counts.get(name, 0) for name in ("asking", "due", "unanswered"))
        unheard, unfollowed = counts.get("unheard", 0), counts.get("unfollowed", 0)
        if not (asking or due or unheard or unfollowed):
            return None
        answered = [counts.get(name, 0) for name in ANSWERED]
        return Response(
            asking=asking,
            due=due,
            unanswered=share_of(unanswered, due) if 0 <= unanswered <= due and due else None,
            answered={str(bound): count for bound, count in zip(BOUNDS, answered, strict=True) if count},
            median=_within(answered, 0.5),
            p90=_within(answered, 0.9),
            unheard=unheard,
            unfollowed=unfollowed,
        )

    def waits(self, mention: BrandMention) -> bool:
        """Who needs an answer, and what the brand says to anybody."""
        if mention.owned:
            return target_of(mention.mention) is not None
        return needs_answer(mention)

    def hear(self, state: ResponseState, mention: BrandMention, read: int, passed: int) -> Iterable[Outcome]:
        """A question or an answer."""
        if mention.owned:
            return state.waiting.answer(mention, read)
        state.waiting.ask(mention, read, passed)
        return ()

    def take_back(self, state: ResponseState, retraction: Retraction) -> Iterable[Outcome]:
        """A question or an answer goes; which of the two, its trace knows."""
        if retraction.trace.owned:
            return state.waiting.take_back_answer(retraction)
        return state.waiting.take_back(retraction, asked=needs_answer(retraction.trace))

    def next_deadline(self, state: ResponseState) -> int | None:
        """The first that is not settled; where there is none, when all is to be forgotten."""
        return state.waiting.next

    def settle(self, state: ResponseState, deadline: int, heard_since: Callable[[int], int]) -> Iterable[Outcome]:
        """What came of those that are due."""
        return state.waiting.settle(deadline, heard_since)

    def give_up(self, state: ResponseState, deadline: int) -> None:
        """Nobody counts them any more."""
        state.waiting.give_up(deadline)

    def due(self, state: ResponseState, window: BaseWindow, at: int) -> Iterable[Finding]:
        """Judges each scale that ends with a window in which something was due, then learns."""
        if not window.counts.get("due") and not awake(UNANSWERED, state.spikes):
            return ()
        return final(UNANSWERED, state.spikes, _since_asked(window), at)

    def amend(self, state: ResponseState, change: Change) -> bool:
        """Corrects the last day, and so the hour being gathered."""
        if not (change.gone or "due" in change.counts or "unanswered" in change.counts):
            return False
        return amend(UNANSWERED, state.spikes, change)

    def turn(self, state: ResponseState, hours: int) -> None:
        """What was learned stays true."""
        state.spikes.baseline.turn(hours)

    def awake(self, state: ResponseState) -> bool:
        """While an incident is on."""
        return awake(UNANSWERED, state.spikes)


def _within(answered: list[int], share: float) -> float | None:
    """In how many minutes a share of them was answered, as if evenly between the bounds."""
    left = share * sum(answered)
    if left <= 0 or min(answered) < 0:
        return None
    for count, (low, high) in zip(answered, pairwise((0, *BOUNDS)), strict=True):
        if count and left <= count:
            return round(low + (high - low) * left / count, 1)
        left -= count
    return float(BOUNDS[-1])


def _since_asked(window: BaseWindow) -> BaseWindow:
    """What is due was asked before: of a stretch that is known of which no source was dead since it was asked."""

    def known(start: int, end: int) -> float:
        heard, at = 0, end
        while at > start:  # by the hour: a break is over for what was asked after it
            begin = max(start, at - HOUR)
            heard += max(0, at - max(begin, window.heard_since(at) + WITHIN + BASE))
            at = begin
        return heard / (end - start)

    return window._replace(since=window.since + WITHIN + BASE, known=known)
