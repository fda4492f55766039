"""What holds for all tests: where the real data lie, what may be skipped, and how they are divided among processes.

What is not there is skipped aloud, and an error if LISTENER_REQUIRE names it.
"""

import os
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import settings

settings.register_profile("listener", deadline=None)  # a busy machine is no fault: time is for the benches
settings.load_profile("listener")

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
KAFKA = "tests/kafka/"


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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest and cannot be divided: all that needs the one broker of a run."""
    items.sort(key=lambda item: not item.nodeid.startswith(KAFKA))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Divide the tests among processes by file, which keeps what its tests share; all of Kafka's is one."""
    from xdist.scheduler import LoadFileScheduling  # noqa: PLC0415 - is there, if it asks

    class Scheduling(LoadFileScheduling):  # type: ignore[misc]  # xdist ships no types
        def _split_scope(self, nodeid: str) -> str:
            return KAFKA if nodeid.startswith(KAFKA) else super()._split_scope(nodeid)

    return Scheduling(config, log)
