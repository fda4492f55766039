"""One mention becomes one brand mention for each brand it is about, on its way to that brand's tracker.

Its source has stamped when it was read (`ingested_at`); detect (`agents/detect.py`) hands it in and passes on what
comes out.
"""

from listener.brands.matcher import Matcher
from listener.sentiment.scoring import Scorer
from listener.threads import Threads
from schemas.brand_mention import BrandMention
from schemas.mention import Mention
from schemas.times import to_ms


class NotYet(Exception):
    """A mention of a kind that this listener cannot handle yet. It must not be lost: it becomes a dead letter."""


def enrich(mention: Mention, brands: Matcher, threads: Threads, scorer: Scorer) -> list[BrandMention] | None:
    """The brand mentions of a mention, in the order of the settings; None if it was seen before.

    Whom it names comes first, because all their names are hidden from the scorer; a mention has one score.
    Raise NotYet for updates and deletes.
    """
    if mention.op != "create":
        raise NotYet(f"op {mention.op!r} is not handled yet")
    read = to_ms(mention.ingested_at or mention.created_at)
    novelty = threads.novelty(mention.id, mention.version)
    if novelty == "repeat":
        return None
    if novelty == "edit":
        raise NotYet(f"version {mention.version} edits a mention that was seen: edits are not handled yet")
    found = _brand_mentions(mention, brands, scorer)
    threads.meet(mention.id, mention.version, read)  # only now: what broke on the way may be tried again
    return found


def _brand_mentions(mention: Mention, brands: Matcher, scorer: Scorer) -> list[BrandMention]:
    found = brands.find(mention)
    if not found.matches:
        return []
    language, sentiment = scorer.score(mention, found.text_spans, found.title_spans)
    return [
        BrandMention(
            brand=brands.settings.brands[number].id,
            mention=mention,
            matches=tuple(matches),
            tagged=any(brands.addresses(number, match, mention) for match in matches),
            owned=brands.owns(number, mention),
            language=language,
            sentiment=sentiment,
            settings=brands.settings.version,
        )
        for number, matches in sorted(found.matches.items())
    ]
