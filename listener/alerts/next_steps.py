"""What to do next about an alert, by its rule and its evidence: sentences for people, the first one first."""

from collections.abc import Iterator
from typing import Final

from schemas.evidence import Evidence

MOSTLY = 0.5  # of the posts that were looked at

BY_RULE: Final[dict[str, tuple[str, ...]]] = {
    "negative-spike": (
        "read the first post and the top posts: is it one incident, and is it true?",
        "answer the top posts where they were written, before the wave has passed (about 3 hours)",
        "tell who answers customers, so that all say the same",
    ),
    "slow-burn": (
        "compare the top posts with those of a month ago: what do people complain of now that they did not then?",
        "look what has changed since it began: a product, a price, an opening hour, who answers",
    ),
    "quiet-brand": (
        "look whether the sources still deliver (listener check), and whether a query or an alias was changed",
        "if they do, compare with the same hour last week: a holiday, or an end of interest?",
    ),
}
IN_GENERAL: Final = ("read the first post and the top posts",)


def next_steps(rule: str, evidence: Evidence) -> Iterator[str]:
    """What the evidence calls for comes before what the rule does."""
    voices, signs = evidence.voices, evidence.coordination
    if signs is not None and signs.marked:
        yield "do not answer the near-same posts one by one: report their accounts to the platform, watch who joins in"
    if voices is not None and voices.largest > voices.cap and voices.largest >= MOSTLY * evidence.looked_at:
        yield "one account wrote most of it: speak with that person, or mute it, before you speak to the public"
    elif voices is not None and voices.reposts >= MOSTLY * max(1, evidence.looked_at):
        yield "most of it passes on other posts: answer the post that is passed on, not those who do"
    yield from BY_RULE.get(rule, IN_GENERAL)
