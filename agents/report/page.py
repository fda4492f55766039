"""The report as one page of HTML: no scripts, nothing from elsewhere, all that others wrote escaped."""

from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from agents.report.escaped import escaped
from agents.report.found import LEAST_SCORED, BrandFound, Episode, Found, Scale, known_share
from agents.report.lines import anchor_of, marks, mentions_plot, nice_top, per_unit, shares_plot, spark, ticks
from listener.chance import share_interval
from schemas.alert import Alert
from schemas.brand_mention import BrandMention
from schemas.heartbeat import Interval
from schemas.times import DAY, HOUR, MINUTE, from_ms, to_ms

SHOWN_BRANDS = 100  # with lines: a page of five megabytes at most
SHOWN_ROWS = 1_000
SHOWN_GAPS = 20
SHOWN_SOURCES = 100
LONGEST_TEXT = 300
HATCH = (
    '<svg class="defs" aria-hidden="true"><defs><pattern id="unknown" width="7" height="7" '
    'patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0v7"/></pattern></defs></svg>'
)
LEGEND = (
    ('<path class="line" d="M1 7h22"/>', "mentions"),
    (
        '<g class="shares"><path class="band" d="M1 2h22v10h-22z"/><path class="line" d="M1 7h22"/></g>',
        "negative share of the scored, and the 95 % interval of it",
    ),
    ('<rect class="gap" width="24" height="14"/>', "unknown: nobody listened"),
    ('<rect class="critical" width="24" height="14"/>', "a critical alert"),
    ('<rect class="warning" width="24" height="14"/>', "a warning"),
)


def write_report(found: Found, path: Path) -> int:
    """Write the page, whole or not at all; return its bytes."""
    page = report_page(found).encode()
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.write_bytes(page)
    unfinished.replace(path)
    return len(page)


def report_page(found: Found) -> str:
    """The page; the same bytes for the same findings."""
    style = files("agents.report").joinpath("page.css").read_text(encoding="utf-8")
    allowed = b64encode(sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{allowed}'; base-uri 'none'; form-action 'none'"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{_title(found)}</title>\n<style>{style}</style></head>\n<body>\n{HATCH}\n"
        + "\n".join(_content(found))
        + "\n</body></html>\n"
    )


def _title(found: Found) -> str:
    return f"listener: {_range(found.scale)}" if found.scale else "listener: nothing was read"


def _content(found: Found) -> Iterator[str]:
    yield f"<header><h1>What people said</h1>\n<p>{_lead(found)}</p></header>\n<main>"
    if found.scale is not None:
        yield from _brand_table(found, found.scale)
    yield from _was_read(found)
    if found.scale is not None:
        yield from _lines(found, found.scale)
    yield "</main>"
    yield f"<footer><small>listener replay; settings {escaped(found.settings)}; all times are UTC.</small></footer>"


def _lead(found: Found) -> str:
    if found.scale is None:
        return "No post could be read."
    episodes = [episode for brand in found.brands for episode in brand.episodes if not episode.early]
    hidden = sum(brand.hidden for brand in found.brands)
    still = sum(episode.until is None for episode in episodes)
    return (
        f"{_range(found.scale)}: {_many(found.counts.get('brand_mentions', 0), 'mention')} of "
        f"{_many(len(found.brands), 'brand')} in {_many(found.counts.get('read', 0), 'post')}; "
        f"{_many(len(episodes) + hidden, 'alert')}, {still} still open at the end."
    )


# The table of all brands


def _brand_table(found: Found, scale: Scale) -> Iterator[str]:
    yield "<section><h2>Brands, by what needs attention</h2>"
    heads = ("Brand", "Alerts", "Negative share", "Mentions", "Listened to", f"Mentions {_each(scale)}")
    yield "<table><thead><tr>" + "".join(f'<th scope="col">{head}</th>' for head in heads) + "</tr></thead><tbody>"
    for place, brand in enumerate(found.brands[:SHOWN_ROWS]):
        cells = (
            f'<td><a href="#brand-{escaped(brand.id)}"><bdi>{escaped(brand.name)}</bdi></a></td>'
            if place < SHOWN_BRANDS
            else f"<td><bdi>{escaped(brand.name)}</bdi></td>",
            f'<td data-of="Alerts">{_alerts_of(brand)}</td>',
            f'<td data-of="Negative">{share_told(brand.sums.get("negative", 0), brand.sums.get("scored", 0))}</td>',
            f'<td data-of="Mentions">{_mentions_told(brand, scale)}</td>',
            f'<td data-of="Listened to">{known_share(brand, scale):.0%} <small>of {_length(scale)}</small></td>',
            f'<td class="spark">{spark(brand, found, scale)}</td>',
        )
        yield f"<tr>{''.join(cells)}</tr>"
    yield "</tbody></table>"
    if len(found.brands) > SHOWN_ROWS:
        yield f"<p>{_many(len(found.brands) - SHOWN_ROWS, 'more brand')} are not shown.</p>"
    yield "</section>"


def _alerts_of(brand: BrandFound) -> str:
    final = [episode for episode in brand.episodes if not episode.early]
    if not final:
        return '<span class="muted">none</span>'
    still = sum(episode.until is None for episode in final)
    critical = sum(episode.critical for episode in final)
    told = [f'<span class="badge critical">{critical} critical</span>'] if critical else []
    if len(final) > critical:
        told.append(f'<span class="badge warning">{_many(len(final) - critical, "warning")}</span>')
    told += [f'<span class="badge critical">{still} open</span>'] if still else []
    return ", ".join(told) + (f" <small>of the last {len(final)}</small>" if brand.hidden else "")


def share_told(part: int, whole: int) -> str:
    """A share with its interval and its denominator."""
    if not whole:
        return '<span class="muted">none scored</span>'
    low, high = share_interval(part, whole)
    return f"{part / whole:.0%} <small>{low:.0%} to {high:.0%}, of {whole:,} scored</small>"


def _mentions_told(brand: BrandFound, scale: Scale) -> str:
    mentions, untagged = brand.sums.get("mentions", 0), brand.sums.get("untagged", 0)
    if not brand.heard:
        return '<span class="muted">unknown</span>'
    rate = mentions / (brand.heard / scale.window)
    return f"{mentions:,} <small>{untagged:,} untagged; {_rate(rate)} {_each(scale)}</small>"


def _rate(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"


# What was read


def _was_read(found: Found) -> Iterator[str]:
    yield "<section><h2>What was read</h2>"
    yield "<ul>" + "".join(f"<li>{fact}</li>" for fact in _facts(found))
    for name, intervals in list(found.sources.items())[:SHOWN_SOURCES]:
        yield f"<li><bdi>{escaped(name)}</bdi>: {_source(intervals)}</li>"
    yield "</ul>"
    if len(found.sources) > SHOWN_SOURCES:
        yield f"<p>and {len(found.sources) - SHOWN_SOURCES} more</p>"
    if found.gaps:
        listed = ", ".join(f"{_stretch(start, end)}" for start, end in found.gaps[:SHOWN_GAPS])
        more = f" and {len(found.gaps) - SHOWN_GAPS} more" if len(found.gaps) > SHOWN_GAPS else ""
        yield f"<p><strong>Unknown</strong>, since nothing that was read covers it: {listed}{more}.</p>"
    yield "</section>"


def _facts(found: Found) -> Iterator[str]:
    counts = found.counts
    read, mentions = counts.get("read", 0), counts.get("brand_mentions", 0)
    yield f"{_many(read, 'post')} read, {counts.get('repeats', 0):,} of them repeats"
    yield f"{_many(mentions, 'mention')} of brands in {_many(read - counts.get('repeats', 0), 'post')}"
    if counts.get("late") or counts.get("too_old"):
        late, too_old = counts.get("late", 0), counts.get("too_old", 0)
        yield f"of {mentions:,} mentions {late:,} came too late for alerts, {too_old:,} for any figure"
    yield f"{_many(counts.get('dead_letters', 0), 'record')} could not be used"
    for letter in found.refused:
        where = f"{letter.source}, {letter.position}"
        yield f"<bdi>{escaped(where)}</bdi>: <bdi>{escaped(_short(letter.reason))}</bdi>"


def _source(intervals: tuple[Interval, ...]) -> str:
    if not intervals:
        return "covers nothing"
    holes = f", {len(intervals) - 1} gaps within" if len(intervals) > 1 else ""
    return f"{_stretch(to_ms(intervals[0][0]), to_ms(intervals[-1][1]))}{holes}"


# Each brand


def _lines(found: Found, scale: Scale) -> Iterator[str]:
    yield "<section><h2>Each brand</h2>"
    yield f'<p class="muted">{_how_drawn(scale)}</p>'
    items = "".join(
        f'<li><svg width="24" height="14" aria-hidden="true">{key}</svg>{told}</li>' for key, told in LEGEND
    )
    yield f'<ul class="legend">{items}</ul>'
    for brand in found.brands[:SHOWN_BRANDS]:
        yield from _brand(brand, found, scale)
    if len(found.brands) > SHOWN_BRANDS:
        yield f"<p>The lines of {_many(len(found.brands) - SHOWN_BRANDS, 'more brand')} are not drawn.</p>"
    yield "</section>"


def _how_drawn(scale: Scale) -> str:
    step = _step(scale.step)
    joined = f"; what is shorter than that is averaged ({_length(scale)} in {scale.points} points)"
    return (
        f"Each point of the mentions is {step}{joined if scale.step > scale.window else ''}. "
        "Rates are by the time that was listened to. A number above the lines is that of the alert below them."
    )


def _brand(brand: BrandFound, found: Found, scale: Scale) -> Iterator[str]:
    yield f'<article class="brand" id="brand-{escaped(brand.id)}"><h3><bdi>{escaped(brand.name)}</bdi></h3>'
    rates = [per_unit(point, scale) for point in brand.points if point.known]
    if not rates:
        yield "<p>Unknown: nobody listened.</p></article>"
        return
    top = nice_top(max(rates))
    yield f"<figure><figcaption>{_mentions_caption(brand, scale)}</figcaption>"
    yield _panel(("", ""), marks(brand, scale)) if brand.episodes else ""
    yield _panel((_top(top), "0"), mentions_plot(brand, found, scale, top))
    yield _panel((), ticks(scale))
    yield f"</figure>\n<figure><figcaption>{_share_caption(brand)}</figcaption>"
    if brand.sums.get("scored"):
        yield _panel(("100%", "50%", "0%"), shares_plot(brand, found, scale))
        yield _panel((), ticks(scale))
    yield "</figure>"
    if brand.hidden:
        yield f"<p>The newest {len(brand.episodes)} of {len(brand.episodes) + brand.hidden} alerts:</p>"
    if brand.episodes:
        episodes = (_episode(place, episode, brand.name) for place, episode in enumerate(brand.episodes, 1))
        yield f'<ol class="alerts">{"".join(episodes)}</ol>'
    yield "</article>"


def _top(top: float) -> str:
    return f"{top:,.0f}" if top >= 1 else f"{top:g}"


def _panel(scale: tuple[str, ...], drawn: str) -> str:
    told = "".join(f"<span>{part}</span>" for part in scale if part)
    return f'<div class="panel"><div class="scale" aria-hidden="true">{told}</div>{drawn}</div>'


def _mentions_caption(brand: BrandFound, scale: Scale) -> str:
    sums = brand.sums
    kinds = ", ".join(
        f"{sums.get(kind, 0):,} {told}"
        for kind, told in (("untagged", "untagged"), ("tagged", "tagged"), ("owned", "its own"))
    )
    return f"<strong>Mentions {_each(scale)}</strong> <small>{sums.get('mentions', 0):,}: {kinds}</small>"


def _share_caption(brand: BrandFound) -> str:
    sums = brand.sums
    scorable, scored, negative = sums.get("scorable", 0), sums.get("scored", 0), sums.get("negative", 0)
    if not scored:
        return f"<strong>Negative share</strong> <small>none of {scorable:,} mentions could be scored</small>"
    return (
        f"<strong>Negative share</strong> <small>{negative:,} of {scored:,} scored (these of {scorable:,} mentions "
        f"could be); each point holds {LEAST_SCORED} scored or more</small>"
    )


# Alerts


def _episode(place: int, episode: Episode, name: str) -> str:
    opened = episode.opened
    worst = max(episode.events, key=lambda event: (event.severity == "critical", event.event in ("opened", "reopened")))
    kind = "early" if episode.early else worst.severity
    named = "early warning, not confirmed" if episode.early else worst.severity
    return (
        f'<li id="{anchor_of(episode)}"><h4>{place}. <span class="badge {kind}">{named}</span> '
        f"<bdi>{escaped(opened.summary)}</bdi></h4>"
        f"{_judged(episode)}{_events(episode, name)}{_evidence(episode)}</li>"
    )


def _judged(episode: Episode) -> str:
    opened, judged = episode.opened, episode.opened.judged
    until = "still open" if episode.until is None else f"until {_time(episode.until)}"
    facts = (
        ("when", f"since {_time(to_ms(opened.since))}, told {_time(to_ms(opened.at))}, {until}"),
        ("why", escaped(opened.reason)),
        ("observed", f"{judged.observed:,} {escaped(judged.counted)} of {judged.scored:,} scored"),
        ("of", f"{_many(judged.mentions, 'mention')}; {judged.known:.0%} of the time was listened to"),
        ("expected", f"{judged.expected:.1f}, {judged.share:.0%} of the scored"),
        ("known from", f"{judged.baseline_hours:,.0f} hours before"),
        ("by chance", f"so many: {judged.chance_of_count:.1g}; so large a share: {judged.chance_of_share:.1g}"),
    )
    return "<dl>" + "".join(f"<dt>{name}</dt><dd>{told}</dd>" for name, told in facts) + "</dl>"


def _events(episode: Episode, name: str) -> str:
    others = [event for event in (*episode.before, *episode.events) if event is not episode.opened]
    if not others:
        return ""
    told = (_event(event, name) for event in sorted(others, key=lambda event: event.at))
    return f'<ul class="events">{"".join(told)}</ul>'


def _event(event: Alert, name: str) -> str:
    what = f"early warning {event.event}" if event.stage == "early" else event.event
    told = event.reason if event.event in ("acknowledged", "resolved", "revised") else event.summary
    sentence = escaped(told.removeprefix(f"{name}: "))
    return f"<li>{_time(to_ms(event.at))} {what} ({event.severity}): <bdi>{sentence}</bdi></li>"


def _evidence(episode: Episode) -> str:
    texts = {example.mention.id: example for example in episode.examples}
    ids = dict.fromkeys(id_ for event in episode.events for id_ in event.examples)
    if not ids:
        return ""
    quoted = "".join(_example(texts[id_]) for id_ in ids if id_ in texts)
    others = ", ".join(f"<bdi>{escaped(id_)}</bdi>" for id_ in ids if id_ not in texts)
    more = f"<li><small>also {others}</small></li>" if others else ""
    return f'<ul class="evidence">{quoted}{more}</ul>'


def _example(example: BrandMention) -> str:
    shown = _short(example.mention.text)
    why = ", ".join(dict.fromkeys(f"{match.why} {match.term}" for match in example.matches[:2]))
    tagged = "tagged" if example.tagged else "untagged"
    return (
        f"<li>“<bdi>{escaped(shown)}</bdi>” <small><bdi>{escaped(example.mention.id)}</bdi>; "
        f"<bdi>{escaped(why)}</bdi>; {tagged}</small></li>"
    )


# Words


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + "…"


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _each(scale: Scale) -> str:
    return "an hour" if scale.window == HOUR else "a day"


def _step(ms: int) -> str:
    return _many(ms // DAY, "day") if ms % DAY == 0 else _many(ms // HOUR, "hour")


def _length(scale: Scale) -> str:
    span = scale.end - scale.start
    if span < HOUR:
        return _many(-(-span // MINUTE), "minute")
    return f"{span / DAY:,.0f} days" if span >= 3 * DAY else f"{span / HOUR:,.0f} hours"


def _range(scale: Scale) -> str:
    return _stretch(scale.start, scale.end)


def _stretch(start: int, end: int) -> str:
    return f"{_time(start)} to {_time(end)}"


def _time(ms: int) -> str:
    return f"{from_ms(ms):%Y-%m-%d %H:%M}"
