"""What a terminal shows."""

import msgspec
import pytest
from rich.text import Text

from agents.console import alert_line, trend_line
from schemas.alert import Alert
from schemas.record import decoder
from schemas.trend import Trend
from tests.contract.test_contract import golden


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
