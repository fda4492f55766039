"""An alert explained to people: what its evidence says, line by line, with the words of posts that are still there.

The evidence holds marks and ids. What a mark stands for is looked up in `posts`, the posts of the evidence that the log
still has: what was deleted or erased is not there, and is told by nobody.
"""

from collections.abc import Iterator, Mapping

from agents.report.words import shortened
from listener.alerts.wording import counted_in_words
from listener.drivers import ENOUGH
from listener.plural import many
from listener.words import spoken
from schemas.alert import Alert, Judged
from schemas.brand_mention import BrandMention
from schemas.evidence import Evidence, Term, TopPost, Voices

Posts = Mapping[str, BrandMention]
LONGEST_WORD = 60  # letters


def facts(alert: Alert, posts: Posts) -> Iterator[tuple[str, str]]:
    """What the evidence says, as (what it is about, what is to be said), the most telling first."""
    evidence = alert.evidence
    if evidence is None:
        return
    if evidence.terms:
        yield "words", _words(evidence, posts)
    if evidence.looked_at:
        yield "who", _who(evidence)
    yield from (("careful", told) for _, told in _warnings(evidence, alert.judged))
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
        yield "last week", _last_week(evidence, alert.judged)
    yield from (("next", step) for step in evidence.steps)


def short_facts(alert: Alert, posts: Posts) -> list[tuple[str, str]]:
    """The few that fit below an alert on a terminal."""
    evidence = alert.evidence
    if evidence is None or not evidence.looked_at:
        return []
    warnings = [("careful", told) for sure, told in _warnings(evidence, alert.judged) if sure]
    words = [("words", _words(evidence, posts))] if evidence.terms else []
    return [*words, ("who", _who(evidence)), *warnings]


def _cut(word: str) -> str:
    """A word, or its beginning: some are as long as a post."""
    return word if len(word) <= LONGEST_WORD else word[:LONGEST_WORD] + "…"


def _words(evidence: Evidence, posts: Posts) -> str:
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


def _who(evidence: Evidence) -> str:
    voices = evidence.voices
    of = f"{many(evidence.looked_at, 'post')} looked at of {evidence.observed:,}"
    if voices is None:
        return of
    passed_on = f", {many(voices.reposts, 'repost')} among them" if voices.reposts else ""
    in_all = "" if voices.exact and voices.in_all == voices.authors else _in_all(voices)
    return f"{many(voices.authors, 'author')}, {many(voices.voices, 'independent voice')} in {of}{passed_on}{in_all}"


def _in_all(voices: Voices) -> str:
    if voices.in_all is None:
        return ""
    return f"; {'' if voices.exact else 'about '}{many(voices.in_all, 'author')} in all"


def _warnings(evidence: Evidence, judged: Judged | None) -> Iterator[tuple[bool, str]]:
    """What lowers the weight of it all, and whether it surely does."""
    signs, voices = evidence.coordination, evidence.voices
    if signs is not None and signs.near_same >= 2:
        told = (
            f"{signs.near_same:,} of {many(signs.own, 'post')} say nearly the same, by {many(signs.authors, 'author')}"
        )
        if signs.aged:
            told += f"; {signs.young:,} of {many(signs.aged, 'account')} are younger than 30 days"
        told += f"; {signs.in_step:,} within a minute of their middle"
        yield signs.marked, f"{told}: {'it looks coordinated' if signs.marked else 'no sign of more than that'}"
    if voices is not None and voices.largest > voices.cap and judged is not None:
        verdict = "it would still fire" if voices.stands else "it would not fire"
        told = (
            f"one account wrote {voices.largest:,} of the {evidence.looked_at:,} looked at; counted {voices.cap} times"
        )
        yield True, f"{told} at most it leaves {voices.capped:,} of {judged.observed:,}: {verdict}"


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


def _last_week(evidence: Evidence, judged: Judged | None) -> str:
    last = evidence.last_week
    if last is None or judged is None:
        return "nobody listened in the same hour last week"
    heard = "" if last.known == 1.0 else f", {last.known:.0%} of it listened to"
    of = f"{many(last.mentions, 'mention')} in the hour from {last.start:%Y-%m-%d %H:%M} UTC{heard}"
    if judged.counted == judged.whole:
        return of
    scored = f" of {last.scored:,} scored" if judged.whole == "scored" else ""
    return f"{last.observed:,} {counted_in_words(judged)}{scored}, of {of}"
