"""Receivers as they answer: who is asked, who is waited for, and who is passed over.

Nothing of it is kept: a process that begins anew asks everyone again.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from schemas.times import MINUTE, SECOND

FIRST, LONGEST = SECOND, 10 * MINUTE
PATIENCE = 30 * SECOND
REFUSED = 10 * MINUTE  # what is wrong until somebody changes something


class Failure(NamedTuple):
    """Why a notice was not taken.

    The receiver may be asked again `after` ms, by its own word. `refused`: not until somebody changes something.
    `surely`: nothing of the notice was taken.
    """

    trouble: str
    after: int | None = None
    refused: bool = False
    surely: bool = False


class Health(msgspec.Struct):
    """How one receiver answers. Times in ms; `failing` is since when it does not, None while it does."""

    failing: int | None = None
    again: int = 0
    failures: int = 0
    trouble: str = ""
    refused: bool = False
    sent: int = 0
    failed: int = 0


class Receivers:
    """The health of all. `patience` is how many ms each is waited for before the next one of a route is asked."""

    def __init__(self, patience: Mapping[str, int]) -> None:
        self.patience = dict(patience)
        self.health = {name: Health() for name in patience}

    def given_up(self, name: str, now: int) -> bool:
        """Whether others are asked in its place: it failed too long, has refused, or wants to be left alone long."""
        health = self.health[name]
        if health.failing is None:
            return False
        waited = max(now, health.again) - health.failing
        return health.refused or waited > self.patience[name]

    def choose(self, names: Sequence[str], now: int) -> str | None:
        """Whom to tell now; None where somebody has to be waited for, see `again`."""
        for name in names:
            if self.health[name].again <= now:
                return name
            if not self.given_up(name, now):
                return None
        return None

    def again(self, names: Iterable[str], now: int) -> int:
        """When one of them may be asked, or the next in its place."""
        times = []
        for name in names:
            health = self.health[name]
            times.append(max(now, health.again))
            if not self.given_up(name, now):
                break
        return min(times, default=now)

    def answered(self, name: str) -> bool:
        """It took a notice; whether it had failed before."""
        health = self.health[name]
        before = health.failing is not None
        health.failing, health.again, health.failures, health.trouble, health.refused = None, 0, 0, "", False
        health.sent += 1
        return before

    def failed(self, name: str, now: int, failure: Failure) -> bool:
        """It did not take a notice. Whether the trouble is a new one."""
        health = self.health[name]
        new = health.trouble != failure.trouble
        health.failing = now if health.failing is None else health.failing
        health.failures += 1
        health.failed += 1
        health.trouble, health.refused = failure.trouble, failure.refused
        wait = REFUSED if failure.refused else min(LONGEST, FIRST << min(health.failures - 1, 20))
        health.again = now + max(wait, failure.after or 0)
        return new
