"""`listener backtest FILE…`: what would have been raised on somebody's own history, and whether the budget was kept."""

from pathlib import Path
from random import Random

import pytest
from msgspec.structs import replace
from typer.testing import CliRunner, Result

from agents.backtest import Stretch, chart, told_of
from agents.budget import verdict
from agents.cli import app
from listener.coverage import Coverage
from schemas.alert import Alert, Event, Judged, Severity
from schemas.mention import Mention
from schemas.record import to_json
from schemas.settings import Brand
from schemas.times import DAY, HOUR, MINUTE, from_ms
from tests.agents.building import unboxed
from tests.core.building import START

SETTINGS = '[[brands]]\nid = "acme"\nname = "Acme"\n\n[[sources]]\npath = "posts.jsonl"\n'
MIDNIGHT = START - START % DAY
ACME = Brand(id="acme", name="Acme", budget=1.0)


def stretch(days: float) -> Stretch:
    end = MIDNIGHT + round(days * DAY)
    return Stretch(MIDNIGHT, end, Coverage(union=[(MIDNIGHT, end)]))


JUDGED = Judged(
    counted="negative",
    start=from_ms(MIDNIGHT),
    end=from_ms(MIDNIGHT + HOUR),
    known=1.0,
    mentions=20,
    scored=20,
    observed=20,
    expected=1.0,
    dispersion=0.1,
    share=0.1,
    strength=30.0,
    baseline_hours=24.0,
    least=5,
    each_limit=1e-3,
    both_limit=1e-7,
    chance_of_count=1e-9,
    chance_of_share=1e-9,
)


def alert(day: float, event: Event = "opened", rule: str = "negative-spike", severity: Severity = "warning") -> Alert:
    at = from_ms(MIDNIGHT + round(day * DAY))
    return Alert(
        id=f"{day:g}",
        sequence=1,
        fingerprint="f",
        stage="final",
        event=event,
        brand="acme",
        rule=rule,
        scope="brand",
        severity=severity,
        at=at,
        since=at,
        scale_s=3600,
        summary="Acme: much",
        reason="so it is",
        judged=JUDGED,
        examples=(),
        settings="1",
    )


def backtest(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["backtest", "-c", str(folder / "listener.toml"), *arguments])


def test_a_crisis_in_a_history_is_told_with_its_reason(tmp_path: Path) -> None:
    draw = Random(1)
    posts = [
        Mention(id=f"x:{n}", text=f"Acme works {n}", created_at=from_ms(MIDNIGHT + n * HOUR)) for n in range(24 * 35)
    ]
    crisis = MIDNIGHT + 35 * DAY
    posts += [
        Mention(id=f"y:{n}", text=f"Acme is awful, I hate it {n}", created_at=from_ms(crisis + draw.randrange(HOUR)))
        for n in range(60)
    ]
    posts.append(Mention(id="z", text="Acme works", created_at=from_ms(crisis + 5 * HOUR)))
    (tmp_path / "posts.jsonl").write_bytes(b"".join(to_json(post) + b"\n" for post in posts))
    (tmp_path / "listener.toml").write_text(SETTINGS, encoding="utf-8")
    result = backtest(tmp_path, str(tmp_path / "posts.jsonl"), "--report", str(tmp_path / "out" / "raised.html"))
    assert result.exit_code == 0, result.output
    assert "Acme: 1 alert, 0.85 a month; budget 1: kept" in result.output
    assert "negative-spike, until" in result.output
    assert "35 days of history set it" in result.output
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["listener.toml", "out", "posts.jsonl"]
    page = (tmp_path / "out" / "raised.html").read_text(encoding="utf-8")
    assert "<p>1 alert, 0.85 a month; budget 1: kept.</p>" in page
    assert page.count('<li id="alert-') == 2
    assert page.count('<span class="badge notice">notice</span>') == 1
    assert "negative (" in page


def test_a_page_is_a_file_and_of_mentions(tmp_path: Path) -> None:
    (tmp_path / "listener.toml").write_text(SETTINGS, encoding="utf-8")
    result = backtest(tmp_path, "posts.jsonl", "--report", str(tmp_path))
    assert (result.exit_code, "is a folder" in unboxed(result.stderr)) == (2, True)
    result = backtest(tmp_path, "--counts", "counts.csv", "--out", "scores.csv", "--report", "raised.html")
    assert (result.exit_code, "goes with files of mentions" in unboxed(result.stderr)) == (2, True)


@pytest.mark.parametrize(
    ("days", "told"),
    [
        (60, "2 alerts, 1.00 a month; budget 1: kept"),
        (45, "2 alerts, 1.33 a month; budget 1: not kept; 1.5 would be in it, crises not counted"),
        (20, "2 alerts; less than a month is too short to hold against a budget of 1 a month"),
    ],
)
def test_the_budget_is_held_against_what_was_listened_to(days: float, told: str) -> None:
    assert verdict(ACME, [alert(3), alert(9, "reopened")], stretch(days).months).told() == told


def test_rules_without_a_budget_are_told_apart() -> None:
    sharing = ("unanswered", "slow-burn", "going-viral", "severity-words")
    alerts = [alert(3), *(alert(4, rule=rule) for rule in sharing), alert(5, rule="quiet-brand")]
    told = verdict(ACME, alerts, stretch(30).months).told()
    assert told.startswith("5 alerts and 1 of rules without a budget, 5.00 a month; budget 1: not kept")


def test_each_time_an_alert_is_raised_has_its_own_end() -> None:
    first = alert(3)
    life: tuple[Event, ...] = ("opened", "resolved", "reopened", "resolved", "reopened")
    alerts = [
        replace(first, sequence=place + 1, event=event, at=from_ms(MIDNIGHT + 3 * DAY + place * 6 * HOUR))
        for place, event in enumerate(life)
    ]
    told = [line.split(", ")[1] for line in told_of(ACME, alerts, {}, stretch(30)) if "negative-spike" in line]
    ends = [f"until {from_ms(MIDNIGHT + 3 * DAY + hours * HOUR):%Y-%m-%d %H:%M}" for hours in (6, 18)]
    assert told == [*ends, "not over at the end"]


def test_the_chart_marks_days_and_leaves_unknown_ones_apart() -> None:
    days = {MIDNIGHT + day * DAY: day + 1 for day in range(10)}
    heard = Stretch(MIDNIGHT, MIDNIGHT + 12 * DAY, Coverage(union=[(MIDNIGHT, MIDNIGHT + 11 * DAY)]))
    bars, marks = chart(days, [alert(2), alert(4.5, severity="critical")], heard)
    assert bars == "  ▁▂▃▄▅▅▆▇██ ·  mentions a day, at most 10.0; a column is a day"
    assert marks == "    ^ !"


def test_a_long_history_fits_into_a_line() -> None:
    bars, *_ = chart({}, [], stretch(700))
    assert "a column is 10 days" in bars


@pytest.mark.parametrize("arguments", [[], ["--out", "x.csv"], ["--every", "60", "posts.jsonl"], ["--counts", "x.csv"]])
def test_what_does_not_go_together_is_refused(tmp_path: Path, arguments: list[str]) -> None:
    assert backtest(tmp_path, *arguments).exit_code == 2


def test_a_history_of_nothing_is_told(tmp_path: Path) -> None:
    (tmp_path / "posts.jsonl").write_text("no json\n", encoding="utf-8")
    (tmp_path / "listener.toml").write_text(SETTINGS, encoding="utf-8")
    assert backtest(tmp_path, str(tmp_path / "posts.jsonl")).exit_code == 1


def test_unknown_time_is_no_month_that_was_listened_to() -> None:
    half = Stretch(MIDNIGHT, MIDNIGHT + 60 * DAY, Coverage(union=[(MIDNIGHT, MIDNIGHT + 30 * DAY + MINUTE)]))
    assert half.months == pytest.approx(1.0, abs=0.001)
