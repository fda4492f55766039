"""A reader with plugged-in scorers: they are asked once a batch, and where one has no answer it reads without them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from agents.plugged import Plugged, Unanswered
from listener.brands.matcher import Found, Matcher
from listener.reading import Reading, TextReader
from listener.threads import Threads, thread_of
from listener.wants import EVERYTHING, NOTHING, Wanteds
from schemas.brand_mention import Match, Sentiment
from schemas.mention import Mention

if TYPE_CHECKING:
    from collections import Counter

SIGN = "scorer "  # before what counts a scorer's outcomes


class PluggedReader(TextReader):
    """Reads as `plain` does, but for the languages of what is plugged in."""

    def __init__(self, plain: TextReader, plugged: Sequence[Plugged]) -> None:
        self._take_after(plain, [scorer for one in plugged for scorer in one.scorers()])
        self._plain = plain
        self._plugged = plugged

    def foresee(self, mentions: Iterable[Mention], brands: Matcher, threads: Threads) -> None:
        """Ask the scorers about all mentions that are likely to be read, and keep what they say for when they are.

        To be read is what names a brand, or answers what is known or comes here too. What is misjudged here costs
        time, never an answer: it is asked about by itself.
        """
        for plugged in self._plugged:
            plugged.gather()
        likely: set[str] = set()
        for mention in mentions:
            try:
                found = brands.find(mention)
                if found.matches or _answers(mention, threads, likely):
                    likely.add(mention.id)
                    self._note(mention, found, threads)
            except Exception:  # noqa: S112 - what breaks the matcher or the reader is set aside when its turn comes
                continue
        for plugged in self._plugged:
            plugged.ask()

    def _note(self, mention: Mention, found: Found, threads: Threads) -> None:
        known = threads.known(mention)
        if known is not None and known.trace.version >= mention.version:
            return
        reading = super().read(mention, found, wanted=NOTHING)
        for matches in found.matches.values():
            super().about(reading, mention, matches)

    def read(
        self,
        mention: Mention,
        found: Found,
        language: str | None = None,
        among: Collection[str] | None = None,
        wanted: Wanteds = EVERYTHING,
    ) -> Reading:
        """How it reads; where a plugged-in scorer has no answer, what is built in says so, or nothing does."""
        try:
            return super().read(mention, found, language, among, wanted)
        except Unanswered as unanswered:
            reading = self._plain.read(mention, found, language, among, wanted)
            return reading._replace(sentiment=_instead(reading.sentiment, unanswered))

    def about(self, reading: Reading, mention: Mention, matches: Iterable[Match]) -> Sentiment:
        """How it feels about one brand; see `read`."""
        matches = tuple(matches)
        try:
            return super().about(reading, mention, matches)
        except Unanswered as unanswered:
            return _instead(self._plain.about(reading, mention, matches), unanswered)

    def take_counts(self, counts: "Counter[str]") -> None:
        """Add how many texts had which outcome since the last call."""
        for plugged in self._plugged:
            for outcome, count in plugged.counts.items():
                counts[f"{SIGN}{plugged.name} {outcome}"] += count
            plugged.counts.clear()


def outcomes_of(counts: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """What is counted of plugged-in scorers among all counts: by scorer and outcome."""
    found: dict[str, dict[str, int]] = {}
    for name, count in counts.items():
        if name.startswith(SIGN):
            scorer, _, outcome = name.removeprefix(SIGN).partition(" ")
            found.setdefault(scorer, {})[outcome] = count
    return found


def _answers(mention: Mention, threads: Threads, likely: set[str]) -> bool:
    """Whether it answers or passes on what is known, or an edit of what is known."""
    if mention.id in threads.posts:
        return True
    if thread_of(mention) == mention.id:
        return False
    answered = (mention.parent_id, mention.quoted_id, mention.reposted_id, mention.root_id)
    return any(id_ is not None and (id_ in likely or id_ in threads.posts) for id_ in answered)


def _instead(sentiment: Sentiment, unanswered: Unanswered) -> Sentiment:
    """What is built in scores where there is no answer, but not where the answer was that it cannot be said."""
    if unanswered.outcome == "abstained":
        return Sentiment(scorer=unanswered.scorer, compound=None, not_scored=str(unanswered))
    if sentiment.compound is None:
        return replace(sentiment, not_scored=f"{sentiment.not_scored}: {unanswered}")
    return replace(sentiment, scorer=f"{sentiment.scorer} ({unanswered})")
