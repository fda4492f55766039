"""Which platform a kept post is of: its id says it, but for rows whose columns were mapped to another one."""

UNKNOWN = "unknown"


def other_than_id(id_: str, platform: str) -> str | None:
    """The platform as it is kept: None where the id says it, so that thousands of posts do not say it twice."""
    named = platform or UNKNOWN
    return None if id_.partition(":")[0] == named else named


def platform_of(id_: str, other: str | None) -> str:
    """The platform of what `other_than_id` was kept of."""
    return other or id_.partition(":")[0]
