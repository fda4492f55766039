"""Receipt: what came of a command."""

from schemas.command import Command
from schemas.record import Record
from schemas.times import Time


class Receipt(Record, frozen=True, tag="receipt/1"):
    """A tracker has taken the command `at` a time of its log: it was `done`, or refused; `told` says what came of it.

    `rule` is that of the alert that it was about, "" where it was about none. Each command has one receipt: to come
    again changes nothing and has none.
    """

    command: Command
    at: Time
    done: bool
    told: str
    rule: str = ""
