"""What a terminal shows."""

from io import StringIO

import msgspec
import pytest
from rich.console import Console
from rich.text import Text

from agents.console import TerminalWatcher, alert_line, trend_line
from agents.runtime.embedded import Outcome
from schemas.alert import Alert
from schemas.record import decoder
from schemas.trend import Trend
from tests.contract.test_contract import golden
from tests.core.building import START, said


def test_a_trend_is_a_line_with_its_denominators() -> None:
    trend = decoder(Trend)(golden("trend"))
    assert trend.total is not None
    assert trend.total.sentiment is not None
    line = trend_line(msgspec.structs.replace(trend, known=0.5, revision=2))
    share = trend.total.sentiment.negative
    assert line.startswith(f"{trend.start:%Y-%m-%d %H:%M} {trend.window}")
    assert f"{share.value:.0%} negative ({share.low:.0%} to {share.high:.0%}) of {share.whole:,} scored" in line
    assert line.endswith("50% of the time listened to, revision 2")


def test_a_trend_of_a_time_that_nobody_listened_to_has_no_numbers() -> None:
    assert trend_line(decoder(Trend)(golden("trend_unknown"))).endswith("unknown: nobody listened")


@pytest.mark.parametrize("colour", [False, True])
def test_what_stands_in_brackets_is_told_and_marks_nothing(colour: bool) -> None:
    alert = msgspec.structs.replace(decoder(Alert)(golden("alert")), summary="[red]Acme[/] \x1b[2J: 5 of 6 negative")
    assert Text.from_markup(alert_line(alert, colour=colour)).plain.endswith(
        "[red]Acme[/]  [2J: 5 of 6 negative; severity 4 of 10, evidence >.99"
    )


def test_a_notice_is_a_line_when_it_begins_and_one_when_it_is_over() -> None:
    opened = msgspec.structs.replace(
        decoder(Alert)(golden("alert")), event="opened", severity="notice", rule="praise-spike"
    )
    events = [
        opened,
        msgspec.structs.replace(opened, event="escalated"),
        msgspec.structs.replace(opened, event="opened", id="m", muted="inhibited by alert 1"),
        msgspec.structs.replace(opened, event="resolved", reason="back to normal"),
    ]
    outcome = Outcome()
    outcome.alerts = events
    outcome.examples = {(opened.id, opened.sequence): [said("x:1", START)]}
    shown = StringIO()
    TerminalWatcher(Console(file=shown, width=300)).committed(outcome)
    lines = shown.getvalue().splitlines()
    assert [line.split()[2:4] for line in lines] == [["opened", "notice"], ["resolved", "notice"]]
