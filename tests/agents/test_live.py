"""What is listened to: stamped when it comes, with a clock that moves while nothing does, and settings that change."""

import fcntl
import os
import signal
import socket
import sys
import termios
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from msgspec.structs import replace

from agents import live, service
from agents.detect import Detector
from agents.runtime.embedded import Embedded
from agents.runtime.records import Records
from agents.stop import Stop
from schemas.heartbeat import Heartbeat
from schemas.mention import Mention
from schemas.pulse import Pulse
from schemas.settings import Settings
from schemas.times import DAY, HOUR, MINUTE, from_ms, to_ms
from tests.agents.building import (
    ACME,
    LIVE,
    START,
    a_post,
    configured,
    dead_letters_in,
    ended,
    export_of,
    hours_of,
    lane_in,
    lines_in,
    listener,
    listening,
    log_of,
    mentions_in,
    plain_scorer,
    position,
    read_so_far,
    running,
    say,
    says_one_line,
    shop,
    wait_for,
    write_lines,
)


def unread(process: Any) -> int:
    """How many bytes still lie in the pipe to a process."""
    return int.from_bytes(fcntl.ioctl(process.stdin, termios.FIONREAD, bytes(4)), sys.byteorder)


def settings_in(folder: Path) -> list[Settings]:
    return [record for record in log_of(folder / "listener.db") if isinstance(record, Settings)]


def test_what_is_piped_in_is_stamped_when_it_comes(tmp_path: Path) -> None:
    with listening(tmp_path) as process:
        before = datetime.now(UTC)
        say(process, a_post("a"), b"bad", a_post("b"))
        wait_for(lambda: len(mentions_in(tmp_path)) == 2)
        after = datetime.now(UTC)
        ran = ended(process)
    assert (ran.code, ran.err) == (0, "")
    assert "2 mentions read, 0 repeats dropped, 1 dead letter, 2 brand mentions" in ran.out
    for mention in mentions_in(tmp_path):
        assert mention.ingested_at is not None
        assert before - timedelta(milliseconds=1) <= mention.ingested_at <= after
        assert to_ms(mention.created_at) == START


def test_the_clock_moves_while_nothing_comes_and_before_anything_has_come(tmp_path: Path) -> None:
    with listening(tmp_path):
        first = lane_in(tmp_path).through
        assert first
        wait_for(lambda: lane_in(tmp_path).through > first, live.HEARTBEAT_SECONDS + 5)
        assert mentions_in(tmp_path) == []


@pytest.mark.parametrize("spoken", [True, False])
def test_a_polite_stop_is_quick_while_nothing_comes(spoken: bool, tmp_path: Path) -> None:
    with listening(tmp_path) as process:
        if spoken:
            say(process, a_post("a"))
            wait_for(lambda: mentions_in(tmp_path))
        process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        process.wait(10)
        assert time.monotonic() - began < 5
        assert (process.returncode, process.stderr.read()) == (0, b"")


def test_brands_that_are_added_to_the_file_are_looked_for_without_a_restart(tmp_path: Path) -> None:
    with listening(tmp_path) as process:
        say(process, a_post("before", text="bolt is fine"))
        wait_for(lambda: read_so_far(tmp_path) == 1)
        (tmp_path / "listener.toml").write_text(LIVE + shop("bolt"))
        wait_for(lambda: settings_in(tmp_path)[-1].brands[-1].id == "bolt", live.HEARTBEAT_SECONDS + 5)
        say(process, a_post("after", text="bolt is fine"))
        ran = ended(process)
    assert (ran.code, ran.err) == (0, "")
    assert "read again" in ran.out
    assert "2 mentions read, 0 repeats dropped, 0 dead letters, 1 brand mention" in ran.out


def test_the_service_serves_the_metrics_of_its_brands(tmp_path: Path) -> None:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    (tmp_path / "listener.toml").write_text(LIVE + '[[sources]]\npath = "posts.jsonl"\n')
    write_lines(tmp_path / "posts.jsonl", [a_post(f"{n}", START + n * HOUR, "acme is awful") for n in range(5)])
    with running("run", "--listen", address, folder=tmp_path) as process:
        wait_for(lambda: position(tmp_path) > 12, 20)
        with urllib.request.urlopen(f"http://{address}/metrics", timeout=5) as answer:
            shown = answer.read().decode()
        assert ended(process).code == 0
    assert 'listener_records_in_total{topic="brand-mentions"}' in shown
    assert 'listener_clock_timestamp_seconds{agent="track",partition="0"}' in shown
    assert 'listener_alerts_open{brand="acme",severity="critical",stage="final"} 0.0' in shown
    assert 'listener_brand_known{brand="acme"}' in shown


def test_wrong_settings_are_refused_aloud_and_the_old_ones_stay(tmp_path: Path) -> None:
    with listening(tmp_path) as process:
        (tmp_path / "listener.toml").write_text("brnds = 1")
        time.sleep(live.HEARTBEAT_SECONDS + 2)
        say(process, a_post("a"))
        ran = ended(process)
    assert ran.code == 0
    assert ran.out.count("did you mean 'brands'?; the settings that were in force stay") == 1
    assert "1 brand mention" in ran.out


def test_what_was_taken_from_the_pipe_before_a_stop_is_kept(tmp_path: Path) -> None:
    with listening(tmp_path) as process:
        say(process, *(a_post(f"{number}", text="acme " * 50) for number in range(8_000)))
        wait_for(lambda: unread(process) == 0, 20)
        time.sleep(0.5)  # what it has taken from the pipe is in its hands by now
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        assert process.stderr.read() == b""
    assert len(mentions_in(tmp_path)) == 8_000


@pytest.mark.parametrize("bad", [b"oops", b"oops, no, header"])
def test_a_bad_first_line_does_not_end_what_is_piped_in(bad: bytes, tmp_path: Path) -> None:
    (tmp_path / "listener.toml").write_text(LIVE)
    ran = listener("run", folder=tmp_path, stdin=bad + b"\n" + a_post("a") + b"\n")
    assert (ran.code, ran.err) == (0, "")
    assert "1 mention read, 0 repeats dropped, 1 dead letter, 1 brand mention" in ran.out


def test_until_the_end_of_the_files_nothing_is_listened_to(tmp_path: Path) -> None:
    (tmp_path / "listener.toml").write_text(LIVE + '[[sources]]\npath = "posts.jsonl"\n')
    write_lines(tmp_path / "posts.jsonl", [a_post("a")])
    ran = listener("run", "--until-end", folder=tmp_path, stdin=a_post("b") + b"\n")
    assert ran.code == 0
    assert "1 mention read" in ran.out
    assert "not listening to" in ran.out


def test_history_of_today_does_not_make_the_service_deaf_until_midnight(tmp_path: Path) -> None:
    """The files are read first; what is live is added in a later run."""
    write_lines(tmp_path / "posts.jsonl", [a_post("old", START - HOUR)])
    files = ACME + '[[sources]]\npath = "posts.jsonl"\n'
    with a_fast_service(tmp_path) as run:
        run(files, lambda: None)
        lane = run(
            PIPE + '[[sources]]\npath = "posts.jsonl"\n', lambda: pour(tmp_path, a_post("new", START - MINUTE), 0.3)
        )
    assert lane.counts["late"] == 0
    assert lane.counts["mentions"] == 2


def test_the_end_of_the_pipe_is_the_end(tmp_path: Path) -> None:
    (tmp_path / "listener.toml").write_text(LIVE)
    ran = listener("run", folder=tmp_path, stdin=b"\xef\xbb\xbf" + a_post("a") + b"\n" + a_post("b"))
    assert (ran.code, ran.err) == (0, "")
    assert [mention.id for mention in mentions_in(tmp_path)] == ["a", "b"]


def test_a_packed_pipe_is_unpacked(tmp_path: Path) -> None:
    (tmp_path / "listener.toml").write_text(LIVE)
    packed = write_lines(tmp_path / "posts.gz", [a_post("a")]).read_bytes()
    assert listener("run", folder=tmp_path, stdin=packed).code == 0
    assert [mention.id for mention in mentions_in(tmp_path)] == ["a"]


def test_a_live_source_that_cannot_be_read_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "listener.toml").write_text(ACME + '[[sources]]\npath = "pipe"\ntime = "ingested"\n')
    says_one_line(listener("run", folder=tmp_path), 1, "pipe: No such file")


class FastClock:
    """A wall clock on which a second is an hour."""

    def __init__(self, begin: int) -> None:
        self._begin = begin
        self._real = time.monotonic()

    def __call__(self) -> int:
        return self._begin + int((time.monotonic() - self._real) * HOUR)

    def set_back(self, by: int) -> None:
        """Somebody sets it back, by ms."""
        self._begin -= by


@contextmanager
def a_fast_service(
    folder: Path, begin: int = START, clock: FastClock | None = None
) -> Iterator[Callable[..., Embedded]]:
    """Runs of a service that listens to a pipe while something is done; steps and heartbeats are quick."""

    def run(text: str, do: Callable[[], None], watcher: mock.Mock | None = None) -> Embedded:
        worker = threading.Thread(target=do)
        worker.start()
        try:
            return service.run(configured(text, folder), watcher or mock.Mock(), Stop())
        finally:
            worker.join()

    clock = clock or FastClock(begin)
    with (
        mock.patch.object(service, "now_ms", clock),
        mock.patch.object(live, "now_ms", clock),
        mock.patch.object(live, "STEP_SECONDS", 0.02),
        mock.patch.object(live, "HEARTBEAT_SECONDS", 0.05),
        mock.patch.object(service, "standard_reader", plain_scorer),
    ):
        os.mkfifo(folder / "pipe")
        yield run


PIPE = ACME + '[[sources]]\npath = "pipe"\ntime = "ingested"\nname = "pipe"\n'


def pour(folder: Path, *parts: bytes | float) -> None:
    """Write lines into the pipe, with pauses in seconds (hours on its clock)."""
    with (folder / "pipe").open("wb") as pipe:
        for part in parts:
            if isinstance(part, bytes):
                pipe.write(part + b"\n")
                pipe.flush()
            else:
                time.sleep(part)


def exported_trends(folder: Path) -> list[dict[str, Any]]:
    with Records(folder / "listener.db") as store:
        export_of(store, folder / "found")
    return lines_in(folder / "found", "trends.jsonl")


def test_a_clock_that_was_a_day_ahead_is_told_aloud_and_once(tmp_path: Path) -> None:
    """After it was set right all comes too late to be judged, until that time."""
    with a_fast_service(tmp_path, START + DAY) as run:
        run(PIPE, lambda: pour(tmp_path, a_post("a", START + DAY), 0.2))
    (tmp_path / "pipe").unlink()
    watcher = mock.Mock()
    with a_fast_service(tmp_path) as run:
        lane = run(PIPE, lambda: pour(tmp_path, a_post("b"), 0.5), watcher)
    told = [note for (note,), _ in watcher.note.call_args_list if "ahead" in note]
    assert len(told) == 1
    assert f"NOTHING IS JUDGED UNTIL {from_ms(START + DAY):%Y-%m-%d}" in told[0]
    assert "storage.path" in told[0]
    assert lane.counts["late"] == 1


def test_a_clock_that_is_set_back_while_it_runs_is_told(tmp_path: Path) -> None:
    watcher = mock.Mock()
    clock = FastClock(START + DAY)
    with a_fast_service(tmp_path, clock=clock) as run:

        def poured() -> None:
            with (tmp_path / "pipe").open("wb") as pipe:
                pipe.write(a_post("a", START + DAY) + b"\n")
                pipe.flush()
                time.sleep(0.2)
                clock.set_back(DAY)
                time.sleep(0.4)

        run(PIPE, poured, watcher)
    assert [note for (note,), _ in watcher.note.call_args_list if "NOTHING IS JUDGED" in note]


def test_hours_close_while_nothing_comes(tmp_path: Path) -> None:
    with a_fast_service(tmp_path) as run:
        run(PIPE, lambda: pour(tmp_path, a_post("a"), 2.5))
    closed = hours_of([t for t in exported_trends(tmp_path) if t["window"] == "hour"], "acme")
    assert closed[:2] == [0, 1]


def test_a_service_that_has_run_for_hours_believes_what_is_written_now(tmp_path: Path) -> None:
    with a_fast_service(tmp_path) as run:
        lane = run(PIPE, lambda: pour(tmp_path, a_post("a"), 2.5, a_post("b", START + 2 * HOUR + MINUTE)))
    assert (lane.counts["mentions"], lane.counts["dead_letters"]) == (2, 0)


def test_what_was_heard_before_a_restart_is_not_forgotten(tmp_path: Path) -> None:
    with a_fast_service(tmp_path) as run:
        run(PIPE, lambda: pour(tmp_path, a_post("a"), 0.5))
        first = lane_in(tmp_path).coverage["pipe"]
        time.sleep(0.3)
        run(PIPE, lambda: pour(tmp_path, a_post("b"), 1.2))
    covered = lane_in(tmp_path).coverage["pipe"]
    assert len(covered) == 2
    assert covered[0] == first[0]
    assert covered[1][0] > first[0][1], "what lies between is not claimed"
    hours = [trend for trend in exported_trends(tmp_path) if trend["window"] == "hour"]
    assert 0.4 < hours[0]["known"] < 0.95


def test_a_source_that_has_ended_claims_no_more(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "other")
    two = PIPE + '[[sources]]\npath = "other"\ntime = "ingested"\nname = "other"\n'

    def both() -> None:
        (tmp_path / "other").write_bytes(a_post("b") + b"\n")
        pour(tmp_path, a_post("a"), 0.5)

    with a_fast_service(tmp_path) as run:
        run(two, both)
    last = {source: covered[-1][1] for source, covered in lane_in(tmp_path).coverage.items()}
    assert last["pipe"] - last["other"] > timedelta(minutes=15)


def test_the_clock_does_not_move_before_all_sources_have_said_what_they_covered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a window closes as if one of them had not been listening."""
    pulses: list[Pulse] = []
    pulse = Detector.pulse

    def noted(detector: Detector, through: int, heartbeat: Heartbeat) -> Pulse:
        pulses.append(pulse(detector, through, heartbeat))
        return pulses[-1]

    monkeypatch.setattr(Detector, "pulse", noted)
    os.mkfifo(tmp_path / "other")
    two = PIPE + '[[sources]]\npath = "other"\ntime = "ingested"\nname = "other"\n'

    def both() -> None:
        with (tmp_path / "other").open("wb") as other:
            other.write(a_post("b") + b"\n")
            pour(tmp_path, a_post("a"), 0.5)

    with a_fast_service(tmp_path) as run:
        run(two, both)
    for told in pulses[1:]:
        alive = [covered for source, covered in told.coverage.items() if source not in told.ended]
        assert all(covered[-1][1] >= told.through for covered in alive)
    assert len({told.through for told in pulses}) > 3


def test_history_does_not_put_the_clock_ahead_of_what_is_live(tmp_path: Path) -> None:
    """Its last day would be closed before it is over, and all that comes before midnight would be too late."""
    write_lines(tmp_path / "posts.jsonl", [a_post("old", START - HOUR)])
    with a_fast_service(tmp_path) as run:
        lane = run(
            PIPE + '[[sources]]\npath = "posts.jsonl"\n', lambda: pour(tmp_path, a_post("new", START - MINUTE), 0.3)
        )
    now = lane.partition.state.clock.now
    assert now is not None
    assert now < START + DAY
    assert lane.partition.trackers["acme"].state.desk.late == 0
    assert lane.counts["mentions"] == 2


def test_a_repeat_is_known_after_a_restart(tmp_path: Path) -> None:
    (tmp_path / "listener.toml").write_text(LIVE)
    for _ in range(2):
        ran = listener("run", folder=tmp_path, stdin=a_post("a") + b"\n")
    assert "2 mentions read, 1 repeat dropped, 0 dead letters, 1 brand mention" in ran.out


def test_a_plain_file_is_no_live_source(tmp_path: Path) -> None:
    """It would be read again from its beginning at each start."""
    (tmp_path / "listener.toml").write_text(ACME + '[[sources]]\npath = "posts.jsonl"\ntime = "ingested"\n')
    write_lines(tmp_path / "posts.jsonl", [a_post("a")])
    says_one_line(listener("run", folder=tmp_path), 1, "posts.jsonl", "is history")


def test_the_log_holds_what_was_taken_in(tmp_path: Path) -> None:
    (tmp_path / "listener.toml").write_text(LIVE)
    listener("run", folder=tmp_path, stdin=a_post("a", lang="en") + b"\nbad\n")
    (mention,) = mentions_in(tmp_path)
    assert replace(mention, ingested_at=None) == Mention(
        id="a", text="acme is fine", created_at=from_ms(START), lang="en"
    )
    with Records(tmp_path / "listener.db") as store:
        export_of(store, tmp_path)
    assert [(letter.source, letter.position) for letter in dead_letters_in(tmp_path)] == [("stdin", 2)]
