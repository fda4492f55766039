"""Who wrote a post, as a mark of 64 bits: no name is kept."""

from listener.threads import mark_of
from schemas.mention import Mention


def author_of(mention: Mention) -> bytes | None:
    """The mark of who wrote a mention; None where nobody knows."""
    author = mention.author
    name = author and (author.id or (author.handle and author.handle.removeprefix("@").casefold()))
    return mark_of(name, mention.platform) if name else None
