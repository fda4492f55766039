"""Text of others within a page: it is shown, and does nothing."""

from html import escape

from listener.harmless import harmless


def escaped(text: str) -> str:
    """`text` as content or as a quoted attribute, without control characters and turns of direction."""
    return escape(harmless(text), quote=True)
