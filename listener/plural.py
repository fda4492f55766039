"""How many of what, as people say it."""


def many(count: int, what: str, most: str = "") -> str:
    """A count and what it counts, in the plural but for one; `most` is what that is called where no s makes it."""
    return f"{count:,} {what if count == 1 else most or f'{what}s'}"
