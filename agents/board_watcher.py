"""Shows a run on a terminal: the board at the bottom, alerts and notes scrolling away above it."""

import logging
import sys
import time
from collections import deque
from collections.abc import Sequence
from typing import Self

from rich.console import Console
from rich.live import Live

from agents.board import Board
from agents.clock import now_ms
from agents.console import TerminalWatcher, alert_line
from agents.notify import NotifyState
from agents.runtime.embedded import Embedded, Outcome
from agents.watcher import SourceState
from schemas.alert import Alert

LEAST_BETWEEN = 0.25  # seconds between two drawings,
MOST_OF_THE_TIME = 0.05  # and never more of the time than this, however many brands there are
PACE_OVER = 40  # drawings: ten seconds of a history
REPEATED = 5  # alerts, after the screen had to be wiped


class BoardWatcher(TerminalWatcher):
    """A TerminalWatcher with a board. Use as a context manager; afterwards the board is gone from the terminal.

    It draws when it is told something, in the thread that tells it: the service is at rest then.
    """

    def __init__(self, console: Console | None = None) -> None:
        super().__init__(console, progress=False)
        self.board = Board()
        self._live = Live(
            console=self.console,
            auto_refresh=False,
            transient=True,
            vertical_overflow="crop",
            redirect_stderr=sys.stderr.isatty(),
        )
        self._size = self.console.size
        self._next = 0.0
        self._last: deque[Alert] = deque(maxlen=REPEATED)
        self._doing = ""
        self._pace: deque[tuple[float, int]] = deque(maxlen=PACE_OVER)

    def __enter__(self) -> Self:
        self._live.start()
        _log_to_what_is_stderr_now()
        return self

    def __exit__(self, *error: object) -> None:
        self._live.stop()
        _log_to_what_is_stderr_now()

    def opened(self, lane: Embedded) -> None:
        """The lane is there."""
        self.board.opened(lane)

    def progress(self, what: str, done: int, total: int | None) -> None:
        """How far a long task is."""
        if what != self._doing:
            self._doing = what
            self._pace.clear()
        now = time.monotonic()
        if not self._pace or now - self._pace[-1][0] >= LEAST_BETWEEN:
            self._pace.append((now, done))
        began, before = self._pace[0]
        rate = f", {(done - before) / (now - began):,.0f}/s" if now - began >= 1 else ""
        of = f" of {total:,}" if total and done < total else ""
        self.board.doing = f"{what} {done:,}{of} mentions{rate}"
        self._draw()

    def sources(self, states: Sequence[SourceState]) -> None:
        """How the live sources do."""
        self.board.sources(states)
        self._draw()

    def notified(self, state: NotifyState) -> None:
        """How the receivers do."""
        self.board.notified(state)

    def committed(self, outcome: Outcome) -> None:
        """A step is true now."""
        self.board.note(outcome)
        self._last.extend(outcome.alerts)
        super().committed(outcome)
        self._draw()

    def _draw(self) -> None:
        began = time.monotonic()
        if began < self._next:
            return
        size = self.console.size
        if size != self._size:
            self._size = size
            self._wipe()
        plain = not self.console.encoding.startswith("utf")
        self._live.update(self.board.drawn(now_ms(), size.width, size.height, plain=plain), refresh=True)
        ended = time.monotonic()
        self._next = ended + max(LEAST_BETWEEN, (ended - began) / MOST_OF_THE_TIME)

    def _wipe(self) -> None:
        """The terminal has laid its lines anew, and nobody knows where the board stands now."""
        self._live.stop()
        self.console.clear()
        for alert in self._last:
            self.console.print(alert_line(alert, colour=True), emoji=False)
        self._live.start()


def _log_to_what_is_stderr_now() -> None:
    """While the board stands, rich takes over standard error, so that what is written there comes above it."""
    for handler in logging.getLogger().handlers:
        if type(handler) is logging.StreamHandler:
            handler.setStream(sys.stderr)
