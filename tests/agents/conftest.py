"""What is long in the making and shared by several tests of the shell."""

import time
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.agents.building import airlines_settings, exported, listener, position


class Whole(NamedTuple):
    """An uninterrupted run over the airlines' tweets: the tweets, what was exported, how long it and its log were."""

    tweets: Path
    files: dict[str, bytes]
    seconds: float
    records: int


@pytest.fixture(scope="session")
def airlines(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """`listener run --until-end` over 14,640 tweets, then `listener export`."""
    tweets = shared_data / "airline2015" / "Tweets.csv.gz"
    folder = tmp_path_factory.mktemp("airlines")
    settings = airlines_settings(folder, tweets)
    began = time.monotonic()
    ran = listener("run", "--until-end", "-c", settings)
    seconds = time.monotonic() - began
    assert (ran.code, ran.err) == (0, "")
    assert listener("export", "-c", settings, "--out", folder / "found").code == 0
    return Whole(tweets, exported(folder / "found"), seconds, position(folder))
