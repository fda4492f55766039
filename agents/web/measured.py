"""The metrics of the embedded service: counted from what each step commits, served from a thread."""

from collections.abc import Sequence

from prometheus_client import start_http_server

from agents.metrics import LaneFigures, Metrics
from agents.notify import NotifyState
from agents.runtime.embedded import Embedded, Outcome
from agents.watcher import SourceState, Watcher
from agents.web.address import Address
from listener.turn import Output
from schemas.dead_letter import DeadLetter

AGENTS = ("detect", "track")


class Measured:
    """A watcher that counts what it sees, and passes it on to another."""

    def __init__(self, watcher: Watcher, metrics: Metrics) -> None:
        self._watcher = watcher
        self._metrics = metrics

    def opened(self, lane: Embedded) -> None:
        """The one lane is there: both agents work on it, on partition 0 of logs that are tables."""
        self._metrics.brands.take_up(lane.partition)
        self._metrics.lanes(dict.fromkeys(AGENTS, 1), lambda: _figures(lane))
        self._watcher.opened(lane)

    def note(self, message: str) -> None:
        """Something worth knowing, once."""
        self._watcher.note(message)

    def progress(self, what: str, done: int, total: int | None) -> None:
        """How far a long task is."""
        self._watcher.progress(what, done, total)

    def sources(self, states: Sequence[SourceState]) -> None:
        """How the live sources do."""
        self._metrics.sources(states)
        self._watcher.sources(states)

    def notified(self, state: NotifyState) -> None:
        """How the receivers do."""
        self._watcher.notified(state)

    def committed(self, outcome: Outcome) -> None:
        """A step is true now."""
        metrics = self._metrics
        read = {"mentions": len(outcome.logged), "brand-mentions": len(outcome.records)}
        for agent, (log, count) in zip(AGENTS, read.items(), strict=True):
            metrics.records_in.labels(log).inc(count)
            metrics.batch_records.labels(agent).observe(count)
            metrics.batch_seconds.labels(agent).observe(outcome.seconds[agent])
        metrics.read(record for _, record in reversed(outcome.logged))
        metrics.detected(outcome.detected)
        written = {
            "brand-mentions": len(outcome.records),
            "trends": outcome.trends,
            "alerts": len(outcome.alerts),
            "dead-letters": len(outcome.letters),
        }
        told: tuple[Output | DeadLetter, ...] = (*outcome.spoken, *outcome.quiet, *outcome.alerts, *outcome.letters)
        metrics.committed("both", written, told, outcome.seconds["commit"])
        self._watcher.committed(outcome)


def _figures(lane: Embedded) -> list[LaneFigures]:
    """Nothing waits between the log and the agents, so there is no lag."""
    through = {"detect": lane.detector.through or None, "track": lane.partition.state.clock.now}
    return [LaneFigures(agent, 0, None, lane.state_bytes[agent], through[agent]) for agent in AGENTS]


def serve_metrics(address: Address, metrics: Metrics) -> None:
    """Serve until the process ends. Raise OSError where that address cannot be had."""
    start_http_server(address.port, address.host, metrics.registry)
