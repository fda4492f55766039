"""Who has spoken certainly of a brand lately: a doubtful mention of theirs is probable, and counted.

Whether it is follows from the times of reading alone, as all that is final does: a doubtful mention that is read in a
slot of five minutes is admitted for what its author said in the slots before it, of which nothing may be missing. That
is so one lateness after the slot has begun, before any window closes that could hold the mention; until then it is held
back. So neither the order within the lateness nor pulses decide, nor which lane is ahead.

What its author said is deleted later: the mention stays admitted, for a trace has no author. Authors and posts are kept
as marks of 64 bits. When they become too many, whoever spoke last longest ago goes first, whole slots at once.
"""

from collections.abc import Iterator

import msgspec
from msgspec.structs import replace

from listener.author_marks import author_of
from listener.remembered_post import Post, is_looked_at, post_of
from listener.state import Parts, pack, unpack
from listener.threads import mark_of, read_of
from listener.trace import read_trace, trace_of
from schemas.brand_mention import BrandMention
from schemas.retraction import Because, Retraction
from schemas.times import DAY, MINUTE, from_ms, to_ms

SLOT = 5 * MINUTE
A_DAY = DAY // SLOT
LATELY = 14 * A_DAY  # slots for which who has spoken certainly is believed
REMEMBERED = 15 * A_DAY  # slots for which what was admitted can be taken back: detect forgets it a day before
MOST_AUTHORS = 1_500  # 15 bytes each
LEFT_AUTHORS = MOST_AUTHORS * 3 // 4  # of too many: to look for the oldest at each slot would take too long
MOST_ADMITTED = 1_500  # 15 bytes each
MOST_HELD = 20_000  # 100 to 200 bytes each; a handful of a lane's last minute, more while a lane is far ahead
STATE_VERSION = 2


class Held(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A doubtful mention that waits, without its words: its id, its trace, and the mark of its author.

    `gone`: when (ms) and why it was taken back meanwhile. `said` is what is remembered of it if it is counted, so that
    an alert is explained the same whether it had to wait or not; None of what is not looked at.
    """

    id: str
    trace: bytes
    author: bytes
    gone: tuple[int, Because] | None = None
    said: Post | None = None


class Slot(msgspec.Struct, omit_defaults=True):
    """Five minutes of which something may be missing: who `spoke`, what is `held` and what was `admitted`."""

    spoke: dict[bytes, None] = {}
    held: list[Held] = []
    admitted: list[bytes] = []


class AuthorsState(msgspec.Struct):
    """Of the slots before `settled`: in which each author spoke last, in which each doubtful mention was admitted.

    Slots are counted from 1970. `last` is the newest in which any author spoke, `day` the day for which `admitted` was
    tidied. `since` is the slot from which on authors are noted though the settings do not call the brand ambiguous: the
    next but one after its first doubtful mention.
    """

    settled: int = 0
    since: int | None = None
    last: int = 0
    day: int = 0
    authors: dict[bytes, int] = {}
    admitted: dict[bytes, int] = {}


class Authors:
    """The authors of a brand, and what is doubtful of it. `wary`: something was; then it matters who speaks."""

    def __init__(self, lateness: int) -> None:
        self._lateness = lateness
        self.state = AuthorsState()
        self.slots: dict[int, Slot] = {}
        self.wary = False
        self._held = 0
        self._changed = False
        self._changed_slots: set[int] = set()

    def note(self, mention: BrandMention, read: int, *, ambiguous: bool) -> None:
        """Keep in mind who has named the brand himself, and lately. `ambiguous`: its settings say that it is."""
        author = author_of(mention.mention)
        number = read // SLOT
        if mention.certainty != "certain" or mention.owned or mention.distance or author is None:
            return
        if read - to_ms(mention.mention.created_at) > LATELY * SLOT:
            return
        state = self.state
        if not ambiguous and (state.since is None or number < state.since):
            return
        if number < state.settled:
            state.authors[author] = max(number, state.authors.get(author, 0))
            self._changed = True
            return
        spoke = self._slot(number).spoke
        if len(spoke) < MOST_AUTHORS:
            spoke[author] = None

    def settle(self, due: int) -> None:
        """A window closes at `due` ms: take in what is complete. Only then, so that it does not depend on pulses."""
        if self.slots or self.state.admitted:
            self._settle(self._complete(due))

    def holds(self, mention: BrandMention, read: int, brand: str, now: int | None) -> int | None:
        """When to let go (ms) of a doubtful mention that waits; None if it can be judged now.

        `brand` is the name of what it is about. Of a brand with too many that wait, more are judged by what is known.
        """
        number = read // SLOT
        if self.state.since is None or number + 2 < self.state.since:
            self.state.since, self.wary, self._changed = number + 2, True, True
        author = author_of(mention.mention)
        if author is None or number <= self._complete(now) or self._held >= MOST_HELD:
            return None
        first = None if mention.first_read is None else to_ms(mention.first_read)
        trace = trace_of(mention.mention, read, [mention], first)
        said = post_of(mention, read, brand) if is_looked_at(mention) else None
        self._slot(number).held.append(Held(mention.mention.id, trace, author, None, said))
        self._held += 1
        return self._due(number)

    def waiting(self) -> Iterator[int]:
        """When to let go of what is held (ms)."""
        return (self._due(number) for number, slot in self.slots.items() if slot.held)

    def let_go(self, number: int, due: int) -> Iterator[tuple[BrandMention, Held, Retraction | None]]:
        """What was held of a slot, judged now, and what has taken it back meanwhile."""
        for held in self.drop(number):
            (mention,) = read_trace(held.trace).brand_mentions(held.id)
            judged = self.judged(mention, held.author, read_of(mention.mention), due)
            yield judged, held, _retraction(held, mention)

    def drop(self, number: int) -> list[Held]:
        """Give up what was held of a slot."""
        if number not in self.slots:
            return []
        slot = self._slot(number)
        held, slot.held = slot.held, []
        self._held -= len(held)
        return held

    def judged(self, mention: BrandMention, author: bytes | None, read: int, now: int | None) -> BrandMention:
        """A doubtful mention, probable now if its author is known. What could not be taken back is not admitted."""
        if author is None:
            return mention
        number = read // SLOT
        self._settle(min(number, self._complete(now)))
        last = self.state.authors.get(author)
        if last is None or last < number - LATELY or len(self.state.admitted) >= MOST_ADMITTED:
            return mention
        admitted = self._slot(number).admitted
        if len(admitted) >= MOST_ADMITTED:
            return mention
        admitted.append(_post(mention, read))
        return replace(mention, certainty="probable")

    def takes_back(self, retraction: Retraction, read: int) -> bool:
        """Whether there is no more to be done to take back a doubtful mention.

        What is held is taken back when it is let go; what was erased is forgotten at once, whatever became of it
        before. Of what was read so long ago that it is not known any more how it was counted, the figures stay.
        """
        if to_ms(retraction.at) - read > REMEMBERED * SLOT:
            return True
        if retraction.because == "erased":
            return self._forget(retraction.trace.mention.id, read // SLOT)
        number = read // SLOT
        held = self.slots[number].held if number in self.slots else []
        for place, one in enumerate(held):
            if one.id == retraction.trace.mention.id and one.gone is None:
                self._changed_slots.add(number)
                held[place] = replace(one, gone=(to_ms(retraction.at), retraction.because))
                return True
        return False

    def _forget(self, id_: str, read_in: int) -> bool:
        """Forget all versions of a post that wait. Whether one did that was read in a slot and not taken back."""
        done = False
        for number, slot in self.slots.items():
            left = [one for one in slot.held if one.id != id_]
            if len(left) < len(slot.held):
                done = done or (number == read_in and any(one.gone is None for one in slot.held if one.id == id_))
                self._held -= len(slot.held) - len(left)
                slot.held = left
                self._changed_slots.add(number)
        return done

    def counted(self, trace: BrandMention, read: int) -> BrandMention:
        """The trace of a doubtful mention as it was counted: probable if it was admitted."""
        post = _post(trace, read)
        if post in self.state.admitted or any(post in slot.admitted for slot in self.slots.values()):
            return replace(trace, certainty="probable")
        return trace

    def take_changes(self) -> Parts:
        """The parts of the state that changed since the last call, encoded; None for a slot that is settled."""
        parts: Parts = {}
        if self._changed:
            parts["authors"] = pack(STATE_VERSION, self.state)
        for number in sorted(self._changed_slots):
            slot = self.slots.get(number)
            parts[f"authors/{number}"] = None if slot is None else pack(STATE_VERSION, slot)
        self._changed = False
        self._changed_slots.clear()
        return parts

    def restore(self, number: str, raw: bytes) -> None:
        """Take back the state, or one slot of it."""
        if not number:
            self.state = unpack(raw, AuthorsState, STATE_VERSION)
            self.wary = self.state.since is not None
            return
        slot = self.slots[int(number)] = unpack(raw, Slot, STATE_VERSION)
        self._held += len(slot.held)

    def _slot(self, number: int) -> Slot:
        """A slot that is to be changed."""
        self._changed_slots.add(number)
        slot = self.slots.get(number)
        if slot is None:
            slot = self.slots[number] = Slot()
        return slot

    def _due(self, number: int) -> int:
        """When all is known that decides on a slot, in ms."""
        return number * SLOT + self._lateness

    def _complete(self, now: int | None) -> int:
        """The first slot of which something may be missing: of those before it nothing is."""
        return 0 if now is None else (now - self._lateness) // SLOT

    def _settle(self, number: int) -> None:
        """Take in the slots before this one, one by one, so that it makes no difference when that is done."""
        state = self.state
        if number <= state.settled:
            return
        state.settled, self._changed = number, True
        for past in sorted(past for past in self.slots if past < number):
            slot = self._slot(past)
            if slot.spoke:
                self._take_in(past, slot.spoke)
            state.admitted |= dict.fromkeys(slot.admitted, past)
            del self.slots[past]
        day = number // A_DAY
        if state.admitted and state.day != day:
            oldest = day * A_DAY - REMEMBERED
            state.admitted = {post: past for post, past in state.admitted.items() if past >= oldest}
            state.day = day

    def _take_in(self, number: int, spoke: dict[bytes, None]) -> None:
        state = self.state
        if number // A_DAY != state.last // A_DAY:
            state.authors = {author: last for author, last in state.authors.items() if last >= number - LATELY}
        state.last = max(number, state.last)
        state.authors |= dict.fromkeys(spoke, number)
        if len(state.authors) > MOST_AUTHORS:
            oldest = sorted(state.authors.values(), reverse=True)[LEFT_AUTHORS]
            state.authors = {author: last for author, last in state.authors.items() if last > oldest}


def _retraction(held: Held, mention: BrandMention) -> Retraction | None:
    if held.gone is None:
        return None
    at, because = held.gone
    return Retraction(brand=mention.brand, at=from_ms(at), because=because, trace=mention)


def _post(mention: BrandMention, read: int) -> bytes:
    """The mark of one version of a post."""
    return mark_of(mention.mention.id, str(read))
