"""Lengths of time as people write them: "90s", "5m", "4h", "1d"."""

import re

from schemas.times import DAY, HOUR, MINUTE, SECOND

UNITS = {"s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY}
WRITTEN = re.compile(r"(\d{1,6})([smhd])")


def parse_duration(text: str) -> int:
    """The milliseconds in a text. Raise ValueError, with what is allowed."""
    written = WRITTEN.fullmatch(text)
    if written is None:
        raise ValueError(f"{text!r} is no length of time; write it like 30s, 5m, 4h or 1d")
    return int(written[1]) * UNITS[written[2]]


def lasting(ms: int) -> str:
    """A length of time in words, in its largest unit but one: "45 s", "90 min", "26 h", "3 d"."""
    for unit, name in ((DAY, "d"), (HOUR, "h"), (MINUTE, "min")):
        if ms >= 2 * unit:
            return f"{ms // unit} {name}"
    return f"{max(0, ms) // SECOND} s"
