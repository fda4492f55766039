"""The report as one page of HTML: no scripts, nothing from elsewhere, all that others wrote escaped."""

from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from agents.budget import Verdict
from agents.report.alerts import episode_item
from agents.report.captions import mentions_caption, said_told, share_caption
from agents.report.escaped import escaped
from agents.report.found import BrandFound, Found, known_share
from agents.report.lines import marks, mentions_plot, nice_top, per_unit, shares_plot, spark, ticks
from agents.report.points import Scale
from agents.report.words import each, length_of, plain_moment, rate_of, shortened, step_of, stretch
from listener.chance import share_interval
from listener.plural import many
from schemas.heartbeat import Interval
from schemas.times import to_ms

SHOWN_BRANDS = 100  # with lines: a page of twelve megabytes at most
SHOWN_ROWS = 1_000
SHOWN_GAPS = 20
SHOWN_SOURCES = 100
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
    ('<rect class="notice" width="24" height="14"/>', "a notice: nobody was paged"),
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
    if found.scale is None:
        return "listener: nothing was read"
    what = "listener backtest" if found.verdicts else "listener"
    return f"{what}: {plain_moment(found.scale.start)} to {plain_moment(found.scale.end)}"


def _content(found: Found) -> Iterator[str]:
    title = "What would have been raised" if found.verdicts else "What people said"
    yield f"<header><h1>{title}</h1>\n<p>{_lead(found)}</p></header>\n<main>"
    if found.scale is not None:
        yield from _brand_table(found, found.scale)
    yield from _was_read(found)
    if found.scale is not None:
        yield from _lines(found, found.scale)
    yield "</main>"
    command = "listener backtest" if found.verdicts else "listener replay"
    yield f"<footer><small>{command}; settings {escaped(found.settings)}; all times are UTC.</small></footer>"


def _lead(found: Found) -> str:
    if found.scale is None:
        return "No post could be read."
    episodes = [episode for brand in found.brands for episode in brand.episodes if not episode.early]
    hidden = sum(brand.hidden for brand in found.brands)
    still = sum(episode.until is None for episode in episodes)
    return (
        f"{stretch(found.scale.start, found.scale.end)}: {many(found.counts.get('brand_mentions', 0), 'mention')} of "
        f"{many(len(found.brands), 'brand')} in {many(found.counts.get('read', 0), 'post')}; "
        f"{many(len(episodes) + hidden, 'alert')}{f', {still} still open at the end' if still else ''}."
        f"{_budgets(found)}"
    )


def _budgets(found: Found) -> str:
    """How many brands kept their budget of alerts, where that was asked."""
    verdicts = found.verdicts.values()
    if not verdicts:
        return ""
    months = max(one.months for one in verdicts)
    if months < 1.0:
        return f" {months:.1f} months listened to: too short to hold against a budget a month."
    kept = sum(bool(one.kept) for one in verdicts)
    return (
        f" {kept} of {many(len(verdicts), 'brand')} kept the budget, in {months:.1f} months listened to; "
        "real crises count too, since no history says which they are."
    )


# The table of all brands


def _brand_table(found: Found, scale: Scale) -> Iterator[str]:
    """Its parts say what they are, since on a narrow page they are not laid out as a table."""
    yield "<section><h2>Brands, by what needs attention</h2>"
    heads = ("Brand", "Alerts", "Negative share", "Mentions", "Listened to", f"Mentions {each(scale)}")
    yield '<table role="table"><thead><tr role="row">'
    yield "".join(f'<th scope="col" role="columnheader">{head}</th>' for head in heads) + "</tr></thead><tbody>"
    for place, brand in enumerate(found.brands[:SHOWN_ROWS]):
        cells = "".join(_cells(brand, found, scale, drawn=place < SHOWN_BRANDS))
        yield f'<tr role="row">{cells}</tr>'
    yield "</tbody></table>"
    if len(found.brands) > SHOWN_ROWS:
        yield f"<p>{many(len(found.brands) - SHOWN_ROWS, 'more brand')} are not shown.</p>"
    yield "</section>"


def _cells(brand: BrandFound, found: Found, scale: Scale, *, drawn: bool) -> Iterator[str]:
    name = f"<bdi>{escaped(brand.name)}</bdi>"
    yield _cell(f'<a href="#brand-{escaped(brand.id)}">{name}</a>' if drawn else name)
    yield _cell(_alerts_of(brand) + _kept(found.verdicts.get(brand.id)), ' data-of="Alerts"')
    yield _cell(share_told(brand.sums.get("negative", 0), brand.sums.get("scored", 0)), ' data-of="Negative"')
    yield _cell(_mentions_told(brand, scale), ' data-of="Mentions"')
    heard = f"{known_share(brand, scale):.0%} <small>of {length_of(scale)}</small>"
    yield _cell(heard, ' data-of="Listened to"')
    yield _cell(spark(brand, found, scale) if drawn else "", ' class="spark"')


def _cell(content: str, more: str = "") -> str:
    return f'<td role="cell"{more}>{content}</td>'


def _alerts_of(brand: BrandFound) -> str:
    final = [episode for episode in brand.episodes if not episode.early]
    if not final:
        return '<span class="muted">none</span>'
    still = sum(episode.until is None and episode.severity != "notice" for episode in final)
    critical, warnings, notices = (
        sum(episode.severity == severity for episode in final) for severity in ("critical", "warning", "notice")
    )
    told = [f'<span class="badge critical">{critical} critical</span>'] if critical else []
    told += [f'<span class="badge warning">{many(warnings, "warning")}</span>'] if warnings else []
    told += [f'<span class="badge notice">{many(notices, "notice")}</span>'] if notices else []
    told += [f'<span class="badge critical">{still} open</span>'] if still else []
    return ", ".join(told) + (f" <small>of the last {len(final)}</small>" if brand.hidden else "")


def _kept(verdict: Verdict | None) -> str:
    if verdict is None or verdict.kept is None:
        return ""
    told, kind = ("budget kept", "muted") if verdict.kept else ("budget not kept", "badge critical")
    return f' <small class="kept {kind}">{told}</small>'


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
    return f"{mentions:,} <small>{untagged:,} untagged; {rate_of(rate)} {each(scale)}</small>"


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
        listed = ", ".join(f"{stretch(start, end)}" for start, end in found.gaps[:SHOWN_GAPS])
        more = f" and {len(found.gaps) - SHOWN_GAPS} more" if len(found.gaps) > SHOWN_GAPS else ""
        yield f"<p><strong>Unknown</strong>, since nothing that was read covers it: {listed}{more}.</p>"
    yield "</section>"


def _facts(found: Found) -> Iterator[str]:
    counts = found.counts
    read, mentions = counts.get("read", 0), counts.get("brand_mentions", 0)
    yield f"{many(read, 'post')} read, {counts.get('repeats', 0):,} of them repeats"
    yield f"{many(mentions, 'mention')} of brands in {many(read - counts.get('repeats', 0), 'post')}"
    if counts.get("late") or counts.get("too_old"):
        late, too_old = counts.get("late", 0), counts.get("too_old", 0)
        yield f"of {mentions:,} mentions {late:,} came too late for alerts, {too_old:,} for any figure"
    yield f"{many(counts.get('dead_letters', 0), 'record')} could not be used"
    for letter in found.refused:
        where = f"{letter.source}, {letter.position}"
        yield f"<bdi>{escaped(where)}</bdi>: <bdi>{escaped(shortened(letter.reason))}</bdi>"


def _source(intervals: tuple[Interval, ...]) -> str:
    if not intervals:
        return "covers nothing"
    holes = f", {len(intervals) - 1} gaps within" if len(intervals) > 1 else ""
    return f"{stretch(to_ms(intervals[0][0]), to_ms(intervals[-1][1]))}{holes}"


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
        yield f"<p>The lines of {many(len(found.brands) - SHOWN_BRANDS, 'more brand')} are not drawn.</p>"
    yield "</section>"


def _how_drawn(scale: Scale) -> str:
    step = step_of(scale.step)
    joined = f"; what is shorter than that is averaged ({length_of(scale)} in {scale.points} points)"
    return (
        f"Each point of the mentions is {step}{joined if scale.step > scale.window else ''}. "
        "Rates are by the time that was listened to. A number above the lines is that of the alert below them."
    )


def _brand(brand: BrandFound, found: Found, scale: Scale) -> Iterator[str]:
    yield f'<article class="brand" id="brand-{escaped(brand.id)}"><h3><bdi>{escaped(brand.name)}</bdi></h3>'
    if brand.id in found.verdicts:
        yield f"<p>{found.verdicts[brand.id].told()}.</p>"
    rates = [per_unit(point, scale) for point in brand.points if point.known]
    if rates:
        yield from _figures(brand, found, scale, nice_top(max(rates)))
    elif brand.id:
        yield "<p>Unknown: too little was listened to for a line.</p>"
    if brand.hidden:
        yield f"<p>The newest {len(brand.episodes)} of {len(brand.episodes) + brand.hidden} alerts:</p>"
    if brand.episodes:
        episodes = (episode_item(place, episode, brand.name) for place, episode in enumerate(brand.episodes, 1))
        yield f'<ol class="alerts">{"".join(episodes)}</ol>'
    yield "</article>"


def _figures(brand: BrandFound, found: Found, scale: Scale, top: float) -> Iterator[str]:
    yield f"<figure><figcaption>{mentions_caption(brand, scale)}</figcaption>"
    if brand.episodes:
        yield _panel((), marks(brand, scale))
    yield _panel((f"{top:,.0f}", "0"), mentions_plot(brand, found, scale, top))
    yield _panel((), ticks(scale))
    yield f"</figure>\n<figure><figcaption>{share_caption(brand)}</figcaption>"
    if brand.sums.get("scored"):
        yield _panel(("100%", "50%", "0%"), shares_plot(brand, found, scale))
        yield _panel((), ticks(scale))
    yield "</figure>"
    yield from said_told(brand)


def _panel(scale: tuple[str, ...], drawn: str) -> str:
    told = "".join(f"<span>{part}</span>" for part in scale)
    return f'<div class="panel"><div class="scale" aria-hidden="true">{told}</div>{drawn}</div>'
