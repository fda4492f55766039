"""How the embedded service is asked to stop."""

import signal
import threading


class Stop:
    """Set by SIGINT or SIGTERM: the running step ends, then the service does."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def listen(self) -> None:
        """Take over the signals of the process."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self._event.set())

    def __bool__(self) -> bool:
        return self._event.is_set()
