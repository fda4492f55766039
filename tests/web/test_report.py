"""The report of a replay: what it says, and how it looks in a real browser."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from agents.budget import Verdict
from agents.report.episodes import Episode
from agents.report.found import NO_BRAND, Found
from agents.report.lines import Axis, marks, mentions_plot, nice_top, tick_labels
from agents.report.page import report_page, write_report
from agents.report.points import MOST_POINTS, Point, Points, Scale, scale_of, share_points
from agents.runtime.store import Store
from listener.coverage import Coverage
from listener.trends import Quiet, Spoken
from listener.windows import LENGTHS
from schemas.alert import Alert
from schemas.record import decoder
from schemas.times import DAY, HOUR, MINUTE, to_ms
from tests.conftest import lacking
from tests.contract.test_contract import golden
from tests.web.browser import Page, browsing, chromium
from tests.web.history import CRISIS, HOLE, hard_history

WIDTHS = (320, 390, 1280)
SCHEMES = ("light", "dark")
LEAST_CONTRAST = 4.5  # WCAG 2.2, AA


@pytest.fixture(scope="session")
def found(tmp_path_factory: pytest.TempPathFactory) -> Found:
    """What was found in a history that is hard to show."""
    return hard_history(tmp_path_factory.mktemp("history"))


def episode_of(name: str) -> Episode:
    """An episode that consists of the alert in a golden file."""
    return Episode((decoder(Alert)(golden(name)),), (), (), {})


# What it is made of


def test_what_needs_attention_comes_first(found: Found) -> None:
    assert [brand.id for brand in found.brands] == ["acme", "silent"]


def test_a_hole_between_two_files_is_a_gap_and_never_zero(found: Found) -> None:
    assert found.gaps == (HOLE,)
    acme = found.brands[0]
    within = [point for point in acme.points if HOLE[0] < point.start and point.end <= HOLE[1]]
    assert len(within) == 11
    assert not any(point.known for point in within)
    assert all(not (share.start < HOLE[1] and HOLE[0] + HOUR < share.end) for share in acme.shares)


def test_a_brand_that_nobody_speaks_of_is_zero_where_somebody_listened(found: Found) -> None:
    silent = found.brands[1]
    known = [point for point in silent.points if point.known]
    assert len(known) >= 84
    assert not any(point.mentions for point in known)


def test_points_and_sums_count_each_mention_once(found: Found) -> None:
    acme = found.brands[0]
    assert sum(point.mentions for point in acme.points) == acme.sums["mentions"] == found.counts["brand_mentions"]
    assert sum(point.scored for point in acme.shares) == sum(point.scored for point in acme.points if point.known)


def test_a_window_that_was_told_as_quiet_and_then_spoken_of_counts_once(tmp_path: Path) -> None:
    hour = LENGTHS[1]
    with Store(tmp_path / "listener.db") as store:
        store.begin()
        store.add_quiet([Quiet(hour, 0, HOUR, 1.0, ("volume",), ("acme", "rival"))])
        store.add_spoken(
            Spoken("acme", hour, 0, revision, HOUR, 1.0, ("volume",), {"x": {"mentions": revision}})
            for revision in (1, 2)
        )
        store.commit()
        points = Points(store, Scale(0, HOUR, HOUR, HOUR))
        assert points.points("acme") == (Point(0, HOUR, HOUR, 2, 0, 0),)
        assert points.points("rival") == (Point(0, HOUR, HOUR, 0, 0, 0),)


def test_an_alert_carries_its_episode_and_what_people_wrote(found: Found) -> None:
    episodes = [episode for episode in found.brands[0].episodes if not episode.early]
    (episode,) = [episode for episode in episodes if episode.opened.rule == "negative-spike"]
    assert to_ms(episode.opened.since) <= CRISIS + 30 * MINUTE
    assert episode.until is not None
    assert episode.examples


def test_no_history_is_drawn_with_more_points_than_a_screen_shows() -> None:
    for days in (1, 3, 14, 21, 45, 46, 360, 361, 800, 3_000, 20_000):
        scale = scale_of(Coverage(union=[(5 * MINUTE, 5 * MINUTE + days * DAY)]))
        assert scale is not None
        assert scale.points <= MOST_POINTS + 1
        assert scale.first <= scale.start
        assert scale.end <= scale.first + scale.points * scale.step


def test_a_point_of_the_share_holds_enough_and_loses_none() -> None:
    points = tuple(Point(n * HOUR, (n + 1) * HOUR, HOUR * (n % 20 != 9), n, n % 4, 1) for n in range(100))
    shares = share_points(points)
    assert sum(share.scored for share in shares) == sum(point.scored for point in points if point.known)
    assert all(share.scored >= 10 for share in shares)


def test_the_end_of_a_scale_is_round_and_holds_its_value() -> None:
    for value in (0.0, 0.3, 1.0, 1.1, 7.0, 9.9, 10.0, 11.0, 51.0, 99.0, 100.0, 101.0, 186.0, 12_345.0):
        top = nice_top(value)
        assert value <= top <= max(1.0, 2 * value)


@pytest.mark.parametrize("span", [2 * MINUTE, HOUR, 5 * HOUR, 3 * DAY, 21 * DAY, 100 * DAY, 800 * DAY, 9_000 * DAY])
def test_an_axis_has_a_few_times_on_it(span: int) -> None:
    start = 1_424_158_560_000
    for most in (4, 10):
        labels = tick_labels(Axis(start, start + span), most)
        assert 1 <= len(labels) <= most
        assert all(start <= at < start + span for at, _ in labels)


# What it says


def test_the_same_findings_are_the_same_bytes(found: Found, tmp_path: Path) -> None:
    assert report_page(found) == report_page(hard_history(tmp_path))


def test_what_others_wrote_is_text_and_turns_nothing_around(found: Found) -> None:
    page = report_page(found)
    assert "evil.example" in page
    assert "<img" not in page
    assert "<script" not in page
    assert not set(page) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\x1b")


def test_what_is_in_doubt_and_what_people_say_stands_at_the_lines_of_the_brand(found: Found) -> None:
    page = report_page(found)
    assert not any(words in page for words in ("in doubt", "Severe words", "others wanted", "needed an answer"))
    more = {"probable": 3, "doubtful": 158, "severe": 3, "severe_safety": 1, "severe_death_and_injury": 2, "wish": 2}
    more |= {"due": 9, "unanswered": 4, "answered_5": 5}
    acme = next(brand for brand in found.brands if brand.id == "acme")
    mentions, owned = acme.sums["mentions"], acme.sums.get("owned", 0)
    page = report_page(found._replace(brands=(acme._replace(sums={**acme.sums, **more}),)))
    share = 158 / (158 + mentions)
    assert f"; 3 of them probably meant; 158 more in doubt ({share:.0%}), not counted</small>" in page
    assert f"Severe words in 3 of {mentions} mentions: death and injury 2, safety 1." in page
    assert f"What others wanted in {mentions - owned} mentions: wish 2." in page
    assert "Of 9 mentions that needed an answer: answered 5, unanswered after 4 h 4." in page


def test_a_line_is_interrupted_where_nobody_listened(found: Found) -> None:
    assert found.scale is not None
    plot = mentions_plot(found.brands[0], found, found.scale, 100.0)
    assert plot.count('class="line"') == 2
    assert plot.count('class="gap"') == 1


def test_ten_thousand_gaps_are_drawn_as_a_few_hundred(found: Found) -> None:
    assert found.scale is not None
    step = (found.scale.end - found.scale.start) // 10_000
    gaps = tuple((at, at + step // 2) for at in range(found.scale.start, found.scale.end - step, step))
    plot = mentions_plot(found.brands[0], found._replace(gaps=gaps), found.scale, 100.0)
    assert 300 < plot.count('class="gap"') < 400


def test_each_alert_has_a_mark_that_leads_to_it(found: Found) -> None:
    assert found.scale is not None
    page = report_page(found)
    targets = re.findall(r'href="#([^"]+)"', marks(found.brands[0], found.scale))
    assert len(targets) == len(found.brands[0].episodes)
    assert all(f'id="{target}"' in page for target in targets)


def test_a_quiet_brand_is_told_by_what_was_expected_and_without_a_share(found: Found) -> None:
    page = report_page(found._replace(brands=(found.brands[1]._replace(episodes=(episode_of("alert_quiet_brand"),)),)))
    assert "<dd>7 mentions (100% of the time listened to)</dd>" in page
    assert "<dd>140.7 (known from 689 hours before)</dd>" in page
    assert "so few: 3e-07" in page


def test_a_dead_source_stands_among_the_alerts_though_nothing_was_judged(found: Found) -> None:
    of_none = found.brands[1]._replace(id="", name=NO_BRAND, points=(), episodes=(episode_of("alert_dead_source"),))
    page = report_page(found._replace(brands=(*found.brands, of_none)))
    assert "posts.jsonl is dead: not heard since 2026-01-05 01:00 UTC" in page
    assert NO_BRAND in page
    assert "too little was listened to" not in page


def test_a_backtest_says_of_each_brand_whether_its_budget_was_kept(backtested: Found) -> None:
    page = report_page(backtested)
    assert "<h1>What would have been raised</h1>" in page
    assert "1 of 2 brands kept the budget, in 10.0 months listened to" in page
    told = "31 alerts and 4 of rules without a budget, 3.10 a month; budget 1: not kept; 10.0 would be in it"
    assert f"<p>{told}, crises not counted.</p>" in page
    assert "<p>0 alerts, 0.00 a month; budget 1: kept.</p>" in page


def test_less_than_a_month_is_not_held_against_a_budget(backtested: Found) -> None:
    page = report_page(backtested._replace(verdicts={"acme": Verdict(2, 0, 0.5, 1.0)}))
    assert "0.5 months listened to: too short to hold against a budget a month." in page
    assert "budget kept" not in page
    assert "budget not kept" not in page


def test_a_history_without_a_post_is_told_as_such(found: Found) -> None:
    nothing = found._replace(scale=None, sources={}, gaps=(), brands=(), counts={"dead_letters": 1})
    assert "No post could be read." in report_page(nothing)


def test_what_could_not_be_used_stands_with_its_place_and_reason(found: Found) -> None:
    assert "1 record could not be used" in report_page(found)
    assert "before.jsonl, " in report_page(found)


def test_a_page_about_thousands_of_brands_stays_small_and_says_what_it_leaves_out(found: Found) -> None:
    acme = found.brands[0]
    many = tuple(acme._replace(id=f"b{n}", episodes=acme.episodes * 20, hidden=7) for n in range(3_000))
    page = report_page(found._replace(brands=many))
    assert len(page) < 20_000_000
    assert "2,000 more brands are not shown" in page
    assert "The lines of 2,900 more brands are not drawn" in page
    shown = 20 * len(acme.episodes)
    assert f"The newest {shown} of {shown + 7} alerts" in page


# How it looks


@pytest.fixture
def backtested(found: Found) -> Found:
    """A backtest of ten months, of which only the first days are drawn: it has many dates below its lines."""
    assert found.scale is not None
    verdicts = {"acme": Verdict(31, 4, 10.0, 1.0), "silent": Verdict(0, 0, 10.0, 1.0)}
    scale = found.scale._replace(end=found.scale.start + 300 * DAY)
    acme, silent = found.brands
    return found._replace(
        verdicts=verdicts, scale=scale, brands=(acme._replace(episodes=acme.episodes * 8, hidden=3), silent)
    )


@pytest_asyncio.fixture(loop_scope="function")
async def page(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Page]:
    """The report in a browser."""
    if chromium() is None:
        lacking("browser", "Chromium is not installed")
    write_report(request.getfixturevalue(getattr(request, "param", "found")), tmp_path / "report.html")
    async with browsing(tmp_path) as tab:
        await tab.open((tmp_path / "report.html").as_uri())
        yield tab


OVERFLOWS = """
(() => {
  const wide = document.documentElement.clientWidth;
  const found = [];
  if (document.documentElement.scrollWidth > wide) found.push("the page: " + document.documentElement.scrollWidth);
  for (const one of document.querySelectorAll("body *:not(defs *)")) {
    const box = one.getBoundingClientRect();
    if (!box.width || one.closest(".defs")) continue;
    if (box.right > wide + 0.5 || box.left < -0.5) found.push(one.tagName + " " + one.textContent.slice(0, 40));
    const cut = one.clientWidth && one.scrollWidth > one.clientWidth + 1;
    if (cut && !one.closest("svg, thead")) found.push("cut: " + one.tagName + " " + one.textContent.slice(0, 40));
  }
  return found;
})()
"""

CONTRASTS = """
(() => {
  const parts = colour => {
    const [r, g, b, a = 1] = colour.match(/[\\d.]+/g).map(Number);
    return [r, g, b, a];
  };
  const over = ([r, g, b, a], under) => [r, g, b].map((value, at) => value * a + under[at] * (1 - a));
  const luminance = colour => {
    const linear = value => value <= 10.31 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;
    const [r, g, b] = colour.map(linear);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = one => {
    const layers = [];
    for (let at = one; at; at = at.parentElement) layers.unshift(parts(getComputedStyle(at).backgroundColor));
    return layers.reduce((under, layer) => over(layer, under), [255, 255, 255]);
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const one = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || one.closest("style")) continue;
    const style = getComputedStyle(one), under = behind(one);
    const ink = over(parts(one.closest("svg") ? style.fill : style.color), under);
    const [light, dark] = [luminance(ink), luminance(under)].sort((a, b) => b - a);
    found.push([Math.round(100 * (light + 0.05) / (dark + 0.05)) / 100, walker.currentNode.data.trim().slice(0, 40)]);
  }
  return found.sort((a, b) => a[0] - b[0]);
})()
"""

COVERED = """
(() => {
  const found = [];
  for (const drawn of document.querySelectorAll("svg.ticks > g, svg.marks")) {
    const boxes = [...drawn.querySelectorAll("text")].map(one => [one.getBoundingClientRect(), one.textContent]);
    boxes.forEach(([a, first], at) => boxes.slice(at + 1).forEach(([b, second]) => {
      const beside = a.right <= b.left || b.right <= a.left;
      const apart = !a.width || beside || a.bottom <= b.top + 2 || b.bottom <= a.top + 2;
      if (!apart) found.push(first + " and " + second);
    }));
  }
  return found;
})()
"""

PATTERNS = """
[...document.querySelectorAll("svg.plot")].map(plot => {
  const gap = plot.querySelector("rect.gap"), box = gap.getBoundingClientRect();
  return [getComputedStyle(gap).fill, box.width, box.height];
})
"""


@pytest.mark.browser
@pytest.mark.parametrize("page", ["found", "backtested"], indirect=True)
@pytest.mark.parametrize("scheme", SCHEMES)
async def test_it_is_whole_and_readable_at_any_width(page: Page, scheme: str, tmp_path: Path) -> None:
    """Pictures stay in the test's folder if it fails."""
    for width in WIDTHS:
        await page.show(width, scheme)
        await asyncio.to_thread((tmp_path / f"{width}-{scheme}.png").write_bytes, await page.picture())
        dark: bool = await page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
        assert dark == (scheme == "dark")
        assert await page.evaluate(OVERFLOWS) == []
        assert await page.evaluate(COVERED) == []
        contrasts: list[Any] = await page.evaluate(CONTRASTS)
        assert len(contrasts) > 50
        assert contrasts[0][0] >= LEAST_CONTRAST, contrasts[0]


@pytest.mark.browser
@pytest.mark.parametrize("scheme", SCHEMES)
async def test_what_is_unknown_is_hatched_and_wide_enough_to_see(page: Page, scheme: str) -> None:
    for width in WIDTHS:
        await page.show(width, scheme)
        for fill, wide, high in await page.evaluate(PATTERNS):
            assert "unknown" in fill
            assert wide > 0.1 * (width if width < 700 else 176) * 0.4
            assert high > 20


@pytest.mark.browser
async def test_it_asks_nobody_for_anything_and_nothing_in_it_is_refused(page: Page) -> None:
    assert [request.split(":")[0] for request in page.requests] == ["file"]
    assert page.complaints == []
    assert await page.evaluate("document.scripts.length") == 0


@pytest.mark.browser
async def test_what_wants_to_load_from_elsewhere_is_refused_by_the_page_itself(page: Page) -> None:
    """The second lock: were something not escaped, the policy would still hold."""
    await page.evaluate(
        "new Promise(done => { const picture = new Image(); picture.onload = picture.onerror = () => done(1);"
        " picture.src = 'http://127.0.0.1:9/x.png'; document.body.append(picture) })"
    )
    assert any("Content Security Policy" in complaint for complaint in page.complaints)


@pytest.mark.browser
async def test_it_prints_in_light_colours(page: Page) -> None:
    await page.show(794, "dark", "print")
    assert await page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert await page.evaluate(OVERFLOWS) == []
