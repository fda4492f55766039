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

from listener.state import Parts, pack, unpack
from listener.threads import mark_of, read_of
from listener.trace import read_trace, trace_of
from schemas.brand_mention import BrandMention
from schemas.mention import Mention
from schemas.retraction import Because, Retraction
from schemas.times import DAY, MINUTE, from_ms, to_ms

SLOT = 5 * MINUTE
A_DAY = DAY // SLOT
LATELY = 14 * A_DAY  # slots for which who has spoken certainly is believed
REMEMBERED = 15 * A_DAY  # slots for which what was admitted can be taken back: detect forgets it a day before
MOST_AUTHORS = 1_500  # 15 bytes each
LEFT_AUTHORS = MOST_AUTHORS * 3 // 4  # of too many: to look for the oldest at each slot would take too long
MOST_ADMITTED = 1_500  # 15 bytes each
MOST_HELD = 500  # 100 bytes each
PARTS = ("authors", "doubts")  # of the state
STATE_VERSION = 1


class Held(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A doubtful mention that waits, without its words: its id, its trace, and the mark of its author.

    `gone`: when (ms) and why it was taken back meanwhile.
    """

    id: str
    trace: bytes
    author: bytes
    gone: tuple[int, Because] | None = None


class Doubts(msgspec.Struct, omit_defaults=True):
    """What changes with each mention, by slots counted from 1970: who `spoke`, what is `held` and what was `admitted`.

    The slots before `settled` are in AuthorsState. `since` is the slot from which on authors are noted though the
    settings do not call the brand ambiguous: the next but one after its first doubtful mention.
    """

    settled: int = 0
    since: int | None = None
    spoke: dict[int, dict[bytes, None]] = {}
    held: dict[int, list[Held]] = {}
    admitted: dict[int, list[bytes]] = {}


class AuthorsState(msgspec.Struct):
    """Of the slots that are settled: in which each author spoke last, and in which each doubtful mention was admitted.

    `last` is the newest slot in which any author spoke, `day` the one (since 1970) for which `admitted` was tidied.
    """

    last: int = 0
    day: int = 0
    authors: dict[bytes, int] = {}
    admitted: dict[bytes, int] = {}


class Authors:
    """The authors of a brand, and what is doubtful of it. `wary`: something was; then it matters who speaks."""

    def __init__(self, lateness: int) -> None:
        self._lateness = lateness
        self.doubts = Doubts()
        self.state = AuthorsState()
        self.wary = False
        self._changed: set[str] = set()

    def note(self, mention: BrandMention, read: int, now: int | None, *, ambiguous: bool) -> None:
        """Keep in mind who has named the brand himself, and lately. `ambiguous`: its settings say that it is."""
        author = author_of(mention.mention)
        slot = read // SLOT
        if mention.certainty != "certain" or mention.owned or mention.distance or author is None:
            return
        if read - to_ms(mention.mention.created_at) > LATELY * SLOT:
            return
        doubts = self.doubts
        if not ambiguous and (doubts.since is None or slot < doubts.since):
            return
        if slot < doubts.settled:
            self.state.authors[author] = max(slot, self.state.authors.get(author, 0))
            self._changed.add("authors")
            return
        spoke = doubts.spoke.get(slot)
        if spoke is None:
            self._settle(min(slot, self._complete(now)))
            spoke = doubts.spoke[slot] = {}
        if len(spoke) < MOST_AUTHORS:
            spoke[author] = None
            self._changed.add("doubts")

    def holds(self, mention: BrandMention, read: int, now: int | None) -> int | None:
        """When to let go (ms) of a doubtful mention that waits; None if it can be judged now.

        Of a brand with too many that wait, more are judged by what is known.
        """
        slot = read // SLOT
        doubts = self.doubts
        if doubts.since is None or slot + 2 < doubts.since:
            doubts.since, self.wary = slot + 2, True
            self._changed.add("doubts")
        author = author_of(mention.mention)
        if author is None or slot <= self._complete(now) or sum(map(len, doubts.held.values())) >= MOST_HELD:
            return None
        first = None if mention.first_read is None else to_ms(mention.first_read)
        trace = trace_of(mention.mention, read, [mention], first)
        doubts.held.setdefault(slot, []).append(Held(mention.mention.id, trace, author))
        self._changed.add("doubts")
        return self.due(slot)

    def due(self, slot: int) -> int:
        """When all is known that decides on a slot, in ms."""
        return slot * SLOT + self._lateness

    def let_go(self, slot: int, due: int) -> Iterator[tuple[BrandMention, Retraction | None]]:
        """What was held of a slot, judged now, and what has taken it back meanwhile."""
        for held in self.drop(slot):
            (mention,) = read_trace(held.trace).brand_mentions(held.id)
            yield self.judged(mention, held.author, read_of(mention.mention), due), _retraction(held, mention)

    def drop(self, slot: int) -> list[Held]:
        """Give up what was held of a slot."""
        self._changed.add("doubts")
        return self.doubts.held.pop(slot, [])

    def judged(self, mention: BrandMention, author: bytes | None, read: int, now: int | None) -> BrandMention:
        """A doubtful mention, probable now if its author is known. What could not be taken back is not admitted."""
        if author is None:
            return mention
        slot = read // SLOT
        self._settle(min(slot, self._complete(now)))
        last = self.state.authors.get(author)
        if last is None or last < slot - LATELY or len(self.state.admitted) >= MOST_ADMITTED:
            return mention
        admitted = self.doubts.admitted.setdefault(slot, [])
        if len(admitted) >= MOST_ADMITTED:
            return mention
        admitted.append(_post(mention, read))
        self._changed.add("doubts")
        return replace(mention, certainty="probable")

    def takes_back(self, retraction: Retraction, read: int) -> bool:
        """Whether there is no more to be done to take back a doubtful mention.

        What is held is taken back when it is let go; what was erased is forgotten at once. Of what was read so long ago
        that it is not known any more how it was counted, the figures stay.
        """
        if to_ms(retraction.at) - read > REMEMBERED * SLOT:
            return True
        held = self.doubts.held.get(read // SLOT, [])
        source = retraction.trace.mention
        for place, one in enumerate(held):
            if one.id == source.id and one.gone is None:
                self._changed.add("doubts")
                if retraction.because == "erased":
                    del held[place]
                else:
                    held[place] = replace(one, gone=(to_ms(retraction.at), retraction.because))
                return True
        return False

    def counted(self, trace: BrandMention, read: int) -> BrandMention:
        """The trace of a doubtful mention as it was counted: probable if it was admitted."""
        post = _post(trace, read)
        if post in self.state.admitted or any(post in posts for posts in self.doubts.admitted.values()):
            return replace(trace, certainty="probable")
        return trace

    def take_changes(self) -> Parts:
        """The parts of the state that changed since the last call, encoded."""
        states: dict[str, Doubts | AuthorsState] = {"authors": self.state, "doubts": self.doubts}
        parts: Parts = {name: pack(STATE_VERSION, states[name]) for name in sorted(self._changed)}
        self._changed.clear()
        return parts

    def restore(self, name: str, raw: bytes) -> None:
        """Take back one of the PARTS."""
        if name == "doubts":
            self.doubts = unpack(raw, Doubts, STATE_VERSION)
            self.wary = self.doubts.since is not None
        else:
            self.state = unpack(raw, AuthorsState, STATE_VERSION)

    def _complete(self, now: int | None) -> int:
        """The first slot of which something may be missing: of those before it nothing is."""
        return 0 if now is None else (now - self._lateness) // SLOT

    def _settle(self, slot: int) -> None:
        """Take in the slots before this one, one by one, so that it makes no difference when that is done."""
        doubts, state = self.doubts, self.state
        if slot <= doubts.settled:
            return
        doubts.settled = slot
        self._changed.add("doubts")
        for past in sorted(past for past in doubts.spoke if past < slot):
            self._take_in(past, doubts.spoke.pop(past))
        for past in sorted(past for past in doubts.admitted if past < slot):
            state.admitted |= dict.fromkeys(doubts.admitted.pop(past), past)
            self._changed.add("authors")
        day = slot // A_DAY
        if state.admitted and state.day != day:
            oldest = day * A_DAY - REMEMBERED
            state.admitted = {post: past for post, past in state.admitted.items() if past >= oldest}
            state.day = day
            self._changed.add("authors")

    def _take_in(self, slot: int, spoke: dict[bytes, None]) -> None:
        state = self.state
        if slot // A_DAY != state.last // A_DAY:
            state.authors = {author: last for author, last in state.authors.items() if last >= slot - LATELY}
        state.last = max(slot, state.last)
        state.authors |= dict.fromkeys(spoke, slot)
        self._changed.add("authors")
        if len(state.authors) > MOST_AUTHORS:
            oldest = sorted(state.authors.values(), reverse=True)[LEFT_AUTHORS]
            state.authors = {author: last for author, last in state.authors.items() if last > oldest}


def author_of(mention: Mention) -> bytes | None:
    """The mark of who wrote a mention; None where nobody knows."""
    author = mention.author
    name = author and (author.id or (author.handle and author.handle.removeprefix("@").casefold()))
    return mark_of(name, mention.platform) if name else None


def _retraction(held: Held, mention: BrandMention) -> Retraction | None:
    if held.gone is None:
        return None
    at, because = held.gone
    return Retraction(brand=mention.brand, at=from_ms(at), because=because, trace=mention)


def _post(mention: BrandMention, read: int) -> bytes:
    """The mark of one version of a post."""
    return mark_of(mention.mention.id, str(read))
