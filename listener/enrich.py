"""One mention becomes one brand mention for each brand it is about, on its way to that brand's tracker.

Its source has stamped when it was read (`ingested_at`); detect (`agents/detect.py`) hands it in and passes on what
comes out. Whom a mention names comes first; if it names nobody, it is about whom the post that it answers was about.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from listener.brands.matcher import Found, Matcher
from listener.reading import TextReader
from listener.threads import HORIZON, Known, Threads, read_of, thread_of
from listener.trace import MUTED, OWNED, Trace, certainty_in
from schemas.brand_mention import BrandMention, Certainty, Match, Severe
from schemas.deletion import Deletion
from schemas.mention import Mention
from schemas.retraction import Retraction
from schemas.times import from_ms, to_ms

Told = BrandMention | Retraction

# A brand's place in the settings; matches, tagged, distance; how sure it is, None where names are yet to be judged;
# whether it is about the brand only through a post that is muted.
About = tuple[int, tuple[Match, ...], bool, int, Certainty | None, bool]


def enrich(mention: Mention, brands: Matcher, threads: Threads, reader: TextReader) -> Sequence[Told] | None:
    """The brand mentions of a mention, in the order of the settings; None if it was seen before, or deleted.

    All names in it are hidden from the scorer; a mention has one score. If it edits what was seen, what that has added
    is taken back first.
    """
    before = threads.known(mention) if mention.id in threads.posts else None
    if before is not None and mention.version <= before.trace.version:
        threads.counts["repeats"] += 1
        return None
    found = brands.find(mention)
    answers = mention.parent_id or mention.quoted_id or mention.reposted_id or mention.root_id
    answered = _Answered(threads.answered(mention)) if answers else ()
    about = _named(mention, found, brands) if found.matches else _inherited(mention, answered, before, brands, threads)
    if before is None and not about:
        return []
    read = read_of(mention)
    if before is None and _comes_too_late(mention, read, threads):
        return None
    told = _brand_mentions(mention, about, found, answered, before, brands, reader) if about else []
    threads.remember(mention, read, told, before)  # only now: what broke on the way may be tried again
    if about and about[0][3]:
        threads.counts["thread_mentions"] += 1
    if before is None:
        return told
    threads.counts["edits"] += 1
    return [*_retractions(before.trace, mention.id, read, "edited"), *told]


def retract(deletion: Deletion, read: int, threads: Threads) -> list[Retraction]:
    """What a post has added, to be taken back, since it was deleted or erased as was read at `read` ms."""
    traces = threads.delete(deletion.id, read, erased=deletion.because == "erased")
    if traces:
        threads.counts["deletions"] += 1
    return [one for trace in traces for one in _retractions(trace, deletion.id, read, deletion.because)]


def _comes_too_late(mention: Mention, read: int, threads: Threads) -> bool:
    """Whether it is a copy of what was deleted, or an edit of what was counted before anything that is remembered."""
    if threads.is_deleted(mention, read):
        threads.counts["deleted_before"] += 1
        return True
    if mention.op == "update" and read - to_ms(mention.created_at) > HORIZON:
        threads.counts["unretractable"] += 1
        return True
    return False


def _retractions(
    trace: Trace, id_: str, read: int, because: Literal["edited", "deleted", "erased"]
) -> Iterator[Retraction]:
    at = from_ms(read)
    return (Retraction(brand=one.brand, at=at, because=because, trace=one) for one in trace.brand_mentions(id_))


def _named(mention: Mention, found: Found, brands: Matcher) -> list[About]:
    return [
        (number, tuple(matches), brands.addresses(number, matches, mention), 0, None, False)
        for number, matches in sorted(found.matches.items())
    ]


def _inherited(
    mention: Mention, answered: Iterable[Known], before: Known | None, brands: Matcher, threads: Threads
) -> list[About]:
    """The brands of the nearest post of its thread that it answers or passes on, and that is about any.

    None of a thread that is full: what cannot be remembered could not be taken back, and a copy would count again.
    """
    thread = thread_of(mention)
    if thread == mention.id:
        return []
    if before is None and threads.is_full(thread):
        threads.counts["thread_full"] += 1
        return []
    for known in answered:
        nearest = known.post.id == mention.parent_id
        if about := _handed_on(known.trace, known.post.id, known.trace.distance + 1, brands, nearest=nearest):
            return about
    if before is not None and before.trace.distance:  # what it answered is gone meanwhile; what it is stays
        return _handed_on(before.trace, before.post.thread, before.trace.distance, brands, nearest=False)
    threads.counts["thread_misses"] += 1
    return []


def _handed_on(trace: Trace, through: str, distance: int, brands: Matcher, *, nearest: bool) -> list[About]:
    """Who answers a brand's own post addresses it. An answer is as surely about a brand as what it answers."""
    matches = (Match(why="thread", term=through, field="thread", start=0, end=0),)
    places = sorted((brands.places[brand], how) for brand, how, _ in trace.about if brand in brands.places)
    return [
        (place, matches, nearest and bool(how & OWNED), distance, certainty_in(how), bool(how & MUTED))
        for place, how in places
    ]


def _language_of_thread(mention: Mention, answered: Iterable[Known]) -> str | None:
    """The language of the nearest post that a mention answers or passes on, as far as that is remembered."""
    if thread_of(mention) == mention.id:
        return None
    return next((known.trace.language for known in answered if known.trace.language), None)


def _brand_mentions(
    mention: Mention,
    about: list[About],
    found: Found,
    answered: Iterable[Known],
    before: Known | None,
    brands: Matcher,
    reader: TextReader,
) -> list[BrandMention]:
    numbers = [number for number, *_ in about]
    spoken, wanted = brands.languages(numbers), brands.wants.of(numbers)
    reading = reader.read(mention, found, _language_of_thread(mention, answered), spoken, wanted)
    first_read = from_ms(before.trace.first) if before is not None else None
    authors = brands.authors(mention)
    told = []
    for one in about:
        number, _, tagged, distance, _, through_muted = one
        matches, certainty = _judged(one, mention, reading.language, brands, answered)
        wanted = brands.wants.by_brand[number]
        severe: tuple[Severe, ...] = ()
        if "severity" in wanted:
            severe = reader.severity(reading, mention, found, brands.own_words.get(number))
        told.append(
            BrandMention(
                brand=brands.settings.brands[number].id,
                mention=mention,
                matches=matches,
                tagged=tagged,
                owned=number in authors,
                language=reading.language,
                sentiment=reader.about(reading, mention, matches),
                settings=brands.settings.version,
                distance=distance,
                first_read=first_read,
                certainty=certainty,
                severity=severe,
                talk=reading.talk if "talk" in wanted else (),
                language_confidence=reading.confidence,
                muted=number in brands.mutes
                and brands.mutes[number].hold(mention, read_of(mention), through_muted=through_muted),
            )
        )
    return told


def _judged(
    about: About, mention: Mention, language: str | None, brands: Matcher, answered: Iterable[Known]
) -> tuple[tuple[Match, ...], Certainty]:
    """How sure it is that a brand is meant where it is named; its thread is only looked at where that is in doubt."""
    number, matches, _, _, certainty, _ = about
    if certainty is not None:
        return matches, certainty
    if not brands.certainties.is_doubtful(number, matches):
        return matches, "certain"
    brand = brands.settings.brands[number].id
    known = any(id_ == brand and certainty_in(how) == "certain" for one in answered for id_, how, _ in one.trace.about)
    return brands.certainties.judge(number, mention, matches, language, known=known)


class _Answered:
    """The posts of its thread that a mention answers, the nearest first: each is looked up when it is needed, once."""

    def __init__(self, walk: Iterator[Known]) -> None:
        self._walk = walk
        self._seen: list[Known] = []

    def __iter__(self) -> Iterator[Known]:
        yield from self._seen
        for known in self._walk:
            self._seen.append(known)
            yield known
