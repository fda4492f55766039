"""A text without the names in it, and where its places were: "the Acme app is down", "aplicația Acme nu merge"."""

from bisect import bisect_right
from collections.abc import Iterable


class WithoutNames:
    """`text` without `names`, its spans of names: one space is left where each stood."""

    def __init__(self, text: str, names: Iterable[tuple[int, int]]) -> None:
        self.text = text
        self._starts: list[int] = [0]  # where a piece begins in the new text
        self._shifts: list[int] = [0]  # what to add for its place in the old
        pieces: list[str] = []
        at = length = 0
        for start, end in sorted(names):
            if end <= at:
                continue
            piece = text[at : max(at, start)]
            spaced = piece[-1:].isspace() if piece else length == 0 or pieces[-1][-1:].isspace()
            at = end + (spaced and text[end : end + 1].isspace())
            pieces.append(piece if spaced else piece + " ")
            length += len(pieces[-1])
            self._starts.append(length)
            self._shifts.append(at - length)
        if pieces:
            self.text = "".join(pieces) + text[at:]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span in the old text of one in the new."""
        return self._place(start), self._place(end - 1) + 1

    def _place(self, at: int) -> int:
        return at + self._shifts[bisect_right(self._starts, at) - 1]
