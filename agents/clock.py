"""The wall clock, the one place where records get their times from."""

import time


def now_ms() -> int:
    """Milliseconds since 1970, in UTC."""
    return time.time_ns() // 1_000_000
