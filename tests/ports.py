"""Ports for servers of tests and benches, outside of those that the kernel gives to whoever asks for any.

Between the choice of a port and the moment in which somebody listens on it a client of another test may get it: in CI
that failed a test once in a few runs.
"""

import socket
from contextlib import ExitStack
from random import SystemRandom

LEAST, MOST = 10_000, 32_000  # Linux gives clients 32,768 and above


def free_port() -> int:
    """A port that nobody listens on."""
    return free_ports(1)


def free_ports(count: int) -> int:
    """The first of so many in a row that nobody listens on."""
    while True:
        first = SystemRandom().randrange(LEAST, MOST - count)
        with ExitStack() as held:
            try:
                for port in range(first, first + count):
                    held.enter_context(socket.socket()).bind(("127.0.0.1", port))
            except OSError:
                continue
            return first
