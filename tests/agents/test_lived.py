"""A stream as it really is through the embedded lane: killed at whatever step, the same bytes; what is gone is gone."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.export import export
from agents.runtime.embedded import Embedded
from agents.runtime.records import Records
from agents.runtime.store import Store
from schemas.mention import Author, Mention
from schemas.times import DAY, HOUR, MINUTE, SECOND, from_ms
from tests.agents.building import (
    ROOT,
    START,
    configured,
    environment,
    exported,
    feed,
    left_of,
    plain_scorer,
    same,
    shop,
)
from tests.core.conversations import Conversations

KILLED = """
import os, signal, sys
from pathlib import Path
from agents.runtime.store import Store
from tests.agents.test_lived import live
step, before = int(sys.argv[2]), sys.argv[3] == "before"
commit = Store.commit
def deadly(store):
    global step
    step -= 1
    if step < 0 and before:
        os.kill(os.getpid(), signal.SIGKILL)
    commit(store)
    if step < 0:
        os.kill(os.getpid(), signal.SIGKILL)
Store.commit = deadly
live(Path(sys.argv[1]))
"""
STEP = 40


def posts() -> Iterator[Mention]:
    """Three brands on two platforms for four days, one of them in trouble for an hour of the last."""
    brands = ("norvane", "puddle", "brimtel")
    at = START
    for number in range(1_950):
        trouble = 0 <= at - START - 3 * DAY - 12 * HOUR < HOUR
        at += 30 * SECOND if trouble else 3 * MINUTE
        brand = "norvane" if trouble else brands[number % 3]
        platform = "x" if number % 4 else "reddit"
        writer = brand if number % 50 == 0 else f"somebody{number}"
        yield Mention(
            id=f"{platform}:{number}",
            text=f"{brand} is {'awful' if trouble or number % 11 == 0 else 'fine'} {number}",
            created_at=from_ms(at),
            platform=platform,
            author=Author(id=f"{platform}:{number}" if writer != brand else f"{platform}:{brand}", handle=writer),
        )


def live(folder: Path, size: int = STEP) -> Conversations:
    """Go on with the stream from where the last run stopped, to its end."""
    stream = Conversations(posts(), seed=11)
    items = list(stream.items())
    with Store(folder / "test.db") as store:
        lane = Embedded(store, plain_scorer())
        lane.configure(configured(shop("norvane", "puddle", "brimtel")).settings())
        feed(lane, items, size, (lane.cursor("history") or {"done": 0})["done"])
    return stream


def files_of(folder: Path) -> dict[str, bytes]:
    with Records(folder / "test.db") as store:
        export(store, folder / "found")
    return exported(folder / "found")


@pytest.mark.timeout(300)
def test_ten_kills_at_random_steps_change_no_byte_and_no_word_of_what_is_deleted_is_left(tmp_path: Path) -> None:
    (tmp_path / "undisturbed").mkdir()
    stream = live(tmp_path / "undisturbed", 10_000)
    expected = files_of(tmp_path / "undisturbed")
    alerts = expected["alerts.jsonl"].decode()
    for word in ("dead-source", "negative-spike", "opened", "resolved", "revised"):
        assert f'"{word}"' in alerts

    (tmp_path / "killed").mkdir()
    seed = int.from_bytes(os.urandom(4))
    chance = random.Random(seed)
    print(f"seed {seed}")  # noqa: T201 - shown if it fails
    for _ in range(10):
        step, when = chance.randrange(18), chance.choice(["before", "after"])
        arguments = [sys.executable, "-c", KILLED, str(tmp_path / "killed"), str(step), when]
        ended = subprocess.run(arguments, cwd=ROOT, env=environment(), capture_output=True, check=False)
        assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    live(tmp_path / "killed")
    same(files_of(tmp_path / "killed"), expected)

    assert len(stream.forgotten) > 30
    for folder in ("undisturbed", "killed"):
        assert left_of(["norvane"], tmp_path / folder) == ["norvane"]
        assert left_of(stream.forgotten, tmp_path / folder) == []
