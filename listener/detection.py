"""Detection windows: what was read in five minutes, and what of it changes earlier ones.

A window is judged when it is closed. What is read in it but belongs to an earlier one (a deletion, an edit, what a
source brings when it catches up) waits for that moment too, and corrects then what was judged on the earlier one. So
the time of reading alone decides what a verdict knew, and never when a pulse came.
"""

from bisect import bisect_left
from typing import Literal

import msgspec

from listener.monitors.monitor import BASE
from listener.passed_on import PassedOn
from listener.remembered import Sample
from listener.windows import Counts, add_up
from schemas.brand_mention import BrandMention
from schemas.times import SECOND, to_ms

KEPT_EXAMPLES = 5
LATENESS = 60 * SECOND

Cause = Literal["late", "caught up", "edited", "deleted", "answered"]
CAUSES: tuple[Cause, ...] = ("late", "caught up", "edited", "deleted", "answered")
Examples = dict[str, list[tuple[tuple[int, int], str]]]  # (weight, id) by rule
Gone = dict[str, None]  # ids in order, of which thousands go at once: a list would be searched for each mention


def keep_example(examples: Examples, rule: str, weight: tuple[int, int], id_: str) -> None:
    """Keep the weightiest, whatever the order in which they come; the same again is one."""
    kept = examples.setdefault(rule, [])
    entry = (weight, id_)
    place = bisect_left(kept, entry)
    if place < KEPT_EXAMPLES and (place == len(kept) or kept[place] != entry):
        kept.insert(place, entry)
        del kept[KEPT_EXAMPLES:]


class Changes(msgspec.Struct, omit_defaults=True):
    """What changes a window that began earlier: sums by cause, negative where something goes.

    `examples` came to it by rule, `gone` are the ids that are examples no more.
    """

    counts: dict[Cause, Counts] = {}
    examples: Examples = {}
    gone: Gone = {}

    def take_in(self, more: "Changes") -> None:
        """Add what changed after these. An edited post that still weighs stays an example."""
        for cause, counts in more.counts.items():
            add_up(self.counts.setdefault(cause, {}), counts)
        for rule, examples in more.examples.items():
            for weight, id_ in examples:
                keep_example(self.examples, rule, weight, id_)
                self.gone.pop(id_, None)
        self.gone |= more.gone

    def net(self) -> Counts:
        """The sums over all causes."""
        sums: Counts = {}
        for counts in self.counts.values():
            add_up(sums, counts)
        return sums


class OpenWindow(msgspec.Struct, omit_defaults=True):
    """A detection window that is still open: its sums, and by rule the mentions that weigh most.

    `gone` are ids of mentions that came and went within it, `earlier` is what was read in it and changes the window
    that began at a time (ms) before. `outcomes` are sums of what time has made of earlier mentions. `sample` is what is
    remembered of what was read in it, `passed_on` which posts were answered or passed on, whenever that was written.
    """

    counts: Counts = {}
    outcomes: Counts = {}
    examples: Examples = {}
    gone: Gone = {}
    earlier: dict[int, Changes] = {}
    sample: Sample = msgspec.field(default_factory=Sample)
    passed_on: PassedOn = msgspec.field(default_factory=PassedOn)

    def settle(self, changes: Changes) -> None:
        """Take in what time has made of earlier mentions."""
        add_up(self.outcomes, changes.net())
        self.gone |= changes.gone
        for rule, examples in changes.examples.items():
            for weight, id_ in examples:
                keep_example(self.examples, rule, weight, id_)
                self.gone.pop(id_, None)


def example_ids(examples: Examples, gone: Gone) -> dict[str, tuple[str, ...]]:
    """By rule the ids of what weighs most; an edited post is one. One that went leaves its place empty.

    What was lighter is not known any more.
    """
    return {rule: tuple(dict.fromkeys(id_ for _, id_ in kept if id_ not in gone)) for rule, kept in examples.items()}


def belongs_to(mention: BrandMention, written: int, read: int) -> int:
    """The window of a mention (start, ms): of when it was read, of an edited post when its first version was.

    What a source brings when it catches up belongs to when it was written.
    """
    at = read
    if mention.mention.caught_up:
        at = min(written, read)
    elif mention.first_read is not None:
        at = min(to_ms(mention.first_read), read)
    return at - at % BASE


def is_closed(start: int, now: int | None) -> bool:
    """Whether the window that begins at `start` has been judged by `now`, both in ms."""
    return now is not None and start + BASE + LATENESS <= now
