"""What the evidence of an alert says, in sentences without a word of any post: they can be kept, and told anywhere."""

from collections.abc import Iterator

from listener.alerts.wording import counted_in_words
from listener.plural import many
from schemas.alert import Alert, Judged
from schemas.evidence import Evidence, Voices


def grounds(alert: Alert) -> Iterator[str]:
    """What a person needs first who is called by it: how many say it, what speaks against it, where, and last week."""
    evidence = alert.evidence
    if evidence is None or not evidence.looked_at:
        return
    yield f"By {who(evidence)}."
    yield from (f"Careful: {told}." for sure, told in warnings(evidence, alert.judged) if sure)
    if any(one.name != "unknown" for one in evidence.platforms):
        yield f"On {platforms(evidence)}."
    if evidence.last_week is not None:
        yield f"The same hour last week: {last_week(evidence, alert.judged)}."


def who(evidence: Evidence) -> str:
    """Ten people, or a thousand, among so many that were looked at."""
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


def warnings(evidence: Evidence, judged: Judged | None) -> Iterator[tuple[bool, str]]:
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


def platforms(evidence: Evidence) -> str:
    """Where it was said."""
    told = ", ".join(f"{one.name} {one.posts:,}" for one in evidence.platforms)
    return f"{told} (of {evidence.looked_at:,} looked at)"


def last_week(evidence: Evidence, judged: Judged | None) -> str:
    """What was said in the same hour of the week before."""
    last = evidence.last_week
    if last is None or judged is None:
        return "nobody listened in the same hour last week"
    heard = "" if last.known == 1.0 else f", {last.known:.0%} of it listened to"
    of = f"{many(last.mentions, 'mention')} in the hour from {last.start:%Y-%m-%d %H:%M} UTC{heard}"
    if judged.counted == judged.whole:
        return of
    scored = f" of {last.scored:,} scored" if judged.whole == "scored" else ""
    return f"{last.observed:,} {counted_in_words(judged)}{scored}, of {of}"
