"""Who is to be erased: posts by their ids, or all of an author; and how to know them where nothing can be read."""

import json
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from ahocorasick_rs import BytesAhoCorasick

from listener.author_marks import author_of
from schemas.mention import Mention

SHORTEST = 6  # of a platform's own id without the platform: a shorter one stands in much that is not meant
SETTINGS = "settings"  # a field of the trackers' state: what people call a brand is no id of a post


class Erasure:
    """The posts that are to be erased: `ids`, and whatever else `look_at` finds to be theirs.

    An author is known by handle, with or without its @, or by id; on all platforms unless one is named. `authors` are
    the marks of all who wrote any of it: that they have spoken of a brand is kept no more either.
    """

    def __init__(self, ids: Iterable[str] = (), author: str | None = None, platform: str | None = None) -> None:
        self.ids = dict.fromkeys(ids)
        self.authors: dict[bytes, None] = {}
        self._author = None if author is None else _plain(author)
        self._platform = platform
        self._names = set() if self._author is None else {self._author}

    def look_at(self, mention: Mention) -> bool:
        """Whether a mention is to be erased: by its id, its author, or as a repost of what is.

        A repost is a copy of the words, and goes as its platform lets it go.
        """
        if self._wrote(mention):
            self._names |= {_plain(name) for name in _names(mention)}
        elif mention.id not in self.ids and not (mention.kind == "repost" and mention.reposted_id in self.ids):
            return False
        self.ids[mention.id] = None
        mark = author_of(mention)
        if mark is not None:
            self.authors[mark] = None
        return True

    def _wrote(self, mention: Mention) -> bool:
        if self._author is None or (self._platform is not None and mention.platform != self._platform):
            return False
        return self._author in {_plain(name) for name in _names(mention)}

    def names(self) -> "Names":
        """What to look for in bytes."""
        forms = [form for id_ in self.ids for form in _forms(id_)] + sorted(self._names)
        return Names(forms)


class Names:
    """Ids and names as they may stand in bytes that nobody could read."""

    def __init__(self, forms: Iterable[str]) -> None:
        written = {spelled for form in forms if form for spelled in (form, json.dumps(form)[1:-1])}
        patterns = sorted({form.lower().encode() for form in written})
        self._find = BytesAhoCorasick(patterns) if patterns else None

    def stand_in(self, raw: bytes) -> bool:
        """Whether any stands in it as a word of its own, in whatever case."""
        if self._find is None:
            return False
        text = raw.replace(b"\\/", b"/").lower()
        return any(
            not _is_word(text[start - 1 : start]) and not _is_word(text[end : end + 1])
            for _, start, end in self._find.find_matches_as_indexes(text, overlapping=True)
        )


def _is_word(byte: bytes) -> bool:
    return byte.isalnum() or byte == b"_"


def _plain(name: str) -> str:
    return name.removeprefix("@").casefold()


def _names(mention: Mention) -> list[str]:
    author = mention.author
    return [name for name in (author.handle, author.id) if name] if author is not None else []


def _forms(id_: str) -> Iterator[str]:
    """Whole, and as its platform writes it."""
    yield id_
    for form in (id_.partition(":")[2], id_.rpartition("/")[2]):
        if len(form) >= SHORTEST:
            yield form


def without(part: Any, ids: Collection[str | bytes]) -> Any:
    """A tracker's state as plain data without these ids among its examples and what went, and these marks of authors.

    All else is as it was.
    """
    if isinstance(part, dict):
        kept = {key: value for key, value in part.items() if not _is_entry(key, value, ids)}
        return {key: value if key == SETTINGS else without(value, ids) for key, value in kept.items()}
    if isinstance(part, list) and not _is_weighed(part):
        return [without(value, ids) for value in part if not _is_one(value, ids)]
    return part


def _is_entry(key: Any, value: Any, ids: Collection[str | bytes]) -> bool:
    """An id that went, or who spoke."""
    return key in ids and (value is None or isinstance(key, bytes))


def _is_one(value: Any, ids: Collection[str | bytes]) -> bool:
    """An id, or what is kept of one."""
    if _is_waiting(value):
        is_gone = len(value) > 3 and value[3] is not None
        return value[0] in ids or (is_gone and value[2] in ids)
    if _is_weighed(value):
        value = value[1]
    return isinstance(value, str) and value in ids


def _is_waiting(part: Any) -> bool:
    """A mention that waits (`authors.Held`): an id, bytes, and the mark of its author.

    Once it is gone, its id may be known to nobody any more; then it goes by its author. Before that it may not: of whom
    one post is erased, others are still to be counted.
    """
    return isinstance(part, list) and len(part) > 2 and isinstance(part[0], str) and isinstance(part[2], bytes)


def _is_weighed(part: Any) -> bool:
    """An id with its weight before it, and maybe more of it behind, which is no id."""
    return isinstance(part, list) and len(part) > 1 and isinstance(part[0], list) and isinstance(part[1], str)


def holds(part: Any, ids: Collection[str | bytes]) -> bool:
    """Whether any of these ids and marks stands in a tracker's state, wherever."""
    if isinstance(part, dict):
        return any(key in ids or (key != SETTINGS and holds(value, ids)) for key, value in part.items())
    if _is_weighed(part):
        return part[1] in ids
    if isinstance(part, list):
        return _is_one(part, ids) or any(holds(value, ids) for value in part)
    return isinstance(part, str) and part in ids
