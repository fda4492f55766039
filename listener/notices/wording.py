"""What a notice says to a person: a title, and lines with numbers, denominators and times.

Some of the words are those of strangers (addresses of posts, comments): each line is made harmless.
"""

from collections.abc import Iterator

from listener.alerts.wording import reach_told, usual_told, weighed
from listener.harmless import harmless
from listener.notices.durations import lasting
from listener.notices.notice import Entry, Notice, Told
from listener.notices.standing import Latest
from listener.plural import many
from schemas.times import from_ms

MOST = 10  # alerts that are told one by one
MOST_STEPS = 2  # the others are in `listener alerts explain`
RULES = {
    "negative-spike": "unusually many negative mentions",
    "slow-burn": "a share of negative mentions that creeps up",
    "severity-words": "unusually many grave words",
    "unanswered": "unusually many complaints and questions unanswered",
    "praise-spike": "unusually much praise",
    "volume-spike": "unusually much is said",
    "quiet-brand": "unusually quiet",
    "going-viral": "a complaint is going viral",
    "dead-source": "a source is dead",
}


def title(notice: Notice) -> str:
    """One line that says how grave it is, about whom, what, and since when."""
    return harmless(_title(notice))


def _title(notice: Notice) -> str:
    if notice.kind == "heartbeat":
        return "listener is alive"
    if notice.kind == "digest":
        count = len(notice.entries) + notice.more
        return f"{notice.owner}: {many(count, 'alert')} of the last day that paged nobody or were silenced"
    firing = [told for told in notice.alerts if told.firing]
    about = firing or list(notice.alerts)
    who = " and ".join(_listed(sorted({told.name for told in about})))
    what = " and ".join(_listed(list(dict.fromkeys(_rule(told) for told in about))))
    if not firing:
        return f"Resolved: {who}, {what}"
    early = " (early warning)" if all(told.latest.stage == "early" for told in firing) else ""
    again = "Still open: " if notice.reminder else ""
    return f"{again}{notice.severity.upper()} {who}: {what}{early}"


def paragraphs(notice: Notice) -> Iterator[list[str]]:
    """The lines on each alert or entry, the first of each the sentence that matters."""
    for told in notice.alerts[:MOST]:
        yield lines_of(notice, told)
    for entry in notice.entries:
        yield list(map(harmless, _entry(entry)))
    more = max(0, len(notice.alerts) - MOST) + notice.more
    if more:
        yield [f"and {many(more, 'more alert')}"]


def text(notice: Notice) -> str:
    """All of it as plain text."""
    return "\n\n".join([title(notice), *("\n".join(lines) for lines in paragraphs(notice))]) + "\n"


def lines_of(notice: Notice, told: Told) -> list[str]:
    """The lines on one alert."""
    latest = told.latest
    since = f"since {from_ms(latest.since):%Y-%m-%d %H:%M} UTC"
    if not told.firing:
        lines = [f"{told.name}: {latest.reason}", f"Over; it lasted {lasting(latest.at - latest.since)}, {since}."]
    else:
        lines = [
            f"{latest.summary}{_weighed(latest)}",
            f"Open {since} ({lasting(notice.at - latest.since)}); {latest.event}: {latest.reason}.",
        ]
        if latest.stage == "early":
            lines.append("An early warning: its time window is still open; it will be confirmed or withdrawn.")
    lines += [*_judged(told), *_grounds(told), *_marks(told)]
    return list(map(harmless, lines))


def _judged(told: Told) -> Iterator[str]:
    judged = told.latest.judged
    if judged is None or not told.firing:
        return
    if judged.forecast is not None:
        yield f"Reach: {reach_told(judged.forecast)}."
        return
    heard = f"; {usual_told(judged)}"
    if judged.known <= 0.995:
        heard += f"; {judged.known:.0%} of that time was listened to"
    if judged.counted == judged.whole:
        yield f"Judged against {many(round(judged.baseline_hours), 'hour')} of history{heard}."
        return
    scored = f"{judged.scored:,} scored of " if judged.whole == "scored" else ""
    history = many(round(judged.baseline_hours), "hour")
    yield f"Judged on {scored}{many(judged.mentions, 'mention')}, against {history} of history{heard}."


def _grounds(told: Told) -> Iterator[str]:
    """What it rests on, and what to do next."""
    if not told.firing:
        return
    if told.words:
        yield f"Said now: {told.words}."
    yield from told.latest.grounds
    yield from (f"Next: {step}" for step in told.latest.steps[:MOST_STEPS])


def _marks(told: Told) -> Iterator[str]:
    if told.acknowledged and told.firing:
        yield "Somebody looks after it."
    if told.silenced:
        yield f"Silenced in Alertmanager by {told.silenced}."
    if told.page:
        yield f"Look: {told.page}"
    yield from (f"Post: {link}" for link in told.links)
    yield f"Alert {told.latest.id}, event {told.latest.sequence}"


def _entry(entry: Entry) -> list[str]:
    latest = entry.latest
    state = "open" if latest.open else "over"
    return [
        f"{latest.summary}{_weighed(latest)}",
        f"{latest.severity}, since {from_ms(latest.since):%Y-%m-%d %H:%M} UTC, {state}; {entry.why}.",
        f"Alert {latest.id}, event {latest.sequence}",
    ]


def _weighed(latest: Latest) -> str:
    told = weighed(latest.level, latest.score)
    return f"; {told}" if told else ""


def _rule(told: Told) -> str:
    scope = told.latest.scope
    return RULES.get(told.latest.rule, told.latest.rule) + ("" if scope in ("", "brand") else f" ({scope})")


def _listed(names: list[str]) -> list[str]:
    """Up to three names; more as a number."""
    return names if len(names) <= 3 else [*names[:2], f"{len(names) - 2} more"]
