"""Some workers, and who starts them again when they end, as a supervisor of services would."""

import signal
import subprocess
import sys
import time
from collections import Counter

from tests.kafka.building import Cluster

PAUSE = 1.0  # seconds before a worker is started again
LEAVING = 30.0  # seconds that one who is dismissed may take
COUNTED = """
from mode.supervisors import SupervisorStrategy
_restart = SupervisorStrategy.restart_service
async def _counted(self, service):
    with open("restarts.txt", "a") as file:
        print(repr(service), file=file)
    await _restart(self, service)
SupervisorStrategy.restart_service = _counted
"""

Process = subprocess.Popen[bytes]


class Fleet:
    """Workers. `before` is Python that each runs first; `ended` counts exit codes of those that we had not asked to."""

    def __init__(self, cluster: Cluster, through: str | None) -> None:
        self._cluster = cluster
        self._through = through
        self.before = ""
        self.workers: list[Process] = []
        self._due: list[float] = []
        self.ended: Counter[int] = Counter()
        self.leaving: list[Process] = []

    def add(self) -> Process:
        """One more."""
        worker = self._cluster.worker(COUNTED + self.before, through=self._through)
        self.workers.append(worker)
        return worker

    def tend(self) -> bool:
        """Start again who has ended; whether somebody had."""
        gone = [worker for worker in self.workers if worker.poll() is not None]
        for worker in gone:
            self.workers.remove(worker)
            self.ended[worker.returncode] += 1
            self._due.append(time.monotonic() + PAUSE)
        due = [at for at in self._due if at <= time.monotonic()]
        for at in due:
            self._due.remove(at)
            self.add()
        return bool(gone)

    def dismiss(self, worker: Process) -> Process:
        """Ask one to stop for good, or the youngest if that one has ended; return who was asked."""
        worker = worker if worker in self.workers else self.workers[-1]
        self.workers.remove(worker)
        self.leaving.append(worker)
        worker.send_signal(signal.SIGTERM)
        return worker

    def gone(self) -> bool:
        """Wait until all who were dismissed are gone; whether each went well, and in time.

        The signal itself ends one who was dismissed before it had begun to listen to signals.
        """
        try:
            codes = Counter(worker.wait(LEAVING) for worker in self.leaving)
        except subprocess.TimeoutExpired:
            return False
        wrong = codes.keys() - {0, -signal.SIGTERM}
        if wrong:
            print(f"dismissed workers ended with {dict(codes)}", file=sys.stderr)
        return not wrong

    def freeze(self, worker: Process) -> None:
        """Stop it where it is."""
        worker.send_signal(signal.SIGSTOP)

    def wake(self, worker: Process) -> None:
        """Let it go on."""
        worker.send_signal(signal.SIGCONT)

    def agent_restarts(self) -> int:
        """How often Faust's own supervisor has started an agent again."""
        noted = self._cluster.folder / "restarts.txt"
        return len(noted.read_text().splitlines()) if noted.exists() else 0
