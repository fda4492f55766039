"""Lanes that were told a time that has not come."""

import logging
from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest
from faust.types import TP
from hypothesis import given
from hypothesis import strategies as st

from agents.ahead import Ahead
from agents.clock import now_ms
from agents.configuration import Configuration
from agents.runtime.lane import Broken, Lane, Work
from agents.runtime.lanes import Lanes
from agents.runtime.work import DetectWork
from listener.formats.canonical import FAR_AHEAD
from schemas.times import DAY, HOUR
from tests.agents.building import plain_scorer
from tests.core.building import START


@given(st.lists(st.integers(-DAY, DAY)))
def test_it_is_said_once_each_time_that_a_lane_gets_ahead(offsets: list[int]) -> None:
    ahead = Ahead("storage.path")
    before = False
    for offset in offsets:
        is_ahead = offset > FAR_AHEAD
        assert (ahead.of("lane", START + offset, START) is not None) == (is_ahead and not before)
        assert ahead.of("another", None, START) is None
        before = is_ahead


def as_made(work: Work, parts: dict[str, bytes], broken: Sequence[Broken]) -> Work:
    """The work that a lane does, made before."""
    return work


def test_a_worker_says_which_of_its_lanes_is_ahead(caplog: pytest.LogCaptureFixture) -> None:
    lanes = Lanes(Configuration(brands=()))
    producer: Any = None  # nothing is committed
    for number, ahead in enumerate((0, 23 * HOUR)):
        work = DetectWork({}, plain_scorer(), lanes.topics, number, 2, lanes.metrics)
        work.detector.through = now_ms() + ahead
        tp = TP(lanes.topics.mentions, number)
        lanes.held[tp] = Lane(f"mentions/{number}", tp, {}, partial(as_made, work), producer, 2, lambda *_: None)
    with caplog.at_level(logging.CRITICAL):
        lanes.watch()
        lanes.watch()
    (told,) = caplog.messages
    assert told.startswith("mentions/1 was told the time up to ")
    assert "kafka.prefix" in told
