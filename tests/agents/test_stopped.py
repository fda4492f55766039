"""Whatever stops the service, the next run goes on as if nothing had been, or says why it does not."""

import os
import random
import resource
import signal
import time
from functools import partial
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import pytest

from agents import service
from agents.clock import now_ms
from agents.runtime.embedded import Embedded
from agents.sources.history import PIECE
from agents.sources.reader import Reader
from agents.stop import Stop
from schemas.heartbeat import Heartbeat
from schemas.mention import Mention
from schemas.times import HOUR
from tests.agents.building import (
    AIRLINES,
    FROM_FILE,
    START,
    a_post,
    airlines_settings,
    configured,
    ended,
    exported,
    left_of,
    listener,
    mentions_in,
    plain_scorer,
    position,
    running,
    same,
    says_one_line,
    wait_for,
    write_lines,
)
from tests.agents.conftest import Whole
from tests.agents.trouble import trouble
from tests.core.conversations import Conversations

# The real command over the real tweets


class Talk(NamedTuple):
    """A folder with the settings for a run over the airlines' tweets and all that becomes of them; and that run."""

    folder: Path
    files: dict[str, bytes]
    seconds: float
    records: int
    forgotten: set[str]


@pytest.fixture
def talk(airlines: Whole, tmp_path: Path) -> Talk:
    """The tweets with answers, reposts, edits and deletions, in a file."""
    settings = AIRLINES.read_text(encoding="utf-8")
    reader = Reader(configured(settings).sources[0], str(airlines.tweets), now_ms)
    with reader.stream:
        tweets = sorted(
            (tweet for tweet in reader if isinstance(tweet, Mention)), key=lambda tweet: (tweet.created_at, tweet.id)
        )
    stream = Conversations(tweets, seed=3, days=0)
    write_lines(tmp_path / "talk", (item.raw for item in stream.items() if not isinstance(item.record, Heartbeat)))
    file = '[[sources]]\npath = "talk"\nformat = "jsonl"\n\n'
    (tmp_path / "airlines.toml").write_text(file + settings[settings.index("[[brands]]") :], encoding="utf-8")
    began = time.monotonic()
    files = run_to_the_end(tmp_path)
    whole = Talk(tmp_path, files, time.monotonic() - began, position(tmp_path), stream.forgotten)
    (tmp_path / "listener.db").unlink()
    return whole


@pytest.fixture
def tweets(airlines: Whole, tmp_path: Path) -> Path:
    """A folder with the settings for a run over the airlines' tweets."""
    airlines_settings(tmp_path, airlines.tweets)
    return tmp_path


def run_to_the_end(folder: Path) -> dict[str, bytes]:
    """Run, export, and read what was exported."""
    ran = listener("run", "--until-end", "-c", folder / "airlines.toml")
    assert (ran.code, ran.err) == (0, "")
    ran = listener("export", "-c", folder / "airlines.toml", "--out", folder / "found")
    assert (ran.code, ran.err) == (0, "")
    return exported(folder / "found")


@pytest.mark.slow
@pytest.mark.data
@pytest.mark.timeout(600)
def test_ten_kills_at_random_moments_change_no_byte_and_leave_no_word_of_what_is_deleted(talk: Talk) -> None:
    """Each comes some time after the log has got to a random place; one behind where it is by now kills a start."""
    seed = int.from_bytes(os.urandom(4))
    chance = random.Random(seed)
    print(f"seed {seed}; {talk.records} records in {talk.seconds:.1f} s")  # noqa: T201 - shown if it fails
    begin = talk.seconds / 3
    midway = set()
    for target in sorted(chance.sample(range(int(0.6 * talk.records)), 10)):
        while not killed_near(target, talk.folder, chance, begin):  # it has come to its end before: all once more
            (talk.folder / "listener.db").unlink()
        midway.add(position(talk.folder))
    print(f"killed at {sorted(midway)}")  # noqa: T201 - shown if it fails
    assert len(midway) >= 3
    same(run_to_the_end(talk.folder), talk.files)
    (talk.folder / "talk").unlink()
    assert len(talk.forgotten) > 300
    assert left_of(talk.forgotten, talk.folder) == []


def killed_near(target: int, folder: Path, chance: random.Random, begin: float) -> bool:
    """Run, and kill it some time after the log has got to the target; False if it came to its end before."""
    size = chance.choice([50, 300, 2_000])
    with running("run", "--until-end", "-c", folder / "airlines.toml", size=size) as process:
        behind = position(folder) >= target
        if not behind:
            wait_for(partial(further, folder, target))
        time.sleep(chance.uniform(0, begin if behind else 0.2))
        lives = process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
    return lives


def further(folder: Path, before: int) -> bool:
    return position(folder) > before


@pytest.mark.data
def test_a_polite_stop_is_quick_and_goes_on_later(tweets: Path, airlines: Whole) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        before = position(tweets)
        with running("run", "--until-end", "-c", tweets / "airlines.toml", size=200) as process:
            wait_for(partial(further, tweets, before))
            process.send_signal(number)
            began = time.monotonic()
            ran = ended(process)
            assert time.monotonic() - began < 10
        assert (ran.code, ran.err) == (0, "")
        assert position(tweets) < 15_000
    same(run_to_the_end(tweets), airlines.files)


def test_a_polite_stop_need_not_wait_for_large_files_to_be_read(tmp_path: Path) -> None:
    (tmp_path / "listener.toml").write_text(FROM_FILE)
    write_lines(tmp_path / "posts.jsonl", [a_post(f"{n}", START + n) for n in range(400_000)])
    with running("run", folder=tmp_path) as process:
        wait_for(lambda: position(tmp_path) == 1)
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        ran = ended(process)
        assert time.monotonic() - began < 10
    assert (ran.code, ran.err) == (0, "")
    assert position(tmp_path) == 1, "the settings, and nothing of the files yet"


def no_file_above(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.mark.data
@pytest.mark.parametrize("size", [2_000, 100_000, 3_000_000])
def test_a_full_disk_stops_it_clearly_and_with_room_it_goes_on(size: int, tweets: Path, airlines: Whole) -> None:
    ran = listener("run", "--until-end", "-c", tweets / "airlines.toml", before=partial(no_file_above, size))
    says_one_line(ran, 1)
    assert "disk" in ran.err or "File too large" in ran.err
    if size == 3_000_000:
        assert "What was committed is safe" in ran.err
    same(run_to_the_end(tweets), airlines.files)


def test_a_full_disk_while_sorting_stops_it_clearly(tmp_path: Path) -> None:
    (tmp_path / "listener.toml").write_text(FROM_FILE)
    write_lines(tmp_path / "posts.jsonl", [a_post(f"{n}", START + n) for n in range(PIECE + 1)])
    ran = listener("run", "--until-end", folder=tmp_path, before=partial(no_file_above, 1_000_000))
    says_one_line(ran, 1, "File too large")


def test_a_full_disk_stops_an_export_and_leaves_the_old_files_whole(tmp_path: Path) -> None:
    (tmp_path / "listener.toml").write_text(FROM_FILE)
    write_lines(tmp_path / "posts.jsonl", trouble())
    assert listener("run", "--until-end", folder=tmp_path).code == 0
    assert listener("export", "--out", "found", folder=tmp_path).code == 0
    before = exported(tmp_path / "found")
    ran = listener("export", "--out", "found", folder=tmp_path, before=partial(no_file_above, 50_000))
    says_one_line(ran, 1, "File too large")
    same(exported(tmp_path / "found"), before)


# History of other files


def test_files_that_have_changed_are_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "listener.toml").write_text(FROM_FILE)
    path = write_lines(tmp_path / "posts.jsonl", [a_post("a")])
    assert listener("run", "--until-end", folder=tmp_path).code == 0
    before = position(tmp_path)
    write_lines(path, [a_post("a"), a_post("b")])
    says_one_line(listener("run", "--until-end", folder=tmp_path), 1, "listener.db", "other files", "[storage] path")
    assert position(tmp_path) == before


def test_files_that_were_read_are_not_read_again(tmp_path: Path) -> None:
    (tmp_path / "listener.toml").write_text(FROM_FILE)
    write_lines(tmp_path / "posts.jsonl", [a_post("a"), b"bad"])
    for _ in range(2):
        ran = listener("run", "--until-end", folder=tmp_path)
        assert (ran.code, ran.err) == (0, "")
        assert "1 mention read, 0 repeats dropped, 1 dead letter" in ran.out
    assert "read to its end before" in ran.out


class StopAfter:
    """Stops a service after so many steps."""

    def __init__(self, steps: int) -> None:
        self.steps = steps

    def __call__(self) -> bool:
        self.steps -= 1
        return self.steps < 0


def test_what_was_ahead_of_the_clock_at_first_stays_so_after_a_stop(tmp_path: Path) -> None:
    """Else the items shift, and the one after the stop is lost."""
    posts = [a_post(f"{n}", START + n) for n in range(6)]
    write_lines(tmp_path / "posts.jsonl", [a_post("ahead", START + 2 * HOUR), *posts])

    def run_at(now: int, steps: int) -> Embedded:
        stop = mock.MagicMock(spec=Stop)
        stop.__bool__.side_effect = StopAfter(steps)
        with (
            mock.patch.object(service, "now_ms", return_value=now),
            mock.patch.object(service, "STEP_RECORDS", 3),
            mock.patch.object(service, "standard_reader", plain_scorer),
        ):
            return service.run(configured(FROM_FILE, tmp_path), mock.Mock(), stop)

    assert run_at(START, 1).counts["read"] == 2
    lane = run_at(START + 3 * HOUR, 100)
    assert (lane.counts["mentions"], lane.counts["repeats"], lane.counts["dead_letters"]) == (6, 0, 1)
    assert sorted(mention.id for mention in mentions_in(tmp_path)) == [str(n) for n in range(6)]
