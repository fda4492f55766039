"""A tracker's state in parts, of which only those that changed are written: desk, monitors, pieces of trends."""

from typing import Any

from listener.authors import Authors
from listener.desk import DeskState
from listener.detection import LATENESS
from listener.monitors import BY_NAME, MONITORS
from listener.remembered import Remembered
from listener.state import Parts, pack, unpack
from listener.windows import LENGTHS, Window, Windows

STATE_VERSION = 12


class TrackerState:
    """All that is kept of one brand. `changed` are the names of desk and monitors that are to be written."""

    def __init__(self) -> None:
        self.desk = DeskState()
        self.windows: dict[str, Windows] = {length.name: Windows(length, LATENESS) for length in LENGTHS}
        self.monitors: dict[str, Any] = {monitor.name: monitor.state() for monitor in MONITORS}
        self.authors = Authors(LATENESS)
        self.said = Remembered()
        self.changed: set[str] = set()

    def take_changes(self) -> Parts:
        """The parts that changed since the last call, encoded."""
        parts: Parts = {}
        for name in sorted(self.changed):
            parts[name] = pack(STATE_VERSION, self.desk if name == "desk" else self.monitors[name])
        self.changed.clear()
        parts |= self.authors.take_changes() | self.said.take_changes()
        for what, windows in self.windows.items():
            for chunk, content in windows.take_changes().items():
                parts[f"{what}/{chunk}"] = None if content is None else pack(STATE_VERSION, content)
        return parts

    def restore(self, name: str, raw: bytes) -> None:
        """Take back one part; the tracker's `arrange` and `set_timers` when all are there."""
        what, _, chunk = name.partition("/")
        if what == "desk":
            self.desk = unpack(raw, DeskState, STATE_VERSION)
        elif what in ("authors", "said"):
            (self.authors if what == "authors" else self.said).restore(chunk, raw)
        elif chunk:
            self.windows[what].restore(int(chunk), unpack(raw, dict[int, Window], STATE_VERSION))
        else:
            self.monitors[what] = unpack(raw, BY_NAME[what].state, STATE_VERSION)
