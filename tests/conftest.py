"""Where the real data lie, and the rule for what may be skipped: aloud, and not if LISTENER_REQUIRE names it."""

import os
from pathlib import Path
from typing import NoReturn

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


def required(need: str) -> bool:
    """Whether this run must have `need`: LISTENER_REQUIRE=data,kafka,… says so."""
    return need in os.environ.get("LISTENER_REQUIRE", "").split(",")


def lacking(need: str, why: str) -> NoReturn:
    """End the test: it fails if this run must have `need`, else it is skipped aloud."""
    if required(need):
        pytest.fail(f"LISTENER_REQUIRE names {need}: {why}")
    pytest.skip(why)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real labelled posts."""
    if SHARED.is_dir():
        return SHARED
    lacking("data", f"the real data are not there: {SHARED}")
