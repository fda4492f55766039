"""What a terminal shows."""

import msgspec

from agents.console import trend_line
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
