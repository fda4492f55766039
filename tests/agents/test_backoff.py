"""How long is waited before the next try, and what an answer of HTTP asks for."""

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.sources.answers import LONGEST_AFTER, seconds_after, trouble
from agents.sources.backoff import FIRST, LONGEST, REFUSED, wait, wait_refused
from agents.sources.connection import Lost, Refused
from tests.agents.building import NOW

draws = st.floats(0, 1, exclude_max=True)


@given(st.integers(1, 10**6), draws)
def test_a_wait_is_never_short_and_never_longer_than_a_minute(failures: int, draw: float) -> None:
    assert FIRST / 2 <= wait(failures, draw) <= LONGEST
    assert wait(failures, draw) <= wait(failures + 1, draw)


@given(st.integers(1, 10**6), draws, st.floats(0, LONGEST_AFTER))
def test_what_the_other_side_asks_for_is_honoured(failures: int, draw: float, after: float) -> None:
    assert wait(failures, draw, after) >= after
    assert wait(failures, draw, after) <= max(LONGEST, 1.1 * after)


@given(draws)
def test_what_was_refused_is_asked_again_after_minutes(draw: float) -> None:
    assert REFUSED / 2 <= wait_refused(draw) <= REFUSED


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 422, 301])
def test_what_will_not_change_by_itself_is_refused(status: int) -> None:
    assert isinstance(trouble(status), Refused)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503])
def test_what_passes_is_a_loss(status: int) -> None:
    told = trouble(status, "12", NOW)
    assert isinstance(told, Lost)
    assert told.after == 12


def test_a_date_to_wait_for_is_understood() -> None:
    then = format_datetime(datetime.fromtimestamp(NOW / 1_000 + 90, UTC), usegmt=True)
    assert seconds_after(then, NOW) == 90
    assert seconds_after(then, NOW + 200_000) == 0


@given(st.text())
def test_whatever_stands_there_is_a_number_within_reason_or_nothing(header: str) -> None:
    seconds = seconds_after(header, NOW)
    assert seconds is None or 0 <= seconds <= LONGEST_AFTER
