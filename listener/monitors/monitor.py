"""What a monitor is: one capability, told of mentions and of closed windows, that knows no other monitor."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Generic, Literal, NamedTuple, TypeVar

import msgspec

from listener.local_week import UTC_WEEK, LocalWeek
from listener.outcome import Outcome
from listener.passed_on import PassedOn
from listener.windows import BASE_WINDOW, Counts
from schemas.alert import Judged, Stage
from schemas.brand_mention import BrandMention
from schemas.record import Figure, Part
from schemas.retraction import Retraction

Wanted = Literal["severity", "talk"]  # what detect reads in a mention only for whom it matters

BASE = BASE_WINDOW  # detection windows, by the time of reading; larger scales are sums of these
NOTHING = PassedOn()


class Example(NamedTuple):
    """For which rule a mention is an example, and how much it says as one: the least `weight` first."""

    rule: str
    weight: tuple[int, int]


class Finding(NamedTuple):
    """What a monitor has to say to the alerts: that a scale fires, or (`scale` = 0) that all is calm again.

    `at` is when it was due and `scale` the length of the stretch that was judged, both in ms.
    """

    rule: str
    scope: str
    stage: Stage
    at: int
    scale: int
    severe: bool
    judged: Judged
    examples: tuple[str, ...]


def unheard(_: int) -> Counts:
    """Nothing was counted."""
    return {}


def none_known(counted: str, observed: int, start: int, end: int) -> int:
    """Of who said it nothing is remembered."""
    return 0


def always(_: int) -> int:
    """No source has ever been dead."""
    return 0


class BaseWindow(NamedTuple):
    """The detection window [start, end): the sums of what it holds, by rule the ids of the mentions that weigh most.

    The monitor has been listening since `since`; `known(start, end)` is the share of a stretch that was listened to.
    The brand's people want `budget` alerts a month. `passed_on` is which posts were answered or passed on, `week` that
    of the brand's clock. `repeats(counted, observed, start, end)` is how many of those observed in a stretch are by
    accounts that are counted already, as far as that is remembered. `heard_since(end)` is when the last break of any
    source before `end` was over.
    """

    start: int
    end: int
    counts: Counts
    examples: Mapping[str, tuple[str, ...]]
    since: int
    known: Callable[[int, int], float]
    budget: float = 1.0
    passed_on: PassedOn = NOTHING
    week: LocalWeek = UTC_WEEK
    repeats: Callable[[str, int, int, int], int] = none_known
    heard_since: Callable[[int], int] = always


class Change(NamedTuple):
    """What changed in the closed detection window that began at `start` ms.

    `counts` are what is to be added, negative where mentions were deleted; `examples` are by rule the ids of mentions
    that came, the weightiest first, and `gone` ids that must not be kept any more. `caught_up`: a source has brought
    what it had missed of it.
    """

    start: int
    counts: Counts
    examples: Mapping[str, tuple[str, ...]]
    gone: Collection[str]
    caught_up: bool


class Past(NamedTuple):
    """The hours up to `end` (ms) as they were told: `mentions(hour)` in one, counted from 1970, 0 where nobody spoke.

    The monitor has been listening since `since`; `known(start, end)` is the share of a stretch that was listened to,
    `heard_since(end)` when the last break of any source before `end` was over, `lost` when one was heard for the last
    time that has ended since; `week` is that of the brand's clock. `days(start)` are the sums of the day of UTC that
    begins at `start`, 100 days back. The brand's people want `budget` alerts a month.
    """

    end: int
    since: int
    mentions: Callable[[int], int]
    known: Callable[[int, int], float]
    heard_since: Callable[[int], int]
    lost: int
    week: LocalWeek = UTC_WEEK
    days: Callable[[int], Counts] = unheard
    budget: float = 1.0


class NoState(msgspec.Struct):
    """The state of a monitor that only counts."""


S = TypeVar("S", bound=msgspec.Struct)


class Monitor(Generic[S]):
    """One capability. A monitor keeps nothing itself: its state is handed in, plain and encodable.

    It may count (`count`, `figures`), judge detection windows (`due`), or look back by the hour (`look`). It may also
    count what time makes of a mention: then it `waits`, and has outcomes when a deadline has passed (`settle`).
    """

    name: str
    state: type[S]
    rules: tuple[str, ...] = ()
    early: tuple[str, ...] = ()  # rules that an open window is looked at for, with each example
    wants: frozenset[Wanted] = frozenset()  # what it counts or judges by
    counts_doubtful: bool = False  # whether it counts mentions that are likelier about something else

    def count(self, mention: BrandMention) -> Counts:
        """What one mention adds to each window it falls in: whole numbers by name, zeros left out.

        It follows from what a retraction keeps of a mention, so from no words of it: what it adds is taken back so.
        A doubtful one is shown only to whom it `counts_doubtful`, and adds to trends alone.
        """
        return {}

    def figures(self, counts: Counts, hours: float) -> Figure | Part | None:
        """How the sums of a stretch read that was listened to for `hours`; None where they say nothing."""
        return None

    def example(self, mention: BrandMention) -> Example | None:
        """For which rule a mention is an example, None if for none. It depends on no words of it either."""
        return None

    def observe(self, state: S, window: BaseWindow, at: int) -> Iterable[Finding]:
        """Early findings: an example came at `at` into the open `window`. Must not change the state."""
        return ()

    def passed_on(self, state: S, window: BaseWindow, at: int) -> Iterable[Finding]:
        """Early findings: at `at` it is time to see what spreads of `window.passed_on`, which is open.

        Must not change the state. Who has this follows posts, and judges windows with nothing but such, too.
        """
        return ()

    def due(self, state: S, window: BaseWindow, at: int) -> Iterable[Finding]:
        """Final findings: `window` is closed. Windows come in order; those without mentions only while awake."""
        return ()

    def amend(self, state: S, change: Change) -> bool:
        """Correct what is kept of a closed window. Whether anything was. What was learned of it stays learned."""
        return False

    def learn(self, state: S, rule: str, since: int, *, mistaken: bool) -> bool:
        """A person has judged the alert of a `rule` about a trouble since `since` (ms). Whether that was learned."""
        return False

    def turn(self, state: S, hours: int) -> None:
        """The brand's clock is another one from now on, `hours` ahead of the one before."""

    def waits(self, mention: BrandMention) -> bool:
        """Whether a mention waits for something, or may be what others wait for. It depends on no words of it."""
        return False

    def hear(self, state: S, mention: BrandMention, read: int, passed: int) -> Iterable[Outcome]:
        """A mention that `waits` was read at `read` ms: what that changes of outcomes that were told.

        Deadlines up to `passed` (ms) are settled.
        """
        return ()

    def take_back(self, state: S, retraction: Retraction) -> Iterable[Outcome]:
        """A mention that `waits` is taken back, or any is deleted: what that changes of outcomes that were told."""
        return ()

    def next_deadline(self, state: S) -> int | None:
        """The first time (ms, the begin of a detection window) for which anything waits, or is to be forgotten."""
        return None

    def settle(self, state: S, deadline: int, heard_since: Callable[[int], int]) -> Iterable[Outcome]:
        """The outcomes of what waited for a time that has come: all that was read before it is known."""
        return ()

    def give_up(self, state: S, deadline: int) -> None:
        """Forget what waited for a time, without an outcome."""

    def awake(self, state: S) -> bool:
        """Whether the next window is to come even if nothing is said in it."""
        return False

    def wakes(self, state: S, mentions: int, end: int) -> bool:
        """Whether to look back by the hour from now on, after a day of so many mentions that ended at `end` ms."""
        return False

    def next_look(self, state: S) -> int | None:
        """Up to where (ms) to look the next time; None while there is nothing to look for."""
        return None

    def look(self, state: S, past: Past, at: int) -> Iterable[Finding]:
        """Final findings on the hours that have ended. Only hours with something said cost anything before that."""
        return ()
