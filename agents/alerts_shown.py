"""Alerts, silences and verdicts as people and programs read them on the command line."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec

from agents.explanation import Posts, facts
from listener.alerts.level import level_again
from listener.alerts.standing import NEWS, Precision, Silenced, Standing
from listener.alerts.wording import counted_in_words, percent, reach_told, usual_told, weighed, whole_in_words
from listener.chance import share_interval
from listener.harmless import harmless
from listener.judgement import fires, judge_again, share_limit_of
from listener.plural import many
from schemas.alert import Alert, Judged
from schemas.command import Matcher
from schemas.forecast import Forecast
from schemas.receipt import Receipt
from schemas.record import to_json
from schemas.settings import Mute

WHOLE_DAY = "%Y-%m-%d %H:%M UTC"


def alert_object(alert: Standing) -> dict[str, Any]:
    """An alert as it stands, for programs."""
    first, last = alert.first, alert.last
    return {
        "id": first.id,
        "brand": first.brand,
        "rule": first.rule,
        "scope": first.scope,
        "stage": first.stage,
        "severity": last.severity,
        "level": last.level,
        "score": last.score,
        "state": alert.state,
        "since": last.since,
        "at": last.at,
        "sequence": last.sequence,
        "summary": last.summary,
        "acknowledged_by": alert.acknowledged_by,
        "muted": alert.muted,
        "verdict": alert.verdict,
    }


def alert_lines(alert: Standing) -> Iterator[str]:
    """An alert as it stands, for people."""
    last = alert.last
    taken = f" by {alert.acknowledged_by}" if alert.state == "acknowledged" else ""
    stage = "early warning, " if alert.first.stage == "early" else ""
    verdict = f", judged: {alert.verdict}" if alert.verdict else ""
    brand = last.brand or "listener"
    about = last.rule if last.scope == "brand" else f"{last.rule} of {last.scope}"
    standing = f"{stage}{alert.state}{taken}, {last.severity}"
    yield f"{last.id}  {standing}: {brand}, {about}, since {_time(last.since)}{verdict}"
    yield f"    {last.summary}{_weighed(last)}"
    if alert.muted:
        yield f"    muted: {alert.muted}"


def silence_line(silence: Silenced) -> str:
    """A silence, for people."""
    comment = f": {silence.comment}" if silence.comment else ""
    return (
        f"{silence.id}  {silence.brand or 'listener'}, {matchers_told(silence.matchers)}, "
        f"from {_time(silence.since)} to {_time(silence.until)}, by {silence.actor}{comment}"
    )


def mute_line(brand: str, mute: Mute) -> str:
    """Who or what raises no alert about a brand, by its settings, for people."""
    who = f"author {mute.author}{f' on {mute.platform}' if mute.platform else ''}" if mute.author else ""
    until = f"until {_time(mute.until)}" if mute.until is not None else "for good"
    return f"{brand}, {who or f'term {mute.term!r}'}, {until}{f': {mute.comment}' if mute.comment else ''}"


def matchers_told(matchers: Sequence[Matcher]) -> str:
    """Matchers as they are written on the command line."""
    told = [f"{one.name}{'=' if one.is_equal else '!='}{one.value}" for one in matchers]
    return " ".join(told) or "all alerts"


def precision_object(precision: Precision) -> dict[str, Any]:
    """The precision of a rule, for programs."""
    low, high = precision.interval
    return {**precision._asdict(), "share": precision.share, "low": low, "high": high}


def precision_line(precision: Precision) -> str:
    """The precision of a rule, for people."""
    low, high = precision.interval
    wrong = f"{precision.false_alarms} false alarms, {precision.not_about_us} not about us"
    return (
        f"{precision.rule}: {precision.right} of {many(precision.judged, 'judged alert')} "
        f"{'was' if precision.judged == 1 else 'were'} right "
        f"({precision.share:.0%}, 95 % interval {low:.0%} to {high:.0%}); {wrong}"
    )


def event_line(event: Alert) -> str:
    """One event in the life of an alert."""
    told = f"{event.summary}{_weighed(event)}" if event.event in NEWS else event.reason
    muted = " [muted]" if event.muted else ""
    reason = f" ({event.reason})" if event.event in NEWS else ""
    return f"{event.sequence:>4}  {_time(event.at)}  {event.event:<12} {event.severity:<8} {told}{reason}{muted}"


def receipt_line(receipt: Receipt) -> str:
    """What came of a command, and when it was given: taken it was at a time of the log."""
    command = receipt.command
    outcome = "done" if receipt.done else "refused"
    return f"{_time(command.at)}  {command.kind} by {command.actor}: {outcome}: {receipt.told}"


def explanation(alert: Standing, event: Alert, posts: Posts) -> Iterator[str]:
    """Why an event was told, from what it has frozen; and, apart from that, what is known by now."""
    yield f"{event.id}, event {event.sequence}: {event.event} {_time(event.at)} (settings {event.settings or 'none'})"
    yield f"  {event.summary}{_weighed(event)}"
    yield f"  reason: {event.reason}"
    if event.judged is None:
        yield "  nothing was judged: it is about the listener itself, or a person's verdict on an alert long over"
        return
    yield from verdict_lines(event.judged)
    yield from _weight_lines(event)
    same = "the same verdict, byte for byte" if judged_the_same(event) else "ANOTHER verdict: report this fault"
    yield f"  judged again from these numbers: {same}"
    yield from evidence_lines(event, posts)
    now, until = alert.known_by_now(event), alert.followed_until(event)
    known = "what is known today of the same time" if until is None else f"what was known of it by {_time(until)}"
    if now is not None and now != event.judged:
        yield f"{known}:"
        yield from verdict_lines(now)
    else:
        yield f"{known}: nothing else"
    if until is not None:
        yield "  another stretch is judged since: what came later of this one, or was deleted, is in the figures alone"


def evidence_lines(event: Alert, posts: Posts) -> Iterator[str]:
    """What it rests on, in the words of the posts that are at hand."""
    yield f"  examples: {', '.join(event.examples) or 'none'}"
    for name, told in facts(event, posts):
        yield f"  {name}: {told}"


def verdict_lines(judged: Judged) -> Iterator[str]:
    """What was judged, how, and the verdict."""
    stretch = f"{_time(judged.start)} to {_time(judged.end)}, {judged.known:.0%} of it listened to"
    history = many(round(judged.baseline_hours), "hour")
    basis = f"from {history} before, dispersion {judged.dispersion:.3g}"
    verdict = "fires" if fires(judged) else "does not fire"
    if judged.forecast is not None:
        yield from _forecast_lines(judged.forecast)
        asked = (
            f"at least {many(judged.least, 'account')}, a quarter still to come, chance at most {judged.each_limit:.1g}"
        )
        yield f"  verdict: {verdict} ({asked})"
        return
    if judged.tail == "lower":
        yield f"  observed: {many(judged.observed, 'mention')}; {stretch}"
        yield f"  expected: {judged.expected:.1f} {basis}"
        yield f"  {usual_told(judged)}"
        yield f"  chance of so few: {judged.chance_of_count:.2g}; limit {judged.each_limit:.2g}"
        yield f"  verdict: {verdict} (expected at least {judged.least})"
        return
    if judged.tail == "share":
        scored = f"{judged.scored:,} scored{_of_share(judged)}"
        yield f"  observed: {judged.observed:,} {judged.counted} of {scored}; {stretch}"
        share = f"{judged.share:.1%} of the scored as if from {judged.strength:,.0f}"
        yield f"  expected: {judged.expected:.1f}, {share}; from {history} before"
        yield f"  {usual_told(judged)}"
        yield f"  chance of so large a share: {judged.chance_of_share:.2g}; limit {judged.each_limit:.2g}"
        yield f"  verdict: {verdict} (at least {judged.least} observed)"
        return
    if judged.burst is not None:
        yield f"  observed: {many(judged.observed, 'mention')}; {stretch}"
        basis = f"from {history} before, mean deviation {judged.burst.deviation:.3g}"
        yield f"  expected: {judged.expected:.1f} {basis}"
        yield f"  {usual_told(judged)}"
        yield f"  chance of a day that peaks so high: {judged.chance_of_count:.2g}; limit {judged.each_limit:.2g}"
        yield f"  verdict: {verdict} (at least {judged.least} observed)"
        return
    counted = f"{judged.observed:,} {counted_in_words(judged)} of {whole_in_words(judged)}"
    counted += f" in {many(judged.mentions, 'mention')}" if judged.whole == "scored" else ""
    counted += f", of which {judged.counts:,} count: the rest is by the same accounts" if judged.repeats else ""
    yield f"  observed: {counted}{_of_share(judged)}; {stretch}"
    share = f"{judged.share:.1%} of the {judged.whole} as if from {judged.strength:,.0f}"
    yield f"  expected: {judged.expected:.1f}, {share}; {basis}"
    yield f"  {usual_told(judged)}"
    yield (
        f"  chance of so many: {judged.chance_of_count:.2g}, of so large a share: {judged.chance_of_share:.2g}; limits "
        f"{judged.each_limit:.2g} and {share_limit_of(judged):.2g}, {judged.both_limit:.2g} together"
    )
    yield f"  verdict: {verdict} (at least {judged.least} observed)"


def _of_share(judged: Judged) -> str:
    """The share of what was observed, and how sure it is."""
    part, whole = judged.counts, judged.scored - judged.repeats
    if not whole:
        return ""
    low, high = share_interval(part, whole)
    return f" ({percent(part / whole)}, 95 % interval {percent(low)} to {percent(high)})"


def _forecast_lines(made: Forecast) -> Iterator[str]:
    age, half_life = made.age_s / 60, made.half_life_s / 60
    yield f"  passed on or answered: {many(made.arrivals, 'time')} by {many(made.voices, 'account')} in {age:,.0f} min"
    yield f"  expected in the end: {made.expected:,.1f} accounts, 80 % interval {made.low:,} to {made.high:,}"
    yield (
        f"  learned: half-life on {made.platform} {half_life:,.0f} min (from {many(made.timed, 'arrival')}), tail of "
        f"sizes {made.tail:.2f} (from {many(made.sizes, 'post')})"
    )
    yield f"  chance of fewer than {made.limit:,}, as few of the brand's posts reach: {made.chance:.2g}"
    yield f"  reach: {reach_told(made)}"


def _weight_lines(event: Alert) -> Iterator[str]:
    """What its severity was made of."""
    of = event.weighed
    if of is None:
        return
    counted = "" if of.counted == of.observed else f", of {of.observed:,} {of.counted:,} count by who says them"
    told = f"{of.excess:,.0f} beyond what is normal{counted}; in {of.lasted_s // 60:,} min"
    yield f"  severity: {event.level} from {told}; {many(of.reach, 'follower')}; words as grave as {of.gravity:.2f}"


def judged_the_same(event: Alert) -> bool:
    """Whether the frozen numbers give the same verdict and the same severity again, byte for byte."""
    if event.weighed is not None and level_again(event.weighed) != event.level:
        return False
    return event.judged is None or to_json(judge_again(event.judged)) == to_json(event.judged)


def explanation_object(alert: Standing, event: Alert) -> dict[str, Any]:
    """The same for programs: the whole event is in it."""
    judged, now = event.judged, alert.known_by_now(event)
    return {
        "event": event,
        "fires": None if judged is None else fires(judged),
        "judged_again": None if judged is None else judge_again(judged),
        "same": None if judged is None else judged_the_same(event),
        "today": None
        if now is None
        else {
            "judged": now,
            "fires": fires(now),
            "changed": now != judged,
            "followed_until": alert.followed_until(event),
        },
    }


def _weighed(event: Alert) -> str:
    told = weighed(event.level, event.score)
    return f"; {told}" if told else ""


def json_line(value: object) -> str:
    """A value as one line of JSON."""
    return msgspec.json.encode(value).decode()


def clean(lines: Iterable[str]) -> str:
    """Lines for a terminal, with nothing in them that commands it."""
    return "\n".join(map(harmless, lines))


def _time(at: datetime) -> str:
    return f"{at:{WHOLE_DAY}}"
