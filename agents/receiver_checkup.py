"""Can the receivers in the settings be told, and is anybody left out: for `listener check`."""

import asyncio
from collections.abc import Iterator
from typing import Literal

from agents.configuration import Configuration, WrongSettings
from agents.notify_settings import ReceiverSettings
from agents.receivers.kinds import receivers_of
from agents.receivers.receiver import WAIT_SECONDS
from agents.sources.connection import Lost, Refused

Level = Literal["ok", "warning", "wrong"]
Told = tuple[Level, str, str]  # about what, and in words


def check_receivers(configuration: Configuration) -> Iterator[Told]:
    """Look at each receiver, and at what no route takes."""
    used = {name for route in configuration.routes for name in route.receivers}
    used |= set(configuration.digest.receivers if configuration.digest else ())
    for receiver in configuration.receivers:
        what = f"receiver {receiver.name}"
        yield _reached(receiver, what)
        if receiver.name not in used and not receiver.heartbeat:
            yield "warning", what, "no route and no digest names it, so it is told nothing"
    whole = [route for route in configuration.routes if not _narrow(configuration, route.called)]
    if configuration.routes and not whole and configuration.digest is None:
        yield "warning", "routes", "none takes all, and there is no [digest]: what none takes is told to nobody"


def _narrow(configuration: Configuration, called: str) -> bool:
    route = next(route for route in configuration.routes if route.called == called)
    return any((route.brands, route.owners, route.rules, route.severities, route.stages, route.hours))


def _reached(receiver: ReceiverSettings, what: str) -> Told:
    try:
        (made,) = receivers_of([receiver])
        return "ok", what, asyncio.run(asyncio.wait_for(made.reach(), 2 * WAIT_SECONDS))
    except TimeoutError:
        return "wrong", what, f"does not answer within {2 * WAIT_SECONDS:.0f} s"
    except (WrongSettings, Lost, Refused) as error:
        return "wrong", what, str(error).partition("receivers[0].")[2] or str(error)
