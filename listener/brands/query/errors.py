"""What is wrong with a query, and where."""

SHOWN = 60  # characters before and after the place that a message points at


class WrongQuery(Exception):
    """A query that cannot be read. `column` counts its characters from 1. The text shows the place with a caret."""

    def __init__(self, query: str, column: int, message: str) -> None:
        before = query[max(0, column - 1 - SHOWN) : column - 1]
        shown = _in_a_line(before + query[column - 1 : column - 1 + SHOWN])
        super().__init__(f"column {column}: {message}\n  {shown}\n  {' ' * len(before)}^")
        self.column = column
        self.message = message


class WrongTerm(Exception):
    """What is wrong at a place, counted from 0, as who reads a part of a query knows it."""

    def __init__(self, at: int, message: str) -> None:
        super().__init__(message)
        self.at = at
        self.message = message


def _in_a_line(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)
