"""Whether track gets on, by the ends of its state: else a heartbeat would say that a dead listener is a calm one."""

from faust.types import TP

from agents.runtime.notify_work import TrackProgress


def ends(*offsets: int) -> dict[TP, int]:
    return {TP("track-state", number): offset for number, offset in enumerate(offsets)}


def test_at_first_nothing_is_known() -> None:
    assert not TrackProgress().has_grown(ends(5, 7))


def test_all_lanes_must_have_written() -> None:
    track = TrackProgress()
    track.has_grown(ends(5, 7))
    assert not track.has_grown(ends(6, 7))
    assert track.has_grown(ends(6, 8)), "one after the other is enough"
    assert not track.has_grown(ends(6, 8)), "and once each time"
