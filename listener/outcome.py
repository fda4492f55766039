"""What time has made of a mention that waited for something."""

from typing import Literal, NamedTuple

from listener.windows import Counts

Why = Literal["answered", "deleted"]


class Outcome(NamedTuple):
    """What time has made of a mention that waited, or changed of that: `counts` at `at`, as it was known at `read`.

    `at` (ms) begins a detection window. `cause` is why what was told has changed. `example` is a rule,
    a weight and its id where it is one from then on; `gone` is its id where it must not be one any more.
    """

    at: int
    read: int
    platform: str
    counts: Counts
    cause: Why = "answered"
    example: tuple[str, tuple[int, int], str] | None = None
    gone: str | None = None
