"""Which brands a text names: all names of all brands in one pass over it.

The cost of a text grows with its length and with what is found in it, not with the number of brands
(Aho and Corasick 1975).
"""

from bisect import bisect_right
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Sequence
from itertools import accumulate
from operator import itemgetter
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from listener.brands.boundaries import (
    FREE_AFTER,
    FREE_BEFORE,
    WITHIN_NAMES,
    WITHIN_TAGS,
    WITHIN_WORDS,
    first_link,
    in_hashtag,
    is_handle,
    is_name,
    is_tag,
    lower,
    plural_end,
    url_spans,
)
from listener.brands.certainty import Certainties
from listener.brands.disguise import Disguises
from listener.brands.frequency import Frequency, OrdinaryWords, no_words
from listener.brands.inflection import ending_at, inflections
from listener.brands.meaning import English
from listener.brands.misspelling import Misspellings
from listener.brands.mutes import Mutes
from listener.brands.ordinary import Words
from listener.brands.query.queries import Asked, Queries
from listener.brands.spelling import ORDINARY, has_capitals_of
from listener.brands.terms import ANY, Place, Term, handle_of, terms_of
from listener.severity.own import own_words
from listener.wants import Wants
from schemas.brand_mention import Field, Match
from schemas.mention import Mention
from schemas.settings import Brand, Settings

UNKNOWN = ""  # a mention whose platform nobody said
SIGNS = ("@", "#", "$")
NOWHERE: frozenset[str] = frozenset()
MOST_MATCHES = 100  # of one brand in one mention
MAQAF = "\u05be"  # Hebrew's hyphen; the letters of all scripts that write small words onto the front lie behind it
CERTAIN = frozenset({"handle", "hashtag", "cashtag", "query"})  # these need no required word beside them


class Found(NamedTuple):
    """What a mention names: matches by the brand's place in the settings, and the spans to hide from the scorer."""

    matches: dict[int, list[Match]]
    text_spans: list[tuple[int, int]]
    title_spans: list[tuple[int, int]]


# One place in one field: its start and end, what it means, and how it departs from all its terms, "" if it does not.
# No class of its own: a named tuple takes 0.2 µs to make, this 0.03.
Hit = tuple[int, int, list[Term], str]
Spans = list[tuple[int, int, int]]  # start, end, the brand that is named there


class Matcher:
    """All names and queries of all brands of one version of the settings. Raise WrongQuery.

    `frequency` tells ordinary words, which are no misspellings and the like of a name; where they are names themselves,
    `english` reads what they mean.
    """

    def __init__(
        self, settings: Settings, frequency: Frequency = no_words, english: Callable[[], English] | None = None
    ) -> None:
        self.settings = settings
        self.words = Words(frequency, english)
        self.certainties = Certainties(settings.brands, self.words)
        self.places = {brand.id: number for number, brand in enumerate(settings.brands)}
        self._terms: dict[str, dict[Term, None]] = {}
        inflected: dict[str, dict[Term, None]] = {}
        for number, brand in enumerate(settings.brands):
            for pattern, term in terms_of(number, brand, OrdinaryWords(frequency, brand.languages)):
                terms = self._terms.setdefault(pattern, {})
                known = inflected.setdefault(pattern, {}) if term.endings else terms
                known[term] = None
        self._queries = Queries(settings.brands)
        for tag, numbers in self._queries.tags.items():
            self._terms.setdefault(tag, {}).update((Term(number, "query", "query", tag), None) for number in numbers)
        for literal in (*self._queries.words, *self._queries.pieces):
            self._terms.setdefault(literal, {})
        self._patterns = list(self._terms)
        self._meanings = list(map(list, self._terms.values()))
        self._plain = [terms if all(map(_means_the_same, terms)) else None for terms in self._meanings]
        self._automaton = AhoCorasick(
            self._patterns, matchkind=MatchKind.Standard, implementation=Implementation.ContiguousNFA
        )
        self._inflected = [list(inflected[pattern]) if pattern in inflected else None for pattern in self._patterns]
        # What means the same wherever it stands free, and is no handle, which goes on otherwise than a word.
        self._free = [
            terms if terms and not pattern.startswith("@") and stems is None else None
            for pattern, terms, stems in zip(self._patterns, self._plain, self._inflected, strict=True)
        ]
        self._within = list(map(self._no_end, range(len(self._patterns))))
        self._calls = self._calls_by_pattern()
        self._frequency = frequency
        self._misspellings = Misspellings(settings.brands, frequency)
        self._disguises = Disguises(settings.brands)
        self._accounts = _accounts(settings.brands)
        self.wants = Wants(settings.brands)
        self.own_words = {
            number: own_words(brand.severe)
            for number, brand in enumerate(settings.brands)
            if brand.severe and "severity" in self.wants.by_brand[number]
        }
        self.mutes = {number: Mutes(brand.mute) for number, brand in enumerate(settings.brands) if brand.mute}
        self._languages = {
            number: frozenset(brand.languages) for number, brand in enumerate(settings.brands) if brand.languages
        }
        self._required = {number for number, brand in enumerate(settings.brands) if brand.require}

    def _no_end(self, pattern: int) -> frozenset[str] | None:
        """The pairs of letters between which a pattern does not end; None if it means nothing wherever it stands."""
        if self._inflected[pattern] is not None:
            return NOWHERE
        if not self._meanings[pattern]:
            return None
        return WITHIN_TAGS if self._patterns[pattern].startswith(SIGNS) else WITHIN_NAMES

    def _calls_by_pattern(self) -> dict[int, Sequence[int]]:
        """The patterns that call for queries wherever they stand: pieces for these, words for those of the words."""
        places = {pattern: place for place, pattern in enumerate(self._patterns)}
        calls: dict[int, Sequence[int]] = {places[word]: () for word in self._queries.words}
        return calls | {places[piece]: numbers for piece, numbers in self._queries.pieces.items()}

    def find(self, mention: Mention) -> Found:
        """The brands that a mention names, and where."""
        matches: dict[int, list[Match]] = {}
        asked = self._queries.asked()
        beside: set[tuple[str, int]] = set()
        text_spans = self._read("text", mention.text, mention, matches, asked, beside)
        title_spans = self._read("title", mention.title, mention, matches, asked, beside) if mention.title else []
        if mention.mentions or mention.hashtags or self._accounts:
            self._find_in_lists(mention, matches, asked)
        for brand, places in self._queries.satisfied(mention, asked) if asked.by_words or asked.queries else ():
            matches.setdefault(brand, []).extend(places)
        if beside or self._required:
            self._leave_out(mention, matches, beside)
        return Found(matches, _named(text_spans, matches), _named(title_spans, matches) if title_spans else [])

    def _read(
        self,
        field: Field,
        text: str,
        mention: Mention,
        matches: dict[int, list[Match]],
        asked: Asked,
        beside: set[tuple[str, int]],
    ) -> Spans:
        """Add what a field names to all that is found so far; return where names are to be hidden."""
        spans: Spans = []
        for start, end, terms, form in self._hits(text, mention.platform.lower(), asked):
            for term in terms:
                brand, role = term.brand, term.role
                if role in ("name", "squeezed"):
                    spans.append((start, end, brand))
                    match = Match(
                        why=term.why, term=term.term, field=field, start=start, end=end, form=form or term.form
                    )
                    if brand in matches:
                        _keep_longest(matches[brand], match)
                    else:
                        matches[brand] = [match]
                elif role == "hidden":
                    spans.append((start, end, brand))
                elif role == "query":
                    asked.queries.add(brand)
                else:
                    beside.add((role, brand))
        return spans

    def _leave_out(self, mention: Mention, matches: dict[int, list[Match]], beside: set[tuple[str, int]]) -> None:
        """Take out the brands beside which a word stands that must not, or none that must."""
        for brand in list(matches):
            excluded = ("exclude", brand) in beside
            if not excluded and (brand not in self._required or ("require", brand) in beside):
                continue
            certain = not excluded and any(match.why in CERTAIN for match in matches[brand])
            if not certain and not self.owns(brand, mention):
                del matches[brand]

    def languages(self, brands: Iterable[int]) -> frozenset[str] | None:
        """The languages that the publics of these brands speak together; None if one of them does not say."""
        if not self._languages:
            return None
        stated = [self._languages.get(brand) for brand in brands]
        return None if None in stated else frozenset().union(*filter(None, stated))

    def owns(self, brand: int, mention: Mention) -> bool:
        """Whether the brand wrote the mention itself."""
        return brand in self.authors(mention)

    def authors(self, mention: Mention) -> Collection[int]:
        """The brands that own the account which wrote the mention."""
        handle = mention.author.handle if mention.author and self._accounts else None
        return self._owners(handle, mention) if handle else ()

    def addresses(self, brand: int, matches: Iterable[Match], mention: Mention) -> bool:
        """Whether a match is a handle that the brand owns."""
        handles = [match.term for match in matches if match.why == "handle"]
        return bool(handles) and any(brand in self._owners(handle, mention) for handle in handles)

    def _owners(self, handle: str, mention: Mention) -> Collection[int]:
        return self._accounts.get((mention.platform.lower(), handle_of(handle)), ())

    def _hits(self, text: str, platform: str, asked: Asked) -> list[Hit]:
        """The places of names, tags and words to go by; which queries other literals call for is added to `asked`."""
        small = lower(text)
        found = self._automaton.find_matches_as_indexes(small, overlapping=True)
        for call in {pattern for pattern, _, _ in found} & self._calls.keys() if self._calls else ():
            asked.by_words = True
            asked.queries.update(self._calls[call])
        # With 10,000 names most of what is found lies within other words: nine places a post, and one of ten counts.
        within = self._within
        found = [
            (pattern, start, end)
            for pattern, start, end in found
            if text[start - 1 : start + 1] not in WITHIN_WORDS
            and (pairs := within[pattern]) is not None
            and text[end - 1 : end + 1] not in pairs
        ]
        misspelled = self._misspellings.find(small)
        disguised = self._disguises.find(text)
        if not (found or misspelled or disguised):
            return []
        hits: list[Hit] = []
        ends = found[-1][2] if found else 0
        links = url_spans(text) if misspelled or disguised or ends > first_link(text) else []
        free = self._free
        for pattern, start, end in found:
            if links and _in_link(start, links):
                continue
            terms = free[pattern]
            if terms and text[start - 1 : start] in FREE_BEFORE and text[end : end + 1] in FREE_AFTER:
                hits.append((start, end, terms, ""))
            else:
                hits += self._standing(pattern, text, start, end, platform)
        if misspelled or disguised:
            places = [place for place in (*misspelled, *disguised) if not (links and _in_link(place.start, links))]
            hits += _besides(hits, places, text)
            hits.sort(key=lambda hit: hit[1])
        return hits

    def _standing(self, pattern: int, text: str, start: int, end: int, platform: str) -> Iterator[Hit]:
        """What a pattern means where it stands, also as a part of an inflected name."""
        before = text[start - 1 : start]
        if (before >= MAQAF or before == "-") and (hit := self._prefixed(pattern, text, start, end, platform)):
            yield hit
            return
        stop = _stands(text, start, end, platform)
        if stop and (terms := self._plain[pattern] or self._terms_here(pattern, text, start, end, platform)):
            yield start, stop, terms, ""
        if (stems := self._inflected[pattern]) is not None:
            yield from self._with_endings(stems, text, start, end)

    def _terms_here(self, pattern: int, text: str, start: int, end: int, platform: str) -> list[Term]:
        """What a pattern means on a platform, as it is written, and outside of hashtags not as a squeezed name."""
        terms = [term for term in self._meanings[pattern] if _holds(term, platform)]
        if any(term.role == "squeezed" for term in terms) and not in_hashtag(text, start):
            terms = [term for term in terms if term.role != "squeezed"]
        return [term for term in terms if not term.written or has_capitals_of(term.written, text[start:end])]

    def _prefixed(self, pattern: int, text: str, start: int, end: int, platform: str) -> Hit | None:
        """The name with the prefix that is written onto its front, if there is one."""
        prefix = inflections().prefix(text, start, end) if text[start] not in "@#$" else None
        if prefix is None:
            return None
        begin, language = prefix
        stop = _stands(text, begin, end, platform)
        if not stop or self._is_another_word(text[begin:stop], text[start:stop], language):
            return None
        terms = self._terms_here(pattern, text, start, end, platform)
        return (begin, stop, terms, f"inflected {language}") if terms else None

    def _with_endings(self, terms: list[Term], text: str, start: int, end: int) -> Iterator[Hit]:
        """The inflected names that begin with the stem from `start` to `end`."""
        for term in terms:
            stop = ending_at(text, end, term.endings)
            language = term.form.rpartition(" ")[2]
            if stop is None or not is_name(text, start, stop):
                continue
            if not self._is_another_word(text[start:stop], term.term, language):
                yield start, stop, [term], ""

    def _is_another_word(self, form: str, name: str, language: str) -> bool:
        """Whether the form of a name is an ordinary word that has nothing to do with it: ten times as usual."""
        usual = self._frequency(lower(form), language) if form.isalpha() else 0.0
        return usual >= ORDINARY and usual > self._frequency(lower(name), language) + 1

    def _find_in_lists(self, mention: Mention, matches: dict[int, list[Match]], asked: Asked) -> None:
        lists: tuple[tuple[Field, str, Iterable[str]], ...] = (
            ("mentions", "@", mention.mentions),
            ("hashtags", "#", mention.hashtags),
        )
        for field, sign, entries in lists:
            for entry in entries:
                for term in self._terms.get(sign + lower(entry).lstrip(sign), ()):
                    if not _holds(term, mention.platform.lower()):
                        continue
                    if term.role == "query":
                        asked.queries.add(term.brand)
                    if term.role != "name":
                        continue
                    known = matches.setdefault(term.brand, [])
                    if not any(match.term == term.term for match in known):
                        known.append(Match(why=term.why, term=term.term, field=field, start=0, end=len(entry)))
        for brand in self.authors(mention):
            handle = mention.author.handle if mention.author else None
            known = matches.setdefault(brand, [])
            known.append(
                Match(why="author", term=handle_of(handle or ""), field="author", start=0, end=len(handle or ""))
            )


def _accounts(brands: tuple[Brand, ...]) -> dict[tuple[str, str], list[int]]:
    """The brands that own an account, by (platform, handle); on an unknown platform any of the handle."""
    accounts: dict[tuple[str, str], list[int]] = {}
    for number, brand in enumerate(brands):
        for platform, names in (brand.owned or brand.handles).items():
            for name in names:
                for where in (platform.lower(), UNKNOWN):
                    owners = accounts.setdefault((where, handle_of(name)), [])
                    if number not in owners:
                        owners.append(number)
    return accounts


def _holds(term: Term, platform: str) -> bool:
    """Whether a term holds on a platform; where nobody said which it is, all do."""
    return term.platform in (ANY, platform) or platform == UNKNOWN


def _means_the_same(term: Term) -> bool:
    """Whether it means the same wherever it stands."""
    return term.platform == ANY and term.role != "squeezed" and not term.written


def _in_link(start: int, links: list[tuple[int, int]]) -> bool:
    at = bisect_right(links, start, key=itemgetter(0))
    return at > 0 and start < links[at - 1][1]


def _besides(hits: list[Hit], places: list[Place], text: str) -> Iterator[Hit]:
    """What stands as a name, though it is spelled wrong, where no name stands that is spelled right."""
    right = sorted((start, end) for start, end, _, _ in hits)
    starts = [start for start, _ in right]
    ends = list(accumulate((end for _, end in right), max))
    for start, end, term in places:
        at = bisect_right(starts, start)
        if not (at and ends[at - 1] >= end) and is_name(text, start, end):
            yield start, end, [term], ""


def _stands(text: str, start: int, end: int, platform: str) -> int:
    """The end of the hit with its plural ending if it stands as what it is, else 0."""
    sign = text[start]
    if sign == "@":
        return end if is_handle(text, start, end, platform) else 0
    if sign in "#$":
        return end if is_tag(text, start, end) else 0
    stop = plural_end(text, end)
    if is_name(text, start, stop):
        return stop
    return end if stop != end and is_name(text, start, end) else 0


def _named(spans: Spans, brands: Container[int]) -> list[tuple[int, int]]:
    """The spans of brands that are named after all."""
    return [(start, end) for start, end, brand in spans if brand in brands]


def _keep_longest(matches: list[Match], match: Match) -> None:
    """Of matches that overlap in a field the longest stays. They come in the order of their ends.

    A text that says a name ten thousand times needs no ten thousand reasons.
    """
    place = len(matches)
    while place and matches[place - 1].field == match.field and matches[place - 1].end > match.start:
        place -= 1
    if place == len(matches):
        if place < MOST_MATCHES:
            matches.append(match)
    elif all(match.end - match.start > other.end - other.start for other in matches[place:]):
        matches[place:] = [match]
