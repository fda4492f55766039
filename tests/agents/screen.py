"""A small terminal: what a program wrote, as a person would see it. It knows what rich writes, and nothing else."""

import re

CONTROL = re.compile(r"\x1b\[(?P<numbers>[?0-9;]*)(?P<what>[A-Za-z])|\r|\n|(?P<text>[^\x1b\r\n]+)")


class Screen:
    """Lines that never scroll out of sight, and a cursor. Columns are counted by characters."""

    def __init__(self, width: int = 80) -> None:
        self.width = width
        self.lines = [""]
        self.row = self.column = 0
        self.cursor_shown = True
        self._rest = ""

    def write(self, written: str) -> None:
        """Take in what was written; a sequence that is not whole waits for the rest."""
        written = self._rest + written
        cut = written.rfind("\x1b")
        whole = cut < 0 or CONTROL.match(written, cut) is not None
        self._rest, written = ("", written) if whole else (written[cut:], written[:cut])
        for found in CONTROL.finditer(written):
            if found["text"]:
                self._put(found["text"])
            elif found["what"]:
                self._obey(found["what"], found["numbers"])
            elif found[0] == "\r":
                self.column = 0
            else:
                self._down()

    def resize(self, width: int) -> None:
        """Take another width, and lay the lines anew as terminals do."""
        laid = [line[at : at + width] for line in self.lines for at in range(0, max(1, len(line.rstrip())), width)]
        self.row += len(laid) - len(self.lines)
        self.width, self.lines = width, laid

    def _down(self) -> None:
        self.row += 1
        self.column = 0
        if self.row == len(self.lines):
            self.lines.append("")

    def _put(self, text: str) -> None:
        for character in text:
            if self.column == self.width:
                self._down()
            line = self.lines[self.row].ljust(self.column)
            self.lines[self.row] = line[: self.column] + character + line[self.column + 1 :]
            self.column += 1

    def _obey(self, what: str, numbers: str) -> None:
        if what == "A":
            self.row = max(0, self.row - int(numbers or 1))
        elif what == "K":
            self.lines[self.row] = "" if numbers == "2" else self.lines[self.row][: self.column]
        elif what == "H":
            self.row = self.column = 0
        elif what == "J":
            self.lines = ["" for _ in self.lines]
        elif numbers == "?25":
            self.cursor_shown = what == "h"
        else:
            assert what == "m", f"an unknown sequence: {numbers}{what}"

    @property
    def shown(self) -> list[str]:
        """The lines but the empty ones at the end."""
        lines = [line.rstrip() for line in self.lines]
        while lines and not lines[-1]:
            lines.pop()
        return lines
