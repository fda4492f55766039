"""The metrics of the embedded service: counted from what each step commits, served from a thread."""

from prometheus_client import start_http_server

from agents.metrics import Metrics
from agents.runtime.embedded import Outcome
from agents.service import Watcher
from agents.web.address import Address
from listener.turn import Output


class Measured:
    """A watcher that counts what it sees, and passes it on to another."""

    def __init__(self, watcher: Watcher, metrics: Metrics) -> None:
        self._watcher = watcher
        self._metrics = metrics

    def note(self, message: str) -> None:
        """Something worth knowing, once."""
        self._watcher.note(message)

    def progress(self, what: str, done: int, total: int | None) -> None:
        """How far a long task is."""
        self._watcher.progress(what, done, total)

    def committed(self, outcome: Outcome) -> None:
        """A step is true now."""
        metrics = self._metrics
        metrics.records_in.labels("mentions").inc(outcome.read)
        metrics.batch_records.labels("detect").observe(outcome.read)
        metrics.records_out.labels("brand-mentions").inc(len(outcome.found))
        metrics.records_out.labels("trends").inc(outcome.trends)
        metrics.records_out.labels("alerts").inc(len(outcome.alerts))
        metrics.dead_letters.labels("detect").inc(len(outcome.letters))
        outputs: list[Output] = [*outcome.spoken, *outcome.quiet, *outcome.alerts]
        for output in outputs:
            metrics.brands.note(output)
        if outcome.found:
            mention = outcome.found[-1][1].mention
            if mention.ingested_at is not None:
                metrics.read_delay_seconds.observe((mention.ingested_at - mention.created_at).total_seconds())
        self._watcher.committed(outcome)


def serve_metrics(address: Address, metrics: Metrics) -> None:
    """Serve until the process ends. Raise OSError where that address cannot be had."""
    start_http_server(address.port, address.host, metrics.registry)
