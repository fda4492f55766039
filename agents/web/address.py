"""Where something is served: host:port, looked at before anything else is begun."""

import socket
from typing import NamedTuple

from agents.configuration import WrongSettings

LARGEST_PORT = 65_535


class CannotListen(Exception):
    """Nobody can listen on an address now. The message names it and says what to do."""


class Address(NamedTuple):
    """A host and a port, as what binds them wants them."""

    host: str
    port: int


def listening_address(listen: str) -> Address:
    """What the option --listen says. Raise WrongSettings, or CannotListen where it is in use or not of this machine."""
    address = parse_address(listen)
    try:
        _bind(address)
    except OSError as error:
        why = error.strerror or str(error)
        raise CannotListen(f"--listen: {listen}: {why}; give an address of this machine with a free port") from None
    return address


def parse_address(listen: str, key: str = "--listen") -> Address:
    """The host and the port in a text, which stands at `key`. Raise WrongSettings."""
    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal() or not 1 <= int(port) <= LARGEST_PORT:
        allowed = f"write host:port like 127.0.0.1:9464, the port from 1 to {LARGEST_PORT}"
        raise WrongSettings(f"{key}: {listen!r} is not allowed; {allowed}")
    return Address(host.removeprefix("[").removesuffix("]"), int(port))


def _bind(address: Address) -> None:
    """As a server does, which may follow at once on one that has ended."""
    with socket.socket(socket.AF_INET6 if ":" in address.host else socket.AF_INET) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        tried.bind(address)
