"""How a worker ends where it must not go on: at once, before it does harm."""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from typing import TypeVar

from agents.configuration import WrongSettings

FAILED = 70  # the exit code: broken software or infrastructure, start me again
STOP_SECONDS = 9.0  # to stop in: ten are promised to whoever waits for it

T = TypeVar("T")
log = logging.getLogger(__name__)


class Refused(Exception):
    """A lane must not be opened: what it would go on from is not what it left."""


async def or_exit(work: Awaitable[T], stopping: Callable[[], bool]) -> T:
    """Do it, or end the process: whoever comes next goes on after the last commit.

    Cancelled is as bad as failed, unless the worker stops: Faust says nothing of a task that is gone, and nobody would
    commit any more.
    """
    try:
        return await work
    except (Refused, WrongSettings) as refusal:
        log.critical("%s", refusal)
        logging.shutdown()
        os._exit(1)
    except BaseException as error:
        if isinstance(error, asyncio.CancelledError | GeneratorExit) and stopping():
            raise
        log.critical("the worker ends, to be started again: what was not committed is done again", exc_info=True)
        logging.shutdown()
        os._exit(FAILED)


def stop_in_time() -> None:
    """From now on the process has so many seconds to stop by itself: a broker that hangs must not keep it."""
    asyncio.get_running_loop().call_later(STOP_SECONDS, _give_up)


def _give_up() -> None:
    log.critical("the worker has not stopped in %.0f s, and ends: what was not committed is done again", STOP_SECONDS)
    logging.shutdown()
    os._exit(FAILED)
