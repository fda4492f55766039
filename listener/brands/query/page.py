"""A mention as queries look at it: its words in order, and where each of them stands."""

from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property

from listener.brands.boundaries import is_handle, is_tag
from listener.brands.query.near import Spot
from listener.brands.query.tokens import readable, spans_of, words_of
from schemas.brand_mention import Field
from schemas.mention import Mention

FARTHEST = 100  # words between, at most, in NEAR/n
APART = ("",) * (FARTHEST + 1)  # between title and text: no phrase and no NEAR reaches across

Place = tuple[str, Field, int, int]  # a term as it is written in the query; field, start and end


class Page:
    """The words of the title and then of the text, in small letters, numbered from 0.

    "" is what no word of a query stands for: a link, a handle, a part of an address. `numbers` are those of each word.
    """

    def __init__(self, mention: Mention) -> None:
        self.mention = mention
        self._title = readable(mention.title) if mention.title else ""
        self._text = readable(mention.text)
        title = [*words_of(self._title), *APART] if self._title else []
        self.text_from = len(title)
        self.words = title + words_of(self._text)

    @cached_property
    def numbers(self) -> dict[str, list[int]]:
        """Where each word is in the order of them. Only made where a query is called for."""
        numbers: dict[str, list[int]] = {}
        for number, word in enumerate(self.words):
            if word:
                numbers.setdefault(word, []).append(number)
        return numbers

    @cached_property
    def spans(self) -> list[tuple[int, int]]:
        """Where each word stands in its field."""
        title = [*spans_of(self._title), *((len(self._title),) * 2 for _ in APART)] if self._title else []
        return title + spans_of(self._text)

    def raw(self, number: int) -> str:
        """A word with its capitals."""
        start, end = self.spans[number]
        field = self.mention.text if number >= self.text_from else self.mention.title or ""
        return field[start:end]

    def place(self, spot: Spot) -> Place:
        """Where the words of a spot stand."""
        first, last, written = spot
        field: Field = "text" if first >= self.text_from else "title"
        return written, field, self.spans[first][0], self.spans[last][1]

    def signed(self, tag: str, written: str) -> Iterator[tuple[Place, Spot]]:
        """Where a hashtag, cashtag or handle stands, with its sign and in small letters."""
        fields: tuple[tuple[Field, str, str, int, int], ...] = (
            ("title", self.mention.title or "", self._title, 0, self.text_from),
            ("text", self.mention.text, self._text, self.text_from, len(self.words)),
        )
        for field, text, low, begin, stop in fields:
            start = low.find(tag)
            while start >= 0:
                end = start + len(tag)
                if self._stands(text, start, end):
                    first = bisect_left(self.spans, start, begin, stop, key=_start)
                    last = bisect_left(self.spans, end, begin, stop, key=_start) - 1
                    yield (written, field, start, end), Spot(first, last, written)
                start = low.find(tag, start + 1)

    def listed(self, sign: str) -> tuple[str, ...]:
        """What the platform itself lists with such a sign."""
        return {"#": self.mention.hashtags, "@": self.mention.mentions}.get(sign, ())

    def _stands(self, text: str, start: int, end: int) -> bool:
        if text[start] == "@":
            return is_handle(text, start, end, self.mention.platform.lower())
        return is_tag(text, start, end)


def _start(span: tuple[int, int]) -> int:
    return span[0]
