"""What time makes of mentions that wait for something: when a deadline has passed, monitors count what came of them.

A deadline is settled one lateness after it has passed, when all that was read before it is there. What is read later
changes outcomes that were told, each as of when it was read: so neither the order within the lateness nor pulses
decide what is counted, only when that is done.
"""

from collections.abc import Callable, Collection, Iterable
from functools import partial
from typing import Any, Final

from listener.desk import Desks
from listener.detection import LATENESS
from listener.monitors import MONITORS
from listener.monitors.monitor import Monitor
from listener.outcome import Outcome
from listener.tracker_state import TrackerState
from listener.turn import Turn
from schemas.brand_mention import BrandMention
from schemas.retraction import Retraction

TIMER: Final = "deadline"


class Deadlines:
    """The deadlines of a brand's monitors. Each monitor has a timer for its next one; a second one does nothing."""

    def __init__(self, brand: str, state: TrackerState, desks: Desks, count: Callable[[Outcome, Turn], None]) -> None:
        self._brand = brand
        self._state = state
        self._desks = desks
        self._count = count

    def hear(self, waiters: Iterable[Monitor[Any]], mention: BrandMention, read: int, turn: Turn) -> None:
        """A mention was read that may wait, or that others wait for."""
        for monitor in waiters:
            if not monitor.waits(mention):
                continue
            state = self._of(monitor)
            before = monitor.next_deadline(state)
            for outcome in monitor.hear(state, mention, read, 0 if turn.now is None else turn.now - LATENESS):
                self._count(outcome, turn)
            if monitor.next_deadline(state) != before:
                self._set_timer(monitor, turn)

    def take_back(self, waiters: Iterable[Monitor[Any]], retraction: Retraction, turn: Turn) -> None:
        """A mention is taken back that may have waited, or for which others have."""
        for monitor in waiters:
            if monitor.waits(retraction.trace) or retraction.because != "edited":
                for outcome in monitor.take_back(self._of(monitor), retraction):
                    self._count(outcome, turn)

    def settle(self, deadline: int, due: int, turn: Turn) -> None:
        """A deadline has passed. Of monitors that are off what waited for it is forgotten."""
        self._pass(deadline, self._desks.at(due).waiters, due, turn)

    def drop(self, deadline: int, due: int, turn: Turn) -> None:
        """Forget what waited for a deadline that breaks whoever settles it."""
        self._pass(deadline, (), due, turn)

    def _pass(self, deadline: int, waiters: Collection[Monitor[Any]], due: int, turn: Turn) -> None:
        for monitor in MONITORS:
            first = monitor.next_deadline(self._state.monitors[monitor.name])
            if first is None or first > deadline:
                continue
            state = self._of(monitor)
            if monitor in waiters:
                since = max(turn.since, self._desks.sitting_since(monitor, due))
                with turn.as_of(due):
                    for outcome in monitor.settle(state, deadline, partial(_listened_since, turn, since)):
                        self._count(outcome, turn)
            else:
                monitor.give_up(state, deadline)
            self._set_timer(monitor, turn)

    def _of(self, monitor: Monitor[Any]) -> Any:
        """The state of a monitor, which is about to change."""
        self._state.changed.add(monitor.name)
        return self._state.monitors[monitor.name]

    def _set_timer(self, monitor: Monitor[Any], turn: Turn) -> None:
        """Ask to be called when the next deadline has passed, if there is one."""
        deadline = monitor.next_deadline(self._state.monitors[monitor.name])
        if deadline is not None:
            turn.remind(deadline + LATENESS, self._brand, TIMER, deadline)

    def set_timers(self, turn: Turn) -> None:
        """Set all timers that the state implies, after a restart."""
        for monitor in MONITORS:
            self._set_timer(monitor, turn)


def _listened_since(turn: Turn, since: int, end: int) -> int:
    """Since when all was heard without a break, by somebody who has listened `since` a time."""
    return max(since, turn.heard_since(end))
