"""How a command ends when it cannot go on: one line, and an exit code."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer
from rich.console import Console

from agents.configuration import WrongSettings
from agents.runtime.connection import NoCluster
from agents.runtime.database import Busy, WrongFile
from agents.runtime.topics import WrongTopics
from agents.service import HistoryChanged
from agents.sources.lines import CannotRead
from agents.web.address import CannotListen
from listener.state import OtherState

SAFE = ". What was committed is safe; the next run goes on from there"


@contextmanager
def errors_told(comfort: str = "") -> Iterator[None]:
    """Turn what can go wrong into one line and an exit code: 2 for wrong settings, 1 for what failed."""
    try:
        yield
    except WrongSettings as error:
        fail(str(error), 2)
    except (CannotRead, HistoryChanged, Busy, WrongFile, OtherState, NoCluster, WrongTopics, CannotListen) as error:
        fail(str(error), 1)
    except (OSError, sqlite3.Error) as error:
        fail(f"stopped: {_plain(error)}{comfort}", 1)


def _plain(error: OSError | sqlite3.Error) -> str:
    """Which file, and what is wrong with it, instead of "[Errno 2] No such file or directory: '/posts.csv'"."""
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        return f"{error.filename}: {error.strerror}"
    return str(error)


def fail(message: str, code: int) -> NoReturn:
    """End with a line on standard error."""
    Console(stderr=True, highlight=False, soft_wrap=True, markup=False).print(f"listener: {message}")
    raise typer.Exit(code)
