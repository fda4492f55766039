"""Evidence for an alert, out of what is remembered of the stretch that was judged: pure, and the same for any order."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple, TypeVar

from msgspec.structs import replace

from listener.alerts.level import Heard
from listener.alerts.next_steps import next_steps
from listener.alerts.voices import authors_of, coordination, counted_of, likeness, voices
from listener.answering import SLOT, WITHIN
from listener.coverage import Coverage
from listener.detection import OpenWindow
from listener.drivers import ENOUGH, SURE, Usual, all_odds, odds
from listener.local_week import LocalWeek
from listener.remembered import Remembered, Sample, firsts, newest_gone
from listener.remembered_post import ALL, ASKS, GRAVE, ONE_IN, Post, by_name
from listener.sentiment.scoring import POLAR, UNIT
from listener.trace import HUNDRED
from listener.windows import BASE_WINDOW, Windows
from listener.words import BREAK, mark32
from schemas.alert import Alert, Judged
from schemas.evidence import Evidence, First, LastWeek, Place, Tally, Term, TopPost
from schemas.times import HOUR, from_ms, to_ms

VERDICTS = ("opened", "escalated", "reopened")
LEAST_AUTHORS = 3  # who say a word or name a place, independently of each other: what one says alone is kept of nobody
CARRIERS = 3  # posts in which it is looked up: it is known as long as one of them is there
MOST_TERMS, MOST_TOP, MOST_TALLIES, MOST_PLACES, MOST_FIRST = 8, 5, 5, 3, 4
WHOLE_PHRASE = 0.6  # of who say the more frequent of two words say them as a phrase
SAME_PHRASE = 0.8  # of who say one phrase say the longer one
MOST_WORDS = 6
LEAST_GRAVE = 60  # hundredths: what `monitors/severity.py` counts as grave

INFINITE = float("inf")
T = TypeVar("T")
Phrase = tuple[tuple[int, ...], list[Post]]


class Said(NamedTuple):
    """What was said in a stretch: all that is remembered, and of that a uniform sample."""

    kept: list[Post]
    looked_at: list[Post]
    usual: Usual


def evidence_of(
    rule: str,
    judged: Judged,
    remembered: Remembered,
    still_open: Iterable[Sample],
    last_week: LastWeek | None,
    name_at: Callable[[int], str],
    about: str | None = None,
) -> Evidence:
    """What explains a verdict about a brand, which had a name at each time (ms).

    `still_open` are the samples of windows that are not closed, for an early warning. If it is `about` a post, of that
    alone and of those that repost or quote it: what a post answers is not remembered.
    """
    start, end = _written_in(judged)
    samples = [*remembered.samples(start, end), *still_open]
    said = _said(judged.counted, remembered, samples, start, end)
    if about is not None:
        said = _only(said, about)
    posts = said.looked_at
    evidence = Evidence(
        observed=_observed(judged),
        looked_at=len(posts),
        compared=said.usual.words,
        terms=_terms(posts, said.usual),
        top=tuple(_top(said.kept, judged.counted)),
        platforms=_tallies(post.platform for post in posts),
        places=tuple(_places(posts)),
        named=_tallies(filter(None, (_named(post, name_at) for post in posts))),
        first=tuple(
            First(id=post.id, platform=post.platform, written=from_ms(post.written))
            for post in firsts(said.kept)[:MOST_FIRST]
        ),
        voices=voices(posts, samples, judged, start, end) if posts and _is_of_all(judged) else None,
        coordination=coordination(posts) if posts else None,
        last_week=last_week,
    )
    return replace(evidence, steps=tuple(next_steps(rule, evidence)))


def heard_of(judged: Judged, remembered: Remembered, still_open: Iterable[Sample]) -> Heard:
    """How far the posts reach that are remembered of what was judged, how grave three of their authors are at least.

    And how many of those observed count. Each account is heard once: by its most followers, and its gravest post.
    """
    start, end = _written_in(judged)
    samples = [*remembered.samples(start, end), *still_open]
    said = _said(judged.counted, remembered, samples, start, end)
    by_author: dict[bytes | str, list[Post]] = {}
    for post in said.kept:
        by_author.setdefault(post.author or post.id, []).append(post)
    reach = sum(max(post.reach or 0 for post in posts) for posts in by_author.values())
    gravest = sorted((max(post.severe for post in posts) for posts in by_author.values()), reverse=True)
    gravity = gravest[LEAST_AUTHORS - 1] / HUNDRED if len(gravest) >= LEAST_AUTHORS else 0.0
    counted = counted_of(said.looked_at, samples, judged, start, end) if _is_of_all(judged) else None
    return Heard(reach, gravity, counted)


def repeats_of(
    remembered: Remembered, still_open: Iterable[Sample], counted: str, observed: int, start: int, end: int
) -> int:
    """How many of those observed from `start` to `end` ms are by accounts that are counted already.

    Each post that was looked at stands for as many of those observed; an account of which one was is taken for as many
    people. Where nothing is remembered none is known to be.
    """
    said = _said(counted, remembered, [*remembered.samples(start, end), *still_open], start, end)
    if not said.looked_at:
        return 0
    each = max(1.0, observed / len(said.looked_at))
    posts = Counter(post.author or post.id for post in said.looked_at)
    people = sum(each if count == 1 else 1.0 for count in posts.values())
    return max(0, observed - max(round(people), authors_of(said.kept)))


def explained(
    alert: Alert,
    remembered: Remembered,
    still_open: Iterable[OpenWindow],
    hours: Windows,
    coverage: Coverage,
    week: LocalWeek,
    name_at: Callable[[int], str],
) -> Alert:
    """The alert with its evidence, where it tells of a new verdict; what it tells of is no usual talk from now on.

    `hours` are the brand's trends by the hour, `coverage` what was listened to, `week` that of its clock, `name_at`
    its name at a time (ms).
    """
    judged = alert.judged
    if judged is None or alert.event not in VERDICTS:
        return alert
    if alert.stage == "final":
        remembered.spoil(*_written_in(judged))
        still_open = ()
    samples = [window.sample for window in still_open]
    last_week = _last_week(judged, hours, coverage, week)
    about = None if judged.forecast is None or not alert.examples else alert.examples[0]
    return replace(alert, evidence=evidence_of(alert.rule, judged, remembered, samples, last_week, name_at, about))


def _written_in(judged: Judged) -> tuple[int, int]:
    """When (ms) that was said which a verdict is on: what is due was written before."""
    before = WITHIN + SLOT if judged.counted == "unanswered" else 0
    return to_ms(judged.start) - before, to_ms(judged.end) - before


def _observed(judged: Judged) -> int:
    """Of how many posts those that are looked at are a sample: of unanswered ones, of all that were due."""
    return judged.mentions if judged.forecast is not None or judged.counted == "unanswered" else judged.observed


def _is_of_all(judged: Judged) -> bool:
    """Whether a verdict is on how much is said, and so on how many say it."""
    return judged.tail != "lower" and judged.forecast is None and judged.counted != "unanswered"


def _last_week(judged: Judged, hours: Windows, coverage: Coverage, week: LocalWeek) -> LastWeek | None:
    """The hour a week before the one in which the stretch ends; None where nobody listened, and of a single post."""
    if judged.forecast is not None:
        return None
    start = week.a_week_before((to_ms(judged.end) - 1) // HOUR) * HOUR
    known = coverage.known(start, start + HOUR)
    if not known:
        return None
    counts = hours.sums(start)
    mentions = counts.get("mentions", 0)
    return LastWeek(
        start=from_ms(start),
        known=round(known, 4),
        mentions=mentions,
        scored=counts.get(judged.whole, 0),
        observed=counts.get(judged.counted, 0),
    )


def posts_of(alert: Alert) -> Iterator[str]:
    """The ids of its examples and of all posts in its evidence, each once."""
    several = [*alert.examples]
    if alert.evidence is not None:
        several += [post.id for post in alert.evidence.top] + [post.id for post in alert.evidence.first]
        several += [id_ for term in alert.evidence.terms for id_ in term.said_in]
        several += [id_ for place in alert.evidence.places for id_ in place.said_in]
    yield from dict.fromkeys(several)


def without_posts(alert: Alert, ids: Collection[str]) -> Alert:
    """The alert without these posts; a term or place that stands in none of the others goes with them."""
    evidence = alert.evidence
    if evidence is not None:
        terms = (replace(term, said_in=_left(term.said_in, ids)) for term in evidence.terms)
        places = (replace(place, said_in=_left(place.said_in, ids)) for place in evidence.places)
        evidence = replace(
            evidence,
            top=tuple(post for post in evidence.top if post.id not in ids),
            first=tuple(post for post in evidence.first if post.id not in ids),
            terms=tuple(term for term in terms if term.said_in),
            places=tuple(place for place in places if place.said_in),
        )
    return replace(alert, examples=_left(alert.examples, ids), evidence=evidence)


def _left(ids: tuple[str, ...], gone: Collection[str]) -> tuple[str, ...]:
    return tuple(id_ for id_ in ids if id_ not in gone)


def _said(counted: str, remembered: Remembered, samples: Sequence[Sample], start: int, end: int) -> Said:
    """A sample of a stretch is uniform up to the least of the bars of its parts."""
    grave = counted in ("negative", "grave", "unanswered")
    bar = min((sample.bars[0] for sample in samples), default=ALL)
    if not grave:
        bar = min((bar, ONE_IN - 1, *(sample.bars[1] for sample in samples)))
    gone = newest_gone(entry for sample in samples for entry in sample.gone)
    kept = [
        post
        for sample in samples
        for post in sample.posts
        if post.counts_in(start, end) and _counts(post, counted) and gone.get(post.id, -1) < post.version
    ]
    kept.sort(key=lambda post: (post.rank, post.key, post.id))
    usual = remembered.talk.grave if grave else remembered.talk.others
    return Said(kept, [post for post in kept if post.rank <= bar], usual)


def _only(said: Said, about: str) -> Said:
    mark = mark32(about)
    kept, looked_at = (
        [post for post in posts if post.id == about or post.chain == mark] for posts in (said.kept, said.looked_at)
    )
    return said._replace(kept=kept, looked_at=looked_at)


def _counts(post: Post, counted: str) -> bool:
    """Whether a post is of those that the verdict was on."""
    if counted == "negative":
        return post.compound is not None and post.compound <= -POLAR
    if counted == "positive":
        return post.compound is not None and post.compound >= POLAR
    if counted == "unanswered":  # or answered: that is not remembered. Of mere questions too few are sampled
        return bool(post.marks & ASKS and post.marks & GRAVE)
    return counted != "grave" or post.severe >= LEAST_GRAVE


# Words


def _terms(posts: Sequence[Post], usual: Usual) -> tuple[Term, ...]:
    """The words and phrases that several authors say, and that are said surely more often than usually.

    While too little is known of what is usual: those that most authors say.
    """
    sure = SURE if usual.words >= ENOUGH else -INFINITE
    said = _by_author((word, post) for post in posts for word in sorted(post.different))
    found = all_odds({word: len(carriers) for word, carriers in said.items()}, usual)
    rising = {word: odd for word, odd in found.items() if odd.z >= sure and len(said[word]) >= LEAST_AUTHORS}
    of_now, known = sum(len(carriers) for carriers in said.values()), len(said.keys() | usual.counts.keys())
    terms = []
    covered: set[int] = set()
    for phrase, carriers in _joined(_pairs(posts, said, rising)):
        usually = min(usual.counts.get(word, 0) for word in phrase)  # at most: so its z is at least what it is
        log_odds, z = odds(len(carriers), of_now, usually, usual.words, known)
        covered |= set(phrase)
        terms.append(_term(phrase, carriers, usually, log_odds, z))
    for word, (log_odds, z) in rising.items():
        if word in covered:
            continue
        terms.append(_term((word,), said[word], usual.counts.get(word, 0), log_odds, z))
    terms.sort(key=lambda term: (-term.z if sure > 0 else -term.authors, term.marks))
    return tuple(terms[:MOST_TERMS])


def _pairs(posts: Sequence[Post], said: dict[int, list[Post]], rising: Collection[int]) -> Iterator[Phrase]:
    """Neighbours of which one at least is rising, and that most say together who say either of them."""
    pairs = (
        (pair, post)
        for post in posts
        for pair in pairwise(post.words)
        if pair[0] != pair[1] and BREAK not in pair and (pair[0] in rising or pair[1] in rising)
    )
    for pair, carriers in _by_author(pairs).items():
        if len(carriers) >= max(LEAST_AUTHORS, WHOLE_PHRASE * max(len(said[word]) for word in pair)):
            yield pair, carriers


def _joined(pairs: Iterable[Phrase]) -> list[Phrase]:
    """Phrases that go on in each other for nearly all who say them are one."""
    joined: list[Phrase] = []
    for pair, carriers in pairs:
        for place, (before, sayers) in enumerate(joined):
            longer = (*before, *pair[1:])
            both = [post for post in sayers if _says(post, longer)]
            if len(longer) <= MOST_WORDS and len(both) >= SAME_PHRASE * max(len(sayers), len(carriers), LEAST_AUTHORS):
                joined[place] = longer, both
                break
        else:
            joined.append((pair, carriers))
    return joined


def _says(post: Post, phrase: tuple[int, ...]) -> bool:
    words = post.words
    return any(words[at : at + len(phrase)] == phrase for at in range(len(words)))


def _by_author(said: Iterable[tuple[T, Post]]) -> dict[T, list[Post]]:
    """By what is said one post of each author; who is not known is somebody else each time."""
    found: dict[T, dict[bytes | str, Post]] = {}
    for what, post in said:
        found.setdefault(what, {}).setdefault(post.author or post.id, post)
    return {what: list(posts.values()) for what, posts in found.items()}


def _term(marks: tuple[int, ...], carriers: list[Post], usual: int, log_odds: float, z: float) -> Term:
    return Term(
        marks=marks,
        authors=len(carriers),
        usual=usual,
        log_odds=round(log_odds, 4),
        z=round(z, 4),
        said_in=_carriers(carriers),
    )


def _carriers(posts: list[Post]) -> tuple[str, ...]:
    return tuple(post.id for post in sorted(posts, key=lambda post: (-post.loudness, post.id))[:CARRIERS])


# Posts


def _top(kept: Iterable[Post], counted: str) -> Iterator[TopPost]:
    """The posts that add most to those before them, one of each author."""
    left = sorted(kept, key=lambda post: (-_weight(post, counted), post.id))
    chosen: list[Post] = []
    novelty = [1.0] * len(left)
    for _ in range(MOST_TOP):
        best = max(range(len(left)), key=lambda place: _weight(left[place], counted) * novelty[place], default=None)
        if best is None or _weight(left[best], counted) * novelty[best] <= 0:
            return
        post = left[best]
        yield _top_post(post, counted, novelty[best])
        chosen.append(post)
        novelty = [min(new, _novelty(other, post)) for new, other in zip(novelty, left, strict=True)]


def _novelty(post: Post, before: Post) -> float:
    if post is before or (post.author is not None and post.author == before.author):
        return 0.0
    return 1.0 - likeness(post, before)


def _negativity(post: Post, counted: str) -> float:
    felt = (post.compound or 0) / UNIT
    if counted in ("negative", "unanswered"):
        return max(0.0, -felt, post.severe / HUNDRED)
    return max(abs(felt), post.severe / HUNDRED)


def _weight(post: Post, counted: str) -> float:
    return (1 + (post.reach or 0)).bit_length() * _negativity(post, counted)


def _top_post(post: Post, counted: str, novelty: float) -> TopPost:
    return TopPost(
        id=post.id,
        platform=post.platform,
        written=from_ms(post.written),
        followers=post.reach,
        negativity=round(_negativity(post, counted), 4),
        novelty=round(novelty, 4),
        contribution=round(_weight(post, counted) * novelty, 4),
    )


def _named(post: Post, name_at: Callable[[int], str]) -> str:
    """How a post names the brand; by the name that it had then, where it does not say."""
    return by_name(name_at(post.window * BASE_WINDOW)) if post.named is None else post.named


def _tallies(names: Iterable[str]) -> tuple[Tally, ...]:
    counted = sorted(Counter(names).items(), key=lambda entry: (-entry[1], entry[0]))
    return tuple(Tally(name=name, posts=posts) for name, posts in counted[:MOST_TALLIES])


def _places(posts: Sequence[Post]) -> Iterator[Place]:
    by_place = _by_author((post.place, post) for post in posts if post.place)
    named = [(place, carriers) for place, carriers in by_place.items() if len(carriers) >= LEAST_AUTHORS]
    for _, carriers in sorted(named, key=lambda entry: (-len(entry[1]), entry[0]))[:MOST_PLACES]:
        yield Place(authors=len(carriers), said_in=_carriers(carriers))
