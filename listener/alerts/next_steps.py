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
    "severity-words": (
        "read the first post and the top posts: what has happened, to whom, and is it true?",
        "tell who answers for safety and for law now, before anybody answers in public",
        "look whether products, places or batches are named that are still on sale",
    ),
    "praise-spike": (
        "read the top posts: what do people like, and who began it?",
        "thank the first and the loudest where they wrote, and ask before you pass on what they made",
        "look whether there is enough of what they praise, and tell who sells it",
    ),
    "volume-spike": (
        "read the first post and the posts that are passed on most: what is it about?",
        "look whether it is planned (a launch, a campaign): then put it into the calendar of the brand",
    ),
    "unanswered": (
        "ask who answers for the brand: is somebody missing, is a tool down, or are there too many to answer?",
        "answer the examples first, and the top posts: most of those who will see them have seen them by now",
        "tell the others with one post of your own when they can expect an answer",
    ),
    "quiet-brand": (
        "look whether the sources still deliver (listener check), and whether a query or an alias was changed",
        "if they do, compare with the same hour last week: a holiday, or an end of interest?",
    ),
    "going-viral": (
        "read the post: is it true, and is somebody harmed?",
        "answer it where it was written, now: most of those who will see it have not seen it yet",
        "agree on one answer before anybody writes a second one",
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
