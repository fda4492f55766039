"""Who needs an answer of a brand."""

from typing import Final

from listener.sentiment.scoring import POLAR, UNIT
from schemas.brand_mention import BrandMention

SEVERE = 0.5  # a word this grave matters whatever the mood, as in passed_on.py
ASKING: Final = frozenset({"complaint", "question"})


def needs_answer(mention: BrandMention) -> bool:
    """Whether somebody addresses the brand, by its account or below its own post, and complains or asks.

    That is: what is negative, has a grave word, or is a complaint or a question by its kind of talk. Not what is only
    likely about the brand, muted, older than listening, or passes on what somebody else has said. It follows from what
    a trace keeps, so that it can be taken back.
    """
    if not mention.tagged or mention.owned:
        return False  # most: a tenth of a microsecond
    if mention.muted or mention.certainty != "certain" or not _complains(mention):
        return False
    source = mention.mention
    return not source.backfill and source.kind != "repost"


def _complains(mention: BrandMention) -> bool:
    compound = mention.sentiment.compound
    if compound is not None and round(compound * UNIT) <= -POLAR:
        return True
    if mention.talk and any(talk.kind in ASKING for talk in mention.talk):
        return True
    return bool(mention.severity) and any(round(word.weight, 2) >= SEVERE for word in mention.severity)
