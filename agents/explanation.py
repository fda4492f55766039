"""An alert explained to people: what its evidence says, line by line, with the words of posts that are still there.

The evidence holds marks and ids. What a mark stands for is looked up in `posts`, the posts of the evidence that the log
still has: what was deleted or erased is not there, and is told by nobody.
"""

from collections.abc import Iterator, Mapping

from agents.report.words import shortened
from listener.alerts.evidence_wording import last_week, warnings, who
from listener.drivers import ENOUGH
from listener.plural import many
from listener.words import spoken
from schemas.alert import Alert, Judged
from schemas.brand_mention import BrandMention
from schemas.evidence import Evidence, Term, TopPost

Posts = Mapping[str, BrandMention]
LONGEST_WORD = 60  # letters


def facts(alert: Alert, posts: Posts) -> Iterator[tuple[str, str]]:
    """What the evidence says, as (what it is about, what is to be said), the most telling first."""
    evidence = alert.evidence
    if evidence is None:
        return
    if evidence.terms:
        yield "words", words(evidence, posts)
    if evidence.looked_at:
        yield "who", who(evidence)
    yield from (("careful", told) for _, told in warnings(evidence, alert.judged))
    if evidence.first:
        yield (
            "first",
            "; then ".join(f"{post.written:%H:%M:%S} on {post.platform} ({post.id})" for post in evidence.first),
        )
    for post in evidence.top:
        yield "top post", _top(post, posts, alert.judged)
    if evidence.platforms:
        yield "where", _where(evidence, posts)
    if evidence.named:
        named = ", ".join(f"{one.name} {one.posts:,}" for one in evidence.named)
        yield "named by", f"{named} (of {evidence.looked_at:,} looked at)"
    if alert.judged is None or alert.judged.forecast is None:
        yield "last week", last_week(evidence, alert.judged)
    yield from (("next", step) for step in evidence.steps)


def short_facts(alert: Alert, posts: Posts) -> list[tuple[str, str]]:
    """The few that fit below an alert on a terminal."""
    evidence = alert.evidence
    if evidence is None or not evidence.looked_at:
        return []
    careful = [("careful", told) for sure, told in warnings(evidence, alert.judged) if sure]
    terms = [("words", words(evidence, posts))] if evidence.terms else []
    return [*terms, ("who", who(evidence)), *careful]


def _cut(word: str) -> str:
    """A word, or its beginning: some are as long as a post."""
    return word if len(word) <= LONGEST_WORD else word[:LONGEST_WORD] + "…"


def words(evidence: Evidence, posts: Posts) -> str:
    """The words, each with who said it and how usual it is."""
    told, lost, enough = [], 0, evidence.compared >= ENOUGH
    for term in evidence.terms:
        word = _word(term, posts)
        if word is None:
            lost += 1
            continue
        at_most = "≤ " if len(term.marks) > 1 and term.usual else ""
        told.append(f"“{_cut(word)}” {term.authors:,}" + (f" (usually {at_most}{term.usual:,})" if enough else ""))
    if lost:
        told.append(f"{many(lost, 'term')} whose posts are not there any more")
    usual = f"usually: of {many(evidence.compared, 'word')}" if enough else "too little is known to say what is usual"
    return f"{', '.join(told)}; by authors, of {many(evidence.looked_at, 'post')} looked at; {usual}"


def _word(term: Term, posts: Posts) -> str | None:
    for id_ in term.said_in:
        word = spoken(posts[id_], term.marks) if id_ in posts else None
        if word is not None:
            return word
    return None


def _top(post: TopPost, posts: Posts, judged: Judged | None) -> str:
    reach = "reach unknown" if post.followers is None else many(post.followers, "follower")
    said = posts.get(post.id)
    text = f"“{shortened(' '.join(said.mention.text.split()))}” " if said is not None else ""
    feeling = "negativity" if judged is not None and judged.counted in ("negative", "unanswered") else "strength"
    weighed = f"{feeling} {post.negativity:.2f}, novelty {post.novelty:.2f}, contribution {post.contribution:.2f}"
    return f"{text}{post.id} ({reach}, {weighed})"


def _where(evidence: Evidence, posts: Posts) -> str:
    told = [f"{one.name} {one.posts:,}" for one in evidence.platforms]
    for place in evidence.places:
        names = [posts[id_].mention.place for id_ in place.said_in if id_ in posts]
        name = next((name for name in names if name), "a place that is not known any more")
        told.append(f"{name} ({many(place.authors, 'author')})")
    return f"{', '.join(told)} (of {evidence.looked_at:,} looked at)"
