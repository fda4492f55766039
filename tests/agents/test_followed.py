"""A file that grows: followed by its name, through rotation, cutting and half-written lines."""

import signal
from pathlib import Path

from tests.agents.building import ACME, a_post, mentions_in, running, wait_for

FOLLOW = ACME + '[[sources]]\npath = "posts.jsonl"\nfollow = true\n'


def test_lines_of_a_growing_file_are_read_once_across_restarts(tmp_path: Path) -> None:
    (tmp_path / "listener.toml").write_text(FOLLOW)
    posts = tmp_path / "posts.jsonl"
    posts.write_bytes(a_post("old") + b"\n")
    for round_ in range(3):
        with running("run", folder=tmp_path) as process:
            wait_for(lambda: mentions_in(tmp_path))
            with posts.open("ab") as file:
                file.write(a_post(f"{round_}")[:20])
                file.flush()
                file.write(a_post(f"{round_}")[20:] + b"\n")
            wait_for(lambda n=round_: len(mentions_in(tmp_path)) == 2 + n)
            process.send_signal(signal.SIGTERM if round_ else signal.SIGKILL)
            assert process.wait(10) == (0 if round_ else -signal.SIGKILL)
    assert [mention.id for mention in mentions_in(tmp_path)] == ["old", "0", "1", "2"]
    assert [mention.backfill for mention in mentions_in(tmp_path)] == [True, False, False, False]
