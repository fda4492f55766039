"""What is told to receivers, as metrics; the labels are the names that the settings give them."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from agents.notify import NotifyState
from listener.notices.notice import Notice

DELAYS = (0.1, 0.25, 0.5, 1, 1.5, 2, 2.5, 5, 10, 30, 60, 300, 900, 3600)


class NoticeFigures(Collector):
    """Counts what is told, and shows how the receivers do."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.state = NotifyState((), (), 0)
        self._sent = Counter(
            "listener_notices_sent",
            "Notices that a receiver took, by kind: firing, resolved, digest, heartbeat.",
            ["receiver", "kind"],
            registry=registry,
        )
        self._delay = Histogram(
            "listener_notice_delay_seconds",
            "Seconds from when there was something to say to when a receiver took it; group_wait and group_interval "
            "are in it.",
            buckets=DELAYS,
            registry=registry,
        )
        registry.register(self)

    def sent(self, receiver: str, notice: Notice, delay: float | None) -> None:
        """A notice was taken."""
        self._sent.labels(receiver, notice.kind).inc()
        if delay is not None:
            self._delay.observe(delay)

    def collect(self) -> Iterator[Metric]:
        """How the receivers do now."""
        state = self.state
        up = GaugeMetricFamily(
            "listener_receiver_up",
            "1 while a receiver takes what it is told; 0 when it fails.",
            labels=["receiver"],
        )
        failed = CounterMetricFamily(
            "listener_notices_failed", "Tries that a receiver did not take.", labels=["receiver"]
        )
        for receiver in state.receivers:
            up.add_metric([receiver.name], not receiver.trouble)
            failed.add_metric([receiver.name], receiver.failed)
        open_ = GaugeMetricFamily("listener_told_alerts", "Open alerts of which a receiver was told.")
        open_.add_metric([], len(state.open))
        silenced = GaugeMetricFamily(
            "listener_told_alerts_silenced", "Those of them that are silenced in an Alertmanager."
        )
        silenced.add_metric([], sum(bool(told.silenced) for told in state.open))
        waiting = GaugeMetricFamily("listener_pages_waiting", "Groups of alerts that have something to say.")
        waiting.add_metric([], state.waiting)
        yield from (up, failed, open_, silenced, waiting)
