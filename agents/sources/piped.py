"""What is piped in, or written into a named pipe: read by a thread, since a pipe can only be waited for."""

import asyncio
import threading
from collections.abc import Callable
from functools import partial

from agents.configuration import Source
from agents.sources.connection import Cursor, Ear, Heard
from agents.sources.reader import Reader

MOST_AHEAD = 2_000  # records read and not handed over yet


class Pipe:
    """Ends where its writer does. It cannot go back: what was read and not committed is lost with the process."""

    patience = None
    certain = True

    def __init__(self, source: Source, path: str, now: Callable[[], int]) -> None:
        self.name = str(source.name)
        self._source = source
        self._path = path
        self._now = now
        self._read: list[Heard] = []
        self._ended: list[Exception | None] = []
        self._lock = threading.Condition()
        self._stopped = False

    async def reach(self) -> str:
        """To look into it would be to wait, and to take what comes."""
        return "a pipe, read when the service runs"

    async def listen(self, cursor: Cursor, ear: Ear) -> None:
        """Read to the end. Already opening may take hours, until the first line comes, and the clock must not wait."""
        loop = asyncio.get_running_loop()
        more = asyncio.Event()
        batch: list[Heard] = []
        self._ended = []
        ear.listening()

        def call(what: Callable[[], object]) -> None:
            try:
                loop.call_soon_threadsafe(what)
            except RuntimeError:  # the service has stopped
                self._stopped = True

        threading.Thread(target=self._pump, args=(call, more.set, ear), daemon=True, name=self.name).start()
        try:
            while True:
                await more.wait()
                more.clear()
                ended = bool(self._ended)
                batch = self._taken()
                await ear.take(batch, None, 0)
                batch = []
                if ended:
                    break
        except asyncio.CancelledError:
            self._stopped = True
            await ear.take(batch + self._taken(), None, 0)
            raise
        error = self._ended[0]
        if error is not None:
            raise error

    def _taken(self) -> list[Heard]:
        with self._lock:
            taken, self._read = self._read, []
            self._lock.notify()
        return taken

    def _pump(self, call: Callable[[Callable[[], object]], None], tell: Callable[[], None], ear: Ear) -> None:
        try:
            reader = Reader(self._source, self._path, self._now)
            call(partial(ear.note, reader.describe()))
            with reader.stream:
                for record in reader:
                    with self._lock:
                        self._lock.wait_for(lambda: len(self._read) < MOST_AHEAD or self._stopped)
                        self._read.append(record)
                        first = len(self._read) == 1
                    if first:
                        call(tell)
                    if self._stopped:
                        break
        except Exception as error:  # it is raised again where it can be told
            self._ended.append(error)
        else:
            self._ended.append(None)
        call(tell)
