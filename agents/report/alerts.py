"""An alert within the report: its sentence, what it was judged on, what became of it, and what people wrote."""

from collections.abc import Iterable, Iterator

from agents.explanation import facts
from agents.report.episodes import Episode
from agents.report.escaped import escaped
from agents.report.lines import anchor_of
from agents.report.words import moment, shortened
from listener.alerts.standing import NEWS
from listener.alerts.wording import counted_in_words, percent, reach_told, weighed, whole_in_words
from listener.notices.standing import RANK
from listener.plural import many
from schemas.alert import Alert, Judged
from schemas.brand_mention import BrandMention
from schemas.times import to_ms

SHOWN_EVENTS = 12
SHOWN_IDS = 30


def episode_item(place: int, episode: Episode, name: str) -> str:
    """An alert as an item of the list of its brand, which is called `name`."""
    opened = episode.opened
    worst = max(episode.events, key=lambda event: (RANK[event.severity], event.event in ("opened", "reopened")))
    kind = "early" if episode.early else worst.severity
    named = "early warning, not confirmed" if episode.early else worst.severity
    return (
        f'<li id="{anchor_of(episode)}"><h4>{place}. <span class="badge {kind}">{named}</span> '
        f"<bdi>{escaped(opened.summary)}</bdi></h4>"
        f"{_facts(episode)}{_events(episode, name)}{_evidence(episode)}</li>"
    )


def _facts(episode: Episode) -> str:
    opened = episode.opened
    worst = max(episode.events, key=lambda event: event.level or 0)
    until = "still open" if episode.until is None else f"until {moment(episode.until)}"
    told = [
        ("when", f"since {moment(to_ms(opened.since))}, told {moment(to_ms(opened.at))}, {until}"),
        ("why", escaped(opened.reason)),
        *((("weight", told),) if (told := escaped(weighed(worst.level, worst.score))) else ()),
        *_judged(opened.judged),
        *((name, f"<bdi>{escaped(fact)}</bdi>") for name, fact in facts(opened, episode.posts)),
    ]
    return "<dl>" + "".join(f"<dt>{name}</dt><dd>{fact}</dd>" for name, fact in told) + "</dl>"


def _judged(judged: Judged | None) -> Iterator[tuple[str, str]]:
    """Nothing was judged of what is about the listener itself, as a source that is dead."""
    if judged is None:
        return
    heard = f"{judged.known:.0%} of the time listened to"
    if judged.forecast is not None:
        made = judged.forecast
        come = f"{many(made.arrivals, 'time')} by {many(made.voices, 'account')} ({heard})"
        yield "passed on", f"{come} in {made.age_s / 60:,.0f} min"
        yield "foretold", f"{made.expected:,.1f} accounts in the end, 80 % interval {made.low:,} to {made.high:,}"
        yield (
            "limit",
            f"{many(made.limit, 'account')}, from {many(made.sizes, 'post')} that spread; fewer: {made.chance:.1g}",
        )
        yield "reach", escaped(reach_told(made))
        return
    known_from = f"known from {many(round(judged.baseline_hours), 'hour')} before"
    if judged.counted == judged.whole:
        yield "observed", f"{many(judged.observed, 'mention')} ({heard})"
        yield "expected", f"{judged.expected:.1f} ({known_from})"
        so = "so few" if judged.tail == "lower" else "a day that peaks so high"
        yield "by chance", f"{so}: {judged.chance_of_count:.1g}"
        return
    heard = f"{many(judged.mentions, 'mention')}; {heard}"
    counted = escaped(counted_in_words(judged))
    yield "observed", f"{judged.observed:,} {counted} of {whole_in_words(judged)} ({heard})"
    yield "expected", f"{judged.expected:.1f}, {percent(judged.share)} of the {judged.whole} ({known_from})"
    many_by_chance = "" if judged.tail == "share" else f"so many: {judged.chance_of_count:.1g}; "
    yield "by chance", f"{many_by_chance}so large a share: {judged.chance_of_share:.1g}"


def _events(episode: Episode, name: str) -> str:
    others = [event for event in (*episode.before, *episode.events) if event is not episode.opened]
    if not others:
        return ""
    others.sort(key=lambda event: event.at)
    told = [_event(event, name) for event in others[:SHOWN_EVENTS]]
    if len(others) > SHOWN_EVENTS:
        told.append(f"<li>and {many(len(others) - SHOWN_EVENTS, 'event')} more</li>")
    return f'<ul class="events">{"".join(told)}</ul>'


def _event(event: Alert, name: str) -> str:
    what = f"early warning {event.event}" if event.stage == "early" else event.event
    told = event.summary if event.event in NEWS else event.reason
    sentence = escaped(told.removeprefix(f"{name}: "))
    return f"<li>{moment(to_ms(event.at))} {what} ({event.severity}): <bdi>{sentence}</bdi></li>"


def _evidence(episode: Episode) -> str:
    texts: dict[str, list[BrandMention]] = {}
    for example in episode.examples:
        texts.setdefault(shortened(example.mention.text), []).append(example)
    quoted = {example.mention.id for example in episode.examples}
    others = dict.fromkeys(id_ for event in episode.events for id_ in event.examples if id_ not in quoted)
    shown = list(others)[:SHOWN_IDS]
    items = [_quote(text, examples) for text, examples in texts.items()]
    if others:
        items.append(f"<li><small>{'also ' if items else ''}{_ids(shown)}</small></li>")
    return f'<ul class="evidence">{"".join(items)}</ul>' if items else ""


def _quote(text: str, examples: list[BrandMention]) -> str:
    first = examples[0]
    why = ", ".join(dict.fromkeys(f"{match.why} {match.term}" for match in first.matches[:2]))
    about = f"<bdi>{escaped(why)}</bdi>; {'tagged' if first.tagged else 'untagged'}"
    return f"<li>“<bdi>{escaped(text)}</bdi>” <small>{_ids(one.mention.id for one in examples)}; {about}</small></li>"


def _ids(ids: Iterable[str]) -> str:
    return ", ".join(f"<bdi>{escaped(id_)}</bdi>" for id_ in ids)
