"""Talk: what people want when they speak of a brand: to complain, ask, praise, recommend, sell or wish."""

from typing import Final, get_args

from listener.figures import share_of
from listener.monitors.monitor import Monitor, NoState
from listener.windows import Counts
from schemas.brand_mention import BrandMention, Kind
from schemas.trend import Conversation, Share

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)


class TalkMonitor(Monitor[NoState]):
    """Counts mentions by kind of talk, without the brand's own posts.

    A mention may be of several kinds, or of none. share of a kind = mentions of that kind / (`mentions` - `owned`), as
    volume counts them, with a 95 % interval; those in a language without rules are among the `mentions`.
    """

    name = "talk"
    wants = frozenset({"talk"})
    state = NoState

    def count(self, mention: BrandMention) -> Counts:
        """One mention; one that is of no kind adds nothing."""
        if not mention.talk or mention.owned:
            return {}
        return {talk.kind: 1 for talk in mention.talk}

    def figures(self, counts: Counts, hours: float) -> Conversation | None:
        """The share of each kind; None where nothing was said. Its value is None where not all were counted."""
        of = counts.get("mentions", 0) - counts.get("owned", 0)
        said = {kind: counts[kind] for kind in KINDS if counts.get(kind)}
        if not said:
            return Conversation(of=of) if of else None
        return Conversation(of=of, **{kind: _share(count, of) for kind, count in said.items()})


def _share(part: int, of: int) -> Share:
    return share_of(part, of) if part <= of else Share(part=part, whole=of, value=None, low=None, high=None)
