"""What stands above and below the lines of a brand on the report's page."""

from collections.abc import Iterator, Mapping

from agents.report.found import BrandFound
from agents.report.points import LEAST_SCORED, Scale
from agents.report.words import each
from listener.monitors.severity import NAMES
from listener.monitors.talk import KINDS
from listener.plural import many
from listener.windows import Counts


def mentions_caption(brand: BrandFound, scale: Scale) -> str:
    """How many, of which kind, and how sure that is."""
    sums = brand.sums
    kinds = ", ".join(
        f"{sums.get(kind, 0):,} {told}"
        for kind, told in (("untagged", "untagged"), ("tagged", "tagged"), ("owned", "its own"))
    )
    return (
        f"<strong>Mentions {each(scale)}</strong> <small>{sums.get('mentions', 0):,}: {kinds}{_certainty(sums)}</small>"
    )


def _certainty(sums: Counts) -> str:
    """Of a name that means other things too."""
    mentions, probable, doubtful = (sums.get(name, 0) for name in ("mentions", "probable", "doubtful"))
    told = f"; {probable:,} of them probably meant" if probable else ""
    if doubtful:
        told += f"; {doubtful:,} more in doubt ({doubtful / (mentions + doubtful):.0%}), not counted"
    return told


def share_caption(brand: BrandFound) -> str:
    """How negative, of how many."""
    sums = brand.sums
    scorable, scored, negative = sums.get("scorable", 0), sums.get("scored", 0), sums.get("negative", 0)
    if not scored:
        return f"<strong>Negative share</strong> <small>none of {many(scorable, 'mention')} could be scored</small>"
    return (
        f"<strong>Negative share</strong> <small>{negative:,} of {scored:,} scored (these of "
        f"{many(scorable, 'mention')} could be); each point holds {LEAST_SCORED} scored or more</small>"
    )


def said_told(brand: BrandFound) -> Iterator[str]:
    """What matters whatever the mood, and what people wanted and got; nothing where there was nothing of it."""
    sums = brand.sums
    mentions, owned = sums.get("mentions", 0), sums.get("owned", 0)
    graves: dict[str, int] = {category: sums.get(names[0], 0) for category, names in NAMES.items()}
    if sums.get("severe"):
        of = f" of {many(mentions, 'mention')}" if mentions else ""
        yield _listed(f"Severe words in {sums['severe']:,}{of}", graves)
    talks: dict[str, int] = {kind: sums.get(kind, 0) for kind in KINDS}
    if any(talks.values()):
        of = f" in {many(mentions - owned, 'mention')}" if mentions else ""
        yield _listed(f"What others wanted{of}", talks)
    due = sums.get("due", 0)
    if due > 0:
        counts = {"unanswered after 4 h": sums.get("unanswered", 0), "answered": due - sums.get("unanswered", 0)}
        yield _listed(f"Of {many(due, 'mention')} that needed an answer", counts)


def _listed(what: str, counts: Mapping[str, int]) -> str:
    """The most frequent first; those of one count by name."""
    ranked = sorted((-count, name) for name, count in counts.items() if count)
    return f'<p class="muted"><small>{what}: {", ".join(f"{name} {-count:,}" for count, name in ranked)}.</small></p>'
