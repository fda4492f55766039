"""Every metric, each with a sentence. Labels are bounded: topics, partitions, agents, brands of the settings."""

from collections.abc import Callable, Iterable, Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from listener.trends import Quiet, Spoken
from listener.turn import Output
from schemas.alert import Alert
from schemas.trend import Trend

WINDOW = "hour"  # minutes that are empty are not told, days are too old to look at
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
DELAYS = (1, 5, 15, 60, 300, 900, 3600, 6 * 3600, 24 * 3600)
RECORDS = (1, 10, 50, 100, 250, 500, 1000, 2000, 5000)


class Metrics:
    """The metrics of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.records_in = Counter(
            "listener_records_in", "Records read from a topic and worked through.", ["topic"], registry=self.registry
        )
        self.records_out = Counter(
            "listener_records_out", "Records committed to a topic.", ["topic"], registry=self.registry
        )
        self.dead_letters = Counter(
            "listener_dead_letters", "Records that could not be used, by who set them aside.", ["agent"],
            registry=self.registry,
        )  # fmt: skip
        self.lost = Counter(
            "listener_lost_records", "Records that retention deleted before they were read.", registry=self.registry
        )
        self.batch_records = Histogram(
            "listener_batch_records", "Records in a chunk as it was fetched.", ["agent"],
            buckets=RECORDS, registry=self.registry,
        )  # fmt: skip
        self.batch_seconds = Histogram(
            "listener_batch_seconds", "Time to work through a chunk.", ["agent"],
            buckets=SECONDS, registry=self.registry,
        )  # fmt: skip
        self.commit_seconds = Histogram(
            "listener_commit_seconds", "Time of a transaction: outputs, state, position.", ["agent"],
            buckets=SECONDS, registry=self.registry,
        )  # fmt: skip
        self.read_delay_seconds = Histogram(
            "listener_read_delay_seconds", "From when a mention was written to when it entered the log.",
            buckets=DELAYS, registry=self.registry,
        )  # fmt: skip
        self.brands = BrandFigures()
        self.registry.register(self.brands)

    def lanes(self, read: "Callable[[], Iterable[LaneFigures]]") -> None:
        """Show what `read` says of the lanes whenever the metrics are read."""
        self.registry.register(_Lanes(read))

    def text(self) -> bytes:
        """All of them in Prometheus' text format."""
        return generate_latest(self.registry)


class LaneFigures:
    """What there is to say of one lane now. `lag` is None where the end is not known."""

    def __init__(self, topic: str, partition: int, lag: int | None, state_bytes: int) -> None:
        self.labels = (topic, str(partition))
        self.lag = lag
        self.state_bytes = state_bytes


class _Lanes(Collector):
    def __init__(self, read: Callable[[], Iterable[LaneFigures]]) -> None:
        self._read = read

    def collect(self) -> Iterator[Metric]:
        """Lag and state of each lane."""
        names = ["topic", "partition"]
        lag = GaugeMetricFamily("listener_lag_records", "Committed records that wait to be read.", labels=names)
        state = GaugeMetricFamily("listener_state_bytes", "Committed state of a lane.", labels=names)
        for lane in self._read():
            if lane.lag is not None:
                lag.add_metric(lane.labels, lane.lag)
            state.add_metric(lane.labels, lane.state_bytes)
        yield lag
        yield state


class BrandFigures(Collector):
    """The last closed hour of each brand, and its open alerts. What is unknown is absent, not zero."""

    def __init__(self) -> None:
        self._hours: dict[str, Spoken | Quiet] = {}
        self._open: dict[str, dict[str, str]] = {}

    def note(self, output: Output) -> None:
        """Take in what a tracker says."""
        if isinstance(output, Alert):
            self._note_alert(output)
        elif output.length.name == WINDOW:
            for brand in (output.brand,) if isinstance(output, Spoken) else output.brands:
                last = self._hours.get(brand)
                if last is None or output.start >= last.start:
                    self._hours[brand] = output

    def hours(self) -> Iterator[Trend]:
        """The last closed hour of each brand."""
        for brand, window in sorted(self._hours.items()):
            yield from (window if isinstance(window, Spoken) else window._replace(brands=(brand,))).trends()

    def _note_alert(self, alert: Alert) -> None:
        alerts = self._open.setdefault(alert.brand, {})
        if alert.event == "resolved":
            alerts.pop(alert.id, None)
        elif alert.stage == "final" and alert.event != "revised":
            alerts[alert.id] = alert.severity

    def forget(self) -> None:
        """The lanes are others now: what they say from here on is all that is known."""
        self._hours.clear()
        self._open.clear()

    def collect(self) -> Iterator[Metric]:
        """The figures of all brands."""
        mentions = GaugeMetricFamily(
            "listener_brand_mentions", "Mentions in the last closed hour.", labels=["brand", "kind"]
        )
        shares = {
            bound: GaugeMetricFamily(f"listener_brand_negative_share{suffix}", text, labels=["brand"])
            for bound, suffix, text in (
                ("value", "", "Negative of the scored mentions in the last closed hour, in [0, 1]."),
                ("low", "_low", "Lower end of the 95 % interval of the negative share."),
                ("high", "_high", "Upper end of the 95 % interval of the negative share."),
            )
        }
        scored = GaugeMetricFamily(
            "listener_brand_scored", "Scored mentions in the last closed hour.", labels=["brand"]
        )
        coverage = GaugeMetricFamily(
            "listener_brand_coverage", "Share of the mentions that could be scored, in [0, 1].", labels=["brand"]
        )
        known = GaugeMetricFamily(
            "listener_brand_known", "Share of the last closed hour that was listened to, in [0, 1].", labels=["brand"]
        )
        alerts = GaugeMetricFamily("listener_alerts_open", "Alerts that are open.", labels=["brand", "severity"])
        for trend in self.hours():
            brand = trend.brand
            known.add_metric([brand], trend.known)
            for severity in ("warning", "critical"):
                alerts.add_metric([brand, severity], list(self._open.get(brand, {}).values()).count(severity))
            volume = trend.total.volume if trend.total else None
            if volume is not None:
                for kind in ("tagged", "untagged", "owned"):
                    mentions.add_metric([brand, kind], getattr(volume, kind))
            mood = trend.total.sentiment if trend.total else None
            if mood is not None:
                scored.add_metric([brand], mood.scored)
                coverage.add_metric([brand], mood.coverage)
                for bound, family in shares.items():
                    value = getattr(mood.negative, bound)
                    if value is not None:
                        family.add_metric([brand], value)
        yield from (mentions, *shares.values(), scored, coverage, known, alerts)
