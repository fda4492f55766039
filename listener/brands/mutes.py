"""Who and what raises no alert about a brand: authors and terms that its people have muted."""

import re
from collections.abc import Sequence

from listener.brands.boundaries import lower, splits
from listener.brands.terms import handle_of
from schemas.mention import Mention
from schemas.settings import Mute
from schemas.times import to_ms


class Mutes:
    """The mutes of one brand."""

    def __init__(self, mutes: Sequence[Mute]) -> None:
        self._mutes = [(mute, _pattern(mute.term) if mute.term else None) for mute in mutes]

    def hold(self, mention: Mention, read: int, *, through_muted: bool = False) -> bool:
        """Whether any is for a mention that was read at `read` ms.

        `through_muted`: it is about the brand only because it answers or passes on what was muted. That is muted with
        it, as long as there are mutes at all: of which one it was nobody remembers.
        """
        return any(
            (mute.until is None or read < to_ms(mute.until))
            and (through_muted or (_is_said(pattern, mention) if pattern else _is_by(mute, mention)))
            for mute, pattern in self._mutes
        )


def _pattern(term: str) -> re.Pattern[str]:
    """Its words with any space between them."""
    return re.compile(r"\s+".join(map(re.escape, lower(term).split())))


def _is_said(pattern: re.Pattern[str], mention: Mention) -> bool:
    return any(
        splits(text, found.start()) and splits(text, found.end())
        for text in (lower(mention.text), lower(mention.title or ""))
        for found in pattern.finditer(text)
    )


def _is_by(mute: Mute, mention: Mention) -> bool:
    author = mention.author
    if author is None or (mute.platform and mute.platform.lower() != mention.platform.lower()):
        return False
    handle = handle_of(author.handle) if author.handle else None
    return author.id == mute.author or handle == handle_of(mute.author)
