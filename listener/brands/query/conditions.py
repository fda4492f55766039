"""Conditions on fields: who wrote it, where it stands, its language, stars and followers. What is unknown holds not."""

import operator
import re
from collections.abc import Callable

from listener.brands.boundaries import lower
from listener.brands.query.spelling import globs
from listener.brands.query.syntax import Condition
from schemas.mention import Mention

RELATIONS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    ">=": operator.ge,
    ">": operator.gt,
}
NUMBERS = ("rating", "followers")
STARS = 5
HOST = re.compile(r"[a-z][a-z0-9+.-]*://(?:[^/?#]*@)?([^/?#:]*)")

Holds = Callable[[Mention], bool]


def holds(condition: Condition) -> Holds:
    """What says whether a mention meets the condition."""
    if condition.field in NUMBERS:
        return _number_holds(condition)
    value = lower(condition.value)
    if condition.field == "author":
        named = globs([value.removeprefix("@")])
        return lambda mention: bool(handle := author_of(mention)) and named(handle)
    if condition.field == "lang":
        return lambda mention: f"{lower(mention.lang or '').replace('_', '-')}-".startswith(f"{value}-")
    if condition.field == "platform":
        return lambda mention: lower(mention.platform) == value
    return lambda mention: f".{host_of(mention.url or '')}".endswith(f".{value}")


def author_of(mention: Mention) -> str:
    """The author's handle in small letters without its "@", or ""."""
    handle = mention.author.handle if mention.author else None
    return lower(handle or "").removeprefix("@")


def host_of(url: str) -> str:
    """The host of a link in small letters, or ""."""
    found = HOST.match(lower(url))
    return found[1].rstrip(".") if found else ""


def stars_of(mention: Mention) -> float | None:
    """The rating as stars of five, whatever the platform counts to."""
    rating = mention.rating
    return None if rating is None or rating.max <= 0 else rating.value * STARS / rating.max


def followers_of(mention: Mention) -> int | None:
    """How many follow the author, if that is known."""
    return mention.author.followers if mention.author else None


def _number_holds(condition: Condition) -> Holds:
    relation, value = RELATIONS[condition.relation], float(condition.value)
    if condition.field == "rating":
        return lambda mention: (stars := stars_of(mention)) is not None and relation(stars, value)
    return lambda mention: (count := followers_of(mention)) is not None and relation(count, value)
