"""Words of strangers as they may be shown: they command no terminal, begin no line, and turn nothing around."""

import unicodedata

TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def harmless(text: str) -> str:
    """`text` without what commands a terminal: control characters, and those that turn the direction of writing."""
    return "".join(
        " " if unicodedata.category(character) == "Cc" or character in TURNS else character for character in text
    )
