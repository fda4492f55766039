"""Where the real data lie, and the rule for what may be skipped: aloud, and not if LISTENER_REQUIRE names it."""

import os
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


def required(need: str) -> bool:
    """Whether this run must have `need`: LISTENER_REQUIRE=data,kafka,… says so."""
    return need in os.environ.get("LISTENER_REQUIRE", "").split(",")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real labelled posts."""
    if SHARED.is_dir():
        return SHARED
    if required("data"):
        pytest.fail(f"LISTENER_REQUIRE names data, and {SHARED} is not there")
    pytest.skip(f"the real data are not there: {SHARED}")
