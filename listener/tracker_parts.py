"""A tracker's state in parts, of which only those that changed are written: desk, monitors, pieces of trends."""

from listener.desk import DeskState
from listener.monitors import BY_NAME
from listener.state import Parts, pack, unpack
from listener.tracker import Tracker
from listener.windows import Window

STATE_VERSION = 9


def take_changes(tracker: Tracker) -> Parts:
    """The parts that changed since the last call, encoded."""
    parts: Parts = {}
    for name in sorted(tracker.changed):
        part = tracker.state if name == "desk" else tracker.monitor_states[name]
        parts[name] = pack(STATE_VERSION, part)
    tracker.changed.clear()
    parts |= tracker.authors.take_changes() | tracker.said.take_changes()
    for what, windows in tracker.windows.items():
        for chunk, content in windows.take_changes().items():
            parts[f"{what}/{chunk}"] = None if content is None else pack(STATE_VERSION, content)
    return parts


def restore(tracker: Tracker, name: str, raw: bytes) -> None:
    """Take back one part; `arrange` and `set_timers` when all are there."""
    what, _, chunk = name.partition("/")
    if what == "desk":
        tracker.state = unpack(raw, DeskState, STATE_VERSION)
    elif what in ("authors", "said"):
        (tracker.authors if what == "authors" else tracker.said).restore(chunk, raw)
    elif chunk:
        tracker.windows[what].restore(int(chunk), unpack(raw, dict[int, Window], STATE_VERSION))
    else:
        tracker.monitor_states[what] = unpack(raw, BY_NAME[what].state, STATE_VERSION)
